"""Terminals on hosts of a run: opened in the user's program, or told why not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import RunStore
from nepi_core.states import ResourceState
from nepi_gui.document import resources
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.safekeeping import SafekeepingFeature

_TERMINAL = """#!{python}
import os, subprocess, sys
os.environ["SHELL"] = "/bin/sh"
done = subprocess.run(sys.argv[4:], input="echo at $PLACE", capture_output=True, text=True)
with open("{told}.part", "w") as file:
    print(sys.argv[2], done.stdout, done.stderr, sep="|", file=file)
os.rename("{told}.part", "{told}")
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    """Return the record of a run that goes on, with a host."""
    store = RunStore(tmp_path / "lab" / "run1")
    store.facts(exp_id="lab", began=1.0, outcome="running")
    for guid, rtype, label in ((1, "netns::Node", "h1"), (2, "netns::Node", "h2"), (3, "linux::Ping", "")):
        store.resource(guid, rtype, label)
    store.host(1, "h1", ["env", "PLACE=h1"])
    store.state_changed(StateChange(1, ResourceState.NEW, ResourceState.READY, 2.0, ""))
    store.flush()
    yield store
    store.close()


@pytest.fixture
def lab(window: MainWindow, store: RunStore) -> MainWindow:
    """Return a window that watches it, with a host, another one, and a ping at the first."""
    for kind in ("netns::Node", "netns::Node", "linux::Ping"):
        resources.add_resource(window.editor.document, kind, (0, 0))
    with window.editor.document.edit("Connect") as edit:
        edit.resource(1).connections.add(3)
        edit.resource(3).connections.add(1)
    window.editor.watch(WatchedRun(store.folder))
    return window


@pytest.mark.parametrize("selected", [1, 3])
def test_terminal_opens_a_shell_on_the_host(
    lab: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, selected: int
) -> None:
    program, told = tmp_path / "xterm", tmp_path / "told"
    program.write_text(_TERMINAL.format(python=sys.executable, told=told))
    program.chmod(0o755)
    monkeypatch.setenv("TERMINAL", str(program))
    lab.editor.selection.set([selected])
    lab.commands.refresh()
    lab.commands["run.terminal"].trigger()
    qtbot.waitUntil(told.exists, timeout=20_000)
    assert told.read_text() == "h1 - lab|at h1\n|\n"


def test_without_a_terminal_program_it_says_what_to_install(
    lab: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TERMINAL", raising=False)
    lab.editor.selection.set([1])
    lab.commands.refresh()
    lab.commands["run.terminal"].trigger()
    assert "Install one, such as xterm" in SafekeepingFeature.of(lab).notices["terminal"].text


def test_what_is_no_host_is_told(lab: MainWindow, store: RunStore) -> None:
    told: list[str] = []
    lab.editor.told.connect(told.append)
    lab.editor.selection.set([2])
    lab.commands.refresh()
    lab.commands["run.terminal"].trigger()
    assert told == ["What is selected is no host that is READY, and runs on none."]


def test_only_while_the_run_goes_on(lab: MainWindow, store: RunStore) -> None:
    lab.editor.selection.set([1])
    store.close()
    lab.editor.watch(WatchedRun(store.folder))
    lab.commands.refresh()
    assert not lab.commands["run.terminal"].isEnabled()
    assert not lab.commands["run.command"].isEnabled()


def test_program_can_be_chosen(lab: MainWindow, qtbot: QtBot) -> None:
    lab.commands["run.terminal-program"].trigger()
    dialog = lab.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue(" foot ")
    dialog.accept()
    assert lab.editor.settings.text("terminal/program") == "foot"


def test_command_box_is_shown_by_key_with_the_host_chosen(lab: MainWindow, qtbot: QtBot) -> None:
    lab.editor.selection.set([3])
    lab.commands.refresh()
    lab.commands["run.command"].trigger()
    panel = lab.docks["console"].widget()
    assert panel.isVisible()
    assert panel.hosts.currentText() == "h1"  # type: ignore[attr-defined]

"""A hundred runs in a row from one window: nothing becomes more of it."""

from __future__ import annotations

import gc
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from nepi_core.states import ResourceState
from nepi_gui.document import files, resources
from nepi_gui.document.document import Document
from nepi_gui.window import running
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.running import RunningFeature
from tests.nepi_gui.window.brief_runs import BriefRunStart

_LONG = 20_000  # ms
_RUNS = 100
_WARM = 20  # runs after which all that is made once has been made
_MORE_MEMORY = 8.0  # MiB that the window may take more after the other runs; measured: 0.3


def _network(folder: Path) -> Path:
    """Return a file with two nodes and a link between them."""
    document = Document()
    first = resources.add_resource(document, "netns::Node", (0, 0))
    second = resources.add_resource(document, "netns::Node", (300, 0))
    resources.add_link(document, "netns::Link", first, second)
    path = folder / "many.xml"
    files.save(document, path)
    return path


def _run_and_stop(qtbot: QtBot, window: MainWindow) -> None:
    before = window.editor.run
    qtbot.waitUntil(RunningFeature.of(window).may_run, timeout=_LONG)
    RunningFeature.of(window).run()
    qtbot.waitUntil(lambda: window.editor.run is not before, timeout=_LONG)
    run = window.editor.run
    assert run is not None
    qtbot.waitUntil(lambda: run.state(3) is ResourceState.STARTED, timeout=_LONG)
    RunningFeature.of(window).stop()
    qtbot.waitUntil(lambda: not run.is_live, timeout=_LONG)
    assert run.outcome in ("done", "interrupted")


def _memory() -> float:
    """Return the memory that this process has, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _keepers(folder: Path) -> list[str]:
    """Return what keeps namespaces of runs in a folder: processes, and mounts; without them there are none."""
    found = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line]
    for each in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended meanwhile
            if os.fsencode(folder) in each.read_bytes():
                found.append(each.parent.name)
    return found


def _counts(window: MainWindow) -> dict[str, int]:
    """Return how much there is of what could become more, while no run is watched."""
    RunningFeature.of(window).leave()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return {
        "threads": threading.active_count(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "objects of the editor": len(window.editor.findChildren(QObject)),
        "objects of the window": len(window.findChildren(QObject)),
    }


def _is_no_more(window: MainWindow, before: dict[str, int]) -> bool:
    return all(number <= before[name] for name, number in _counts(window).items())


@pytest.mark.slow
@pytest.mark.timeout(600)  # a minute on a machine that has nothing else to do
def test_a_hundred_runs_leave_nothing(
    qtbot: QtBot, application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "RunStart", BriefRunStart)
    window = application.open_file(_network(tmp_path))
    window.commands["run.run"].trigger()
    qtbot.waitUntil(lambda: window.editor.run is not None, timeout=_LONG)
    assert _keepers(tmp_path)
    RunningFeature.of(window).stop()
    for _ in range(_WARM):
        _run_and_stop(qtbot, window)
    counts, memory = _counts(window), _memory()
    for _ in range(_RUNS - _WARM - 1):
        _run_and_stop(qtbot, window)
    qtbot.waitUntil(lambda: _is_no_more(window, counts), timeout=_LONG)
    assert _memory() < memory + _MORE_MEMORY
    qtbot.waitUntil(lambda: not _keepers(tmp_path), timeout=_LONG)
    assert len(list((tmp_path / "runs" / "many").iterdir())) == _RUNS

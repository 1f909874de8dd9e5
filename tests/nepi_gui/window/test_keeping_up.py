"""Whether a window keeps its runs up, and what its status bar says of them; real runs in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nepi_core.states import ResourceState
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window import running
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.running import RunningFeature
from tests.nepi_gui.runs_of_ours import described
from tests.nepi_gui.window.brief_runs import BriefRunStart

_LONG = 20_000  # ms


@pytest.fixture(autouse=True)
def _no_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "RunStart", BriefRunStart)


@pytest.fixture
def shown(application: Application, tmp_path: Path) -> MainWindow:
    """Return a window with an experiment whose runs go on until they are stopped."""
    window = application.open_file(Path(described().write(tmp_path)))
    window.commands["run.hold"].trigger()
    return window


def _watched(qtbot: QtBot, window: MainWindow) -> WatchedRun:
    """Wait for the run that was just started."""
    qtbot.waitUntil(lambda: window.editor.run is not None, timeout=_LONG)
    run = window.editor.run
    assert run is not None
    return run


def test_keeping_up(qtbot: QtBot, shown: MainWindow) -> None:
    feature = RunningFeature.of(shown)
    assert feature.is_held()
    shown.commands["run.run"].trigger()
    run = _watched(qtbot, shown)
    qtbot.waitUntil(lambda: run.is_held, timeout=_LONG)
    qtbot.waitUntil(lambda: run.state(3) is ResourceState.STOPPED, timeout=_LONG)
    with qtbot.waitSignal(run.held_changed, timeout=_LONG):
        feature.toggle_hold()
    assert not feature.is_held()


def test_keeping_up_is_a_choice_for_one_window_and_experiment(application: Application, shown: MainWindow) -> None:
    assert RunningFeature.of(shown).is_held()
    assert not RunningFeature.of(application.open_window()).is_held()
    shown.editor.document.replace(described().description, None)
    assert not RunningFeature.of(shown).is_held()


def test_the_status_bar_says_no_longer_what_is_over(qtbot: QtBot, shown: MainWindow) -> None:
    shown.commands["run.run"].trigger()
    assert shown.statusBar().currentMessage() == "Starting…"
    run = _watched(qtbot, shown)
    assert shown.statusBar().currentMessage() == ""
    qtbot.waitUntil(lambda: run.state(2) is ResourceState.STARTED, timeout=_LONG)
    with qtbot.waitSignal(run.ended, timeout=_LONG):
        shown.commands["run.stop"].trigger()
        assert shown.statusBar().currentMessage().startswith("Stopping; ")
    assert shown.statusBar().currentMessage() == ""

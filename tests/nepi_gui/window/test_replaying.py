"""The commands that go through a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nepi_core.factory import ResourceFactory
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.replaying import ReplayingFeature
from tests.nepi_gui.panels.run_timeline.recorded import BEGAN, CLIENT, record


@pytest.fixture
def watching(application: Application, tmp_path: Path) -> MainWindow:
    """Return a window that watches a run which is over; its time line is hidden."""
    ResourceFactory.populate()
    folder = record(tmp_path / "watched" / "run1")
    window = application.open_file(folder / "experiment.xml")
    assert window is not None
    window.docks["timeline"].hide()
    window.editor.watch(WatchedRun(folder))
    return window


def do(window: MainWindow, name: str) -> None:
    window.commands.refresh()
    window.commands[f"replay.{name}"].trigger()


def test_nothing_can_be_played_without_a_run(window: MainWindow) -> None:
    window.commands.refresh()
    names = [each.name for each in window.commands.all() if each.name.startswith("replay.")]
    assert len(names) == 7
    assert not [name for name in names if window.commands[name].isEnabled()]


def test_steps_and_failure_work_without_the_panel(watching: MainWindow) -> None:
    run = watching.editor.run
    assert run is not None
    do(watching, "failure")
    assert run.moment == BEGAN + 5.0
    assert watching.editor.selection.guids == [CLIENT]
    do(watching, "previous")
    assert run.moment == BEGAN + 3.1
    watching.editor.selection.clear()
    do(watching, "next")
    do(watching, "next")
    assert run.moment == BEGAN + 8.0
    do(watching, "now")
    assert run.moment is None


def test_a_run_without_failure_says_so(watching: MainWindow) -> None:
    run = watching.editor.run
    assert run is not None
    run.lives.changes[:] = []
    told: list[str] = []
    watching.editor.told.connect(told.append)
    do(watching, "failure")
    assert told == ["Nothing has FAILED in this run."]


def test_it_plays_faster_and_slower(watching: MainWindow, qtbot: QtBot) -> None:
    replay = ReplayingFeature.of(watching).replay
    do(watching, "slower")
    do(watching, "slower")
    assert replay.speed == 0.25
    for _ in range(6):
        do(watching, "faster")
    assert replay.speed == 64.0
    do(watching, "play")
    assert replay.is_playing
    do(watching, "play")
    assert not replay.is_playing

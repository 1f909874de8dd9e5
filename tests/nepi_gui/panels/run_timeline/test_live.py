"""The time line of a run that goes on."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from nepi_core.states import ResourceState as State
from nepi_gui.panels.run_timeline.panel import TimelineDock
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application
from tests.nepi_gui.runs_of_ours import LiveRun

_ENDLESS, _SHORT = 2, 3


@pytest.fixture
def dock(application: Application, live_run: LiveRun, qtbot: QtBot) -> TimelineDock:
    window = application.open_file(live_run.folder / "experiment.xml")
    assert window is not None
    window.editor.watch(WatchedRun(live_run.folder))
    window.show_panel("timeline")
    dock = window.docks["timeline"].widget()
    assert isinstance(dock, TimelineDock)
    qtbot.waitUntil(dock.chart.isVisible)
    return dock


def test_it_goes_along_until_the_run_ends(dock: TimelineDock, qtbot: QtBot) -> None:
    chart, run = dock.chart, dock.chart.replay.run
    assert run is not None
    assert chart.story is not None
    story = chart.story
    qtbot.waitUntil(lambda: run.state(_SHORT) is State.STOPPED, timeout=20_000)
    qtbot.waitUntil(lambda: _SHORT in story.rows.places)
    before = chart.until
    qtbot.waitUntil(lambda: chart.until > before)
    assert chart.scale.end > chart.until  # there is room for what comes

    seen = chart.scale.end - chart.scale.begin
    chart.zoom(2.0, chart.scale.left)  # what goes on is followed, in the plots as well
    assert run.range.is_following
    assert run.range.length == pytest.approx(seen / 2)

    run.set(_ENDLESS, "grace", 3.0)
    qtbot.waitUntil(lambda: bool(chart.marks_of(_ENDLESS)), timeout=20_000)
    assert [(mark.name, mark.is_planned) for mark in chart.marks_of(_ENDLESS)] == [("grace", False)]
    chart.grab()

    chart.hide()
    assert not chart._pulse.isActive()
    chart.show()
    assert chart._pulse.isActive()

    assert run.began is not None
    run.look_at(run.began)
    chart.zoom(1e3)  # at the moment that is looked at, which stays in view
    assert not run.range.is_following
    assert chart.scale.begin <= run.began <= chart.scale.end < run.newest
    chart.replay.go_to(None)
    assert run.range.is_following

    run.look_at(run.newest - 1e-3)  # behind the last thing that has happened
    chart.replay.play()
    assert run.moment is not None
    assert run.moment > run.span[1]
    run.look_at(run.began)
    chart.replay.set_speed(64.0)
    chart.replay.play()
    qtbot.waitUntil(lambda: not chart.replay.is_playing, timeout=20_000)
    assert run.moment is None  # it has caught up with the present

    run.end()
    with qtbot.waitSignal(run.ended, timeout=20_000):
        pass
    assert not chart._pulse.isActive()
    assert not dock.bar._ticking.isActive()
    assert chart.until == run.span[1]
    assert [mark.name for mark in chart.marks_of(_ENDLESS)] == ["grace"]

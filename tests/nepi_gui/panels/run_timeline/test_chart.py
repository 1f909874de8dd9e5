"""The time line of a run in the window: mouse, wheel, keys; selection, cursor, range."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from pytestqt.qtbot import QtBot

from nepi_core.states import ResourceState as State
from nepi_gui.panels.run_timeline.chart import RunChart
from nepi_gui.panels.run_timeline.panel import TimelineDock
from nepi_gui.panels.run_timeline.rows import Grouping
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application
from nepi_gui.window.main_window import MainWindow
from tests.nepi_gui.panels.run_timeline.recorded import BEGAN, CAUSE, CLIENT, LINK, NODE1, NODE2, SERVER

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def watching(application: Application, folder: Path) -> MainWindow:
    """Return a window with the experiment, which watches its run."""
    window = application.open_file(folder / "experiment.xml")
    assert window is not None
    window.editor.watch(WatchedRun(folder))
    window.show_panel("timeline")
    return window


@pytest.fixture
def dock(watching: MainWindow, qtbot: QtBot) -> TimelineDock:
    dock = watching.docks["timeline"].widget()
    assert isinstance(dock, TimelineDock)
    watching.resizeDocks([watching.docks["timeline"]], [300], Qt.Orientation.Vertical)
    qtbot.waitUntil(dock.chart.isVisible)
    return dock


@pytest.fixture
def chart(dock: TimelineDock) -> RunChart:
    assert dock.chart.story is not None
    return dock.chart


@pytest.fixture
def run(chart: RunChart) -> WatchedRun:
    assert chart.story is not None
    return chart.story.run


def row(chart: RunChart, guid: int) -> int:
    assert chart.story is not None
    return chart.story.rows.places[guid]


def place(chart: RunChart, guid: int, seconds: float) -> QPoint:
    """Return where a resource is at a moment."""
    return QPointF(chart.scale.x(BEGAN + seconds), chart.row_rect(row(chart, guid)).center().y()).toPoint()


def on_axis(chart: RunChart, seconds: float) -> QPoint:
    return QPoint(round(chart.scale.x(BEGAN + seconds)), 10)


def looked_at(run: WatchedRun) -> float | None:
    return None if run.moment is None else run.moment - BEGAN


def turn_wheel(chart: RunChart, at: QPoint, notches: int, modifiers: Qt.KeyboardModifier) -> None:
    globally = QPointF(chart.viewport().mapToGlobal(at))
    turn = QPoint(0, 120 * notches)
    no_button, no_phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    chart.wheelEvent(QWheelEvent(QPointF(at), globally, QPoint(), turn, no_button, modifiers, no_phase, False))


# -- choosing ----------------------------------------------------------------------------------------------


def test_a_click_on_a_bar_selects(chart: RunChart, watching: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(chart.viewport(), _LEFT, pos=place(chart, CLIENT, 4.0))
    assert watching.editor.selection.guids == [CLIENT]
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(chart.viewport(), _LEFT, control, place(chart, SERVER, 4.0))
    assert watching.editor.selection.guids == [SERVER, CLIENT]


def test_what_is_selected_elsewhere_is_seen_here(chart: RunChart, watching: MainWindow) -> None:
    chart.resize(chart.width(), 70)
    chart.scroll_to(0)
    before = chart.grab().toImage()
    watching.editor.selection.set([LINK])
    assert chart.row_rect(row(chart, LINK)).bottom() <= chart.viewport().height()
    assert chart.grab().toImage() != before


def test_what_is_not_in_the_document_is_not_selected(chart: RunChart, watching: MainWindow, qtbot: QtBot) -> None:
    with watching.editor.document.edit("Another type") as edit:
        edit.resource(CLIENT).rtype = "linux::Application"
    told: list[str] = []
    watching.editor.told.connect(told.append)
    qtbot.mouseClick(chart.viewport(), _LEFT, pos=place(chart, CLIENT, 4.0))
    assert watching.editor.selection.guids == []
    assert told == ["client is in the run, but not in the experiment that is open."]


def test_up_and_down_go_through_the_rows(chart: RunChart, watching: MainWindow, qtbot: QtBot) -> None:
    watching.editor.selection.set([NODE1])
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert watching.editor.selection.guids == [SERVER]
    for _ in range(3):
        qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert chart.current == 4  # the heading of the links, which is no resource
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert chart.story is not None
    assert len(chart.story.rows) == 5
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert watching.editor.selection.guids == [LINK]


def test_the_triangle_folds(chart: RunChart, qtbot: QtBot) -> None:
    rect = chart.row_rect(row(chart, NODE2))
    qtbot.mouseClick(chart.viewport(), _LEFT, pos=QPoint(8, round(rect.center().y())))
    assert chart.story is not None
    assert row(chart, CLIENT) == row(chart, NODE2)
    chart.grab()
    chart.show_resource(CLIENT)
    assert row(chart, CLIENT) != row(chart, NODE2)


def test_rows_can_be_filtered_and_grouped(dock: TimelineDock, chart: RunChart, qtbot: QtBot) -> None:
    qtbot.keyClicks(dock.bar.words, "failed")
    assert chart.story is not None
    assert [each.guid for each in chart.story.rows.rows] == [NODE2, CLIENT]
    dock.bar.words.setText("no such thing")
    chart.grab()
    dock.bar.words.clear()
    chart.arrange(Grouping.BACKEND)
    chart.grab()
    assert chart.story.rows[0].heads == "netns"


# -- the moment --------------------------------------------------------------------------------------------


def test_dragging_at_the_axis_moves_the_moment(chart: RunChart, run: WatchedRun, qtbot: QtBot) -> None:
    viewport = chart.viewport()
    qtbot.mousePress(viewport, _LEFT, pos=on_axis(chart, 2.0))
    assert looked_at(run) == pytest.approx(2.0, abs=0.05)
    qtbot.mouseMove(viewport, on_axis(chart, 4.0))
    qtbot.mouseRelease(viewport, _LEFT, pos=on_axis(chart, 4.0))
    assert looked_at(run) == pytest.approx(4.0, abs=0.05)
    assert run.state(CLIENT) is State.STARTED
    qtbot.mousePress(viewport, _LEFT, pos=place(chart, SERVER, 4.0))  # the line itself can be dragged, too
    qtbot.mouseMove(viewport, place(chart, SERVER, 6.0))
    qtbot.mouseRelease(viewport, _LEFT, pos=place(chart, SERVER, 6.0))
    assert looked_at(run) == pytest.approx(6.0, abs=0.05)
    assert run.state(CLIENT) is State.FAILED


def test_keys_move_the_moment(chart: RunChart, watching: MainWindow, run: WatchedRun, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    assert looked_at(run) == 0.0
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert looked_at(run) == pytest.approx(1 / chart.scale.second, abs=1e-4)
    qtbot.keyClick(chart, Qt.Key.Key_Right, control)
    assert looked_at(run) == pytest.approx(0.2)
    watching.editor.selection.set([CLIENT])
    qtbot.keyClick(chart, Qt.Key.Key_Right, control)
    qtbot.keyClick(chart, Qt.Key.Key_Right, control)
    assert looked_at(run) == pytest.approx(3.1)
    qtbot.keyClick(chart, Qt.Key.Key_Left, control)
    assert looked_at(run) == pytest.approx(0.9)
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert looked_at(run) is None


def test_a_moment_out_of_sight_is_brought_into_view(chart: RunChart, run: WatchedRun) -> None:
    run.range.show(BEGAN + 1, BEGAN + 2)
    run.look_at(BEGAN + 8)
    assert chart.scale.begin < BEGAN + 8 < chart.scale.end
    assert chart.scale.end - chart.scale.begin == pytest.approx(1.0)


# -- what is seen ------------------------------------------------------------------------------------------


def test_the_wheel_zooms_at_the_mouse(chart: RunChart) -> None:
    at = place(chart, SERVER, 6.0)
    before = chart.scale.time(at.x())
    turn_wheel(chart, at, 3, Qt.KeyboardModifier.ControlModifier)
    assert chart.scale.time(at.x()) == pytest.approx(before, abs=1e-3)
    assert chart.scale.end - chart.scale.begin < 6.0
    turn_wheel(chart, at, 1, Qt.KeyboardModifier.ShiftModifier)
    assert chart.scale.time(at.x()) < before
    turn_wheel(chart, QPoint(at.x(), 5), -20, Qt.KeyboardModifier.NoModifier)
    assert chart.time_range.is_following


def test_dragging_pans(chart: RunChart, qtbot: QtBot) -> None:
    chart.zoom(4.0, chart.scale.x(BEGAN + 5.0))
    start = place(chart, SERVER, 5.0)
    before = chart.scale.time(start.x())
    qtbot.mousePress(chart.viewport(), _LEFT, pos=start)
    for step in (20, 40, 60):
        qtbot.mouseMove(chart.viewport(), start + QPoint(step, 0))
    qtbot.mouseRelease(chart.viewport(), _LEFT, pos=start + QPoint(60, 0))
    assert chart.scale.time(start.x()) == pytest.approx(before - 60 / chart.scale.second, abs=1e-3)
    for _ in range(100):
        chart.pan(500)
    assert chart.scale.end > BEGAN  # the run does not leave the picture


def test_a_double_click_shows_a_bar_and_zero_all(chart: RunChart, qtbot: QtBot) -> None:
    qtbot.mouseDClick(chart.viewport(), _LEFT, pos=place(chart, CLIENT, 4.0))
    assert chart.scale.begin == pytest.approx(BEGAN + 3.1 - 0.19, abs=0.01)
    assert chart.scale.end == pytest.approx(BEGAN + 5.0 + 0.19, abs=0.01)
    qtbot.keyClick(chart, Qt.Key.Key_0)
    assert (chart.scale.begin, chart.scale.end) == (BEGAN, BEGAN + 10.0)


def test_keys_zoom_and_pan(chart: RunChart, qtbot: QtBot) -> None:
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    assert chart.scale.end - chart.scale.begin == pytest.approx(8.0)
    before = chart.scale.begin
    qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chart.scale.begin == pytest.approx(before + 0.8)
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    assert chart.time_range.is_following


def test_what_is_seen_is_shared_as_long_as_it_is_linked(dock: TimelineDock, chart: RunChart, run: WatchedRun) -> None:
    run.range.show(BEGAN + 2, BEGAN + 4)
    assert chart.scale.begin == BEGAN + 2
    dock.bar.linked.click()
    assert not run.range.is_linked
    run.range.show(BEGAN + 6, BEGAN + 7)
    assert chart.scale.begin == BEGAN + 2
    chart.fit()
    assert run.range.begin == BEGAN + 6
    dock.bar.linked.click()
    assert chart.scale.begin == BEGAN + 6


# -- what it says ------------------------------------------------------------------------------------------


def test_hovering_tells_state_since_duration_and_cause(chart: RunChart) -> None:
    lines = chart.tip(QPointF(place(chart, CLIENT, 7.0))).splitlines()
    assert lines[0] == "client (linux::Ping)"
    assert lines[1].startswith("FAILED since 5.000 s (")
    assert lines[1].endswith("for 4.5 s")
    assert lines[2] == CAUSE
    assert "due at 3.000 s, done 100 ms later" in lines[3]


def test_hovering_over_a_mark_tells_name_and_value(chart: RunChart) -> None:
    text = chart.tip(QPointF(place(chart, LINK, 4.1)))
    assert "delay is 20.0 from 4.100 s" in text
    assert "as planned" in text


def test_hovering_beside_everything_says_nothing(chart: RunChart) -> None:
    assert chart.tip(QPointF(place(chart, CLIENT, 0.1))) == ""
    assert chart.tip(QPointF(place(chart, SERVER, 9.9))) == ""
    assert chart.tip(QPointF(300, 5)) == ""
    assert chart.tip(QPointF(20, chart.row_rect(row(chart, SERVER)).center().y())).startswith("server (linux::Ping)")


# -- the panel ---------------------------------------------------------------------------------------------


def test_it_looks_different_in_the_dark(chart: RunChart, application: Application) -> None:
    before = chart.grab().toImage()
    application.appearance.choose("dark")
    assert chart.grab().toImage() != before


def test_schedule_and_run_are_switched(dock: TimelineDock, watching: MainWindow, qtbot: QtBot) -> None:
    assert dock.shows_run
    qtbot.mouseClick(dock.planned, _LEFT)
    assert dock.schedule.isVisible()
    assert not dock.bar.isVisible()
    qtbot.mouseClick(dock.happened, _LEFT)
    assert dock.chart.isVisible()
    watching.editor.watch(None)
    assert not dock.shows_run
    assert not dock.happened.isVisible()
    dock.show_run()
    assert not dock.shows_run


def test_nothing_is_worked_out_while_it_is_hidden(application: Application, folder: Path) -> None:
    window = application.open_file(folder / "experiment.xml")
    assert window is not None
    window.docks["timeline"].hide()
    window.editor.watch(WatchedRun(folder))
    dock = window.docks["timeline"].widget()
    assert isinstance(dock, TimelineDock)
    assert dock.chart.story is None
    window.editor.selection.set([CLIENT])
    assert dock.chart.story is None
    window.show_panel("timeline")
    assert dock.chart.story is not None

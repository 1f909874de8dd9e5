"""The time line: rows, scale, what the mouse and the keys do there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from nepi_core.description import AttributeChange, Condition
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_gui.document import conditions, resources
from nepi_gui.document.schedule import BEGINNING, Event, EventKind, Moment
from nepi_gui.panels.timeline_layout import PHASE_ROOM, Scale


@pytest.fixture
def document(window):
    document = window.editor.document
    for label in ("server", "client", "idle"):
        rtype = "linux::Node" if label == "idle" else "linux::Ping"
        resources.rename(document, resources.add_resource(document, rtype), label)
    with document.edit("count") as edit:
        edit.resource(1).attributes["count"] = 3
    return document


@pytest.fixture
def panel(window, document, qtbot):
    window.show_panel("timeline")
    panel = window.docks["timeline"].widget().schedule
    qtbot.waitUntil(panel.isVisible)
    return panel


def current(window, panel, qtbot):
    qtbot.waitUntil(lambda: window.editor.schedule.is_current)
    panel.refresh()
    return panel.chart


def test_rows_bars_and_arrows(window, document, panel, qtbot):
    conditions.add_condition(document, 2, Condition(Action.START, (1,), State.STOPPED, "2s"))
    conditions.add_condition(document, 2, Condition(Action.STOP, (2,), State.STARTED, "10s"))
    chart = current(window, panel, qtbot)
    assert [row.guid for row in chart.rows] == [1, 2, 0]
    assert chart.folded == 1
    assert [(arrow.row_from, arrow.row_to) for arrow in chart.arrows] == [(0, 1)]
    assert chart.spans == (0.0, 12.0)
    assert panel.bar_rect(1).left() > panel.bar_rect(0).right()
    assert panel.tip(chart.rows[0]) == "server\nfrom +0 s until it ends by itself"
    assert "from 2 s after server ends to 12 s after server ends" in panel.tip(chart.rows[1])
    assert "• START client 2 s after server is STOPPED" in panel.tip(chart.rows[1])


def test_what_never_starts_is_told(window, document, panel, qtbot):
    conditions.add_condition(document, 1, Condition(Action.START, (2,), State.STOPPED))
    chart = current(window, panel, qtbot)
    row = chart.rows[chart.row_of(1)]
    assert row.plan.start is None
    assert row.is_doubtful
    assert "is never started" in panel.tip(row)
    panel.grab()


def test_a_click_selects_and_the_last_row_unfolds(window, document, panel, qtbot):
    conditions.add_condition(document, 2, Condition(Action.START, (1,), State.STARTED, "1s"))
    chart = current(window, panel, qtbot)
    viewport, left = panel.viewport(), Qt.MouseButton.LeftButton
    qtbot.mouseClick(viewport, left, pos=panel.row_rect(chart.row_of(2)).center().toPoint())
    assert window.editor.selection.guids == [2]
    qtbot.keyClick(panel, Qt.Key.Key_Up)
    assert window.editor.selection.guids == [1]
    qtbot.mouseClick(viewport, left, pos=panel.row_rect(chart.row_of(0)).center().toPoint())
    assert {row.guid for row in panel.chart.rows} == {0, 1, 2, 3}


def test_ctrl_and_the_wheel_zoom(window, document, panel, qtbot):
    conditions.add_condition(document, 2, Condition(Action.START, (1,), State.STARTED, "30s"))
    current(window, panel, qtbot)
    before = panel.bar_rect(1).left() - panel.bar_rect(0).left()
    turn = QWheelEvent(
        QPointF(300, 60),
        panel.viewport().mapToGlobal(QPointF(300, 60)),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    panel.wheelEvent(turn)
    assert panel.bar_rect(1).left() - panel.bar_rect(0).left() > before * 1.4
    assert panel.horizontalScrollBar().maximum() > 0


def test_changes_are_marks(window, document, panel, qtbot):
    first, second = (resources.add_resource(document, "netns::Node") for _ in range(2))
    link = resources.add_link(document, "netns::Link", first, second)
    conditions.add_change(document, AttributeChange((link,), "delay", 5.0, (1,), State.STARTED, "3s"))
    chart = current(window, panel, qtbot)
    row = chart.rows[chart.row_of(link)]
    assert [moment.offset for _, moment in row.changes] == [3]
    panel.grab()


def test_nothing_is_worked_out_for_a_hidden_panel(window, document, qtbot):
    window.docks["timeline"].hide()
    window.docks["conditions"].hide()
    conditions.add_condition(document, 2, Condition(Action.START, (1,), State.STARTED))
    assert not window.editor.schedule._timer.isActive()
    window.show_panel("timeline")
    qtbot.waitUntil(lambda: window.editor.schedule.is_current)


def test_without_conditions_it_says_so(panel):
    assert panel.is_empty
    panel.grab()


# -- the scale ----------------------------------------------------------------------------------------------

_SPANS = st.lists(st.floats(0, 1e7), min_size=1, max_size=5).map(tuple)


@given(_SPANS, st.floats(100, 3000), st.floats(1, 400))
def test_later_moments_are_further_right(spans, width, zoom):
    scale = Scale(spans, width, zoom)
    moments = [
        Moment(Event(EventKind.LATEST, phase=phase), each * spans[phase])
        for phase in range(len(spans))
        for each in (0, 0.5, 1)
    ]
    places = [scale.x(each) for each in moments]
    assert places == sorted(places)
    assert places[-1] < scale.total


@given(_SPANS, st.floats(100, 3000))
def test_few_numbers_stand_at_the_axis(spans, width):
    scale = Scale(spans, width)
    for phase in range(len(spans)):
        ticks = list(scale.ticks(phase))
        assert ticks[0][0] == 0
        assert len(ticks) <= (scale.total / 50) + 2
        assert all(x <= scale.lefts[phase] + PHASE_ROOM + spans[phase] * scale.second for _, x in ticks)


def test_a_known_moment_is_where_its_second_is():
    scale = Scale((10.0,), 500.0)
    assert scale.x(BEGINNING.plus(10)) - scale.x(BEGINNING) == pytest.approx(10 * scale.second)


def test_keys_zoom_and_unfold(window, document, panel, qtbot):
    conditions.add_condition(document, 2, Condition(Action.START, (1,), State.STARTED, "1s"))
    current(window, panel, qtbot)
    qtbot.keyClick(panel, Qt.Key.Key_Plus)
    assert panel.zoom > 1
    qtbot.keyClick(panel, Qt.Key.Key_Minus)
    assert panel.zoom == pytest.approx(1)
    qtbot.keyClick(panel, Qt.Key.Key_Space)
    assert {row.guid for row in panel.chart.rows} == {0, 1, 2, 3}

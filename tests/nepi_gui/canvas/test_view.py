"""The view: zoom and gestures, with the events of a real mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from nepi_gui.document import resources

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def nodes(window):
    """Three nodes in a row; their guids."""
    document = window.editor.document
    guids = [resources.add_resource(document, "netns::Node", (120.0 * number, 0.0)) for number in range(3)]
    window.view.fit()
    return guids


def pixel(window, x, y):
    return window.view.mapFromScene(QPointF(x, y))


def drag(window, start, end, modifiers=Qt.KeyboardModifier.NoModifier, button=LEFT):
    """Drag from a place on the canvas to another one, by way of their middle."""
    port = window.view.viewport()
    first, last = pixel(window, *start), pixel(window, *end)
    QTest.mousePress(port, button, modifiers, first)
    QTest.mouseMove(port, (first + last) / 2)
    QTest.mouseMove(port, last)
    QTest.mouseRelease(port, button, modifiers, last)


def place(window, guid):
    layout = window.editor.document.description.resources[guid].layout
    return layout.x, layout.y


def test_a_click_selects_and_one_on_the_canvas_selects_nothing(window, nodes):
    QTest.mouseClick(window.view.viewport(), LEFT, pos=pixel(window, 0, 0))
    assert window.editor.selection.guids == [nodes[0]]
    QTest.mouseClick(window.view.viewport(), LEFT, pos=pixel(window, 60, 80))
    assert not window.editor.selection


def test_shift_adds_to_the_selection_and_takes_away(window, nodes):
    shift = Qt.KeyboardModifier.ShiftModifier
    for x, expected in ((0, nodes[:1]), (120, nodes[:2]), (0, nodes[1:2])):
        QTest.mouseClick(window.view.viewport(), LEFT, shift, pixel(window, x, 0))
        assert window.editor.selection.guids == expected


def test_a_drag_moves_what_is_selected_in_one_step(window, nodes):
    window.editor.selection.set(nodes[:2])
    steps = len(window.editor.document.history)
    drag(window, (0, 0), (40, 100))
    assert [place(window, guid) for guid in nodes] == [(40, 100), (160, 100), (240, 0)]
    assert len(window.editor.document.history) == steps + 1
    window.editor.document.history.undo()
    assert place(window, nodes[0]) == (0, 0)
    assert window.scene.centre(nodes[0]) == QPointF(0, 0)


def test_escape_cancels_a_drag(window, nodes):
    port = window.view.viewport()
    QTest.mousePress(port, LEFT, pos=pixel(window, 0, 0))
    QTest.mouseMove(port, pixel(window, 50, 50))
    assert window.scene.centre(nodes[0]) != QPointF(0, 0)
    QTest.keyClick(window.view, Qt.Key.Key_Escape)
    assert window.scene.centre(nodes[0]) == QPointF(0, 0)
    QTest.mouseRelease(port, LEFT, pos=pixel(window, 50, 50))
    assert place(window, nodes[0]) == (0, 0)


def test_a_rubber_band_selects(window, nodes):
    drag(window, (-60, -60), (180, 60))
    assert window.editor.selection.guids == nodes[:2]


def test_the_middle_button_pans(window, nodes):
    before = window.view.shown().center()
    drag(window, (60, 80), (10, 60), button=Qt.MouseButton.MiddleButton)
    after = window.view.shown().center()
    assert after.x() == pytest.approx(before.x() + 50, abs=2)
    assert not window.editor.document.history.can_redo()


def test_the_wheel_zooms_around_the_mouse(window, nodes):
    port = QPointF(pixel(window, 120, 0))
    under = window.view.place_at(port)
    wheel = QWheelEvent(
        port,
        window.view.viewport().mapToGlobal(port),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    zoom = window.view.zoom
    QApplication.sendEvent(window.view.viewport(), wheel)
    assert window.view.zoom > zoom
    now = window.view.place_at(port)
    assert (now.x(), now.y()) == pytest.approx((under.x(), under.y()), abs=2)


def test_the_zoom_has_bounds(window, nodes):
    for _ in range(40):
        window.view.zoom_in()
    assert window.view.zoom <= 4.001
    for _ in range(60):
        window.view.zoom_out()
    assert window.view.zoom >= 0.0399


def test_fit_shows_everything(window, nodes):
    window.view.zoom_to(4.0)
    window.commands["view.fit"].trigger()
    assert window.view.shown().contains(window.scene.contents())


def test_typing_on_the_canvas_asks_for_a_search(window, nodes, qtbot):
    with qtbot.waitSignal(window.view.pressed_key) as heard:
        QTest.keyClick(window.view, Qt.Key.Key_P)
    assert heard.args == ["p"]


def test_a_sentence_stays_beside_the_mouse_when_the_canvas_scrolls(window, nodes):
    window.view.zoom_to(4.0)
    window.view.marks.say("This cannot be.", QPointF(100, 100))
    label = window.view.findChild(QLabel, "canvas.sentence")
    before = label.pos()
    window.view.pan_by(QPointF(-50, 0))
    assert label.pos() == before

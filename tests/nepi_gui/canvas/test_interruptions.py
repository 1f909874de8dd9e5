"""What happens to the canvas while something else goes on: a drag, a field, a key that is held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRubberBand

from nepi_gui.canvas.animation import Journey
from nepi_gui.canvas.auto_scroll import AutoScroll
from nepi_gui.document import linking, notes, resources
from nepi_gui.document.notes import Box
from nepi_gui.window.naming import NamingFeature
from tests.nepi_gui.canvas.mouse import hover, pixel, press, release


@pytest.fixture
def nodes(window):
    """Two nodes, shown in their natural size; their guids."""
    made = [resources.add_resource(window.editor.document, "netns::Node", (x, 0)) for x in (0, 200)]
    window.view.fit()
    window.view.zoom_to(1.0)
    return made


def place(window, guid):
    layout = window.editor.document.description.resources[guid].layout
    return layout.x, layout.y


def field(window):
    return window.features[NamingFeature].inline.field


# -- the document changes under a drag, as by a layout that was computed in the background ---------------------


def test_a_node_that_is_placed_elsewhere_under_a_drag_stays_there(window, nodes):
    press(window, (0, 0))
    hover(window, (60, 60))
    resources.move(window.editor.document, {nodes[0]: (400, 400), nodes[1]: (600, 400)})
    assert window.scene.centre(nodes[0]) == QPointF(400, 400)
    release(window, (60, 60))
    assert [place(window, guid) for guid in nodes] == [(400, 400), (600, 400)]
    assert window.scene.centre(nodes[0]) == QPointF(400, 400)


def test_a_node_and_a_note_that_go_under_a_drag_are_gone(window, nodes):
    document = window.editor.document
    key = notes.add_note(document, "note", Box(-40, 100, 60, 200))
    window.editor.selection.set([nodes[0], key])
    press(window, (0, 0))
    hover(window, (60, 60))
    with document.edit("Delete both"):
        notes.remove_notes(document, [0])
        resources.remove(document, nodes[:1])
    release(window, (60, 60))
    assert set(document.description.resources) == {nodes[1]}
    assert not window.editor.selection


@pytest.mark.parametrize("start", [QPointF(33, 0), QPointF(100, 60)])
def test_other_drags_end_as_well_when_something_goes(window, nodes, start):
    press(window, start)
    hover(window, (150, 60))
    resources.remove(window.editor.document, nodes)
    hover(window, (160, 70))
    release(window, (160, 70))
    assert not window.editor.document.description.resources
    assert not window.editor.selection


def test_a_resize_that_is_overtaken_shows_the_size_that_the_note_has(window, nodes):
    document = window.editor.document
    key = notes.add_note(document, "note", Box(0, 100, 100, 200))
    press(window, (100, 200))
    hover(window, (200, 240))
    notes.resize(document, 0, Box(0, 100, 300, 400))
    release(window, (200, 240))
    assert window.scene.rect(key).getRect() == (0, 100, 300, 300)


def test_escape_after_a_badge_was_drawn_away_selects_what_was_selected(window, nodes):
    ping = linking.attach(window.editor.document, "linux::Ping", nodes[:1])[0]
    window.editor.selection.set([nodes[1]])
    press(window, window.scene.centre(ping))
    hover(window, (100, 100))
    QTest.keyClick(window.view, Qt.Key.Key_Escape)
    assert window.editor.selection.guids == [nodes[1]]


def test_a_journey_that_is_overtaken_leaves_notes_where_they_stand(window, nodes):
    document = window.editor.document
    key = notes.add_note(document, "note", Box(0, 100, 100, 200))
    journey = Journey(window.view)
    journey.go({key: QPointF(900, 900), nodes[0]: QPointF(900, 0)})
    assert window.scene.centre(key) == QPointF(900, 900)
    resources.remove(document, nodes)
    assert window.scene.centre(key) == QPointF(50, 150)


# -- keys and the mouse leave -------------------------------------------------------------------------------------


def test_space_that_is_released_elsewhere_is_no_longer_held(window, nodes):
    QTest.keyPress(window.view, Qt.Key.Key_Space)
    QApplication.sendEvent(window.view, QFocusEvent(QEvent.Type.FocusOut))
    press(window, (-60, -60))
    hover(window, (60, 60))
    release(window, (60, 60))
    assert window.editor.selection.guids == nodes[:1]


def test_the_canvas_rests_when_the_mouse_leaves_with_a_line_in_hand(window, nodes, qtbot):
    window.editor.selection.set(nodes[:1])
    window.commands["link.from"].trigger()
    before = window.view.shown().center().x()
    edge = QPoint(window.view.viewport().width() - 2, window.view.viewport().height() // 2)
    QTest.mouseMove(window.view.viewport(), edge)
    qtbot.waitUntil(lambda: window.view.shown().center().x() > before)
    QApplication.sendEvent(window.view, QEvent(QEvent.Type.Leave))
    assert not window.view.findChild(AutoScroll).is_active
    QTest.keyClick(window.view, Qt.Key.Key_Escape)


def test_letters_with_alt_are_no_search(window, nodes):
    heard: list[str] = []
    window.view.pressed_key.connect(heard.append)
    QTest.keyClick(window.view, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)
    assert not heard


def test_nothing_else_is_begun_while_a_line_follows_the_mouse(window, nodes):
    heard: list[object] = []
    window.view.pressed_key.connect(heard.append)
    window.view.opened.connect(heard.append)
    window.editor.selection.set(nodes[:1])
    window.commands["link.from"].trigger()
    for key in (Qt.Key.Key_X, Qt.Key.Key_Return, Qt.Key.Key_F2):
        QTest.keyClick(window.view, key)
    QTest.mouseDClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=pixel(window, (0, 0)))
    assert not heard
    assert field(window) is None


# -- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["two  spaces", "two\nlines", "x" * 500])
def test_a_name_that_is_left_as_it_is_is_no_step(window, nodes, label):
    document = window.editor.document
    resources.rename(document, nodes[0], label)
    steps = len(document.history)
    window.features[NamingFeature].inline.edit(nodes[0])
    QTest.keyClick(field(window), Qt.Key.Key_Return)
    assert document.description.resources[nodes[0]].label == label
    assert len(document.history) == steps


def test_the_field_follows_a_node_that_is_moved(window, nodes):
    window.features[NamingFeature].inline.edit(nodes[0])
    before = field(window).geometry().center()
    resources.move(window.editor.document, {nodes[0]: (0, 100)})
    assert field(window).geometry().center().y() == pytest.approx(before.y() + 100, abs=2)


def test_a_node_that_goes_while_another_moves_takes_its_field_along(window, nodes):
    document = window.editor.document
    window.features[NamingFeature].inline.edit(nodes[0])
    with document.edit("Both"):
        resources.move(document, {nodes[1]: (300, 300)})
        resources.remove(document, nodes[:1])
    assert field(window) is None


# -- the rest ---------------------------------------------------------------------------------------------------------


def test_a_drag_on_a_plain_connection_moves_nothing(window, nodes):
    document = window.editor.document
    other = resources.add_resource(document, "linux::Node", (200, 200))
    linking.join(document, "", nodes[1], other)
    window.editor.selection.set(nodes[:1])
    press(window, (200, 120))
    hover(window, (300, 160))
    release(window, (300, 160))
    assert place(window, nodes[0]) == (0, 0)
    assert not window.editor.selection


def test_what_is_gone_can_be_asked_for(window, nodes):
    resources.remove(window.editor.document, nodes[:1])
    window.editor.reveal(nodes[0])
    window.editor.reveal(-7)
    assert not window.editor.selection


def test_what_a_rubber_band_holds_stays_when_the_canvas_scrolls(window, nodes):
    press(window, (-60, -60))
    hover(window, (-20, 60))
    window.view.pan_by(QPointF(-50, 0))
    hover(window, (60, 60))
    assert window.editor.selection.guids == nodes[:1]
    band = window.view.findChild(QRubberBand)
    assert (band.geometry().topLeft() - pixel(window, (-60, -60))).manhattanLength() <= 2
    release(window, (60, 60))

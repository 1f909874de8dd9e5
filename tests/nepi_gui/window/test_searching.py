"""The command palette: finds commands, types and resources, and does what was chosen."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt

from nepi_gui.canvas.looks import PLATE
from nepi_gui.dialogs.choices import MOST_SHOWN, Kind
from nepi_gui.document import resources
from nepi_gui.window.searching import SearchingFeature


@pytest.fixture
def palette(window, qtbot):
    qtbot.waitActive(window)
    return window.features[SearchingFeature].palette


def listed(palette):
    return [palette.model.choice(row) for row in range(palette.model.rowCount())]


def press(palette, qtbot, key):
    qtbot.keyClick(palette.field, key)


def open_by_key(window, palette, qtbot):
    qtbot.keyClick(window.view, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert palette.isVisible()


def test_opens_by_its_key_and_closes_by_escape(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    qtbot.waitUntil(palette.field.hasFocus)
    qtbot.keyClick(palette.field, Qt.Key.Key_Tab)
    assert palette.field.hasFocus()
    press(palette, qtbot, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    qtbot.waitUntil(window.view.hasFocus)


def test_click_beside_closes(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=palette.plate.geometry().center())
    assert palette.isVisible()
    qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(5, palette.height() - 5))
    assert not palette.isVisible()


def test_does_a_command(window, palette, qtbot):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    open_by_key(window, palette, qtbot)
    qtbot.keyClicks(palette.field, "undo")
    first = listed(palette)[0]
    assert (first.name, first.keys) == ("edit.undo", window.commands["edit.undo"].shortcut().toString())
    press(palette, qtbot, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert not window.editor.document.description.resources


def test_command_that_cannot_be_done_is_grey_and_stays_undone(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    qtbot.keyClicks(palette.field, "undo")
    assert not listed(palette)[0].is_enabled
    with qtbot.assertNotEmitted(palette.chosen):
        press(palette, qtbot, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_switches_tell_whether_they_are_on(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    qtbot.keyClicks(palette.field, "light")
    assert next(each for each in listed(palette) if each.name == "view.theme.light").is_on


def test_adds_a_type_and_finds_it_again(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    qtbot.keyClicks(palette.field, "switch")
    assert listed(palette)[0].title == "Add Switch"
    press(palette, qtbot, Qt.Key.Key_Return)
    assert window.editor.document.description.resource(1).rtype == "netns::Switch"
    window.editor.selection.clear()
    open_by_key(window, palette, qtbot)
    qtbot.keyClicks(palette.field, "switch1")
    assert (listed(palette)[0].kind, listed(palette)[0].name) == (Kind.RESOURCE, "1")
    place = palette.list.visualRect(palette.model.index(0, 0)).center()
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.editor.selection.guids == [1]


def test_types_for_files_of_nepi_are_not_offered(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    assert "linux::Ping" in {each.name for each in listed(palette)}
    qtbot.keyClicks(palette.field, "ipv4address")
    assert "netns::IPv4Address" not in {each.name for each in listed(palette)}


def test_typing_on_the_canvas_adds_at_the_mouse(window, palette, qtbot):
    viewport = window.view.viewport()
    pixel = QPoint(viewport.width() // 3, viewport.height() // 3)
    qtbot.mouseMove(viewport, pixel)
    qtbot.keyClick(window.view, Qt.Key.Key_S)
    assert palette.field.text() == "s"
    qtbot.keyClicks(palette.field, "witch")
    press(palette, qtbot, Qt.Key.Key_Return)
    layout = window.editor.document.description.resource(1).layout
    wanted = window.view.snapped(window.view.place_at(pixel.toPointF()))
    assert (layout.x, layout.y) == (wanted.x(), wanted.y())


def test_typing_over_a_node_adds_beside_it(window, palette, qtbot):
    document, viewport = window.editor.document, window.view.viewport()
    centre = viewport.rect().center()
    place = window.view.snapped(window.view.place_at(centre.toPointF()))
    resources.add_resource(document, "netns::Node", place.toTuple())
    for number in (2, 3, 4):
        window.editor.selection.clear()
        qtbot.mouseMove(viewport, centre)
        qtbot.keyClick(window.view, Qt.Key.Key_S)
        qtbot.keyClicks(palette.field, "witch")
        press(palette, qtbot, Qt.Key.Key_Return)
        rects = [item.mapRectToScene(PLATE) for item in window.scene.nodes.values()]
        assert len(rects) == number
        assert not any(one.intersects(other) for one, other in combinations(rects, 2))
        new = window.scene.nodes[number].pos()
        assert (new - place).manhattanLength() <= 240
        assert window.view.snapped(new) == new


def test_recent_choices_come_first_also_in_another_window(window, palette, application, qtbot):
    for text in ("switch", "zoom in"):
        open_by_key(window, palette, qtbot)
        qtbot.keyClicks(palette.field, text)
        press(palette, qtbot, Qt.Key.Key_Return)
    feature = application.open_window().features[SearchingFeature]
    feature.open()
    assert [each.name for each in listed(feature.palette)[:2]] == ["view.zoom-in", "netns::Switch"]


def test_keys_go_through_the_list(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    rows = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        press(palette, qtbot, key)
        rows.append(palette.list.currentIndex().row())
    last = palette.model.rowCount() - 1
    assert rows == [1, 0, last, last - 11, last]


def test_nothing_fits(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    qtbot.keyClicks(palette.field, "qqqqqq")
    assert palette._nothing.isVisible()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        press(palette, qtbot, key)
    assert palette.isVisible()


def test_thousands_of_resources_leave_room_for_types_and_commands(window, palette, qtbot):
    document = window.editor.document
    for number in range(300):
        resources.add_resource(document, "netns::Node", (number * 10.0, 0))
    window.features[SearchingFeature].open()
    qtbot.keyClicks(palette.field, "no")
    found = listed(palette)
    assert len(found) == MOST_SHOWN
    assert [each.title for each in found[:2]] == ["Add Node", "Add Node"]
    palette.field.setText("node217")
    assert listed(palette)[0].title == "node217"
    palette.field.setText("217")
    assert "node217" in {each.title for each in listed(palette)}


def test_resource_that_is_gone_when_it_is_chosen(window, palette, qtbot):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    window.features[SearchingFeature].open()
    qtbot.keyClicks(palette.field, "node1")
    window.editor.document.history.undo()
    press(palette, qtbot, Qt.Key.Key_Return)
    assert not window.editor.selection


def test_stays_in_the_middle_when_the_window_changes(window, palette, qtbot):
    open_by_key(window, palette, qtbot)
    window.resize(700, 420)
    qtbot.waitUntil(lambda: palette.size() == window.size())
    assert abs(palette.plate.geometry().center().x() - palette.width() // 2) <= 1
    assert palette.plate.geometry().bottom() < palette.height()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_is_drawn_in_both_themes(window, palette, application, qtbot, theme):
    application.appearance.choose(theme)
    open_by_key(window, palette, qtbot)
    assert not palette.grab().isNull()

"""The menu Help: the tour, keys, the reference of types, the documentation, about."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog

from nepi_core.description import Condition, Layout, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.states import ResourceAction, ResourceState
from nepi_gui.appearance import DARK, LIGHT
from nepi_gui.dialogs.about import AboutDialog
from nepi_gui.dialogs.manual import ManualDialog, documentation
from nepi_gui.dialogs.shortcuts import ShortcutsDialog
from nepi_gui.dialogs.tour import beside
from nepi_gui.dialogs.type_help import TypeHelpDialog, type_page
from nepi_gui.document import resources
from nepi_gui.window.helping import ATTRIBUTE, CONDITION, LINK, NODES, SAVED, HelpingFeature
from nepi_gui.window.key_list import plain


@pytest.fixture
def helping(window, qtbot):
    return HelpingFeature.of(window)


@pytest.fixture
def tour(helping):
    """Return a tour that has begun, and goes on at once when a step is done."""
    helping.begin_tour()
    helping.tour.praise = 0
    return helping.tour


def shown(window, kind=QDialog):
    return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]


# -- the tour --------------------------------------------------------------------------------------------


def test_tour_begins_only_for_those_who_have_not_seen_it(application, window, helping):
    assert helping.tour is None
    helping.begin_tour_once()
    assert helping.tour is not None
    helping.tour.end()
    helping.begin_tour_once()
    assert helping.tour is None
    assert application.settings.is_on("tour/seen")


def test_tour_points_at_the_palette_first(window, tour):
    dock = window.docks["palette"]
    assert tour.number == NODES
    assert any(place.contains(dock.mapTo(window, dock.rect().center())) for place in tour.lit())


def test_buttons_go_forth_and_back_to_the_end(window, helping, tour, qtbot):
    for number in range(1, 5):
        qtbot.mouseClick(tour.bubble.next, Qt.MouseButton.LeftButton)
        assert tour.number == number
    qtbot.mouseClick(tour.bubble.back, Qt.MouseButton.LeftButton)
    assert tour.number == 3
    assert tour.bubble.back.isEnabled()
    qtbot.mouseClick(tour.bubble.next, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(tour.bubble.next, Qt.MouseButton.LeftButton)
    assert helping.tour is None


def test_steps_bring_their_panels_to_the_front(window, tour, qtbot):
    window.docks["conditions"].hide()
    for _ in range(3):
        qtbot.mouseClick(tour.bubble.next, Qt.MouseButton.LeftButton)
    assert window.docks["conditions"].isVisible()
    assert tour.lit()


def test_escape_ends_it(window, helping, tour, qtbot):
    window.activateWindow()
    qtbot.keyClick(tour.bubble, Qt.Key.Key_Escape)
    assert helping.tour is None


def test_skip_ends_it(helping, tour, qtbot):
    qtbot.mouseClick(tour.bubble.skip, Qt.MouseButton.LeftButton)
    assert helping.tour is None


def test_tour_goes_on_when_a_step_is_really_done(window, helping, tour, tmp_path, qtbot):
    document = window.editor.document
    first = resources.add_resource(document, "netns::Node", (0, 0))
    assert tour.number == NODES
    second = resources.add_resource(document, "netns::Node", (200, 0))
    qtbot.waitUntil(lambda: tour.number == LINK)
    link = resources.add_link(document, "netns::Link", first, second)
    qtbot.waitUntil(lambda: tour.number == ATTRIBUTE)
    with document.edit("Set delay") as edit:
        edit.resource(link).attributes["delay"] = 10.0
    assert not tour._next.isActive()  # a ping and its target are asked for as well
    ping = resources.add_resource(document, "linux::Ping", connected_to=[first])
    with document.edit("Set target") as edit:
        edit.resource(ping).attributes["target"] = "node2"
    qtbot.waitUntil(lambda: tour.number == CONDITION)
    with document.edit("Condition") as edit:
        condition = Condition(ResourceAction.START, (first,), ResourceState.STARTED)
        edit.resource(second).conditions.append(condition)
    qtbot.waitUntil(lambda: tour.number == SAVED)
    document.set_path(tmp_path / "mine.xml")
    document.history.set_clean()
    qtbot.waitUntil(lambda: helping.tour is None)


def test_what_belongs_to_another_step_does_not_move_the_tour(window, tour, qtbot):
    qtbot.mouseClick(tour.bubble.next, Qt.MouseButton.LeftButton)
    for place in ((0, 0), (200, 0)):
        resources.add_resource(window.editor.document, "netns::Node", place)
    assert not tour._next.isActive()


def test_mouse_goes_through_the_tour(window, tour, qtbot):
    resources.add_resource(window.editor.document, "netns::Node", (0, 0))
    window.view.fit()
    pixel = window.view.mapFromScene(0, 0)
    at = window.view.viewport().mapTo(window, pixel)
    assert window.childAt(at) in (window.view, window.view.viewport(), *window.view.viewport().children())


@pytest.mark.parametrize("size", [(640, 420), (1264, 784), (1900, 1000)])
def test_text_stays_inside_windows_of_any_size(window, tour, qtbot, size):
    window.resize(*size)
    for _ in range(5):
        qtbot.waitUntil(lambda: not tour._placing.isActive())
        assert window.rect().contains(tour.bubble.geometry())
        tour._show_stop(min(tour.number + 1, 4))


def test_tour_ends_with_its_window(application, window, tour):
    window.close()
    assert HelpingFeature.of(window).tour is None


def test_tour_can_begin_again(window, helping, tour):
    window.commands["help.tour"].trigger()
    assert helping.tour is not tour
    assert helping.tour.number == NODES


sides = st.integers(0, 2000)


@given(sides, sides, st.integers(1, 800), st.integers(1, 800), st.integers(400, 2000), st.integers(300, 2000))
def test_a_text_stands_inside_the_window_and_beside_its_target_if_there_is_room(x, y, width, height, across, down):
    window = QRect(0, 0, across, down)
    target = QRect(x, y, width, height) & window
    found = beside(QRect(0, 0, 330, 150), target, window)
    assert window.contains(found)
    if target.isValid() and across - target.right() > 380 and down > 200:
        assert not found.intersects(target)


# -- what is this? ---------------------------------------------------------------------------------------


def test_f1_tells_of_the_selected_resource(window, helping, qtbot):
    guid = resources.add_resource(window.editor.document, "linux::Ping")
    window.editor.selection.set([guid])
    window.commands["help.type"].trigger()
    (dialog,) = shown(window, TypeHelpDialog)
    assert "linux::Ping" in dialog.page.toPlainText()
    assert "interval" in dialog.page.toPlainText()
    assert "rtt (ms)" in dialog.page.toPlainText()


def test_f1_without_a_selection_shows_all_types(window, helping):
    helping.show_type_help()
    helping.show_type_help()
    (dialog,) = shown(window, TypeHelpDialog)
    assert dialog.list.count() == len(ResourceFactory.resource_types())
    assert dialog.page.toPlainText()


def test_an_unknown_type_is_said_to_be_one(window, helping):
    with window.editor.document.edit("Add") as edit:
        edit.add(ResourceDescription(7, "lab::<Phone>", layout=Layout(0, 0)))
    window.editor.selection.set([7])
    helping.show_type_help()
    (dialog,) = shown(window, TypeHelpDialog)
    assert "lab::<Phone>" in dialog.page.toPlainText()
    assert "No plug-in" in dialog.page.toPlainText()


def test_types_are_searched(window, helping, qtbot):
    helping.show_type_help()
    (dialog,) = shown(window, TypeHelpDialog)
    qtbot.keyClicks(dialog.search, "traceroute")
    assert dialog.list.currentItem().text() == "linux::Traceroute"
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "no such thing")
    assert all(dialog.list.item(number).isHidden() for number in range(dialog.list.count()))


def test_every_type_has_a_page():
    for rtype in ResourceFactory.resource_types():
        for theme in (LIGHT, DARK):
            assert rtype in type_page(ResourceFactory.get_resource_type(rtype), theme)


# -- keys and mouse --------------------------------------------------------------------------------------


def test_all_commands_are_listed_with_their_keys(window, helping):
    helping.show_shortcuts()
    (dialog,) = shown(window, ShortcutsDialog)
    listed = dict(dialog.shown())
    assert listed["Undo"] == "Ctrl+Z"
    assert {plain(command.text) for command in window.commands.all()} <= listed.keys()


def test_commands_are_searched_by_word_and_by_key(window, helping, qtbot):
    helping.show_shortcuts()
    (dialog,) = shown(window, ShortcutsDialog)
    qtbot.keyClicks(dialog.search, "ctrl+z")
    assert "Undo" in dict(dialog.shown())
    assert "Open" not in dict(dialog.shown())
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "mouse wheel")
    assert [what for what, _ in dialog.shown()] == ["Zoom around the mouse", "Move what is shown sideways"]


def test_no_key_has_two_meanings(window):
    keys = Counter(QKeySequence(each).toString() for command in window.commands.all() for each in command.shortcuts)
    assert not {key: number for key, number in keys.items() if number > 1}


def test_plain_texts_of_menus():
    assert plain("&Open…") == "Open"
    assert plain("Cut && paste") == "Cut & paste"


# -- the rest ----------------------------------------------------------------------------------------------


def test_about_says_version_and_licences(window, helping):
    helping.show_about()
    (dialog,) = shown(window, AboutDialog)
    assert "PySide" in dialog.text.text()
    assert "Lesser General Public License" in dialog.text.text()


def test_documentation_of_the_checkout_is_read_in_a_window(window):
    assert documentation()
    window.commands["help.page.tutorial"].trigger()
    (dialog,) = shown(window, ManualDialog)
    assert "Tutorial" in dialog.windowTitle()
    assert "two-hosts" in dialog.page.toPlainText()


def test_without_documentation_there_are_no_commands_for_it(monkeypatch, application):
    monkeypatch.setattr("nepi_gui.window.helping.documentation", dict)
    window = application.open_window()
    assert not [command for command in window.commands.all() if command.name.startswith("help.page")]


def test_dialogs_go_with_their_window(application, window, helping):
    helping.show_about()
    helping.show_shortcuts()
    helping.show_type_help()
    assert len(shown(window)) == 3
    window.close()
    assert not shown(window)

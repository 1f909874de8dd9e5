"""The panel with the conditions: sentences whose parts are pressed, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QMenu

from nepi_core.description import Condition
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_gui.document import conditions, resources
from nepi_gui.document.sentences import Part
from nepi_gui.panels.condition_layout import Tool
from nepi_gui.panels.popups import ResourcePopup, TextPopup

SERVER, CAPTURE, CLIENT = 1, 2, 3


@pytest.fixture
def document(window):
    document = window.editor.document
    for label in ("server", "capture", "client"):
        guid = resources.add_resource(document, "linux::Ping")
        resources.rename(document, guid, label)
    return document


@pytest.fixture
def panel(window, document, qtbot):
    window.show_panel("conditions")
    panel = window.docks["conditions"].widget()
    qtbot.waitUntil(panel.isVisible)
    return panel


def texts(panel):
    panel.refresh()
    model = panel.list.conditions
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def press(qtbot, panel, rect: QRect):
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def press_part(qtbot, panel, part: Part, row: int = 0):
    panel.refresh()
    press(qtbot, panel, panel.list.part_rect(row, part))
    return panel.editing.popup


def choose(qtbot, menu: QMenu, text: str):
    action = next(each for each in menu.actions() if each.text() == text)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def start(*group: int, time: str | None = None) -> Condition:
    return Condition(Action.START, group, State.STARTED, time)


def test_the_button_adds_a_guess_for_two_selected_resources(panel, window, document, qtbot):
    window.editor.selection.set([SERVER, CLIENT])
    qtbot.mouseClick(panel.add_button, Qt.MouseButton.LeftButton)
    assert texts(panel) == ["START client as soon as server is STARTED"]
    assert document.description.resources[CLIENT].conditions == [start(SERVER)]


def test_every_part_is_edited_in_place(panel, document, qtbot):
    conditions.add_condition(document, CLIENT, start(SERVER))

    choose(qtbot, press_part(qtbot, panel, Part.ACTION), "STOP")
    choose(qtbot, press_part(qtbot, panel, Part.STATE), "STOPPED")

    popup = press_part(qtbot, panel, Part.DELAY)
    assert isinstance(popup, TextPopup)
    popup.field.selectAll()
    qtbot.keyClicks(popup.field, "soon")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    assert "no delay" in popup.said
    popup.field.selectAll()
    qtbot.keyClicks(popup.field, "2m30s")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)

    popup = press_part(qtbot, panel, Part.GROUP)
    assert isinstance(popup, ResourcePopup)
    qtbot.keyClicks(popup.search, "capt")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert texts(panel) == ["STOP client 2 min 30 s after server, capture are STOPPED"]

    popup = press_part(qtbot, panel, Part.RESOURCE)
    qtbot.keyClicks(popup.search, "server")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert document.description.resources[SERVER].conditions == [
        Condition(Action.STOP, (SERVER, CAPTURE), State.STOPPED, "2m30s")
    ]
    for _ in range(6):
        document.history.undo()
    assert not document.description.resources[CLIENT].conditions


def test_a_circle_is_refused_where_it_is_made(panel, document, qtbot):
    conditions.add_condition(document, CLIENT, start(SERVER))
    conditions.add_condition(document, CAPTURE, start(CLIENT))
    popup = press_part(qtbot, panel, Part.GROUP, 1)
    qtbot.keyClicks(popup.search, "capture")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert "wait for itself" in popup.said
    qtbot.keyClick(popup.search, Qt.Key.Key_Escape)
    assert document.description.resources[CLIENT].conditions == [start(SERVER)]


def test_the_buttons_of_a_sentence(panel, document, qtbot):
    conditions.add_condition(document, CLIENT, start(SERVER))
    panel.refresh()
    press(qtbot, panel, panel.list.tool_rect(0, Tool.DUPLICATE))
    assert len(texts(panel)) == 2
    press(qtbot, panel, panel.list.tool_rect(0, Tool.DELETE))
    assert len(texts(panel)) == 1
    document.history.undo()
    assert len(texts(panel)) == 2


def test_the_keyboard_does_it_all(panel, window, document, qtbot):
    conditions.add_condition(document, CLIENT, start(SERVER))
    panel.show_condition((CLIENT, 0))
    window.editor.selection.set([SERVER])
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(panel.list, key)
    assert panel.list.part is Part.RESOURCE
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert isinstance(panel.editing.popup, ResourcePopup)
    qtbot.keyClick(panel.editing.popup.search, Qt.Key.Key_Escape)
    qtbot.keyClick(panel.list, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(document.description.resources[CLIENT].conditions) == 2
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert len(document.description.resources[CLIENT].conditions) == 1
    assert SERVER in document.description.resources  # the key did not reach the canvas


def test_whose_conditions_are_shown(panel, window, document, qtbot):
    conditions.add_condition(document, CLIENT, start(SERVER))
    conditions.add_condition(document, CAPTURE, start(SERVER, time="1s"))
    assert len(texts(panel)) == 2
    window.editor.selection.set([CLIENT])
    assert texts(panel) == ["START client as soon as server is STARTED"]
    qtbot.mouseClick(panel.all_button, Qt.MouseButton.LeftButton)
    assert len(texts(panel)) == 2
    assert window.editor.settings.is_on("conditions/all")


def test_doubts_are_told(panel, window, document, qtbot):
    conditions.add_condition(document, CLIENT, Condition(Action.START, (SERVER,), State.STOPPED))
    qtbot.waitUntil(lambda: window.editor.schedule.is_current)
    assert "does not end by itself" in panel.list.conditions.doubt((CLIENT, 0))
    resources_before = document.description.resources[SERVER]
    with document.edit("count") as edit:
        edit.resource(SERVER).attributes["count"] = 3
    assert resources_before is not document.description.resources[SERVER]
    qtbot.waitUntil(lambda: window.editor.schedule.is_current)
    assert not panel.list.conditions.doubt((CLIENT, 0))


def test_planned_changes_are_edited_as_well(panel, window, document, qtbot):
    first, second = (resources.add_resource(document, "netns::Node") for _ in range(2))
    link = resources.add_link(document, "netns::Link", first, second)
    window.editor.selection.set([link])
    qtbot.mouseClick(panel.change_button, Qt.MouseButton.LeftButton)
    choose(qtbot, press_part(qtbot, panel, Part.NAME), "up")
    choose(qtbot, press_part(qtbot, panel, Part.VALUE), "False")
    (change,) = document.description.changes
    assert (change.guids, change.name, change.value) == ((link,), "up", False)
    choose(qtbot, press_part(qtbot, panel, Part.NAME), "delay")
    popup = press_part(qtbot, panel, Part.VALUE)
    popup.field.selectAll()
    qtbot.keyClicks(popup.field, "25")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    assert document.description.changes[0].value == 25
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert not document.description.changes


def test_without_conditions_it_says_so(panel, qtbot):
    panel.refresh()
    assert "everything is deployed and started at once" in panel._empty.text()
    assert panel._empty.isVisible()


def test_closing_a_list_of_ticks_takes_them(panel, document, qtbot):
    conditions.add_condition(document, CLIENT, start(SERVER))
    popup = press_part(qtbot, panel, Part.GROUP)
    popup.resources.toggle(popup.resources.shown.index(CAPTURE))
    qtbot.mousePress(popup, Qt.MouseButton.LeftButton, pos=QPoint(-50, -50))
    popup.close()
    assert document.description.resources[CLIENT].conditions == [start(SERVER, CAPTURE)]

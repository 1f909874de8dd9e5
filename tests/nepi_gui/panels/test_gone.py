"""What is removed, or returns, while panels show it and while it is being edited."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt

from nepi_core.description import AttributeChange, Condition
from nepi_core.states import ResourceAction as Action
from nepi_core.states import ResourceState as State
from nepi_gui.document import conditions, resources
from nepi_gui.document.sentences import Part

SERVER, CLIENT, OTHER = 1, 2, 3
PLACE = QRect(10, 10, 5, 5)


@pytest.fixture
def document(window):
    """A client that waits for a server."""
    document = window.editor.document
    for label in ("server", "client", "other"):
        resources.rename(document, resources.add_resource(document, "linux::Ping"), label)
    conditions.add_condition(document, CLIENT, Condition(Action.START, (SERVER,), State.STARTED, "1s"))
    return document


def shown(window, name, qtbot):
    window.show_panel(name)
    panel = window.docks[name].widget()
    qtbot.waitUntil(panel.isVisible)
    panel.refresh()
    return panel


def test_the_time_line_outlives_its_resources(window, document, qtbot):
    window.show_panel("timeline")
    panel = window.docks["timeline"].widget().schedule
    qtbot.waitUntil(lambda: window.editor.schedule.is_current)
    panel.refresh()
    place = panel.row_rect(panel.chart.row_of(SERVER)).center().toPoint()
    resources.remove(document, [SERVER])
    panel.viewport().repaint()
    qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    assert SERVER not in window.editor.selection.guids


@pytest.mark.parametrize("key", [Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Delete])
def test_keys_at_a_sentence_that_is_gone(window, document, qtbot, key):
    panel = shown(window, "conditions", qtbot)
    panel.list.choose((CLIENT, 0))
    document.history.undo()
    qtbot.keyClick(panel.list, key)
    panel.refresh()
    assert not panel.list.conditions.keys
    assert document.history.can_redo()


def test_the_keyboard_stays_where_a_sentence_was_deleted(window, document, qtbot):
    for delay in ("2s", "3s"):
        conditions.add_condition(document, CLIENT, Condition(Action.START, (SERVER,), State.STARTED, delay))
    panel = shown(window, "conditions", qtbot)
    panel.list.choose((CLIENT, 2))
    panel.list.setFocus()
    for left in (2, 1, 0):
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
        assert len(panel.list.conditions.keys) == left


def test_a_menu_that_is_open_when_its_condition_goes(window, document, qtbot):
    panel = shown(window, "conditions", qtbot)
    told: list[str] = []
    window.editor.told.connect(told.append)
    panel.editing.edit((CLIENT, 0), Part.STATE, PLACE)
    menu = panel.editing.popup
    document.history.undo()
    menu.actions()[0].trigger()
    menu.close()
    assert told == ["It was removed meanwhile."]
    assert not document.description.resources[CLIENT].conditions


def test_a_menu_alters_the_condition_as_it_is_now(window, document, qtbot):
    panel = shown(window, "conditions", qtbot)
    panel.editing.edit((CLIENT, 0), Part.STATE, PLACE)
    menu = panel.editing.popup
    conditions.replace_condition(document, (CLIENT, 0), Condition(Action.START, (SERVER, OTHER), State.STARTED))
    next(each for each in menu.actions() if each.text() == "READY").trigger()
    menu.close()
    assert document.description.resources[CLIENT].conditions == [Condition(Action.START, (SERVER, OTHER), State.READY)]


def test_a_choice_that_is_open_when_its_resources_go(window, document, qtbot):
    panel = shown(window, "conditions", qtbot)
    told: list[str] = []
    window.editor.told.connect(told.append)
    panel.editing.edit((CLIENT, 0), Part.GROUP, PLACE)
    popup = panel.editing.popup
    popup.resources.toggle(popup.resources.shown.index(OTHER))
    resources.remove(document, [OTHER])
    popup.grab()
    popup.close()
    assert len(told) == 1
    assert document.description.resources[CLIENT].conditions[0].group == (SERVER,)


def test_what_is_ticked_or_typed_is_taken_before_the_window_asks_to_save(window, document, qtbot):
    panel = shown(window, "conditions", qtbot)
    panel.editing.edit((CLIENT, 0), Part.GROUP, PLACE)
    popup = panel.editing.popup
    popup.resources.toggle(popup.resources.shown.index(OTHER))
    window.editor.settling.emit()
    assert not popup.isVisible()
    panel.editing.edit((CLIENT, 0), Part.DELAY, PLACE)
    popup = panel.editing.popup
    popup.field.selectAll()
    qtbot.keyClicks(popup.field, "7s")
    window.editor.settling.emit()
    taken = Condition(Action.START, (SERVER, OTHER), State.STARTED, "7s")
    assert document.description.resources[CLIENT].conditions == [taken]


def test_escape_takes_nothing(window, document, qtbot):
    panel = shown(window, "conditions", qtbot)
    steps = len(document.history)
    panel.editing.edit((CLIENT, 0), Part.DELAY, PLACE)
    qtbot.keyClicks(panel.editing.popup.field, "7s")
    qtbot.keyClick(panel.editing.popup.field, Qt.Key.Key_Escape)
    assert len(document.history) == steps


@pytest.mark.parametrize("part", [Part.NAME, Part.VALUE, Part.RESOURCE])
def test_a_planned_change_of_nothing_can_still_be_edited(window, document, qtbot, part):
    with document.edit("as some file has it") as edit:
        edit.set_part("changes", [AttributeChange((), "count", 1, (SERVER,), State.STARTED, None)])
    panel = shown(window, "conditions", qtbot)
    panel.editing.edit((0, 0), part, PLACE)
    if panel.editing.popup is not None:
        panel.editing.popup.close()


def test_typed_text_does_not_go_to_another_resource_of_the_same_number(form):
    guid = resources.add_resource(form.document, "test::Gadget")
    form.select(guid)
    form.type("number", "99", end=None)
    form.document.history.undo()
    form.panel.refresh()
    assert form.panel.page is form.panel.experiment
    assert resources.add_resource(form.document, "test::Gadget") == guid
    form.select(guid)
    assert form.row("number").field.text() == ""
    assert not form.row("number").refusal


def test_what_was_refused_here_is_not_given_to_another_resource_that_would_take_it(form):
    guid = resources.add_resource(form.document, "test::Wide")
    form.select(1)
    form.type("number", "99", end=None)
    form.select(guid)
    assert form.values(guid) == {}
    assert form.values(1) == {}

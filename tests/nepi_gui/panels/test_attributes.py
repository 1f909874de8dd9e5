"""The form for what is selected: each kind of field by real keys, refusals, undo, several at once, traces, notes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.description import ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.trace import Trace
from nepi_gui.document import attributes, notes, resources
from nepi_gui.panels.form.choices import ChoiceField, SwitchField
from nepi_gui.panels.form.lines import CredentialField, LineField, NumberField
from nepi_gui.panels.form.page import PageField

CTRL = Qt.KeyboardModifier.ControlModifier


class Gadget(ResourceManager, rtype="test::Gadget"):
    """Has an attribute of every kind."""

    text = Attribute(help="Some words", default="usual")
    must = Attribute(help="Cannot do without", required=True)
    number = Attribute(help="How many", default=5, range=(0, 10), flags=Flags.Design)
    delay = Attribute(help="How long", type=Types.Double, range=(0, 60000), unit="ms")
    mode = Attribute(help="How", default="fast", allowed=("fast", "slow"))
    way = Attribute(help="Which way", allowed=("up", "down"))
    on = Attribute(help="Whether", default=False)
    maybe = Attribute(help="Whether, or not said", type=Types.Bool)
    password = Attribute(help="A secret", flags=Flags.Credential)
    shared = Attribute(help="The same for all", default=1, flags=Flags.Global)

    numbers = Trace(help="What it counts", enabled=True)


class Gizmo(Gadget, rtype="test::Gizmo"):
    """Has an attribute of its own."""

    own = Attribute(help="Its own")


@pytest.fixture
def gadget(application):
    for each in (Gadget, Gizmo):
        ResourceFactory.register_type(each)
    yield "test::Gadget"
    for each in (Gadget, Gizmo):
        ResourceFactory.unregister_type(each.get_rtype())


@pytest.fixture
def form(gadget, window, qtbot):
    """Show the form of a gadget (1); there are another one (2) and a gizmo (3)."""
    for rtype in ("test::Gadget", "test::Gadget", "test::Gizmo"):
        resources.add_resource(window.editor.document, rtype)
    window.editor.document.history.clear()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return Form(window, qtbot)


class Form:
    """The panel, as a user has it."""

    def __init__(self, window, qtbot):
        self.window, self.qtbot = window, qtbot
        self.panel = window.docks["attributes"].widget()
        self.document = window.editor.document
        window.show_panel("attributes")
        self.select(1)

    def select(self, *keys):
        self.window.editor.selection.set(keys)
        self.panel.refresh()

    def row(self, name):
        return self.panel.resources.form.row(name)

    def field(self, name):
        assert self.panel.focus_attribute(name)
        return self.row(name).field

    def type(self, name, text, end=Qt.Key.Key_Return):
        field = self.field(name)
        field.selectAll()
        self.qtbot.keyClicks(field, text)
        if end:
            self.qtbot.keyClick(field, end)
        return field

    def values(self, guid=1):
        return self.document.description.resources[guid].attributes

    @property
    def steps(self):
        return self.document.history.texts()


# -- each kind of field --------------------------------------------------------------------------------------


def test_the_right_field_for_each_type(form):
    kinds = {
        "text": LineField,
        "number": NumberField,
        "delay": NumberField,
        "mode": ChoiceField,
        "way": ChoiceField,
        "on": SwitchField,
        "maybe": ChoiceField,
        "password": CredentialField,
    }
    assert {name: type(form.row(name).field) for name in kinds} == kinds


def test_text(form):
    field = form.row("text").field
    assert (field.text(), field.placeholderText()) == ("", "usual")
    form.type("text", "other")
    assert form.values() == {"text": "other"} and form.row("text").label.font().bold()
    form.document.history.undo()
    form.panel.refresh()
    assert field.text() == "" and not form.row("text").label.font().bold()


def test_a_text_that_is_cleared_is_the_default_again(form):
    form.type("text", "other")
    form.qtbot.keyClick(form.field("text"), Qt.Key.Key_A, CTRL)
    form.qtbot.keyClick(form.field("text"), Qt.Key.Key_Delete)
    form.qtbot.keyClick(form.field("text"), Qt.Key.Key_Return)
    assert form.values() == {}
    assert 1 in form.document.description.resources  # Delete is the field's, not the canvas's


def test_leaving_the_field_takes_the_text(form):
    form.type("text", "other", end=None)
    assert form.values() == {}
    form.field("number")
    assert form.values() == {"text": "other"}


def test_escape_gives_it_up(form):
    field = form.type("text", "other", end=Qt.Key.Key_Escape)
    assert field.text() == "" and form.values() == {}
    form.field("number")
    assert form.steps == []


def test_selecting_something_else_takes_the_text_for_what_it_was_meant(form):
    form.type("text", "other", end=None)
    form.select(2)
    assert form.values(1) == {"text": "other"} and form.values(2) == {}
    assert form.row("text").field.text() == ""


def test_a_command_takes_the_text_first(form):
    form.type("text", "other", end=None)
    form.window.commands["edit.undo"].setEnabled(True)
    form.window.commands["edit.undo"].trigger()
    assert form.steps == ["Set text of gadget1 to other"] and form.values() == {}


def test_what_is_being_typed_outlasts_other_changes(form):
    field = form.type("text", "oth", end=None)
    attributes.set_values(form.document, [1], "number", 7)
    form.panel.refresh()
    assert field.text() == "oth" and form.row("number").field.text() == "7"


def test_several_lines(form):
    form.type("text", "one", end=None)
    form.qtbot.keyClick(form.row("text").field, Qt.Key.Key_Return, CTRL)
    page = form.row("text").field
    assert isinstance(page, PageField) and page.hasFocus()
    form.qtbot.keyClick(page, Qt.Key.Key_Return)
    form.qtbot.keyClicks(page, "two")
    form.qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    assert form.values() == {"text": "one\ntwo"}
    form.select(2)
    assert isinstance(form.row("text").field, LineField)
    form.select(1)
    assert form.row("text").field.toPlainText() == "one\ntwo"


def test_lines_are_pasted_as_lines(form):
    QApplication.clipboard().setText("a\nb")
    form.qtbot.keyClick(form.field("text"), Qt.Key.Key_V, CTRL)
    assert form.row("text").field.toPlainText() == "a\nb"
    form.field("number")
    assert form.values() == {"text": "a\nb"}


def test_escape_leaves_the_page(form):
    form.qtbot.keyClick(form.field("text"), Qt.Key.Key_Return, CTRL)
    form.qtbot.keyClicks(form.row("text").field, "x")
    form.qtbot.keyClick(form.row("text").field, Qt.Key.Key_Escape)
    assert isinstance(form.row("text").field, LineField) and form.values() == {}


def test_numbers_with_and_without_units(form):
    field = form.type("delay", "1.5 s")
    assert form.values() == {"delay": 1500.0} and field.text() == "1500"
    form.type("delay", "20ms")
    assert form.values() == {"delay": 20.0}


def test_arrow_keys_step_within_the_range(form):
    field = form.field("number")
    form.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.values() == {"number": 6} and field.text() == "6"
    form.qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert form.values() == {"number": 10}
    form.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.values() == {"number": 10}
    assert form.steps == ["Set number of gadget1 to 10"]
    form.document.history.undo()
    assert form.values() == {}


def test_steps_are_as_large_as_the_number_asks_for(form):
    for typed, stepped in (("20", 21.0), ("0.3", 0.31), ("500", 510.0)):
        field = form.type("delay", typed)
        form.qtbot.keyClick(field, Qt.Key.Key_Up)
        assert form.values() == {"delay": stepped}


def turn(field, up=True):
    place = QPointF(field.rect().center())
    angle = QPoint(0, 120 if up else -120)
    event = QWheelEvent(
        place,
        QPointF(field.mapToGlobal(place.toPoint())),
        QPoint(),
        angle,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)


def test_the_wheel_steps_only_what_has_the_keyboard(form):
    form.field("text")
    turn(form.row("number").field)
    turn(form.row("mode").field, up=False)
    assert form.values() == {}
    turn(form.field("number"))
    assert form.values() == {"number": 6}


def test_the_arrows_beside_a_number(form):
    field = form.field("number")
    form.qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 8, 4))
    assert form.values() == {"number": 6}
    form.qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=QPoint(field.width() - 8, field.height() - 4))
    assert form.values() == {}


def test_switch(form):
    field = form.field("on")
    form.qtbot.keyClick(field, Qt.Key.Key_Space)
    assert form.values() == {"on": True}
    form.qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert 1 in form.document.description.resources
    form.qtbot.keyClick(field, Qt.Key.Key_Space)
    assert form.values() == {}


def test_choice(form):
    field = form.field("mode")
    assert field.currentText() == "fast"
    form.qtbot.keyClick(field, Qt.Key.Key_Down)
    assert form.values() == {"mode": "slow"}
    form.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.values() == {}


def test_a_choice_that_need_not_be_made(form):
    field = form.field("way")
    assert field.currentText() == "not set"
    form.qtbot.keyClick(field, Qt.Key.Key_Down)
    assert form.values() == {"way": "up"}
    maybe = form.field("maybe")
    form.qtbot.keyClick(maybe, Qt.Key.Key_End)
    assert form.values() == {"way": "up", "maybe": False}
    form.qtbot.keyClick(maybe, Qt.Key.Key_Home)
    assert form.values() == {"way": "up"}


def test_credentials(form, monkeypatch, tmp_path):
    form.type("password", "hunter2")
    assert form.values() == {} and "env:NAME" in form.row("password").refusal
    assert "hunter2" not in form.row("password").refusal
    monkeypatch.setenv("GADGET_PASSWORD", "hunter2")
    form.type("password", "env:GADGET_PASSWORD")
    assert form.values() == {"password": "env:GADGET_PASSWORD"}
    assert form.row("password").said == "Environment variable GADGET_PASSWORD is set here."
    form.type("password", f"file:{tmp_path}/none")
    assert form.row("password").said.startswith("There is no file")


def test_a_secret_in_the_file_is_not_shown(form):
    with form.document.edit("As a script has it") as edit:
        edit.resource(1).attributes["password"] = "hunter2"
    form.panel.refresh()
    row = form.row("password")
    assert row.field.text() == "" and "hunter2" not in row.field.placeholderText() + row.said


# -- refusals and defaults -----------------------------------------------------------------------------------


def test_what_is_refused_stays_to_be_corrected(form):
    field = form.type("number", "11")
    row = form.row("number")
    assert field.text() == "11" and form.values() == {} and form.steps == []
    assert "cannot be '11'; it takes a whole number from 0 to 10" in row.said
    form.field("text")
    assert row.refusal and field.text() == "11"
    form.qtbot.keyClick(form.field("number"), Qt.Key.Key_Escape)
    assert not row.said and field.text() == ""
    form.type("number", "11")
    form.type("number", "9")
    assert not row.said and form.values() == {"number": 9}


def test_refused_text_is_forgotten_with_the_selection(form):
    form.type("number", "11")
    form.select(2)
    assert form.row("number").field.text() == "" and not form.row("number").said
    assert form.values(1) == form.values(2) == {}


def test_a_wrong_value_of_the_file_is_shown_with_its_reason(form):
    with form.document.edit("As the file has it") as edit:
        edit.resource(1).attributes["number"] = "lots"
    form.panel.refresh()
    assert form.row("number").field.text() == "lots"
    assert "cannot be 'lots'" in form.row("number").said


def test_required(form):
    assert form.row("must").label.text() == "must *"
    assert form.row("must").field.placeholderText() == "required"
    form.type("must", "x")
    form.type("must", " ", end=None)
    form.field("must").clear()
    form.row("must").field.setModified(True)
    form.qtbot.keyClick(form.row("must").field, Qt.Key.Key_Return)
    assert "needs a value" in form.row("must").said
    assert form.values() == {"must": "x"} and not form.row("must").is_resettable


def test_one_click_returns_to_the_default(form):
    form.type("text", "other")
    button = form.row("text")._button
    assert button.isVisible()
    form.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert form.values() == {} and not button.isVisible()


@pytest.mark.parametrize(("name", "value"), [("text", "other"), ("on", True), ("mode", "slow")])
def test_the_key_returns_to_the_default(form, name, value):
    attributes.set_values(form.document, [1], name, value)
    form.panel.refresh()
    form.qtbot.keyClick(form.field(name), Qt.Key.Key_Backspace, CTRL)
    assert form.values() == {}


def test_the_key_deletes_a_word_while_one_types(form):
    form.type("text", "two words", end=None)
    form.qtbot.keyClick(form.row("text").field, Qt.Key.Key_Backspace, CTRL)
    assert form.row("text").field.text() == "two "


def test_an_empty_text_can_be_set_by_the_menu(form):
    form.field("text")
    form.row("text")._empty()
    assert form.values() == {"text": ""}
    assert form.row("text").field.placeholderText() == "(empty text)"
    form.row("text").reset()
    assert form.values() == {}


def test_deployed_resources_are_locked(form):
    form.document.deployed = frozenset({1})
    form.panel.refresh()
    assert form.row("number").field.isReadOnly()
    form.type("number", "3")
    assert form.values() == {}
    form.type("text", "x")
    assert form.values() == {"text": "x"}


def test_a_value_for_all_of_a_type(form):
    form.type("shared", "7")
    assert form.document.description.global_values == {("test::Gadget", "shared"): 7}
    form.select(2)
    assert form.row("shared").field.text() == "7"


# -- several at once -------------------------------------------------------------------------------------------


def test_several_resources_are_edited_in_one_step(form):
    attributes.set_values(form.document, [1], "text", "x")
    form.document.history.clear()
    form.select(1, 2)
    assert form.panel.resources.head.title.text() == "2 × test::Gadget"  # noqa: RUF001 - a sign
    assert form.row("text").field.placeholderText() == "(different)"
    form.type("text", "y")
    assert form.values(1) == form.values(2) == {"text": "y"}
    assert form.steps == ["Set text of 2 resources to y"]
    form.document.history.undo()
    assert (form.values(1), form.values(2)) == ({"text": "x"}, {})


def test_a_mixed_switch_is_switched_on_for_all(form):
    attributes.set_values(form.document, [1], "on", True)
    form.select(1, 2)
    assert form.row("on").field.checkState() is Qt.CheckState.PartiallyChecked
    form.qtbot.keyClick(form.field("on"), Qt.Key.Key_Space)
    assert form.values(1) == form.values(2) == {"on": True}


def test_different_types_show_what_they_have_in_common(form):
    form.select(1, 3)
    assert form.panel.resources.head.title.text() == "2 resources of 2 types"
    assert form.row("own") is None and form.row("text") is not None
    form.type("text", "y")
    assert form.values(1) == form.values(3) == {"text": "y"}


def test_what_comes_from_a_general_type_is_folded_away(form):
    form.select(3)
    shown = form.panel.resources.form
    assert list(shown.rows) == ["must", "own"]  # what is required is never hidden
    attributes.set_values(form.document, [3], "text", "x")
    form.panel.refresh()
    assert shown.more.head.text() == "More (1 changed)"
    form.qtbot.mouseClick(shown.more.head, Qt.MouseButton.LeftButton)
    assert shown.rows["text"].isVisible() and shown.rows["text"].field.text() == "x"
    form.select(1)
    form.select(3)
    assert shown is form.panel.resources.form  # it is kept, and still open
    assert shown.more.is_open


def test_search(form):
    form.window.show_panel("attributes")
    resources.add_resource(form.document, "linux::Ping")
    form.select(4)
    assert form.panel.focus_search()
    shown = form.panel.resources.form
    form.qtbot.keyClicks(shown.search, "grace")
    assert [name for name, row in shown.rows.items() if row.isVisible()] == ["grace"]
    form.qtbot.keyClick(shown.search, Qt.Key.Key_Down)
    assert shown.rows["grace"].field.hasFocus()
    form.qtbot.keyClick(shown.search, Qt.Key.Key_Escape)
    assert shown.rows["target"].isVisible() and not shown.rows["grace"].isVisible()
    form.qtbot.keyClicks(shown.search, "zzz")
    assert not any(row.isVisible() for row in shown.rows.values())


# -- the rest of the form ------------------------------------------------------------------------------------


def test_name_colour_and_note(form):
    head = form.panel.resources.head
    head.name.setFocus()
    head.name.selectAll()
    form.qtbot.keyClicks(head.name, "client")
    form.qtbot.keyClick(head.name, Qt.Key.Key_Return)
    form.qtbot.mouseClick(head.note_button, Qt.MouseButton.LeftButton)
    form.qtbot.keyClicks(head.note, "remember")
    form.field("text")
    next(each for each in head.colour.menu().actions() if each.text() == "&Red").trigger()
    layout = form.document.description.resources[1].layout
    assert (layout.label, layout.note, layout.colour) == ("client", "remember", "#d64545")
    assert form.steps == ["Rename to client", "Note", "Colour"]


def test_traces(form):
    box = form.panel.resources.traces.boxes["numbers"]
    assert box.isChecked()
    form.qtbot.keyClick(box, Qt.Key.Key_Space)
    assert form.document.description.resources[1].traces == {"numbers": False}
    form.select(1, 2)
    assert box.checkState() is Qt.CheckState.PartiallyChecked
    form.qtbot.keyClick(box, Qt.Key.Key_Space)
    assert form.document.description.resources[1].traces == {}
    form.document.history.undo()
    form.document.history.undo()
    form.select(1)
    assert box.isChecked()


def test_connections_are_shown_and_removed(form):
    with form.document.edit("Connect") as edit:
        edit.connect(1, 2)
    form.panel.refresh()
    links = form.panel.resources.links
    assert [entry.key for entry in links.entries] == [2]
    form.qtbot.mouseClick(links.lines[0].button, Qt.MouseButton.LeftButton)
    assert form.window.editor.selection.guids == [2]
    form.select(1)
    form.qtbot.mouseClick(links.lines[0].remove, Qt.MouseButton.LeftButton)
    assert form.document.description.resources[2].connections == set()


def test_findings_lead_to_their_attribute(form, qtbot):
    qtbot.waitUntil(lambda: bool(form.window.editor.findings.about(1)))
    form.panel.refresh()
    lines = form.panel.resources.findings.lines
    line = next(each for each in lines if each.entry.key.attribute == "must")
    qtbot.mouseClick(line.button, Qt.MouseButton.LeftButton)
    assert form.row("must").field.hasFocus()


def test_unknown_attributes_and_types_are_kept(form):
    with form.document.edit("As the file has it") as edit:
        edit.resource(1).attributes["old"] = "x"
        edit.add(ResourceDescription(9, "no::Such", {"a": 1}))
    form.panel.refresh()
    kept = form.panel.resources.kept
    assert [entry.text for entry in kept.entries] == ["old = x"]
    form.qtbot.mouseClick(kept.lines[0].remove, Qt.MouseButton.LeftButton)
    assert "old" not in form.values()
    form.select(9)
    assert [entry.text for entry in kept.entries] == ["a = 1"]
    assert form.panel.resources.form.attributes == []


def test_notes_and_areas(form):
    key = notes.add_note(form.document, "area", notes.Box.around(0, 0, (300, 200)), "Site")
    form.select(key)
    page = form.panel.notes
    assert page.isVisible() and page.title.text() == "Area" and page.text.toPlainText() == "Site"
    page.text.setFocus()
    form.qtbot.keyClicks(page.text, "My ")
    field = page.rows["width"].field
    field.setFocus()
    field.selectAll()
    form.qtbot.keyClicks(field, "400")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    note = form.document.description.canvas.notes[0]
    assert (note.text, note.width, note.height) == ("My Site", 400, 200)
    field.selectAll()
    form.qtbot.keyClicks(field, "1")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert note.width == 400 and "from 40 to" in page.rows["width"].said


def test_the_experiment(form):
    form.select()
    page = form.panel.experiment
    assert page.isVisible() and [entry.key for entry in page.counts.entries] == ["test::Gadget", "test::Gizmo"]
    field = page.rows["exp_id"].field
    field.setFocus()
    form.qtbot.keyClicks(field, "a/b")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.document.description.exp_id == "" and "names a folder" in page.rows["exp_id"].said
    field.selectAll()
    form.qtbot.keyClicks(field, "mine")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.document.description.exp_id == "mine"
    form.qtbot.mouseClick(page.counts.lines[0].button, Qt.MouseButton.LeftButton)
    assert form.window.editor.selection.guids == [1, 2]


def test_hidden_it_does_nothing_and_shows_all_when_it_comes_back(form):
    form.window.docks["attributes"].hide()
    form.window.editor.selection.set([2])
    QApplication.processEvents()
    assert form.panel.resources.guids == [1]
    form.window.show_panel("attributes")
    form.qtbot.waitUntil(lambda: form.panel.resources.guids == [2])


def test_removed_while_one_types(form):
    form.type("text", "other", end=None)
    resources.remove(form.document, [1])
    form.panel.refresh()
    assert form.panel.experiment.isVisible()
    assert form.steps == ["Delete gadget1"]


def test_help_of_the_field_that_has_the_keyboard(form):
    form.field("number")
    assert form.panel._help.text().startswith("How many. Takes a whole number from 0 to 10. Default: 5")
    form.window.view.setFocus()
    assert form.panel._help.text() == "Has an attribute of every kind."

"""Fields of the form by real keys: each kind, what is refused, defaults."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPalette, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from nepi_gui.document import attributes, resources
from nepi_gui.panels.form.choices import ChoiceField, SwitchField
from nepi_gui.panels.form.lines import CredentialField, LineField, NumberField
from nepi_gui.panels.form.page import PageField

CTRL = Qt.KeyboardModifier.ControlModifier


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
    assert form.values() == {"text": "other"}
    assert form.row("text").label.font().bold()
    form.document.history.undo()
    form.panel.refresh()
    assert field.text() == ""
    assert not form.row("text").label.font().bold()


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
    assert field.text() == ""
    assert form.values() == {}
    form.field("number")
    assert form.steps == []


def test_selecting_something_else_takes_the_text_for_what_it_was_meant(form):
    form.type("text", "other", end=None)
    form.select(2)
    assert form.values(1) == {"text": "other"}
    assert form.values(2) == {}
    assert form.row("text").field.text() == ""


def test_a_command_takes_the_text_first(form):
    form.type("text", "other", end=None)
    form.window.commands["edit.undo"].setEnabled(True)
    form.window.commands["edit.undo"].trigger()
    assert form.steps == ["Set text of gadget1 to other"]
    assert form.values() == {}


def test_what_is_being_typed_outlasts_other_changes(form):
    field = form.type("text", "oth", end=None)
    attributes.set_values(form.document, [1], "number", 7)
    form.panel.refresh()
    assert field.text() == "oth"
    assert form.row("number").field.text() == "7"


def test_several_lines(form):
    form.type("text", "one", end=None)
    form.qtbot.keyClick(form.row("text").field, Qt.Key.Key_Return, CTRL)
    page = form.row("text").field
    assert isinstance(page, PageField)
    assert page.hasFocus()
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
    assert isinstance(form.row("text").field, LineField)
    assert form.values() == {}


def test_numbers_with_and_without_units(form):
    field = form.type("delay", "1.5 s")
    assert form.values() == {"delay": 1500.0}
    assert field.text() == "1500"
    form.type("delay", "20ms")
    assert form.values() == {"delay": 20.0}


def test_arrow_keys_step_within_the_range(form):
    field = form.field("number")
    form.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.values() == {"number": 6}
    assert field.text() == "6"
    form.qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert form.values() == {"number": 10}
    form.qtbot.keyClick(field, Qt.Key.Key_Up)
    assert form.values() == {"number": 10}
    assert form.steps == ["Set number of gadget1 to 10"]
    form.document.history.undo()
    assert form.values() == {}


def test_whole_numbers_of_any_size_stay_exact(form):
    form.select(resources.add_resource(form.document, "test::Wide"))
    for typed in (1234567890123456789, 10**400):
        field = form.type("number", str(typed))
        form.qtbot.keyClick(field, Qt.Key.Key_Up)
        assert form.values(4) == {"number": typed + 1}


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
    assert form.values() == {}
    assert "env:NAME" in form.row("password").refusal
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
    assert row.field.text() == ""
    assert "hunter2" not in row.field.placeholderText() + row.said


# -- refusals and defaults -----------------------------------------------------------------------------------


def test_what_is_refused_stays_to_be_corrected(form):
    field = form.type("number", "11")
    row = form.row("number")
    assert field.text() == "11"
    assert form.values() == {}
    assert form.steps == []
    assert "cannot be '11'; it takes a whole number from 0 to 10" in row.said
    form.field("text")
    assert row.refusal
    assert field.text() == "11"
    form.qtbot.keyClick(form.field("number"), Qt.Key.Key_Escape)
    assert not row.said
    assert field.text() == ""
    form.type("number", "11")
    form.type("number", "9")
    assert not row.said
    assert form.values() == {"number": 9}


def test_refused_text_is_forgotten_with_the_selection(form):
    form.type("number", "11")
    form.select(2)
    assert form.row("number").field.text() == ""
    assert not form.row("number").said
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
    assert form.values() == {"must": "x"}
    assert not form.row("must").is_resettable


def test_one_click_returns_to_the_default(form):
    form.type("text", "other")
    button = form.row("text")._button
    assert button.isVisible()
    form.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert form.values() == {}
    assert not button.isVisible()


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
    row = form.row("number")
    assert row.field.isReadOnly()
    assert row.field.palette().color(QPalette.ColorRole.Base) == row.palette().color(QPalette.ColorRole.Window)
    assert [each.toolTip() for each in row.findChildren(QLabel) if not each.isHidden() and not each.pixmap().isNull()]
    form.type("number", "3")
    assert form.values() == {}
    form.type("text", "x")
    assert form.values() == {"text": "x"}
    form.document.deployed = frozenset()
    form.panel.refresh()
    assert row.field.palette().color(QPalette.ColorRole.Base) == row.palette().color(QPalette.ColorRole.Base)
    assert not [each for each in row.findChildren(QLabel) if not each.isHidden() and not each.pixmap().isNull()]


def test_a_value_for_all_of_a_type(form):
    form.type("shared", "7")
    assert form.document.description.global_values == {("test::Gadget", "shared"): 7}
    form.select(2)
    assert form.row("shared").field.text() == "7"

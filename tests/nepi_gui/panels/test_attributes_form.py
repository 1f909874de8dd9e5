"""The form for what is selected: several at once, head, traces, connections, notes, the experiment."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from nepi_core.description import ResourceDescription
from nepi_gui.document import attributes, notes, resources
from nepi_gui.window.files import FilesFeature

CTRL = Qt.KeyboardModifier.ControlModifier


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
    assert form.row("own") is None
    assert form.row("text") is not None
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
    assert shown.rows["text"].isVisible()
    assert shown.rows["text"].field.text() == "x"
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
    assert shown.rows["target"].isVisible()
    assert not shown.rows["grace"].isVisible()
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
    assert page.isVisible()
    assert page.title.text() == "Area"
    assert page.text.toPlainText() == "Site"
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
    assert note.width == 400
    assert "from 40 to" in page.rows["width"].said


def test_the_experiment(form):
    form.select()
    page = form.panel.experiment
    assert page.isVisible()
    assert [entry.key for entry in page.counts.entries] == ["test::Gadget", "test::Gizmo"]
    field = page.rows["exp_id"].field
    field.setFocus()
    form.qtbot.keyClicks(field, "a/b")
    form.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert form.document.description.exp_id == ""
    assert "names a folder" in page.rows["exp_id"].said
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


def test_coming_by_the_keyboard(form):
    form.window.view.setFocus()
    form.window.show_panel("attributes")
    assert form.row("text").field.hasFocus()


def test_text_is_taken_when_the_window_closes(form, monkeypatch):
    form.type("text", "other", end=None)
    form.document.history.set_clean()
    with monkeypatch.context() as patched:
        patched.setattr(FilesFeature, "may_close", lambda self: False)
        form.window.close()
    assert form.values() == {"text": "other"}

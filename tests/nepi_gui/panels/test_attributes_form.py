"""The form for what is selected: several at once, head, traces, connections, notes, the experiment."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
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


def place_of(form, name):
    return form.row(name).mapTo(form.panel, QPoint(0, 0))


def test_rows_stay_where_they_are_when_findings_come_and_go(form, qtbot):
    findings = form.window.editor.findings
    resources.remove(form.document, [1, 2, 3])
    guid = resources.add_resource(form.document, "linux::Ping")
    form.select(guid)
    row = form.row("target")
    qtbot.waitUntil(lambda: row.height() == row.sizeHint().height())  # by then everything has its place
    before = place_of(form, "target")
    qtbot.waitUntil(lambda: form.panel.resources.findings.isVisible())
    assert place_of(form, "target") == before
    form.type("target", "here")
    qtbot.waitUntil(lambda: len(findings.about(guid)) == 1)  # it stands on no host
    assert place_of(form, "target") == before
    form.select()
    assert not form.panel.resources.findings.isVisible()


def test_many_findings_leave_room_for_the_form(form, qtbot):
    with form.document.edit("Many") as edit:
        for name in range(40):
            edit.resource(1).attributes[f"no{name}"] = 1
    form.select(1)
    qtbot.waitUntil(lambda: len(form.window.editor.findings.about(1)) > 40)
    qtbot.waitUntil(lambda: form.panel.resources.findings.isVisible())
    assert form.panel.area.height() > form.panel.height() / 2


# -- hosts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ping(form):
    """Return the field for the target of a ping, beside two hosts."""
    for label in ("router", "server"):
        resources.rename(form.document, resources.add_resource(form.document, "netns::Node"), label)
    form.select(resources.add_resource(form.document, "linux::Ping"))
    return form.field("target")


def popup_of(field):
    return field.completer().popup()


def test_a_target_is_chosen_from_the_hosts_by_keys(form, ping):
    guid = form.window.editor.selection.guids[0]
    form.qtbot.keyClick(ping, Qt.Key.Key_Down)
    assert popup_of(ping).isVisible()
    model = popup_of(ping).model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["router", "server"]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        form.qtbot.keyClick(popup_of(ping), key)
    assert form.values(guid) == {"target": "server"}
    assert form.steps[-1] == "Set target of Ping 6 to server"
    assert not popup_of(ping).isVisible()


def test_a_target_is_completed_while_it_is_typed(form, ping):
    guid, steps = form.window.editor.selection.guids[0], len(form.steps)
    form.qtbot.keyClicks(ping, "ERV")
    assert popup_of(ping).isVisible()
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Down)
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Return)
    assert form.values(guid) == {"target": "server"}
    assert len(form.steps) == steps + 1


def test_the_last_of_several_names_is_completed(form, ping):
    guid = form.window.editor.selection.guids[0]
    form.qtbot.keyClicks(ping, "router, se")
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Down)
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Return)
    assert form.values(guid) == {"target": "router, server"}


def test_what_the_list_shows_is_news_that_can_be_given_up(form, ping):
    guid = form.window.editor.selection.guids[0]
    form.qtbot.keyClick(ping, Qt.Key.Key_Down)
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Down)
    assert ping.text() == "router"
    assert ping.is_pending
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Escape)
    assert ping.text() == ""
    assert not popup_of(ping).isVisible()
    assert "target" not in form.values(guid)


def test_a_target_may_be_any_text(form, ping):
    guid = form.window.editor.selection.guids[0]
    form.qtbot.keyClicks(ping, "10.0.0.1")
    form.qtbot.keyClick(ping, Qt.Key.Key_Return)
    assert form.values(guid) == {"target": "10.0.0.1"}


def test_the_arrow_opens_the_list(form, ping):
    form.qtbot.mouseClick(ping, Qt.MouseButton.LeftButton, pos=QPoint(ping.width() - 5, ping.height() // 2))
    assert popup_of(ping).isVisible()
    form.qtbot.keyClick(popup_of(ping), Qt.Key.Key_Escape)
    assert not popup_of(ping).isVisible()
    assert ping.hasFocus()


# -- back to the canvas ----------------------------------------------------------------------------------------


def test_escape_gives_up_what_was_typed_and_then_the_keyboard(form):
    field = form.type("text", "other", end=None)
    form.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.hasFocus()
    form.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert form.window.view.hasFocus()
    assert form.window.editor.selection.guids == [1]
    assert not form.values()


def test_escape_in_any_field_leads_to_the_canvas(form):
    for name in ("number", "mode", "on", "password"):
        form.qtbot.keyClick(form.field(name), Qt.Key.Key_Escape)
        assert form.window.view.hasFocus(), name


def test_escape_leaves_a_page_for_its_line_or_for_the_canvas(form):
    form.field("text")
    form.row("text").write_page("one")
    form.qtbot.keyClick(form.row("text").field, Qt.Key.Key_Escape)  # gives up what was written, and the page
    assert form.row("text").field.hasFocus()
    attributes.set_values(form.document, [1], "text", "one\ntwo")
    form.panel.refresh()
    form.qtbot.keyClick(form.field("text"), Qt.Key.Key_Escape)
    assert form.window.view.hasFocus()


def test_escape_in_a_list_leads_to_the_canvas(form):
    form.window.show_panel("history")
    form.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert form.window.view.hasFocus()


def test_what_is_chosen_in_a_list_leaves_the_keyboard_on_the_canvas(form):
    form.select()
    counts = form.panel.experiment.counts
    line = next(each for each in counts.lines if each.entry.key == "test::Gizmo")
    form.qtbot.mouseClick(line.button, Qt.MouseButton.LeftButton)
    assert form.window.editor.selection.guids == [3]
    form.qtbot.waitUntil(lambda: form.panel.page is form.panel.resources)
    assert form.window.view.hasFocus()


def test_a_resource_that_goes_leaves_the_keyboard_on_the_canvas(form):
    form.field("text")
    resources.remove(form.document, [1])
    form.qtbot.waitUntil(form.window.view.hasFocus)

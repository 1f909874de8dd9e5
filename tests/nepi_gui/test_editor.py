"""What the parts of a window share."""

from __future__ import annotations

from nepi_gui.document import notes, resources


def test_what_is_revealed_is_selected_and_seen(window, qtbot):
    editor = window.editor
    guid = resources.add_resource(editor.document, "netns::Node", (0, 0))
    note = notes.add_note(editor.document, "note", notes.Box.around(0, 0, notes.NOTE_SIZE))
    for key in (guid, note):
        with qtbot.waitSignal(editor.revealed) as told:
            editor.reveal(key)
        assert told.args == [key]
        assert editor.selection.keys == {key}


def test_what_has_gone_is_not_revealed(window, qtbot):
    editor = window.editor
    guid = resources.add_resource(editor.document, "netns::Node", (0, 0))
    editor.document.history.undo()
    with qtbot.assertNotEmitted(editor.revealed):
        for key in (guid, -1, 0):
            editor.reveal(key)
    assert not editor.selection

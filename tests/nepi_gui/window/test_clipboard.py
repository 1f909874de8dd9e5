"""The clipboard: between windows and programs, with good content and bad."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from nepi_core.xml_format import read_xml_text
from nepi_gui.document import notes, resources
from nepi_gui.document.notes import Box
from nepi_gui.window.clipboard import MIME_TYPE, ClipboardFeature

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def feature(window, monkeypatch):
    """The clipboard's part of a window that the mouse is not over."""
    made = window.features[ClipboardFeature]
    monkeypatch.setattr(made, "_mouse_place", lambda: None)
    yield made
    QGuiApplication.clipboard().clear()


@pytest.fixture
def pair(window):
    """Two nodes with a link, a ping at the first one, and a note; their keys."""
    document = window.editor.document
    first = resources.add_resource(document, "netns::Node", (0, 0))
    second = resources.add_resource(document, "netns::Node", (200, 0))
    link = resources.add_link(document, "netns::Link", first, second)
    ping = resources.add_resource(document, "linux::Ping", connected_to=[first])
    note = notes.add_note(document, "note", Box(0, 100, 200, 180), "hello")
    window.view.fit()
    return first, second, link, ping, note


def labels(window):
    resources = window.editor.document.description.resources.values()
    return sorted(each.label for each in resources if each.rtype == "netns::Node")


def press(window, key):
    QTest.keyClick(window.view, key, CONTROL)


def put_text(text):
    QGuiApplication.clipboard().setText(text)


def told(window, qtbot, action):
    with qtbot.waitSignal(window.editor.told) as heard:
        action()
    return heard.args[0]


def test_copy_and_paste_by_keys(window, feature, pair):
    document = window.editor.document
    window.editor.selection.set([pair[0], pair[1], pair[4]])
    press(window, Qt.Key.Key_C)
    before = document.freeze()
    press(window, Qt.Key.Key_V)
    assert len(document.description.resources) == 8
    assert labels(window) == ["node1", "node2", "node3", "node4"]
    assert len(document.description.canvas.notes) == 2
    assert len(window.editor.selection.keys) == 5
    assert document.description.resources[5].layout.x == 40
    press(window, Qt.Key.Key_Z)
    assert document.description == before


def test_each_paste_goes_a_bit_farther(window, feature, pair):
    window.editor.selection.set(pair[:1])
    feature.copy()
    feature.paste()
    feature.paste()
    pasted = [each.layout.x for each in window.editor.document.description.resources.values() if each.layout]
    assert [x for x in pasted if x is not None] == [0, 200, 40, 80]


def test_paste_under_the_mouse(window, feature, pair, monkeypatch):
    window.editor.selection.set(pair[:1])
    feature.copy()
    monkeypatch.setattr(feature, "_mouse_place", lambda: QPointF(301, 99))
    feature.paste()
    assert window.scene.centre(5) == QPointF(300, 100)
    feature.paste()
    assert window.scene.centre(7) == QPointF(340, 140)


def shows_all_selected(window):
    shown = window.view.shown()
    standing = [key for key in window.editor.selection.keys if (key, 0) not in window.scene.lines]
    return all(shown.contains(window.scene.rect(key)) for key in standing)


def test_what_is_pasted_is_seen_as_a_whole(window, feature, pair, monkeypatch):
    window.editor.selection.set(pair)
    feature.copy()
    for corner in (window.view.shown().topLeft(), window.view.shown().bottomRight()):
        monkeypatch.setattr(feature, "_mouse_place", lambda corner=corner: corner)
        feature.paste()
        assert shows_all_selected(window)
        assert window.view.zoom == 1
    window.view.zoom_to(4.0)
    feature.paste()  # more than the view shows in this size
    assert shows_all_selected(window)


def test_what_is_duplicated_is_seen_as_a_whole(window, pair):
    window.view.look_at(QPointF(-window.view.width() / 2 + 260, 0))
    window.editor.selection.set(pair)
    window.commands["edit.duplicate"].trigger()
    assert shows_all_selected(window)


def test_what_is_seen_already_moves_nothing(window, feature, pair):
    window.editor.selection.set(pair[:1])
    feature.copy()
    before = window.view.shown()
    feature.paste()
    assert window.view.shown() == before


def test_cut_takes_away_what_it_copies_in_one_step(window, feature, pair):
    document = window.editor.document
    before = document.freeze()
    window.editor.selection.set([pair[0], pair[4]])
    press(window, Qt.Key.Key_X)
    assert set(document.description.resources) == {pair[1]}
    assert not document.description.canvas.notes
    document.history.undo()
    assert document.description == before


def test_between_windows(application, window, feature, pair):
    window.editor.selection.set(pair)
    feature.copy()
    other = application.open_window()
    other.features[ClipboardFeature].paste()
    description = other.editor.document.description
    assert labels(other) == ["node1", "node2"]
    assert len(description.resources) == 4
    assert description.canvas.notes[0].text == "hello"


def test_the_clipboard_holds_the_format_as_text(window, feature, pair):
    window.editor.selection.set(pair[:2])
    feature.copy()
    content = QGuiApplication.clipboard().mimeData()
    assert content.hasFormat(MIME_TYPE)
    assert set(read_xml_text(content.text()).resources) == set(pair[:4])


def test_duplicate_by_key(window, feature, pair):
    window.editor.selection.set([pair[0]])
    press(window, Qt.Key.Key_D)
    assert labels(window) == ["node1", "node2", "node3"]
    assert len(window.editor.document.description.resources) == 6
    assert window.editor.document.history.texts()[-1] == "Duplicate 2 items"


def test_a_copied_application_hangs_at_the_selected_node(window, feature, pair):
    window.editor.selection.set([pair[3]])
    feature.copy()
    window.editor.selection.set([pair[1]])
    feature.paste()
    assert window.editor.document.description.resources[5].connections == {pair[1]}
    window.editor.document.history.undo()
    assert set(window.editor.document.description.resources) == set(pair[:4])


def test_a_file_of_somebody_else(window, feature):
    put_text(
        '<experiment exp_id="x"><rms><rm guid="7" rtype="no::Such" state="0"><later/></rm>'
        '<rm guid="9" rtype="netns::Node" state="0"><connections><connection guid="7"/></connections></rm>'
        "</rms></experiment>"
    )
    feature.paste()
    description = window.editor.document.description
    assert [each.rtype for each in description.resources.values()] == ["no::Such", "netns::Node"]
    assert description.resources[1].connections == {2}
    assert description.resources[1].foreign
    assert description.resources[1].layout.x != description.resources[2].layout.x or (
        description.resources[1].layout.y != description.resources[2].layout.y
    )


# -- what cannot be pasted -----------------------------------------------------------------------------------


def test_a_broken_experiment_is_told_with_its_line(window, feature, qtbot):
    put_text('<experiment exp_id="x">\n<rms>\n<rm guid="zero" rtype="a"/>\n</rms></experiment>')
    feature.paste()
    [box] = window.findChildren(QMessageBox)
    assert "3" in box.text()
    assert "guid" in box.text()
    assert not window.editor.document.history.can_undo()
    box.close()


def test_other_text_is_refused(window, feature, qtbot):
    put_text("Dear Sir or Madam,\nhow are you?")
    assert "<experiment>" in told(window, qtbot, feature.paste)
    assert not window.editor.document.history.can_undo()


def test_nothing_is_nothing(window, feature, qtbot):
    content = QMimeData()
    content.setImageData(None)
    QGuiApplication.clipboard().setMimeData(content)
    assert told(window, qtbot, feature.paste)
    put_text('<experiment exp_id="x"><rms/></experiment>')
    assert "neither" in told(window, qtbot, feature.paste)


def test_another_part_of_the_window_may_take_other_text(window, feature):
    taken = []

    def reader(text: str) -> bool:
        taken.append(text)
        return True

    feature.add_reader(reader)
    put_text("Dear Sir or Madam,\nhow are you?")
    feature.paste()
    assert taken == ["Dear Sir or Madam,\nhow are you?"]


def test_what_cannot_be_written_is_told(window, feature, pair, qtbot):
    with window.editor.document.edit("odd") as edit:
        edit.resource(pair[0]).attributes["x"] = "a\x00b"
    window.editor.selection.set(pair[:1])
    assert "resource 1" in told(window, qtbot, feature.copy)
    before = window.editor.document.freeze()
    feature.cut()
    assert window.editor.document.description == before

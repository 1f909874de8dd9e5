"""Renaming on the canvas, and colours."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog

from nepi_gui.canvas.inline_text import label_rect
from nepi_gui.document import notes, resources
from nepi_gui.document.colours import COLOURS, colour_names
from nepi_gui.document.notes import Box
from nepi_gui.window.naming import NamingFeature
from tests.nepi_gui.canvas.mouse import double_click


@pytest.fixture
def pair(window):
    """Two nodes with a link, and a ping at the first one; their guids."""
    document = window.editor.document
    first = resources.add_resource(document, "netns::Node", (0, 0))
    second = resources.add_resource(document, "netns::Node", (300, 0))
    link = resources.add_link(document, "netns::Link", first, second)
    ping = resources.add_resource(document, "linux::Ping", connected_to=[first])
    window.view.fit()
    return first, second, link, ping


def field(window):
    return window.features[NamingFeature].inline.field


def label(window, guid):
    return window.editor.document.description.resources[guid].label


def write(window, text, key=Qt.Key.Key_Return):
    QTest.keyClicks(field(window), text)
    QTest.keyClick(field(window), key)


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_Return])
def test_by_key(window, pair, key):
    window.editor.selection.set(pair[:1])
    QTest.keyClick(window.view, key)
    write(window, "router")
    assert label(window, pair[0]) == "router"
    assert window.scene.nodes[pair[0]].label == "router"
    assert field(window) is None
    assert window.view.hasFocus()
    window.editor.document.history.undo()
    assert label(window, pair[0]) == "node1"


def test_escape_keeps_the_name(window, pair):
    window.editor.selection.set(pair[:1])
    window.commands["edit.rename"].trigger()
    write(window, "router", Qt.Key.Key_Escape)
    assert label(window, pair[0]) == "node1"
    assert window.editor.selection.guids == [pair[0]]


def test_the_same_name_is_no_step(window, pair):
    steps = len(window.editor.document.history)
    window.editor.selection.set(pair[:1])
    window.commands["edit.rename"].trigger()
    write(window, "node1")
    assert len(window.editor.document.history) == steps


def test_an_empty_name_takes_it_away(window, pair):
    window.editor.selection.set(pair[:1])
    window.commands["edit.rename"].trigger()
    QTest.keyClick(field(window), Qt.Key.Key_Delete)
    QTest.keyClick(field(window), Qt.Key.Key_Return)
    assert label(window, pair[0]) == ""
    assert window.scene.nodes[pair[0]].label == "Node 1"


@pytest.mark.parametrize("which", [0, 2, 3])
def test_a_double_click_on_a_name(window, pair, which):
    resources.rename(window.editor.document, pair[2], "uplink")
    resources.rename(window.editor.document, pair[3], "ping")
    middle = label_rect(window.scene, pair[which]).center()
    double_click(window, (middle.x(), middle.y()))
    write(window, "other")
    assert label(window, pair[which]) == "other"


def test_a_double_click_on_a_body_shows_the_attributes(window, pair):
    window.show_panel("history")
    double_click(window, (300, 0))
    assert field(window) is None
    assert window.editor.selection.guids == [pair[1]]
    assert not window.docks["attributes"].widget().visibleRegion().isEmpty()


def test_the_field_follows_the_canvas(window, pair):
    window.editor.selection.set(pair[:1])
    window.commands["edit.rename"].trigger()
    before = field(window).geometry().center()
    window.view.look_at(window.view.shown().center() + label_rect(window.scene, pair[0]).bottomRight() / 2)
    assert field(window).geometry().center() != before


def test_a_resource_that_goes_while_it_is_renamed_takes_the_field_along(window, pair):
    window.editor.selection.set(pair[:1])
    window.commands["edit.rename"].trigger()
    resources.remove(window.editor.document, pair[:1])
    assert field(window) is None


def test_only_one_thing_can_be_renamed(window, pair):
    window.editor.selection.set(pair)
    assert not window.commands["edit.rename"].isEnabled()


# -- colours -------------------------------------------------------------------------------------------------


def test_a_colour_for_resources_and_notes_alike(window, pair):
    document = window.editor.document
    note = notes.add_note(document, "area", Box(0, 0, 100, 100))
    window.editor.selection.set([pair[0], note])
    window.commands["colour.green"].trigger()
    assert document.description.resources[pair[0]].layout.colour == COLOURS["green"]
    assert document.description.canvas.notes[0].colour == COLOURS["green"]
    assert window.commands["colour.green"].isChecked()
    document.history.undo()
    assert not document.description.canvas.notes[0].colour
    window.commands["colour.none"].trigger()
    assert not document.description.resources[pair[0]].layout.colour


def test_any_other_colour(window, pair):
    window.editor.selection.set(pair[:1])
    window.commands["colour.other"].trigger()
    [dialog] = window.findChildren(QColorDialog)
    dialog.setCurrentColor(QColor("#123456"))
    dialog.accept()
    assert window.editor.document.description.resources[pair[0]].layout.colour == "#123456"


def test_every_colour_has_a_name(qapp):
    assert colour_names().keys() == COLOURS.keys()

"""Notes and areas on the canvas: drawn, resized, written on."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest

from nepi_gui.canvas.hits import Part
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.canvas.note_text import lay_out
from nepi_gui.document import notes
from nepi_gui.document.notes import Box
from nepi_gui.window.naming import NamingFeature
from tests.nepi_gui.canvas.mouse import click, double_click, drag, hover, press

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def view(window):
    window.view.zoom_to(1.0)
    return window.view


@pytest.fixture
def note(window, view):
    """The key of a note, 200 x 80 around (0, 0)."""
    key = notes.add_note(window.editor.document, "note", Box.around(0, 0, (200, 80)), "hello")
    view.look_at(QPointF(0, 0))
    return key


def first(window):
    return window.editor.document.description.canvas.notes[0]


def box(window):
    found = first(window)
    return found.x - found.width / 2, found.y - found.height / 2, found.width, found.height


def field(window):
    return window.features[NamingFeature].inline.field


# -- drawing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["note", "area"])
def test_a_note_is_drawn_with_the_mouse_and_written_on(window, view, kind):
    window.commands[f"insert.{kind}"].trigger()
    drag(window, (-100, -60), (103, 57))
    assert (first(window).kind, *box(window)) == (kind, -100, -60, 200, 120)
    assert not view.drawing
    assert window.editor.selection.keys == {-1}
    QTest.keyClicks(field(window), "two words")
    QTest.keyClick(field(window), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert first(window).text == "two words"
    assert field(window) is None
    window.editor.document.history.undo()
    window.editor.document.history.undo()
    assert not window.scene.notes


def test_a_click_draws_one_of_the_usual_size(window, view):
    window.commands["insert.note"].trigger()
    click(window, (7, 9))
    assert box(window) == (-100, -40, *notes.NOTE_SIZE)


def test_return_puts_one_into_the_middle(window, view):
    window.commands["insert.area"].trigger()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert view.shown().contains(window.scene.rect(-1))
    assert field(window) is not None


def test_escape_leaves_the_tool_and_the_drawing(window, view):
    window.commands["insert.note"].trigger()
    assert view.drawing
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.drawing
    window.commands["insert.note"].trigger()
    press(window, (0, 0))
    hover(window, (100, 100))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not window.scene.notes
    assert not window.editor.document.history.can_undo()


# -- resizing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((100, 40), (123, 58), (-100, -40, 220, 100)),
        ((-100, -40), (-121, -62), (-120, -60, 220, 100)),
        ((100, -40), (141, -20), (-100, -20, 240, 60)),
        ((100, 0), (141, 30), (-100, -40, 240, 80)),
        ((0, 40), (30, 81), (-100, -40, 200, 120)),
        ((100, 40), (-400, -400), (-100, -40, 40, 40)),
    ],
)
def test_edges_and_corners_change_the_size(window, view, note, start, end, expected):
    drag(window, start, end)
    assert box(window) == expected
    window.editor.document.history.undo()
    assert box(window) == (-100, -40, 200, 80)
    assert window.scene.rect(note).getRect() == (-100, -40, 200, 80)


def test_alt_resizes_freely(window, view, note):
    drag(window, (100, 40), (123, 57), ALT)
    assert box(window) == (-100, -40, 223, 97)


def test_escape_keeps_the_size(window, view, note):
    press(window, (100, 40))
    hover(window, (200, 200))
    assert window.scene.rect(note).width() == 300
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert window.scene.rect(note).width() == 200


def test_handles_stay_small_on_small_notes(window, note):
    window.view.zoom_to(0.1)
    assert window.scene.hit(QPointF(0, 0), 0.1).part is Part.BODY


# -- writing ---------------------------------------------------------------------------------------------------


def test_a_double_click_opens_the_text_and_losing_the_keyboard_keeps_it(window, view, note):
    double_click(window, (0, 0))
    QTest.keyClicks(field(window), "other")
    view.setFocus()
    assert first(window).text == "other"


def test_escape_throws_the_text_away(window, view, note):
    window.editor.selection.set([note])
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClicks(field(window), "other")
    QTest.keyClick(field(window), Qt.Key.Key_Escape)
    assert first(window).text == "hello"
    assert field(window) is None
    assert not window.scene.notes[0].is_written


def test_a_note_grows_with_its_text_and_its_upper_edge_stays(window, view, note):
    double_click(window, (0, 0))
    field(window).setPlainText("a\n" * 20)
    window.features[NamingFeature].inline.end(accepted=True)
    assert first(window).height > 200
    assert box(window)[1] == pytest.approx(-40)
    assert first(window).text == "\n".join("a" * 20)
    window.editor.document.history.undo()
    assert box(window) == (-100, -40, 200, 80)


def test_a_text_that_is_left_as_it_is_is_no_step(window, view, note):
    steps = len(window.editor.document.history)
    double_click(window, (0, 0))
    view.setFocus()
    assert len(window.editor.document.history) == steps


def test_a_note_that_goes_while_it_is_written_on_takes_the_field_along(window, view, note):
    double_click(window, (0, 0))
    window.editor.document.history.undo()
    assert field(window) is None


def test_a_text_without_room_is_cut_and_told_in_full(window, note):
    notes.set_text(window.editor.document, 0, "much <b>text</b> " * 40)
    assert "&lt;b&gt;" in window.scene.notes[0].toolTip()
    notes.set_text(window.editor.document, 0, "little")
    assert not window.scene.notes[0].toolTip()


def test_a_tool_tip_shows_the_text_as_it_is():
    assert plain_tool_tip("a<b>\nc") == "<qt>a&lt;b&gt;<br>c</qt>"


@given(
    text=st.text(max_size=60),
    width=st.floats(-10, 300, allow_nan=False),
    height=st.floats(-10, 100, allow_nan=False),
)
def test_lines_have_room_or_the_text_is_cut(qapp, text, width, height):
    found = lay_out(text, QFont(), width, height)
    assert found.lines
    assert found.is_cut == (len(lay_out(text, QFont(), width, 1e6).lines) > len(found.lines))

"""Moving with the mouse: guides, copies, one direction, areas with what stands in them, the edge of the view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from nepi_gui.canvas.gestures.moving import moved_along
from nepi_gui.canvas.guides import Guides, Row, Standing
from nepi_gui.document import notes, resources
from nepi_gui.document.notes import Box
from tests.nepi_gui.canvas.mouse import click, drag, hover, press, release

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def nodes(window):
    """Three nodes, not on the grid, beside each other; their guids."""
    places = ((0, 0), (203, 107), (400, 300))
    made = [resources.add_resource(window.editor.document, "netns::Node", place) for place in places]
    window.view.fit()
    window.view.zoom_to(1.0)
    return made


def place(window, key):
    description = window.editor.document.description
    found = description.canvas.notes[-key - 1] if key < 0 else description.resources[key].layout
    return found.x, found.y


def shown_guides(window):
    return [item for item in window.scene.items() if isinstance(item, Guides)]


def test_a_node_snaps_to_its_neighbour_before_the_grid(window, nodes):
    drag(window, (0, 0), (205, 20))
    assert place(window, nodes[0]) == (203, 20)


def test_a_guide_is_shown_while_things_are_in_line(window, nodes):
    press(window, (0, 0))
    hover(window, (100, 20))
    hover(window, (205, 20))
    [guides] = shown_guides(window)
    [line] = guides.lines()
    assert (line.x1(), line.x2()) == (203, 203)
    assert min(line.y1(), line.y2()) < 20 < 107 < max(line.y1(), line.y2())
    release(window, (205, 20))
    assert not shown_guides(window)


def test_alt_moves_freely(window, nodes):
    drag(window, (0, 0), (205, 23), ALT)
    assert place(window, nodes[0]) == (205, 23)


def test_shift_keeps_to_one_direction(window, nodes):
    drag(window, (203, 107), (303, 127), SHIFT)
    assert place(window, nodes[1])[1] == 107
    assert place(window, nodes[1])[0] > 290


def test_control_drags_a_copy(window, nodes):
    document = window.editor.document
    ping = resources.add_resource(document, "linux::Ping", connected_to=[nodes[0]])
    steps = len(document.history)
    drag(window, (0, 0), (60, 300), CONTROL)
    assert place(window, nodes[0]) == (0, 0)
    assert window.scene.centre(nodes[0]) == QPointF(0, 0)
    copy = next(guid for guid in window.editor.selection.guids if guid in window.scene.nodes)
    assert place(window, copy) == (60, 300)
    assert len(document.description.resources) == 6
    assert {document.description.resources[each].rtype for each in window.scene.structure.attached[copy]} == {
        document.description.resources[ping].rtype
    }
    assert len(document.history) == steps + 1


def test_escape_puts_everything_back(window, nodes):
    press(window, (0, 0))
    hover(window, (100, 100))
    QTest.keyClick(window.view, Qt.Key.Key_Escape)
    assert window.scene.centre(nodes[0]) == QPointF(0, 0)
    assert not shown_guides(window)
    assert not window.editor.selection


def test_undo_waits_until_the_drag_has_ended(window, nodes):
    press(window, (0, 0))
    hover(window, (100, 100))
    QTest.keyClick(window.view, Qt.Key.Key_Z, CONTROL)
    assert set(window.scene.nodes) == set(nodes)
    release(window, (100, 105))
    assert place(window, nodes[0]) == (100, 107)


# -- areas -------------------------------------------------------------------------------------------------


@pytest.fixture
def area(window, nodes):
    """An area around the first two nodes, with a note and a smaller area in it."""
    document = window.editor.document
    key = notes.add_note(document, "area", Box(-60, -60, 280, 200), "site")
    notes.add_note(document, "note", Box(60, -40, 140, 0), "inside")
    notes.add_note(document, "note", Box(200, -100, 340, 0), "half")
    notes.add_note(document, "area", Box(0, 120, 100, 180), "small")
    return key


def test_an_area_takes_along_what_stands_in_it(window, nodes, area):
    drag(window, (-40, 150), (-40, 250))
    assert [place(window, guid) for guid in nodes] == [(0, 100), (203, 207), (400, 300)]
    assert place(window, -2) == (100, 80)
    assert place(window, -3) == (270, -50)
    assert place(window, -4) == (50, 250)
    window.editor.document.history.undo()
    assert place(window, nodes[0]) == (0, 0)


def test_alt_leaves_what_stands_in_an_area(window, nodes, area):
    drag(window, (-40, 150), (-40, 250), ALT)
    assert place(window, area) == (110, 170)
    assert place(window, nodes[0]) == (0, 0)
    assert window.scene.centre(nodes[0]) == QPointF(0, 0)


def test_shift_on_an_area_draws_a_rubber_band(window, nodes, area):
    drag(window, (-45, -45), (55, 60), SHIFT)
    assert window.editor.selection.guids == nodes[:1]


def test_shift_click_selects_an_area(window, nodes, area):
    window.editor.selection.set(nodes[:1])
    click(window, (-40, 150), SHIFT)
    assert window.editor.selection.keys == {nodes[0], area}
    click(window, (-40, 150), SHIFT)
    assert window.editor.selection.keys == {nodes[0]}


def test_a_small_area_is_reached_above_a_large_one(window, nodes, area):
    click(window, (80, 170))
    assert window.editor.selection.keys == {-4}


def test_what_moves_along(window, nodes, area):
    assert set(moved_along(window.scene, [area, nodes[2]])) == {area, *nodes, -2, -4}


# -- the edge of the view ------------------------------------------------------------------------------------


def test_the_canvas_scrolls_while_something_is_held_at_the_edge(window, nodes, qtbot):
    view = window.view
    before = view.shown().center().x()
    press(window, (0, 0))
    hover(window, (50, 0))
    edge = QPoint(view.viewport().width() - 2, view.viewport().height() // 2)
    QTest.mouseMove(view.viewport(), edge)
    qtbot.waitUntil(lambda: view.shown().center().x() > before + 100)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, edge)
    x, _ = place(window, nodes[0])
    assert QRectF(view.shown()).contains(QPointF(x, 0)) or x > before + 100


# -- guides, apart from the mouse ------------------------------------------------------------------------------


def standing(centre, *edges, across=0):
    return Standing(centre, edges, (across - 10, across + 10))


def test_the_nearest_neighbour_attracts():
    row = Row([standing(0), standing(10), standing(100)])
    assert row.offset(standing(7), 6) == 3
    assert row.offset(standing(3), 6) == -3
    assert row.offset(standing(50), 6) is None


def test_edges_attract_edges_and_centres_attract_centres():
    row = Row([standing(100, 50, 150)])
    assert row.offset(standing(52), 6) is None
    assert row.offset(standing(30, 8, 52), 6) == -2


def test_a_guide_reaches_over_all_that_is_in_line():
    row = Row([standing(0, across=0), standing(0, across=100), standing(5, across=900)])
    [(at, first, last)] = row.guides(standing(0, across=50))
    assert at == 0
    assert (first, last) == (-26, 126)

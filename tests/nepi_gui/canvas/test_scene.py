"""The scene: shows what the document has, and finds what is at a place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF

from nepi_core.description import CanvasNote
from nepi_core.loading import Severity
from nepi_gui.canvas.hits import Part
from nepi_gui.document import resources


@pytest.fixture
def pair(window):
    """Two nodes with a link, and a ping at the first one; their guids."""
    document = window.editor.document
    first = resources.add_resource(document, "netns::Node", (0, 0))
    second = resources.add_resource(document, "netns::Node", (200, 0))
    link = resources.add_link(document, "netns::Link", first, second)
    ping = resources.add_resource(document, "linux::Ping", connected_to=[first])
    return first, second, link, ping


def test_nodes_lines_and_badges_have_their_places(window, pair):
    first, second, link, ping = pair
    scene = window.scene
    assert scene.centre(second) == QPointF(200, 0)
    assert scene.centre(link) == QPointF(100, 0)
    assert scene.centre(ping).x() == 0
    assert scene.centre(ping).y() > scene.nodes[first].boundingRect().bottom()


def test_lines_and_badges_follow_a_node(window, pair):
    first, _, link, ping = pair
    resources.move(window.editor.document, {first: (0, 100)})
    assert window.scene.centre(link) == QPointF(100, 50)
    assert window.scene.centre(ping).y() > 100


@pytest.mark.parametrize(
    ("place", "which", "part"),
    [
        ((0, 0), 0, Part.BODY),
        ((33, 0), 0, Part.RIM),
        ((0, 40), 0, Part.LABEL),
        ((100, 2), 2, Part.LINE),
        ((100, 30), None, Part.NOTHING),
    ],
)
def test_what_is_at_a_place(window, pair, place, which, part):
    hit = window.scene.hit(QPointF(*place))
    assert hit.part == part
    assert hit.key == (0 if which is None else pair[which])


def test_a_badge_is_found_where_it_hangs(window, pair):
    assert window.scene.hit(window.scene.centre(pair[3])).key == pair[3]


def test_a_line_that_was_moved_is_found_at_its_new_place_only(window, pair):
    first, second, link, _ = pair
    resources.move(window.editor.document, {first: (0, 3000), second: (200, 3000)})
    assert window.scene.hit(QPointF(100, 3000)).key == link
    assert window.scene.hit(QPointF(100, 0)).key == 0


def test_what_lies_in_a_rectangle(window, pair):
    first, second, link, ping = pair
    assert window.scene.within(QRectF(-100, -100, 400, 300)) == {first, second, link, ping}
    assert window.scene.within(QRectF(-40, -40, 80, 80)) == {first}


def test_two_links_between_the_same_nodes_stand_beside_each_other(window, pair):
    first, second, link, _ = pair
    other = resources.add_link(window.editor.document, "netns::Link", second, first)
    middles = {window.scene.centre(each).y() for each in (link, other)}
    assert len(middles) == 2


def test_interfaces_sit_on_their_line(window):
    document = window.editor.document
    ends = [resources.add_resource(document, "netns::Node", place) for place in ((0, 0), (300, 0))]
    interfaces = [resources.add_resource(document, "netns::Interface", connected_to=[end]) for end in ends]
    first, second = interfaces
    resources.add_link(document, "netns::Link", first, second)
    assert all(window.scene.badges[each].is_port for each in interfaces)
    assert [window.scene.centre(each).y() for each in interfaces] == [0, 0]
    assert 0 < window.scene.centre(interfaces[0]).x() < window.scene.centre(interfaces[1]).x() < 300


def test_findings_selection_and_names_are_shown_and_taken_back(window, pair):
    first, _, link, _ = pair
    window.scene.show_findings({first: Severity.ERROR, link: Severity.WARNING})
    assert window.scene.nodes[first].look.finding == Severity.ERROR
    assert window.scene.lines[link, 0].finding == Severity.WARNING
    window.scene.show_findings({})
    assert not window.scene.nodes[first].look.finding
    window.editor.selection.set([first, link])
    assert window.scene.nodes[first].look.is_selected
    assert window.scene.lines[link, 0].is_selected
    resources.rename(window.editor.document, first, "router")
    assert window.scene.nodes[first].label == "router"


def test_the_label_of_a_link_tells_what_was_set(window, pair):
    link = pair[2]
    with window.editor.document.edit("Slow") as edit:
        edit.resource(link).attributes["delay"] = 10.0
    assert window.scene.lines[link, 0].label == "10 ms"


def test_notes_come_and_go(window):
    document = window.editor.document
    with document.edit("Note") as edit:
        edit.notes().append(CanvasNote("note", 50, 60, 100, 40, "hello"))
    assert window.scene.hit(QPointF(50, 60)).key == -1
    assert window.scene.hit(QPointF(100, 80)).part == Part.CORNER
    window.editor.selection.set([-1])
    document.history.undo()
    assert not window.scene.notes
    assert not window.editor.selection


def test_a_type_that_nobody_provides_is_a_placeholder(window):
    guid = resources.add_resource(window.editor.document, "no::Such", (0, 0))
    assert window.scene.nodes[guid].look.is_placeholder

"""Drawing links with the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_gui.canvas.marks import Verdict
from nepi_gui.document import linking, resources
from tests.nepi_gui.canvas import mouse

A, B, C = QPointF(0, 0), QPointF(240, 0), QPointF(240, 200)
ALT_SHIFT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


class Wire(ResourceManager, rtype="test::Wire", drawn=Drawn.EDGE):
    """Another kind of line."""


@pytest.fixture
def wire():
    ResourceFactory.register_type(Wire)
    yield
    ResourceFactory.unregister_type("test::Wire")


@pytest.fixture
def told(window):
    sentences: list[str] = []
    window.editor.told.connect(sentences.append)
    return sentences


@pytest.fixture
def pair(window):
    """Return a window with two hosts side by side."""
    for place in (A, B):
        resources.add_resource(window.editor.document, "netns::Node", place.toTuple())
    window.view.fit()
    return window


def description(window):
    return window.editor.document.description


def test_a_drag_from_the_rim_to_another_node_links_them(pair):
    mouse.drag(pair, A + mouse.RIM, B)
    assert pair.scene.structure.joined == {3: (1, 2)}
    assert description(pair).resources[3].rtype == "netns::Link"
    assert pair.editor.selection.guids == [3]
    assert pair.editor.document.history.texts()[-1].startswith("Link node1")
    pair.commands["edit.undo"].trigger()
    assert 3 not in description(pair).resources


def test_while_it_is_drawn_legal_ends_light_up_and_others_are_dimmed(pair, qtbot):
    resources.add_resource(pair.editor.document, "Collector", C.toTuple())
    mouse.press(pair, A + mouse.RIM)
    mouse.hover(pair, A + (B - A) / 2)
    qtbot.waitUntil(lambda: len(pair.view.marks.verdicts) == 3)
    assert pair.view.marks.verdicts == {1: Verdict.POSSIBLE, 2: Verdict.GOOD, 3: Verdict.REFUSED}
    mouse.hover(pair, C)
    assert "cannot be connected to Collector" in pair.view.marks.sentence
    assert "netns::Link 4" not in pair.view.marks.sentence, "it is not there yet, so it has no number"
    mouse.hover(pair, B)
    assert pair.view.marks.sentence == ""
    pair.grab()
    QTest.keyClick(pair.view, Qt.Key.Key_Escape)
    mouse.release(pair, B)
    assert not pair.view.marks.verdicts
    assert len(description(pair).resources) == 3


def test_an_illegal_end_changes_nothing_and_says_why(pair, told):
    resources.add_resource(pair.editor.document, "linux::Node", C.toTuple())
    mouse.drag(pair, A + mouse.RIM, C)
    assert len(description(pair).resources) == 3
    assert told
    assert "cannot be connected" in told[0]


def test_a_click_on_the_rim_selects(pair):
    mouse.press(pair, A + mouse.RIM)
    mouse.release(pair, A + mouse.RIM)
    assert pair.editor.selection.guids == [1]


def test_dropped_where_it_began_nothing_happens(pair):
    mouse.press(pair, A + mouse.RIM)
    mouse.hover(pair, B)
    mouse.hover(pair, A)
    mouse.release(pair, A)
    assert len(description(pair).resources) == 2


def test_on_the_empty_canvas_a_menu_says_what_may_stand_there(pair):
    mouse.drag(pair, A + mouse.RIM, C)
    texts = mouse.entries(mouse.menu())
    assert texts[:2] == ["Node\tnetns", "Switch\tnetns"]
    assert "Ping\tlinux" in texts
    assert "Capture\tnetns" not in texts, "it would have no use at a node"
    before = len(pair.editor.document.history)
    mouse.choose("Switch")
    assert {each.rtype for each in description(pair).resources.values()} >= {"netns::Switch", "netns::Link"}
    assert len(pair.editor.document.history) == before + 1
    assert next(iter(pair.scene.structure.joined.values())) == (1, 3)
    pair.commands["edit.undo"].trigger()
    assert len(description(pair).resources) == 2


def test_what_was_chosen_before_comes_first(pair):
    for _ in range(2):
        mouse.drag(pair, A + mouse.RIM, C)
        mouse.choose("Switch")
        pair.commands["edit.undo"].trigger()
    mouse.drag(pair, A + mouse.RIM, C)
    assert mouse.entries(mouse.menu())[0] == "Switch\tnetns"
    mouse.menu().close()


def test_the_menu_offers_badges_for_the_start(pair):
    mouse.drag(pair, A + mouse.RIM, C)
    mouse.choose("Ping")
    assert pair.scene.structure.attached == {1: [3]}


def test_of_several_kinds_of_lines_the_user_chooses(pair, wire):
    mouse.drag(pair, A + mouse.RIM, B)
    assert mouse.entries(mouse.menu()) == ["Link\tnetns", "Wire\ttest"]
    mouse.choose("Wire")
    assert description(pair).resources[3].rtype == "test::Wire"


def test_with_the_link_tool_a_drag_from_the_middle_links(pair, qtbot):
    pair.view.setFocus()
    QTest.keyClick(pair.view, Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier)
    assert pair.commands["link.tool"].isChecked()
    mouse.drag(pair, A, B)
    assert pair.scene.structure.joined == {3: (1, 2)}
    QTest.keyClick(pair.view, Qt.Key.Key_Escape)
    assert not pair.view.is_linking
    qtbot.waitUntil(lambda: not pair.commands["link.tool"].isChecked())


def test_with_the_link_tool_two_clicks_link(pair):
    pair.commands["link.tool"].trigger()
    for place in (A, B):
        mouse.press(pair, place)
        mouse.release(pair, place)
        mouse.hover(pair, B)
    assert pair.scene.structure.joined == {3: (1, 2)}


def test_a_link_drawn_by_keyboard_and_click(pair):
    pair.editor.selection.set([1])
    pair.commands["link.from"].trigger()
    mouse.hover(pair, B)
    mouse.press(pair, B)
    mouse.release(pair, B)
    assert pair.scene.structure.joined == {3: (1, 2)}


def test_a_link_that_follows_the_mouse_is_dropped_when_the_document_changes(pair):
    pair.editor.selection.set([1])
    pair.commands["link.from"].trigger()
    mouse.hover(pair, B)
    resources.remove(pair.editor.document, [1])
    mouse.press(pair, B)
    mouse.release(pair, B)
    assert set(description(pair).resources) == {2}


def test_two_selected_are_linked_by_a_command(pair, told):
    pair.editor.selection.set([1, 2])
    pair.commands["link.join"].trigger()
    assert pair.scene.structure.joined == {3: (1, 2)}
    pair.editor.selection.set([1, 3])
    pair.commands["link.join"].trigger()
    assert told == ["node1 and Link 3 are connected already."]


def test_a_badge_is_dragged_to_another_node(pair):
    ping = linking.attach(pair.editor.document, "linux::Ping", [1])[0]
    mouse.drag(pair, pair.scene.centre(ping), B)
    assert pair.scene.structure.attached == {2: [ping]}
    assert pair.editor.document.history.texts()[-1] == "Move Ping 3 to node2"
    pair.commands["edit.undo"].trigger()
    assert pair.scene.structure.attached == {1: [ping]}


def test_a_badge_stays_where_it_may_not_go(pair, told):
    linking.join(pair.editor.document, "netns::Link", 1, 2)
    ping = linking.attach(pair.editor.document, "linux::Ping", [1])[0]
    mouse.drag(pair, pair.scene.centre(ping), A + (B - A) / 2)
    assert pair.scene.structure.attached == {1: [ping]}
    assert "cannot be connected" in told[0]
    mouse.drag(pair, pair.scene.centre(ping), C)
    assert pair.scene.structure.attached == {1: [ping]}


def test_a_click_on_a_badge_selects_it(pair):
    ping = linking.attach(pair.editor.document, "linux::Ping", [1])[0]
    place = pair.scene.centre(ping)
    mouse.press(pair, place)
    mouse.release(pair, place)
    assert pair.editor.selection.guids == [ping]


def test_an_end_of_a_link_is_dragged_to_another_node(pair):
    document = pair.editor.document
    line = linking.join(document, "netns::Link", 1, 2)
    third = resources.add_resource(document, "netns::Node", C.toTuple())
    mouse.drag(pair, B - QPointF(46, 0), C)
    assert pair.scene.structure.joined == {line: (1, third)}
    mouse.drag(pair, A + (C - A) / 2, A + (C - A) / 2 + QPointF(30, 0))
    assert pair.scene.structure.joined == {line: (1, third)}, "the middle of a link is no end"


def test_a_slice_cuts_what_it_crosses(pair):
    document = pair.editor.document
    for _ in range(2):
        linking.join(document, "netns::Link", 1, 2)
    third = resources.add_resource(document, "linux::Node", C.toTuple())
    linking.join(document, "", 2, third)
    start, end = QPointF(120, -60), QPointF(120, 60)
    mouse.press(pair, start, ALT_SHIFT)
    mouse.hover(pair, end)
    pair.grab()
    QTest.keyClick(pair.view, Qt.Key.Key_Escape)
    mouse.release(pair, end, ALT_SHIFT)
    assert len(pair.scene.structure.joined) == 2
    mouse.drag(pair, start, end, ALT_SHIFT)
    assert not pair.scene.structure.joined
    assert document.history.texts()[-1] == "Cut 2 links"
    mouse.drag(pair, QPointF(200, 100), QPointF(280, 100), ALT_SHIFT)
    assert not list(pair.scene.structure.other_connections())
    assert document.history.texts()[-1] == "Cut a link"


def test_disconnect_takes_the_links_of_the_selection(pair, qtbot):
    document = pair.editor.document
    linking.join(document, "netns::Link", 1, 2)
    ping = linking.attach(document, "linux::Ping", [1])[0]
    pair.editor.selection.set([ping])
    pair.commands["link.cut"].trigger()
    assert ping in pair.scene.nodes
    assert not pair.scene.structure.attached
    pair.editor.selection.set([1])
    pair.commands["link.cut"].trigger()
    assert not pair.scene.structure.joined
    qtbot.waitUntil(lambda: not pair.commands["link.cut"].isEnabled())


def test_take_out_by_its_key(pair):
    document = pair.editor.document
    line = linking.join(document, "netns::Link", 1, 2)
    middle = linking.add_spliced(document, "netns::Node", (120, 0), line)
    pair.editor.selection.set([middle])
    QTest.keyClick(pair.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert pair.scene.structure.joined == {line: (1, 2)}
    assert middle not in description(pair).resources

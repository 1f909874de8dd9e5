"""Steps that join resources and part them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.description import Condition, ExperimentDescription
from nepi_core.errors import ConnectionNotAllowedError, NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.structure import Structure
from nepi_gui.document import linking, resources
from nepi_gui.document.document import Document
from nepi_gui.document.joints import Joints


@pytest.fixture
def document(qapp):
    made = Document()
    for number in range(3):
        resources.add_resource(made, "netns::Node", (number * 100, 0))
    return made


def joined(document):
    return Structure(document.description.resources).joined


def test_a_line_joins_nodes_and_refuses_a_third_end(document):
    line = linking.join(document, "netns::Link", 1, 2)
    assert joined(document) == {line: (1, 2)}
    joint = Joints(document.description).between(3, line)
    assert joint.refusal == "Link 4 has two ends already: node1 and node2."


def test_a_refused_line_adds_nothing(document):
    host = resources.add_resource(document, "linux::Node", (0, 100))
    with pytest.raises(ConnectionNotAllowedError, match=r"^A netns::Link cannot be connected to linux::Node 4"):
        linking.join(document, "netns::Link", 1, host)
    assert len(document.description.resources) == 4


def test_two_nodes_that_no_line_can_join_are_not_connected_instead(document):
    host = resources.add_resource(document, "linux::Node", (0, 100))
    assert "netns::Link" in Joints(document.description).between(1, host).refusal


def test_badges_for_several_hosts_are_one_step(document):
    added = linking.attach(document, "linux::Ping", [1, 2])
    assert Structure(document.description.resources).attached == {1: [added[0]], 2: [added[1]]}
    assert document.history.texts()[-1] == "Add 2 Ping"


def test_badges_are_added_to_all_or_none(document):
    line = linking.join(document, "netns::Link", 1, 2)
    before = dict(document.description.resources)
    with pytest.raises(ConnectionNotAllowedError):
        linking.attach(document, "linux::Ping", [1, line])
    assert document.description.resources == before


def test_what_has_a_use_at_a_host(document):
    line = linking.join(document, "netns::Link", 1, 2)
    switch = resources.add_resource(document, "netns::Switch", (0, 100))
    joints = Joints(document.description)
    assert {"linux::Ping", "netns::Route", "netns::Nat"} <= set(joints.useful_badges(1))
    assert "netns::Capture" not in joints.useful_badges(1)
    assert joints.useful_badges(line) == ["netns::Capture", "netns::Interface"]
    assert "linux::Ping" not in joints.useful_badges(switch)


def test_what_may_stand_at_the_far_end(document):
    ping = resources.add_resource(document, "linux::Ping", (0, 100))
    joints = Joints(document.description)
    assert joints.far_ends(1) == {"netns::Node": ("netns::Link",), "netns::Switch": ("netns::Link",)}
    assert set(joints.far_ends(ping)) == {"Collector", "linux::Node", "netns::Node"}


def test_splice_keeps_values_and_conditions_of_the_line(document):
    line = linking.join(document, "netns::Link", 1, 2)
    capture = linking.attach(document, "netns::Capture", [line])[0]
    with document.edit("Values") as edit:
        edit.resource(line).attributes["delay"] = 7.0
        edit.resource(line).conditions.append(Condition(ResourceAction.START, (1,), ResourceState.STARTED))
    other = linking.splice(document, line, 3)
    assert joined(document) == {line: (1, 3), other: (2, 3)}
    after = document.description.resources
    assert after[other].attributes == after[line].attributes == {"delay": 7.0}
    assert after[line].conditions
    assert not after[other].conditions
    assert Structure(after).attached == {line: [capture]}


def test_splice_keeps_interfaces_at_their_ends(document):
    ends = [linking.attach(document, "netns::Interface", [node])[0] for node in (1, 2)]
    line = linking.join(document, "netns::Link", ends[0], ends[1])
    other = linking.splice(document, line, 3)
    assert document.description.resources[line].connections == {ends[0], 3}
    assert document.description.resources[other].connections == {ends[1], 3}


def test_splice_refuses_what_the_line_does_not_join(document):
    line = linking.join(document, "netns::Link", 1, 2)
    host = resources.add_resource(document, "linux::Node", (0, 100))
    with pytest.raises(ConnectionNotAllowedError):
        linking.splice(document, line, host)
    with pytest.raises(ConnectionNotAllowedError):
        linking.splice(document, line, 1)
    with pytest.raises(ConnectionNotAllowedError):
        linking.splice(document, 3, 1)
    assert joined(document) == {line: (1, 2)}


def test_take_out_is_the_opposite_of_splice(document):
    line = linking.join(document, "netns::Link", 1, 2)
    linking.splice(document, line, 3)
    ping = linking.attach(document, "linux::Ping", [3])[0]
    linking.take_out(document, 3)
    assert joined(document) == {line: (1, 2)}
    assert not document.description.resources.keys() & {3, ping}
    assert document.history.texts()[-1] == "Take node3 out"


def test_only_what_stands_between_two_is_taken_out(document):
    linking.join(document, "netns::Link", 1, 2)
    with pytest.raises(ConnectionNotAllowedError, match="it has 1 lines to 1 others"):
        linking.take_out(document, 1)
    linking.join(document, "netns::Link", 1, 2)
    with pytest.raises(ConnectionNotAllowedError, match="it has 2 lines to 1 others"):
        linking.take_out(document, 1)


def test_a_badge_of_a_badge_is_hung_elsewhere(document):
    ends = [linking.attach(document, "netns::Interface", [node])[0] for node in (1, 2)]
    address = linking.attach(document, "netns::IPv4Address", [ends[0]])[0]
    assert linking.holds(document.description, address) == {ends[0]}
    assert linking.holds(document.description, ends[0]) == {1}
    linking.reattach(document, [address], ends[1])
    assert document.description.resources[address].connections == {ends[1]}


def test_a_refused_move_changes_nothing(document):
    line = linking.join(document, "netns::Link", 1, 2)
    ping = linking.attach(document, "linux::Ping", [1])[0]
    with pytest.raises(ConnectionNotAllowedError):
        linking.reattach(document, [ping], line)
    with pytest.raises(ConnectionNotAllowedError):
        linking.move_end(document, line, 2, ping)
    assert document.description.resources[ping].connections == {1}


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["node", "badge", "join", "splice", "take out", "reattach", "move end", "cut"]),
        st.integers(0, 30),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=12,
)


def _pick(guids: list[int], number: int) -> int:
    return guids[number % len(guids)]


def _step(document: Document, kind: str, first: int, second: int, third: int) -> None:
    guids = list(document.description.resources)
    a, b = _pick(guids, first), _pick(guids, second)
    lines = list(joined(document))
    if kind == "node":
        resources.add_resource(document, ("netns::Node", "netns::Switch", "linux::Node")[first % 3], (first, second))
    elif kind == "badge":
        linking.attach(document, ("linux::Ping", "netns::Capture", "netns::Interface")[first % 3], [b])
    elif kind == "join":
        linking.join(document, "" if third % 3 == 0 else "netns::Link", a, b)
    elif kind == "take out":
        linking.take_out(document, a)
    elif kind == "reattach":
        linking.reattach(document, [a], b)
    elif lines and kind == "splice":
        linking.splice(document, _pick(lines, first), b)
    elif lines and kind == "move end":
        line = _pick(lines, first)
        linking.move_end(document, line, joined(document)[line][second % 2], _pick(guids, third))
    elif lines and kind == "cut":
        linking.cut(document, {_pick(lines, first), _pick(lines, second)})


@settings(max_examples=40, deadline=None)
@given(_STEPS)
def test_whatever_is_done_both_sides_agree_and_undo_restores_it(qapp, steps):
    ResourceFactory.populate()
    document = Document()
    for number in range(3):
        resources.add_resource(document, "netns::Node", (number * 100, 0))
    pictures = [_picture(document.description)]
    for step in steps:
        done = document.history.done
        try:
            _step(document, *step)
        except NepiError:
            assert document.history.done == done
            assert _picture(document.description) == pictures[-1]
            continue
        if document.history.done > done:
            pictures.append(_picture(document.description))
        for guid, resource in document.description.resources.items():
            assert all(guid in document.description.resources[other].connections for other in resource.connections)
    for picture in reversed(pictures[:-1]):
        document.history.undo()
        assert _picture(document.description) == picture


def _picture(description: ExperimentDescription) -> object:
    return description.copy().resources


def test_captures_of_a_line_go_with_it(document):
    line = linking.join(document, "netns::Link", 1, 2)
    other = linking.splice(document, line, 3)
    captures = {each: linking.attach(document, "netns::Capture", [each])[0] for each in (line, other)}
    linking.take_out(document, 3)
    (kept,) = joined(document)
    assert document.description.resources.keys() == {1, 2, kept, captures[kept]}
    linking.cut(document, [kept])
    assert document.description.resources.keys() == {1, 2}

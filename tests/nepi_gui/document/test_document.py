"""The document: steps, undo and redo, what is told about them."""

from __future__ import annotations

import pytest

from nepi_core.description import LARGEST_GUID, ExperimentDescription, ResourceDescription
from nepi_core.errors import ConnectionNotAllowedError
from nepi_core.structure import Structure
from nepi_core.xml_format import read_xml_text, to_xml
from nepi_gui.document import notes, resources
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.document import Document


@pytest.fixture
def document(qapp):
    return Document()


@pytest.fixture
def changes(document):
    heard: list[Change] = []
    document.changed.connect(heard.append)
    return heard


def test_a_step_is_told_and_undone(document, changes):
    guid = resources.add_resource(document, "netns::Node", (10, 20))
    assert document.description.resources[guid].layout.label == "node1"
    assert changes[-1].added == {guid}
    document.history.undo()
    assert document.description == ExperimentDescription()
    assert changes[-1].removed == {guid}
    document.history.redo()
    assert document.description.resources[guid].layout.x == 10


def test_a_step_that_fails_changes_nothing(document, changes):
    first = resources.add_resource(document, "netns::Node")
    before = document.freeze()
    changes.clear()

    def step():
        with document.edit("try") as edit:
            edit.layout(first).label = "other"
            resources.add_resource(document, "netns::Node")
            resources.connect(document, first, first)

    with pytest.raises(ConnectionNotAllowedError):
        step()
    assert document.description == before
    assert not changes
    assert len(document.history) == 1


def test_steps_of_the_same_kind_are_one(document):
    guid = resources.add_resource(document, "netns::Node", (0, 0))
    for x in range(1, 10):
        resources.move(document, {guid: (x, 0)}, merge="drag")
    assert len(document.history) == 2
    document.history.undo()
    assert document.description.resources[guid].layout.x == 0


def test_what_comes_back_to_where_it_was_is_no_step(document):
    guid = resources.add_resource(document, "netns::Node", (0, 0))
    resources.move(document, {guid: (1, 0)}, merge="drag")
    resources.move(document, {guid: (0, 0)}, merge="drag")
    assert len(document.history) == 1


def test_removing_a_node_removes_its_links(document, changes):
    first, second = (resources.add_resource(document, "netns::Node") for _ in range(2))
    link = resources.add_link(document, "netns::Link", first, second)
    resources.remove(document, [first])
    assert set(document.description.resources) == {second}
    assert changes[-1].removed == {first, link}
    assert changes[-1].altered == {second: Aspect.CONNECTIONS}
    document.history.undo()
    assert document.description.resources[link].connections == {first, second}


def test_a_frozen_picture_does_not_change(document):
    guid = resources.add_resource(document, "netns::Node", (0, 0))
    frozen = document.freeze()
    resources.move(document, {guid: (5, 5)})
    resources.add_resource(document, "netns::Node")
    assert frozen.resources[guid].layout.x == 0
    assert len(frozen.resources) == 1


def test_removing_a_node_removes_what_hangs_at_it_and_at_its_links(document):
    first, second = (resources.add_resource(document, "netns::Node") for _ in range(2))
    link = resources.add_link(document, "netns::Link", first, second)
    resources.add_resource(document, "linux::Ping", connected_to=[first])
    resources.add_resource(document, "netns::Capture", connected_to=[link])
    kept = resources.add_resource(document, "linux::Ping", connected_to=[second])
    resources.remove(document, [first])
    assert set(document.description.resources) == {second, kept}


def test_who_takes_a_step_because_of_a_step_takes_it_afterwards(document):
    """As a form does that is taken away while something is being typed in it."""
    first = resources.add_resource(document, "netns::Node", (0, 0))

    def answer(change: Change) -> None:
        if change.touched(Aspect.PLACE) and not change.concerns(Aspect.LOOK):
            resources.rename(document, first, "other")

    document.changed.connect(answer)
    resources.move(document, {first: (1, 0)})
    assert document.history.texts()[1:] == ["Move node1", "Rename to other"]
    document.history.undo()
    assert document.description.resources[first].layout.label == "node1"
    assert document.description.resources[first].layout.x == 1


def test_saying_nothing_of_what_has_no_layout_is_no_step(document):
    first, second = (resources.add_resource(document, "netns::Node") for _ in range(2))
    link = resources.add_link(document, "netns::Link", first, second)
    before = len(document.history)
    resources.rename(document, link, " ")
    resources.set_note(document, link, "")
    notes.set_colours(document, [link], "")
    assert len(document.history) == before
    assert document.description.resources[link].layout is None


def test_texts_can_be_kept_whatever_was_pasted(document):
    first = resources.add_resource(document, "netns::Node")
    resources.rename(document, first, "\x1b[1mhost\x00")
    resources.set_note(document, first, "a\r\nb\x0b\ud800c")
    notes.add_note(document, "note", notes.Box.around(0, 0, notes.NOTE_SIZE), "x\ufffey")
    notes.set_text(document, 0, "\U0001f600\x01")
    layout = document.description.resources[first].layout
    assert (layout.label, layout.note) == ("[1mhost", "a\r\nbc")
    assert read_xml_text(to_xml(document.freeze()), "here").canvas.notes[0].text == "\U0001f600"


def test_a_guid_beyond_the_largest_is_never_given(document):
    with document.edit("far") as edit:
        edit.add(ResourceDescription(LARGEST_GUID, "netns::Node"))
    assert resources.add_resource(document, "netns::Node") == 1


def test_removing_an_interface_removes_what_hangs_by_it(document):
    first, second = (resources.add_resource(document, "netns::Node") for _ in range(2))
    port = resources.add_resource(document, "netns::Interface", connected_to=[first])
    address = resources.add_resource(document, "netns::IPv4Address", connected_to=[port])
    link = resources.add_link(document, "netns::Link", port, second)
    ping = resources.add_resource(document, "linux::Ping", connected_to=[first])
    assert Structure(document.description.resources).hosts[address] == first
    resources.remove(document, [port])
    assert document.description.resources.keys() == {first, second, ping}
    document.history.undo()
    assert document.description.resources.keys() == {first, second, port, address, link, ping}

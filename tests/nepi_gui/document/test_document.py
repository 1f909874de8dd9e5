"""The document: steps, undo and redo, what is told about them."""

from __future__ import annotations

import pytest

from nepi_core.description import ExperimentDescription
from nepi_core.errors import ConnectionNotAllowedError
from nepi_gui.document import resources
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

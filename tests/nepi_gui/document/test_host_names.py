"""Names of hosts in attributes: they follow the hosts."""

from __future__ import annotations

import pytest

from nepi_gui.document import attributes, clipboard, resources
from nepi_gui.document.document import Document


@pytest.fixture
def document(qapp):
    """Two linked nodes; a ping at the first one has the second one as its target."""
    made = Document()
    first, second = (resources.add_resource(made, "netns::Node", place) for place in ((0, 0), (100, 0)))
    resources.add_link(made, "netns::Link", first, second)
    ping = resources.add_resource(made, "linux::Ping", connected_to=[first])
    attributes.set_values(made, [ping], "target", "node2")
    return made


def targets(document):
    return [
        each.attributes["target"] for each in document.description.resources.values() if "target" in each.attributes
    ]


def test_a_target_follows_the_host_in_the_same_step(document):
    resources.rename(document, 2, "server")
    assert targets(document) == ["server"]
    document.history.undo()
    assert targets(document) == ["node2"]


def test_a_name_that_another_host_still_has_stays(document):
    with document.edit("Two of a name") as edit:
        edit.layout(1).label = "node2"
    resources.rename(document, 2, "server")
    assert targets(document) == ["node2"]


def test_a_host_with_a_name_of_its_own_is_not_called_by_its_label(document):
    attributes.set_values(document, [2], "name", "node2")
    resources.rename(document, 2, "server")
    assert targets(document) == ["node2"]


def test_copies_ping_copies(document):
    clipboard.insert(document, clipboard.part_of(document.description, [1, 2, 3, 4]))
    labels = {each.label for each in document.description.resources.values()}
    assert targets(document) == ["node2", *({"node3", "node4"} & {targets(document)[1]})]
    assert targets(document)[1] in labels - {"node1", "node2"}


def test_a_copy_of_the_ping_alone_pings_what_the_original_does(document):
    clipboard.insert(document, clipboard.part_of(document.description, [4]))
    assert targets(document) == ["node2", "node2"]

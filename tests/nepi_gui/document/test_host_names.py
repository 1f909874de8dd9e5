"""Names of hosts in attributes: they follow the hosts."""

from __future__ import annotations

import pytest

from nepi_gui.document import attributes, clipboard, resources
from nepi_gui.document.document import Document
from nepi_gui.document.host_names import hosts_for


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


def test_each_of_several_names_follows_its_host(document):
    attributes.set_values(document, [4], "target", "node1, node2 node22")
    resources.rename(document, 2, "server")
    assert targets(document) == ["node1, server node22"]


def insert_copies(document):
    """Put a copy of everything beside it; return what is now the copy of what."""
    part = clipboard.part_of(document.description, [1, 2, 3, 4])
    guids = clipboard.insert(document, part).guids
    return {guid: document.description.resources[guids[guid]] for guid in part.resources}


def test_copies_ping_copies(document):
    copies = insert_copies(document)
    assert copies[2].label == "node4"
    assert targets(document) == ["node2", "node4"]


def test_copies_ping_copies_by_the_name_in_the_attribute(document):
    attributes.set_values(document, [2], "name", "server")
    resources.rename(document, 2, "node2")
    assert targets(document) == ["server"]
    copies = insert_copies(document)
    assert copies[2].attributes["name"] == "server2"
    assert targets(document) == ["server", "server2"]


def test_what_is_no_host_gives_no_name_to_copies(document):
    resources.rename(document, 4, "node2")  # the ping itself is called as what it pings
    insert_copies(document)
    assert targets(document) == ["node2", "node4"]


def test_what_is_no_host_gives_no_name_to_targets(document):
    attributes.set_values(document, [4], "target", "gateway")
    resources.rename(document, 4, "gateway")
    resources.rename(document, 4, "to the gateway")
    assert targets(document) == ["gateway"]


def test_a_target_follows_the_attribute_name(document):
    attributes.set_values(document, [2], "name", "server")
    assert targets(document) == ["server"]
    attributes.set_values(document, [2], "name", "web")
    assert targets(document) == ["web"]
    document.history.undo()  # both steps, which followed each other closely
    assert targets(document) == ["node2"]
    assert "name" not in document.description.resources[2].attributes


def test_without_its_attribute_name_a_host_is_known_by_its_label(document):
    attributes.set_values(document, [2], "name", "server")
    attributes.reset(document, [2], "name")
    assert targets(document) == ["node2"]


def test_a_name_that_another_host_has_by_its_attribute_stays(document):
    attributes.set_values(document, [1], "name", "node2")  # two of a name
    attributes.set_values(document, [2], "name", "server")
    assert targets(document) == ["node2"]


def test_a_copy_of_the_ping_alone_pings_what_the_original_does(document):
    clipboard.insert(document, clipboard.part_of(document.description, [4]))
    assert targets(document) == ["node2", "node2"]


def test_hosts_that_can_be_meant(document):
    for _ in range(9):
        resources.add_resource(document, "netns::Node")
    resources.add_resource(document, "netns::Switch")
    resources.add_resource(document, "linux::Node")
    attributes.set_values(document, [2], "name", "server")
    offered = [*(f"node{number}" for number in range(3, 12)), "server", "node1"]
    assert hosts_for(document.description, [4]) == offered  # of the emulated network, at whose node1 the ping is
    assert "node12" in hosts_for(document.description, [2])  # which hangs at no host

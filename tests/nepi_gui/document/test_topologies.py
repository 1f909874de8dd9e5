"""From a topology to resources."""

from __future__ import annotations

import pytest

from nepi_core.description import ExperimentDescription
from nepi_core.errors import TopologyError
from nepi_core.loading import validate
from nepi_core.topology import NetGraph
from nepi_gui.document import resources
from nepi_gui.document.document import Document
from nepi_gui.document.layouts import topology_places
from nepi_gui.document.topologies import (
    CONNECTION,
    Recipe,
    beside,
    builder_of,
    edge_types,
    insert_topology,
    may_ping,
    node_types,
)

EMULATED = Recipe("netns::Node", "netns::Link")


@pytest.fixture
def document(qapp):
    return Document()


def insert(document, netgraph, recipe=EMULATED):
    places = beside(document.description, topology_places(netgraph), (0, 0))
    return insert_topology(document, netgraph, recipe, places)


def test_what_nodes_and_edges_may_become():
    assert node_types()[0] == "netns::Node"
    assert {"netns::Switch", "linux::Node"} <= set(node_types())
    assert edge_types("netns::Node") == ["netns::Link"]
    assert edge_types("linux::Node") == [CONNECTION]
    backend = builder_of(EMULATED)
    assert backend is not None
    assert backend.name == "netns"
    assert builder_of(Recipe("netns::Switch", "netns::Link")) is None
    assert may_ping("netns::Node")


def test_a_topology_is_one_step(document):
    netgraph = NetGraph(topo_type="ring", node_count=6, assign_ips=True)
    guids = insert(document, netgraph)
    description = document.description
    assert len(guids) == len(description.resources) == 12
    assert len(document.history) == 1
    assert document.history.texts() == ["Insert topology ring: 6 nodes"]
    assert [node.annotations["guid"] for node in description.topology.nodes] == guids[:6]
    assert all(description.resources[guid].layout.x is not None for guid in guids[:6])
    assert not validate(document.freeze())
    document.history.undo()
    assert document.description == ExperimentDescription()


def test_a_second_one_stands_beside_and_has_other_names(document):
    first = insert(document, NetGraph(topo_type="grid", rows=2, columns=2))
    topology = document.description.topology
    second = insert(document, NetGraph(topo_type="star", node_count=4))
    found = document.description.resources
    assert max(found[guid].layout.x for guid in first[:4]) + 200 < min(found[guid].layout.x for guid in second[:4])
    names = [found[guid].label for guid in [*first[:4], *second[:4]]]
    assert len(set(names)) == 8
    assert document.description.topology is topology
    assert not validate(document.freeze())


def test_no_other_resource_becomes_a_node_of_the_topology(document):
    guids = insert(document, NetGraph(topo_type="linear", node_count=2), Recipe("linux::Node"))
    resources.remove(document, guids)
    assert resources.add_resource(document, "linux::Node") not in guids


def test_other_types_are_named_and_joined(document):
    netgraph = NetGraph(topo_type="linear", node_count=3)
    netgraph.annotate_node(1, "name", "Core switch")
    netgraph.annotate_edge(0, 1, "delay", 7.5)
    guids = insert(document, netgraph, Recipe("netns::Switch", "netns::Link"))
    found = [document.description.resources[guid] for guid in guids]
    assert [each.label for each in found[:3]] == ["switch0", "Core-switch", "switch2"]
    assert found[3].attributes == {"delay": 7.5}
    assert found[3].connections == {guids[0], guids[1]}


def test_edges_may_be_plain_connections(document):
    guids = insert(document, NetGraph(topo_type="mesh", node_count=3), Recipe("linux::Node", CONNECTION))
    assert [document.description.resources[guid].connections for guid in guids] == [
        set(guids) - {guid} for guid in guids
    ]


def test_pings_go_from_sources_to_targets(document):
    netgraph = NetGraph(topo_type="linear", node_count=4)
    netgraph.set_source(0)
    netgraph.set_source(1)
    netgraph.set_target(3)
    guids = insert(document, netgraph, Recipe("netns::Node", "netns::Link", pings=True))
    pings = [document.description.resources[guid] for guid in guids[-2:]]
    assert [each.rtype for each in pings] == ["linux::Ping"] * 2
    assert [each.connections for each in pings] == [{guids[0]}, {guids[1]}]
    assert {each.attributes["target"] for each in pings} == {document.description.resources[guids[3]].label}


def test_what_cannot_be_built_changes_nothing(document):
    resources.add_resource(document, "netns::Node", (0, 0))
    before = document.freeze()
    with pytest.raises(TopologyError, match="Latitude"):
        insert(document, NetGraph(topo_type="ring", node_count=3), Recipe("netns::Node", "netns::Link", True))
    assert document.description == before
    assert len(document.history) == 1


def test_the_first_one_stands_in_the_middle(document):
    places = beside(document.description, {1: (0, 0), 2: (240, 0)}, (100, 60))
    assert places == {1: (-20, 60), 2: (220, 60)}


def test_a_thousand_nodes(document):
    guids = insert(document, NetGraph(topo_type="grid", rows=40, columns=25))
    assert len(guids) == 1000 + 39 * 25 + 40 * 24

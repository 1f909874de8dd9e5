"""Places of nodes in the plane."""

import networkx as nx
import pytest

from nepi_core.topology import NetGraph

TYPES = [
    {"topo_type": "linear", "node_count": 1},
    {"topo_type": "linear", "node_count": 5},
    {"topo_type": "ladder", "node_count": 8},
    {"topo_type": "mesh", "node_count": 5},
    {"topo_type": "tree", "node_count": 10},
    {"topo_type": "star", "node_count": 6},
    {"topo_type": "ring", "node_count": 6},
    {"topo_type": "grid", "rows": 3, "columns": 4},
    {"topo_type": "torus", "rows": 3, "columns": 4},
    {"topo_type": "hypercube", "dimension": 3},
    {"topo_type": "leaf-spine", "spines": 2, "leaves": 3, "hosts": 2},
    {"topo_type": "fat-tree", "k": 4},
    {"topo_type": "waxman", "node_count": 20, "seed": 1},
    {"topo_type": "erdos-renyi", "node_count": 20, "probability": 0.1, "connected": False, "seed": 1},
    {"topo_type": "barabasi-albert", "node_count": 120, "edges_per_node": 2, "seed": 1},
    {"topo_type": "barabasi-albert", "node_count": 1_200, "edges_per_node": 2, "seed": 1},
    {},
]


@pytest.mark.parametrize("options", TYPES, ids=str)
def test_every_node_has_a_place_of_its_own(options):
    netgraph = NetGraph(**options)
    places = netgraph.positions()
    assert list(places) == netgraph.nodes()
    assert len(set(places.values())) == netgraph.order
    assert all(-1.001 <= value <= 1.001 and type(value) is float for place in places.values() for value in place)
    assert places == netgraph.positions()


def test_places_follow_the_coordinates():
    graph = nx.path_graph(["north", "south", "between", "lost"])
    graph.remove_edge("between", "lost")
    graph.add_edge("between", "north")
    graph.add_node("twin")
    graph.nodes["north"].update(lat=50, lon=10)
    graph.nodes["south"].update(lat=40, lon=10)
    graph.nodes["twin"].update(lat=40, lon=10)
    places = NetGraph(topology=graph).positions()
    assert places["north"][1] > places["between"][1] > places["south"][1] > places["lost"][1]
    assert places["twin"] != places["south"]


def test_a_tree_that_was_extended_still_has_places():
    netgraph = NetGraph(topo_type="tree", node_count=7)
    netgraph.add_node("island")
    assert len(netgraph.positions()) == 8


@pytest.mark.parametrize("value", [10**400, 1e308, float("nan"), float("inf")])
def test_coordinates_that_are_none_are_left_out(value):
    netgraph = NetGraph(topo_type="linear", node_count=3)
    for nid in netgraph.nodes():
        netgraph.annotate_node(nid, "latitude", value)
        netgraph.annotate_node(nid, "longitude", 1)
    assert netgraph.positions() == {0: (-1.0, 0.0), 1: (0.0, 0.0), 2: (1.0, 0.0)}

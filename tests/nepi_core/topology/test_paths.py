"""Sources and targets, given or chosen, and the paths between nodes."""

import random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.topology import NetGraph


@pytest.mark.parametrize(
    ("options", "sources", "target"),
    [
        ({"topo_type": "linear", "node_count": 5}, {4}, 0),
        ({"topo_type": "ladder", "node_count": 8}, {7}, 0),
        ({"topo_type": "star", "node_count": 5}, {1, 2, 3, 4}, 0),
        ({"topo_type": "tree", "node_count": 7}, {3, 4, 5, 6}, 0),
    ],
)
def test_chosen_ends(options, sources, target):
    drawn = set()
    for seed in range(30):
        netgraph = NetGraph(**options, assign_st=True, seed=seed)
        assert netgraph.targets() == [target]
        drawn.update(netgraph.sources())
    assert drawn == sources


def test_ends_of_a_fat_tree_are_hosts_of_different_pods():
    netgraph = NetGraph(topo_type="fat-tree", k=4, assign_st=True, seed=5)
    ends = [*netgraph.sources(), *netgraph.targets()]
    assert [netgraph.node_annotation(nid, "role") for nid in ends] == ["host", "host"]
    assert len(netgraph.get_path(*ends)) == 7
    same = NetGraph(topo_type="fat-tree", k=4, assign_st=True, seed=5)
    assert ends == [*same.sources(), *same.targets()]


def test_given_ends_are_taken():
    netgraph = NetGraph(topo_type="linear", node_count=5)
    assert netgraph.assign_st_nodes(source=1, target=3) == (1, 3)
    assert (netgraph.sources(), netgraph.targets()) == ([1], [3])
    other = NetGraph(topo_type="linear", node_count=5)
    other.set_source(3)
    assert other.assign_st_nodes() == (3, 0)
    assert NetGraph(topo_type="linear", node_count=5).assign_st_nodes(target=1) == (4, 1)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_paths_are_shortest_and_agree_at_every_hop(seed):
    graph = nx.gnm_random_graph(12, 16, seed=seed)
    netgraph = NetGraph(topology=graph)
    source, target = random.Random(seed).sample(range(12), 2)
    if not nx.has_path(graph, source, target):
        return
    path = netgraph.get_path(source, target)
    assert len(path) == 1 + nx.shortest_path_length(graph, source, target)
    assert nx.is_simple_path(graph, path)
    for place, nid in enumerate(path[:-1]):
        assert netgraph.next_hop(source, nid, target) == path[place + 1]
        assert netgraph.get_path(nid, target) == path[place:]
    assert NetGraph.from_description(netgraph.to_description()).get_path(source, target) == path


def test_a_new_edge_changes_the_path():
    netgraph = NetGraph(topo_type="ring", node_count=8)
    assert netgraph.get_path(1, 4) == [1, 2, 3, 4]
    netgraph.add_edge(1, 4)
    assert netgraph.get_path(1, 4) == [1, 4]
    assert netgraph.get_path(4, 4) == [4]

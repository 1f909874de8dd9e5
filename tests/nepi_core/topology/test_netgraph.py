"""NetGraph: nodes, edges and annotations, given graphs, addresses, and the way to plain data and back."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nepi_core.description import Foreign, TopologyDescription, TopologyEdge, TopologyNode
from nepi_core.errors import TopologyError
from nepi_core.topology import NetGraph, TopologyType

LADDER = Path(__file__).parents[2] / "data/samples/nepi3-ladder-8.xml"


def from_edges(*edges):
    netgraph = NetGraph()
    for edge in edges:
        netgraph.add_edge(*edge)
    return netgraph


def annotations(netgraph):
    description = netgraph.to_description()
    nodes = {node.nid: node.annotations for node in description.nodes}
    return nodes, {(edge.nid1, edge.nid2): edge.annotations for edge in description.edges}


def test_networkx_is_loaded_for_those_only_who_need_it():
    code = "import sys, nepi_core.controller; sys.exit('networkx' in sys.modules or 'matplotlib' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# As in NEPI


def test_ladder_has_the_addresses_that_nepi_gives():
    netgraph = NetGraph(topo_type=TopologyType.LADDER, node_count=8, assign_ips=True, network="10.0.0.0", prefix=24)
    root = etree.parse(LADDER).getroot()
    ips = [each.get("value") for each in root.iter("node-annotation") if each.get("name") == "ips"]
    assert [str(netgraph.node_annotation(nid, "ips")) for nid in range(8)] == ips
    assert [(str(nid1), str(nid2)) for nid1, nid2 in netgraph.edges()] == [
        (edge.get("nid1"), edge.get("nid2")) for edge in root.iter("edge")
    ]
    assert netgraph.get_p2p_info(1, 5) == ("10.0.0.13", "10.0.0.14", "255.255.255.252", "10.0.0.12", 30)
    net = {1: "10.0.0.13", 5: "10.0.0.14", "mask": "255.255.255.252", "network": "10.0.0.12", "prefix": 30}
    assert netgraph.edge_net_annotation(5, 1) == netgraph.edge_annotation(1, 5, "net") == net


def test_the_calls_of_nepi():
    netgraph = NetGraph(topo_type="star", node_count=3)
    assert (netgraph.topo_type, netgraph.order, netgraph.size()) == ("star", 3, 2)
    assert (netgraph.nodes(), netgraph.edges()) == ([0, 1, 2], [(0, 1), (0, 2)])
    netgraph.annotate_node(1, "note", "plain")
    netgraph.annotate_edge(2, 0, "rate", 12.5)
    assert netgraph.node_annotation(1, "note") == "plain"
    assert netgraph.node_annotation(1, "none") is None
    assert netgraph.node_annotations(1) == ["note"]
    assert netgraph.edge_annotation(0, 2, "rate") == 12.5
    assert netgraph.edge_annotations(0, 2) == ["rate"]
    netgraph.del_node_annotation(1, "note")
    netgraph.del_edge_annotation(0, 2, "rate")
    assert netgraph.node_annotations(1) == netgraph.edge_annotations(0, 2) == []
    assert not netgraph.has_source()
    assert not netgraph.has_target()
    netgraph.set_source(2)
    netgraph.set_source(1)
    netgraph.set_target(0)
    assert netgraph.has_source()
    assert netgraph.has_target()
    assert (netgraph.sources(), netgraph.targets()) == ([1, 2], [0])
    assert netgraph.is_source(1)
    assert netgraph.is_target(0)
    assert netgraph.neighbors(0) == netgraph.neighbours(0) == [1, 2]
    assert sorted(netgraph.topology.edges()) == [(0, 1), (0, 2)]
    netgraph.annotate_node_ip(0, "192.168.0.1")
    assert netgraph.node_ip_annotations(0) == ["192.168.0.1"]
    netgraph.annotate_edge_net(0, 1, "10.0.0.1", "10.0.0.2", "255.255.255.252", "10.0.0.0", 30)
    assert netgraph.edge_net_annotation(0, 1)[1] == "10.0.0.2"
    assert netgraph.edge_net_annotation(0, 2) == {}


def test_adhoc_is_filled_node_by_node():
    netgraph = NetGraph()
    netgraph.add_node("b")
    netgraph.add_node("b")
    netgraph.add_edge("a", "b")
    netgraph.add_edge("b", "a")
    assert (netgraph.nodes(), netgraph.edges(), netgraph.topo_type) == (["b", "a"], [("b", "a")], "adhoc")


def test_the_graph_is_changed_through_its_methods_only():
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        from_edges((0, 1)).topology.add_edge(1, 2)


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"topo_type": "rign"}, "no topology 'rign'. Did you mean 'ring'"),
        ({"topo_type": "linear"}, "needs 'node_count'"),
        ({"node_count": 3}, "'adhoc' is not generated"),
        ({"topo_type": "linear", "node_count": 3, "branches": 2}, "no parameter 'branches'"),
        ({"topology": nx.path_graph(3), "node_count": 3}, "nothing to generate from node_count"),
        ({"topo_type": "linear", "node_count": 20, "assign_ips": True, "network": "10.0.0.0/28"}, "too small"),
        ({"assign_st": True}, "without nodes"),
        ({"topo_type": "linear", "node_count": 1, "assign_st": True}, "no path to any other"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(TopologyError, match=message):
        NetGraph(**options)


@pytest.mark.parametrize("twins", [(1, True), (1, 1.0), (0, False), (2.0, 2)])
def test_ids_that_python_takes_for_one_are_refused(twins):
    first, second = twins
    netgraph = from_edges((first, "other"))
    for call in (
        lambda: netgraph.add_node(second),
        lambda: netgraph.add_edge("new", second),
        lambda: netgraph.annotate_node(second, "a", 1),
        lambda: netgraph.set_source(second),
        lambda: NetGraph.from_description(TopologyDescription("adhoc", [TopologyNode(first), TopologyNode(second)])),
    ):
        with pytest.raises(TopologyError, match=rf"ids {first!r} \(\w+\) and {second!r} \(\w+\) are one"):
            call()
    assert netgraph.nodes() == [first, "other"]


@pytest.mark.parametrize("nid", [None, (0, 1), float("nan"), [1], np.int64(3)])
def test_ids_of_other_types_are_refused(nid):
    with pytest.raises(TopologyError, match="is no node id"):
        NetGraph().add_node(nid)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: g.annotate_node(5, "a", 1), r"no node 5\. Known are"),
        (lambda g: g.annotate_node("0", "a", 1), r"no node '0'\. It has 0, of type int"),
        (lambda g: g.annotate_node([0], "a", 1), r"no node \[0\]"),
        (lambda g: g.neighbours("Berlim"), "Did you mean 'Berlin'"),
        (lambda g: g.annotate_edge(0, 2, "a", 1), "no edge from 0 to 2. Neighbours of 0 are: 1, 'Berlin'"),
        (lambda g: g.annotate_node(0, "a", None), "is None, of type NoneType; allowed are a text"),
        (lambda g: g.annotate_node(0, "ips", [1]), "of type list"),
        (lambda g: g.annotate_edge(0, 1, "a", {}), "of type dict"),
        (lambda g: g.annotate_edge(0, "Berlim", "a", {}), "Did you mean 'Berlin'"),
        (lambda g: g.annotate_node(0, "", 1), "no name of an annotation"),
        (lambda g: g.del_node_annotation(0, "nope"), "Did you mean 'note'"),
        (lambda g: g.del_edge_annotation(0, 1, "x"), "has no annotation 'x'"),
        (lambda g: g.add_edge(0, 0), "to itself|the same one"),
        (lambda g: g.get_p2p_info(0, 1), "has no addresses"),
        (lambda g: g.set_target("x"), "no node 'x'"),
        (lambda g: g.get_path(0, "alone"), "no path from node 0 to node 'alone'"),
        (lambda g: g.next_hop(0, "Berlin", 2), r"No hop follows node 'Berlin' on the path 0 - 1 - 2"),
        (lambda g: g.next_hop(0, 2, 2), "No hop follows"),
        (lambda g: g.assign_st_nodes(0, 0), "source and target at once"),
        (lambda g: g.assign_st_nodes(source="alone"), "no path to any other"),
        (lambda g: g.assign_p2p_ips("10.0.0.0/31"), "too small"),
    ],
)
def test_faults_change_nothing(call, message):
    netgraph = from_edges((0, 1), (1, 2), (0, "Berlin"))
    netgraph.add_node("alone")
    netgraph.annotate_node(0, "note", "x")
    before = netgraph.to_description()
    with pytest.raises(TopologyError, match=message):
        call(netgraph)
    assert netgraph.to_description() == before


# Given graphs


def test_parallel_edges_are_kept_as_information():
    graph = nx.MultiGraph()
    graph.add_edge("a", "b", rate=1)
    graph.add_edge("b", "a", rate=2, note="second")
    graph.add_edge("a", "a")
    netgraph = NetGraph(topology=graph)
    assert netgraph.edges() == [("a", "b")]
    assert netgraph.edge_annotation("a", "b", "rate") == 1
    assert netgraph.edge_annotation("a", "b", "parallel") == 2
    assert json.loads(netgraph.edge_annotation("a", "b", "parallel_data")) == [{"rate": 2, "note": "second"}]
    assert netgraph.notices == ["Edges from a node to itself were left out: 1."]


def test_edges_that_stand_for_several_are_put_together():
    netgraph = NetGraph(topology=nx.MultiGraph([("a", "b", {"n": 1}), ("a", "b", {"n": 2}), ("a", "b", {"n": 3})]))
    description = netgraph.to_description()
    description.edges += [TopologyEdge("b", "a", {"n": 4}), description.edges[0]]
    again = NetGraph.from_description(description)
    assert again.edge_annotation("a", "b", "n") == 1
    assert again.edge_annotation("a", "b", "parallel") == 7
    others = json.loads(again.edge_annotation("a", "b", "parallel_data"))
    assert [each["n"] for each in others] == [2, 3, 4, 1, 2, 3]
    foreign = nx.MultiGraph([(0, 1, {"parallel_data": "mine"}), (0, 1)])
    assert NetGraph(topology=foreign).edge_annotation(0, 1, "parallel") == 2


def test_the_seed_is_that_of_what_was_drawn():
    assert NetGraph(topology=nx.path_graph(3)).seed is None
    assert NetGraph(topo_type="ladder", node_count=4, assign_ips=True).seed is None
    assert NetGraph(topo_type="waxman", node_count=4, seed=5).seed == 5
    drawn = NetGraph(topo_type="waxman", node_count=20)
    assert drawn.to_description() == NetGraph(topo_type="waxman", node_count=20, seed=drawn.seed).to_description()
    again = NetGraph.from_description(drawn.to_description())
    again.assign_st_nodes(source=0, target=1)
    assert again.seed is None
    third = NetGraph.from_description(drawn.to_description())
    third.assign_st_nodes()
    assert third.seed is not None


def test_a_directed_graph_keeps_what_differs_on_the_way_back():
    graph = nx.DiGraph()
    graph.add_edge(0, 1, rate=10, delay=5)
    graph.add_edge(1, 0, rate=2, delay=5)
    graph.add_edge(2, 1)
    assert annotations(NetGraph(topology=graph))[1] == {(0, 1): {"rate": 10, "delay": 5, "reverse_rate": 2}, (1, 2): {}}
    multi = nx.MultiDiGraph([(0, 1), (0, 1), (1, 0)])
    assert NetGraph(topology=multi).edge_annotation(0, 1, "parallel") == 2


def test_ids_of_other_types_in_a_given_graph_become_text():
    graph = nx.grid_2d_graph(2, 2)
    graph.add_edge("(0, 0)", np.int64(7))
    netgraph = NetGraph(topology=graph)
    assert netgraph.nodes() == ["(0, 0)#2", "(0, 1)", "(1, 0)", "(1, 1)", "(0, 0)", 7]
    assert type(netgraph.nodes()[-1]) is int
    assert netgraph.size() == 5


def test_values_of_a_given_graph_become_plain():
    graph = nx.Graph()
    graph.add_node(0, label="zero", Latitude="1.5", Longitude=2, pos=(0.5, np.float64(1)), none=None, count=np.int64(3))
    graph.add_node(1, label="one", name="uno", Latitude=100, Longitude="?", colours=["red"], ips="10.0.0.1")
    graph.add_edge(0, 1, net="lan", **{"nid1": 4})
    netgraph = NetGraph(topology=graph)
    nodes, edges = annotations(netgraph)
    assert nodes[0] == {"name": "zero", "latitude": 1.5, "longitude": 2.0, "x": 0.5, "y": 1.0, "count": 3}
    assert nodes[1] == {
        "label": "one", "name": "uno", "Latitude": 100, "Longitude": "?", "colours": "['red']", "ips_given": "10.0.0.1"
    }  # fmt: skip
    assert edges == {(0, 1): {"net_given": "lan", "nid1": 4}}
    assert netgraph.notices == ["Values that are neither text nor number became text: colours."]
    assert {type(value) for value in nodes[0].values()} == {str, int, float}
    netgraph.assign_p2p_ips()
    again = NetGraph(topology=netgraph.topology)
    assert again.to_description() == netgraph.to_description()
    again.annotate_node(0, "name", "changed")
    assert netgraph.node_annotation(0, "name") == "zero"


# Addresses


def test_hundred_thousand_edges_have_addresses_of_their_own():
    netgraph = NetGraph(topology=nx.gnm_random_graph(2_000, 100_000, seed=1), assign_ips=True)
    addresses = [address for nid in netgraph.nodes() for address in netgraph.node_ip_annotations(nid)]
    assert len(set(addresses)) == 200_000


def test_both_families_at_once():
    netgraph = NetGraph(topo_type="linear", node_count=3, assign_ips=True, version=6, edge_prefix=127)
    assert netgraph.get_p2p_info(0, 1)[:2] == ("fd00:6e65::", "fd00:6e65::1")
    netgraph.assign_p2p_ips("192.168.0.0", 16)
    assert netgraph.node_ip_annotations(1) == ["fd00:6e65::1", "fd00:6e65::2", "192.168.0.2", "192.168.0.5"]
    assert netgraph.edge_net_annotation(0, 1)["network"] == "192.168.0.0"
    assert netgraph.edge_net_annotation(0, 1, version=6)["network"] == "fd00:6e65::"


# To plain data and back

NIDS = st.one_of(st.text(max_size=4), st.integers(-5, 50), st.floats(allow_nan=False), st.booleans())
VALUES = st.one_of(st.text(max_size=5), st.integers(), st.floats(allow_nan=False), st.booleans())
ANNOTATIONS = st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=3)


@st.composite
def netgraphs(draw):
    nids = draw(st.lists(NIDS, max_size=8, unique=True))
    netgraph = NetGraph()
    for nid in nids:
        netgraph.add_node(nid)
        for name, value in draw(ANNOTATIONS).items():
            netgraph.annotate_node(nid, name, value)
        for mark in (netgraph.set_source, netgraph.set_target):
            if draw(st.booleans()):
                mark(nid)
    pairs = [(nid1, nid2) for place, nid1 in enumerate(nids) for nid2 in nids[:place]]
    for pair in draw(st.lists(st.sampled_from(pairs), max_size=10)) if pairs else ():
        netgraph.add_edge(*pair)
        for name, value in draw(ANNOTATIONS).items():
            netgraph.annotate_edge(pair[0], pair[1], name, value)
    for version in draw(st.lists(st.sampled_from([4, 6]), max_size=3)):
        netgraph.assign_p2p_ips(version=version)
    return netgraph


@settings(deadline=None)
@given(netgraphs())
def test_round_trip_through_the_description(netgraph):
    description = netgraph.to_description()
    kept = copy.deepcopy(description)
    again = NetGraph.from_description(description)
    assert again.to_description() == description
    assert repr(again.to_description()) == repr(description)  # 1 and True are equal, but must not change places
    assert again.nodes() == netgraph.nodes()
    assert again.edges() == netgraph.edges()
    assert [again.neighbours(nid) for nid in again.nodes()] == [netgraph.neighbours(nid) for nid in netgraph.nodes()]
    for nid in again.nodes():
        again.annotate_node(nid, "changed", True)
    again.assign_p2p_ips("172.16.0.0/12")
    assert description == kept


def test_a_description_of_another_hand():
    foreign = [Foreign("", "other", "x")]
    nodes = [TopologyNode(0, source=True, annotations={"ips": ["10.0.0.1"], "source": True}), TopologyNode(1)]
    edges = [TopologyEdge(1, 0, {"a": 1}), TopologyEdge(0, 1, {"b": 2}), TopologyEdge(1, 2), TopologyEdge(1, 1)]
    netgraph = NetGraph.from_description(TopologyDescription("of-tomorrow", nodes, edges, foreign))
    assert netgraph.topo_type == "of-tomorrow"
    assert netgraph.nodes() == [0, 1, 2]
    assert netgraph.sources() == [0]
    assert netgraph.edge_annotation(0, 1, "a") == 1
    assert json.loads(netgraph.edge_annotation(0, 1, "parallel_data")) == [{"b": 2}]
    assert netgraph.notices == ["Edges from a node to itself were left out: 1."]
    description = netgraph.to_description()
    assert description.foreign == foreign
    assert description.topo_type == "of-tomorrow"
    assert NetGraph.from_description(description).to_description() == description

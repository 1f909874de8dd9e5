"""Blocks of addresses, and their cutting into links."""

import ipaddress

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.errors import TopologyError
from nepi_core.topology.addressing import assign_addresses, link_addresses, network_of, parse_block


@pytest.mark.parametrize(
    ("network", "prefix", "version", "block"),
    [
        (None, None, None, "10.0.0.0/8"),
        ("10.0.0.0", None, None, "10.0.0.0/8"),
        ("192.168.0.0", 16, 4, "192.168.0.0/16"),
        ("10.4.0.0/14", None, None, "10.4.0.0/14"),
        ("10.4.0.0/14", 14, 4, "10.4.0.0/14"),
        (None, None, 6, "fd00:6e65::/32"),
        ("fd00::", 48, None, "fd00::/48"),
    ],
)
def test_block(network, prefix, version, block):
    assert str(parse_block(network, prefix, version)) == block


@pytest.mark.parametrize(
    ("network", "prefix", "version", "message"),
    [
        ("10.1.0.0", None, None, "has host bits set"),
        ("10.0.0.0/8", 9, None, "contradict"),
        ("10.0.0.0", 8, 6, "is IPv4, but version is 6"),
        ("ten", 8, None, "no block"),
        ("10.0.0.0", 33, None, "no block"),
        ("10.0.0.0/8/9", None, None, "no block"),
        (None, None, 5, "version is 5"),
        ("224.0.0.0/4", None, None, "multicast"),
    ],
)
def test_what_is_no_block(network, prefix, version, message):
    with pytest.raises(TopologyError, match=message):
        parse_block(network, prefix, version)


@pytest.mark.parametrize(
    ("block", "edge_prefix", "second_link"),
    [
        ("10.0.0.0/8", None, ("10.0.0.5", "10.0.0.6", "255.255.255.252", "10.0.0.4", 30)),
        ("10.0.0.0/8", 31, ("10.0.0.2", "10.0.0.3", "255.255.255.254", "10.0.0.2", 31)),
        ("fd00::/48", None, ("fd00:0:0:1::1", "fd00:0:0:1::2", "ffff:ffff:ffff:ffff::", "fd00:0:0:1::", 64)),
        ("fd00::/48", 127, ("fd00::2", "fd00::3", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "fd00::2", 127)),
    ],
)
def test_links(block, edge_prefix, second_link):
    assert list(link_addresses(parse_block(block), 2, edge_prefix))[1] == second_link


@settings(deadline=None)
@given(
    version=st.sampled_from([(4, 30), (4, 31), (6, 64), (6, 127)]), spare=st.integers(0, 6), count=st.integers(0, 70)
)
def test_links_lie_in_the_block_and_apart_or_are_refused(version, spare, count):
    family, edge_prefix = version
    start = "10.9.0.0" if family == 4 else "fd00:9::"
    block = parse_block(start, edge_prefix - spare, family)
    if count > 2**spare:
        with pytest.raises(TopologyError, match="too small"):
            link_addresses(block, count, edge_prefix)
        return
    links = list(link_addresses(block, count, edge_prefix))
    networks = [ipaddress.ip_network(f"{link.network}/{link.prefix}") for link in links]
    assert len(set(networks)) == count
    for link, network in zip(links, networks, strict=True):
        assert network.supernet(new_prefix=block.prefixlen) == block
        assert link.mask == str(network.netmask)
        assert link.first != link.second
        assert {ipaddress.ip_address(link.first), ipaddress.ip_address(link.second)} <= set(
            network if edge_prefix in (31, 127) else [network[1], network[2]]
        )


def test_the_prefix_that_a_message_names_is_large_enough():
    with pytest.raises(TopologyError, match=r"64 links of prefix /30, and there are 65\. .* prefix 23 or less"):
        link_addresses(parse_block("10.0.0.0/24"), 65)
    assert len(list(link_addresses(parse_block("10.0.0.0/23"), 65))) == 65


def test_a_prefix_that_is_none_of_a_link():
    with pytest.raises(TopologyError, match="edge_prefix is 29; a link of IPv4 has 30 or 31"):
        link_addresses(parse_block(), 1, 29)


def test_a_refused_assignment_changes_nothing():
    graph = nx.path_graph(6)
    assign_addresses(graph, parse_block("10.0.0.0/24"))
    before = {node: list(data["ips"]) for node, data in graph.nodes(data=True)}
    with pytest.raises(TopologyError, match="too small"):
        assign_addresses(graph, parse_block("192.168.0.0/28"))
    assert {node: data["ips"] for node, data in graph.nodes(data=True)} == before


def test_a_node_that_is_called_like_a_part_of_an_address_is_refused_before_anything_changes():
    graph = nx.Graph([("a", "b"), ("b", "mask")])
    with pytest.raises(TopologyError, match="'mask' cannot have addresses"):
        assign_addresses(graph, parse_block())
    assert not graph.nodes["a"]


def test_families_live_side_by_side_and_are_replaced_one_by_one():
    graph = nx.path_graph(2)
    assign_addresses(graph, parse_block(version=6))
    assign_addresses(graph, parse_block())
    assign_addresses(graph, parse_block("192.168.0.0/16"))
    assert graph.nodes[0]["ips"] == ["fd00:6e65::1", "192.168.0.1"]
    data = graph.edges[0, 1]
    assert network_of(data)["network"] == "192.168.0.0"
    assert network_of(data, 6)["network"] == "fd00:6e65::"
    assert network_of({}) == {}


def test_ipv6_that_nepi_kept_in_net_moves_when_ipv4_comes():
    net = {0: "fd00::1", 1: "fd00::2", "mask": "ffff::", "network": "fd00::", "prefix": 64}
    graph = nx.Graph()
    graph.add_edge(0, 1, net=dict(net))
    assert network_of(graph.edges[0, 1], 6) == net
    assign_addresses(graph, parse_block())
    assert graph.edges[0, 1]["net6"] == net
    assert graph.edges[0, 1]["net"][0] == "10.0.0.1"

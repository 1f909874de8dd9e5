from __future__ import annotations

import ipaddress

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.resources.netns.drawing import Drawing, Forwarding, drawing, shortest


def check_all_pairs(plan, version: int = 4) -> None:
    """Send a packet from each node (of many, some) to each address: it goes a shortest way, or there is none."""
    forwarding, graph = Forwarding(plan, version), shortest(plan)
    sources = [guid for guid, station in plan.stations.items() if not station.is_switch]
    sources = sources[:: 1 + len(sources) // 40]
    lengths = {(guid, "out"): nx.single_source_shortest_path_length(graph, (guid, "out")) for guid in sources}
    for number, segment in enumerate(plan.segments):
        for end in segment.ends:
            if version not in end.addresses:
                continue
            address = end.addresses[version].ip
            for source in sources:
                far = lengths[source, "out"].get(~number)
                path = forwarding.path(source, address)
                if far is None or source == end.station:
                    assert path == (None if far is None else [source])
                    continue
                assert path is not None, f"{source} does not reach {address}"
                segments = (far + 2) // 3  # out, segment, node, out, segment ...
                # A packet may meet the owner of its address before it is in the address's own segment.
                assert len(path) - 1 in {segments, segments - 1}
                if len(path) - 1 == segments - 1:
                    assert lengths[source, "out"][end.station] == 3 * segments - 4


@st.composite
def networks(draw) -> tuple[nx.Graph, list[int], dict[int, bool]]:
    """Draw a graph, which of its vertices are switches, and which nodes were told to forward or not to."""
    size = draw(st.integers(2, 9))
    vertices = st.integers(0, size - 1)
    pairs = st.tuples(vertices, vertices).filter(lambda pair: pair[0] != pair[1])
    graph = nx.Graph(draw(st.lists(pairs, min_size=1, max_size=16)))
    switches = draw(st.lists(vertices, unique=True, max_size=3))
    return graph, switches, draw(st.dictionaries(vertices, st.booleans(), max_size=3))


@settings(max_examples=60)
@given(networks())
def test_packets_go_shortest_ways_through_forwarding_nodes_only(drawn: tuple) -> None:
    graph, switches, forwarding = drawn
    with drawing() as network:
        guids = network.graph(graph, switches)
        for vertex, wish in forwarding.items():
            if vertex in guids and vertex not in switches:
                network.ec.set(guids[vertex], "forwarding", wish)
        plan = network.plan()
        assert not plan.problems
        check_all_pairs(plan)
        check_all_pairs(plan, 6)


def test_some_ends_without_addresses_are_gone_round() -> None:
    """The short way has IPv6 only, the long one both."""
    with drawing() as network:
        a, b, c = (network.node(name) for name in "abc")
        host1, host2 = network.node("host1"), network.node("host2")
        network.link(host1, a)
        network.link(b, host2)
        interface = network.add("Interface", a, ip4="none")
        network.link(interface, b)
        network.link(a, c)
        network.link(c, b)
        plan = network.plan()
        assert not plan.problems
        for version, names in ((4, [host1, a, c, b, host2]), (6, [host1, a, b, host2])):
            address = next(e.addresses[version].ip for s in plan.segments for e in s.ends if e.station == host2)
            assert Forwarding(plan, version).path(host1, address) == names


@pytest.mark.parametrize(("nodes", "edges", "seed"), [(60, 80, 1), (80, 79, 2), (40, 150, 3)])
def test_merged_routes_lead_along_shortest_ways_too(nodes: int, edges: int, seed: int) -> None:
    with drawing() as network:
        graph = nx.gnm_random_graph(nodes, edges, seed=seed)
        network.graph(graph, switches=range(0, 12, 3))
        plan = network.plan()
        assert len(plan.segments) >= 64
        check_all_pairs(plan)
        assert sum(map(len, plan.routes.values())) < 2 * len(plan.routes) * len(plan.segments)


def test_merged_routes_with_given_networks_of_other_sizes() -> None:
    with drawing() as network:
        nodes = list(network.graph(nx.circulant_graph(70, [1, 9])).values())
        for number, text in enumerate(("192.168.0.1/30", "172.16.0.1/16", "10.0.7.129/25", "fd00:1::1/48")):
            far = network.node()
            interface = network.add("Interface", far, **{"ip6" if ":" in text else "ip4": text})
            network.link(nodes[17 * number], interface)
        plan = network.plan()
        assert not plan.problems
        check_all_pairs(plan)
        check_all_pairs(plan, 6)


def test_more_gateways_than_can_be_merged() -> None:
    with drawing() as network:
        leaves = list(network.graph(nx.random_labeled_tree(66, seed=1)).values())
        hub = network.node()
        for guid in leaves:
            network.link(hub, guid)
        check_all_pairs(network.plan())


def routes_of(network: Drawing, guid: int) -> list[str]:
    return [route.text for route in network.plan().routes[guid]]


def test_routers_have_one_route_a_network_and_hosts_a_default_route() -> None:
    with drawing() as network:
        first, router1, router2, last = network.line("h1", "r1", "r2", "h2")
        assert routes_of(network, first) == ["default via 10.0.0.2", "default via fd00:6e65::2"]
        assert routes_of(network, router1) == ["10.0.2.0/24 via 10.0.1.2", "fd00:6e65:0:2::/64 via fd00:6e65:0:1::2"]
        assert routes_of(network, router2) == ["10.0.0.0/24 via 10.0.1.1", "fd00:6e65::/64 via fd00:6e65:0:1::1"]
        assert routes_of(network, last) == ["default via 10.0.2.1", "default via fd00:6e65:0:2::1"]


def test_neighbours_need_no_routes() -> None:
    with drawing() as network:
        assert [routes_of(network, guid) for guid in network.line("h1", "h2")] == [[], []]


def test_who_forwards() -> None:
    with drawing() as network:
        host, router, told_not_to = network.line("h1", "r1", "h2")
        told_to = network.node(forwarding=True)
        network.link(told_not_to, told_to)
        network.ec.set(told_not_to, "forwarding", False)
        stations = network.plan().stations
        assert [stations[guid].forwards for guid in (host, router, told_not_to, told_to)] == [False, True, False, True]


def test_no_routes_when_nobody_wants_them() -> None:
    with drawing() as network:
        network.line("h1", "r1", "h2")
        network.ec.set_global("netns::Node", "routing", "none")
        assert not any(network.plan().routes.values())


def test_two_links_to_the_same_neighbour_are_two_networks() -> None:
    with drawing() as network:
        first, router, last = network.line("h1", "r1", "h2")
        network.link(first, router)
        plan = network.plan()
        assert len(plan.segments) == 3
        check_all_pairs(plan)
        addresses = [end.addresses[4].ip for segment in plan.segments for end in segment.ends if end.station == router]
        assert len(set(addresses)) == 3
        assert Forwarding(plan).path(last, ipaddress.ip_address("10.0.2.1")) == [last, router, first]

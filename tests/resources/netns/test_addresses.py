from __future__ import annotations

import ipaddress
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nepi_core.resources.netns._topology import add_topology

from tests.resources.netns.drawing import Drawing, drawing


def ends_of(plan):
    return [end for segment in plan.segments for end in segment.ends]


def addresses_at(network: Drawing, guid: int, version: int = 4) -> list[str]:
    return [str(end.addresses[version]) for end in ends_of(network.plan()) if end.station == guid]


def problem(network: Drawing, guid: int) -> str:
    """Return why the only resource with a problem has one."""
    plan = network.plan()
    assert set(plan.problems) == {guid}
    return plan.problems[guid]


def check(plan) -> None:
    """Each address is unique and a host of its segment's network, and networks have nothing in common."""
    for version in (4, 6):
        addresses = [end.addresses[version] for end in ends_of(plan) if version not in end.unaddressed]
        assert len({address.ip for address in addresses}) == len(addresses)
        for segment in plan.segments:
            block = segment.blocks[version]
            assert {end.addresses[version].network for end in segment.ends} == {block}
            hosts = {end.addresses[version].ip for end in segment.ends}
            assert not hosts & ({block.network_address, block.broadcast_address} if version == 4 else {block[0]})
        blocks = sorted(segment.blocks[version] for segment in plan.segments)
        assert not any(first.overlaps(second) for first, second in pairwise(blocks))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]), max_size=20),
    st.sets(st.integers(0, 9), max_size=4),
    st.lists(st.integers(0, 40), max_size=4),
)
def test_addresses_are_unique_and_each_segment_has_a_network(pairs: list, switches: set, given_networks: list) -> None:
    with drawing() as network:
        guids = network.graph(nx.MultiGraph(pairs), switches)
        far = network.node()
        for number in set(given_networks):
            interface = network.add("Interface", network.node(), ip4=f"10.0.{number}.77/24")
            network.link(interface, far)
        plan = network.plan()
        assert not plan.problems
        check(plan)
        assert {end.station for end in ends_of(plan)} >= {guids[v] for v in guids if v not in switches}


def test_networks_are_numbered_as_links_are_and_hosts_in_their_order() -> None:
    with drawing() as network:
        first, router, last = network.line("h1", "r1", "h2")
        assert addresses_at(network, first) == ["10.0.0.1/24"]
        assert addresses_at(network, router) == ["10.0.0.2/24", "10.0.1.1/24"]
        assert addresses_at(network, last) == ["10.0.1.2/24"]
        assert addresses_at(network, router, 6) == ["fd00:6e65::2/64", "fd00:6e65:0:1::1/64"]


def test_joined_switches_are_one_network() -> None:
    with drawing() as network:
        switches = [network.add("Switch") for _ in range(3)]
        hosts = [network.node() for _ in range(3)]
        for host, switch in zip(hosts, switches, strict=True):
            network.link(host, switch)
        network.link(switches[0], switches[1])
        network.link(switches[1], switches[2])
        assert [addresses_at(network, host) for host in hosts] == [[f"10.0.0.{n}/24"] for n in (1, 2, 3)]


@pytest.mark.parametrize(("hosts", "prefix"), [(254, 24), (255, 23), (300, 23), (510, 23), (511, 22)])
def test_a_large_segment_has_a_large_network(hosts: int, prefix: int) -> None:
    with drawing() as network:
        network.line("h1", "h2")
        switch = network.add("Switch")
        for _ in range(hosts):
            network.link(network.node(), switch)
        plan = network.plan()
        assert not plan.problems
        check(plan)
        assert plan.segments[1].blocks[4].prefixlen == prefix


def test_given_addresses_are_kept_and_others_fit_in() -> None:
    with drawing() as network:
        switch = network.add("Switch")
        hosts = [network.node() for _ in range(3)]
        for host, given_ones in zip(hosts, ({}, {"ip4": "192.168.7.1/24", "ip6": "fd01::5/64"}, {}), strict=True):
            network.link(network.add("Interface", host, **given_ones), switch)
        assert [addresses_at(network, host)[0] for host in hosts] == [f"192.168.7.{n}/24" for n in (2, 1, 3)]
        assert [addresses_at(network, host, 6)[0] for host in hosts] == [f"fd01::{n}/64" for n in (1, 5, 2)]


@pytest.mark.parametrize("mask", ["24", "255.255.255.0"])
def test_a_mask_of_its_own(mask: str) -> None:
    with drawing() as network:
        first, second = network.node(), network.node()
        network.link(network.add("Interface", first, ip4="10.9.8.7", mask4=mask, ip6="fd02::7", mask6=48), second)
        assert addresses_at(network, second) == ["10.9.8.1/24"]
        assert addresses_at(network, second, 6) == ["fd02::1/48"]


def test_an_interface_can_have_no_address() -> None:
    with drawing() as network:
        first, second = network.node(), network.node()
        network.link(network.add("Interface", first, ip4="none", ip6="none"), second)
        near, far = ends_of(network.plan())
        assert (set(near.addresses), set(far.addresses)) == (set(), {4, 6})


def test_small_packets_leave_no_room_for_ipv6() -> None:
    with drawing() as network:
        first, second, third = network.line("h1", "h2", "h3")
        network.ec.set(first + 3, "mtu", 1279)
        interface = network.add("Interface", third, mtu=1000)
        network.link(interface, second)
        plan = network.plan()
        assert [sorted(end.addresses) for end in ends_of(plan)] == [[4], [4], [4, 6], [4, 6], [4, 6], [4]]
        network.ec.set(interface, "ip6", "fd00::1/64")
        assert problem(network, interface) == (
            "attribute 'ip6' is 'fd00::1/64', but its mtu is 1000 bytes: IPv6 needs 1280."
        )


@pytest.mark.parametrize(
    ("attribute", "text", "reason"),
    [
        ("ip4", "10.0.0.1", "no address such as 10.0.0.1/24: it says no length of the network's prefix, such as /24"),
        ("ip4", "10.0.0.300/24", "no address such as 10.0.0.1/24: Octet 300"),
        ("ip4", "10.0.0.1/33", "no address such as 10.0.0.1/24: '33'"),
        ("ip4", "fd00::1/64", "no address such as 10.0.0.1/24: "),
        ("ip4", "10.0.0.0/24", "which is no host of the network 10.0.0.0/24"),
        ("ip4", "10.0.0.255/24", "which is no host of the network 10.0.0.0/24"),
        ("ip4", "255.255.255.255/32", "which is no host of the network 255.255.255.255/32"),
        ("ip4", "224.0.0.1/24", "which no host can have"),
        ("ip4", "127.0.0.1/8", "which no host can have"),
        ("ip4", "0.0.0.0/8", "which no host can have"),
        ("ip6", "::1/64", "which no host can have"),
        ("ip6", "fd00::/64", "which is no host of the network fd00::/64"),
        ("ip6", "fe80::5/64", "of those that each interface has one of by itself"),
        ("ip6", "fd00::1%eth0/64", "no address such as fd00::1/64: what follows '%' is for addresses of one link"),
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_host_is_refused(attribute: str, text: str, reason: str) -> None:
    with drawing() as network:
        interface = network.add("Interface", network.node(), **{attribute: text})
        network.link(interface, network.node())
        said = problem(network, interface)
        assert said.startswith(f"attribute '{attribute}' is ")
        assert text in said
        assert reason in said


@pytest.mark.parametrize(
    ("given_one", "other"),
    [("10.0.0.0/31", "10.0.0.1/31"), ("10.0.0.1/31", "10.0.0.0/31"), ("fd00::/127", "fd00::1/127")],
)
def test_networks_of_two(given_one: str, other: str) -> None:
    with drawing() as network:
        version = ipaddress.ip_interface(given_one).version
        far = network.node()
        network.link(network.add("Interface", network.node(), **{f"ip{version}": given_one}), far)
        assert not network.plan().problems
        assert addresses_at(network, far, version) == [other]


def test_a_network_of_one() -> None:
    with drawing() as network:
        link = network.link(network.add("Interface", network.node(), ip4="10.0.0.1/32"), network.node())
        assert problem(network, link) == "there is no free address left in 10.0.0.1/32 for its interface eth0."


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("10.1.0.1/24", "10.2.0.1/24", "its address 10.2.0.1/24 is outside the network 10.1.0.0/24, "
         "which netns::Interface 3 is in at the same link."),
        ("10.1.0.1/24", "10.1.0.2/25", "its address 10.1.0.2/25 has another prefix than the network 10.1.0.0/24, "
         "which netns::Interface 3 is in at the same link."),
        ("10.1.0.1/24", "10.1.0.1/24", "its address 10.1.0.1 is that of netns::Interface 3, too."),
    ],
)  # fmt: skip
def test_addresses_that_do_not_fit_each_other_are_refused(first: str, second: str, said: str) -> None:
    with drawing() as network:
        nodes = network.node(), network.node()
        interfaces = [network.add("Interface", n, ip4=ip4) for n, ip4 in zip(nodes, (first, second), strict=True)]
        network.link(*interfaces)
        assert problem(network, interfaces[1]) == said


def test_networks_that_overlap_are_refused_unless_nobody_routes() -> None:
    with drawing() as network:
        nodes = network.line("a", "b", "c")
        interfaces = []
        for node, ip4 in zip(nodes, ("10.5.1.2/16", "10.5.3.1/24", "10.6.0.1/16"), strict=True):
            interfaces.append(network.add("Interface", node, ip4=ip4))
            network.link(interfaces[-1], network.node())
        assert problem(network, interfaces[1]) == (
            "its network 10.5.3.0/24 overlaps with 10.5.0.0/16, in which a has an interface at another link; "
            "each link or switched segment has a network of its own."
        )
        network.ec.set_global("netns::Node", "routing", "none")
        assert not network.plan().problems


def test_networks_beside_the_usual_ones() -> None:
    with drawing() as network:
        interface = network.add("Interface", network.node(), ip4="10.0.0.1/8")
        network.link(interface, network.node())
        network.line("h1", "h2")
        assert network.plan().segments[1].blocks[4] == ipaddress.ip_network("172.16.0.0/24")


def test_no_network_is_left() -> None:
    with drawing() as network:
        far = network.node()
        for block in ("10.0.0.1/8", "172.16.0.1/12", "192.168.0.1/16"):
            network.link(network.add("Interface", network.node(), ip4=block), far)
        link = network.link(far, network.node())
        assert problem(network, link) == "no network is left for its interface eth3: all are given away."


def test_shared_ethernet_addresses_are_refused_in_one_segment_only() -> None:
    with drawing() as network:
        switch, far = network.add("Switch"), network.add("Switch")
        interfaces = [
            network.add("Interface", network.node(), mac=mac) for mac in ("02:00:00:00:00:AA", "02:00:00:00:00:aa")
        ]
        links = [network.link(each, switch) for each in interfaces]
        assert problem(network, interfaces[1]) == (
            "its Ethernet address 02:00:00:00:00:aa is that of netns::Interface 4, too."
        )
        network.ec.remove_resource(links[1])
        network.link(interfaces[1], far)
        assert not network.plan().problems


def test_ethernet_addresses_are_the_same_in_each_plan() -> None:
    with drawing() as network:
        network.line("h1", "h2", "h3")
        macs = [end.mac for end in ends_of(network.plan())]
        assert macs == [end.mac for end in ends_of(network.plan())]
        assert len(set(macs)) == 4
        assert all(int(mac[:2], 16) & 3 == 2 for mac in macs)  # local, and of one interface


@given(st.data())
@settings(max_examples=30)
def test_an_earlier_plan_is_kept_when_the_network_grows(data: st.DataObject) -> None:
    pairs = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] != pair[1])
    with drawing() as network:
        guids = list(network.graph(nx.complete_graph(6), {0}).values())
        before = network.plan()
        for first, second in data.draw(st.lists(pairs, max_size=8)):
            network.link(guids[first], guids[second])
        network.link(network.node(), guids[0])
        after = network.plan(before)
        assert not after.problems
        check(after)
        kept = {end.key: end for end in ends_of(after)}
        for end in ends_of(before):
            assert (kept[end.key].name, kept[end.key].addresses) == (end.name, end.addresses)


def test_addresses_of_the_topology_are_taken() -> None:
    with drawing(topology=nx.path_graph(3), assign_ips=True, network="172.20.0.0", prefix=16) as network:
        netgraph = network.netgraph
        netgraph.assign_p2p_ips(version=6)
        add_topology(network.ec, netgraph)
        plan = network.plan()
        assert not plan.problems
        check(plan)
        assert [str(segment.blocks[4]) for segment in plan.segments] == ["172.20.0.0/30", "172.20.0.4/30"]
        owners = {str(end.addresses[4].ip): end.station for end in ends_of(plan)}
        for edge in netgraph.edges():
            ips = netgraph.get_p2p_info(*edge)[:2]
            assert [owners[ip] for ip in ips] == [netgraph.node_annotation(nid, "guid") for nid in edge]


def test_a_switch_in_the_topology_makes_one_network() -> None:
    with drawing(topology=nx.star_graph(3), assign_ips=True) as network:
        netgraph = network.netgraph
        for nid in netgraph.nodes():
            guid = network.add("Switch") if nid == netgraph.nodes()[0] else network.node()
            netgraph.annotate_node(nid, "guid", guid)
        for edge in netgraph.edges():
            network.link(*(netgraph.node_annotation(nid, "guid") for nid in edge))
        plan = network.plan()
        assert not plan.problems
        assert [str(segment.blocks[4]) for segment in plan.segments] == ["10.0.0.0/24"]
        ends = [end for cable in plan.cables.values() for end in cable.ends]
        assert not any(end.addresses for end in ends if plan.stations[end.station].is_switch)


def test_nonsense_in_the_topology_is_told_of_the_link() -> None:
    with drawing(topology=nx.path_graph(2), assign_ips=True) as network:
        netgraph = network.netgraph
        first, second = netgraph.nodes()
        netgraph.annotate_edge_net(first, second, "10.0.0.400", "10.0.0.2", "255.255.255.252", "10.0.0.0", 30)
        add_topology(network.ec, netgraph)
        (said,) = network.plan().problems.values()
        assert said.startswith("the address of its end at n0 in the topology is '10.0.0.400/30', no address such as ")

"""Addresses: those that were given, those of the topology, and for all other ends one network a link or segment."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .model import MANY, Address, Block, End, Plan, Segment

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment

# RFC 1918 and RFC 4193; "6e65" spells "ne". A /24 is what one sees in textbooks.
_POOLS = {4: ipaddress.ip_network("10.0.0.0/8"), 6: ipaddress.ip_network("fd00:6e65::/32")}
_PREFIX = {4: 24, 6: 64}
NONE = "none"
"""What the attributes ip4 and ip6 of an interface say when it is to have no address."""


class Addressing:
    """Gives every end of a plan its addresses, and notes what is wrong with those that were given."""

    def __init__(self, experiment: Experiment, plan: Plan, previous: Plan | None = None) -> None:
        self._experiment = experiment
        self._plan = plan
        self._previous = previous or Plan()
        self._owners: dict[ipaddress.IPv4Address | ipaddress.IPv6Address, End] = {}

    def assign(self) -> None:
        """Find the segments, and address them."""
        segments = list(_segments(self._plan))
        self._plan.segments = _neighbours_first(segments) if len(segments) >= MANY else segments
        self._read_given()
        self._read_topology()
        self._read_previous()
        for version in _POOLS:
            blocks = self._free_blocks(version)
            for segment in self._plan.segments:
                self._address(segment, version, blocks)

    # -- what is known before

    def _read_given(self) -> None:
        for end in self._ends():
            if end.interface is None:
                continue
            for version in _POOLS:
                text = self._given(end, version)
                if text == NONE:
                    end.unaddressed.add(version)
                elif text:
                    self._parse(end, version, text)

    def _given(self, end: End, version: int) -> str:
        assert end.interface is not None
        interface = self._experiment.get_resource(end.interface)
        text = interface.get(f"ip{version}") or ""
        if version == 4 and not text:
            for each in interface.get_connected("netns::IPv4Address"):
                text = each.get("ip") or ""
                text += f"/{each.get('prefix')}" if text and "/" not in text and each.get("prefix") else ""
        mask = interface.get(f"mask{version}")
        return f"{text}/{mask}" if text and text != NONE and "/" not in text and mask else text

    def _parse(self, end: End, version: int, text: str) -> None:
        """Take in an address, unless it cannot be one of a host."""
        try:
            if "/" not in text:
                raise ValueError("it says no length of the network's prefix, such as /24")
            address = (ipaddress.IPv4Interface if version == 4 else ipaddress.IPv6Interface)(text)
        except ValueError as error:
            example = "10.0.0.1/24" if version == 4 else "fd00::1/64"
            reason = str(error).replace("\n", " ")
            self._plan.refuse(
                end.owner, f"attribute 'ip{version}' is {text!r}, no address such as {example}: {reason}."
            )
            return
        network = address.network
        if address.ip.is_multicast or address.ip.is_loopback or address.ip.is_unspecified:
            self._plan.refuse(end.owner, f"attribute 'ip{version}' is {text}, which no host can have.")
        elif address.ip in _not_hosts(network):
            self._plan.refuse(
                end.owner, f"attribute 'ip{version}' is {text}, which is no host of the network {network}."
            )
        else:
            end.addresses[version] = address

    def _read_topology(self) -> None:
        """Take the addresses that the topology has for an edge, when its nodes say which resources they became."""
        netgraph = getattr(self._experiment, "netgraph", None)
        if netgraph is None:
            return
        guids = {nid: netgraph.node_annotation(nid, "guid") for nid in netgraph.nodes()}
        edges = {frozenset((guids[nid1], guids[nid2])): (nid1, nid2) for nid1, nid2 in netgraph.edges()}
        for cable in self._plan.cables.values():
            nids = edges.get(frozenset(end.station for end in cable.ends))
            for version in _POOLS if nids else ():
                net: dict[Any, Any] = netgraph.edge_net_annotation(*nids, version)
                at = {guids[nid]: net[nid] for nid in nids or () if nid in net}
                for end in cable.ends:
                    if end.station in at and version not in end.addresses and version not in end.unaddressed:
                        self._parse(end, version, f"{at[end.station]}/{net.get('prefix')}")

    def _read_previous(self) -> None:
        known = {end.key: end for cable in self._previous.cables.values() for end in cable.ends}
        for end in self._ends():
            if before := known.get(end.key):
                end.addresses = before.addresses | end.addresses

    def _ends(self) -> Iterator[End]:
        for segment in self._plan.segments:
            yield from segment.ends

    # -- segments

    def _address(self, segment: Segment, version: int, blocks: Iterator[Block]) -> None:
        wanting = [end for end in segment.ends if version not in end.addresses | dict.fromkeys(end.unaddressed)]
        given = [end for end in segment.ends if version in end.addresses]
        for end in given:
            self._check(end, given[0], version)
        if given:
            segment.blocks[version] = given[0].addresses[version].network
        elif wanting:
            segment.blocks[version] = _take(blocks, len(wanting), version)
        free = self._hosts(segment.blocks.get(version))
        for end in wanting:
            address = next(free, None)
            if address is None:
                block = segment.blocks[version]
                self._plan.refuse(end.owner, f"there is no free address left in {block} for its interface {end.name}.")
                return
            end.addresses[version] = address
            self._owners[address.ip] = end

    def _check(self, end: End, first: End, version: int) -> None:
        address, block = end.addresses[version], first.addresses[version].network
        if address.network != block:
            other = self._experiment.get_resource(first.owner).name
            self._plan.refuse(
                end.owner,
                f"its address {address} is outside the network {block}, which {other} is in at the same link.",
            )
        owner = self._owners.setdefault(address.ip, end)
        if owner is not end:
            other = self._experiment.get_resource(owner.owner).name
            self._plan.refuse(end.owner, f"its address {address.ip} is that of {other}, too.")

    def _hosts(self, block: Block | None) -> Iterator[Address]:
        """Yield the addresses of a network that nobody has."""
        if block is None:
            return
        make = ipaddress.IPv4Interface if block.version == 4 else ipaddress.IPv6Interface
        start = int(block.network_address)
        without = _not_hosts(block)
        for number in range(start, start + block.num_addresses):
            address = make((number, block.prefixlen))
            if address.ip not in without and address.ip not in self._owners:
                yield address

    def _free_blocks(self, version: int) -> Iterator[Block]:
        """Yield networks of the pool that overlap none that was given."""
        taken = {end.addresses[version].network for end in self._ends() if version in end.addresses}
        for block in _POOLS[version].subnets(new_prefix=_PREFIX[version]):
            if not any(block.overlaps(each) for each in taken):
                yield block


def _take(blocks: Iterator[Block], hosts: int, version: int) -> Block:
    """Return the next block, or as many that follow each other as a large segment needs."""
    block = next(blocks)
    if version == 6 or hosts <= block.num_addresses - 2:
        return block
    prefix = 32 - math.ceil(math.log2(hosts + 2))
    while True:
        large = block.supernet(new_prefix=prefix)
        if block.network_address == large.network_address:
            parts = [block]
            while int(parts[-1].broadcast_address) < int(large.broadcast_address):
                parts.append(next(blocks))
            if parts[-1].broadcast_address == large.broadcast_address and len(parts) == 1 << (24 - prefix):
                return large
        block = next(blocks)


def _not_hosts(network: Block) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """Return the addresses of a network that no host has: RFC 3021 and RFC 6164 leave none in the smallest."""
    if network.num_addresses <= 2:
        return ()
    if network.version == 6:  # address 0 belongs to all routers (RFC 4291, 2.6.1)
        return (network.network_address,)
    return (network.network_address, network.broadcast_address)


def _segments(plan: Plan) -> Iterator[Segment]:
    """Yield the segments in the order of their first cables."""
    groups = _switch_groups(plan)
    found: dict[int, Segment] = {}
    for cable in plan.cables.values():
        at_switches = [end for end in cable.ends if plan.stations[end.station].is_switch]
        nodes = [end for end in cable.ends if not plan.stations[end.station].is_switch]
        # Links have numbers from 1, so that a group of switches never has that of a link.
        key = -groups[at_switches[0].station] if at_switches else cable.guid
        if nodes:
            found.setdefault(key, Segment([])).ends.extend(nodes)
    yield from found.values()


def _neighbours_first(segments: list[Segment]) -> list[Segment]:
    """Return segments in such an order that those near each other get near numbers, which gives few merged routes."""
    import networkx as nx  # 120 ms

    graph = nx.Graph()
    for number, segment in enumerate(segments):
        graph.add_edges_from((~number, end.station) for end in segment.ends)
    busiest = [max(part, key=graph.degree) for part in nx.connected_components(graph)]
    order = [vertex for start in busiest for vertex in nx.dfs_preorder_nodes(nx.bfs_tree(graph, start), start)]
    return [segments[~vertex] for vertex in order if vertex < 0]


def _switch_groups(plan: Plan) -> dict[int, int]:
    """Return for each switch the lowest guid among those that it is joined with."""
    import networkx as nx  # 120 ms

    graph = nx.Graph()
    graph.add_nodes_from(guid for guid, station in plan.stations.items() if station.is_switch)
    for cable in plan.cables.values():
        first, second = (end.station for end in cable.ends)
        if first in graph and second in graph:
            graph.add_edge(first, second)
    return {guid: min(group) for group in nx.connected_components(graph) for guid in group}

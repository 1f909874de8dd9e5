"""Addresses that are known before any is assigned: those that were given, of the topology, and of an earlier plan."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .model import Address, Block, Cable, End, Plan

if TYPE_CHECKING:
    from nepi_core.description import NodeId
    from nepi_core.experiment import Experiment
    from nepi_core.resource import ResourceManager
    from nepi_core.topology import NetGraph

NONE = "none"
"""What the attributes ip4 and ip6 of an interface say when it is to have no address."""

SMALLEST_IPV6_MTU = 1280
"""RFC 8200, 5; on interfaces with less the kernel has no IPv6."""

_VERSIONS = (4, 6)
_EXAMPLES = {4: "10.0.0.1/24", 6: "fd00::1/64"}


class GivenAddresses:
    """Reads addresses into the ends of a plan, and notes what is wrong with them."""

    def __init__(self, experiment: Experiment, plan: Plan, previous: Plan) -> None:
        self._experiment = experiment
        self._plan = plan
        self._previous = previous

    def read(self) -> None:
        """Take what there is: what was given comes first, then what the topology says, then what was before."""
        for end in self._ends():
            self._read_attributes(end)
        self._read_topology()
        self._read_previous()

    def _ends(self) -> Iterator[End]:
        for segment in self._plan.segments:
            yield from segment.ends

    # -- attributes

    def _read_attributes(self, end: End) -> None:
        for version in _VERSIONS:
            text, source = self._given(end, version)
            too_small = version == 6 and end.mtu is not None and end.mtu < SMALLEST_IPV6_MTU
            if text == NONE or (too_small and not text):
                end.unaddressed.add(version)
            elif too_small:
                self._plan.refuse(
                    end.owner, f"{source} is {text!r}, but its mtu is {end.mtu} bytes: IPv6 needs {SMALLEST_IPV6_MTU}."
                )
            elif text:
                self._parse(end, version, text, source)

    def _given(self, end: End, version: int) -> tuple[str, str]:
        """Return the address that an interface has of a version of IP, "" for none, and where that is said."""
        if end.interface is None:
            return "", ""
        interface = self._experiment.get_resource(end.interface)
        text, source = interface.get(f"ip{version}") or "", f"attribute 'ip{version}'"
        others = interface.get_connected("netns::IPv4Address") if version == 4 else []
        if others and not text:
            text, source = _nepi_address(others.pop(0)), "its netns::IPv4Address"
        for other in others:
            self._plan.refuse(other.guid, f"belongs to {interface.name}, which has the address {text!r} already.")
        mask = interface.get(f"mask{version}")
        return (f"{text}/{mask}" if mask and text not in ("", NONE) and "/" not in text else text), source

    def _parse(self, end: End, version: int, text: str, source: str) -> None:
        """Take in an address, unless it cannot be one of a host."""
        try:
            address = _interface_address(version, text)
        except ValueError as error:
            reason = str(error).replace("\n", " ").rstrip(".")
            self._plan.refuse(end.owner, f"{source} is {text!r}, no address such as {_EXAMPLES[version]}: {reason}.")
            return
        if reason := _unfit(address):
            self._plan.refuse(end.owner, f"{source} is {text}, {reason}.")
        else:
            end.addresses[version] = address

    # -- topology

    def _read_topology(self) -> None:
        """Take the addresses that the topology has for an edge, when its nodes say which resources they became.

        They are for links from node to node: the nodes at a switch are in one network.
        """
        netgraph: NetGraph | None = getattr(self._experiment, "netgraph", None)
        if netgraph is None:
            return
        guids = {nid: netgraph.node_annotation(nid, "guid") for nid in netgraph.nodes()}
        edges = {frozenset((guids[first], guids[second])): (first, second) for first, second in netgraph.edges()}
        for cable in self._plan.cables.values():
            edge = edges.get(frozenset(end.station for end in cable.ends))
            if edge is not None and not any(self._plan.stations[end.station].is_switch for end in cable.ends):
                at = {guids[nid]: nid for nid in edge}
                self._read_edge(netgraph, cable, edge, at)

    def _read_edge(self, netgraph: NetGraph, cable: Cable, edge: tuple[NodeId, NodeId], at: dict[int, NodeId]) -> None:
        for version in _VERSIONS:
            net = netgraph.edge_net_annotation(*edge, version)
            for end in cable.ends:
                known = version in end.addresses or version in end.unaddressed
                if not known and at[end.station] in net:
                    text = f"{net[at[end.station]]}/{net.get('prefix')}"
                    self._parse(end, version, text, f"the address of its end at {self._at(end)} in the topology")

    def _at(self, end: End) -> str:
        return self._plan.stations[end.station].name

    # -- an earlier plan

    def _read_previous(self) -> None:
        known = {end.key: end for cable in self._previous.cables.values() for end in cable.ends}
        for end in self._ends():
            if before := known.get(end.key):
                kept = {each: address for each, address in before.addresses.items() if each not in end.unaddressed}
                end.addresses = kept | end.addresses


def not_hosts(network: Block) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """Return the addresses of a network that no host has: RFC 3021 and RFC 6164 leave none in the smallest."""
    if network.num_addresses <= 2:
        return ()
    if network.version == 6:  # address 0 belongs to all routers (RFC 4291, 2.6.1)
        return (network.network_address,)
    return (network.network_address, network.broadcast_address)


def _nepi_address(manager: ResourceManager) -> str:
    address, prefix = manager.get("ip") or "", manager.get("prefix")
    return f"{address}/{prefix}" if address and prefix and "/" not in address else address


def _interface_address(version: int, text: str) -> Address:
    if "/" not in text:
        raise ValueError("it says no length of the network's prefix, such as /24")
    if "%" in text:
        raise ValueError("what follows '%' is for addresses of one link")
    return (ipaddress.IPv4Interface if version == 4 else ipaddress.IPv6Interface)(text)


def _unfit(address: Address) -> str:
    """Say why no interface can be given an address; "" when one can."""
    if address.ip.is_multicast or address.ip.is_loopback or address.ip.is_unspecified:
        return "which no host can have"
    if address.ip.is_link_local and address.version == 6:
        return "of those that each interface has one of by itself"
    if address.ip in not_hosts(address.network) or int(address.ip) == 2**32 - 1:
        return f"which is no host of the network {address.network}"
    return ""

"""Addresses of point-to-point links: cuts a block of addresses into a small network for each edge of a graph."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any, NamedTuple

import networkx as nx

from nepi_core.description import NodeId
from nepi_core.errors import TopologyError

Block = ipaddress.IPv4Network | ipaddress.IPv6Network


class LinkAddresses(NamedTuple):
    """The two addresses of a link, and the network they belong to."""

    first: str
    second: str
    mask: str
    network: str
    prefix: int


class Family(NamedTuple):
    """What an address family offers for links.

    Attributes:
        network, prefix: block used when none is given.
        first_host: prefix of a link's network to the offset of its first host; the first one is the default.
        annotation: name of the edges' annotation.
    """

    network: str
    prefix: int
    first_host: dict[int, int]
    annotation: str


# IPv4: 10/8 is the largest private block (RFC 1918); the two addresses of a /31 are both hosts (RFC 3021).
# IPv6: fd00::/8 is for local use (RFC 4193), this /32 of it spells "ne"; both addresses of a /127 are hosts (RFC 6164),
# while address 0 of a /64 belongs to all routers (RFC 4291, 2.6.1).
FAMILIES = {
    4: Family("10.0.0.0", 8, {30: 1, 31: 0}, "net"),
    6: Family("fd00:6e65::", 32, {64: 1, 127: 0}, "net6"),
}


def parse_block(network: str | None = None, prefix: int | None = None, version: int | None = None) -> Block:
    """Return the block of addresses that is meant.

    Args:
        network: such as ``10.0.0.0``, ``10.0.0.0/8``, ``fd00:6e65::/32``; None for the family's default.
        prefix: length of the block's prefix in bits, when ``network`` does not say it.
        version: 4 or 6; None takes it from ``network``, or else 4.

    Raises:
        TopologyError: the values are no block, or do not fit each other.
    """
    if version not in (None, *FAMILIES):
        raise TopologyError(f"version is {version!r}; an address family is 4 or 6.")
    text = FAMILIES[version or 4].network if network is None else str(network).strip()
    if "/" not in text:
        text = f"{text}/{FAMILIES[_version_of(text)].prefix if prefix is None else prefix}"
    try:
        block = ipaddress.ip_network(text)
    except ValueError as error:
        raise TopologyError(f"'{text}' is no block such as 10.0.0.0/8 or fd00:6e65::/32: {error}.") from None
    if version not in (None, block.version):
        raise TopologyError(f"network {text} is IPv{block.version}, but version is {version}.")
    if prefix not in (None, block.prefixlen):
        raise TopologyError(f"network {text} and prefix {prefix!r} contradict each other.")
    if block.is_multicast:
        raise TopologyError(f"network {text} is for multicast; a link needs addresses of hosts.")
    return block


def link_addresses(block: Block, count: int, edge_prefix: int | None = None) -> Iterator[LinkAddresses]:
    """Return an iterator over the addresses of ``count`` links, from the start of the block.

    ``edge_prefix`` is the prefix of each link's network: 30 or 31 for IPv4, 64 or 127 for IPv6; None for 30 and 64.

    Raises:
        TopologyError: the block is too small, or there is no such prefix; raised at once, before the first link.
    """
    first_host = FAMILIES[block.version].first_host
    size = edge_prefix if edge_prefix is not None else next(iter(first_host))
    if size not in first_host:
        allowed = " or ".join(map(str, first_host))
        raise TopologyError(f"edge_prefix is {size!r}; a link of IPv{block.version} has {allowed}.")
    room = 1 << (size - block.prefixlen) if size >= block.prefixlen else 0
    if count > room:
        needed = size - (count - 1).bit_length()
        raise TopologyError(
            f"Block {block} is too small: it has room for {room:,} links of prefix /{size}, and there are {count:,}. "
            f"A block with prefix {needed} or less is large enough."
        )
    return _links(block, count, size, first_host[size])


def _links(block: Block, count: int, size: int, first_host: int) -> Iterator[LinkAddresses]:
    # Plain integers: making a network object for each link takes five times as long.
    address = ipaddress.IPv4Address if block.version == 4 else ipaddress.IPv6Address
    step = 1 << (block.max_prefixlen - size)
    mask = str(address((1 << block.max_prefixlen) - step))
    start = int(block.network_address)
    for base in range(start, start + count * step, step):
        first = base + first_host
        yield LinkAddresses(str(address(first)), str(address(first + 1)), mask, str(address(base)), size)


def assign_addresses(graph: nx.Graph, block: Block, edge_prefix: int | None = None) -> None:
    """Give every edge its addresses: ``net`` or ``net6`` of the edge, ``ips`` of its ends.

    Earlier addresses of the same family are replaced.

    Raises:
        TopologyError: see `link_addresses`; nothing was changed.
    """
    links = link_addresses(block, graph.size(), edge_prefix)
    for edge in graph.edges():
        _check_ids(*edge)
    _drop_addresses(graph, block.version)
    for (nid1, nid2, data), link in zip(graph.edges(data=True), links, strict=True):
        annotate_link(data, nid1, nid2, link)
        graph.nodes[nid1].setdefault("ips", []).append(link.first)
        graph.nodes[nid2].setdefault("ips", []).append(link.second)


def annotate_link(annotations: dict[str, object], nid1: NodeId, nid2: NodeId, link: LinkAddresses) -> None:
    """Write the addresses of a link into the annotations of its edge."""
    _check_ids(nid1, nid2)
    first, second, mask, network, prefix = link
    found = {nid1: first, nid2: second, "mask": mask, "network": network, "prefix": prefix}
    annotations[FAMILIES[_version_of(first)].annotation] = found


def network_of(annotations: dict[str, object], version: int | None = None) -> dict[Any, Any]:
    """Return the addresses in the annotations of an edge, IPv4 first unless a version is given; {} when there are none.

    Files of NEPI keep IPv6 in ``net``, where it is found as well.
    """
    found = [net for each in FAMILIES.values() if isinstance(net := annotations.get(each.annotation), dict)]
    return next((net for net in found if version in (None, _version_of(net.get("network")))), {})


def _check_ids(*nids: NodeId) -> None:
    for nid in nids:
        if nid in ("mask", "network", "prefix"):
            raise TopologyError(f"An edge of node '{nid}' cannot have addresses, because of its name.")


def _version_of(address: object) -> int:
    return 6 if ":" in str(address) else 4


def _drop_addresses(graph: nx.Graph, version: int) -> None:
    for _, data in graph.nodes(data=True):
        others = [address for address in data.pop("ips", ()) if _version_of(address) != version]
        if others:
            data["ips"] = others
    other = 10 - version
    for _, _, data in graph.edges(data=True):
        kept = network_of(data, other)
        for family in FAMILIES.values():
            data.pop(family.annotation, None)
        if kept:
            data[FAMILIES[other].annotation] = kept

"""Routes that a user gives: which cable they leave by, and what the next router is called there."""

from __future__ import annotations

import ipaddress

from nepi_core.errors import suggestion

from .model import End, Plan, Route


def find_route(plan: Plan, node: int, network: str, next_hop: str, metric: int | None) -> Route:
    """Return the route of a node to a network.

    Args:
        node: guid of the node.
        network: such as 10.1.0.0/16, or "default".
        next_hop: address of the next router, or the name of a node at one of the same links.

    Raises:
        ValueError: no neighbour has that name.
    """
    version = 6 if ":" in network else 4
    gateway = next_hop if _is_address(next_hop) else _address_of(plan, node, next_hop, version)
    return Route(network, gateway, _cable_to(plan, node, gateway), metric)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _address_of(plan: Plan, node: int, name: str, version: int) -> str:
    near = _neighbours(plan, node, version)
    if name not in near:
        raise ValueError(f"nexthop {name!r} is no node at a link of this one.{suggestion(name, near)}")
    return str(near[name].addresses[version].ip)


def _neighbours(plan: Plan, node: int, version: int) -> dict[str, End]:
    """Return the ends of other nodes in the segments of a node, by the names of these."""
    segments = [segment for segment in plan.segments if node in {end.station for end in segment.ends}]
    ends = [end for segment in segments for end in segment.ends if end.station != node and version in end.addresses]
    return {plan.stations[end.station].name: end for end in ends}


def _cable_to(plan: Plan, node: int, gateway: str) -> int:
    """Return the cable that leads to an address, 0 when none of the node's networks has it."""
    address = ipaddress.ip_address(gateway)
    for cable in plan.cables_of(node):
        for end in cable.ends:
            own = end.addresses.get(address.version)
            if end.station == node and own is not None and address in own.network:
                return cable.guid
    return 0

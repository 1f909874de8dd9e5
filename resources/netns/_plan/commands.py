"""The commands of ip that build what a plan says.

They say ``dev`` wherever they may: a switch can be called "up".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from .model import Cable, End, Plan, Route, Station


class Line(NamedTuple):
    """One command, without the program's name; ``owner`` is the guid of the resource that fails with it."""

    owner: int
    text: str


Where = Callable[[int], str]
"""Returns what stands behind ``netns`` for a node, given by guid."""

_FIRST_INDEX = 100  # above what a namespace has of its own
_LARGEST_NUMBERED = 10**9  # the kernel's numbers have 31 bits

# A spanning tree as fast as the kernel allows: 2 s for each of the two steps before a port forwards (IEEE 802.1D).
_SPANNING_TREE = "stp_state 1 forward_delay 200 hello_time 100 max_age 600"


def switch_lines(station: Station, up: bool = True) -> Iterator[Line]:
    """Yield what makes a switch in the fabric."""
    tree = f" {_SPANNING_TREE}" if station.spans else ""
    yield Line(station.guid, f"link add dev {station.name} type bridge mcast_snooping 0{tree}")
    if up:
        yield power_line(station, up)


def power_line(station: Station, up: bool) -> Line:
    """Return what switches a switch on or off."""
    return Line(station.guid, f"link set dev {station.name} {'up' if up else 'down'}")


def cable_lines(plan: Plan, cable: Cable, userspace: bool, where: Where) -> Iterator[Line]:
    """Yield, for the fabric, what makes a cable and plugs it in at switches."""
    first, second = cable.ends
    if userspace:
        for end in cable.ends:
            peer = f"type veth peer name {end.inner}{_mtu(end)}"
            yield Line(cable.guid, f"link add dev {_described(plan, end, where)} {peer}")
            yield Line(cable.guid, f"link set dev {end.inner} up")
    else:
        peer = f"type veth peer name {_described(plan, second, where)}"
        yield Line(cable.guid, f"link add dev {_described(plan, first, where)} {peer}")
    for end in cable.ends:
        station = plan.stations[end.station]
        if station.is_switch:
            yield Line(cable.guid, f"link set dev {end.name} master {station.name} up")


def _described(plan: Plan, end: End, where: Where) -> str:
    """Return an end as ``ip link add`` takes it."""
    place = "" if plan.stations[end.station].is_switch else f"{_index(plan, end)} netns {where(end.station)}"
    return f"{end.name}{place} address {end.mac}{_mtu(end)}"


def _index(plan: Plan, end: End) -> str:
    """Give both ends of a cable different numbers.

    WORKAROUND for the kernel: it takes an interface whose peer has the same number for none of a pair, and waits up to
    a second before it tells IPv6 that the cable is plugged in (linkwatch_urgent_event in net/core/link_watch.c, Linux
    6.18). The first interfaces of two namespaces would both be number 2. Remove it once kernels compare namespaces.
    """
    if end.cable > _LARGEST_NUMBERED:
        return ""
    return f" index {_FIRST_INDEX + 2 * end.cable + (plan.cables[end.cable].ends[1] is end)}"


def _mtu(end: End) -> str:
    return f" mtu {end.mtu}" if end.mtu else ""


def end_lines(end: End, routes: Iterable[Route], up: bool = True) -> Iterator[Line]:
    """Yield, for the node of an end, what addresses it and lets packets through it."""
    for address in end.addresses.values():
        broadcast = " broadcast +" if address.version == 4 and address.network.num_addresses > 2 else ""
        yield Line(end.owner, f"address add {address}{broadcast} dev {end.name}")
    if up:
        yield from connect_lines(end, routes)


def connect_lines(end: End, routes: Iterable[Route]) -> Iterator[Line]:
    """Yield, for the node of an end, what plugs it in: the kernel forgets the routes of an interface that is down."""
    yield Line(end.owner, f"link set dev {end.name} up")
    for route in routes:
        if route.cable == end.cable:
            yield Line(end.owner, f"route replace {route.text}")


def route_changes(node: int, old: Iterable[Route], new: Iterable[Route]) -> Iterator[tuple[int, Line]]:
    """Yield what brings a node from its old routes to new ones, each with the cable that it goes by."""
    before, after = ({(route.network, ":" in route.gateway): route for route in each} for each in (old, new))
    for key, route in before.items():
        if key not in after:
            yield route.cable, Line(node, f"route delete {route.text}")
    for key, route in after.items():
        if before.get(key) != route:
            yield route.cable, Line(node, f"route replace {route.text}")


def cut_line(end: End) -> Line:
    """Return, for the node of an end or for the fabric, what cuts its cable."""
    return Line(end.owner, f"link set dev {end.name} down")


def removal_lines(cable: Cable, userspace: bool) -> Iterator[Line]:
    """Yield what takes a cable away: in the fabric when it runs through user space, else where its first end is.

    Each pair of interfaces goes with either of its ends.
    """
    names = [end.inner for end in cable.ends] if userspace else [cable.ends[0].name]
    yield from (Line(cable.guid, f"link delete dev {name}") for name in names)


def hosts_table(plan: Plan) -> str:
    """Return the file that gives each node's name its first address, and a name to each of its interfaces."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost"]
    nodes = {station.name.lower() for station in plan.stations.values() if not station.is_switch}
    known: set[str] = {"ip6-localhost"}
    for end in (end for cable in plan.cables.values() for end in cable.ends):
        station = plan.stations[end.station]
        for version, address in sorted(end.addresses.items()):
            # A name of its own for IPv6: with both under one, programs would take IPv6 first.
            name = f"ip6-{station.name}" if version == 6 and 4 in end.addresses else station.name
            made = [each for each in (name, f"{name}-{end.name}") if each == station.name or each.lower() not in nodes]
            new = [each for each in made if each.lower() not in known]
            known.update(each.lower() for each in new)
            lines += [f"{address.ip} {' '.join(new)}"] if new else []
    return "\n".join(lines) + "\n"

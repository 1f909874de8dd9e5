"""The words of a network's plan: stations, ends, cables, routes, and what is wrong."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import NamedTuple

Address = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Block = ipaddress.IPv4Network | ipaddress.IPv6Network
MANY = 64
"""From this number of segments on, routes are merged; see `merging`. Below it each network has its own, as in books."""

Key = tuple[int, int]
"""What an end is known by: guids of its cable and of its station."""


@dataclass(slots=True)
class Station:
    """A node or a switch.

    Attributes:
        name: host name, or name of the bridge in the fabric.
        forwards: it hands packets on between its interfaces.
        routed: it gets static routes.
        spans: a switch that takes part in the spanning tree.
    """

    guid: int
    name: str
    is_switch: bool = False
    forwards: bool = False
    routed: bool = True
    spans: bool = False


@dataclass(slots=True)
class End:
    """One end of a cable: an interface of a node, or a port of a switch.

    Attributes:
        interface: guid of the resource that controls it, None when there is none.
        name: name of the interface.
        inner: name of its peer in the fabric, when the cable runs through user space.
        mtu: largest packet in bytes; None for the kernel's default of 1,500.
        addresses: by version of IP, 4 and 6.
        unaddressed: versions of IP that it was told to have no address of.
    """

    station: int
    cable: int
    interface: int | None = None
    name: str = ""
    inner: str = ""
    mac: str = ""
    mtu: int | None = None
    addresses: dict[int, Address] = field(default_factory=dict)
    unaddressed: set[int] = field(default_factory=set)

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.cable, self.station

    @property
    def owner(self) -> int:
        """Guid of the resource that messages about it name: its interface, or else the link."""
        return self.cable if self.interface is None else self.interface


@dataclass(slots=True)
class Cable:
    """What joins two stations; ``guid`` is that of the link. The first end is the one whose station came first."""

    guid: int
    ends: tuple[End, End]

    def other(self, end: End) -> End:
        """Return the other end."""
        return self.ends[end is self.ends[0]]


class Route(NamedTuple):
    """A way to a network, such as 10.0.3.0/24, or "default": through ``gateway``, which ``cable`` leads to.

    Of several to the same network that with the lowest ``metric`` counts; None leaves it to the kernel.
    """

    network: str
    gateway: str
    cable: int
    metric: int | None = None

    def to(self, network: object) -> Route:
        """Return the same way to another network."""
        return Route(str(network), self.gateway, self.cable)

    @property
    def text(self) -> str:
        """What follows ``ip route add``."""
        metric = "" if self.metric is None else f" metric {self.metric}"
        return f"{self.network} via {self.gateway}{metric}"


@dataclass(slots=True)
class Segment:
    """Ends at nodes that reach each other without a router: those of one link, or of a group of joined switches.

    Attributes:
        ends: in the order of their cables.
        blocks: its networks, by version of IP.
    """

    ends: list[End]
    blocks: dict[int, Block] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """A network, worked out.

    Attributes:
        stations, cables: by guid.
        routes: static routes by guid of the node.
        problems: why resources cannot be deployed: guid to a sentence.
        faults: why resources will fail when they are deployed: guid to a sentence.
    """

    stations: dict[int, Station] = field(default_factory=dict)
    cables: dict[int, Cable] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    routes: dict[int, list[Route]] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)

    def cables_of(self, station: int) -> list[Cable]:
        """Return the cables at a station, in the order of their guids."""
        return [cable for cable in self.cables.values() if station in (cable.ends[0].station, cable.ends[1].station)]

    def refuse(self, guid: int, problem: str) -> None:
        """Note why a resource cannot be deployed; the first reason counts."""
        self.problems.setdefault(guid, problem)

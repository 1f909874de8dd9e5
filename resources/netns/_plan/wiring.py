"""Which stations there are, what they are called, and which cables join them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .model import Cable, End, Plan, Station

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment
    from nepi_core.resource import ResourceManager

# RFC 1123, 2.1, and what the kernel takes: at most 64 characters.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,63}}\Z){_LABEL}(?:\.{_LABEL})*\Z")
# The lowest bit of the first byte would say that it means several.
_ETHERNET_ADDRESS = re.compile(r"[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}\Z")
# What the kernel takes as the name of an interface, without what iproute2 and sysctl would misread.
_INTERFACE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}\Z")
_LONGEST_INTERFACE_NAME = 15
# The first is there already; the others are folders of sysctl beside those of interfaces.
_NO_INTERFACES = ("lo", "all", "default")


def is_host_name(name: str) -> bool:
    """Tell whether a text can be the name of a host."""
    return bool(_HOST_NAME.match(name)) and not _is_address(name)


def _is_address(name: str) -> bool:
    """Tell whether programs would take a name for an IPv4 address, as they do with 7 (0.0.0.7) and 10.1 (10.0.0.1)."""
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True


def station_name(manager: ResourceManager, letter: str) -> str:
    """Return what a node or switch is called: its name, or its label when that can be one, or else one of its guid."""
    label = manager.data.layout.label if manager.data.layout else ""
    return manager.get("name") or (label if is_host_name(label) else f"{letter}{manager.guid}")


def is_ethernet_address(text: str) -> bool:
    """Tell whether a text is the Ethernet address of one interface."""
    return bool(_ETHERNET_ADDRESS.match(text)) and text != "00:00:00:00:00:00"


class Wiring:
    """Reads stations and cables from the resources of an experiment into a plan.

    Args:
        previous: an earlier plan of this experiment, whose names are kept.
    """

    def __init__(self, experiment: Experiment, plan: Plan, previous: Plan | None = None) -> None:
        self._plan = plan
        self._previous = previous or Plan()
        managers = (experiment.get_resource(guid) for guid in experiment.resources)
        own = [each for each in managers if each.get_backend() == "netns" and not each.cancelled]
        self._kinds = {kind: [each for each in own if each.is_rm_instance(f"netns::{kind}")] for kind in _KINDS}
        self._managers = {each.guid: each for each in own}
        self._fabric: set[str] = set()

    def read(self) -> None:
        """Fill the plan's stations and cables, and note what is wrong with them."""
        for manager in self._kinds["Node"]:
            self._add_node(manager)
        for manager in self._kinds["Switch"]:
            self._add_switch(manager)
        for cable in sorted(self._cables(), key=lambda each: each.guid):
            self._plan.cables[cable.guid] = cable
        self._refuse_shared_names()
        self._name_ends()

    # -- stations

    def _add_node(self, manager: ResourceManager) -> None:
        station = Station(manager.guid, self._name(manager, "n"))
        station.routed = manager.get("routing") == "static"
        self._plan.stations[manager.guid] = station

    def _add_switch(self, manager: ResourceManager) -> None:
        name = self._name(manager, "s")
        if len(name) > _LONGEST_INTERFACE_NAME or name in _NO_INTERFACES:
            name = f"s_{manager.guid:x}"  # no host name has an underscore: none of ours is that of another switch
        self._plan.stations[manager.guid] = Station(manager.guid, name, True, spans=bool(manager.get("stp")))

    def _name(self, manager: ResourceManager, letter: str) -> str:
        given = manager.get("name")
        if given and not is_host_name(given):
            allowed = "letters, digits, '-' and '.', beginning and ending with a letter or digit, at most 63"
            but = ", and no address" if _HOST_NAME.match(given) else ""
            self._plan.refuse(
                manager.guid, f"attribute 'name' is {given!r}, which is no host name: it takes {allowed}{but}."
            )
        return station_name(manager, letter)

    def _refuse_shared_names(self) -> None:
        seen = {"localhost": 0, "ip6-localhost": 0}
        for station in self._plan.stations.values():
            first = seen.setdefault(station.name.lower(), station.guid)
            if first != station.guid:
                owner = self._managers[first].name if first else "this machine itself"
                self._plan.refuse(station.guid, f"its name '{station.name}' is that of {owner}; give it another.")

    # -- cables

    def _cables(self) -> Iterator[Cable]:
        plugged: dict[int, list[int]] = {}  # interface to links
        for link in self._kinds["Link"]:
            for other in sorted(link.connections):
                plugged.setdefault(other, []).append(link.guid)
        for interface in self._kinds["Interface"]:
            yield from self._check_interface(interface, plugged.get(interface.guid, []))
        for link in self._kinds["Link"]:
            yield from self._cable(link)

    def _check_interface(self, interface: ResourceManager, links: list[int]) -> Iterator[Cable]:
        """Refuse an interface that is nowhere; yield a cable when it leads straight to a switch, as NEPI has it."""
        nodes, switches = self._stations(interface, False), self._stations(interface, True)
        if len(nodes) != 1:
            what = "no node" if not nodes else f"{len(nodes)} nodes"
            self._plan.refuse(interface.guid, f"is connected to {what}; it needs one netns::Node that it belongs to.")
        elif len(links) + len(switches) != 1:
            what = "no link" if not (links or switches) else f"{len(links)} links and {len(switches)} switches"
            self._plan.refuse(interface.guid, f"is connected to {what}; it is one end of one netns::Link.")
        elif switches:
            guid = interface.guid
            yield Cable(guid, (End(nodes[0], guid, guid), End(switches[0], guid)))

    def _cable(self, link: ResourceManager) -> Iterator[Cable]:
        found: list[tuple[int, int | None]] = []
        for guid in sorted(link.connections):
            other = self._managers.get(guid)
            if other is not None and other.is_rm_instance("netns::Interface"):
                found += [(node, guid) for node in self._stations(other, False)[:1]]
        covered = {station for station, _ in found}
        found += [(guid, None) for guid in self._stations(link) if guid not in covered]
        if len(found) != 2:
            names = ", ".join(self._managers[station].name for station, _ in sorted(found)) or "nothing"
            self._plan.refuse(link.guid, f"joins {names}: a link has two ends, each a netns::Node or netns::Switch.")
        elif found[0][0] == found[1][0]:
            self._plan.refuse(link.guid, f"joins {self._managers[found[0][0]].name} with itself.")
        else:
            first, second = (End(station, link.guid, interface) for station, interface in sorted(found))
            yield Cable(link.guid, (first, second))

    def _stations(self, manager: ResourceManager, switches: bool | None = None) -> list[int]:
        found = [self._plan.stations[guid] for guid in sorted(manager.connections) if guid in self._plan.stations]
        return [each.guid for each in found if switches in (None, each.is_switch)]

    # -- names of ends

    def _name_ends(self) -> None:
        self._fabric = {each.name for each in self._plan.stations.values() if each.is_switch}
        taken: dict[int, set[str]] = {}
        ends = [end for cable in self._plan.cables.values() for end in cable.ends]
        for end in sorted(ends, key=lambda each: each.cable not in self._previous.cables):  # those that are there first
            self._keep(end, taken)
        for end in ends:
            if not end.name:
                self._number(end, taken.setdefault(end.station, set()))

    def _keep(self, end: End, taken: dict[int, set[str]]) -> None:
        """Take the name that was given, or that the end had before."""
        own = taken.setdefault(end.station, set())
        manager = None if end.interface is None else self._managers[end.interface]
        given = (manager.get("name") or "") if manager else ""
        if given in own and given:
            self._plan.refuse(end.owner, f"attribute 'name' is {given!r}, which another interface of its node has.")
        elif given in _NO_INTERFACES or (given and not _INTERFACE_NAME.match(given)):
            allowed = "letters, digits, '_', '.' and '-', at most 15, and is not 'lo', 'all' or 'default'"
            self._plan.refuse(
                end.owner, f"attribute 'name' is {given!r}, which is no name of an interface: it takes {allowed}."
            )
        before = self._previous.cables.get(end.cable)
        old = [each for each in before.ends if each.station == end.station] if before else []
        end.name = given or (old[0].name if old else "")
        own.add(end.name)

    def _number(self, end: End, taken: set[str]) -> None:
        station = self._plan.stations[end.station]
        form = f"{station.name}-eth{{}}" if station.is_switch else "eth{}"
        numbers = iter(range(1 if station.is_switch else 0, 1 << 20))
        end.name = next(name for name in map(form.format, numbers) if name not in taken)
        if station.is_switch and (len(end.name) > _LONGEST_INTERFACE_NAME or end.name in self._fabric):
            end.name = f"{end.cable:x}_{'pq'[self._side(end)]}"
        taken.add(end.name)

    def _side(self, end: End) -> int:
        return int(self._plan.cables[end.cable].ends[1] is end)


def name_inner_ends(cables: Iterable[Cable]) -> None:
    """Name the ends in the fabric of cables that run through user space."""
    for cable in cables:
        for side, end in zip("ab", cable.ends, strict=True):
            end.inner = f"{cable.guid:x}_{side}"  # 15 characters at most, and no host name, as of a switch


_KINDS = ("Node", "Switch", "Link", "Interface")

"""What has been built of a network: makes nodes, switches and cables as the plan says, changes and removes them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nepi_core.errors import HostError
from nepi_core.hosts.keeper.process_table import identity

from ._batches import Batch, BatchRunner
from ._emulation import Emulation, ImpairedLink, LinkEmulation, by_emulation
from ._host import NamespaceHost
from ._keeper import NetworkKeeperClient
from ._plan.commands import (
    Line,
    cable_lines,
    connect_lines,
    cut_line,
    end_lines,
    hosts_table,
    power_line,
    removal_lines,
    route_changes,
    switch_lines,
)
from ._plan.model import Cable, End, Plan, Route, Station

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController

    from .node import Node

# The fabric's own stack has nothing to say to anybody: without this each port would announce itself by IPv6.
_FABRIC_SETTINGS = (("net.ipv6.conf.default.disable_ipv6", "1"),)

Outcomes = dict[int, str]
"""Guids of resources, with "" for those that are there now, and else what went wrong."""


class Construction:
    """The namespaces of one network, and what is in them. Not for several threads at the same time.

    Args:
        plan: what is to be built, some now and some later.
        failed: called, in any thread, with the guids of links (None: all there is has failed) and what went wrong.

    Attributes:
        plan: as it is now.
        links: what keeps the links as their attributes say.

    Raises:
        HostError: namespaces cannot be made; the message says what forbids it.
    """

    def __init__(
        self, ec: ExperimentController, plan: Plan, failed: Callable[[Collection[int] | None, str], None]
    ) -> None:
        self.plan = plan
        self._ec = ec
        self._failed = failed
        self._folder = Path(ec.run_dir, "network")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._stations: dict[int, Station] = {}  # what is there, also when the plan knows it no longer
        self._cables: dict[int, Cable] = {}
        self._descriptors: dict[int, tuple[int, ...]] = {}
        self._given_routes: dict[int, tuple[int, Route]] = {}  # by the guid of netns::Route: the node, and the route
        self._write_hosts_table()
        as_root = bool(ec.get_global("netns::Node", "asRoot"))
        self._keeper = NetworkKeeperClient(ec.run_dir, as_root, lambda problem: failed(None, problem))
        self._runner = BatchRunner(self._keeper)
        try:
            self._keeper.use_hosts_table(self._hosts_table)
            self._keeper.ask("settings", "", list(_FABRIC_SETTINGS))
            self.links = LinkEmulation(self.place(0), self._folder, failed)
        except BaseException:
            self._keeper.close()
            raise

    @property
    def given_up(self) -> bool:
        """Whether somebody wants no more of it: what is just being built is not built to its end."""
        return self._runner.given_up

    def give_up(self) -> None:
        """Build nothing more; any thread may say so, and what another one is waiting for soon comes to its end."""
        self._runner.give_up()
        self._keeper.wake()

    def close(self) -> None:
        """End the network: programs, nodes, links and all."""
        self.links.close()
        self._keeper.close()

    # -- questions

    def has(self, guid: int) -> bool:
        """Tell whether a node, switch or cable is there."""
        return guid in self._stations or guid in self._cables

    def place(self, guid: int) -> NamespaceHost:
        """Return a node as a host; for a switch, and for 0, the fabric."""
        station = self._stations.get(guid) or self.plan.stations.get(guid)
        return NamespaceHost("" if station is None or station.is_switch else station.name, lambda: self._keeper)

    def namespace_file(self, guid: int) -> str:
        """Return what stands for the network namespace of a station inside the keeper's process namespace."""
        return f"/proc/1/fd/{self._descriptors[guid][0]}" if guid in self._descriptors else ""

    def entrance(self, guid: int) -> tuple[str, str]:
        """Return what `_programs.enter` needs to know of a node: the keeper, and its descriptors."""
        return identity(self._keeper.inside), ",".join(map(str, self._descriptors[guid]))

    # -- building

    def replan(self, plan: Plan) -> None:
        """Go on by another plan: nodes that are there learn of new names and ways."""
        old, self.plan = self.plan, plan
        self._write_hosts_table()
        lines: dict[str, list[Line]] = {}
        for guid, was in self._stations.items():
            station = self._stations[guid] = plan.stations.get(guid, was)
            if station.forwards != was.forwards:
                self._keeper.ask("settings", station.name, _forwarding(station))
            if not station.is_switch:
                given = {_target(route) for node, route in self._given_routes.values() if node == guid}
                ways = ([each for each in p.routes.get(guid, ()) if _target(each) not in given] for p in (old, plan))
                changes = route_changes(guid, *ways)
                lines[station.name] = [line for cable, line in changes if cable in self._cables]
        self._cables.update({guid: plan.cables[guid] for guid in self._cables if guid in plan.cables})
        self._run(Batch(place, "ip", found) for place, found in lines.items())

    @property
    def _hosts_table(self) -> Path:
        return self._folder / "hosts"

    def _write_hosts_table(self) -> None:
        content = hosts_table(self.plan).encode()
        descriptor = os.open(self._hosts_table, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:  # in place, as it is mounted over /etc/hosts, and so that it is never empty
            os.pwrite(descriptor, content, 0)
            os.ftruncate(descriptor, len(content))
        finally:
            os.close(descriptor)

    def make_stations(self, guids: Iterable[int]) -> Outcomes:
        """Make nodes and switches."""
        stations = [self.plan.stations[guid] for guid in guids]
        nodes = [station for station in stations if not station.is_switch]
        told = dict.fromkeys((station.guid for station in stations), "")
        made, problems = self._keeper.make_nodes([(node.name, self._settings(node)) for node in nodes])
        for node in nodes:
            if node.name in made:
                self._descriptors[node.guid] = tuple(made[node.name])
            else:
                told[node.guid] = f"The node cannot be made: {problems[node.name]}"
        switches = [station for station in stations if station.is_switch]
        lines = [line for station in switches for line in switch_lines(station, self._is_up(station.guid))]
        told |= self._run([Batch("", "ip", lines)])
        self._stations |= {station.guid: station for station in stations if not told[station.guid]}
        return told

    def _settings(self, station: Station) -> list[tuple[str, str]]:
        node = cast("Node", self._ec.get_resource(station.guid))
        return [*_forwarding(station), *node.settings()]

    def _is_up(self, guid: int) -> bool:
        return bool(self._ec.get_resource(guid).get("up"))

    def make_cables(self, guids: Iterable[int]) -> Outcomes:
        """Lay cables between stations that are there."""
        told: Outcomes = {}
        for guid in guids:
            try:
                self.links.chosen[guid] = self.links.choose(self._link(guid))
                told[guid] = ""
            except HostError as error:
                told[guid] = str(error)
        told |= self._lay([self.plan.cables[guid] for guid, problem in told.items() if not problem])
        self._cables |= {guid: self.plan.cables[guid] for guid, problem in told.items() if not problem}
        self._record()
        return told

    def _record(self) -> None:
        self._ec.run.store.environment({"netns.emulation": json.dumps(by_emulation(self.links.chosen))})

    def _lay(self, cables: Collection[Cable]) -> Outcomes:
        """Lay cables, step by step for all of them; return what went wrong with those that are not there then."""
        problems = self._plug_in(cables)
        plugged = [cable for cable in cables if cable.guid not in problems]
        for step in (self._shape, self._forward, self._connect):
            problems |= step([cable for cable in plugged if cable.guid not in problems])
        for cable in plugged:
            if cable.guid in problems:
                self._take_up(cable)  # its interfaces would be in the way of others
        return problems

    def _plug_in(self, cables: Iterable[Cable]) -> Outcomes:
        lines = [
            line
            for cable in cables
            for line in cable_lines(self.plan, cable, self._is_forwarded(cable), self.namespace_file)
        ]
        return self._run([Batch("", "ip", lines)])

    def _shape(self, cables: Collection[Cable]) -> Outcomes:
        exact: dict[str, list[str]] = {}
        for cable in cables:
            for place, names in self.links.exact_ends(self.plan, cable, self._link(cable.guid)).items():
                exact.setdefault(place, []).extend(names)
        if exact:
            self._keeper.ask("offloads", exact)
        return self._run(b for cable in cables for b in self.links.shaping(self.plan, cable, self._link(cable.guid)))

    def _forward(self, cables: Iterable[Cable]) -> Outcomes:
        problems: Outcomes = {}
        for cable in filter(self._is_forwarded, cables):
            if self.given_up:
                break
            try:
                self.links.forward(cable, self._link(cable.guid))
            except HostError as error:
                problems[cable.guid] = str(error)
        return problems

    def _connect(self, cables: Iterable[Cable]) -> Outcomes:
        """Address the ends of cables and plug them in, with one batch a node."""
        lines: dict[str, list[Line]] = {}
        for cable in cables:
            up = self._is_up(cable.guid)
            for end in cable.ends:
                station = self.plan.stations[end.station]
                if not station.is_switch:
                    found = end_lines(end, self._routes(end.station), up)
                    lines.setdefault(station.name, []).extend(found)
                elif not up:
                    lines.setdefault("", []).append(cut_line(end))
        return self._run(Batch(place, "ip", found) for place, found in lines.items())

    def _routes(self, node: int) -> list[Route]:
        given = [route for owner, route in self._given_routes.values() if owner == node]
        return [*self.plan.routes.get(node, ()), *given]

    def _is_forwarded(self, cable: Cable) -> bool:
        return self.links.chosen.get(cable.guid) is Emulation.USERSPACE

    def _link(self, guid: int) -> ImpairedLink:
        return cast("ImpairedLink", self._ec.get_resource(guid))

    def _run(self, batches: Iterable[Batch]) -> Outcomes:
        return self._runner.run(batches)

    # -- changes

    def change(self, guid: int) -> None:
        """Bring a link to what its attributes say now.

        Raises:
            HostError: it cannot be.
        """
        cable, link = self._cables[guid], self._link(guid)
        chosen = self.links.choose(link)
        if chosen is not Emulation.PLAIN and chosen is not self.links.chosen[guid]:
            self._impair(cable, chosen)
            return
        if self._is_forwarded(cable):
            self.links.change_forwarding(link)
        _raise(self._shape([cable]))

    def _impair(self, cable: Cable, chosen: Emulation) -> None:
        """Have a plain link impaired: in user space it must be laid anew, with the same names and addresses."""
        if chosen is not Emulation.USERSPACE:
            self.links.chosen[cable.guid] = chosen
            _raise(self._shape([cable]))
        else:
            self._take_up(cable)
            self.links.chosen[cable.guid] = chosen
            if problems := self._lay([cable]):
                del self._cables[cable.guid]
                self._failed([cable.guid], " ".join(problems.values()))
                _raise(problems)
            self.links.watch_again(cable.guid)
        self._record()

    def plug(self, guid: int, up: bool) -> None:
        """Cut a link or join it again, or switch a switch off and on.

        Raises:
            HostError: it cannot be.
        """
        if guid in self._stations:
            _raise(self._run([Batch("", "ip", [power_line(self._stations[guid], up)])]))
            return
        _raise(self._run(self._plugging(end, up) for end in self._cables[guid].ends))

    def _plugging(self, end: End, up: bool) -> Batch:
        station = self._stations[end.station]
        lines = list(connect_lines(end, self._routes(end.station))) if up else [cut_line(end)]
        return Batch("" if station.is_switch else station.name, "ip", lines)

    def add_route(self, guid: int, node: int, route: Route) -> None:
        """Give a node a route that a user wants, in the place of one to the same network.

        Raises:
            HostError: it cannot be.
        """
        _raise(self._run([Batch(self.place(node).place, "ip", [Line(guid, f"route replace {route.text}")])]))
        self._given_routes[guid] = (node, route)

    def remove_route(self, guid: int) -> None:
        """Take such a route away; nothing happens when it is not there."""
        node, route = self._given_routes.pop(guid, (0, None))
        if route is not None:
            lines = [Line(guid, f"route delete {route.text}")]
            planned = (each for each in self.plan.routes.get(node, ()) if _target(each) == _target(route))
            lines += [Line(guid, f"route replace {each.text}") for each in planned if each.cable in self._cables]
            self._run([Batch(self.place(node).place, "ip", lines)])

    def watch(self, guid: int, file: Path) -> None:
        """Have the counters of a link written into a file.

        Raises:
            HostError: they cannot be.
        """
        ends = [(self.namespace_file(end.station), end.name) for end in self._cables[guid].ends]
        self.links.watch(guid, file, ends)

    # -- removal

    def remove(self, guid: int) -> None:
        """Take apart what a single resource stands for, while others stay."""
        if (cable := self._cables.pop(guid, None)) is not None:
            self._take_up(cable)
        elif guid in self._stations:
            for each in [each for each in self._cables.values() if guid in {end.station for end in each.ends}]:
                self.remove(each.guid)
            self._remove_station(self._stations.pop(guid))

    def remove_cables(self, is_gone: Callable[[int], bool]) -> None:
        """Take up all cables that are gone."""
        for guid in filter(is_gone, list(self._cables)):
            self.remove(guid)

    def _take_up(self, cable: Cable) -> None:
        self.links.end_forwarding(cable.guid)
        first, userspace = cable.ends[0], self._is_forwarded(cable)
        place = "" if userspace or self._stations[first.station].is_switch else self._stations[first.station].name
        self._run([Batch(place, "ip", list(removal_lines(cable, userspace)))])
        self.links.forget(cable)

    def _remove_station(self, station: Station) -> None:
        if station.is_switch:
            self._run([Batch("", "ip", [Line(station.guid, f"link delete dev {station.name}")])])
        else:
            self._descriptors.pop(station.guid, None)
            self._keeper.ask("forget", [station.name])


def _target(route: Route) -> tuple[str, bool]:
    """Return what a route leads to: networks have the version of IP in them, "default" has not."""
    return route.network, ":" in route.gateway


def _forwarding(station: Station) -> list[tuple[str, str]]:
    on = str(int(station.forwards))
    return [("net.ipv4.ip_forward", on), ("net.ipv6.conf.all.forwarding", on)]


def _raise(problems: Mapping[int, str]) -> None:
    if problems:
        raise HostError(" ".join(problems.values()))

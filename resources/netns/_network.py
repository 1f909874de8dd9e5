"""The network of one experiment: gathers the resources that are being deployed and builds them together.

Resources join when they are deployed, and become READY when the network has built them. So what the kernel has to do
is asked of it in a few large batches, however many workers deploy.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nepi_core.errors import HostError, NepiError
from nepi_core.states import ResourceState

from ._batches import Batch, run_batches
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
    removal_lines,
    switch_lines,
)
from ._plan.model import Cable, End, Plan, Station
from ._plan.planner import make_plan

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager

# The fabric's own stack has nothing to say to anybody: without this each port would announce itself by IPv6.
_FABRIC_SETTINGS = (("net.ipv6.conf.default.disable_ipv6", "1"),)


class Network:
    """All nodes, switches and links of one experiment.

    Attributes:
        plan: as it was worked out last.
    """

    def __init__(self, ec: ExperimentController) -> None:
        self.plan = Plan()
        self._ec = ec
        self._lock = threading.Lock()  # guards what follows, up to the next lock
        self._pending: list[ResourceManager] = []
        self._members: dict[int, ResourceManager] = {}
        self._scheduled = False
        self._building = (
            threading.RLock()
        )  # guards all below; held while the kernel works, so only jobs may wait for it
        self._waiting: dict[int, ResourceManager] = {}
        self._descriptors: dict[int, tuple[int, ...]] = {}
        self._built: set[int] = set()
        self._keeper: NetworkKeeperClient | None = None
        self._links: LinkEmulation | None = None

    @classmethod
    def of(cls, ec: ExperimentController) -> Network:
        """Return the network of an experiment."""
        return ec.shared(cls, lambda: cls(ec))

    # -- members

    def join(self, manager: ResourceManager) -> None:
        """Have a resource built soon, and made READY then."""
        with self._lock:
            self._members[manager.guid] = manager
            self._pending.append(manager)
            if self._scheduled:
                return
            self._scheduled = True
        self._ec.workers.submit(self._build)

    def leave(self, manager: ResourceManager) -> None:
        """Take a resource away; the last one takes the network with it.

        When all are going, nothing is taken apart: the kernel does that at once when the keeper ends.
        """
        with self._building:
            with self._lock:
                if self._members.pop(manager.guid, None) is None:
                    return
                left = list(self._members.values())
            self._waiting.pop(manager.guid, None)
            if not left:
                self._end()
            elif not all(each.cancelled for each in left):
                self._remove(manager.guid)

    def close(self) -> None:
        """End the network, whatever it still has."""
        with self._building:
            self._end()

    def _end(self) -> None:
        links, self._links = self._links, None
        keeper, self._keeper = self._keeper, None
        if links is not None:
            links.close()
        if keeper is not None:
            keeper.close()
        self._built.clear()
        self._descriptors.clear()
        self.plan = Plan()

    # -- for resources

    def host(self, guid: int) -> NamespaceHost:
        """Return a node as a host."""
        return NamespaceHost(self.plan.stations[guid].name, self._client)

    @property
    def fabric(self) -> NamespaceHost:
        """Where the switches are, as a host."""
        return NamespaceHost("", self._client)

    @property
    def links(self) -> LinkEmulation:
        """What keeps the links as their attributes say; once there is a network."""
        assert self._links is not None
        return self._links

    def namespace_file(self, guid: int) -> str:
        """Return the file that stands for a node's network namespace inside the keeper's process namespace."""
        return f"/proc/1/fd/{self._descriptors[guid][0]}"

    def entrance(self, guid: int) -> tuple[str, str]:
        """Return what `_programs.enter` needs to know of a node: the keeper, and its descriptors."""
        from nepi_core.hosts.keeper.process_table import identity

        keeper = self._client()
        return identity(keeper.inside), ",".join(map(str, self._descriptors[guid]))

    def _client(self) -> NetworkKeeperClient:
        if self._keeper is None:
            raise HostError("The emulated network has ended.")
        return self._keeper

    # -- building

    def _build(self) -> None:
        """Build all that has joined, until nothing more has."""
        with self._building:
            while True:
                with self._lock:
                    batch, self._pending = self._pending, []
                    if not batch:
                        self._scheduled = False
                        return
                self._build_batch([each for each in batch if not each.cancelled])

    def _build_batch(self, batch: list[ResourceManager]) -> None:
        try:
            self._plan_for(batch)
            self._begin()
            problems = self._make([*batch, *self._waiting.values()])
        except Exception as error:
            for manager in batch:
                self._settle(manager, str(error) or type(error).__name__)
            if not isinstance(error, NepiError):
                raise
            return
        for guid, problem in problems.items():
            self._settle(self._ec.get_resource(guid), problem)

    def _plan_for(self, batch: Iterable[ResourceManager]) -> None:
        """Plan when there is something that the plan does not know; what is built stays as it is."""
        known = self.plan.stations.keys() | self.plan.cables.keys()
        known |= {end.owner for cable in self.plan.cables.values() for end in cable.ends}
        if all(manager.guid in known for manager in batch):
            return
        self.plan = make_plan(self._ec, self.plan)

    def _begin(self) -> None:
        if self._keeper is not None:
            return
        folder = self._folder
        folder.mkdir(parents=True, exist_ok=True)
        table = folder / "hosts"
        table.write_text(hosts_table(self.plan))
        self._keeper = NetworkKeeperClient(self._ec.run_dir)
        self._keeper.use_hosts_table(table)
        self._keeper.ask("settings", "", [*_FABRIC_SETTINGS])
        self._links = LinkEmulation(self.fabric, folder, self._link_failed)

    @property
    def _folder(self) -> Path:
        return Path(self._ec.run_dir, "network")

    def _make(self, batch: Iterable[ResourceManager]) -> dict[int, str]:
        """Make what can be made now; return what became of it: guid to "" or what went wrong."""
        wanted = {manager.guid: manager for manager in batch}
        told = {guid: problem for guid in wanted if (problem := self._refusal(guid))}
        stations = [self.plan.stations[guid] for guid in wanted if guid in self.plan.stations and guid not in told]
        told |= self._make_stations(stations)
        cables = self._cables_for(wanted, told)
        told |= self._make_cables(cables)
        for guid, manager in wanted.items():
            if guid in told:
                self._waiting.pop(guid, None)
            elif (problem := self._outcome(guid)) is None:
                self._waiting[guid] = manager
            else:
                told[guid] = problem
                self._waiting.pop(guid, None)
        return told

    def _refusal(self, guid: int) -> str:
        return self.plan.faults.get(guid) or self.plan.problems.get(guid) or ""

    def _make_stations(self, stations: list[Station]) -> dict[int, str]:
        nodes = [station for station in stations if not station.is_switch]
        told = dict.fromkeys((station.guid for station in stations), "")
        made, problem = self._client().make_nodes([(node.name, self._settings(node)) for node in nodes])
        for node in nodes:
            if node.name in made:
                self._descriptors[node.guid] = tuple(made[node.name])
            else:
                told[node.guid] = f"The node cannot be made: {problem}"
        lines = [line for station in stations if station.is_switch for line in switch_lines(station)]
        told |= self._run([Batch("", "ip", lines), *(_loopback(node) for node in nodes if node.name in made)])
        self._built |= {guid for guid, problem in told.items() if not problem}
        return told

    def _settings(self, station: Station) -> list[tuple[str, str]]:
        """Return the sysctls of a node."""
        node = self._ec.get_resource(station.guid)
        forwards = str(int(station.forwards))
        own = [("net.ipv4.ip_forward", forwards), ("net.ipv6.conf.all.forwarding", forwards)]
        return [*own, *node.settings()]  # type: ignore[attr-defined]  # a netns::Node

    def _cables_for(self, wanted: dict[int, ResourceManager], told: dict[int, str]) -> list[Cable]:
        """Return the cables that were asked for, are not laid, and have both their stations."""
        asked = [cable for guid, cable in self.plan.cables.items() if guid in wanted and guid not in told]
        return [cable for cable in asked if {end.station for end in cable.ends} <= self._built]

    def _make_cables(self, cables: list[Cable]) -> dict[int, str]:
        """Lay cables; return what became of them."""
        told = dict.fromkeys((cable.guid for cable in cables), "")
        for cable in cables:
            try:
                self.links.chosen[cable.guid] = self.links.choose(self._link(cable.guid))
            except HostError as error:
                told[cable.guid] = str(error)
        good = [cable for cable in cables if not told[cable.guid]]
        told |= self._lay(good)
        self._built |= {guid for guid, problem in told.items() if not problem}
        self._ec.run.store.environment({"netns.emulation": json.dumps(by_emulation(self.links.chosen))})
        return told

    def _lay(self, cables: list[Cable]) -> dict[int, str]:
        links = {cable.guid: self._link(cable.guid) for cable in cables}
        userspace = {guid for guid in links if self.links.chosen[guid] is Emulation.USERSPACE}
        fabric = [line for c in cables for line in cable_lines(self.plan, c, c.guid in userspace, self._where)]
        told = self._run([Batch("", "ip", fabric)])
        good = [cable for cable in cables if cable.guid not in told]
        exact: dict[str, list[str]] = {}
        for cable in good:
            for place, names in self.links.exact_ends(self.plan, cable, links[cable.guid]).items():
                exact.setdefault(place, []).extend(names)
        if exact:
            self._client().ask("offloads", exact)
        told |= self._run(
            [batch for cable in good for batch in self.links.shaping(self.plan, cable, links[cable.guid])]
        )
        for cable in good:
            if cable.guid in userspace and cable.guid not in told:
                try:
                    self.links.forward(cable, links[cable.guid])
                except HostError as error:
                    told[cable.guid] = str(error)
        told |= self._run(self._connect(good, told))
        return told

    def _connect(self, cables: Iterable[Cable], told: dict[int, str]) -> list[Batch]:
        """Return what addresses the ends of cables and plugs them in, one batch a node."""
        lines: dict[str, list[Line]] = {}
        for cable in cables:
            up = bool(self._link(cable.guid).get("up"))
            for end in cable.ends if cable.guid not in told else ():
                station = self.plan.stations[end.station]
                if not station.is_switch:
                    found = end_lines(end, self.plan.routes.get(end.station, ()), up)
                    lines.setdefault(station.name, []).extend(found)
                elif not up:
                    lines.setdefault("", []).append(cut_line(end))
        return [Batch(place, "ip", found) for place, found in lines.items()]

    def _outcome(self, guid: int) -> str | None:
        """Return "" for a resource that is there, why it never will be, or None while it waits for others."""
        cable = self._cable_of(guid)
        if cable is None or cable.guid in self._built:
            return ""
        for end in cable.ends:
            station = self._ec.get_resource(end.station)
            if station.state >= ResourceState.FAILED:
                return f"Its end {station.name} is {station.state.name}: {station.cause}"
        return None

    def _cable_of(self, guid: int) -> Cable | None:
        for cable in self.plan.cables.values():
            if cable.guid == guid or any(end.interface == guid for end in cable.ends):
                return cable
        return None

    def _settle(self, manager: ResourceManager, problem: str) -> None:
        """Make a resource READY, or FAILED."""

        def become() -> None:
            if problem:
                manager.fail(problem, HostError(problem))
            elif manager.state < ResourceState.READY and not manager.cancelled:
                manager.set_ready()

        self._ec.workers.submit(partial(manager.life.run_or_queue, become))
        if problem and self._waiting:
            with self._lock:  # links that wait for what has failed must learn of it
                self._pending.extend(each for each in self._waiting.values() if each is not manager)

    def _run(self, batches: Iterable[Batch]) -> dict[int, str]:
        return run_batches(self._client(), batches)

    def _where(self, guid: int) -> str:
        return self.namespace_file(guid)

    def _link(self, guid: int) -> ImpairedLink:
        return cast("ImpairedLink", self._ec.get_resource(guid))

    # -- changes

    def change(self, guid: int) -> None:
        """Bring a link that is there to what its attributes say now.

        Raises:
            HostError: it cannot be.
        """
        with self._building:
            if guid not in self._built or guid not in self.plan.cables:
                return
            cable, link = self.plan.cables[guid], self._link(guid)
            chosen = self.links.choose(link)
            if chosen is not Emulation.PLAIN and chosen is not self.links.chosen[guid]:
                self._relay(cable, chosen)
                return
            if self.links.chosen[guid] is Emulation.USERSPACE:
                self.links.change_forwarding(link)
            self._client().ask("offloads", self.links.exact_ends(self.plan, cable, link))
            _raise(self._run(self.links.shaping(self.plan, cable, link)))

    def _relay(self, cable: Cable, chosen: Emulation) -> None:
        """Lay a cable anew, in another way; its ends have the same names and addresses as before."""
        self._take_up(cable)
        self.links.chosen[cable.guid] = chosen
        _raise(self._lay([cable]))
        self._built.add(cable.guid)

    def plug(self, guid: int, up: bool) -> None:
        """Cut a link that is there, or join it again.

        Raises:
            HostError: it cannot be.
        """
        with self._building:
            if guid in self._built and guid in self.plan.cables:
                _raise(self._run([self._plug(end, up) for end in self.plan.cables[guid].ends]))

    def _plug(self, end: End, up: bool) -> Batch:
        station = self.plan.stations[end.station]
        routes = self.plan.routes.get(end.station, ())
        lines = list(connect_lines(end, routes)) if up else [cut_line(end)]
        return Batch("" if station.is_switch else station.name, "ip", lines)

    def _link_failed(self, guid: int, problem: str) -> None:
        """Have a link fail whose forwarder says so, or all that are carried in user space."""
        chosen = {} if self._links is None else self._links.chosen
        failed = [guid] if guid else [each for each, kind in chosen.items() if kind is Emulation.USERSPACE]
        for each in failed:
            self._settle(self._ec.get_resource(each), problem)

    # -- going

    def _remove(self, guid: int) -> None:
        """Take apart what a single resource stands for, while others stay."""
        if guid not in self._built or self._keeper is None:
            return
        self._built.discard(guid)
        if guid in self.plan.cables:
            self._take_up(self.plan.cables[guid])
        elif guid in self.plan.stations:
            self._remove_station(self.plan.stations[guid])

    def _take_up(self, cable: Cable) -> None:
        self.links.end_forwarding(cable.guid)
        userspace = self.links.chosen.get(cable.guid) is Emulation.USERSPACE
        found = removal_lines(self.plan, cable, userspace)
        batches = [Batch(self.plan.stations[place].name if place else "", "ip", [line]) for place, line in found]
        self._run(batches)
        self.links.forget(cable)
        self.links.chosen.pop(cable.guid, None)

    def _remove_station(self, station: Station) -> None:
        for cable in self.plan.cables_of(station.guid):
            if cable.guid in self._built:
                self._built.discard(cable.guid)
                self._take_up(cable)
        if station.is_switch:
            self._run([Batch("", "ip", [Line(station.guid, f"link delete {station.name}")])])
        else:
            self._descriptors.pop(station.guid, None)
            self._client().ask("forget", [station.name])


def _loopback(node: Station) -> Batch:
    return Batch(node.name, "ip", [Line(node.guid, "link set lo up")])


def _raise(problems: dict[int, str]) -> None:
    if problems:
        raise HostError(" ".join(problems.values()))

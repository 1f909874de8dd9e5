"""The network of one experiment: gathers the resources that are being deployed, and has them built together.

Resources join when they are deployed, and become READY when they have been built. So what the kernel has to do is
asked of it in a few large batches, however many workers deploy.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nepi_core.description import Value
from nepi_core.errors import HostError, NepiError
from nepi_core.states import ResourceState

from ._construction import Construction, Outcomes
from ._host import NamespaceHost
from ._plan.model import Cable, Plan, Route
from ._plan.planner import make_plan

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager

logger = logging.getLogger("nepi.netns")

_Words = tuple[dict[str, Value], set[int]]
"""What was said about a resource: attributes and connections."""


class Network:
    """All nodes, switches and links of one experiment."""

    def __init__(self, ec: ExperimentController) -> None:
        self._ec = ec
        self._lock = threading.Lock()  # guards the next four
        self._pending: list[ResourceManager] = []
        self._members: dict[int, ResourceManager] = {}
        self._scheduled = False
        self._stale = False  # the plan holds what has been released
        # Guards the next three; held while the kernel works, so only jobs wait for it.
        self._building = threading.RLock()
        self._waiting: dict[int, ResourceManager] = {}
        self._construction: Construction | None = None
        self._planned: dict[int, _Words] = {}

    @classmethod
    def of(cls, ec: ExperimentController) -> Network:
        """Return the network of an experiment."""
        return ec.shared(cls, lambda: cls(ec))

    # -- members

    def join(self, manager: ResourceManager) -> None:
        """Have a resource built soon, and made READY then."""
        with self._lock:
            self._members[manager.guid] = manager
        self._gather([manager])

    def _gather(self, managers: Iterable[ResourceManager]) -> None:
        with self._lock:
            self._pending += managers
            if self._scheduled or not (self._pending or self._stale):
                return
            self._scheduled = True
        self._ec.workers.submit(self._build)

    def cancel(self) -> None:
        """Build no further, if all that has joined is being released; does not wait."""
        construction = self._construction
        with self._lock:
            going = all(each.cancelled for each in self._members.values())
        if going and construction is not None:
            construction.give_up()

    def leave(self, manager: ResourceManager) -> None:
        """Take a resource away; the last one takes the network with it.

        When all are going, nothing is taken apart: the kernel does that at once when the keeper ends.
        """
        with self._building:
            with self._lock:
                if self._members.pop(manager.guid, None) is None:
                    return
                left = len(self._members)
            self._waiting.pop(manager.guid, None)
            construction = self._construction
            if not left:
                self._end()
            elif construction is not None and not construction.given_up:
                construction.remove(manager.guid)
                with self._lock:
                    self._stale = True
        self._gather(())  # the names and ways of those that stay

    def close(self) -> None:
        """End the network, whatever it still has."""
        if (construction := self._construction) is not None:
            construction.give_up()
        with self._building:
            self._end()

    def _end(self) -> None:
        construction, self._construction = self._construction, None
        if construction is not None:
            construction.close()

    # -- for resources

    @property
    def plan(self) -> Plan:
        """What is being built; empty when nothing is."""
        return Plan() if self._construction is None else self._construction.plan

    @property
    def construction(self) -> Construction:
        """What has been built.

        Raises:
            HostError: nothing has been, or it has ended.
        """
        if self._construction is None:
            raise HostError("The emulated network has ended, or was not built yet.")
        return self._construction

    def host(self, guid: int) -> NamespaceHost:
        """Return a node as a host; for a switch it is the fabric, where all switches are."""
        return self.construction.place(guid)

    def entrance(self, guid: int) -> tuple[str, str]:
        """Return what `_programs.enter` needs to know of a node: the keeper, and its descriptors."""
        return self.construction.entrance(guid)

    def change(self, guid: int) -> None:
        """Bring a link that is there to what its attributes say now; see `Construction.change`."""
        with self._building:
            if self._construction is not None and self._construction.has(guid):
                self._construction.change(guid)

    def plug(self, guid: int, up: bool) -> None:
        """Cut a link that is there, or join it again; see `Construction.plug`."""
        with self._building:
            if self._construction is not None and self._construction.has(guid):
                self._construction.plug(guid, up)

    def add_route(self, guid: int, node: int, route: Route) -> None:
        """Give a node a route, which ``guid`` stands for; see `Construction.add_route`."""
        with self._building:
            self.construction.add_route(guid, node, route)

    def remove_route(self, guid: int) -> None:
        """Take a route away; nothing happens when it is not there."""
        with self._building:
            if self._construction is not None:
                self._construction.remove_route(guid)

    def watch(self, guid: int, file: Path) -> None:
        """Have the counters of a link written into a file; see `Construction.watch`."""
        with self._building:
            self.construction.watch(guid, file)

    def unwatch(self, guid: int) -> None:
        """Have them written no longer; nothing happens when the network has ended."""
        with self._building:
            if self._construction is not None:
                self._construction.links.unwatch(guid)

    # -- building

    def _build(self) -> None:
        """Build all that has joined, until nothing more has."""
        with self._building:
            while (batch := self._next_batch()) is not None:
                self._build_batch([each for each in batch if not each.cancelled])

    def _next_batch(self) -> list[ResourceManager] | None:
        """Return what has joined, perhaps nothing if only the plan is to be made anew; None when there is no work."""
        with self._lock:
            batch, self._pending = self._pending, []
            stale, self._stale = self._stale, False
            self._scheduled = bool(batch) or stale
            return batch if self._scheduled else None

    def _build_batch(self, batch: list[ResourceManager]) -> None:
        if not batch and self._construction is None:
            return
        try:
            outcomes = self._make({manager.guid: manager for manager in [*batch, *self._waiting.values()]})
        except Exception as error:
            # Whatever it is, who waits for these resources must learn that they are not coming.
            if not isinstance(error, (NepiError, OSError)):
                logger.exception("The emulated network cannot be built on")
            outcomes = dict.fromkeys((manager.guid for manager in batch), str(error) or type(error).__name__)
        for guid, problem in outcomes.items():
            self._waiting.pop(guid, None)
            self._settle(self._ec.get_resource(guid), problem)

    def _make(self, wanted: dict[int, ResourceManager]) -> Outcomes:
        """Make what can be made now, and leave the rest waiting."""
        construction = self._ready()
        plan = construction.plan
        told = {guid: problem for guid in wanted if (problem := plan.faults.get(guid) or plan.problems.get(guid))}
        told |= construction.make_stations(guid for guid in wanted if guid in plan.stations and guid not in told)
        cables = [plan.cables[guid] for guid in wanted if guid in plan.cables and guid not in told]
        ready = [cable.guid for cable in cables if all(construction.has(end.station) for end in cable.ends)]
        told |= construction.make_cables(ready)
        for guid in wanted.keys() - told.keys():
            outcome = self._outcome(construction, guid, told)
            if outcome is None:
                self._waiting[guid] = wanted[guid]
            else:
                told[guid] = outcome
        return told

    def _ready(self) -> Construction:
        """Return the construction, with a plan of the resources as they are now."""
        said = self._said()
        if self._construction is None:
            self._construction = Construction(self._ec, make_plan(self._ec), self._failed)
        elif said != self._planned:
            # Those that are being released give their names away, so they must not be there any more.
            self._construction.remove_cables(lambda guid: guid not in said)
            self._construction.replan(make_plan(self._ec, self._construction.plan))
        self._planned = said
        return self._construction

    def _said(self) -> dict[int, _Words]:
        """Return what has been said about all parts of the network, to see whether that has changed."""
        managers = map(self._ec.get_resource, self._ec.resources)
        own = [each for each in managers if each.get_backend() == "netns" and not each.cancelled]
        return {each.guid: (dict(each.data.attributes), set(each.data.connections)) for each in own}

    def _outcome(self, construction: Construction, guid: int, told: Outcomes) -> str | None:
        """Return "" for what is there, why it never will be, or None while it waits for others."""
        cable = _cable_of(construction.plan, guid)
        if cable is None or construction.has(cable.guid):
            return ""
        if problem := told.get(cable.guid):
            return problem
        for end in cable.ends:
            station = self._ec.get_resource(end.station)
            if problem := told.get(end.station) or (station.cause if station.state >= ResourceState.FAILED else ""):
                return f"Its end {station.name} is not there: {problem}"
        return None

    def _settle(self, manager: ResourceManager, problem: str) -> None:
        """Make a resource READY, or FAILED."""

        def become() -> None:
            if problem:
                manager.fail(problem, HostError(problem))
                self._gather(list(self._waiting.values()))  # links that wait for what has failed must learn of it
            elif manager.state < ResourceState.READY and not manager.cancelled:
                manager.set_ready()

        self._ec.workers.submit(partial(manager.life.run_or_queue, become))

    def _failed(self, guids: Collection[int] | None, problem: str) -> None:
        """Have links fail, or all there is."""
        with self._lock:
            members = list(self._members.values())
        for each in members:
            if guids is None or each.guid in guids:
                self._settle(each, problem)


def _guids(cable: Cable) -> set[int]:
    return {cable.guid, *(end.owner for end in cable.ends)}


def _cable_of(plan: Plan, guid: int) -> Cable | None:
    known = plan.cables.get(guid)  # which is found at once
    return known or next((cable for cable in plan.cables.values() if guid in _guids(cable)), None)

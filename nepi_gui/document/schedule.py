"""When each resource is deployed, started and stopped, as far as that follows from the description alone.

What cannot be known beforehand (when a program ends) is an `Event`; every moment is so many seconds after one. Things
themselves are taken to need no time: a moment is the earliest one possible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, ResourceDescription
from nepi_core.errors import TimeFormatError
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import parse_delay
from nepi_gui.document.circles import circles
from nepi_gui.document.nature import Nature

ConditionKey = tuple[int, int]
"""Names a condition: guid of the resource that waits, and the number among its conditions, from 0. A planned change of
attributes has 0 for the guid, and its number among the experiment's changes."""


class EventKind(StrEnum):
    """What an event is."""

    BEGINNING = "beginning"
    """The deployment begins."""
    END = "end"
    """A resource ends by itself."""
    FAILURE = "failure"
    """A resource fails, if ever."""
    LATEST = "latest"
    """The last of several moments, of which nobody knows which it will be."""


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """Something that happens at a time which nobody knows beforehand (except the beginning).

    Attributes:
        guid: the resource, 0 when it is about several or none.
        after: what it comes after: for an end the start; for the latest of several moments these.
        floor: it does not happen earlier than so many seconds after the beginning.
        phase: how many unknown lengths of time lie before it, one after the other.
        lead: seconds by which it follows on the first things of its phase.
    """

    kind: EventKind
    guid: int = 0
    after: tuple[Moment, ...] = field(default=(), repr=False)
    floor: float = 0.0
    phase: int = 0
    lead: float = 0.0


class Moment(NamedTuple):
    """So many seconds after an event."""

    event: Event
    offset: float = 0.0

    @property
    def is_known(self) -> bool:
        """Whether it is known how many seconds after the beginning it comes."""
        return self.event.kind is EventKind.BEGINNING

    @property
    def floor(self) -> float:
        """The seconds after the beginning before which it does not come."""
        return self.event.floor + self.offset

    @property
    def phase(self) -> int:
        """How many unknown lengths of time lie before it."""
        return self.event.phase

    @property
    def seconds(self) -> float:
        """Its seconds in its phase, where all that comes first in a phase is drawn at 0."""
        return self.event.lead + self.offset

    def plus(self, seconds: float) -> Moment:
        """Return the moment so many seconds later."""
        return Moment(self.event, self.offset + seconds) if seconds else self


BEGINNING = Moment(Event(EventKind.BEGINNING))


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to a resource; None stands for never.

    Attributes:
        stop: when it ends by itself, or is stopped; None when it goes on until the run ends.
        stop_at_latest: when it is stopped, should it not have ended by itself before.
    """

    deploy: Moment | None
    start: Moment | None
    stop: Moment | None
    stop_at_latest: Moment | None = None


class Reason(StrEnum):
    """Why a condition is doubtful."""

    CIRCLE = "circle"
    NEVER_ENDS = "never ends"
    """It waits for the end of what neither ends by itself nor is stopped."""
    NEVER_REACHED = "never reached"
    """It waits for what itself waits for something that never happens."""
    RELEASED = "released"
    """It waits for what is released at the end of the run only."""
    FAILURE = "failure"
    """It waits for a failure, which may come or not."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a condition may never be met: the member that it waits for in vain."""

    key: ConditionKey
    member: int
    reason: Reason


@dataclass(frozen=True)
class Schedule:
    """What follows from a description.

    Attributes:
        plans: by guid.
        changes: when the planned changes of attributes are made, in their order; None for never.
        doubts: conditions that are never met, or only when something fails.
    """

    plans: Mapping[int, Plan] = field(default_factory=dict)
    changes: tuple[Moment | None, ...] = ()
    doubts: Mapping[ConditionKey, Doubt] = field(default_factory=dict)


def make_schedule(description: ExperimentDescription, nature: Nature) -> Schedule:
    """Return what follows from a description; its cost is proportional to conditions and their members."""
    return _Planner(description, nature).schedule()


def latest(moments: Iterable[Moment]) -> Moment:
    """Return the last of some moments (at least one), leaving out those that surely come before another."""
    offsets: dict[Event, float] = {}
    for event, offset in moments:
        if offset >= offsets.get(event, 0.0):
            offsets[event] = offset
    if len(offsets) > 1:
        for earlier in _overtaken(offsets):
            del offsets[earlier]
    left = tuple(Moment(event, offset) for event, offset in offsets.items())
    if len(left) == 1:
        return left[0]
    phase = max(each.phase for each in left)
    lead = max(each.seconds for each in left if each.phase == phase)
    return Moment(Event(EventKind.LATEST, 0, left, max(each.floor for each in left), phase, lead))


_FARTHEST = 32  # events that are looked back; what is not found there only makes a moment longer to tell


def _overtaken(offsets: Mapping[Event, float]) -> set[Event]:
    """Return the events of moments that surely come before another of these moments."""
    floor = max(event.floor + offset for event, offset in offsets.items() if event.kind is not EventKind.BEGINNING)
    beginnings = [event for event in offsets if event.kind is EventKind.BEGINNING]
    found = {event for event in beginnings if offsets[event] <= floor}
    for event, offset in offsets.items():
        found.update(each for each, seconds in _before(event, offset) if offsets.get(each, seconds + 1) <= seconds)
    return found


def _before(event: Event, offset: float) -> Iterator[tuple[Event, float]]:
    """Yield events before another, each with the seconds after it before which that one does not come."""
    pending = [(event, offset)]
    for _ in range(_FARTHEST):
        if not pending:
            return
        later, seconds = pending.pop(0)
        for earlier in later.after:
            yield earlier.event, earlier.offset + seconds
            pending.append((earlier.event, earlier.offset + seconds))


# -- the work ----------------------------------------------------------------------------------------------

_Fact = tuple[int, ResourceState]
"""A resource reaches a state."""

_Need = tuple[_Fact, float]
"""A fact, and the seconds that must pass after it."""

_GROUP: _Fact = (0, ResourceState.READY)
"""All that is deployed together is READY, so that it can start."""

_GOALS = {
    ResourceAction.DEPLOY: ResourceState.READY,
    ResourceAction.START: ResourceState.STARTED,
    ResourceAction.STOP: ResourceState.STOPPED,
}


class _Planner:
    """Finds what surely happens, fact by fact: each as soon as all that it needs is known."""

    def __init__(self, description: ExperimentDescription, nature: Nature) -> None:
        self._resources = description.resources
        self._changes = description.changes
        self._nature = nature
        self._needs: dict[_Fact, list[_Need]] = {}
        self._moments: dict[_Fact, Moment] = {}
        self._late = self._find_late()
        self._collect()
        self._find()

    def schedule(self) -> Schedule:
        """Return all that was found."""
        plans = {guid: self._plan(guid) for guid in self._resources}
        changes = tuple(self._moment_of(self._awaited(each)) for each in self._changes)
        return Schedule(plans, changes, {each.key: each for each in self._doubts()})

    # -- what needs what ---------------------------------------------------------------------------

    def _find_late(self) -> set[int]:
        """Return what deploys after a START, directly or through others: the others do not wait for it."""
        followers: defaultdict[int, list[int]] = defaultdict(list)
        pending: list[int] = []
        for guid, resource in self._resources.items():
            for host in self._nature.hosts.get(guid, ()):
                followers[host].append(guid)
            for condition in _on(resource, ResourceAction.DEPLOY):
                if condition.state in (ResourceState.STARTED, ResourceState.STOPPED):
                    pending.append(guid)
                for member in condition.group:
                    followers[member].append(guid)
        late: set[int] = set()
        while pending:
            guid = pending.pop()
            if guid not in late:
                late.add(guid)
                pending.extend(followers[guid])
        return late

    def _collect(self) -> None:
        together = [((guid, ResourceState.READY), 0.0) for guid in self._resources if guid not in self._late]
        self._needs[_GROUP] = together
        for guid, resource in self._resources.items():
            hosts = [host for host in self._nature.hosts.get(guid, ()) if host in self._resources]
            deploy: list[_Need] = [((host, ResourceState.READY), 0.0) for host in hosts]
            start: list[_Need] = [((guid, ResourceState.READY), 0.0)]
            if guid not in self._late:
                start.append((_GROUP, 0.0))
            if resource.conditions:
                deploy.extend(self._needed(resource, ResourceAction.DEPLOY))
                start.extend(self._needed(resource, ResourceAction.START))
            self._needs[guid, ResourceState.READY] = deploy
            self._needs[guid, ResourceState.STARTED] = start
            if stop := self._needs_of_stop(resource):
                self._needs[guid, ResourceState.STOPPED] = stop

    def _needs_of_stop(self, resource: ResourceDescription) -> list[_Need]:
        """Return what the end of a resource needs; nothing when it does not end."""
        started: list[_Need] = [((resource.guid, ResourceState.STARTED), 0.0)]
        if resource.guid in self._nature.ends:
            return started
        has_condition = any(True for _ in _on(resource, ResourceAction.STOP))
        return [*started, *self._needed(resource, ResourceAction.STOP)] if has_condition else []

    def _needed(self, resource: ResourceDescription, action: ResourceAction) -> Iterator[_Need]:
        for condition in _on(resource, action):
            yield from self._awaited(condition)

    def _awaited(self, condition: Condition | AttributeChange) -> Iterator[_Need]:
        delay = _seconds(condition.time)
        for member in condition.group:
            if member in self._resources:
                yield _fact(member, condition.state), delay

    # -- what happens ------------------------------------------------------------------------------

    def _find(self) -> None:
        dependants: defaultdict[_Fact, list[_Fact]] = defaultdict(list)
        missing: dict[_Fact, int] = {}
        for fact, needs in self._needs.items():
            missing[fact] = len(needs)
            for need, _ in needs:
                dependants[need].append(fact)
        certain = [fact for fact, number in missing.items() if not number]
        certain.extend(fact for fact in dependants if fact[1] is ResourceState.FAILED)
        while certain:
            fact = certain.pop()
            self._moments[fact] = self._time(fact)
            for dependant in dependants[fact]:
                missing[dependant] -= 1
                if not missing[dependant]:
                    certain.append(dependant)

    def _time(self, fact: _Fact) -> Moment:
        guid, state = fact
        if state is ResourceState.FAILED:
            return self._failure(guid)
        needs = self._needs[fact]
        moment = latest(self._moments[need].plus(delay) for need, delay in needs) if needs else BEGINNING
        if state is ResourceState.STOPPED and guid in self._nature.ends:
            return Moment(Event(EventKind.END, guid, (moment,), moment.floor, moment.phase + 1))
        return moment

    def _failure(self, guid: int) -> Moment:
        return Moment(Event(EventKind.FAILURE, guid, phase=1))

    def _moment_of(self, needs: Iterable[_Need]) -> Moment | None:
        """Return when several things have happened; None when one of them never does."""
        moments = []
        for fact, delay in needs:
            if fact[1] is ResourceState.FAILED:
                self._moments.setdefault(fact, self._failure(fact[0]))
            if fact not in self._moments:
                return None
            moments.append(self._moments[fact].plus(delay))
        return latest(moments) if moments else BEGINNING

    def _plan(self, guid: int) -> Plan:
        deploy, start, stop = (self._moments.get((guid, goal)) for goal in _GOALS.values())
        resource = self._resources[guid]
        at_latest = None
        if guid in self._nature.ends and resource.conditions and start:
            needs = list(self._needed(resource, ResourceAction.STOP))
            at_latest = self._moment_of([((guid, ResourceState.STARTED), 0.0), *needs]) if needs else None
        return Plan(deploy, start, stop, at_latest)

    # -- what never happens ------------------------------------------------------------------------

    def _doubts(self) -> Iterator[Doubt]:
        found = self._circles()
        for guid, resource in self._resources.items():
            for index, condition in enumerate(resource.conditions):
                step = (guid, _GOALS[condition.action])
                yield from self._doubt((guid, index), condition, found, found.get(step, 0))
        for index, change in enumerate(self._changes):
            yield from self._doubt((0, index), change, found, 0)

    def _doubt(
        self, key: ConditionKey, condition: Condition | AttributeChange, found: Mapping[_Fact, int], circle: int
    ) -> Iterator[Doubt]:
        """Yield what is worst about a condition, if there is anything."""
        if condition.state is ResourceState.FAILED:
            yield from (Doubt(key, member, Reason.FAILURE) for member in condition.group[:1])
            return
        for fact, _ in self._awaited(condition):
            if fact not in self._moments:
                in_circle = circle and found.get(fact) == circle
                yield Doubt(key, fact[0], Reason.CIRCLE if in_circle else self._reason(fact))
                return

    def _reason(self, fact: _Fact) -> Reason:
        guid, state = fact
        if state is ResourceState.RELEASED:
            return Reason.RELEASED
        never_told = state is ResourceState.STOPPED and fact not in self._needs
        return (
            Reason.NEVER_ENDS if never_told and (guid, ResourceState.STARTED) in self._moments else Reason.NEVER_REACHED
        )

    def _circles(self) -> dict[_Fact, int]:
        """Return the facts that wait for each other in circles, with the number of the circle, from 1."""
        unmet = {fact: needs for fact, needs in self._needs.items() if fact not in self._moments}
        return circles({fact: [need for need, _ in needs] for fact, needs in unmet.items()})


def _on(resource: ResourceDescription, action: ResourceAction) -> Iterator[Condition]:
    return (condition for condition in resource.conditions if condition.action is action)


def _fact(member: int, state: ResourceState) -> _Fact:
    """Return what a condition waits for; a resource may become READY without the states before."""
    return member, max(state, ResourceState.READY)


def _seconds(time: str | None) -> float:
    try:
        return parse_delay(time)
    except TimeFormatError:
        return 0.0  # files are checked elsewhere; what else they say is worth a picture

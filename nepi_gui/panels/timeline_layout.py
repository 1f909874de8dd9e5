"""What the time line shows where: rows, and a scale with a break wherever nobody knows how long something lasts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nepi_core.description import ExperimentDescription
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.structure import drawn_as
from nepi_gui.document.schedule import ConditionKey, Event, EventKind, Moment, Plan, Reason, Schedule
from nepi_gui.document.sentences import name_of

PHASE_ROOM = 92.0
"""Pixels of a phase beside those of its seconds: room at its beginning, and the break at its end."""

LEAD = 14.0
"""Pixels from the beginning of a phase to its second 0."""

BREAK = 26.0
"""Pixels of the break at the end of a phase."""

TAIL = 40.0
"""Pixels behind the last phase, where what has no end goes on."""

_LARGEST = 60.0  # pixels for a second, as long as the user does not zoom
_STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Row:
    """A resource on the time line; guid 0 for the last row, which stands for those that are folded away.

    Attributes:
        changes: keys and moments of the planned changes of its attributes.
    """

    guid: int
    name: str
    plan: Plan
    changes: tuple[tuple[ConditionKey, Moment], ...] = ()
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """A condition between two rows: what is waited for happens at one, and so something at the other."""

    key: ConditionKey
    row_from: int
    row_to: int
    begins: Moment
    ends: Moment


@dataclass(frozen=True)
class Chart:
    """All rows, what stands between them, and how many seconds each phase has."""

    rows: tuple[Row, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    folded: int = 0
    spans: tuple[float, ...] = (0.0,)
    events: tuple[tuple[Event, ...], ...] = ((),)
    """For each phase the events with which it begins."""

    def row_of(self, guid: int) -> int:
        """Return the number of a resource's row, -1 when it has none."""
        return next((number for number, row in enumerate(self.rows) if row.guid == guid), -1)


def make_chart(description: ExperimentDescription, schedule: Schedule, unfolds: bool = False) -> Chart:
    """Arrange a schedule; with ``unfolds`` also what nothing can be said about has a row."""
    known = [guid for guid in description.resources if guid in schedule.plans]
    telling = _telling(description, schedule)
    shown = known if unfolds else [guid for guid in known if guid in telling]
    changes = _changes(description, schedule)
    doubtful = {key[0] for key, doubt in schedule.doubts.items() if doubt.reason is not Reason.FAILURE}
    rows = [
        Row(guid, name_of(description, guid), schedule.plans[guid], tuple(changes.get(guid, ())), guid in doubtful)
        for guid in shown
    ]
    rows.sort(key=_rank)
    folded = len(known) - len(shown)
    if folded or unfolds:
        rows.append(Row(0, "", Plan(None, None, None)))
    numbers = {row.guid: number for number, row in enumerate(rows)}
    spans, events = _phases(rows)
    return Chart(tuple(rows), tuple(_arrows(description, schedule, numbers)), folded, spans, events)


def _rank(row: Row) -> tuple[float, ...]:
    start, stop = row.plan.start, row.plan.stop
    first = (start.phase, start.seconds) if start else (math.inf, 0.0)
    last = (stop.phase, stop.seconds) if stop else (math.inf, 0.0)
    return (*first, *last, row.guid)


def _telling(description: ExperimentDescription, schedule: Schedule) -> set[int]:
    """Return the resources with a story of their own: they wait, are waited for, end, or are programs."""
    telling: set[int] = set()
    for guid, resource in description.resources.items():
        if resource.conditions or schedule.plans.get(guid, _NOTHING).stop or _is_program(resource.rtype):
            telling.add(guid)
            telling.update(member for condition in resource.conditions for member in condition.group)
    for change in description.changes:
        telling.update(change.guids, change.group)
    return telling


def _is_program(rtype: str) -> bool:
    found = ResourceFactory.find(rtype)
    return found is not None and drawn_as(rtype) is Drawn.BADGE and bool(found.get_traces())


def _changes(description: ExperimentDescription, schedule: Schedule) -> Mapping[int, list[tuple[ConditionKey, Moment]]]:
    found: dict[int, list[tuple[ConditionKey, Moment]]] = {}
    for index, (change, moment) in enumerate(zip(description.changes, schedule.changes, strict=False)):
        for guid in change.guids if moment else ():
            assert moment is not None
            found.setdefault(guid, []).append(((0, index), moment))
    return found


def _arrows(description: ExperimentDescription, schedule: Schedule, rows: Mapping[int, int]) -> Iterator[Arrow]:
    for guid in rows:
        resource = description.resources.get(guid)
        for index, condition in enumerate(resource.conditions if resource else ()):
            ends = moment_of(schedule.plans[guid], condition.action)
            for member in condition.group:
                plan = schedule.plans.get(member, _NOTHING)
                begins = _reached(plan, condition.state)
                if member != guid and member in rows and begins and ends:
                    yield Arrow((guid, index), rows[member], rows[guid], begins, ends)


def moment_of(plan: Plan, action: ResourceAction) -> Moment | None:
    """Return when something is done with a resource, None for never; it is stopped when it should not have ended."""
    return (plan.deploy, plan.start, plan.stop_at_latest or plan.stop)[action]


def _reached(plan: Plan, state: ResourceState) -> Moment | None:
    if state <= ResourceState.READY:
        return plan.deploy
    return plan.start if state is ResourceState.STARTED else plan.stop if state is ResourceState.STOPPED else None


def is_certain(moment: Moment) -> bool:
    """Tell whether a moment comes without any failure."""
    pending = [moment.event]
    for _ in range(64):  # far enough: a moment that depends on more is drawn as any other
        if not pending:
            return True
        event = pending.pop()
        if event.kind is EventKind.FAILURE:
            return False
        pending.extend(each.event for each in event.after)
    return True


def moments_of(row: Row) -> Iterator[Moment]:
    """Yield all moments of a row."""
    plan = row.plan
    for moment in (plan.deploy, plan.start, plan.stop, plan.stop_at_latest):
        if moment:
            yield moment
    yield from (moment for _, moment in row.changes)


def _phases(rows: Iterable[Row]) -> tuple[tuple[float, ...], tuple[tuple[Event, ...], ...]]:
    spans: dict[int, float] = {0: 0.0}
    events: dict[int, dict[Event, None]] = {}
    for row in rows:
        for moment in moments_of(row):
            spans[moment.phase] = max(spans.get(moment.phase, 0.0), moment.seconds)
            events.setdefault(moment.phase, {})[moment.event] = None
    numbers = range(max(spans) + 1)
    return tuple(spans.get(each, 0.0) for each in numbers), tuple(tuple(events.get(each, ())) for each in numbers)


_NOTHING = Plan(None, None, None)


class Scale:
    """Where moments are, in pixels from the beginning.

    Args:
        width: pixels in which everything is shown, if it can be seen so.
        zoom: how much larger it is shown.

    Attributes:
        lefts: where the phases begin.
        second: pixels of a second.
        total: pixels of everything.
    """

    def __init__(self, spans: tuple[float, ...], width: float, zoom: float = 1.0) -> None:
        self.spans = spans
        seconds = sum(spans)
        room = max(width - len(spans) * PHASE_ROOM - TAIL, 160.0)
        self.second = zoom * min(room / seconds if seconds else _LARGEST, _LARGEST)
        self.lefts: list[float] = []
        left = 0.0
        for span in spans:
            self.lefts.append(left)
            left += span * self.second + PHASE_ROOM
        self.total = left + TAIL

    def x(self, moment: Moment) -> float:
        """Return where a moment is."""
        return self.lefts[moment.phase] + LEAD + moment.seconds * self.second

    def end_of(self, phase: int) -> float:
        """Return where the break at the end of a phase begins."""
        return self.lefts[phase] + PHASE_ROOM + self.spans[phase] * self.second - BREAK

    def between(self, left: float, right: float) -> range:
        """Return the phases that are seen between two places."""
        first = max(bisect_right(self.lefts, left) - 1, 0)
        return range(first, max(bisect_right(self.lefts, right), first + 1))

    def ticks(self, phase: int) -> Iterator[tuple[float, float]]:
        """Yield the seconds that are written at the axis in a phase, each with its place."""
        step = self._step()
        for number in range(int(self.spans[phase] / step + 1e-9) + 1):
            yield number * step, self.lefts[phase] + LEAD + number * step * self.second

    def _step(self) -> float:
        """Return the round number of seconds between two numbers at the axis, which need some 56 pixels."""
        wanted = 56.0 / self.second
        power = 10.0 ** math.floor(math.log10(wanted))
        for base, factors in ((60.0, (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)),):
            if wanted > 30.0:
                fitting = next((factor * base for factor in factors if factor * base >= wanted), None)
                if fitting:
                    return fitting
        return next((each * power for each in _STEPS if each * power >= wanted * 0.999), 10.0 * power)

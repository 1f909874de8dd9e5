"""The time line of a report: which state each resource was in when, or how many were in which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nepi_core.lifecycle import StateChange
from nepi_core.report.words import duration, ticks
from nepi_core.states import ResourceState

_NEW, _RELEASED, _FAILED = ResourceState.NEW, ResourceState.RELEASED, ResourceState.FAILED

# More resources than this are shown by type, and of each type no more than so many one by one.
MOST_ROWS = 60
MOST_ROWS_OF_TYPE = 100
_COLUMNS = 240
_HEIGHT = 30
_MOST_SEGMENTS = 200
# Part of the bar, in percent, in which the name of a state has room.
_ROOM_FOR_NAME = 11.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A time in one state; ``left`` and ``width`` are percent of the whole time."""

    state: str
    left: float
    width: float
    words: str

    @property
    def named(self) -> bool:
        """Whether the state's name has room in it."""
        return self.width >= _ROOM_FOR_NAME


@dataclass(frozen=True, slots=True)
class Row:
    """The states of a resource; ``last`` is the last one before it was released."""

    guid: int
    segments: tuple[Segment, ...]
    last: str


@dataclass(frozen=True, slots=True)
class Band:
    """When how many resources of a type were in a state: the path of an area in SVG."""

    state: str
    path: str


@dataclass(frozen=True, slots=True)
class Group:
    """The resources of a type; ``rows`` are some of them, failed ones first."""

    rtype: str
    number: int
    lasts: tuple[tuple[str, int], ...]
    rows: tuple[Row, ...]
    bands: tuple[Band, ...]


@dataclass(slots=True)
class TimeLine:
    """All states of a run; there are either rows for all resources, or groups by type."""

    rows: list[Row] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    columns: int = _COLUMNS
    height: int = _HEIGHT


def make_timeline(changes: Iterable[StateChange], rtypes: Mapping[int, str], began: float, ended: float) -> TimeLine:
    """Return the time line from the begin of a run to its end.

    Args:
        rtypes: type of each resource.
    """
    histories: dict[int, list[StateChange]] = {guid: [] for guid in rtypes}
    for change in changes:
        histories.setdefault(change.guid, []).append(change)
    span = _Span(began, max(ended - began, 1e-3))
    line = TimeLine(ticks=[(100 * tick / span.length, duration(tick)) for tick in ticks(span.length)])
    if len(histories) <= MOST_ROWS:
        line.rows = [span.row(guid, history) for guid, history in sorted(histories.items())]
    else:
        line.groups = _groups(span, histories, rtypes)
    seen = {change.new for history in histories.values() for change in history} - {_RELEASED}
    line.states = [state.name for state in sorted(seen)]
    return line


def last_state(history: Sequence[StateChange]) -> ResourceState:
    """Return the last state of a resource before it was released; NEW when it never had another."""
    return next((change.new for change in reversed(history) if change.new is not _RELEASED), _NEW)


def _groups(span: _Span, histories: Mapping[int, list[StateChange]], rtypes: Mapping[int, str]) -> list[Group]:
    members: dict[str, list[int]] = {}
    for guid in sorted(histories):
        members.setdefault(rtypes.get(guid, ""), []).append(guid)
    return [_group(span, rtype, {guid: histories[guid] for guid in guids}) for rtype, guids in sorted(members.items())]


def _group(span: _Span, rtype: str, histories: Mapping[int, list[StateChange]]) -> Group:
    lasts = {guid: last_state(history) for guid, history in histories.items()}
    counts = {state: sum(last is state for last in lasts.values()) for state in ResourceState}
    first = sorted(histories, key=lambda guid: (lasts[guid] is not _FAILED, guid))[:MOST_ROWS_OF_TYPE]
    return Group(
        rtype=rtype,
        number=len(histories),
        lasts=tuple((state.name, count) for state, count in counts.items() if count),
        rows=tuple(span.row(guid, histories[guid]) for guid in first),
        bands=tuple(span.bands(list(histories.values()))),
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """The time that the time line shows."""

    began: float
    length: float

    def part(self, time: float) -> float:
        """Return a time as part of the whole, from 0 to 1."""
        return min(1.0, max(0.0, (time - self.began) / self.length))

    def stays(self, history: Sequence[StateChange]) -> list[tuple[ResourceState, float, float]]:
        """Return each state of a resource with the times at which it began and ended; not NEW and RELEASED."""
        ends = [change.time for change in history[1:]] + [self.began + self.length]
        return [
            (change.new, change.time, max(end, change.time))
            for change, end in zip(history, ends, strict=False)
            if change.new not in (_NEW, _RELEASED)
        ]

    def row(self, guid: int, history: Sequence[StateChange]) -> Row:
        stays = self.stays(history)[-_MOST_SEGMENTS:]
        return Row(guid, tuple(self._segment(*stay) for stay in stays), last_state(history).name)

    def _segment(self, state: ResourceState, start: float, end: float) -> Segment:
        left, right = self.part(start), self.part(end)
        since = duration(max(0.0, start - self.began))
        words = f"{state.name} after {since}, for {duration(end - start)}"
        return Segment(state.name, round(100 * left, 3), round(100 * (right - left), 3), words)

    def bands(self, histories: Sequence[Sequence[StateChange]]) -> list[Band]:
        """Return the areas that show how many of some resources were in which state, FAILED at the bottom."""
        import numpy as np

        counts = np.zeros((len(ResourceState), _COLUMNS + 1))
        for history in histories:
            for state, start, end in self.stays(history):
                first, beyond = round(self.part(start) * _COLUMNS), round(self.part(end) * _COLUMNS)
                counts[state, first] += 1
                counts[state, beyond] -= 1
        heights = np.cumsum(counts, axis=1)[:, :_COLUMNS] * (_HEIGHT / len(histories))
        order = sorted(ResourceState, key=lambda state: (state is not _FAILED, -state))
        tops = np.cumsum(heights[order], axis=0)
        return [
            Band(state.name, _area(tops[place] - heights[state], tops[place]))
            for place, state in enumerate(order)
            if heights[state].any()
        ]


def _area(low: Sequence[float], high: Sequence[float]) -> str:
    """Return the path of the area between two lines of steps, heights counted from the bottom."""
    upper = [(column, _HEIGHT - height) for step, height in enumerate(high) for column in (step, step + 1)]
    lower = [(column, _HEIGHT - height) for step, height in enumerate(low) for column in (step, step + 1)]
    return "M" + "L".join(f"{x} {y:.4g}" for x, y in _without_idle(upper) + _without_idle(lower)[::-1]) + "Z"


def _without_idle(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return a line of steps without the points between others of the same height."""
    inner = [
        point
        for before, point, after in zip(points, points[1:], points[2:], strict=False)
        if not before[1] == point[1] == after[1]
    ]
    return [points[0], *inner, points[-1]]

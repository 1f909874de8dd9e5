"""The bars of a resource: which state it was in, from where to where; what is narrower than a pixel is merged."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui.panels.run_timeline.scale import TimeScale

_time = attrgetter("time")
_UNSEEN = (ResourceState.NEW, ResourceState.RELEASED)


class Bar(NamedTuple):
    """A time in one state, in pixels.

    Attributes:
        number: of the change with which it began.
    """

    left: float
    right: float
    state: ResourceState
    number: int


def bars(changes: Sequence[StateChange], scale: TimeScale, until: float) -> Iterator[Bar]:
    """Yield what is to be drawn of a resource in what is seen, from left to right.

    Its cost is bounded by the pixels, however often the resource has changed.

    Args:
        changes: of the resource, in the order of their times.
        until: when the last state ends: now, or the end of the run.
    """
    place = max(bisect_right(changes, scale.begin, key=_time) - 1, 0)
    end = min(until, scale.end)
    while place < len(changes) and changes[place].time <= end:
        following = place + 1
        left, right = scale.x(changes[place].time), _right(changes, following, scale, until)
        if right - left < 1.0 and following < len(changes):
            following, place = _pixel(changes, place, scale)
            right = max(_right(changes, following, scale, until), left + 1.0)
        if changes[place].new not in _UNSEEN:
            yield Bar(left, max(right, left + 1.0), changes[place].new, place)
        place = following


def _right(changes: Sequence[StateChange], following: int, scale: TimeScale, until: float) -> float:
    return scale.x(changes[following].time if following < len(changes) else until)


def _pixel(changes: Sequence[StateChange], place: int, scale: TimeScale) -> tuple[int, int]:
    """Return the first change behind the pixel of a change, and the one whose state the pixel shows.

    That is the last one in the pixel; but a failure is shown always, and comes at most once, as the last but one.
    """
    border = scale.time(math.floor(scale.x(changes[place].time)) + 1.0)
    following = max(bisect_right(changes, border, key=_time, lo=place + 1), place + 1)
    shown = following - 1
    if changes[shown].new is ResourceState.RELEASED and shown > place:
        shown -= 1
    return following, shown


def change_at(changes: Sequence[StateChange], time: float) -> StateChange | None:
    """Return the change that led to the state of a moment; None when there is none, or nothing to be seen then."""
    place = bisect_right(changes, time, key=_time) - 1
    return changes[place] if place >= 0 and changes[place].new not in _UNSEEN else None

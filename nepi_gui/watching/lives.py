"""The lives of a run's resources: every state change, and who was in which state at any moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState

_time = attrgetter("time")


class Lives:
    """State changes of a run, in the order in which they happened; for one thread.

    Attributes:
        changes: all of them.
    """

    def __init__(self) -> None:
        self.changes: list[StateChange] = []
        self._of: dict[int, list[StateChange]] = {}

    def add(self, changes: Iterable[StateChange]) -> set[int]:
        """Take in what has happened since; return the guids that it happened to."""
        touched = set()
        for change in changes:
            self.changes.append(change)
            self._of.setdefault(change.guid, []).append(change)
            touched.add(change.guid)
        return touched

    def guids(self) -> list[int]:
        """Return the resources that something has happened to."""
        return list(self._of)

    def of(self, guid: int) -> list[StateChange]:
        """Return what has happened to a resource."""
        return self._of.get(guid, [])

    def last(self, guid: int, moment: float | None = None) -> StateChange | None:
        """Return the last change of a resource until a moment (seconds since 1970; None for now)."""
        own = self._of.get(guid)
        if not own:
            return None
        if moment is None:
            return own[-1]
        place = bisect_right(own, moment, key=_time)
        return own[place - 1] if place else None

    def state(self, guid: int, moment: float | None = None) -> ResourceState:
        """Return the state of a resource at a moment."""
        last = self.last(guid, moment)
        return last.new if last is not None else ResourceState.NEW

    def between(self, first: float | None, second: float | None) -> set[int]:
        """Return the resources whose state may differ between two moments, None standing for now."""
        places = sorted(self._place(moment) for moment in (first, second))
        return {change.guid for change in self.changes[places[0] : places[1]]}

    def _place(self, moment: float | None) -> int:
        return len(self.changes) if moment is None else bisect_right(self.changes, moment, key=_time)

"""Which part of a run's time is seen: shared by its time line and its plots, as long as they are linked."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal

SHORTEST = 0.001
"""Seconds that are seen at least."""

_GROWTH = 1.25  # how much more is seen at once when what is shown of a growing run is full
_LEAST_ROOM = 2.0  # seconds


class TimeRange(QObject):
    """A part of a run's time: from one moment to another, or one that goes along with the end of the run.

    Signals:
        changed: another part is to be seen. It is not emitted because time goes on while the end is followed.
        linked_changed: whether several views share it.

    Attributes:
        begin, end: the moments, in seconds since 1970; None while the end of the run is followed.
        length: the seconds that are seen while the end is followed; None for all from the begin of the run.
        is_linked: whether all views of the run show this part; a view that is not linked keeps one of its own.
    """

    changed = Signal()
    linked_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.begin: float | None = None
        self.end: float | None = None
        self.length: float | None = None
        self.is_linked = True

    @property
    def is_following(self) -> bool:
        """Whether the end of the run is seen, and what comes behind it later."""
        return self.end is None

    def within(self, first: float, last: float, grows: bool = False) -> tuple[float, float]:
        """Return begin and end of what is seen, both in seconds since 1970.

        Args:
            first: when the run began.
            last: now, or when the run ended.
            grows: the run goes on: where all of it is seen, there is room for what comes, so that not everything has
                another place a moment later.
        """
        if self.begin is not None and self.end is not None:
            return self.begin, self.end
        if self.length is None:
            return first, first + (_with_room(last - first) if grows else max(last - first, SHORTEST))
        return last - self.length, last

    def show(self, begin: float, end: float) -> None:
        """Show what is between two moments."""
        self._take(begin, max(end, begin + SHORTEST), None)

    def follow(self, length: float | None = None) -> None:
        """Show the last seconds of the run, and go along with it; None for the whole run."""
        self._take(None, None, length if length is None else max(length, SHORTEST))

    def link(self, linked: bool) -> None:
        """Have all views of the run share this part, or not."""
        if linked != self.is_linked:
            self.is_linked = linked
            self.linked_changed.emit()

    def _take(self, begin: float | None, end: float | None, length: float | None) -> None:
        if (begin, end, length) != (self.begin, self.end, self.length):
            self.begin, self.end, self.length = begin, end, length
            self.changed.emit()


def _with_room(length: float) -> float:
    """Return the smallest of some fixed lengths, in seconds, in which a length has room."""
    if length <= _LEAST_ROOM / _GROWTH:
        return _LEAST_ROOM
    return _LEAST_ROOM * _GROWTH ** math.ceil(math.log(length * 1.02 / _LEAST_ROOM, _GROWTH))

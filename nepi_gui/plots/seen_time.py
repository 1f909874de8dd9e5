"""Which part of a run's time its plots show, and which moment is looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from nepi_core.times import now
from nepi_gui.plots.run_data import RunData
from nepi_gui.watching.time_range import SHORTEST, TimeRange
from nepi_gui.watching.watched_run import WatchedRun


class SeenTime(QObject):
    """The time that is seen; shared with the time line of the run as long as they are linked.

    All times are in seconds since the begin of the run, but for `whole` and what `range` holds.

    Signals:
        changed: another part is seen, or it is followed or linked in another way.
        moved: another moment is looked at.

    Attributes:
        origin: when the run began, in seconds since 1970; 0 without a run.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.origin = 0.0
        self._run: WatchedRun | None = None
        self._data: RunData | None = None
        self._own = TimeRange(self)
        self._own.changed.connect(self.changed)

    def watch(self, run: WatchedRun | None) -> None:
        """Be about another run, and show all of it."""
        self._run, self._data, self.origin = run, None, 0.0
        self._own.follow()
        if run is not None:
            self.origin = run.began if run.began is not None else run.span[0]
            run.range.changed.connect(self.changed)
            run.range.linked_changed.connect(self.changed)
            run.moment_changed.connect(self.moved)

    def read(self, data: RunData) -> None:
        """Be about a run whose numbers are these."""
        self._data = data

    @property
    def is_live(self) -> bool:
        """Whether the run goes on."""
        return self._data is not None and self._data.is_live

    # -- the part that is seen -------------------------------------------------------------------------

    @property
    def range(self) -> TimeRange:
        """Which part is seen, in seconds since 1970."""
        return self._run.range if self._run is not None and self._run.range.is_linked else self._own

    @property
    def is_linked(self) -> bool:
        """Whether the time line shows the same time."""
        return self._run is not None and self._run.range.is_linked

    def link(self, is_linked: bool) -> None:
        """Show the same time as the time line, or not."""
        if self._run is None:
            return
        shared = self._run.range
        if not is_linked and shared.begin is not None and shared.end is not None:
            self._own.show(shared.begin, shared.end)
        elif not is_linked:
            self._own.follow(shared.length)
        shared.link(is_linked)

    def seen(self) -> tuple[float, float]:
        """Return begin and end of what is seen."""
        begin, end = self.range.within(*self.whole(), self.is_live)
        return begin - self.origin, end - self.origin

    def whole(self) -> tuple[float, float]:
        """Return begin and end of the run so far, in seconds since 1970."""
        if self._run is None or self._data is None:
            return 0.0, 1.0
        last = max(now() if self.is_live else self._run.span[1], self._data.newest)
        return self.origin, max(last, self.origin + SHORTEST)

    def show(self, begin: float, end: float) -> None:
        """Show what is between two times; nothing happens when that is hardly anything."""
        if end - begin >= SHORTEST:
            self.range.show(begin + self.origin, end + self.origin)

    def move_by(self, seconds: float) -> None:
        """Show what is earlier or later by some seconds."""
        begin, end = self.seen()
        self.show(begin + seconds, end + seconds)

    def zoom(self, around: float, factor: float) -> None:
        """Show the time around a moment larger; the end of a run that is followed goes on to be followed."""
        begin, end = self.seen()
        if self.range.is_following and self.is_live and self.looked_at is None:
            self.range.follow((end - begin) / factor)
        else:
            self.show(*(around + (each - around) / factor for each in (begin, end)))

    def pause(self, is_paused: bool) -> None:
        """Stand still, or go along with the run again."""
        begin, end = self.seen()
        if is_paused:
            self.show(begin, end)
        else:
            self.range.follow(None if begin <= 0 else end - begin)

    # -- the moment ------------------------------------------------------------------------------------

    @property
    def looked_at(self) -> float | None:
        """The moment that is looked at; None for now."""
        return self._run.moment - self.origin if self._run is not None and self._run.moment is not None else None

    def look_at(self, place: float | None) -> None:
        """Look at a moment; None for now."""
        if self._run is not None:
            self._run.look_at(None if place is None else place + self.origin)

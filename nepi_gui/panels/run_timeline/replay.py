"""Going through a run: its moments played like a film, and the way from one state change to the next."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui.editor import Editor
from nepi_gui.watching.watched_run import WatchedRun

SPEEDS = (0.25, 1.0, 4.0, 16.0, 64.0)
"""How many seconds of the run may pass in a second; 1 is real time."""

_PICTURE = 40  # ms: 25 times a second, as films do

_time = attrgetter("time")


class Replay(QObject):
    """Moves the moment that is looked at of the run which an editor watches.

    Signals:
        changed: it plays or does not any more, or at another speed.

    Attributes:
        speed: seconds of the run in a second.
    """

    changed = Signal()

    def __init__(self, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self.speed = 1.0
        self._from = (0.0, 0.0)
        self._clock = QTimer(self, interval=_PICTURE)
        self._clock.timeout.connect(self._go_on)
        editor.run_changed.connect(self.pause)

    @property
    def run(self) -> WatchedRun | None:
        """The run that is watched."""
        return self._editor.run

    # -- playing ---------------------------------------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        """Whether the moment moves by itself."""
        return self._clock.isActive()

    def play(self) -> None:
        """Have the moment move; from the beginning when the end is looked at."""
        run = self.run
        if run is None or self.is_playing:
            return
        if run.moment is None or run.moment >= run.newest:
            run.look_at(run.span[0])
        self._start_from_here()
        self._clock.start()
        self.changed.emit()

    def pause(self) -> None:
        """Stay at the moment that is looked at."""
        if self.is_playing:
            self._clock.stop()
            self.changed.emit()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float) -> None:
        """Play at another speed; see `SPEEDS`."""
        self.speed = speed
        self._start_from_here()
        self.changed.emit()

    def _start_from_here(self) -> None:
        if self.run is not None and self.run.moment is not None:
            self._from = (time.monotonic(), self.run.moment)

    def _go_on(self) -> None:
        run = self.run
        if run is None or run.moment is None:  # somebody went back to now
            self.pause()
            return
        started, moment = self._from
        reached = moment + (time.monotonic() - started) * self.speed
        if reached < run.newest:
            run.look_at(reached)
        else:
            self.pause()
            run.look_at(None)

    # -- going -----------------------------------------------------------------------------------------

    def go_to(self, moment: float | None) -> None:
        """Look at another moment, within the run; None for now, or the end. What plays goes on from there."""
        run = self.run
        if run is None:
            return
        if moment is not None:
            begin, _ = run.span
            moment = max(moment, begin)
            moment = None if moment >= run.newest else moment
        run.look_at(moment)
        self._start_from_here()

    def step(self, way: int, guids: Sequence[int] = ()) -> StateChange | None:
        """Go to the next state change (1) or to the one before (-1), and return it; None when there is none.

        Args:
            guids: only changes of these resources; of all when none are given.
        """
        run = self.run
        if run is None:
            return None
        found = next_change(self._changes(run, guids), run.moment, way)
        self.pause()
        if found is not None:
            run.look_at(found.time)
        elif way > 0:
            run.look_at(None)
        return found

    def first_failure(self) -> StateChange | None:
        """Go to the first failure, and return it; None when there is none."""
        run = self.run
        changes = run.lives.changes if run is not None else ()
        found = next((change for change in changes if change.new is ResourceState.FAILED), None)
        if run is not None and found is not None:
            self.pause()
            run.look_at(found.time)
        return found

    def _changes(self, run: WatchedRun, guids: Sequence[int]) -> Sequence[StateChange]:
        if not guids:
            return run.lives.changes
        return sorted((change for guid in guids for change in run.lives.of(guid)), key=_time)


def next_change(changes: Sequence[StateChange], moment: float | None, way: int) -> StateChange | None:
    """Return the change after (1) or before (-1) a moment, of changes in the order of their times.

    Args:
        moment: None for behind all of them.
    """
    if way > 0:
        place = len(changes) if moment is None else bisect_right(changes, moment, key=_time)
    else:
        place = (len(changes) if moment is None else bisect_left(changes, moment, key=_time)) - 1
    return changes[place] if 0 <= place < len(changes) else None

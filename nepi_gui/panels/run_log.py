"""The log of the run that is watched, with the states of its resources in between; a bit at a time, and as it grows."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.lifecycle import StateChange
from nepi_core.runs.store import LogEntry
from nepi_gui.appearance import Appearance
from nepi_gui.panels.log_bridge import LogLine
from nepi_gui.panels.log_model import STATES, LogModel
from nepi_gui.translation import translate
from nepi_gui.watching.lives import Lives
from nepi_gui.watching.watched_run import WatchedRun

MOST_LINES = 200_000
"""How many lines of a run are kept, the last ones."""

_AT_ONCE = 3_000  # lines that are read before other events get their turn


class RunLog(QObject):
    """Fills a model with the log of a run, and with a line for each state that a resource has come to.

    Args:
        name_of: tells what a resource of the run is called; "" for none.

    Signals:
        came: there are further lines in the model.

    Attributes:
        model: the lines.
    """

    came = Signal()

    def __init__(self, name_of: Callable[[int], str], appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self.model = LogModel(name_of, appearance, self, MOST_LINES)
        self._run: WatchedRun | None = None
        self._row: int | None = None  # of the log, up to which it was read
        self._lives: Lives | None = None
        self._told = 0  # state changes that were told already
        self._last: StateChange | None = None  # of them
        self._reading = QTimer(self, singleShot=True, interval=0)
        self._reading.timeout.connect(self._read_some)

    def watch(self, run: WatchedRun | None) -> None:
        """Show the log of another run, or none."""
        self._run = run
        self._reading.stop()
        self._begin_anew()
        self.model.set_moment(run.moment if run is not None else None)

    def _begin_anew(self) -> None:
        self._row, self._lives, self._told, self._last = None, None, 0, None
        self.model.clear()

    def read(self) -> None:
        """Read on, soon."""
        if self._run is not None and not self._reading.isActive():
            self._reading.start()

    def _read_some(self) -> None:
        if self._run is None:
            return
        self._follow(self._run.lives)
        found = list(islice(heapq.merge(self._logged(self._run), self._changed(self._run.lives), key=_time), _AT_ONCE))
        if not found:
            return
        self._note(found)
        self.model.take([each.line for each in found])
        self.came.emit()
        if len(found) == _AT_ONCE:
            self._reading.start()

    def _follow(self, lives: Lives) -> None:
        """Begin anew when what has happened to the resources is told in another way than before."""
        if lives is self._lives:
            return
        if self._told and lives.changes[self._told - 1 : self._told] != [self._last]:
            self._begin_anew()
        self._lives = lives

    def _logged(self, run: WatchedRun) -> list[_Found]:
        if self._row is None:
            self._row = max(0, run.reader.log_length() - MOST_LINES)
        return [_Found(_line(entry), row) for row, entry in run.reader.log_after(self._row, _AT_ONCE)]

    def _changed(self, lives: Lives) -> list[_Found]:
        changes = lives.changes[self._told : self._told + _AT_ONCE]
        return [_Found(_state_line(each), None, each) for each in changes]

    def _note(self, found: list[_Found]) -> None:
        """Take note of how far the log and the state changes were told."""
        self._row = next((each.row for each in reversed(found) if each.row is not None), self._row)
        changes = [each.change for each in found if each.change is not None]
        self._told += len(changes)
        self._last = changes[-1] if changes else self._last


class _Found(NamedTuple):
    """A line, and where it is from: a row of the log, or a state change."""

    line: LogLine
    row: int | None
    change: StateChange | None = None


def _time(found: _Found) -> float:
    return found.line.time


def _line(entry: LogEntry) -> LogLine:
    topic = entry.logger.removeprefix("nepi.")
    return LogLine(entry.time, entry.level, entry.guid or 0, topic, entry.message)


def _state_line(change: StateChange) -> LogLine:
    """Return what is told of a state; why a resource FAILED stands in the log itself."""
    text = translate("Log", "is {0}").format(change.new.name)
    return LogLine(change.time, logging.INFO, change.guid, STATES, text)

"""The log of the run that is watched, read from its record a bit at a time, and on as it grows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.runs.store import LogEntry
from nepi_gui.appearance import Appearance
from nepi_gui.panels.log_bridge import LogLine
from nepi_gui.panels.log_model import LogModel
from nepi_gui.watching.watched_run import WatchedRun

MOST_LINES = 200_000
"""How many lines of a run are kept, the last ones."""

_AT_ONCE = 3_000  # lines that are read before other events get their turn


class RunLog(QObject):
    """Fills a model with the log of a run.

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
        self._row: int | None = None
        self._reading = QTimer(self, singleShot=True, interval=0)
        self._reading.timeout.connect(self._read_some)

    def watch(self, run: WatchedRun | None) -> None:
        """Show the log of another run, or none."""
        self._run, self._row = run, None
        self._reading.stop()
        self.model.clear()
        self.model.set_moment(run.moment if run is not None else None)

    def read(self) -> None:
        """Read on, soon."""
        if self._run is not None and not self._reading.isActive():
            self._reading.start()

    def _read_some(self) -> None:
        if self._run is None:
            return
        reader = self._run.reader
        if self._row is None:
            self._row = max(0, reader.log_length() - MOST_LINES)
        found = reader.log_after(self._row, _AT_ONCE)
        if not found:
            return
        self._row = found[-1][0]
        self.model.take([_line(entry) for _, entry in found])
        self.came.emit()
        if len(found) == _AT_ONCE:
            self._reading.start()


def _line(entry: LogEntry) -> LogLine:
    topic = entry.logger.removeprefix("nepi.")
    return LogLine(entry.time, entry.level, entry.guid or 0, topic, entry.message)

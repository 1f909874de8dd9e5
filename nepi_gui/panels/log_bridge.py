"""The way of log records from any thread to a window: kept until somebody takes them, told of in bursts."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

MOST_LINES = 10_000
"""How many lines are kept; older ones are dropped."""

_LOGGER = "nepi"
_PAUSE = 34  # ms between two bursts: 30 a second at most


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log record as it is shown.

    Attributes:
        time: seconds since 1970.
        level: as of `logging`.
        guid: the resource that it is about, 0 for none.
        topic: the logger's name without "nepi.".
        text: the message, for errors that nobody expected with its traceback.
    """

    time: float
    level: int
    guid: int
    topic: str
    text: str


class LogBridge(QObject):
    """Collects what is logged, from when it is made until `close`.

    Signals:
        came: there are lines to be taken; once for many.
    """

    came = Signal()
    _woken = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[LogLine] = deque(maxlen=MOST_LINES)
        self._lock = threading.Lock()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self.came)
        self._woken.connect(self._wake)
        self._handler: _Handler | None = _Handler(self)
        logger = logging.getLogger(_LOGGER)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
        logger.addHandler(self._handler)

    def put(self, line: LogLine) -> None:
        """Take a line in; any thread may call it."""
        with self._lock:
            is_first = not self._waiting
            self._waiting.append(line)
        if is_first:
            self._woken.emit()

    def take(self) -> list[LogLine]:
        """Return the lines that came since the last time."""
        with self._lock:
            lines = list(self._waiting)
            self._waiting.clear()
        return lines

    def want(self, level: int) -> None:
        """Have lines of a level collected from now on, and none below, which would push others out; INFO always."""
        logger = logging.getLogger(_LOGGER)
        if self._handler is not None:
            self._handler.setLevel(min(level, logging.INFO))
        if logger.getEffectiveLevel() > level:
            logger.setLevel(level)

    def close(self) -> None:
        """Collect no more."""
        if self._handler is not None:
            logging.getLogger(_LOGGER).removeHandler(self._handler)
            self._handler.leave()
            self._handler = None
        self._timer.stop()

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


class _Handler(logging.Handler):
    """Gives records to a bridge, as long as there is one."""

    def __init__(self, bridge: LogBridge) -> None:
        super().__init__()
        self._bridge: LogBridge | None = bridge

    def leave(self) -> None:
        """Forget the bridge, once no thread is using it."""
        self.acquire()
        try:
            self._bridge = None
        finally:
            self.release()
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a record."""
        if self._bridge is None:
            return
        try:
            text = self.format(record)
        except Exception:  # a message that does not fit its arguments; logging's own way to tell its author
            self.handleError(record)
            return
        guid = getattr(record, "guid", None)
        topic = record.name.removeprefix(f"{_LOGGER}.")
        self._bridge.put(LogLine(record.created, record.levelno, guid if isinstance(guid, int) else 0, topic, text))

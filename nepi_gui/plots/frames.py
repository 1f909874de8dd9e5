"""When plots are drawn anew: at most thirty times a second, and never so often that the window has no time left."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

FASTEST = 0.032
"""Seconds between two frames at least."""

_SHARE = 0.55  # of the time, that drawing may take


class Frames(QObject):
    """Has a widget drawn while it is visible.

    Signals:
        due: a frame is to be drawn; the method given to the constructor is connected.

    """

    due = Signal()

    def __init__(self, widget: QWidget, draw: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._painted = 0.0
        self._cost = 0.0
        self._last = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(self._timer.timerType().PreciseTimer)
        self._timer.timeout.connect(self._work)
        self.due.connect(draw)

    def soon(self, least: float = FASTEST) -> None:
        """Draw a frame as soon as it is time.

        Args:
            least: seconds after the last frame at least.
        """
        if not self._widget.isVisible():
            return
        wait = max(least, FASTEST, self._cost / _SHARE) - (time.perf_counter() - self._last)
        wanted = max(round(wait * 1000), 0)
        if not self._timer.isActive() or self._timer.remainingTime() > wanted:
            self._timer.start(wanted)

    def note_painting(self, seconds: float) -> None:
        """Take note of what painting has taken, which counts as well."""
        self._painted += seconds

    def at_once(self) -> None:
        """Draw a frame now, visible or not."""
        self._timer.stop()
        self._work(True)

    def _work(self, always: bool = False) -> None:
        if not (self._widget.isVisible() or always):
            return
        self._last, worked = time.perf_counter(), time.thread_time()
        painted, self._painted = self._painted, 0.0
        self.due.emit()
        spent = time.thread_time() - worked + painted
        self._cost = spent if spent > self._cost else 0.8 * self._cost + 0.2 * spent

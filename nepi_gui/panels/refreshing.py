"""When a panel shows what is new: once for many news, and only while somebody sees it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class Refreshing(QObject):
    """Has a widget refreshed soon after news; while it is hidden, as soon as it is shown again.

    The widget calls `shown` in its `showEvent`. It is stale from the beginning.

    Signals:
        due: the widget is to show what is new; the method given to the constructor is connected.
    """

    due = Signal()

    def __init__(self, widget: QWidget, refresh: Callable[[], None], pause: int = 0) -> None:
        """Make it a child of the widget.

        Args:
            widget: what is refreshed, and whose being visible counts.
            refresh: a method of the widget that shows what is new.
            pause: the least time between two refreshes, in ms; 0 is once each time the events were worked off.
        """
        super().__init__(widget)
        self._widget = widget
        self._is_stale = True
        self._timer = QTimer(self, singleShot=True, interval=pause)
        self._timer.timeout.connect(self._work)
        self.due.connect(refresh)

    @property
    def is_stale(self) -> bool:
        """Whether there is news that is not shown yet."""
        return self._is_stale

    def soon(self) -> None:
        """Take note of news; signals can be connected to this."""
        self._is_stale = True
        self._start()

    def shown(self) -> None:
        """Take note that the widget is visible now: what was missed meanwhile is shown soon."""
        self._start()

    def catch_up(self) -> None:
        """Refresh at once if there is news, visible or not: somebody needs the widget as it should be."""
        if self._is_stale:
            self.at_once()

    def at_once(self) -> None:
        """Refresh at once, visible or not."""
        self._timer.stop()
        self._is_stale = False
        self.due.emit()

    def _start(self) -> None:
        if self._is_stale and self._widget.isVisible() and not self._timer.isActive():
            self._timer.start()  # not again and again: news that never ends would put it off for ever

    def _work(self) -> None:
        if self._widget.isVisible():
            self.catch_up()

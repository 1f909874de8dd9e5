"""Ends the window when a signal asks for it: Qt's loop runs no Python, and so no handler of Python, by itself."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from PySide6.QtCore import QSocketNotifier

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending:
    """Has SIGINT, SIGTERM and SIGHUP wake Qt's loop, while it is entered; only for the main thread.

    Args:
        end: called in Qt's loop after the first signal.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._read, self._write = socket.socketpair()
        for each in (self._read, self._write):
            each.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._before: dict[int, Any] = {}
        self._wakes = -1

    def __enter__(self) -> Self:
        self._notifier.activated.connect(self._woken)
        self._wakes = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in force
                self._before[number] = signal.signal(number, _heed)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.set_wakeup_fd(self._wakes)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self._read.close()
        self._write.close()

    def _woken(self) -> None:
        numbers = self._read.recv(64)
        if any(number in self._before for number in numbers):
            self._notifier.setEnabled(False)
            self._end()


def _heed(number: int, frame: FrameType | None) -> None:
    """Do nothing: what counts is that the number is written to the socket that Qt's loop waits for."""

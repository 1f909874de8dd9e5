"""Signals that ask a run to end, and all else that its main thread waits for, in one queue."""

from __future__ import annotations

import signal
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Catches SIGINT, SIGTERM and SIGHUP while it is entered; only for the main thread.

    A handler runs in the middle of whatever the main thread does, which may hold any lock of Python. So it only puts
    the signal's number into a `SimpleQueue`, whose ``put`` needs none that the interrupted thread can hold; an Event
    would block for ever when the signal comes while the main thread is about to wait for it. ``nohup`` stays in force.

    Attributes:
        raising: the next signal raises KeyboardInterrupt, too: nothing has been started, or all has been ended.
    """

    def __init__(self) -> None:
        self.raising = True
        self._caught_any = False
        self._queue: SimpleQueue[int] = SimpleQueue()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(self, *exception: object) -> None:
        self.raising = False
        for number, handler in self._before.items():
            # One more of an impatient person must not kill a program that is about to tell that it was interrupted.
            signal.signal(number, signal.SIG_IGN if self._caught_any else handler)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self._caught_any = True
        self._queue.put(number)
        if self.raising:
            self.raising = False
            raise KeyboardInterrupt

    def wake(self) -> None:
        """Have `wait` return; any thread may call it."""
        self._queue.put(0)

    def ask(self) -> None:
        """Have `wait` return as if somebody had pressed Ctrl-C; any thread may call it."""
        self._queue.put(signal.SIGINT)

    def wait(self, timeout: float | None = None) -> int:
        """Block until a signal, `wake`, or ``timeout`` seconds; return the signal's number, 0 when it was none."""
        try:
            return self._queue.get(timeout=timeout)
        except Empty:
            return 0

    def give_in(self) -> None:
        """Heed no further signal: the program is about to end, within a bounded time."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

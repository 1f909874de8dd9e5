"""Tasks that are due at a time, and the one thread that waits for them."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from nepi_core.times import now


class TaskStatus(IntEnum):
    """What has become of a task."""

    NEW = 0
    DONE = 1
    ERROR = 2


class Task:
    """A callback that is due at a time.

    Attributes:
        timestamp: seconds since 1970 at which it is due.
        id: number that the scheduler gave it; None before.
        result: what the callback returned, or the exception that it raised.
    """

    __slots__ = ("callback", "id", "result", "status", "timestamp")

    def __init__(self, timestamp: float, callback: Callable[[], Any]) -> None:
        self.timestamp = timestamp
        self.callback = callback
        self.id: int | None = None
        self.status = TaskStatus.NEW
        self.result: Any = None

    def run(self) -> None:
        """Call the callback and keep what came of it.

        Raises:
            BaseException: what the callback raised, after it was kept.
        """
        try:
            self.result = self.callback()
        except BaseException as error:
            self.result = error
            self.status = TaskStatus.ERROR
            raise
        self.status = TaskStatus.DONE


class HeapScheduler:
    """Tasks in the order in which they are due; those of one time in the order in which they came. Thread-safe."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Task]] = []
        self._removed: set[int] = set()
        self._ids = itertools.count(1)
        self._changed = threading.Condition()

    @property
    def pending(self) -> list[Task]:
        """The tasks that wait, in no order."""
        with self._changed:
            return [task for _, number, task in self._heap if number not in self._removed]

    def schedule(self, task: Task) -> Task:
        """Take a task in and give it its id."""
        with self._changed:
            task.id = next(self._ids)
            heapq.heappush(self._heap, (task.timestamp, task.id, task))
            if self._heap[0][2] is task:
                self._changed.notify()
        return task

    def remove(self, task_id: int) -> None:
        """Forget a task that waits; nothing happens when it does not wait (any more)."""
        with self._changed:
            if any(number == task_id for _, number, _ in self._heap):
                self._removed.add(task_id)

    def next(self) -> Task | None:
        """Take out the task that is due first, whenever that is; None when there is none."""
        with self._changed:
            self._drop_removed()
            return heapq.heappop(self._heap)[2] if self._heap else None

    def next_due(self, stopped: threading.Event) -> Task | None:
        """Block until a task is due and take it out; None as soon as ``stopped`` is set (see `wake`)."""
        with self._changed:
            while not stopped.is_set():
                self._drop_removed()
                delay = self._heap[0][0] - now() if self._heap else None
                if delay is not None and delay <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(delay if delay is None else min(delay, threading.TIMEOUT_MAX))
            return None

    def wake(self) -> None:
        """Have `next_due` look again."""
        with self._changed:
            self._changed.notify_all()

    def _drop_removed(self) -> None:
        while self._heap and self._heap[0][1] in self._removed:
            self._removed.discard(heapq.heappop(self._heap)[1])


class Timer:
    """The thread that hands tasks over when they are due; it is started with the first task.

    Args:
        hand_over: called with each task that is due, in the timer's thread; must return at once.
        name: name of the thread.
    """

    def __init__(self, hand_over: Callable[[Task], None], name: str) -> None:
        self._hand_over = hand_over
        self._name = name
        self._scheduler = HeapScheduler()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def schedule(self, task: Task) -> Task:
        """Take a task in; after `stop` it is kept but never handed over."""
        self._scheduler.schedule(task)
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        return task

    def remove(self, task: Task) -> None:
        """Forget a task."""
        if task.id is not None:
            self._scheduler.remove(task.id)

    def stop(self) -> None:
        """End the thread; tasks that wait are not handed over any more. Calling it twice is harmless."""
        with self._lock:
            self._stopped.set()
            self._scheduler.wake()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        while task := self._scheduler.next_due(self._stopped):
            self._hand_over(task)

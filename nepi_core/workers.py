"""The bounded pool of threads that carries out the jobs of an experiment."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

Job = Callable[[], object]


class WorkerPool:
    """Runs jobs in the order in which they came, at most ``size`` at once.

    A thread that has ended a job takes the next one itself, so that a chain of short jobs costs no thread switch; a
    further thread is woken for each job that comes while fewer than ``size`` are at work.

    Args:
        size: the largest number of threads; they are started when they are needed.
        on_error: called with what a job raised.
        name: beginning of the threads' names.
    """

    def __init__(self, size: int, on_error: Callable[[BaseException], None], name: str) -> None:
        self.size = size
        self._on_error = on_error
        self._executor = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._jobs: deque[Job] = deque()
        self._working = 0
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, job: Job) -> None:
        """Have a job run; a pool that was closed drops it."""
        self.submit_all((job,))

    def submit_all(self, jobs: Iterable[Job]) -> None:
        """Have several jobs run, for less than the price of each alone."""
        with self._lock:
            if self._closed:
                return
            self._jobs.extend(jobs)
            wanted = min(self.size - self._working, len(self._jobs))
            self._working += max(wanted, 0)
            for _ in range(wanted):
                self._executor.submit(self._work)

    def drop_waiting(self) -> None:
        """Forget the jobs that have not begun."""
        with self._lock:
            self._jobs.clear()

    def close(self) -> None:
        """Drop what has not begun, wait for what has, end the threads. Calling it twice is harmless."""
        with self._lock:
            self._closed = True
            self._jobs.clear()
        self._executor.shutdown(wait=True)

    def _work(self) -> None:
        while (job := self._take()) is not None:
            try:
                job()
            except BaseException as error:
                self._on_error(error)

    def _take(self) -> Job | None:
        try:
            return self._jobs.popleft()
        except IndexError:
            pass
        # Looked at once more under the lock, which `submit_all` holds when it counts who works: a job that came after
        # the first look either finds one worker fewer, or is found here.
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._working -= 1
            return None

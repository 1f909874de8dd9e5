"""The bounded pool of threads that carries out the jobs of an experiment."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

Job = Callable[[], object]


class WorkerPool:
    """Runs jobs in the order in which they came, at most ``size`` at once.

    A thread that has ended a job takes the next one itself, so that a chain of short jobs costs no thread switch; a
    further thread is woken for each job that comes while fewer than ``size`` are at work.

    Args:
        size: the largest number of threads at work; they are started when they are needed.
        on_error: called with what a job raised.
        name: beginning of the threads' names.
    """

    def __init__(self, size: int, on_error: Callable[[BaseException], None], name: str) -> None:
        self.size = size
        self._on_error = on_error
        self._name = name
        self._jobs: deque[Job] = deque()
        self._wakes: SimpleQueue[bool] = SimpleQueue()  # True has one thread look for jobs, False has all end
        self._threads: set[threading.Thread] = set()
        self._working = 0  # threads that take jobs; there are always enough others to make it `size`
        self._lent = 0  # threads that wait inside a job, and have others work for them
        self._lock = threading.Lock()
        self._closed = False

    @property
    def inside(self) -> bool:
        """Whether the calling thread is one of the pool."""
        return threading.current_thread() in self._threads

    def submit(self, job: Job) -> None:
        """Have a job run; a pool that was closed drops it."""
        self.submit_all((job,))

    def submit_all(self, jobs: Iterable[Job]) -> None:
        """Have several jobs run, for less than the price of each alone."""
        with self._lock:
            if not self._closed:
                self._jobs.extend(jobs)
                self._wake()

    @contextmanager
    def lend(self) -> Iterator[None]:
        """Have another thread work in the place of this one, which waits; nothing happens outside of the pool.

        So jobs that wait for the work of others come to an end however small the pool is.
        """
        if not self.inside:
            yield
            return
        with self._lock:
            self._working -= 1
            self._lent += 1
            self._wake()
        try:
            yield
        finally:
            with self._lock:
                self._working += 1
                self._lent -= 1

    def close(self) -> None:
        """Drop what has not begun, wait for what has, end the threads. Calling it twice is harmless.

        A job that closes its own pool is not waited for: its thread ends after it.
        """
        with self._lock:
            self._closed = True
            self._jobs.clear()
            self._wakes.put(False)
        for thread in self._threads - {threading.current_thread()}:
            thread.join()

    def _wake(self) -> None:
        # In this order, an interrupt in between (Ctrl-C in the main thread) counts no worker that was not woken.
        for _ in range(min(self.size - self._working, len(self._jobs))):
            if self._working + self._lent == len(self._threads):
                # A daemon, so that a controller that was forgotten does not keep the program from ending.
                thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # no more threads may be made: those that work take these jobs, too
                    if self._working:
                        return
                    raise
                self._threads.add(thread)
            self._working += 1
            self._wakes.put(True)

    def _run(self) -> None:
        while self._wakes.get():
            while (job := self._take()) is not None:
                try:
                    job()
                except BaseException as error:
                    self._on_error(error)
        self._wakes.put(False)  # for the next one

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

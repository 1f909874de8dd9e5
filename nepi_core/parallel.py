"""Many calls in parallel with their results in order of completion: ParallelRun, as NEPI's users know it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self


class ParallelRun:
    """Runs callables in at most ``maxthreads`` threads.

    Args:
        maxthreads: largest number of calls at once; None leaves it to `concurrent.futures`.
        maxqueue: largest number of calls that wait or run; `put` blocks, and `put_nowait` refuses, when it is reached.
        results: keep what the calls return, for iteration.
    """

    def __init__(self, maxthreads: int | None = None, maxqueue: int | None = None, results: bool = True) -> None:
        self._executor = ThreadPoolExecutor(maxthreads, thread_name_prefix="nepi-parallel")
        self._room = threading.BoundedSemaphore(maxqueue) if maxqueue else None
        self._results: queue.SimpleQueue[Any] | None = queue.SimpleQueue() if results else None
        self._waiting: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []
        self._open: set[Future[Any]] = set()
        self._started = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin; calls that were put before begin now."""
        with self._changed:
            self._started = True
            waiting, self._waiting = self._waiting, []
            for call, arguments, named in waiting:
                self._submit(call, arguments, named)

    def put(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Add a call; block while the queue is full.

        Raises:
            queue.Full: it is full and nothing would ever empty it, since `start` was not called.
            RuntimeError: the object was joined or destroyed.
        """
        if not self._started:
            self.put_nowait(call, *arguments, **named)
            return
        if self._room is not None:
            self._room.acquire()
        self._add(call, arguments, named)

    def put_nowait(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Add a call.

        Raises:
            queue.Full: as many calls wait as are allowed.
            RuntimeError: the object was joined or destroyed.
        """
        if self._room is not None and not self._room.acquire(blocking=False):
            raise queue.Full
        self._add(call, arguments, named)

    def empty(self) -> None:
        """Drop the calls that have not begun."""
        with self._changed:
            dropped, self._waiting = self._waiting, []
            futures = list(self._open)
        for future in futures:
            future.cancel()
        if self._room is not None:
            for _ in dropped:
                self._room.release()

    def sync(self) -> None:
        """Wait for all calls; raise the first error that one of them raised, once."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open)
            error, self._error = self._error, None
        if error is not None:
            raise error

    def join(self) -> None:
        """Wait for all calls, those too that `start` was not called for, and end the threads; raise as `sync` does."""
        try:
            self.start()
            self.sync()
        finally:
            self._executor.shutdown(wait=True)

    def destroy(self) -> None:
        """Drop the calls that have not begun, wait for those that have, end the threads."""
        self.empty()
        self._executor.shutdown(wait=True)

    def __iter__(self) -> Iterator[Any]:
        """Give the results so far, in the order in which the calls ended, and wait for those of running calls."""
        if self._results is None:
            return
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._open or not self._results_empty())
                if self._results_empty():
                    return
            yield self._results.get()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.join()
        else:
            self.destroy()

    def _results_empty(self) -> bool:
        return self._results is None or self._results.empty()

    def _add(self, call: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        with self._changed:
            if self._started:
                self._submit(call, arguments, named)
            else:
                self._waiting.append((call, arguments, named))

    def _submit(self, call: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        future = self._executor.submit(call, *arguments, **named)
        self._open.add(future)
        future.add_done_callback(self._ended)

    def _ended(self, future: Future[Any]) -> None:
        if self._room is not None:
            self._room.release()
        with self._changed:
            if not future.cancelled():
                error = future.exception()
                if error is not None:
                    self._error = self._error or error
                elif self._results is not None:
                    self._results.put(future.result())
            self._open.discard(future)
            self._changed.notify_all()

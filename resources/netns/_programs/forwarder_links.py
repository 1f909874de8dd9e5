"""Links and their two directions: frames come in, wait in trays until they are due, and go out."""

from __future__ import annotations

import errno
import itertools
import threading
import time
from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from .frame_sockets import FrameSocket
from .frame_trays import SLOTS, Outbox, Tray, TrayPool
from .impairment import Impairment, check

RECEIVED, SENT, LOST, OVERFLOW = range(4)
"""Places of a direction's counters."""
COUNTERS = 4

_MOST_STORED = 64 << 20  # bytes of trays with frames of one direction
_MANY = 16  # frames at once: so many may mean that the kernel had no room for more
_CLOSERS = 128  # threads
_GONE = (errno.ENETDOWN, errno.ENXIO, errno.ENODEV)
_PASSING = (errno.EAGAIN, errno.EINTR, errno.ENOBUFS, errno.ENOMEM)  # the next frames may be luckier

Parameters = Mapping[str, float]
TrayRun = tuple[Tray, int, int]
"""Frames in neighbouring slots: tray, first slot, number."""


class Store:
    """All frames under way: when they are due, and the memory that they are in."""

    def __init__(self) -> None:
        self.pool = TrayPool()
        self._heap: list[tuple[int, int, Direction, Tray, int, int]] = []
        self._numbers = itertools.count()  # what is due at the same time leaves in the order in which it came

    def add(self, due: int, direction: Direction, tray: Tray, first: int, count: int) -> None:
        """Have some frames of a tray sent at a time."""
        heappush(self._heap, (due, next(self._numbers), direction, tray, first, count))

    def next_due(self) -> int:
        """Return when the next frames are due; 0 when there are none."""
        return self._heap[0][0] if self._heap else 0

    def release(self) -> set[Direction]:
        """Put what is due now into the queues of its directions, and return those."""
        heap, now = self._heap, time.monotonic_ns()
        directions = set()
        while heap and heap[0][0] <= now:
            _, _, direction, tray, first, count = heappop(heap)
            direction.queue.append((tray, first, count))
            directions.add(direction)
        return directions


class Direction:
    """One direction of a link.

    Args:
        link: number of the link.
        source: where frames come in.
        target: where they go out.
        parameters: of the impairment.
        counters: the four of this direction.
        store: of all directions.

    Attributes:
        queue: frames that are due.
        closed: its frames under way are dropped.
    """

    def __init__(
        self,
        link: int,
        source: FrameSocket,
        target: FrameSocket,
        parameters: Parameters,
        counters: memoryview,
        store: Store,
    ) -> None:
        self.link = link
        self.source = source
        self.target = target
        self.impairment = Impairment(parameters)
        self.queue: deque[TrayRun] = deque()
        self.closed = False
        self._counters = counters
        self._store = store
        self._slot = source.slot_size()
        self._tray: Tray | None = None  # the one that is being filled
        self._stored = 0  # bytes of trays

    def receive(self) -> None:
        """Take in what has arrived, one tray at most, so that no link keeps others waiting.

        Raises:
            OSError: the source fails, and not only for now.
        """
        now = time.monotonic_ns()
        tray, is_full = self._tray, False
        if not tray:
            is_full = self._stored >= _MOST_STORED or self._store.pool.is_exhausted()
            tray = self._take_tray()  # also to drop what there is no room for
        first = tray.filled
        count = tray.receive(self.source.descriptor)
        if count > 0:
            self._count_received(count, is_full)
            if not is_full:
                self._plan(tray, first, count, now)
        if tray.filled == SLOTS or tray.truncated:
            self._tray = None
        if not tray.waiting:
            self._give_back(tray)
        if tray.truncated:
            self._slot = self.source.slot_size()  # the MTU may have been raised
        if count < 0:
            self._judge(self.source, -count)

    def send(self, outbox: Outbox) -> None:
        """Send the first frames of the queue, as many as one system call does, so that no link keeps others waiting.

        Raises:
            OSError: the target fails, and not only for now.
        """
        runs = self._next_runs()
        error = 0 if self.closed else self._send_runs(runs, outbox)
        for tray, _, count in runs:
            tray.waiting -= count
            if not tray.waiting:
                self._give_back(tray)
        if error in _GONE:
            self._judge(self.target, error)

    def _next_runs(self) -> list[TrayRun]:
        queue, room = self.queue, SLOTS
        runs: list[TrayRun] = []
        while queue and room:
            tray, first, count = queue.popleft()
            if count > room:
                queue.appendleft((tray, first + room, count - room))
                count = room
            runs.append((tray, first, count))
            room -= count
        return runs

    def _send_runs(self, runs: list[TrayRun], outbox: Outbox) -> int:
        vectors = array("L")
        for tray, first, count in runs:
            vectors += tray.vectors[first : first + count]
        sent, error = outbox.send(self.target.descriptor, vectors)
        self._counters[SENT] += sent
        self._counters[OVERFLOW] += len(vectors) - sent
        return error

    def _count_received(self, count: int, is_full: bool) -> None:
        drops = self.source.dropped() if count >= _MANY else 0
        self._counters[RECEIVED] += count + drops
        self._counters[OVERFLOW] += drops + (count if is_full else 0)

    def _plan(self, tray: Tray, first: int, count: int, now: int) -> None:
        for start, length, due in self.impairment.plan(count, now):
            tray.waiting += length
            self._store.add(due, self, tray, first + start, length)
        self._counters[LOST] = self.impairment.lost

    def _take_tray(self) -> Tray:
        self._tray = tray = self._store.pool.lend(self._slot)
        self._stored += tray.size
        return tray

    def _give_back(self, tray: Tray) -> None:
        if self._tray is tray:
            self._tray = None
        self._stored -= tray.size
        self._store.pool.take_back(tray)

    def _judge(self, end: FrameSocket, number: int) -> None:
        """Raise an error unless it passes: an end that is down may come up again."""
        is_down = number == errno.ENETDOWN and end.is_there()
        if not is_down and number not in _PASSING:
            raise end.error(number)


class Link:
    """Two directions between two ends.

    Args:
        number: of the link.
        ends: names of its inner ends.
        parameters: of the directions, forward (from the first end to the second) and backward.
        counters: the eight of the link.
        store: of all links.

    Raises:
        OSError: an end cannot be opened.
        ValueError: a parameter is wrong.
    """

    def __init__(
        self, number: int, ends: Sequence[str], parameters: Sequence[Parameters], counters: memoryview, store: Store
    ) -> None:
        self.sockets: list[FrameSocket] = []
        try:
            self.sockets += map(FrameSocket, ends)
            first, second = self.sockets
            forward, backward = parameters
            self.directions = [
                Direction(number, first, second, forward, counters[:COUNTERS], store),
                Direction(number, second, first, backward, counters[COUNTERS:], store),
            ]
        except (OSError, ValueError):
            close_side_by_side(self.sockets)
            raise

    def set(self, parameters: Sequence[Parameters]) -> None:
        """Use new parameters for the frames to come.

        Raises:
            ValueError: a parameter is wrong; nothing has changed.
        """
        for each in parameters:
            check(each)
        for direction, each in zip(self.directions, parameters, strict=True):
            direction.impairment.set(each)

    def stop(self) -> None:
        """Drop all frames under way."""
        for direction in self.directions:
            direction.closed = True


def close_side_by_side(sockets: Sequence[FrameSocket]) -> list[threading.Thread]:
    """Close sockets in threads, so that the kernel's 10 ms a socket pass at the same time and nobody waits."""
    shares = [share for number in range(_CLOSERS) if (share := sockets[number::_CLOSERS])]
    threads = [threading.Thread(target=_close_all, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    return threads


def _close_all(sockets: Sequence[FrameSocket]) -> None:
    for each in sockets:
        each.close()

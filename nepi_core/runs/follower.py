"""Reading traces while they grow: lines become samples as soon as they are written."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from nepi_core.series import LineParser, Sample, make_parser
from nepi_core.times import now

Sink = Callable[[list[Sample]], None]
"""Takes the samples of a trace that were read together, in the order of their lines."""

Notice = Callable[[int, str, str], None]
"""Takes guid, trace, and a sentence about why there are no (more) numbers from it."""

_CHUNK = 256 * 1024
_LONGEST_LINE = 64 * 1024
_FURTHEST_BEHIND = 64 * 1024 * 1024
# How long what is left of a trace may take to read when its program has ended, since the end is told after that; at the
# end of a run, what is left of all. Some 20 MB are read in this time.
_LONGEST_END = 20.0

# Places after the point of the times of samples that tell none themselves. They are those of reading, some milliseconds
# after the writing; more places would say nothing, and take twice the room in the run store.
_PLACES = 4

# What grows within this time after a reading is read together, since a reading costs the same however little it finds.
# A line that comes after a longer pause is read at once. It also leaves the processor to others while a file floods.
_FOLD_MILLISECONDS = 20

_logger = logging.getLogger("nepi.follower")


class _TooMuchError(Exception):
    """A trace that cannot be followed any further; the message says why."""


class _FollowedFile:
    """One trace: how far it has been read, and what becomes of its lines.

    It may be read by the follower's thread and by the one that finishes it; ``lock`` keeps them apart.

    Attributes:
        ended: whether nothing is to be read any more.
    """

    def __init__(self, path: Path, guid: int, trace: str, parser: LineParser | type, sink: Sink) -> None:
        self.path = path
        self.guid = guid
        self.trace = trace
        self.lock = threading.Lock()
        self.ended = False
        self._declared = parser
        self._sink = sink
        self.start_again()

    def start_again(self) -> bool:
        """Take the file for a new one; there is nothing to read until it grows."""
        self._parser = make_parser(self._declared)
        self._identity = (0, 0)
        self._offset = 0
        self._rest = b""
        return False

    def read(self) -> bool:
        """Read a piece of what is new, and return whether there is more.

        Raises:
            _TooMuchError: the file grows too fast, or a line is too long.
            OSError: it cannot be read.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:  # its program has not begun to write
            return False
        try:
            behind = self._behind(descriptor)
            new = os.pread(descriptor, _CHUNK, self._offset) if behind > 0 else b""
        finally:
            os.close(descriptor)
        self._offset += len(new)
        self._take(new)
        return 0 < len(new) < behind

    def read_to_end(self, until: float) -> bool:
        """Read all that is new and a last line that has no end; there is no more then.

        Args:
            until: when that is to be done, by the monotonic clock.

        Raises:
            _TooMuchError: as for `read`, or reading all that takes too long.
            OSError: as for `read`.
        """
        while self.read():
            if time.monotonic() > until:
                raise _TooMuchError(f"its program has ended, and it has more than can be read in {_LONGEST_END:g} s")
        last, self._rest = self._rest, b""
        self.ended = True
        if last:
            self._parse([last])
        return False

    def _behind(self, descriptor: int) -> int:
        """Return how many bytes are new; a file that was replaced or cut off is new from its start."""
        status = os.fstat(descriptor)
        identity = (status.st_dev, status.st_ino)
        if status.st_size < self._offset or self._identity not in (identity, (0, 0)):
            self.start_again()
        self._identity = identity
        behind = status.st_size - self._offset
        if behind > _FURTHEST_BEHIND:
            raise _TooMuchError(f"it grows faster than it can be read ({behind / 1e6:.0f} MB are waiting)")
        return behind

    def _take(self, new: bytes) -> None:
        *lines, self._rest = (self._rest + new).split(b"\n") if new else (self._rest,)
        self._parse(lines)
        if len(self._rest) > _LONGEST_LINE:
            raise _TooMuchError(f"it has a line of more than {_LONGEST_LINE // 1024} kB")

    def _parse(self, lines: list[bytes]) -> None:
        """Hand on the samples of lines, also when one of the lines cannot be parsed."""
        read_at = round(now(), _PLACES)
        samples: list[Sample] = []
        try:
            for line in lines:
                samples.extend(self._samples(line, read_at))
        finally:
            if samples:
                self._sink(samples)

    def _samples(self, line: bytes, read_at: float) -> Iterator[Sample]:
        if len(line) > _LONGEST_LINE:
            raise _TooMuchError(f"it has a line of more than {_LONGEST_LINE // 1024} kB")
        for series, value, *told in self._parser(line.decode("utf-8", "replace").rstrip("\r")):
            yield Sample(told[0] if told else read_at, self.guid, self.trace, series, float(value))


class _Watches:
    """What the kernel is asked to watch: the folders of the followed files.

    Raises:
        OSError: the kernel has no more watches to give (``fs.inotify.max_user_instances``), or none at all.
    """

    def __init__(self) -> None:
        from inotify_simple import INotify, flags  # 20 ms, and it looks for the C library with a program

        self._inotify = INotify(nonblocking=True)
        self._gone = flags.DELETE | flags.MOVED_FROM
        self._overflow = flags.Q_OVERFLOW
        self._asked = self._gone | flags.MODIFY | flags.CREATE | flags.MOVED_TO | flags.CLOSE_WRITE
        self._files: dict[int, dict[str, _FollowedFile]] = {}
        self.close = self._inotify.close
        self.fileno = self._inotify.fileno

    def add(self, followed: _FollowedFile) -> None:
        """Watch a file.

        Raises:
            OSError: its folder is not there, or the kernel has no more watches (``fs.inotify.max_user_watches``).
        """
        watch = self._inotify.add_watch(followed.path.parent, self._asked)
        self._files.setdefault(watch, {})[followed.path.name] = followed

    def remove(self, followed: _FollowedFile) -> None:
        """End watching a file, and its folder when nothing else in it is watched."""
        for watch, files in self._files.items():
            if files.get(followed.path.name) is followed:
                del files[followed.path.name]
                if not files:
                    del self._files[watch]
                    with contextlib.suppress(OSError):  # the folder is gone, and its watch with it
                        self._inotify.rm_watch(watch)
                return

    def changes(self) -> Iterator[tuple[_FollowedFile, bool]]:
        """Yield the files that have changed, and whether each is gone from its place."""
        for event in self._inotify.read(timeout=0):
            if event.mask & self._overflow:
                yield from ((followed, False) for files in self._files.values() for followed in files.values())
            followed = self._files.get(event.wd, {}).get(event.name)
            if followed:
                yield followed, bool(event.mask & self._gone)


class TraceFollower:
    """Follows the traces of an experiment, all in one thread, which sleeps while nothing grows.

    A trace with a line of more than 64 kB, one that grows so fast that 64 MB wait to be read, one of which too much is
    left when its program has ended, and one whose parser raises gives no more samples; the others go on. Where the
    kernel cannot tell of changes (inotify), the traces are read when they are finished.

    Args:
        notice: told why a trace gives no samples any more, or none while it grows; once for a trace.
    """

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._lock = threading.Lock()
        self._files: dict[Path, _FollowedFile] = {}
        self._tasks: deque[tuple[Callable[[_Watches, _FollowedFile], None], _FollowedFile]] = deque()
        self._growing: dict[_FollowedFile, None] = {}
        self._thread: threading.Thread | None = None
        self._wake = -1
        self._stopping = False

    def follow(self, path: Path, guid: int, trace: str, parser: LineParser | type, sink: Sink) -> None:
        """Read a file from its start and go on while it grows; it need not be there yet, but its folder must be.

        A file that is followed already is finished first, and then read from its start again.

        Args:
            path: the file.
            guid: the resource that the samples are of.
            trace: name of the trace that the samples are of.
            parser: as a trace declares it (see `nepi_core.series.make_parser`).
            sink: called in the follower's thread, and for the last lines in the thread that finishes the file.
        """
        self.finish(path)
        followed = _FollowedFile(path, guid, trace, parser, sink)
        with self._lock:
            if self._stopping:
                return
            self._files[path] = followed
            self._give(self._add, followed)

    def finish(self, path: Path) -> None:
        """Read a file to its end, with a last line that has no end, and follow it no longer.

        All its samples have been handed on when this returns. Nothing happens when the file is not followed.
        """
        self._finish(path, time.monotonic() + _LONGEST_END)

    def _finish(self, path: Path, until: float) -> None:
        followed = self._forget(path)
        if followed:
            self._try(followed, partial(followed.read_to_end, until))

    def stop(self) -> None:
        """Finish all files and end the thread; calling it twice is harmless."""
        with self._lock:
            self._stopping = True
            thread, self._thread = self._thread, None
            if thread:
                os.eventfd_write(self._wake, 1)
        if thread:
            thread.join()
            os.close(self._wake)
        until = time.monotonic() + _LONGEST_END
        for path in list(self._files):
            self._finish(path, until)

    def _forget(self, path: Path) -> _FollowedFile | None:
        with self._lock:
            followed = self._files.pop(path, None)
            if followed and not self._stopping:
                self._give(self._drop, followed)
            return followed

    def _give(self, task: Callable[[_Watches, _FollowedFile], None], followed: _FollowedFile) -> None:
        """Have the thread do something; the lock is held."""
        self._tasks.append((task, followed))
        if self._thread is None:
            self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            self._thread = threading.Thread(target=self._work, name="nepi-follower", daemon=True)
            self._thread.start()
        os.eventfd_write(self._wake, 1)

    def _work(self) -> None:
        try:
            watches = _Watches()
        except OSError as error:
            followed = self._tasks[0][1]
            self._notice(followed.guid, followed.trace, _later(error))
            return
        with contextlib.closing(watches):
            self._go_on(watches)

    def _go_on(self, watches: _Watches) -> None:
        something, woken = select.poll(), select.poll()
        something.register(watches.fileno(), select.POLLIN)
        for poll in (something, woken):
            poll.register(self._wake, select.POLLIN)
        while not self._stopping:
            something.poll(0 if self._growing else None)
            self._look(watches)
            self._growing = {followed: None for followed in self._growing if self._try(followed, followed.read)}
            woken.poll(_FOLD_MILLISECONDS)

    def _look(self, watches: _Watches) -> None:
        """Do what the thread was given to do, and find out which files have grown."""
        with contextlib.suppress(BlockingIOError):  # it was the files that woke the thread
            os.eventfd_read(self._wake)
        while self._tasks:
            task, followed = self._tasks.popleft()
            task(watches, followed)
        for followed, gone in watches.changes():
            if gone:
                self._try(followed, followed.start_again)
            self._growing[followed] = None

    def _add(self, watches: _Watches, followed: _FollowedFile) -> None:
        try:
            watches.add(followed)
        except OSError as error:
            self._notice(followed.guid, followed.trace, _later(error))
        self._growing[followed] = None

    def _drop(self, watches: _Watches, followed: _FollowedFile) -> None:
        watches.remove(followed)
        self._growing.pop(followed, None)

    def _try(self, followed: _FollowedFile, step: Callable[[], bool]) -> bool:
        """Do a step of reading and return whether there is more to read; a step that fails is the file's last."""
        with followed.lock:
            try:
                return not followed.ended and step()
            except (_TooMuchError, OSError) as error:
                reason = str(error)
            except Exception as error:
                reason = f"its parser failed with {type(error).__name__}: {error}"
                _logger.debug("The parser of %s failed.", followed.path, exc_info=True)
            followed.ended = True
        self._notice(followed.guid, followed.trace, f"No more numbers are read from {followed.path}: {reason}.")
        return False


def _later(error: OSError) -> str:
    return f"Numbers from traces come only when their programs have ended, since Linux cannot watch them: {error}."

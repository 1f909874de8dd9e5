"""Writing what happens in a run into its folder, while it happens, without holding up the threads that tell it."""

from __future__ import annotations

import atexit
import fcntl
import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nepi_core.errors import RunStoreError
from nepi_core.runs.database import FILE_NAME, RunDatabase, Table
from nepi_core.times import now

if TYPE_CHECKING:
    from nepi_core.lifecycle import StateChange
    from nepi_core.series import Sample, Series

# How long the writer lets a burst gather before it writes it; also what a killed program loses at most, beside what is
# just being written.
_FOLD_SECONDS = 0.05

# Samples that may wait to be written, some 150 bytes each, and how long who gives more waits for room at most.
_MOST_WAITING = 200_000
_PATIENCE_SECONDS = 5.0

# Samples in one transaction: the more, the longer it takes until others are safe.
_MOST_AT_ONCE = 20_000

_Item = TypeVar("_Item")

_logger = logging.getLogger("nepi.run_store")


class LogEntry(NamedTuple):
    """A line of the run's log.

    Attributes:
        level: number of the level, as in `logging`.
        guid: the resource it is about, or None.
        rtype: type of that resource, or "".
        logger: name of the logger it came through.
    """

    time: float
    level: int
    guid: int | None
    rtype: str
    logger: str
    message: str


class RunStore:
    """The growing record of one run: ``run.sqlite`` in the run's folder (schema in `nepi_core.runs.database`).

    All methods but `flush` and `close` only put what they are given into a queue and return at once; any thread may
    call them. One thread writes. When it cannot write any more (the disk is full), that is logged once, and the run
    goes on without a record. When it is slower than samples come, `samples` blocks for a while, and then drops what it
    was given, which is logged once. What is given after `close` is dropped. A folder has one store at a time.

    Args:
        folder: the run's folder; it is made when it is not there.

    Raises:
        RunStoreError: the folder cannot be made or opened, or another store writes into it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock_descriptor = _claim(folder)
        self._changes: deque[StateChange] = deque()
        self._samples: deque[Sample] = deque()
        self._rows: deque[tuple[Table, tuple[object, ...]]] = deque()
        self._collectors: deque[Callable[[], Mapping[str, str]]] = deque()
        self._flushes: deque[threading.Event] = deque()
        # The writer says that it sleeps before it looks for data a last time, and who gives data looks whether the
        # writer sleeps after having given it: so one of the two sees the other, without a lock.
        self._asleep = False
        self._wake = threading.Event()
        self._room = threading.Event()
        self._has_dropped = False
        self._closing = False
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="nepi-run-store", daemon=True)
        self._thread.start()
        atexit.register(self.close)  # the thread is a daemon, so that a forgotten store does not hang the program

    def state_changed(self, change: StateChange) -> None:
        """Take in a state change."""
        self._changes.append(change)
        if self._asleep:
            self._rouse()

    def samples(self, samples: Iterable[Sample]) -> None:
        """Take in samples of any series.

        It blocks while very many wait to be written, so that nobody reads traces faster than they can be recorded.
        """
        if len(self._samples) >= _MOST_WAITING and not self._has_room_soon():
            return
        self._samples.extend(samples)
        if self._asleep:
            self._rouse()

    def _has_room_soon(self) -> bool:
        """Wait for room for more samples, and return whether there is some."""
        self._room.clear()
        self._wake.set()  # there is no reason left to let more gather
        if len(self._samples) < _MOST_WAITING or self._room.wait(_PATIENCE_SECONDS):
            return True
        if not self._has_dropped:
            self._has_dropped = True
            _logger.warning("The run store %s cannot keep up, and some samples are lost.", self.folder / FILE_NAME)
        return False

    def series(self, guid: int, trace: str, series: Iterable[Series]) -> None:
        """Take in what a trace's series are, so that a reader knows their units."""
        self._give(Table.SERIES, ((guid, trace, each.name, each.unit, each.help) for each in series))

    def resource(self, guid: int, rtype: str, label: str = "") -> None:
        """Take in a resource of the experiment."""
        self._give(Table.RESOURCES, ((guid, rtype, label),))

    def host(self, guid: int, name: str, shell: Sequence[str]) -> None:
        """Take in a resource that commands can be run on, and what stands before a command to have it run there."""
        self._give(Table.HOSTS, ((guid, name, json.dumps(list(shell))),))

    def log(self, entry: LogEntry) -> None:
        """Take in a line of the log."""
        self._give(Table.LOG, (entry,))

    def facts(self, **values: object) -> None:
        """Take in facts of the run: ``exp_id run_id began ended outcome cause``; a later value replaces an earlier one.

        ``outcome`` is one of running, done, failed, interrupted; dates are seconds since 1970.
        """
        self._give(Table.FACTS, values.items())

    def environment(self, values: Mapping[str, str] | Callable[[], Mapping[str, str]]) -> None:
        """Take in what the results depend on, or what collects it: that is then called in the writer's thread."""
        if callable(values):
            self._collectors.append(values)
            self._give(Table.ENVIRONMENT, ())
        else:
            self._give(Table.ENVIRONMENT, values.items())

    def flush(self, timeout: float | None = None) -> bool:
        """Block until all that was given before is written; return whether that came within ``timeout`` seconds."""
        written = threading.Event()
        self._flushes.append(written)
        self._wake.set()
        return self._ended or written.wait(timeout)

    def close(self) -> None:
        """Write what is left, close the file and wait for that; calling it twice is harmless."""
        atexit.unregister(self.close)
        self._closing = True
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _give(self, table: Table, rows: Iterable[tuple[object, ...]]) -> None:
        self._rows.extend([(table, row) for row in rows])
        if self._asleep:
            self._rouse()

    def _rouse(self) -> None:
        self._asleep = False
        self._wake.set()

    def _work(self) -> None:
        database: RunDatabase | None = None
        try:
            database = RunDatabase(self.folder / FILE_NAME)
            last = False
            while not last:
                self._sleep()
                last = self._closing
                self._write(database)
        except Exception as error:
            self._report(error)
        finally:
            self._finish(database)

    def _sleep(self) -> None:
        """Block until there is something to do, and a little longer while more of it may come."""
        self._asleep = True
        if not (self._changes or self._samples or self._rows or self._collectors):
            self._wake.wait()
        self._asleep = False
        self._wake.clear()
        if not (self._closing or self._flushes):
            self._wake.wait(_FOLD_SECONDS)

    def _write(self, database: RunDatabase) -> None:
        flushes = _drain(self._flushes)  # before the data, so that all that was given before a flush is written now
        try:
            self._write_waiting(database)
            collectors = _drain(self._collectors)  # after the data, which is not to wait for them
            for collector in collectors:
                self._collect(collector)
            if collectors:
                self._write_waiting(database)
        finally:
            for written in flushes:
                written.set()

    def _write_waiting(self, database: RunDatabase) -> None:
        """Write all that waits just now."""
        waiting = len(self._samples)
        while batch := self._batch():
            database.write(batch, keep_trying=lambda: not self._closing)
            waiting -= _MOST_AT_ONCE
            if waiting <= 0:
                return

    def _batch(self) -> dict[Table, list[tuple[object, ...]]]:
        batch: dict[Table, list[tuple[object, ...]]] = {}
        for table, row in _drain(self._rows):
            batch.setdefault(table, []).append(row)
        if self._changes:
            batch[Table.CHANGES] = [*_drain(self._changes)]
        if self._samples:
            batch[Table.SAMPLES] = [*_drain(self._samples, _MOST_AT_ONCE)]
        if len(self._samples) < _MOST_WAITING:
            self._room.set()
        return batch

    def _collect(self, collector: Callable[[], Mapping[str, str]]) -> None:
        try:
            self.environment(collector())
        except Exception:
            _logger.exception("What the results depend on could not be recorded.")

    def _report(self, error: Exception) -> None:
        expected = isinstance(error, RunStoreError)
        _logger.error("%s The run goes on without a record of it.", error, exc_info=None if expected else error)

    def _finish(self, database: RunDatabase | None) -> None:
        """Close the file, and from now on drop what comes in."""
        try:
            if database:
                database.close()
        except RunStoreError as error:
            self._report(error)
        finally:
            self._drop_all()
            os.close(self._lock_descriptor)

    def _drop_all(self) -> None:
        self._changes = deque(maxlen=0)
        self._samples = deque(maxlen=0)
        self._rows = deque(maxlen=0)
        self._ended = True
        self._room.set()
        for written in _drain(self._flushes):
            written.set()


class StoreHandler(logging.Handler):
    """Puts log records into a run store.

    A record may tell by ``extra`` which resource it is about (``guid``, ``rtype``) and which run (``run_id``); records
    of other runs are left out.
    """

    def __init__(self, store: RunStore, run_id: str, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._store = store
        self._run_id = run_id

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a record."""
        if getattr(record, "run_id", None) not in (None, "", self._run_id):
            return
        try:
            message = self.format(record)
        except Exception:  # a message that does not fit its arguments; logging's own way to tell its author
            self.handleError(record)
            return
        guid, rtype = getattr(record, "guid", None), getattr(record, "rtype", "")
        self._store.log(LogEntry(now(), record.levelno, guid, rtype, record.name, message))


def _claim(folder: Path) -> int:
    """Make a run's folder and return a descriptor that holds a lock on it: by it `RunReader` knows a living writer."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise RunStoreError(f"The run's folder {folder} cannot be made: {error.strerror}.") from error
    try:
        _lock(descriptor)
    except BlockingIOError:
        os.close(descriptor)
        raise RunStoreError(f"The folder {folder} holds a run that another program is writing.") from None
    except OSError as error:  # a file system without locks: readers then cannot tell a living run from a dead one
        _logger.debug("%s cannot be locked: %s.", folder, error.strerror)
    return descriptor


def _lock(descriptor: int) -> None:
    """Lock a folder.

    Raises:
        BlockingIOError: another store has it.
        OSError: its file system has no locks.
    """
    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # waits for readers, which share it for the moment of a look


def _drain(queue: deque[_Item], most: int | None = None) -> list[_Item]:
    waiting = len(queue)
    return [queue.popleft() for _ in range(waiting if most is None else min(waiting, most))]

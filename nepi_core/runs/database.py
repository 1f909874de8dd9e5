"""The file ``run.sqlite``: its tables, and writing rows into them. For one thread; `RunStore` is the way in for many.

Tables, with times in seconds since 1970:

- ``run(name, value)``: facts: exp_id, run_id, began, ended, outcome (running, done, failed, interrupted), cause.
- ``environment(name, value)``: what the results depend on; see `nepi_core.runs.environment`.
- ``resources(guid, rtype, label)``.
- ``hosts(guid, name, shell)``: the resources that commands can be run on; ``shell`` is a JSON list, the arguments that
  stand before a command to have it run there. Files of earlier versions do not have this table.
- ``state_changes(time, guid, old, new, cause)``: states by number; ``states(number, name)`` has their names.
- ``series(id, guid, trace, series, unit, help)``: where numbers come from.
- ``readings(id, time, series, value)``: the newest samples, which refer to series.id; their own ids only grow. The view
  ``recent_samples(time, guid, trace, series, value)`` puts the two together.
- ``blocks``: older samples, many in a row: ``start`` samples of the ``series`` came before them, and ``count`` they
  are, those in ``readings`` come after them. Their times lie between ``earliest`` and ``latest``; ``numbers`` are no
  NaN, and have a ``minimum``, a ``maximum`` and a sum (``total``); ``final`` is the last value; ``parts`` is as
  `nepi_core.runs.envelope` writes it. ``times`` and ``data`` are ids in ``columns``, where series that are read from
  the same lines share their times.
- ``columns(id, chunk, place, size)``: which bytes of the ``content`` of ``chunks(id, content)`` are a column of
  numbers; `nepi_core.runs.sample_blocks` decodes them.
- ``log(time, level, guid, rtype, logger, message)``: levels by the numbers of `logging`; guid may be NULL.

The file is in WAL mode: readers and the writer do not wait for each other, and after a crash it opens with everything
that was committed. ``application_id`` and ``user_version`` tell that it is a run store, and of which schema.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Any

from nepi_core.errors import RunStoreError
from nepi_core.runs.block_writer import BlockWriter
from nepi_core.states import ResourceState

FILE_NAME = "run.sqlite"
APPLICATION_ID = 0x4E455049  # "NEPI"
SCHEMA_VERSION = 2
"""Schema 1 had neither blocks nor columns: its readings, without ids of their own, were all samples."""

# Rows in one statement: each statement releases the interpreter's lock once, however many rows it has.
_ROWS_AT_ONCE = 400
_BUSY_SECONDS = 1.0

_STATES = ", ".join(f"({state.value}, '{state.name}')" for state in ResourceState)

_SCHEMA = f"""
BEGIN;
CREATE TABLE run (name TEXT PRIMARY KEY, value);
CREATE TABLE environment (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE resources (guid INTEGER PRIMARY KEY, rtype TEXT, label TEXT);
CREATE TABLE hosts (guid INTEGER PRIMARY KEY, name TEXT, shell TEXT);
CREATE TABLE state_changes (time REAL, guid INTEGER, old INTEGER, new INTEGER, cause TEXT);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, guid INTEGER, trace TEXT, series TEXT, unit TEXT DEFAULT '', help TEXT DEFAULT '',
    UNIQUE (guid, trace, series)
);
CREATE TABLE readings (id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL, series INTEGER, value REAL);
CREATE TABLE blocks (
    id INTEGER PRIMARY KEY, series INTEGER, start INTEGER, count INTEGER, earliest REAL, latest REAL, numbers INTEGER,
    minimum REAL, maximum REAL, total REAL, final REAL, parts BLOB, times INTEGER, data INTEGER
);
CREATE INDEX blocks_of_series ON blocks (series, start, count);
CREATE TABLE columns (id INTEGER PRIMARY KEY, chunk INTEGER, place INTEGER, size INTEGER);
CREATE TABLE chunks (id INTEGER PRIMARY KEY, content BLOB);
CREATE TABLE log (time REAL, level INTEGER, guid INTEGER, rtype TEXT, logger TEXT, message TEXT);
CREATE VIEW states (number, name) AS VALUES {_STATES};
CREATE VIEW recent_samples AS
    SELECT r.time, s.guid, s.trace, s.series, r.value FROM readings r JOIN series s ON s.id = r.series;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


class Table(Enum):
    """A table that rows are given for: how a row is written, and how many values it has."""

    CHANGES = ("INSERT INTO state_changes (guid, old, new, time, cause)", 5)
    SAMPLES = ("INSERT INTO readings (series, time, value)", 3)
    SERIES = ("INSERT INTO series (guid, trace, series, unit, help)", 5)
    RESOURCES = ("INSERT OR REPLACE INTO resources (guid, rtype, label)", 3)
    HOSTS = ("INSERT OR REPLACE INTO hosts (guid, name, shell)", 3)
    ENVIRONMENT = ("INSERT OR REPLACE INTO environment (name, value)", 2)
    FACTS = ("INSERT OR REPLACE INTO run (name, value)", 2)
    LOG = ("INSERT INTO log (time, level, guid, rtype, logger, message)", 6)

    def statement(self, rows: int) -> str:
        """Return the SQL that writes so many rows."""
        head, width = self.value
        row = f"({', '.join('?' * width)})"
        update = (
            " ON CONFLICT (guid, trace, series) DO UPDATE SET unit = excluded.unit, help = excluded.help"
            if self is Table.SERIES
            else ""
        )
        return f"{head} VALUES {', '.join([row] * rows)}{update}"


Rows = Sequence[tuple[Any, ...]]


class RunDatabase:
    """An open run store that rows are written to.

    Args:
        path: the file; it is made when it is not there.

    Raises:
        RunStoreError: the file cannot be written, or is no run store.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._series: dict[tuple[object, ...], int] = {}
        self._is_intact = True  # what is remembered of the samples is what the file holds
        with self._telling():
            if not path.exists():
                _make(path)
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            with self._telling():
                self._check()
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._blocks = BlockWriter(self._connection)
        except RunStoreError:
            self._connection.close()
            raise

    def write(self, batch: Mapping[Table, Rows], keep_trying: Callable[[], bool]) -> None:
        """Write all rows in one transaction.

        Args:
            batch: the rows for each table, each with the values in the order of the table's statement.
            keep_trying: asked each second, while another program keeps the file locked, whether to wait on.

        Raises:
            RunStoreError: they cannot be written, because the disk is full for instance; none of them was, and the
                database is only to be closed then.
        """
        with self._telling():
            self._is_intact = False
            with self._transaction(keep_trying):
                for table, rows in batch.items():
                    self._insert(table, rows)
                self._blocks.write()
            self._is_intact = True
            self._blocks.work()

    def close(self) -> None:
        """Move what is left into blocks as far as it is worth it, fold the write-ahead log into the file and close it.

        Raises:
            RunStoreError: that cannot be done; the data is safe, and whoever opens the file folds the log in.
        """
        try:
            with self._telling():
                while self._is_intact and self._blocks.finish():
                    with self._transaction(lambda: False):
                        self._blocks.write()
                self._connection.executescript("PRAGMA incremental_vacuum")  # `execute` would stop at the first page
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._connection.close()

    @contextmanager
    def _transaction(self, keep_trying: Callable[[], bool]) -> Iterator[None]:
        self._begin(keep_trying)
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RunStoreError(f"The run store {self._path} cannot be written: {error}.") from error

    def _check(self) -> None:
        application, version = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if (application, version) != (APPLICATION_ID, SCHEMA_VERSION):
            raise RunStoreError(
                f"{self._path} is no run store of schema {SCHEMA_VERSION}: "
                f"its application_id is {application:#x} and its user_version {version}."
            )

    def _begin(self, keep_trying: Callable[[], bool]) -> None:
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not keep_trying():
                    raise

    def _insert(self, table: Table, rows: Rows) -> None:
        if table is Table.SAMPLES:
            rows = list(map(self._sample, rows))
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            values = self._values(table, part)
            statement = table.statement(len(part))
            try:
                self._connection.execute(statement, values)
            except (UnicodeEncodeError, OverflowError, sqlite3.ProgrammingError):
                # Rare, so it is not looked for before: names of files may hold bytes that are no text, and so on.
                self._connection.execute(statement, [_storable(value) for value in values])
        if table is Table.SAMPLES:
            self._blocks.add(rows)

    def _values(self, table: Table, rows: Rows) -> list[object]:
        if table is Table.CHANGES:  # plain numbers are bound twice as fast as members of an enumeration
            return [value for guid, old, new, *rest in rows for value in (guid, int(old), int(new), *rest)]
        return list(chain.from_iterable(rows))

    def _sample(self, sample: tuple[Any, ...]) -> tuple[int, float, float]:
        """Return a sample as its row."""
        time, guid, trace, name, value = sample
        key = (guid, trace, name)
        series = self._series.get(key) or self._series_id(key)
        if type(value) is float and type(time) is float:
            return series, time, value
        return series, _number(time), _number(value)

    def _series_id(self, key: tuple[object, ...]) -> int:
        storable = [_storable(part) for part in key]
        self._connection.execute("INSERT OR IGNORE INTO series (guid, trace, series) VALUES (?, ?, ?)", storable)
        query = "SELECT id FROM series WHERE guid = ? AND trace = ? AND series = ?"
        found = self._series[key] = int(self._connection.execute(query, storable).fetchone()[0])
        return found


def _make(path: Path) -> None:
    """Make an empty run store beside its place and move it there, so that no reader meets half of one."""
    unfinished = path.with_name(f"{path.name}-new-{threading.get_native_id()}")
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")  # nothing is lost when an empty file is
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # room that rows have left is given back at the end
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)
        _put_in_place(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _put_in_place(unfinished: Path, path: Path) -> None:
    try:
        path.hardlink_to(unfinished)  # unlike a rename, it does not replace what another was quicker to make
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        unfinished.rename(path)


def _number(value: Any) -> float:
    """Return what is meant to be a number as a float; NaN when it is none."""
    try:
        return float(value)
    except OverflowError:  # a whole number that no float can be
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        return math.nan


def _storable(value: object) -> object:
    """Return a value that the database takes: huge integers become text, bytes that are no text become escapes."""
    if value is None or isinstance(value, float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")

"""The file ``run.sqlite``: its tables, and writing rows into them. For one thread; `RunStore` is the way in for many.

Tables, with times in seconds since 1970:

- ``run(name, value)``: facts: exp_id, run_id, began, ended, outcome (running, done, failed, interrupted), cause.
- ``environment(name, value)``: what the results depend on; see `nepi_core.runs.environment`.
- ``resources(guid, rtype, label)``.
- ``hosts(guid, name, shell)``: the resources that commands can be run on; ``shell`` is a JSON list, the arguments that
  stand before a command to have it run there. Files of earlier versions do not have this table.
- ``state_changes(time, guid, old, new, cause)``: states by number; ``states(number, name)`` has their names.
- ``series(id, guid, trace, series, unit, help)`` and ``readings(time, series, value)``: the numbers, which refer to
  series.id; the view ``samples(time, guid, trace, series, value)`` puts the two together.
- ``log(time, level, guid, rtype, logger, message)``: levels by the numbers of `logging`; guid may be NULL.

The file is in WAL mode: readers and the writer do not wait for each other, and after a crash it opens with everything
that was committed. ``application_id`` and ``user_version`` tell that it is a run store, and of which schema.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Any

from nepi_core.errors import RunStoreError
from nepi_core.states import ResourceState

FILE_NAME = "run.sqlite"
APPLICATION_ID = 0x4E455049  # "NEPI"
SCHEMA_VERSION = 1

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
CREATE TABLE readings (time REAL, series INTEGER, value REAL);
CREATE TABLE log (time REAL, level INTEGER, guid INTEGER, rtype TEXT, logger TEXT, message TEXT);
CREATE VIEW states (number, name) AS VALUES {_STATES};
CREATE VIEW samples AS
    SELECT r.time, s.guid, s.trace, s.series, r.value FROM readings r JOIN series s ON s.id = r.series;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


class Table(Enum):
    """A table that rows are given for: how a row is written, and how many values it has."""

    CHANGES = ("INSERT INTO state_changes (guid, old, new, time, cause)", 5)
    SAMPLES = ("INSERT INTO readings (time, series, value)", 3)
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
        with self._telling():
            if not path.exists():
                _make(path)
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            with self._telling():
                self._check()
                self._connection.execute("PRAGMA synchronous = NORMAL")
        except RunStoreError:
            self._connection.close()
            raise

    def write(self, batch: Mapping[Table, Rows], keep_trying: Callable[[], bool]) -> None:
        """Write all rows in one transaction.

        Args:
            batch: the rows for each table, each with the values in the order of the table's statement.
            keep_trying: asked each second, while another program keeps the file locked, whether to wait on.

        Raises:
            RunStoreError: they cannot be written, because the disk is full for instance; none of them was.
        """
        with self._telling():
            self._begin(keep_trying)
            try:
                for table, rows in batch.items():
                    self._insert(table, rows)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it.

        Raises:
            RunStoreError: the log cannot be folded in; the data is safe in it, and whoever opens the file folds it in.
        """
        try:
            with self._telling():
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._connection.close()

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
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            values = self._values(table, part)
            statement = table.statement(len(part))
            try:
                self._connection.execute(statement, values)
            except (UnicodeEncodeError, OverflowError, sqlite3.ProgrammingError):
                # Rare, so it is not looked for before: names of files may hold bytes that are no text, and so on.
                self._connection.execute(statement, [_storable(value) for value in values])

    def _values(self, table: Table, rows: Rows) -> list[object]:
        if table is Table.CHANGES:  # plain numbers are bound twice as fast as members of an enumeration
            return [value for guid, old, new, *rest in rows for value in (guid, int(old), int(new), *rest)]
        if table is Table.SAMPLES:
            return [value for time, *key, number in rows for value in (time, self._series_id(tuple(key)), number)]
        return list(chain.from_iterable(rows))

    def _series_id(self, key: tuple[object, ...]) -> int:
        known = self._series.get(key)
        if known is None:
            storable = [_storable(part) for part in key]
            self._connection.execute("INSERT OR IGNORE INTO series (guid, trace, series) VALUES (?, ?, ?)", storable)
            query = "SELECT id FROM series WHERE guid = ? AND trace = ? AND series = ?"
            known = self._series[key] = int(self._connection.execute(query, storable).fetchone()[0])
        return known


def _make(path: Path) -> None:
    """Make an empty run store beside its place and move it there, so that no reader meets half of one."""
    unfinished = path.with_name(f"{path.name}-new-{threading.get_native_id()}")
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")  # nothing is lost when an empty file is
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


def _storable(value: object) -> object:
    """Return a value that the database takes: huge integers become text, bytes that are no text become escapes."""
    if value is None or isinstance(value, float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")

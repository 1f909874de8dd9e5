"""Reading the folder of a run: one that has ended, one that still goes on, or what a crash has left of one."""

from __future__ import annotations

import fcntl
import json
import math
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from nepi_core.lifecycle import StateChange
from nepi_core.runs.database import FILE_NAME, SCHEMA_VERSION
from nepi_core.runs.store import LogEntry
from nepi_core.states import ResourceState

_Row = TypeVar("_Row")

# SQLite's message about a damaged file may quote the damage, which Python then cannot decode.
_DAMAGED = (sqlite3.Error, UnicodeDecodeError)

_STATES = {state.value: state for state in ResourceState}

_READINGS = """
SELECT time, value FROM readings
WHERE series = (SELECT id FROM series WHERE guid = ? AND trace = ? AND series = ?) ORDER BY rowid
"""

_SUMMARY = """
WITH numbers AS (
    SELECT series AS id, count(*) AS count, min(value) AS minimum, max(value) AS maximum, max(rowid) AS latest
    FROM readings GROUP BY series
)
SELECT guid, trace, series.series, unit, help, ifnull(count, 0), minimum, maximum, readings.value
FROM series LEFT JOIN numbers USING (id) LEFT JOIN readings ON readings.rowid = latest
ORDER BY guid, trace, series.id
"""


class RecordedResource(NamedTuple):
    """A resource of a recorded run."""

    guid: int
    rtype: str
    label: str


class RecordedHost(NamedTuple):
    """A resource that commands could be run on.

    Attributes:
        shell: the arguments that stand before a command to have it run there; none for this machine itself.
    """

    guid: int
    name: str
    shell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedSeries:
    """A series of a recorded run; minimum, maximum and last value are NaN when it has no samples."""

    guid: int
    trace: str
    series: str
    unit: str
    help: str
    count: int
    minimum: float
    maximum: float
    last: float


class RunReader:
    """What a run has recorded so far.

    Nothing here raises because of what the folder holds: what is missing or damaged is told in ``notices``, in
    sentences for the user, and everything else is given. For one thread at a time; to be closed.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notices: list[str] = []
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._database = self._open()
        self._look_around()

    def __enter__(self) -> RunReader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        if self._database:
            self._database.close()
            self._database = None
        if self._copy:
            self._copy.cleanup()
            self._copy = None

    def running(self) -> bool:
        """Tell whether the program that writes this run is alive, on this machine."""
        return is_running(self.folder)

    def facts(self) -> dict[str, Any]:
        """Return the facts of the run: exp_id, run_id, began, ended, outcome, cause."""
        return dict(self._rows(_as_is, "SELECT name, value FROM run"))

    def environment(self) -> dict[str, str]:
        """Return what the results depend on, by name."""
        return dict(self._rows(_as_is, "SELECT name, value FROM environment ORDER BY rowid"))

    def resources(self) -> list[RecordedResource]:
        """Return the resources in the order of their guids."""
        return self._rows(RecordedResource, "SELECT guid, rtype, label FROM resources ORDER BY guid")

    def hosts(self) -> list[RecordedHost]:
        """Return the resources that commands could be run on, in the order of their guids."""
        if not self._rows(_as_is, "SELECT 1 FROM sqlite_master WHERE name = 'hosts'"):
            return []
        return self._rows(_recorded_host, "SELECT guid, name, shell FROM hosts ORDER BY guid")

    def state_changes(self, guid: int | None = None) -> list[StateChange]:
        """Return the state changes of a resource, or of all, in the order in which they happened."""
        query = f"SELECT guid, old, new, time, cause FROM state_changes {_of(guid)} ORDER BY rowid"
        return self._rows(_state_change, query, guid)

    def series(self) -> list[RecordedSeries]:
        """Return all series with the number of their samples, their smallest, largest and last value."""
        return self._rows(_recorded_series, _SUMMARY)

    def samples(self, guid: int, trace: str, series: str) -> tuple[list[float], list[float]]:
        """Return times and values of a series, in the order in which they were read."""
        rows = self._rows(_reading, _READINGS, guid, trace, series)
        return [time for time, _ in rows], [value for _, value in rows]

    def log(self, level: int = 0, guid: int | None = None) -> list[LogEntry]:
        """Return the log's lines of at least a level, of one resource or of all."""
        columns = "time, level, guid, rtype, logger, message"
        query = f"SELECT {columns} FROM (SELECT rowid AS row, * FROM log {_of(guid)}) WHERE level >= ?2 ORDER BY row"
        return self._rows(LogEntry, query, guid, level)

    def traces(self) -> list[Path]:
        """Return the files under ``traces``, in alphabetical order."""
        return sorted(path for path in (self.folder / "traces").rglob("*") if path.is_file())

    def _rows(self, make: Callable[..., _Row], query: str, *parameters: object) -> list[_Row]:
        """Return what is made of the rows of a query, as many as can be read."""
        rows: list[_Row] = []
        try:
            for row in self._database.execute(query, parameters) if self._database else ():
                self._take(make, row, rows)
        except _DAMAGED as error:
            self._note(f"{FILE_NAME} is damaged, and some of what it held is missing: {error}.")
        return rows

    def _take(self, make: Callable[..., _Row], row: tuple[Any, ...], rows: list[_Row]) -> None:
        try:
            rows.append(make(*row))
        except (ValueError, TypeError, KeyError) as error:
            self._note(f"{FILE_NAME} is damaged, and some of its rows make no sense: {error}.")

    def _note(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def _look_around(self) -> None:
        """Say what there is to say about the run as a whole."""
        if not (self.folder / "experiment.xml").is_file():
            self._note("There is no experiment.xml: the description of this run is missing.")
        if self.facts().get("outcome") == "running" and not self.running():
            self._note("The run was cut short, with its program or its machine; its last moments may be missing.")

    def _open(self) -> sqlite3.Connection | None:
        path = self.folder / FILE_NAME
        if not path.is_file():
            self._note(f"There is no {FILE_NAME}: states, values and log of this run are missing.")
            return None
        try:
            database = self._connect(path)
            ((version,),) = database.execute("PRAGMA user_version")
        except (*_DAMAGED, OSError) as error:
            self._note(f"{FILE_NAME} cannot be read: {error}. States, values and log of this run are missing.")
            return None
        if version not in (0, SCHEMA_VERSION):
            self._note(f"{FILE_NAME} is of schema {version}, and {SCHEMA_VERSION} is expected: parts may be missing.")
        return database

    def _connect(self, path: Path) -> sqlite3.Connection:
        """Open the file so that what is still in the write-ahead log is seen too.

        SQLite needs to write for that, beside the log; so on a medium that cannot be written, a copy is read.
        """
        try:
            return _connect(path, "mode=rw")
        except sqlite3.OperationalError:
            log = path.with_name(f"{FILE_NAME}-wal")
            if not log.is_file() or log.stat().st_size == 0:
                return _connect(path, "immutable=1")
        self._copy = tempfile.TemporaryDirectory(prefix="nepi-run-")
        for each in (path, log):
            shutil.copyfile(each, Path(self._copy.name, each.name))
        return _connect(Path(self._copy.name, path.name), "mode=rw")


def is_running(folder: Path) -> bool:
    """Tell whether the program that writes the run in a folder is alive, on this machine."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(descriptor)
    return False


def _connect(path: Path, how: str) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, check_same_thread=False)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        database.execute("PRAGMA query_only = ON")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _of(guid: int | None) -> str:
    """Return the condition for the rows of the resource that is the first parameter of a query; all when it is None."""
    return "WHERE ?1 IS NULL" if guid is None else "WHERE guid = ?1"


def _as_is(*row: Any) -> tuple[Any, ...]:
    return row


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)  # SQLite writes NULL for what is no number


def _reading(time: float, value: float | None) -> tuple[float, float]:
    return float(time), _number(value)


def _recorded_host(guid: int, name: str, shell: str) -> RecordedHost:
    return RecordedHost(guid, name, tuple(map(str, json.loads(shell))))


def _state_change(guid: int, old: int, new: int, time: float, cause: str) -> StateChange:
    return StateChange(guid, _STATES[old], _STATES[new], time, cause)


def _recorded_series(guid: int, trace: str, series: str, unit: str, help: str, count: int, *of: Any) -> RecordedSeries:
    return RecordedSeries(guid, trace, series, unit, help, count, *map(_number, of))

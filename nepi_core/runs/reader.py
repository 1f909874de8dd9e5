"""Reading the folder of a run: one that has ended, one that still goes on, or what a crash has left of one."""

from __future__ import annotations

import fcntl
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nepi_core.lifecycle import StateChange
from nepi_core.runs.run_file import RunFile
from nepi_core.runs.run_samples import RunSamples
from nepi_core.runs.series_reader import older_samples
from nepi_core.runs.store import LogEntry
from nepi_core.states import ResourceState

_STATES = {state.value: state for state in ResourceState}

_READINGS = """
SELECT time, value FROM readings
WHERE series = (SELECT id FROM series WHERE guid = ? AND trace = ? AND series = ?) ORDER BY rowid
"""

# A sum that is no number (of infinities) makes the sum of all none.
_OLDER = """
SELECT series AS id, sum(count) AS count, sum(numbers) AS numbers, min(minimum) AS minimum, max(maximum) AS maximum,
    iif(count(total) = count(*), sum(total), NULL) AS total, max(id) AS latest
FROM blocks GROUP BY series
"""
_NO_OLDER = "SELECT 0 AS id, 0 AS count, 0 AS numbers, 0 AS minimum, 0 AS maximum, 0 AS total, 0 AS latest WHERE FALSE"

_SUMMARY = """
WITH older AS ({older}), recent AS (
    SELECT series AS id, count(*) AS count, count(value) AS numbers, min(value) AS minimum, max(value) AS maximum,
        total(value) AS total, max(rowid) AS latest
    FROM readings GROUP BY series
)
SELECT guid, trace, series.series, unit, help, ifnull(older.count, 0) + ifnull(recent.count, 0),
    min(ifnull(older.minimum, recent.minimum), ifnull(recent.minimum, older.minimum)),
    max(ifnull(older.maximum, recent.maximum), ifnull(recent.maximum, older.maximum)),
    iif(recent.id IS NULL, {final}, (SELECT value FROM readings WHERE rowid = recent.latest)),
    (iif(older.id IS NULL, 0, older.total) + iif(recent.id IS NULL, 0, recent.total))
        / (ifnull(older.numbers, 0.0) + ifnull(recent.numbers, 0.0))
FROM series LEFT JOIN older USING (id) LEFT JOIN recent ON recent.id = series.id
ORDER BY guid, trace, series.id
"""
_FINAL = "(SELECT final FROM blocks WHERE id = older.latest)"


_TIMES = ("began", "ended")
_LAST_TIME = 1e11  # seconds since 1970: some thousand years on either side


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
    """A series of a recorded run; its numbers are NaN when it has no samples.

    Attributes:
        minimum, maximum, mean: of its values, without those that are no number.
        last: the value that was recorded last.
    """

    guid: int
    trace: str
    series: str
    unit: str
    help: str
    count: int
    minimum: float
    maximum: float
    last: float
    mean: float


class RunReader:
    """What a run has recorded so far.

    Nothing here raises because of what the folder holds: what is missing or damaged is told in ``notices``, in
    sentences for the user, and everything else is given. For one thread at a time; to be closed.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = RunFile(folder)
        self._rows = self._file.rows
        self._look_around()

    def __enter__(self) -> RunReader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def notices(self) -> list[str]:
        """What is missing or damaged, in sentences for the user."""
        return self._file.notices

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        self._file.close()

    def running(self) -> bool:
        """Tell whether the program that writes this run is alive, on this machine."""
        return is_running(self.folder)

    def facts(self) -> dict[str, Any]:
        """Return the facts of the run: exp_id, run_id, began, ended, outcome, cause."""
        return dict(self._rows(_fact, "SELECT name, value FROM run"))

    def environment(self) -> dict[str, str]:
        """Return what the results depend on, by name."""
        return dict(self._rows(_texts, "SELECT name, value FROM environment ORDER BY rowid"))

    def resources(self) -> list[RecordedResource]:
        """Return the resources in the order of their guids."""
        return self._rows(recorded_resource, "SELECT guid, rtype, label FROM resources ORDER BY guid")

    def hosts(self) -> list[RecordedHost]:
        """Return the resources that commands could be run on, in the order of their guids."""
        if not self._rows(int, "SELECT 1 FROM sqlite_master WHERE name = 'hosts'"):
            return []
        return self._rows(_recorded_host, "SELECT guid, name, shell FROM hosts ORDER BY guid")

    def state_changes(self, guid: int | None = None) -> list[StateChange]:
        """Return the state changes of a resource, or of all, in the order in which they happened."""
        query = f"SELECT guid, old, new, time, cause FROM state_changes {_of(guid)} ORDER BY rowid"
        return self._rows(_state_change, query, guid)

    def series(self) -> list[RecordedSeries]:
        """Return all series with the number of their samples, their smallest, largest, last and mean value."""
        has_blocks = self._file.has_blocks
        query = _SUMMARY.format(older=_OLDER if has_blocks else _NO_OLDER, final=_FINAL if has_blocks else "NULL")
        return self._rows(_recorded_series, query)

    def samples(self, guid: int, trace: str, series: str) -> tuple[list[float], list[float]]:
        """Return times and values of a series, in the order in which they were read.

        For many samples `run_samples` is the better way.
        """
        with self._file.snapshot():
            older = older_samples(self._file, guid, trace, series)
            rows = self._rows(_reading, _READINGS, guid, trace, series)
        return [*older[0], *(time for time, _ in rows)], [*older[1], *(value for _, value in rows)]

    def run_samples(self) -> RunSamples:
        """Return all series as columns of numbers, which can be read while they grow, in parts and from afar.

        It reads from the file of this reader, and notes here what is damaged.
        """
        return RunSamples(self._file)

    def log(self, level: int = 0, guid: int | None = None, logger: str = "") -> list[LogEntry]:
        """Return the log's lines of at least a level, of one resource or of all, of one logger or of all."""
        columns = "time, level, guid, rtype, logger, message"
        wanted = "level >= ?2 AND (?3 = '' OR logger = ?3)"
        query = f"SELECT {columns} FROM (SELECT rowid AS row, * FROM log {_of(guid)}) WHERE {wanted} ORDER BY row"
        return self._rows(_log_entry, query, guid, level, logger)

    def log_length(self) -> int:
        """Return the number of the log's last line; they count from 1."""
        return next(iter(self._rows(int, "SELECT ifnull(max(rowid), 0) FROM log")), 0)

    def log_after(self, row: int, most: int) -> list[tuple[int, LogEntry]]:
        """Return the log's next lines after one, with their numbers; so it can be read while it grows.

        Args:
            row: number of a line; 0 for the beginning.
            most: so many lines at once.
        """
        query = (
            "SELECT rowid, time, level, guid, rtype, logger, message FROM log WHERE rowid > ? ORDER BY rowid LIMIT ?"
        )
        return self._rows(_numbered_entry, query, row, most)

    def traces(self) -> list[Path]:
        """Return the files under ``traces``, in alphabetical order."""
        return sorted(path for path in (self.folder / "traces").rglob("*") if path.is_file())

    def _look_around(self) -> None:
        """Say what there is to say about the run as a whole."""
        if not (self.folder / "experiment.xml").is_file():
            self._file.note("There is no experiment.xml: the description of this run is missing.")
        if not self.running() and self.facts().get("outcome") == "running":  # in this order: it may end just now
            self._file.note("The run was cut short, with its program or its machine; its last moments may be missing.")


def is_running(folder: Path) -> bool:
    """Tell whether the program that writes the run in a folder is alive, on this machine."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared, so that who asks is not taken for a writer
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(descriptor)
    return False


def _of(guid: int | None) -> str:
    """Return the condition for the rows of the resource that is the first parameter of a query; all when it is None."""
    return "WHERE ?1 IS NULL" if guid is None else "WHERE guid = ?1"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _texts(name: object, value: object) -> tuple[str, str]:
    return _text(name), _text(value)


def _fact(name: object, value: Any) -> tuple[str, Any]:
    return _text(name), _time(value) if name in _TIMES else value


def _time(value: Any) -> float:
    time = float(value)
    if not abs(time) < _LAST_TIME:  # who shows it makes a date of it, or a place on an axis
        raise ValueError(f"{time} is no time")
    return time


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)  # SQLite writes NULL for what is no number


def _reading(time: float, value: float | None) -> tuple[float, float]:
    return float(time), _number(value)


def _log_entry(time: Any, level: Any, guid: Any, *texts: object) -> LogEntry:
    return LogEntry(_time(time), int(level), None if guid is None else int(guid), *map(_text, texts))


def _numbered_entry(row: int, *entry: Any) -> tuple[int, LogEntry]:
    return row, _log_entry(*entry)


def recorded_resource(guid: Any, rtype: object, label: object) -> RecordedResource:
    """Return what a row of the table ``resources`` tells, for `RunFile.rows`."""
    return RecordedResource(int(guid), _text(rtype), _text(label))


def _recorded_host(guid: Any, name: object, shell: str) -> RecordedHost:
    return RecordedHost(int(guid), _text(name), tuple(map(str, json.loads(shell))))


def _state_change(guid: Any, old: int, new: int, time: Any, cause: object) -> StateChange:
    return StateChange(int(guid), _STATES[old], _STATES[new], _time(time), _text(cause))


def _recorded_series(
    guid: Any, trace: object, series: object, unit: object, help: object, count: Any, *numbers: float | None
) -> RecordedSeries:
    about = (int(guid), _text(trace), _text(series), _text(unit), _text(help), int(count))
    return RecordedSeries(*about, *map(_number, numbers))

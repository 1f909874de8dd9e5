"""The samples of a run as columns of numbers, also while they come in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nepi_core.runs.column_cache import ColumnCache
from nepi_core.runs.recent_samples import Recent
from nepi_core.runs.series_reader import SeriesReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nepi_core.runs.recent_samples import Samples
    from nepi_core.runs.run_file import RunFile

SeriesKey = tuple[int, str, str]
"""Guid, trace and name of a series."""

_READINGS = "SELECT rowid, series, time, value FROM readings WHERE rowid > ? ORDER BY rowid"
_BLOCKS = "SELECT series, max(start + count) FROM blocks GROUP BY series"
_LATER_BLOCKS = "SELECT series, max(start + count) FROM blocks WHERE id > ? GROUP BY series"

_NO_SERIES = -1


class RunSamples:
    """All series of a run.

    What is not in blocks yet is held in memory. `refresh` reads what has come since, for all series at once; everything
    else tells of the moment of the last `refresh`. For one thread at a time.

    Args:
        file: the run's file; what is damaged is noted there.
        remembered: bytes that decoded blocks may take.
    """

    def __init__(self, file: RunFile, remembered: int = 64_000_000) -> None:
        self._file = file
        self._cache = ColumnCache(file, remembered)
        self._keys: dict[int, SeriesKey] = {}
        self._recent: dict[SeriesKey, Recent] = {}
        self._readers: dict[SeriesKey, SeriesReader] = {}
        # How many samples those series had before the last `refresh` and `news` that have grown since: most are silent.
        self._grown: dict[SeriesKey, int] = {}
        self._untold: dict[SeriesKey, int] = {}
        self._last_row = 0
        self._last_block = 0
        self._last_series = 0
        self.refresh()
        self._untold = {}

    def keys(self) -> list[SeriesKey]:
        """Return all series, in the order in which they came up."""
        return list(self._keys.values())

    def series(self, guid: int, trace: str, series: str) -> SeriesReader:
        """Return one series; one that the run does not know has no samples as long as that is so."""
        key = (guid, trace, series)
        if key not in self._readers:
            self._readers[key] = SeriesReader(self._file, self._recent_of(key), self._cache)
        return self._readers[key]

    def refresh(self) -> set[SeriesKey]:
        """Read what has come since the last time, and return the series that have new samples."""
        self._grown = {}
        with self._file.snapshot():
            self._look_for_series()
            self._look_for_blocks()
            for rows in self._file.parts(_READINGS, self._last_row):
                self._take(rows)
        self._untold = self._grown | self._untold
        return set(self._grown)

    def news(self) -> dict[SeriesKey, Samples]:
        """Return the samples that have come since the last call, or since this object was made, of series with some."""
        self.refresh()
        untold, self._untold = self._untold, {}
        news = {key: self.series(*key).since(told) for key, told in untold.items()}
        return {key: samples for key, samples in news.items() if len(samples.times)}  # damaged ones have none

    def _recent_of(self, key: SeriesKey) -> Recent:
        return self._recent.setdefault(key, Recent())

    def _look_for_series(self) -> None:
        query = "SELECT id, guid, trace, series FROM series WHERE id > ? ORDER BY id"
        for number, key in self._file.rows(_numbered_key, query, self._last_series):
            self._keys[number] = key
            self._recent_of(key).number = self._last_series = number

    def _look_for_blocks(self) -> None:
        """Leave out of the recent samples what has become blocks."""
        if not self._file.has_blocks:
            return
        for newest in self._file.rows(int, "SELECT max(id) FROM blocks WHERE id > ? HAVING max(id)", self._last_block):
            query, given = (_LATER_BLOCKS, (self._last_block,)) if self._last_block else (_BLOCKS, ())
            for number, until in self._file.rows(_whole_numbers, query, *given):
                key = self._keys.get(number)
                if key:
                    if until > self._recent[key].end:
                        self._grown[key] = self._recent[key].end
                    self._recent[key].leave_out(until)
            self._last_block = newest

    def _take(self, rows: list[tuple[Any, ...]]) -> None:
        """Take in readings."""
        import numpy as np

        table = _table(rows).T
        np.nan_to_num(table[1], copy=False, nan=_NO_SERIES, posinf=_NO_SERIES, neginf=_NO_SERIES)
        table = table[1:, np.argsort(table[1], kind="stable")]
        starts = np.flatnonzero(np.diff(table[0], prepend=_NO_SERIES)).tolist()
        for begin, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            key = self._keys.get(int(table[0, begin]))
            if key:
                self._grown.setdefault(key, self._recent[key].end)
                self._recent[key].append(table[1:, begin:end])
        self._last_row = rows[-1][0]


def _table(rows: list[tuple[Any, ...]]) -> NDArray[np.float64]:
    """Return rows of numbers; what is none, as a damaged file may hold, becomes NaN as NULL does."""
    import numpy as np

    try:
        return np.array(rows, np.float64)
    except (ValueError, TypeError):
        return np.array([[each if isinstance(each, (int, float)) else math.nan for each in row] for row in rows])


def _numbered_key(number: int, guid: int, trace: str, series: str) -> tuple[int, SeriesKey]:
    return int(number), (int(guid), str(trace), str(series))


def _whole_numbers(number: int, until: int) -> tuple[int, int]:
    return int(number), int(until)

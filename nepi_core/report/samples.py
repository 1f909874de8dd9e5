"""All samples of a run as arrays, read in one go: a report needs every series, and each alone would be a search."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from nepi_core.runs.database import FILE_NAME
from nepi_core.runs.reader import RunReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Table = NDArray[np.void]

SeriesKey = tuple[int, str, str]
"""Guid, trace and name of a series."""

_AT_ONCE = 100_000

_READINGS = """
SELECT series, time, value FROM readings
WHERE typeof(time) IN ('real', 'integer') AND typeof(value) IN ('real', 'integer')
"""


class ReportReader(RunReader):
    """A reader of a run folder that also gives all samples at once."""

    def all_samples(self) -> dict[SeriesKey, tuple[Numbers, Numbers]]:
        """Return times, in ascending order, and values of each series that has any; only finite numbers."""
        import numpy as np

        keys = dict(self._rows(_series_key, "SELECT id, guid, trace, series FROM series"))
        table = self._table()
        table = table[np.isfinite(table["time"]) & np.isfinite(table["value"])]
        table = table[np.lexsort((table["time"], table["series"]))]
        numbers, starts = np.unique(table["series"], return_index=True)
        parts = np.split(table, starts[1:])
        found = {int(number): part for number, part in zip(numbers, parts, strict=False)}
        return {keys[number]: (part["time"], part["value"]) for number, part in found.items() if number in keys}

    def _table(self) -> Table:
        import numpy as np

        kind = np.dtype([("series", np.int64), ("time", np.float64), ("value", np.float64)])
        parts: list[Table] = [np.empty(0, kind)]
        try:
            cursor = self._database.execute(_READINGS) if self._database else None
            while cursor and (rows := cursor.fetchmany(_AT_ONCE)):
                parts.append(np.array(rows, kind))
        except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
            self._note(f"{FILE_NAME} is damaged, and some of what it held is missing: {error}.")
        return np.concatenate(parts)


def _series_key(number: int, guid: int, trace: str, series: str) -> tuple[int, SeriesKey]:
    return number, (guid, trace, series)

"""The record of a run as plots read it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nepi_core.runs.reader import recorded_resource
from nepi_core.runs.run_file import RunFile
from nepi_core.runs.run_samples import RunSamples
from nepi_gui.plots.series import Columns, SeriesInfo, SeriesKey, owners

if TYPE_CHECKING:
    from nepi_core.runs.envelope import Envelope

_SERIES = "SELECT guid, trace, series, unit, help FROM series ORDER BY guid, trace, id"
_RESOURCES = "SELECT guid, rtype, label FROM resources ORDER BY guid"


class RunSource:
    """Reads the numbers of a run; with a file of its own, so that who reads beside it is not in the way.

    What is damaged is missing, and told in `notices`. For one thread at a time; to be closed.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = RunFile(folder)
        self._samples = RunSamples(self._file)

    @property
    def notices(self) -> list[str]:
        """What is missing or damaged, in sentences for the user."""
        return self._file.notices

    @property
    def run_id(self) -> str:
        """The run, by the name of its folder."""
        return self.folder.name

    @property
    def series_number(self) -> int:
        """How many series there are, as of the last news."""
        return len(self._samples.keys())

    def catalogue(self) -> list[SeriesInfo]:
        """Return all series that there are so far, in the order of their resources."""
        names = owners(self._file.rows(recorded_resource, _RESOURCES))
        return self._file.rows(partial(_info, names), _SERIES)

    def columns(self, key: SeriesKey, begin: float, end: float) -> Columns:
        """Return the samples of a series between two times, in ascending order of their times."""
        import numpy as np

        times, values = self._samples.series(*key).columns(begin, end)
        if len(times) > 1 and (np.diff(times) < 0).any():
            order = np.argsort(times, kind="stable")
            times, values = times[order], values[order]
        return times, values

    def envelope(self, key: SeriesKey, begin: float, end: float, buckets: int) -> Envelope:
        """Return a series between two times as seen from afar."""
        return self._samples.series(*key).envelope(begin, end, buckets)

    def count(self, key: SeriesKey) -> int:
        """Return how many samples a series has."""
        return self._samples.series(*key).count

    def last(self, key: SeriesKey) -> tuple[float, float] | None:
        """Return the time of the latest sample of a series, and the value that was recorded last; None for none."""
        summary = self._samples.series(*key).summary()
        return (summary.last, summary.final) if summary.count else None

    def news(self) -> Mapping[SeriesKey, Columns]:
        """Return the samples that have come since the last call, or since this object was made."""
        return {SeriesKey(*key): (times, values) for key, (times, values) in self._samples.news().items()}

    def close(self) -> None:
        """Give back the file; twice is harmless."""
        self._file.close()


def _info(
    names: Mapping[int, str], guid: int, trace: str, series: str, unit: str | None, help: str | None
) -> SeriesInfo:
    return SeriesInfo(SeriesKey(guid, trace, series), names.get(guid, str(guid)), unit or "", help or "")

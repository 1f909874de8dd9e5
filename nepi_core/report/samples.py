"""The samples of a run as a report needs them: finite ones, in the order of their times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nepi_core.runs import envelope
from nepi_core.runs.reader import RunReader
from nepi_core.runs.run_samples import SeriesKey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nepi_core.runs.envelope import Envelope

    Numbers = NDArray[np.float64]


class ReportReader(RunReader):
    """A reader of a run folder that also gives samples as arrays."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._samples = self.run_samples()

    def sorted_samples(self, key: SeriesKey) -> tuple[Numbers, Numbers]:
        """Return times, in ascending order, and values of a series; only finite numbers."""
        import numpy as np

        times, values = self._samples.series(*key).columns()
        known = np.isfinite(times) & np.isfinite(values)
        if not known.all():
            times, values = times[known], values[known]
        order = np.argsort(times, kind="stable")
        return times[order], values[order]

    def seen_from_afar(self, keys: list[SeriesKey], points: int) -> Envelope:
        """Return several series as one, with so many points, at the cost of their blocks and not of their samples."""
        parts = envelope.joined([self._samples.series(*key).parts() for key in keys])
        return envelope.seen(parts, float("-inf"), float("inf"), points)

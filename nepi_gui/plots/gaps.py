"""Where a series was not measured for a while: there its line breaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nepi_gui.plots.buckets import Buckets

_TIMES = 10.0  # the usual distance of two samples, from which on nothing was measured between them
_SHORTEST = 1.0  # seconds: shorter gaps are none
_ENOUGH = 5  # samples that tell what is usual


@dataclass(slots=True)
class Pace:
    """How far samples usually are apart.

    Attributes:
        usual: in seconds, where enough of them were seen the last time; infinity as long as that is not known.
    """

    usual: float = float("inf")

    def with_gaps(self, seen: Buckets) -> Buckets:
        """Return samples with a value that is none behind each that the next one is far from."""
        if len(seen.times) < 2:
            return seen
        apart = np.diff(seen.times)
        if len(seen.times) >= _ENOUGH:  # within a gap few are seen: what was usual before counts there
            self.usual = float(np.median(apart))
        places = np.flatnonzero(apart > max(self.usual * _TIMES, _SHORTEST)) + 1
        if not len(places):
            return seen
        times = np.insert(seen.times, places, seen.times[places - 1] + self.usual)
        return Buckets(times, np.insert(seen.low, places, np.nan), np.insert(seen.high, places, np.nan))

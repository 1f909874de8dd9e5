"""Series as thin as the screen: the lowest and the highest value in each stretch of time of a pixel or so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from nepi_gui.plots.series import Column


class Buckets(NamedTuple):
    """A series in stretches of time; three columns of the same length.

    Attributes:
        times: of the first sample in each.
        low, high: the lowest and highest value in it; NaN when it has no number.
    """

    times: Column
    low: Column
    high: Column

    def between(self, begin: float, end: float) -> Buckets:
        """Return those in a range of time, and one more at each side, to which lines go on."""
        first, last = self.times.searchsorted(begin), self.times.searchsorted(end)
        part = slice(max(int(first) - 1, 0), int(last) + 1)
        return Buckets(self.times[part], self.low[part], self.high[part])

    def at(self, time: float) -> tuple[float, float]:
        """Return the lowest and highest value around the last sample until a time; NaN for none."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return (float(self.low[place]), float(self.high[place])) if place >= 0 else (math.nan, math.nan)

    def bounds(self) -> tuple[float, float]:
        """Return the lowest and highest value of all; NaN for none."""
        if not len(self.times):
            return math.nan, math.nan
        return float(np.fmin.reduce(self.low)), float(np.fmax.reduce(self.high))


def empty() -> Buckets:
    """Return no buckets."""
    return Buckets(np.empty(0), np.empty(0), np.empty(0))


def step_for(span: float, columns: int) -> float:
    """Return the length of a stretch for some seconds on so many columns of pixels: as wide as one, or little wider.

    There are four lengths from each power of two to the next, so that it mostly stays the same while time goes by: then
    stretches stay where they are, and the picture does not flicker.
    """
    fraction, power = math.frexp(max(span, 1e-6) / max(columns, 1))
    return math.ldexp(math.ceil(fraction * 8) / 8, power)


def bucketed(times: Column, values: Column, step: float) -> Buckets:
    """Return samples, in ascending order of their times, in stretches that begin at multiples of a step."""
    return merged(Buckets(times, values, values), step)


def merged(fine: Buckets, step: float) -> Buckets:
    """Return buckets in longer stretches that begin at multiples of a step."""
    if len(fine.times) < 2:
        return fine
    numbers = np.floor(fine.times / step)
    starts = np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1))
    if len(starts) == len(fine.times):
        return fine
    return Buckets(fine.times[starts], np.fmin.reduceat(fine.low, starts), np.fmax.reduceat(fine.high, starts))


def joined(earlier: Buckets, later: Buckets, step: float) -> Buckets:
    """Return buckets behind each other; the last of the first may go on in the first of the others."""
    if not len(earlier.times) or not len(later.times):
        return later if not len(earlier.times) else earlier
    if math.floor(earlier.times[-1] / step) != math.floor(later.times[0] / step):
        return Buckets(*(np.concatenate(columns) for columns in zip(earlier, later, strict=True)))
    last = len(earlier.times) - 1
    low, high = np.concatenate((earlier.low, later.low[1:])), np.concatenate((earlier.high, later.high[1:]))
    low[last], high[last] = np.fmin(low[last], later.low[0]), np.fmax(high[last], later.high[0])
    return Buckets(np.concatenate((earlier.times, later.times[1:])), low, high)

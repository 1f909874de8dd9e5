"""The curves of a plot: series of the run that is watched, of other runs, and means over several."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PySide6.QtGui import QColor

from nepi_gui.document.units import in_unit
from nepi_gui.plots.curve_data import CurveData
from nepi_gui.plots.gaps import Pace
from nepi_gui.plots.series import Columns, SeriesInfo, SeriesKey, SeriesSource
from nepi_gui.plots.shapes import Shape
from nepi_gui.plots.statistics import Band, spread_columns

Bounds = tuple[float, float]


class Curve(Protocol):
    """Something that a plot shows along the time.

    Attributes:
        number: of its colour.
        side: 0 for the axis at the left, 1 for that at the right.
        factor: its values are multiplied by this, to have the unit of its axis.
        is_visible: whether it is drawn.
        of_run: what its run is called when that is not the one that is watched, else "".
    """

    number: int
    side: int
    factor: float
    is_visible: bool
    of_run: str

    @property
    def key(self) -> SeriesKey:
        """Which series it shows."""

    @property
    def name(self) -> str:
        """What the legend calls it."""

    @property
    def unit(self) -> str:
        """The unit of its values."""

    def shapes(self, begin: float, end: float, columns: int, colour: QColor) -> tuple[list[Shape], Bounds]:
        """Return what is drawn between two times, in seconds since the begin, and the smallest and largest value."""

    def at(self, time: float) -> Bounds:
        """Return the smallest and the largest value around a time; of one sample they are the same."""

    def values(self, begin: float, end: float) -> Columns:
        """Return the samples between two times."""


@dataclass(slots=True)
class RunCurve:
    """A series of a run.

    Attributes:
        origin: the begin of its run, in seconds since 1970; times are counted from there.
        source: the record of its run.
        of_run: what the run is called when it is not the one that is watched, else "".
    """

    info: SeriesInfo
    data: CurveData
    source: SeriesSource
    origin: float
    of_run: str = ""
    number: int = 0
    side: int = 0
    factor: float = 1.0
    is_visible: bool = True
    _last_seen: tuple[Shape, ...] = field(default=(), repr=False)
    _pace: Pace = field(default_factory=Pace, repr=False)

    @property
    def key(self) -> SeriesKey:
        """Which series it shows."""
        return self.info.key

    @property
    def name(self) -> str:
        """What the legend calls it."""
        return f"{self.info.name} ({self.of_run})" if self.of_run else self.info.name

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return self.info.unit

    def shapes(self, begin: float, end: float, columns: int, colour: QColor) -> tuple[list[Shape], Bounds]:
        """Return its line between two times, and the smallest and largest value."""
        found = self.data.seen(begin + self.origin, end + self.origin, columns)
        smallest, largest = found.bounds()
        seen = self._pace.with_gaps(found)
        low, high = seen.low, seen.low if (found.high == found.low).all() else seen.high
        if self.factor != 1.0:
            low, high = (low * self.factor, high * self.factor) if low is not high else (low * self.factor,) * 2
        shape = Shape(seen.times - self.origin, low, high, colour, self.side)
        self._last_seen = (shape,)
        return [shape], (smallest * self.factor, largest * self.factor)

    def at(self, time: float) -> Bounds:
        """Return the values around a time, as far as they are drawn; at the end the last value itself."""
        if time == math.inf and (latest := self.latest()) is not None:
            return latest, latest
        for shape in self._last_seen:
            place = int(np.searchsorted(shape.x, time, side="right")) - 1
            if place >= 0:
                return float(shape.low[place]) / self.factor, float(shape.high[place]) / self.factor
        return math.nan, math.nan

    def latest(self) -> float | None:
        """Return the last value; None when there is none."""
        if self.data.tail is not None:
            return self.data.tail.last_value
        found = self.source.last(self.info.key)
        return found[1] if found is not None else None

    def values(self, begin: float, end: float) -> Columns:
        """Return its samples between two times; of very many, some from everywhere."""
        times, values = spread_columns(self.source, self.info.key, begin + self.origin, end + self.origin)
        return times - self.origin, values * self.factor


@dataclass(slots=True)
class BandCurve:
    """A mean and a band around it, computed once.

    Attributes:
        band: times in seconds since the begin.
        key: of the series that this is the mean of.
    """

    name: str
    unit: str
    band: Band
    key: SeriesKey
    of_run: str = ""
    number: int = 0
    side: int = 0
    factor: float = 1.0
    is_visible: bool = True

    def shapes(self, begin: float, end: float, columns: int, colour: QColor) -> tuple[list[Shape], Bounds]:
        """Return band and line."""
        times, mean, low, high = (self.band.times, *(column * self.factor for column in self.band[1:]))
        inside = (times >= begin) & (times <= end)
        if not inside.any():
            return [], (math.nan, math.nan)
        bounds = float(np.fmin.reduce(np.fmin(low, mean)[inside])), float(np.fmax.reduce(np.fmax(high, mean)[inside]))
        return band_shapes(Band(times, mean, low, high), colour, self.side), bounds

    def at(self, time: float) -> Bounds:
        """Return the band at a time."""
        place = int(np.searchsorted(self.band.times, time, side="right")) - 1
        if place < 0 or time > self.band.times[-1]:
            return math.nan, math.nan
        low, high, mean = self.band.low[place], self.band.high[place], self.band.mean[place]
        return (float(low), float(high)) if not math.isnan(low) else (float(mean), float(mean))

    def values(self, begin: float, end: float) -> Columns:
        """Return the means between two times."""
        inside = (self.band.times >= begin) & (self.band.times <= end)
        return self.band.times[inside], self.band.mean[inside] * self.factor


def band_shapes(band: Band, colour: QColor, side: int) -> list[Shape]:
    """Return a mean as a strong line and what is around it as a band behind."""
    tint = QColor(colour)
    tint.setAlphaF(0.22)
    return [
        Shape(band.times, band.low, band.high, tint, side, is_band=True),
        Shape(band.times, band.mean, band.mean, colour, side, width=2.0, is_above=True),
    ]


def factor_between(unit: str, of_axis: str) -> float | None:
    """Return what values of a unit are multiplied by to have another one; None when it is of another kind."""
    if unit == of_axis:
        return 1.0
    told = in_unit(f"1 {unit}", of_axis) if unit and of_axis else ""
    try:
        return float(told)
    except ValueError:
        return None

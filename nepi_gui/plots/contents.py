"""What a plot shows of its curves: along the time, or how often which values occur."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from PySide6.QtGui import QColor

from nepi_gui.plots.buckets import step_for
from nepi_gui.plots.curves import BandCurve, Bounds, Curve, band_shapes
from nepi_gui.plots.shapes import Scale, Shape, scale_of
from nepi_gui.plots.statistics import band_along, cumulative, edges_for, histogram

_BANDS = 60  # stretches in which mean and percentiles are told, about
_NONE = (math.nan, math.nan)


class Kind(StrEnum):
    """How a plot shows its series."""

    TIME = "time"
    HISTOGRAM = "histogram"
    CDF = "cdf"


@dataclass(slots=True)
class Contents:
    """Shapes, and the ranges that they take.

    Attributes:
        bounds: the smallest and largest value for the axes at the left and at the right; NaN for none.
        across: the range from left to right; None when it is that of the time.
        figures: a text about each curve.
    """

    shapes: list[Shape] = field(default_factory=list)
    bounds: tuple[Bounds, Bounds] = (_NONE, _NONE)
    across: Scale | None = None
    figures: list[str] = field(default_factory=list)


def along_time(curves: Sequence[tuple[Curve, QColor]], begin: float, end: float, columns: int) -> Contents:
    """Return curves between two times, in seconds since the begin."""
    contents = Contents()
    for curve, colour in curves:
        shapes, bounds = curve.shapes(begin, end, columns, colour)
        contents.shapes += shapes
        contents.bounds = _with(contents.bounds, curve.side, bounds)
    return contents


def bands(curves: Sequence[tuple[Curve, QColor]], begin: float, end: float) -> Contents:
    """Return means and percentiles of curves between two times."""
    contents = Contents()
    step = step_for(end - begin, _BANDS)
    for curve, colour in curves:
        if isinstance(curve, BandCurve):
            continue  # it has a band of its own
        band = band_along(*curve.values(begin, end), step)
        if len(band.times):
            contents.shapes += band_shapes(band, colour, curve.side)
    contents.shapes.sort(key=lambda shape: not shape.is_band)
    return contents


def distributions(
    curves: Sequence[tuple[Curve, QColor]], begin: float, end: float, kind: Kind, is_log: bool
) -> Contents:
    """Return how often the values of curves between two times occur; the values go from left to right."""
    columns = [curve.values(begin, end)[1] for curve, _ in curves]
    columns = [values[~np.isnan(values)] for values in columns]
    edges = edges_for(columns, is_log)
    contents = Contents(across=scale_of(float(edges[0]), float(edges[-1]), is_log))
    largest = 1.0 if kind is Kind.CDF else 0.0
    for values, (_, colour) in zip(columns, curves, strict=True):
        if kind is Kind.CDF:
            found = cumulative(values)
            x, y = np.repeat(found.values, 2), np.repeat(np.append(0.0, found.parts), 2)[1:-1]
        else:
            found = histogram(values, edges)
            x, y = np.repeat(found.values, 2), np.concatenate(([0.0], np.repeat(found.parts, 2), [0.0]))
            contents.shapes.append(Shape(x, y * 0, y * 100, _tinted(colour), is_band=True))
            largest = max(largest, float(found.parts.max(initial=0.0)))
        contents.shapes.append(Shape(x, y * 100, y * 100, colour))
    contents.shapes.sort(key=lambda shape: not shape.is_band)
    contents.bounds = ((0.0, largest * 100), _NONE)
    return contents


def _tinted(colour: QColor) -> QColor:
    tint = QColor(colour)
    tint.setAlphaF(0.25)
    return tint


def _with(bounds: tuple[Bounds, Bounds], side: int, added: Bounds) -> tuple[Bounds, Bounds]:
    """Return bounds in which those of one more curve lie."""
    low, high = bounds[side]
    merged = (_least(low, added[0]), _most(high, added[1]))
    return (merged, bounds[1]) if side == 0 else (bounds[0], merged)


def _least(one: float, other: float) -> float:
    return other if math.isnan(one) else one if math.isnan(other) else min(one, other)


def _most(one: float, other: float) -> float:
    return other if math.isnan(one) else one if math.isnan(other) else max(one, other)

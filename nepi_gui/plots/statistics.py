"""Figures of series: distributions, means with percentiles along the time, means over several runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from nepi_gui.plots.series import Column, Columns, SeriesKey, SeriesSource

MOST = 1_000_000
"""Samples that are looked at for one figure; of more, such that are spread over the whole time."""

LOW, HIGH = 5.0, 95.0
"""Percentiles between which a band lies."""

_SLICES = 128
_BINS = 60
_STEPS = 600


class Band(NamedTuple):
    """A mean along the time and what lies around it; four columns of the same length."""

    times: Column
    mean: Column
    low: Column
    high: Column


class Distribution(NamedTuple):
    """How often values occur.

    Attributes:
        values: in ascending order; of a histogram the edges of its bars.
        parts: the part of all samples in each bar, or up to each value; between 0 and 1.
    """

    values: Column
    parts: Column


def spread_columns(source: SeriesSource, key: SeriesKey, begin: float, end: float, most: int = MOST) -> Columns:
    """Return the samples between two times; of very many, some from everywhere.

    Args:
        begin, end: finite, in seconds since 1970.
    """
    about = _samples_between(source, key, begin, end)
    if about <= most:
        return source.columns(key, begin, end)
    width = (end - begin) / _SLICES
    taken = width * most / about
    slices = [source.columns(key, begin + width * each, begin + width * each + taken) for each in range(_SLICES)]
    return np.concatenate([times for times, _ in slices]), np.concatenate([values for _, values in slices])


def _samples_between(source: SeriesSource, key: SeriesKey, begin: float, end: float) -> float:
    """Return about how many samples there are between two times."""
    count = source.count(key)
    if count <= MOST:
        return count
    times = source.envelope(key, -math.inf, math.inf, 1000).times
    inside = float(np.searchsorted(times, end) - np.searchsorted(times, begin))
    return count * inside / max(len(times), 1)


def histogram(values: Column, edges: Column) -> Distribution:
    """Return the parts of values in bars between edges."""
    counts, _ = np.histogram(values, edges)
    return Distribution(edges, counts / max(len(values), 1))


def edges_for(several: Sequence[Column], is_log: bool = False) -> Column:
    """Return the edges of bars that suit several columns of values, as even parts of their range."""
    finite = [part for values in several if len(part := values[np.isfinite(values) & ((values > 0) | (not is_log))])]
    if not finite:
        return np.array([0.0, 1.0])
    together = np.concatenate(finite)
    low, high = float(together.min()), float(together.max())
    if low == high:
        return np.array([low - 0.5, high + 0.5]) if not is_log else np.array([low / 1.1, high * 1.1])
    bars = min(max(int(math.sqrt(len(together))), 5), _BINS)
    return np.geomspace(low, high, bars + 1) if is_log else np.linspace(low, high, bars + 1)


def cumulative(values: Column) -> Distribution:
    """Return which part of values is not larger than each of some of them."""
    ordered = np.sort(values[~np.isnan(values)])
    if not len(ordered):
        return Distribution(ordered, ordered)
    parts = np.arange(1, len(ordered) + 1) / len(ordered)
    if len(ordered) > _STEPS:
        places = np.unique(np.linspace(0, len(ordered) - 1, _STEPS).astype(int))
        ordered, parts = ordered[places], parts[places]
    return Distribution(ordered, parts)


def band_along(times: Column, values: Column, step: float) -> Band:
    """Return mean and percentiles of samples, in ascending order of their times, in stretches of some seconds."""
    if not len(times):
        return Band(*(np.empty(0),) * 4)
    starts = np.flatnonzero(np.diff(np.floor(times / step), prepend=-math.inf))
    parts = [part[~np.isnan(part)] for part in np.split(values, starts[1:])]
    rows = [_figures(part) for part in parts]
    middles = (np.floor(times[starts] / step) + 0.5) * step
    return Band(np.clip(middles, times[0], times[-1]), *np.array(rows).T)


def _figures(values: Column) -> tuple[float, float, float]:
    if not len(values):
        return math.nan, math.nan, math.nan
    low, high = np.percentile(values, (LOW, HIGH))
    return float(values.mean()), float(low), float(high)


def mean_over(runs: Sequence[Columns], confidence: float = 0.95, stretches: int = 200) -> Band:
    """Return the mean of a series over several runs, with the band in which it lies with some confidence.

    The samples of each run are put on a common grid of time: of many, the mean in each stretch; between few, straight
    lines. Where fewer than two runs have values there is no band (its sides are NaN).

    Args:
        runs: for each the seconds since its begin, ascending, and the values.
        confidence: such as 0.95, by Student's t distribution.
        stretches: of the grid.
    """
    from scipy import stats

    known = [(times, values) for times, values in runs if len(times)]
    if not known:
        return Band(*(np.empty(0),) * 4)
    first, last = min(float(times[0]) for times, _ in known), max(float(times[-1]) for times, _ in known)
    grid = np.linspace(first, last, stretches + 1) if last > first else np.array([first])
    table = np.array([_on_grid(times, values, grid) for times, values in known])
    number = (~np.isnan(table)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(table, axis=0) / number
        deviation = np.sqrt(np.nansum((table - mean) ** 2, axis=0) / (number - 1))
        half = stats.t.ppf(0.5 + confidence / 2, np.maximum(number - 1, 1)) * deviation / np.sqrt(number)
    half[number < 2] = np.nan
    some = number > 0
    return Band(grid[some], mean[some], (mean - half)[some], (mean + half)[some])


def _on_grid(times: Column, values: Column, grid: Column) -> Column:
    """Return a series at the points of a grid; NaN before its begin and after its end."""
    known = ~np.isnan(values)
    times, values = times[known], values[known]
    if not len(times):
        return np.full(len(grid), np.nan)
    on_grid = np.interp(grid, times, values, left=np.nan, right=np.nan)
    if len(grid) > 1:
        width = grid[1] - grid[0]
        nearest = np.clip(np.rint((times - grid[0]) / width).astype(int), 0, len(grid) - 1)
        counts = np.bincount(nearest, minlength=len(grid))
        sums = np.bincount(nearest, weights=values, minlength=len(grid))
        on_grid = np.where(counts > 0, sums / np.maximum(counts, 1), on_grid)
    return on_grid

"""The numbers of a report: the table of all series, and which of them are plotted together, with how many points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nepi_core.report.samples import ReportReader
from nepi_core.report.words import scale
from nepi_core.runs.reader import RecordedSeries
from nepi_core.runs.run_samples import SeriesKey

if TYPE_CHECKING:
    from nepi_core.report.samples import Numbers

MOST_PLOTS = 40
_MOST_CURVES = 4
# Points across a plot; of more samples each point gets the smallest, the mean and the largest of its share of time.
_POINTS = 400
# Samples that are read for a plot; of more, the parts that the run store keeps of each series are enough.
_MOST_READ = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """A line of the table of series; all numbers are in ``unit``.

    Attributes:
        guids: the resource; several when the line is of the same series of all resources of a type.
    """

    guids: tuple[int, ...]
    trace: str
    series: str
    unit: str
    count: int
    minimum: float
    mean: float
    maximum: float
    last: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn of a series: times in seconds since the run began, and values; a band when it is thinned.

    Attributes:
        low, high: smallest and largest value at each time, when it stands for many samples; else None.
    """

    name: str
    times: Numbers
    values: Numbers
    low: Numbers | None = None
    high: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """Some curves that share their axes.

    Attributes:
        guids: the resources they come from; more than one when a plot is of all resources of a type.
        samples: number of samples behind the curves.
    """

    guids: tuple[int, ...]
    trace: str
    unit: str
    curves: tuple[Curve, ...]
    samples: int


class SeriesOfRun:
    """All series of a run, with their samples.

    Args:
        rtypes: type of each resource.
        began: time from which the plots count.
    """

    def __init__(self, reader: ReportReader, rtypes: Mapping[int, str], began: float) -> None:
        self._rtypes = rtypes
        self._began = began
        self._recorded = reader.series()
        self._reader = reader

    def figures(self) -> list[Figures]:
        """Return the table of the series that have samples."""
        return [self._figures([each]) for each in self._recorded if each.count]

    def idle(self) -> list[RecordedSeries]:
        """Return the series without samples."""
        return [each for each in self._recorded if not each.count]

    def combined(self) -> list[Figures]:
        """Return a table in which all resources of a type share a line for each of their series."""
        return [self._figures(group) for group in self._by_type()]

    def _figures(self, group: list[RecordedSeries]) -> Figures:
        known = [each for each in group if not math.isnan(each.minimum)] or group
        count = sum(each.count for each in known)
        factor, unit = scale(group[0].unit, max(map(_largest, known)))
        numbers = {
            "minimum": min(each.minimum for each in known),
            "mean": sum(each.mean * each.count for each in known) / count,
            "maximum": max(each.maximum for each in known),
            "last": group[0].last if len(group) == 1 else math.nan,
        }
        scaled = {name: value / factor for name, value in numbers.items()}
        all_samples = sum(each.count for each in group)
        return Figures(_guids(group), group[0].trace, group[0].series, unit, all_samples, **scaled)

    def _by_type(self) -> list[list[RecordedSeries]]:
        """Return the series that have samples, together for all resources of a type."""
        return _grouped(
            (each for each in self._recorded if each.count),
            lambda each: (self._rtypes.get(each.guid, ""), each.trace, each.series, each.unit),
        )

    def plots(self) -> tuple[list[Plot], int]:
        """Return the plots, and how many more there would be.

        Series of one trace with the same unit share a plot; what has only one sample needs none. When that makes too
        many plots, all resources of a type share one for each of their series.
        """
        shown = [each for each in self._recorded if not math.isnan(each.minimum) and each.count > 1]
        groups = _grouped(shown, lambda each: (each.guid, each.trace, each.unit or f"only {each.series}"))
        if len(groups) <= MOST_PLOTS:
            firsts = [(group, first) for group in groups for first in range(0, len(group), _MOST_CURVES)]
            split = [group[first : first + _MOST_CURVES] for group, first in firsts]
            plots = [self._plot(group, [[each] for each in group]) for group in split[:MOST_PLOTS]]
            return plots, len(split) - len(plots)
        groups = [group for group in self._by_type() if not all(math.isnan(each.minimum) for each in group)]
        return [self._plot(group, [group]) for group in groups[:MOST_PLOTS]], max(0, len(groups) - MOST_PLOTS)

    def _plot(self, group: list[RecordedSeries], curves: list[list[RecordedSeries]]) -> Plot:
        factor, unit = scale(group[0].unit, max(map(_largest, group)))
        return Plot(
            guids=_guids(group),
            trace=group[0].trace,
            unit=unit,
            curves=tuple(self._curve(together, factor) for together in curves),
            samples=sum(each.count for each in group),
        )

    def _curve(self, together: list[RecordedSeries], factor: float) -> Curve:
        """Return the curve of one series, or one for the same series of many resources."""
        import numpy as np

        if sum(each.count for each in together) > _MOST_READ:
            seen = self._reader.seen_from_afar(list(map(_key, together)), _POINTS)
            lines = (column / factor for column in (seen.means, seen.minima, seen.maxima))
            return Curve(together[0].series, seen.times - self._began, *lines)
        parts = [self._reader.sorted_samples(_key(each)) for each in together]
        times = np.concatenate([times for times, _ in parts]) - self._began
        values = np.concatenate([values for _, values in parts]) / factor
        if len(parts) > 1:
            order = np.argsort(times, kind="stable")
            times, values = times[order], values[order]
        if len(times) <= 2 * _POINTS and (len(parts) == 1 or not len(times)):
            return Curve(together[0].series, times, values)
        return _thinned(together[0].series, times, values)


def _thinned(name: str, times: Numbers, values: Numbers) -> Curve:
    import numpy as np

    width = float(times[-1] - times[0]) / _POINTS or 1.0
    column = np.minimum((times - times[0]) // width, _POINTS - 1)
    starts = np.flatnonzero(np.diff(column, prepend=-1.0))
    counts = np.diff(starts, append=len(times))
    middle = times[0] + (column[starts] + 0.5) * width
    mean = np.add.reduceat(values, starts) / counts
    return Curve(name, middle, mean, np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts))


def _key(recorded: RecordedSeries) -> SeriesKey:
    return recorded.guid, recorded.trace, recorded.series


def _guids(group: list[RecordedSeries]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(each.guid for each in group))


def _largest(recorded: RecordedSeries) -> float:
    return max(abs(recorded.minimum), abs(recorded.maximum))


def _grouped(
    series: Iterable[RecordedSeries], key: Callable[[RecordedSeries], tuple[object, ...]]
) -> list[list[RecordedSeries]]:
    """Return those with the same key together, in the order in which each key came first."""
    groups: dict[tuple[object, ...], list[RecordedSeries]] = {}
    for each in series:
        groups.setdefault(key(each), []).append(each)
    return list(groups.values())

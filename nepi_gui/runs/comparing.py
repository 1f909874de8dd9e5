"""The numbers of several runs beside each other: what each measured, and by how much they differ.

Samples that follow each other are alike (a queue that is full now is full a moment later), so an interval that takes
them for independent is far too narrow. The intervals here come from batch means: a series is cut into 30 batches of the
same length in the order of time, and the means of the batches are what is compared, as in Welch's t-test (A. Law,
Simulation Modeling and Analysis, chapter 9). Of fewer than 60 samples, each is a batch.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nepi_core.runs.reader import RunReader
from nepi_gui.plots.series import SeriesKey, owners

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_BATCHES = 30
_CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An estimate and its 95 % interval, whose ends are NaN when there are too few samples for one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ComparedSeries:
    """A series of one run, beside the same of the run that others are compared with.

    Attributes:
        label: what its resource is called.
        mean: of all samples; NaN when there are none, as are the others.
        difference: of the mean to that of the first run; None for that run itself, or when one of them has no samples.
    """

    key: SeriesKey
    label: str
    unit: str
    run: str
    count: int
    mean: Interval
    median: float
    low: float
    """5th percentile."""
    high: float
    """95th percentile."""
    difference: Interval | None


def series_of(folders: Iterable[Path]) -> dict[SeriesKey, str]:
    """Return the series with samples that some runs have, and what they are called."""
    found: dict[SeriesKey, str] = {}
    for folder in folders:
        with RunReader(folder) as reader:
            labels = owners(reader.resources())
            for each in reader.series():
                if each.count:
                    key = SeriesKey(each.guid, each.trace, each.series)
                    found.setdefault(key, f"{labels.get(each.guid, each.guid)} {each.series}")
    return found


def compare(folders: Sequence[Path]) -> list[ComparedSeries]:
    """Return all series of some runs, series by series; the first run is the one that the others are compared with.

    It takes a second or so for ten million samples.
    """
    firsts: dict[SeriesKey, _Measured] = {}
    found: dict[SeriesKey, list[ComparedSeries]] = {}
    for place, folder in enumerate(folders):
        for made, measured in _read(folder):
            first = firsts.get(made.key)
            if place == 0:
                firsts[made.key] = measured
            elif first is not None and made.count and not math.isnan(first.mean):
                made = replace(made, difference=_difference(measured, first))
            found.setdefault(made.key, []).append(made)
    return [each for runs in found.values() for each in runs]


class _Measured(NamedTuple):
    """What is kept of a series of the first run: its mean, and the means of its batches."""

    mean: float
    batches: Numbers


def _read(folder: Path) -> Iterator[tuple[ComparedSeries, _Measured]]:
    """Yield the series of a run."""
    import numpy as np

    with RunReader(folder) as reader:
        labels, samples = owners(reader.resources()), reader.run_samples()
        for each in reader.series():
            key = SeriesKey(each.guid, each.trace, each.series)
            recorded = samples.series(*key).columns().values
            values: Numbers = recorded[np.isfinite(recorded)]
            low, median, high = np.percentile(values, (5, 50, 95)) if len(values) else (math.nan,) * 3
            measured = _Measured(float(values.mean()) if len(values) else math.nan, _batches(values))
            label = labels.get(each.guid, str(each.guid))
            numbers = (len(values), _interval(measured), float(median), float(low), float(high))
            yield ComparedSeries(key, label, each.unit, folder.name, *numbers, None), measured


def _interval(measured: _Measured) -> Interval:
    """Return the mean of a series, with its interval."""
    mean, batches = measured
    if len(batches) < 2:
        return Interval(mean, math.nan, math.nan)
    from scipy import stats

    half = float(stats.sem(batches) * stats.t.ppf(0.5 + _CONFIDENCE / 2, len(batches) - 1))
    return Interval(mean, mean - half, mean + half)


def _difference(measured: _Measured, first: _Measured) -> Interval:
    """Return by how much the mean of a series is larger than that of another."""
    difference = measured.mean - first.mean
    if len(measured.batches) < 2 or len(first.batches) < 2:
        return Interval(difference, math.nan, math.nan)
    half = _half_width(measured.batches, first.batches)
    return Interval(difference, difference - half, difference + half)


def _half_width(some: Numbers, others: Numbers) -> float:
    """Return half of Welch's interval for the difference of two means."""
    from scipy import stats

    parts = [float(each.var(ddof=1)) / len(each) for each in (some, others)]
    error = sum(parts)
    if not error:
        return 0.0
    freedom = error**2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, (some, others), strict=True))
    return float(stats.t.ppf(0.5 + _CONFIDENCE / 2, freedom)) * math.sqrt(error)


def _batches(values: Numbers) -> Numbers:
    """Return the means of batches; of few samples, each is a batch."""
    import numpy as np

    if len(values) < 2 * _BATCHES:
        return values
    starts = np.linspace(0, len(values), _BATCHES, endpoint=False).astype(int)
    means: Numbers = np.add.reduceat(values, starts) / np.diff(starts, append=len(values))
    return means


# -- as a file -------------------------------------------------------------------------------------------------------

_HEADER = (
    *("guid", "resource", "trace", "series", "unit", "run", "samples"),
    *("mean", "mean low", "mean high", "median", "percentile 5", "percentile 95"),
    *("difference", "difference low", "difference high"),
)


def to_csv(compared: Iterable[ComparedSeries]) -> str:
    """Return a comparison as CSV, one line for each series of each run; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for each in compared:
        numbers = (*each.mean, each.median, each.low, each.high, *(each.difference or (math.nan,) * 3))
        about = (each.key.guid, each.label, each.key.trace, each.key.series, each.unit, each.run, each.count)
        writer.writerow([*map(_harmless, about), *("" if math.isnan(number) else repr(number) for number in numbers)])
    return text.getvalue()


def _harmless(cell: object) -> object:
    """Return a text so that no spreadsheet takes it for a formula: an archive may come from anywhere."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell

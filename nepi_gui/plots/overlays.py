"""Series of other runs beside those of the run that is watched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from nepi_core.runs.reader import RunReader
from nepi_gui.plots.curve_data import CurveData
from nepi_gui.plots.curves import BandCurve, RunCurve
from nepi_gui.plots.series import Columns, SeriesInfo, SeriesKey
from nepi_gui.plots.source import RunSource
from nepi_gui.plots.statistics import mean_over, spread_columns
from nepi_gui.translation import translate


def begin_of(folder: Path) -> float:
    """Return when a run began, in seconds since 1970; 0 when that is not known."""
    with RunReader(folder) as reader:
        began = reader.facts().get("began")
    return float(began) if isinstance(began, (int, float)) else 0.0


def overlay(folder: Path, key: SeriesKey, of_run: str) -> RunCurve | None:
    """Return a series of a run as a curve that begins with its run; None when the run has no such series.

    Args:
        of_run: what the legend calls the run.
    """
    source = RunSource(folder)
    info = _info(source, key)
    if info is None:
        source.close()
        return None
    return RunCurve(info, CurveData(source, key), source, begin_of(folder), of_run)


def mean_curve(folders: Sequence[Path], key: SeriesKey, confidence: float) -> BandCurve | None:
    """Return the mean of a series over several runs, each from its begin; None when none of them has it."""
    found = [(info, columns) for folder in folders for info, columns in _columns(folder, key)]
    if not found:
        return None
    info = found[0][0]
    name = translate("Plots", "{0}, mean of {1} runs").format(info.name, len(found))
    return BandCurve(name, info.unit, mean_over([columns for _, columns in found], confidence), key)


def _columns(folder: Path, key: SeriesKey) -> list[tuple[SeriesInfo, Columns]]:
    """Return a series of a run with the times since the run's begin; nothing when there is none."""
    source = RunSource(folder)
    try:
        info, latest = _info(source, key), source.last(key)
        if info is None or latest is None:
            return []
        origin = begin_of(folder)
        earliest = float(source.envelope(key, -math.inf, math.inf, 1).times[0])
        times, values = spread_columns(source, key, earliest, latest[0])
        return [(info, (times - origin, values))]
    finally:
        source.close()


def _info(source: RunSource, key: SeriesKey) -> SeriesInfo | None:
    return next((each for each in source.catalogue() if each.key == key), None)

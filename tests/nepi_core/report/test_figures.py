"""Figures are exact, plots stay few, and thinning loses no extreme."""

from __future__ import annotations

import math
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.report.figures import MOST_PLOTS, SeriesOfRun, _thinned
from nepi_core.report.samples import ReportReader
from tests.nepi_core.report.recorded_runs import BEGAN


def series_of(run):
    run.end()
    rtypes = {guid: each.rtype for guid, each in run.description.resources.items()}
    with closing(ReportReader(run.folder)) as reader:
        return SeriesOfRun(reader, rtypes, BEGAN)


def test_figures_are_in_a_readable_unit(run):
    run.resource(1)
    run.samples(1, "throughput", [1e9, 2e9, 6e9], "bit/s")
    run.samples(1, "nothing", [], "ms")
    series = series_of(run)
    (line,) = series.figures()
    assert (line.unit, line.count, line.minimum, line.mean, line.maximum, line.last) == ("Gbit/s", 3, 1, 3, 6, 6)
    assert [each.series for each in series.idle()] == ["nothing"]


def test_what_is_no_number_is_left_out_of_the_figures(run):
    nothing, infinite = math.nan, math.inf
    for guid, values in enumerate(([nothing, nothing], [2.0, nothing, 4.0], [1.0, infinite]), 1):
        run.resource(guid)
        run.samples(guid, "rtt", values, "ms")
    series = series_of(run)
    none, some, endless = series.figures()
    assert math.isnan(none.mean)
    assert (some.minimum, some.mean, some.maximum) == (2, 3, 4)
    assert (endless.minimum, endless.mean, endless.maximum) == (1, infinite, infinite)
    (together,) = series.combined()
    assert (together.count, together.minimum, together.maximum) == (7, 1, infinite)


def test_series_of_a_trace_with_the_same_unit_share_a_plot(run):
    run.resource(1)
    for name in ("min", "max"):
        run.samples(1, name, [1.0, 2.0], "ms")
    run.samples(1, "loss", [0.0, 0.0], "%")
    run.samples(1, "sum", [7.0], "%")
    for name in ("a", "b"):
        run.samples(1, name, [1.0, 2.0], "")
    plots, left_out = series_of(run).plots()
    assert [[curve.name for curve in plot.curves] for plot in plots] == [["min", "max"], ["loss"], ["a"], ["b"]]
    assert left_out == 0


def test_many_resources_of_a_type_share_a_plot(run):
    for guid in range(1, MOST_PLOTS + 2):
        run.resource(guid)
        run.samples(guid, "rtt", [float(guid), 0.0], "ms")
    (plot,), left_out = series_of(run).plots()
    (curve,) = plot.curves
    assert left_out == 0
    assert len(plot.guids) == MOST_PLOTS + 1
    assert plot.samples == 2 * (MOST_PLOTS + 1)
    assert curve.low is not None
    assert curve.high is not None
    assert (curve.low.min(), curve.high.max()) == (0.0, MOST_PLOTS + 1)


def test_too_many_plots_are_counted(run):
    run.resource(1)
    for number in range(MOST_PLOTS + 5):
        run.samples(1, f"column{number}", [1.0, 2.0])
    plots, left_out = series_of(run).plots()
    assert (len(plots), left_out) == (MOST_PLOTS, 5)


def test_samples_are_in_the_order_of_their_times(run):
    run.resource(1)
    run.samples(1, "rtt", [1.0, 2.0, 3.0])
    run.store.samples([run_sample(-5.0, 9.0), run_sample(1.5, float("nan")), run_sample(1.5, 7.0)])
    ((plot,), _) = series_of(run).plots()
    assert plot.curves[0].times.tolist() == [-5.0, 0.0, 1.0, 1.5, 2.0]
    assert plot.curves[0].values.tolist() == [9.0, 1.0, 2.0, 7.0, 3.0]


def run_sample(after, value):
    from nepi_core.series import Sample

    return Sample(BEGAN + after, 1, "stdout", "rtt", value)


NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(st.floats(0, 1e6), NUMBERS), min_size=1, max_size=2000))
def test_thinning_keeps_extremes_and_mean(samples):
    samples.sort()
    times, values = (np.array(column) for column in zip(*samples, strict=True))
    curve = _thinned("x", times, values)
    assert curve.low is not None
    assert curve.high is not None
    assert len(curve.times) <= 400
    assert (curve.low.min(), curve.high.max()) == (values.min(), values.max())
    slack = 1e-6 * (1 + np.abs(values).max())
    assert np.all((curve.low - slack <= curve.values) & (curve.values <= curve.high + slack))
    assert np.all(np.diff(curve.times) > 0)


@pytest.mark.parametrize("number", [801, 5000])
def test_thinning_counts_each_sample_once(number):
    curve = _thinned("x", np.arange(float(number)), np.ones(number))
    assert np.allclose(curve.values, 1.0)
    assert len(curve.times) == 400

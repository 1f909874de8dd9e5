"""Distributions, bands, means over runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nepi_gui.plots.source import RunSource
from nepi_gui.plots.statistics import band_along, cumulative, edges_for, histogram, mean_over, spread_columns
from tests.nepi_gui.plots.recording import BEGAN, RTT, Recording

_values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200).map(np.array)


@given(_values)
def test_a_histogram_holds_all_values(values):
    found = histogram(values, edges_for([values]))
    assert found.parts.sum() == pytest.approx(1.0)
    assert len(found.values) == len(found.parts) + 1


def test_edges_of_a_logarithmic_histogram_leave_out_what_has_no_logarithm():
    edges = edges_for([np.array([-1.0, 0.0, 1.0, 100.0])], is_log=True)
    assert edges[0] == pytest.approx(1.0)
    assert edges[-1] == pytest.approx(100.0)
    assert len(edges_for([np.array([])])) == 2


@given(_values)
def test_a_distribution_rises_to_one(values):
    found = cumulative(values)
    assert (np.diff(found.parts) >= 0).all()
    assert found.parts[-1] == 1.0
    assert found.values[-1] == values.max()


def test_a_distribution_of_many_is_thinned():
    found = cumulative(np.arange(100_000.0))
    assert len(found.values) <= 600
    assert found.values[np.searchsorted(found.parts, 0.5)] == pytest.approx(50_000, rel=0.01)


def test_a_band_tells_mean_and_percentiles_of_each_stretch():
    times = np.arange(0, 20, 0.1)
    values = np.where(times < 10, 1.0, np.tile([0.0, 10.0], 100))
    found = band_along(times, values, 10.0)
    assert found.mean.tolist() == pytest.approx([1.0, 5.0])
    assert (found.low[0], found.high[0]) == (1.0, 1.0)
    assert (found.low[1], found.high[1]) == (0.0, 10.0)
    assert len(band_along(np.array([]), np.array([]), 1.0).times) == 0


def test_the_mean_over_runs_has_the_band_of_students_distribution():
    times = np.linspace(0, 10, 1001)
    runs = [(times, np.full(1001, level)) for level in (1.0, 2.0, 3.0)]
    found = mean_over(runs)
    half = stats.t.ppf(0.975, 2) * 1.0 / np.sqrt(3)
    assert found.mean == pytest.approx(np.full(len(found.times), 2.0))
    assert found.low == pytest.approx(np.full(len(found.times), 2.0 - half))


def test_runs_of_different_length_and_rate_are_put_on_one_grid():
    found = mean_over([(np.array([0.0, 10.0]), np.array([0.0, 10.0])), (np.arange(0, 5, 0.01), np.arange(0, 5, 0.01))])
    assert found.mean == pytest.approx(found.times, abs=0.06)
    assert np.isnan(found.low[-1])
    assert not np.isnan(found.low[10])
    assert len(mean_over([]).times) == 0


def test_of_very_many_samples_some_from_everywhere_are_taken(tmp_path):
    run = Recording(tmp_path / "lab" / "run1")
    run.add(RTT, *((number / 1000, number / 1000) for number in range(20_000)))
    run.end()
    source = RunSource(run.folder)
    times, values = spread_columns(source, RTT, BEGAN, BEGAN + 20, most=100_000)
    assert len(times) == 20_000
    times, values = spread_columns(source, RTT, BEGAN, BEGAN + 20, most=2_000)
    assert 1_000 < len(times) < 4_000
    assert values.mean() == pytest.approx(10, rel=0.05)
    assert (np.diff(times) >= 0).all()
    source.close()

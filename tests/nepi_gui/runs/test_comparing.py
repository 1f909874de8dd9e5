"""The numbers of several runs: means, intervals, and differences that are more than chance."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_gui.plots.series import SeriesKey
from nepi_gui.runs.comparing import ComparedSeries, Interval, _batches, compare, series_of, to_csv
from tests.nepi_gui.runs.recorded import record

RTT = SeriesKey(2, "stdout", "rtt")


def test_series_of_several_runs_beside_each_other(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    folders = [record(tmp_path / f"run{mean}", values=random.normal(mean, 1, 3000).tolist()) for mean in (10, 13)]
    first, third = compare(folders)
    assert (first.label, first.unit, first.run, third.run) == ("ping", "ms", "run10", "run13")
    assert first.count == 3000
    assert first.difference is None
    assert third.difference is not None
    assert third.difference.low < 3 < third.difference.high
    assert third.difference.low > 2.8
    assert first.mean.low < first.mean.value < first.mean.high
    assert (first.low, first.median, first.high) == pytest.approx((10 - 1.645, 10, 10 + 1.645), abs=0.2)


def test_interval_of_samples_that_are_alike_is_wide(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    slow = np.repeat(random.normal(0, 1, 30), 100)  # each of 30 values a hundred times
    (found,) = compare([record(tmp_path / "run", values=slow.tolist())])
    apart = 2.05 * slow.std() / math.sqrt(30)
    assert found.mean.high - found.mean.value == pytest.approx(apart, rel=0.1)


def test_runs_without_samples(tmp_path: Path) -> None:
    empty, one = record(tmp_path / "empty"), record(tmp_path / "one", values=[1.0, math.nan, math.inf])
    nothing, single = compare([empty, one])
    assert nothing.count == 0
    assert math.isnan(nothing.mean.value)
    assert (single.count, single.mean.value, single.difference) == (1, 1.0, None)
    assert math.isnan(single.mean.low)
    assert compare([tmp_path]) == []


def test_series_that_only_some_runs_have(tmp_path: Path) -> None:
    empty, one = record(tmp_path / "empty"), record(tmp_path / "one", values=[1.0, 2.0])
    assert series_of([empty]) == {}
    assert series_of([empty, one]) == {RTT: "ping rtt"}


@settings(max_examples=40)
@given(st.lists(st.floats(-1e6, 1e6), min_size=60, max_size=400))
def test_batches_hold_all_samples_once(values: list[float]) -> None:
    batches = _batches(np.array(values))
    assert len(batches) == 30
    assert min(values) - 1e-6 <= batches.min() <= batches.max() <= max(values) + 1e-6


def test_table_as_a_file() -> None:
    nan = Interval(math.nan, math.nan, math.nan)
    first = ComparedSeries(RTT, '=cmd("x")', "ms", "a,b", 2, Interval(1.5, 1.0, 2.0), 1.5, 1.0, 2.0, None)
    rows = list(csv.DictReader(io.StringIO(to_csv([first, ComparedSeries(RTT, "p", "", "c", 0, nan, *nan, nan)]))))
    assert rows[0]["resource"] == '\'=cmd("x")'
    assert (rows[0]["run"], rows[0]["mean"], rows[0]["mean low"], rows[0]["difference"]) == ("a,b", "1.5", "1.0", "")
    assert (rows[1]["samples"], rows[1]["mean"], rows[1]["median"]) == ("0", "", "")

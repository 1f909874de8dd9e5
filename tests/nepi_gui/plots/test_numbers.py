"""What is drawn of a series: nothing is lost, nothing is made up, however it came."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.runs.reader import RecordedResource
from nepi_gui.plots.buckets import Buckets, bucketed, empty, joined, step_for
from nepi_gui.plots.curve_data import CurveData
from nepi_gui.plots.run_data import RunData
from nepi_gui.plots.series import owners
from nepi_gui.plots.shapes import scale_of
from nepi_gui.plots.source import RunSource
from nepi_gui.plots.tail import Tail
from tests.nepi_gui.plots.recording import BEGAN, LOSS, RTT, Recording

_times = st.lists(st.floats(0, 1e4), min_size=1, max_size=60).map(sorted)
_value = st.floats(-1e6, 1e6)


def _columns(times, seed=0):
    return np.array(times), np.random.default_rng(seed).normal(size=len(times))


@given(_times, st.floats(0.001, 1000))
def test_buckets_keep_the_lowest_and_highest_value(times, step):
    times, values = _columns(times)
    found = bucketed(times, values, step)
    assert found.bounds() == (values.min(), values.max())
    assert len(np.unique(np.floor(found.times / step))) == len(found.times)
    assert set(found.times) <= set(times)


@given(_times, st.integers(0, 60), st.floats(0.001, 1000))
def test_buckets_of_parts_are_those_of_the_whole(times, cut, step):
    times, values = _columns(times)
    parts = joined(bucketed(times[:cut], values[:cut], step), bucketed(times[cut:], values[cut:], step), step)
    whole = bucketed(times, values, step)
    for one, other in zip(parts, whole, strict=True):
        assert np.array_equal(one, other)


@given(st.floats(1e-5, 1e8), st.integers(1, 5000))
def test_a_stretch_is_about_a_pixel_wide(span, columns):
    assert span / columns <= step_for(span, columns) * (1 + 1e-9)
    assert step_for(span, columns) <= 1.26 * span / columns


def test_numbers_that_are_none_are_left_out_of_buckets():
    found = bucketed(np.array([0.0, 0.1, 0.2]), np.array([math.nan, 3.0, 1.0]), 1.0)
    assert (found.low[0], found.high[0]) == (1.0, 3.0)
    assert np.isnan(empty().bounds()).all()


def test_the_value_at_a_time_is_that_of_the_last_sample():
    found = Buckets(np.array([1.0, 2.0]), np.array([5.0, 6.0]), np.array([5.0, 8.0]))
    assert np.isnan(found.at(0.5)).all()
    assert found.at(1.9) == (5.0, 5.0)
    assert found.at(9.0) == (6.0, 8.0)


@given(st.lists(st.lists(st.tuples(st.floats(0, 100), _value), max_size=30), max_size=8), st.integers(1, 40))
@settings(max_examples=60)
def test_a_tail_has_the_latest_samples_in_order(batches, most):
    tail = Tail(most)
    for batch in batches:
        tail.take(np.array([time for time, _ in batch]), np.array([value for _, value in batch]))
    everything = sorted(time for batch in batches for time, _ in batch)
    times, values = tail.after(-math.inf)
    assert (np.diff(times) >= 0).all()
    assert len(times) == len(values) <= max(2 * most, 512)
    if tail.lost == -math.inf:
        assert list(times) == everything
    assert len(times) >= min(most, len(everything))


# -- a record that grows -----------------------------------------------------------------------------------------------


@pytest.fixture
def growing(tmp_path):
    run = Recording(tmp_path / "lab" / "run1")
    yield run
    run.end()


class _Reader:
    """Reads a run as the plots do."""

    def __init__(self, run: Recording, key=RTT, most: int = 64) -> None:
        self.source = RunSource(run.folder)
        self.tail = Tail(most)
        if (last := self.source.last(key)) is not None:
            self.tail.take(np.array([last[0]]), np.array([last[1]]))
            self.tail.lost = last[0]
        self.data = CurveData(self.source, key, self.tail)
        self.key = key

    def seen(self, begin: float, end: float, columns: int = 1000) -> list[tuple[float, float]]:
        news = self.source.news().get(self.key)
        if news is not None:
            self.tail.take(*news)
        found = self.data.seen(BEGAN + begin, BEGAN + end, columns)
        return list(zip((found.times - BEGAN).round(6).tolist(), found.high.tolist(), strict=True))


def test_what_comes_is_seen_with_what_was_there(growing):
    growing.add(RTT, *((second, second) for second in range(10)))
    reader = _Reader(growing)
    assert [value for _, value in reader.seen(0, 30)] == list(range(10))
    for second in range(10, 300):
        growing.store.samples([])
        growing.add(RTT, (second / 10 + 9, second))
        if second % 37 == 0:
            seen = reader.seen(0, 60)
            assert [value for _, value in seen] == [*range(10), *range(10, second + 1)]
    reader.source.close()


def test_a_series_without_samples_begins_when_they_come(growing):
    reader = _Reader(growing, LOSS)
    assert reader.seen(0, 10) == []
    growing.add(LOSS, (3, 0.5))
    growing.add(LOSS, (4, 0.7))
    assert reader.seen(0, 10) == [(3, 0.5), (4, 0.7)]
    reader.source.close()


def test_what_has_no_room_in_memory_is_read_again(growing):
    growing.add(RTT, (0, 0))
    reader = _Reader(growing, most=64)
    reader.seen(0, 10)
    growing.add(RTT, *((1 + number / 100, number) for number in range(3000)))
    seen = reader.seen(0, 40, columns=100)
    assert seen[0] == (0, 0)
    assert max(value for _, value in seen) == 2999
    assert max(np.diff([time for time, _ in seen])[1:]) < 1
    reader.source.close()


def test_lines_go_on_to_samples_beside_what_is_seen(growing):
    growing.add(RTT, (0, 1), (1000, 2))
    reader = _Reader(growing)
    reader.data.close_end()
    assert reader.seen(400, 401) == [(0, 1), (1000, 2)]
    assert reader.seen(2000, 2001)[-1] == (1000, 2)
    reader.source.close()


def test_zooming_shows_each_sample_and_far_away_their_bounds(growing):
    growing.add(RTT, *((number / 100, number % 7) for number in range(5000)))
    reader = _Reader(growing)
    far = reader.data.seen(BEGAN, BEGAN + 50, 20)
    assert len(far.times) < 50
    assert far.bounds() == (0, 6)
    assert len(reader.seen(10, 10.1)) in range(10, 15)
    reader.source.close()


def test_a_record_that_is_made_after_somebody_looks_is_found(tmp_path):
    (tmp_path / "run").mkdir()
    data = RunData(tmp_path / "run", BEGAN, is_live=True)
    assert not data.pull()
    run = Recording(tmp_path / "run")
    run.add(RTT, (1.0, 5.0))
    assert data.pull()
    assert data.last_value(RTT) == 5.0
    data.close()
    run.end()


def test_names_take_one_line():
    told = [RecordedResource(1, "linux::Ping", "a\nb  &c"), RecordedResource(2, "linux::Ping", " \n")]
    assert owners(told) == {1: "a b &c", 2: "Ping 2"}


@pytest.mark.parametrize("is_log", [False, True])
@given(low=st.floats(allow_nan=False, allow_infinity=False), high=st.floats(allow_nan=False, allow_infinity=False))
def test_a_scale_has_a_finite_width_whatever_the_values(low: float, high: float, is_log: bool) -> None:
    scale = scale_of(min(low, high), max(low, high), is_log)
    assert 0 < scale.high - scale.low < math.inf

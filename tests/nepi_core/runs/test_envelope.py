"""What is seen from afar loses no extreme and no sample."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.runs import envelope

TIMES = st.floats(0, 1e6)
VALUES = st.floats(-1e6, 1e6)
SAMPLES = st.lists(st.tuples(TIMES, VALUES), min_size=1, max_size=400)


def columns(samples):
    times, values = zip(*samples, strict=True)
    return np.array(times), np.array(values)


@given(SAMPLES, st.integers(1, 50), st.integers(1, 20))
def test_extremes_and_sum_are_kept(samples, buckets, size):
    times, values = columns(sorted(samples))
    for parts in (envelope.of_samples(times, values), envelope.of_stretches(times, values, size)):
        seen = envelope.seen(parts, -math.inf, math.inf, buckets)
        assert len(seen.times) <= max(buckets, 1)
        assert (seen.minima.min(), seen.maxima.max()) == (values.min(), values.max())
        assert (np.diff(seen.times) >= 0).all()
        slack = 1e-9 * (1 + np.abs(values).max()) * len(values)
        assert (seen.minima - slack <= seen.means).all()
        assert (seen.means <= seen.maxima + slack).all()


@given(st.lists(st.tuples(TIMES, VALUES), min_size=1, max_size=400, unique_by=lambda sample: sample[0]))
def test_the_order_does_not_matter(samples):
    sorted_samples = sorted(samples)
    there = envelope.seen(envelope.of_samples(*columns(sorted_samples)), -math.inf, math.inf, 7)
    here = envelope.seen(envelope.of_samples(*columns(samples)), -math.inf, math.inf, 7)
    assert here.times.tolist() == there.times.tolist()
    assert here.minima.tolist() == there.minima.tolist()
    assert here.maxima.tolist() == there.maxima.tolist()


def test_few_samples_are_themselves():
    times, values = np.array([1.0, 2.0, 4.0]), np.array([5.0, math.nan, 7.0])
    seen = envelope.seen(envelope.of_samples(times, values), -math.inf, math.inf, 10)
    assert seen.times.tolist() == [1, 2, 4]
    for column in seen[1:]:
        assert (column[0], column[2]) == (5, 7)
        assert math.isnan(column[1])


def test_what_is_no_number_counts_in_no_mean():
    values = np.array([1.0, math.nan, 3.0, math.inf, -math.inf])
    seen = envelope.seen(envelope.of_samples(np.arange(5.0), values), 0, 5, 1)
    assert seen.minima.tolist() == [-math.inf]
    assert math.isnan(seen.means[0])
    seen = envelope.seen(envelope.of_samples(np.arange(3.0), values[:3]), 0, 3, 1)
    assert seen.means.tolist() == [2.0]


def test_a_part_that_began_before_belongs_to_a_range():
    parts = envelope.of_stretches(np.arange(100.0), np.arange(100.0), 10)
    assert parts.within(15, 32).times.tolist() == [10, 20, 30]
    assert parts.within(-5, 3).times.tolist() == [0]
    assert envelope.joined([]).within(0, 1).times.tolist() == []


def test_nothing_looks_like_nothing():
    seen = envelope.seen(envelope.of_stretches(np.empty(0), np.empty(0)), -math.inf, math.inf, 5)
    assert [len(column) for column in seen] == [0, 0, 0, 0]


def test_parts_come_back_from_bytes():
    parts = envelope.of_stretches(np.arange(10.0), np.arange(10.0), 4)
    content = envelope.to_bytes(parts)
    assert len(content) == 3 * envelope.PART_BYTES
    assert [column.tolist() for column in envelope.from_bytes(content)] == [column.tolist() for column in parts]

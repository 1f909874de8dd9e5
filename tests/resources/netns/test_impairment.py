"""Decisions of a link about its frames: no sockets, no time."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nepi_core.resources.netns._programs.impairment import Impairment

MILLISECOND = 1_000_000
percent = st.one_of(st.sampled_from([0, 1, 50, 100]), st.floats(0, 100))
parameters = st.fixed_dictionaries(
    {
        "delay": st.floats(0, 100),
        "jitter": st.floats(0, 100),
        "loss": percent,
        "duplicate": percent,
        "reorder": percent,
        "seed": st.integers(-(2**40), 2**40),
    }
)
batches = st.lists(st.integers(1, 64), max_size=20)


def fates(impairment: Impairment, sizes: list[int], now: int = 0) -> list[tuple[int, int]]:
    """Return (number of the frame, time when it is due) for each copy, in the order of the plan."""
    found, base = [], 0
    for size in sizes:
        for first, count, due in impairment.plan(size, now):
            assert count > 0
            assert 0 <= first <= first + count <= size
            found += [(base + number, due) for number in range(first, first + count)]
        base += size
    return found


@given(batches, st.floats(0, 1e6), st.integers())
def test_nothing_happens_without_parameters_but_the_delay(sizes, delay, seed):
    due = round(delay * MILLISECOND)
    expected = [(number, due) for number in range(sum(sizes))]
    assert fates(Impairment({"delay": delay, "seed": seed}), sizes) == expected


@given(parameters, batches)
def test_a_frame_has_the_same_fate_however_frames_come_together(chosen, sizes):
    together, alone = Impairment(chosen), Impairment(chosen)
    assert fates(together, sizes) == fates(alone, [1] * sum(sizes))
    assert together.lost == alone.lost


@given(parameters, batches)
def test_copies_are_the_frames_with_the_doubled_and_without_the_lost(chosen, sizes):
    impairment = Impairment(chosen)
    copies = Counter(number for number, _ in fates(impairment, sizes))
    assert max(copies.values(), default=0) <= 2
    twice = Counter(number for number, _ in fates(Impairment({**chosen, "loss": 0}), sizes))
    doubled = sum(count - 1 for count in twice.values())
    assert sum(copies.values()) == sum(sizes) + doubled - impairment.lost


@given(parameters, batches, st.lists(st.integers(0, MILLISECOND), min_size=20))
def test_order_is_kept_without_jitter_and_reordering(chosen, sizes, pauses):
    impairment = Impairment({**chosen, "jitter": 0, "reorder": 0})
    times = itertools.accumulate(pauses)
    dues = [due for size, now in zip(sizes, times, strict=False) for _, due in fates(impairment, [size], now)]
    assert dues == sorted(dues)


@given(parameters, batches, st.integers(0, 10**18))
def test_no_frame_is_due_outside_the_jitter_or_in_the_past(chosen, sizes, now):
    delay, jitter = (chosen[name] * MILLISECOND for name in ("delay", "jitter"))
    for _, due in fates(Impairment({**chosen, "reorder": 0}), sizes, now):
        assert max(0, delay - jitter) - 2 <= due - now <= delay + jitter + 2


@given(parameters, batches)
def test_what_overtakes_does_not_wait(chosen, sizes):
    assert all(due == 7 for _, due in fates(Impairment({**chosen, "reorder": 100}), sizes, 7))


@given(parameters, batches, batches)
def test_the_same_parameters_again_change_nothing(chosen, before, after):
    changed, unchanged = Impairment(chosen), Impairment(chosen)
    assert fates(changed, before) == fates(unchanged, before)
    changed.set(dict(chosen))
    assert fates(changed, after) == fates(unchanged, after)


@given(parameters, batches)
def test_another_delay_leaves_the_random_sequences(chosen, sizes):
    changed, unchanged = Impairment(chosen), Impairment(chosen)
    changed.set({**chosen, "delay": 5, "jitter": 0})
    assert [number for number, _ in fates(changed, sizes)] == [number for number, _ in fates(unchanged, sizes)]


@given(parameters, batches, batches)
def test_another_seed_begins_anew(chosen, before, after):
    impairment = Impairment({**chosen, "seed": chosen["seed"] + 1})
    fates(impairment, before)
    impairment.set(chosen)
    assert fates(impairment, after) == fates(Impairment(chosen), after)


@pytest.mark.parametrize("name", ["loss", "duplicate", "reorder"])
@pytest.mark.parametrize("share", [0.01, 1, 30, 99])
def test_the_share_is_within_its_99_percent_interval(name, share):
    frames, probability = 200_000, share / 100
    impairment = Impairment({name: share, "delay": 10, "seed": 42})
    plan = fates(impairment, [64] * (frames // 64))
    count = {
        "loss": impairment.lost,
        "duplicate": len(plan) - frames,
        "reorder": sum(due == 0 for _, due in plan),
    }[name]
    deviation = (frames * probability * (1 - probability)) ** 0.5
    assert abs(count - frames * probability) < 2.576 * deviation


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"loss": 101}, "loss must be from 0 to 100, not 101"),
        ({"delay": -1}, "delay must be from 0 to 1e[+]09, not -1"),
        ({"jitter": float("nan")}, "jitter must be .* not nan"),
        ({"los": 1}, "no parameter 'los'; it has delay, jitter, loss"),
    ],
)
def test_wrong_parameters_are_refused_and_change_nothing(wrong, message):
    impairment = Impairment({"delay": 1, "loss": 50, "seed": 3})
    with pytest.raises(ValueError, match=message):
        impairment.set(wrong)
    assert fates(impairment, [64]) == fates(Impairment({"delay": 1, "loss": 50, "seed": 3}), [64])

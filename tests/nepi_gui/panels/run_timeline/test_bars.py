"""Bars of a resource: nothing is left out that can be seen, and nothing costs more than the pixels."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState as State
from nepi_gui.panels.run_timeline.bars import bars, change_at
from nepi_gui.panels.run_timeline.scale import TimeScale

WIDTH = 200.0


def story(times: list[float], fails: bool = False) -> list[StateChange]:
    """Return a resource that is STARTED and STOPPED again and again."""
    states = [(State.STARTED, State.STOPPED)[number % 2] for number in range(len(times))]
    if fails:
        states[-1] = State.FAILED
    return [StateChange(1, State.READY, state, time, "") for state, time in zip(states, sorted(times), strict=True)]


def scale(begin: float = 0.0, end: float = 100.0) -> TimeScale:
    return TimeScale(0.0, begin, end, 10.0, WIDTH)


def test_each_state_has_a_bar() -> None:
    found = list(bars(story([10.0, 40.0, 60.0]), scale(), 100.0))
    assert [(bar.left, bar.right, bar.state) for bar in found] == [
        (30.0, 90.0, State.STARTED),
        (90.0, 130.0, State.STOPPED),
        (130.0, 210.0, State.STARTED),
    ]


def test_what_began_before_what_is_seen_has_a_bar_too() -> None:
    (bar,) = bars(story([10.0]), scale(50.0, 60.0), 100.0)
    assert bar.left < 10.0
    assert bar.right > 10.0 + WIDTH


def test_what_is_released_has_none() -> None:
    changes = [*story([10.0]), StateChange(1, State.STARTED, State.RELEASED, 20.0, "")]
    assert [bar.right for bar in bars(changes, scale(), 100.0)] == [50.0]
    assert change_at(changes, 15.0) == changes[0]
    assert change_at(changes, 25.0) is None
    assert change_at(changes, 5.0) is None


def test_a_short_failure_is_seen_all_the_same() -> None:
    times = [50.0 + number / 1000 for number in range(20)]
    changes = [*story(times, fails=True), StateChange(1, State.FAILED, State.RELEASED, 50.02, "")]
    assert State.FAILED in [bar.state for bar in bars(changes, scale(), 100.0)]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.booleans(), st.floats(0, 90), st.floats(0.01, 100))
def test_bars_are_in_order_and_no_more_than_the_pixels(
    times: list[float], fails: bool, begin: float, length: float
) -> None:
    changes, seen = story(times, fails), scale(begin, begin + length)
    found = list(bars(changes, seen, 100.0))
    assert len(found) <= 2 * WIDTH + 4
    assert all(bar.right >= bar.left + 1.0 for bar in found)
    assert all(first.left <= second.left for first, second in pairwise(found))
    last = changes[-1]
    if seen.begin < last.time < min(seen.end, 100.0):
        assert found[-1].state is last.new


def test_a_hundred_thousand_changes_are_a_few_bars() -> None:
    times = [number / 1000 for number in range(100_000)]
    assert len(list(bars(story(times), scale(), 100.0))) <= WIDTH + 2

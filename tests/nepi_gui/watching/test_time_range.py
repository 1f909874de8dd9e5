"""The part of a run's time that is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.watching.time_range import SHORTEST, TimeRange


@pytest.fixture
def seen(qapp: object) -> TimeRange:
    return TimeRange()


def test_at_first_the_whole_run_is_seen(seen: TimeRange) -> None:
    assert seen.is_following
    assert seen.within(100.0, 160.0) == (100.0, 160.0)


def test_the_last_seconds_are_followed(seen: TimeRange) -> None:
    seen.follow(10.0)
    assert seen.within(100.0, 160.0) == (150.0, 160.0)
    assert seen.within(100.0, 170.0, grows=True) == (160.0, 170.0)


def test_a_part_stays(seen: TimeRange) -> None:
    seen.show(110.0, 120.0)
    assert not seen.is_following
    assert seen.within(100.0, 160.0) == seen.within(100.0, 9000.0, grows=True) == (110.0, 120.0)


def test_nothing_is_shorter_than_can_be_seen(seen: TimeRange) -> None:
    seen.show(110.0, 90.0)
    assert seen.within(0.0, 1.0) == (110.0, 110.0 + SHORTEST)
    seen.follow()
    assert seen.within(5.0, 5.0) == (5.0, 5.0 + SHORTEST)


def test_only_what_is_new_is_told(seen: TimeRange, qtbot: object) -> None:
    told: list[str] = []
    seen.changed.connect(lambda: told.append("changed"))
    seen.linked_changed.connect(lambda: told.append("linked"))
    seen.show(1.0, 2.0)
    seen.show(1.0, 2.0)
    seen.link(False)
    seen.link(False)
    seen.follow()
    assert told == ["changed", "linked", "changed"]


@given(st.floats(0, 1e6), st.floats(0, 1e5))
def test_a_run_that_goes_on_has_room_and_seldom_another_place(length: float, more: float) -> None:
    seen = TimeRange()
    _, end = seen.within(0.0, length, grows=True)
    _, later = seen.within(0.0, length + more, grows=True)
    assert end > length
    assert later >= end
    assert end <= max(2.0, length * 1.6)

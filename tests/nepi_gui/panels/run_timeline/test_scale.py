"""Places of moments, and times as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.panels.run_timeline.scale import TimeScale, axis_text, clock_text, length_text


@given(st.floats(0, 1e6), st.floats(0.001, 1e8), st.floats(1, 4000), st.floats(0, 1))
def test_a_place_is_the_moment_that_stands_there(begin: float, length: float, width: float, part: float) -> None:
    scale = TimeScale(0.0, begin, begin + length, 50.0, width)
    x = 50.0 + part * width
    assert scale.x(scale.time(x)) == pytest.approx(x, abs=0.01)


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e9), st.floats(1, 4000))
def test_numbers_stand_apart(begin: float, length: float, width: float) -> None:
    scale = TimeScale(0.0, begin, begin + length, 0.0, width)
    ticks = list(scale.ticks())
    assert len(ticks) <= width / 60 + 2
    assert all(axis_text(seconds, scale.step) for seconds, _ in ticks)


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (0.0, 5.0, "0 s"),
        (2.5, 0.5, "2.5 s"),
        (0.0125, 0.0005, "0.0125 s"),
        (90.0, 30.0, "90 s"),
        (125.0, 5.0, "2:05"),
        (125.25, 0.05, "2:05.25"),
        (179.9996, 0.001, "3:00.000"),
        (3725.0, 60.0, "1:02:05"),
        (-130.0, 10.0, "-2:10"),
    ],
)
def test_numbers_at_the_axis(seconds: float, step: float, text: str) -> None:
    assert axis_text(seconds, step) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0351, "35.1 ms"), (4.219, "4.22 s"), (185.0, "3 min 5 s"), (7800.0, "2 h 10 min")],
)
def test_lengths(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


def test_a_damaged_time_has_no_clock() -> None:
    assert clock_text(1.7e9).count(":") == 2
    assert clock_text(float("inf")) == ""

"""Attribute values in few words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.description import ResourceDescription
from nepi_gui.document.units import in_unit
from nepi_gui.document.values import says, short_values


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, []),
        ({"delay": 10.0}, ["10 ms"]),
        ({"delay": 0.0, "up": False}, []),
        ({"loss": 1.0}, ["loss 1 %"]),
        ({"delay": 10.0, "jitter": 2.0}, ["delay 10 ms", "jitter 2 ms"]),
        ({"rate": 5.0, "delay": 10.0, "loss": 0.25, "queue": 20}, ["5 Mbit/s", "10 ms", "loss 0.25 %"]),
        ({"no such": 3}, []),
    ],
)
def test_numbers_that_were_set(values, words):
    assert short_values(ResourceDescription(1, "netns::Link", values)) == words


def test_of_an_unknown_type_nothing_is_told():
    assert short_values(ResourceDescription(1, "no::Such", {"delay": 3})) == []


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("10 ms", True),
        ("slow (10 ms)", True),
        ("10 ms, lossy", True),
        ("110 ms", False),
        ("2.10 ms", False),
        ("-10 ms", False),
        ("10 msgs", False),
        ("", False),
    ],
)
def test_what_a_label_says_already(label, said):
    assert says(label, "10 ms") is said
    assert says("loss 1 %", "1 %")


@pytest.mark.parametrize(
    ("typed", "unit", "kept"),
    [
        ("1.5 s", "ms", "1500"),
        ("3 us", "ms", "0.003"),
        ("7", "ms", "7"),
        ("7 apples", "ms", "7 apples"),
        (f"{'9' * 5000} s", "ms", f"{'9' * 5000} s"),
        ("-1.55e999 us", "s", f"-155{'0' * 991}"),
    ],
)
def test_units(typed, unit, kept):
    assert in_unit(typed, unit) == kept


@given(st.from_regex(r"[-+]?[0-9]{1,400}(\.[0-9]{1,400})?(e[-+]?[0-9]{1,3})? ?(us|s|h)", fullmatch=True))
def test_no_number_breaks_the_units(typed):
    assert in_unit(typed, "min")

"""Numbers, times and sizes as a reader would write them."""

from __future__ import annotations

import math

import pytest

from nepi_core.report.words import clean, duration, moment, number, scale, shortened, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0351, "35.1 ms"),
        (0.9999, "1 s"),
        (4.2, "4.2 s"),
        (59.99, "60 s"),
        (99.96, "1 min 40 s"),
        (7830, "2 h 10 min"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds).replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (math.nan, "\N{EN DASH}"),
        (1234567, "1,234,567"),
        (1234.5, "1,234"),
        (2.4, "2.400"),
        (0.04007, "0.04007"),
        (-0.000012, "-1.200e-05"),
        (1e300, "1.000e+300"),
    ],
)
def test_number(value, text):
    assert number(value) == text


def test_scale():
    assert scale("bit/s", 9.4e9) == (1e9, "Gbit/s")
    assert scale("bit/s", 12) == (1.0, "bit/s")
    assert scale("Mbit/s", 19_300) == (1e3, "Gbit/s")
    assert scale("Mbit/s", 193) == (1.0, "Mbit/s")
    assert scale("B", 5e9) == (1e9, "GB")
    assert scale("ms", 1e9) == (1.0, "ms")
    assert size(1234).replace("\xa0", " ") == "1.23 kB"


def test_clean():
    assert clean("\x1b[1;31mred\x1b[0m \x00\ud800\u202e end\n") == "red \ufffd\ufffd\ufffd end\n"
    assert clean(5) == 5


def test_shortened():
    assert shortened("abc", 3) == "abc"
    assert shortened("abcdef", 3) == "abc … (6 characters)"


@pytest.mark.parametrize("nothing", [None, "x", math.nan, math.inf, 1e300])
def test_moment_of_nonsense(nothing):
    assert moment(nothing) == ""

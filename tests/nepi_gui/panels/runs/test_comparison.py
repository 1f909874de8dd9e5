"""The table that compares runs: numbers of a row in the same way, units by themselves, names that can be read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from nepi_gui.appearance import Appearance
from nepi_gui.panels.runs.comparison_model import Column, ComparisonModel
from nepi_gui.panels.runs.row_numbers import RowNumbers, common_scale
from nepi_gui.plots.series import SeriesKey
from nepi_gui.runs.comparing import ComparedSeries, Interval

RATE, LABEL = SeriesKey(3, "stdout", "rate"), "client"


def compared(
    run: str, value: float, half: float, difference: Interval | None = None, unit: str = "ms"
) -> ComparedSeries:
    mean = Interval(value, value - half, value + half)
    return ComparedSeries(RATE, LABEL, unit, run, 1234, mean, value, value / 10, 2 * value, difference)


def texts(*rows: ComparedSeries) -> list[list[str]]:
    parent = QObject()
    model = ComparisonModel(Appearance("light"), {}, parent)
    model.show(rows)
    return [[model.index(row, column).data() for column in Column] for row in range(len(rows))]


@pytest.mark.parametrize(
    ("value", "half", "mean", "median"),
    [
        (604.1, 142.0, "604 ± 140", "604"),
        (604.123, 1.44, "604.1 ± 1.4", "604.1"),
        (0.60412, 0.0144, "0.604 ± 0.014", "0.604"),
        (12345.6, 900.0, "12,346 ± 900", "12,346"),
        (5.0, 0.0, "5.00 ± 0.00", "5.00"),
        (5.0, 1e-9, "5.0000 ± 0.0000", "5.0000"),
        (5.0, math.nan, "5.00", "5.00"),
        (2e-7, 1e-8, "2e-07 ± 1e-08", "2e-07"),
        (math.nan, math.nan, "-", "-"),
    ],
)
def test_numbers_of_a_row(qapp: QApplication, value: float, half: float, mean: str, median: str) -> None:
    (row,) = texts(compared("one", value, half))
    assert (row[Column.MEAN], row[Column.MEDIAN], row[Column.UNIT]) == (mean, median, "ms")


def test_large_numbers_of_a_series_have_one_prefix_which_stands_with_the_unit(qapp: QApplication) -> None:
    difference = Interval(-89.5e6, -91e6, -88e6)
    rows = compared("one", 94.13e6, 1.2e6, unit="bit/s"), compared("two", 4.6e6, 0.21e6, difference, "bit/s")
    first, second = texts(*rows)
    assert first == [f"{LABEL} rate", "one", "Mbit/s", "1,234", "94.1 ± 1.2", "94.1", "9.4", "188.3", ""]
    assert second[:2] == ["", "two"]
    assert (second[Column.MEAN], second[Column.LOW]) == ("4.60 ± 0.21", "0.46")
    assert second[Column.DIFFERENCE] == "-89.50 (-91.00 to -88.00)"


def test_names_are_safe_and_whole_in_the_tool_tip(qapp: QApplication) -> None:
    parent = QObject()
    model = ComparisonModel(Appearance("light"), {}, parent)
    model.show([ComparedSeries(RATE, "<b>a\nb", "", "one", 0, Interval(1, 1, 1), 1, 1, 1, None)])
    index = model.index(0, Column.SERIES)
    assert index.data() == "<b>a b rate"
    assert "&lt;b&gt;a b rate" in index.data(Qt.ItemDataRole.ToolTipRole)


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(values=st.lists(numbers, max_size=4), half=numbers, value=numbers)
def test_any_number_has_a_text(values: list[float], half: float, value: float) -> None:
    scale, prefix = common_scale(values)
    told = RowNumbers.of(values, half, scale)
    assert prefix in ("", "M", "G", "T")
    assert told.text(value)
    assert not told.signed(0.0).startswith(("+", "-"))

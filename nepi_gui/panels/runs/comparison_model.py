"""The comparison of runs as Qt's tables take it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.runs.row_numbers import RowNumbers, common_scale
from nepi_gui.plots.series import SeriesKey
from nepi_gui.runs.comparing import ComparedSeries, Interval
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """A column of the table."""

    SERIES = 0
    RUN = 1
    UNIT = 2
    COUNT = 3
    MEAN = 4
    MEDIAN = 5
    LOW = 6
    HIGH = 7
    DIFFERENCE = 8


class ComparisonModel(QAbstractTableModel):
    """Series of runs in rows.

    Args:
        names: what runs are called, by the names of their folders.
    """

    def __init__(self, appearance: Appearance, names: Mapping[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._names = names
        self._rows: Sequence[ComparedSeries] = ()
        self._scales: dict[SeriesKey, tuple[float, str]] = {}

    def show(self, rows: Sequence[ComparedSeries]) -> None:
        """List these instead of others."""
        self.beginResetModel()
        self._rows = rows
        values: dict[SeriesKey, list[float]] = {}
        for row in rows:
            values.setdefault(row.key, []).extend((row.mean.value, row.median, row.low, row.high))
        self._scales = {key: common_scale(each) for key, each in values.items()}
        self.endResetModel()

    @property
    def rows(self) -> Sequence[ComparedSeries]:
        """What is listed."""
        return self._rows

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _series_text(row) if column is Column.SERIES else self._text(index.row(), column)
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.SERIES:
            return plain_tool_tip(_series_text(row))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column is Column.DIFFERENCE and row.difference is not None:
            return QColor(self._appearance.theme.text if _is_clear(row.difference) else self._appearance.theme.muted)
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.DIFFERENCE and row.difference is not None:
            return _verdict(row.difference)
        return None

    def _text(self, number: int, column: Column) -> str:
        row = self._rows[number]
        scale, prefix = self._scales[row.key]
        numbers = RowNumbers.of((row.mean.value, row.median, row.low, row.high), _half(row.mean), scale)
        match column:
            case Column.SERIES:
                is_first = not number or self._rows[number - 1].key != row.key
                return _series_text(row) if is_first else ""
            case Column.RUN:
                return self._names.get(row.run, row.run)
            case Column.UNIT:
                return f"{prefix}{row.unit}"
            case Column.COUNT:
                return f"{row.count:,}"
            case Column.MEAN:
                return _interval_text(row.mean, numbers)
            case Column.DIFFERENCE:
                return "" if row.difference is None else _difference_text(row.difference, numbers)
        return numbers.text({Column.MEDIAN: row.median, Column.LOW: row.low, Column.HIGH: row.high}[column])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (
            translate("Runs", "Series"),
            translate("Runs", "Run"),
            translate("Runs", "Unit"),
            translate("Runs", "Samples"),
            translate("Runs", "Mean"),
            translate("Runs", "Median"),
            translate("Runs", "5 %"),
            translate("Runs", "95 %"),
            translate("Runs", "Difference (95 % interval)"),
        )[section]


def _alignment(column: Column) -> int:
    flags = Qt.AlignmentFlag
    side = flags.AlignLeft if column in (Column.SERIES, Column.RUN, Column.UNIT) else flags.AlignRight
    return int(side | flags.AlignVCenter)


def _series_text(row: ComparedSeries) -> str:
    return " ".join(f"{row.label} {row.key.series}".split())


def _half(interval: Interval) -> float:
    """Return half of the width of an interval; NaN when there is none."""
    return (interval.high - interval.low) / 2


def _interval_text(interval: Interval, numbers: RowNumbers) -> str:
    value, half = numbers.text(interval.value), float(f"{_half(interval):.2g}")  # more of it says nothing
    return value if math.isnan(half) else f"{value} ± {numbers.text(half)}"


def _difference_text(interval: Interval, numbers: RowNumbers) -> str:
    if math.isnan(interval.low):
        return numbers.signed(interval.value)
    between = translate("Runs", "{0} ({1} to {2})")
    return between.format(*map(numbers.signed, interval))


def _is_clear(interval: Interval) -> bool:
    """Tell whether a difference is more than chance: its interval leaves zero out."""
    return not interval.low <= 0 <= interval.high and not math.isnan(interval.low)


def _verdict(interval: Interval) -> str:
    if math.isnan(interval.low):
        return translate("Runs", "There are too few samples to tell whether that is more than chance.")
    if _is_clear(interval):
        return translate("Runs", "The interval leaves zero out: that is more than chance.")
    return translate("Runs", "The interval holds zero: that may be chance.")

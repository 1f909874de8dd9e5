"""The comparison of runs as Qt's tables take it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from nepi_gui.appearance import Appearance
from nepi_gui.number_text import number_text
from nepi_gui.runs.comparing import ComparedSeries, Interval
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """A column of the table."""

    SERIES = 0
    RUN = 1
    COUNT = 2
    MEAN = 3
    MEDIAN = 4
    LOW = 5
    HIGH = 6
    DIFFERENCE = 7


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

    def show(self, rows: Sequence[ComparedSeries]) -> None:
        """List these instead of others."""
        self.beginResetModel()
        self._rows = rows
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
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column is Column.DIFFERENCE and row.difference is not None:
            return QColor(self._appearance.theme.text if _is_clear(row.difference) else self._appearance.theme.muted)
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.DIFFERENCE and row.difference is not None:
            return _verdict(row.difference)
        return None

    def _text(self, number: int, column: Column) -> str:
        row = self._rows[number]
        match column:
            case Column.SERIES:
                is_first = not number or self._rows[number - 1].key != row.key
                return _series_text(row) if is_first else ""
            case Column.RUN:
                return self._names.get(row.run, row.run)
            case Column.COUNT:
                return f"{row.count:,}"
            case Column.MEAN:
                return _interval_text(row.mean)
            case Column.DIFFERENCE:
                return "" if row.difference is None else _difference_text(row.difference)
        return number_text({Column.MEDIAN: row.median, Column.LOW: row.low, Column.HIGH: row.high}[column])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (
            translate("Runs", "Series"),
            translate("Runs", "Run"),
            translate("Runs", "Samples"),
            translate("Runs", "Mean"),
            translate("Runs", "Median"),
            translate("Runs", "5 %"),
            translate("Runs", "95 %"),
            translate("Runs", "Difference (95 % interval)"),
        )[section]


def _alignment(column: Column) -> int:
    flags = Qt.AlignmentFlag
    side = flags.AlignLeft if column in (Column.SERIES, Column.RUN) else flags.AlignRight
    return int(side | flags.AlignVCenter)


def _series_text(row: ComparedSeries) -> str:
    unit = f" [{row.unit}]" if row.unit else ""
    return f"{row.label} {row.key.series}{unit}"


def _interval_text(interval: Interval) -> str:
    half = (interval.high - interval.low) / 2
    value = number_text(interval.value)
    return value if math.isnan(half) else f"{value} ± {half:.2g}"


def _difference_text(interval: Interval) -> str:
    if math.isnan(interval.low):
        return _signed(interval.value)
    between = translate("Runs", "{0} ({1} to {2})")
    return between.format(*map(_signed, interval))


def _signed(number: float) -> str:
    return f"+{number_text(number)}" if number > 0 else number_text(number)


def _is_clear(interval: Interval) -> bool:
    """Tell whether a difference is more than chance: its interval leaves zero out."""
    return not interval.low <= 0 <= interval.high and not math.isnan(interval.low)


def _verdict(interval: Interval) -> str:
    if math.isnan(interval.low):
        return translate("Runs", "There are too few samples to tell whether that is more than chance.")
    if _is_clear(interval):
        return translate("Runs", "The interval leaves zero out: that is more than chance.")
    return translate("Runs", "The interval holds zero: that may be chance.")

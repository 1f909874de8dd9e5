"""The series of a run as a tree: resources, their traces, the series with their last values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from itertools import groupby

from PySide6.QtCore import QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from nepi_gui import icons
from nepi_gui.number_text import number_with_unit
from nepi_gui.plots.dragging import MIME, series_drag
from nepi_gui.plots.series import SeriesInfo, SeriesKey

_Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What an entry tells beside its text."""

    KEYS = Qt.ItemDataRole.UserRole + 1
    """All series at or below it, as a tuple of keys."""
    INFO = Qt.ItemDataRole.UserRole + 2
    """The `SeriesInfo` of a series; None for others."""


class SeriesModel(QStandardItemModel):
    """Series that can be dragged, in two columns: name, and last value.

    Args:
        last_value: tells the last value of a series.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last_value: Callable[[SeriesKey], float] | None = None

    def show(
        self, series: Iterable[SeriesInfo], icon_of: Callable[[int], str], last_value: Callable[[SeriesKey], float]
    ) -> None:
        """List other series.

        Args:
            series: in the order of their resources and traces.
            icon_of: tells the name of a resource's icon.
            last_value: tells the last value of a series; asked only for those that are seen.
        """
        self.clear()
        self.setColumnCount(2)
        self._last_value = last_value
        for guid, of_resource in groupby(series, key=lambda each: each.key.guid):
            infos = list(of_resource)
            heading = _row(infos[0].owner, infos, icons.icon(icon_of(guid)))
            font = heading[0].font()
            font.setBold(True)
            heading[0].setFont(font)
            for trace, of_trace in groupby(infos, key=lambda each: each.key.trace):
                inside = list(of_trace)
                branch = _row(trace, inside)
                for info in inside:
                    branch[0].appendRow(_leaf(info))
                heading[0].appendRow(branch)
            self.appendRow(heading)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if index.column() == 1:
            info = index.sibling(index.row(), 0).data(Role.INFO)
            if role == Qt.ItemDataRole.DisplayRole and info is not None and self._last_value is not None:
                value = self._last_value(info.key)
                return number_with_unit(value, info.unit) if value == value else info.unit
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return super().data(index, role)

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[_Index]) -> QMimeData:
        keys = [key for index in indexes if index.column() == 0 for key in index.data(Role.KEYS) or ()]
        return series_drag(dict.fromkeys(SeriesKey(*key) for key in keys))


def _row(text: str, infos: Sequence[SeriesInfo], icon: object = None) -> list[QStandardItem]:
    item, value = QStandardItem(text), QStandardItem()
    if icon is not None:
        item.setIcon(icon)  # type: ignore[arg-type]
    item.setData(tuple(each.key for each in infos), Role.KEYS)
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
    item.setFlags(flags)
    value.setFlags(flags)
    return [item, value]


def _leaf(info: SeriesInfo) -> list[QStandardItem]:
    row = _row(info.key.series, [info])
    row[0].setData(info, Role.INFO)
    for each in row:
        each.setToolTip(f"{info.help} ({info.unit})" if info.help and info.unit else info.help or info.unit)
    return row

"""The legend of a plot: its curves with their values, beside each other in few rows, with keys of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from nepi_gui.number_text import number_with_unit
from nepi_gui.plots.curves import Curve

_Index = QModelIndex | QPersistentModelIndex
_NAME, _VALUE = 0, 1
_SWATCH = QSize(14, 12)
_VALUE_ROOM = "00.00"
_BESIDE = 46  # pixels that check box and swatch take
_GAP = 10  # pixels between two entries
_NARROWEST = 180
_ROWS = 2  # that there is room for also in a low plot


class LegendModel(QAbstractTableModel):
    """Curves as rows: name with colour, and a value.

    Signals:
        switched: a curve was shown or hidden.
    """

    switched = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._curves: list[Curve] = []
        self._colours: list[QColor] = []
        self._values: list[str] = []

    def show(self, curves: Sequence[Curve], colours: Sequence[QColor]) -> None:
        """List other curves."""
        self.beginResetModel()
        self._curves, self._colours, self._values = list(curves), list(colours), [""] * len(curves)
        self.endResetModel()

    def show_values(self, values: Sequence[str]) -> None:
        """Show other values."""
        if self._curves and list(values) != self._values:
            self._values = list(values)
            self.dataChanged.emit(self.index(0, _NAME), self.index(len(self._curves) - 1, _VALUE))

    def curve(self, index: _Index) -> Curve:
        """Return the curve of a row."""
        return self._curves[index.row()]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._curves)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 2

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == _NAME else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        curve, is_name = self._curves[index.row()], index.column() == _NAME
        if role == Qt.ItemDataRole.DisplayRole:
            return curve.name if is_name else self._values[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{curve.name} ({curve.unit})" if curve.unit else curve.name
        if role == Qt.ItemDataRole.TextAlignmentRole and not is_name:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DecorationRole and is_name:
            return _swatch(self._colours[index.row()].rgba())
        if role == Qt.ItemDataRole.CheckStateRole and is_name:
            return Qt.CheckState.Checked if curve.is_visible else Qt.CheckState.Unchecked
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self._curves[index.row()].is_visible = Qt.CheckState(value) is Qt.CheckState.Checked
        self.dataChanged.emit(index, index)
        self.switched.emit()
        return True


class _Entries(QStyledItemDelegate):
    """Draws a curve's name with its value behind; what is too long is cut out of the name."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        value = index.model().index(index.row(), _VALUE).data()
        metrics, rect = option.fontMetrics, option.rect
        room = rect.width() - _BESIDE - (metrics.horizontalAdvance(f"  {value}") if value else 0)
        curve = _legend_of(self).curves.curve(index)
        run = f" ({curve.of_run})" if curve.of_run else ""  # it tells apart what is compared: the name gives way first
        name = metrics.elidedText(
            option.text.removesuffix(run), Qt.TextElideMode.ElideMiddle, room - metrics.horizontalAdvance(run)
        )
        name = metrics.elidedText(name + run, Qt.TextElideMode.ElideMiddle, room)
        option.text = f"{name}  {value}" if value else name

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        legend = _legend_of(self)
        curve, metrics = legend.curves.curve(index), legend.fontMetrics()
        wanted = metrics.horizontalAdvance(f"{curve.name}  {_VALUE_ROOM} {curve.unit}") + _BESIDE + _GAP
        part = 1 if curve.of_run else 2  # what tells the runs apart is to be read
        most = max(legend.viewport().width() // part, _NARROWEST)
        return QSize(min(wanted, most), max(metrics.height(), legend.iconSize().height()) + 3)


def _legend_of(entries: _Entries) -> Legend:
    legend = entries.parent()
    assert isinstance(legend, Legend)
    return legend


class Legend(QListView):
    """Shows a `LegendModel`; a curve that is selected is drawn strong.

    Signals:
        picked: other curves are selected.
        removed: the user takes these curves away.
        asked: the menu is to open for these curves, at a point of the screen.
    """

    picked = Signal()
    removed = Signal(object)
    asked = Signal(object, QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.curves = LegendModel(self)
        self.setModel(self.curves)
        self.setItemDelegate(_Entries(self))
        self.setAccessibleName(self.tr("Legend"))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIconSize(_SWATCH)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.customContextMenuRequested.connect(self._ask)
        self.selectionModel().selectionChanged.connect(self.picked)

    def fit(self, most: int) -> None:
        """Be as high as all rows are, or about as many as there is room for, at least two: the rest can be scrolled.

        Args:
            most: pixels that it may take.
        """
        width = self.width()
        sizes = [self.sizeHintForIndex(self.curves.index(row, _NAME)) for row in range(self.curves.rowCount())]
        line = max((size.height() for size in sizes), default=self.fontMetrics().height() + 2)
        rows, left = 1, 0
        for size in sizes:
            if left and left + size.width() > width:
                rows, left = rows + 1, 0
            left += size.width()
        shown = min(rows, max(round(most / line), _ROWS))
        policy = Qt.ScrollBarPolicy
        # One that is not needed would come all the same while the rows are laid out, and take room.
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if shown == rows else policy.ScrollBarAlwaysOn)
        self.setFixedHeight(line * shown)

    def chosen(self) -> list[Curve]:
        """Return the curves that are selected."""
        return [self.curves.curve(index) for index in self.selectionModel().selectedIndexes()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.chosen())
        else:
            super().keyPressEvent(event)

    def _ask(self, place: QPoint) -> None:
        self.asked.emit(self.chosen(), self.viewport().mapToGlobal(place))


def value_text(bounds: tuple[float, float], unit: str) -> str:
    """Return the values around a time as the legend tells them; "" for none."""
    low, high = bounds
    if math.isnan(low):
        return ""
    if low == high:
        return number_with_unit(low, unit)
    return f"{low:.3g}–{high:.3g} {unit}".rstrip()  # noqa: RUF001 - a dash


@lru_cache(64)
def _swatch(colour: int) -> QPixmap:
    picture = QPixmap(_SWATCH)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.fillRect(0, 3, _SWATCH.width(), 6, QColor.fromRgba(colour))
    painter.end()
    return picture

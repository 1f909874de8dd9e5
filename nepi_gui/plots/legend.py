"""The legend of a plot: its curves with their values, as a list with keys of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView, QWidget

from nepi_gui.plots.curves import Curve

_Index = QModelIndex | QPersistentModelIndex
_NAME, _VALUE = 0, 1
_SWATCH = QSize(18, 12)


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
            self.dataChanged.emit(self.index(0, _VALUE), self.index(len(self._curves) - 1, _VALUE))

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
            return _swatch(self._colours[index.row()])
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


class Legend(QTreeView):
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
        self.setAccessibleName(self.tr("Legend"))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIconSize(_SWATCH)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.header().setMinimumSectionSize(20)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(_VALUE, QHeaderView.ResizeMode.Fixed)
        self.header().resizeSection(_VALUE, self.fontMetrics().horizontalAdvance("00.00-00.00 Mbit/s") + 8)
        self.customContextMenuRequested.connect(self._ask)
        self.selectionModel().selectionChanged.connect(self.picked)

    def chosen(self) -> list[Curve]:
        """Return the curves that are selected."""
        return [self.curves.curve(index) for index in self.selectionModel().selectedRows()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.chosen())
        else:
            super().keyPressEvent(event)

    def _ask(self, place: QPoint) -> None:
        self.asked.emit(self.chosen(), self.viewport().mapToGlobal(place))


def _swatch(colour: QColor) -> QPixmap:
    picture = QPixmap(_SWATCH)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.fillRect(0, 4, _SWATCH.width(), 4, colour)
    painter.end()
    return picture

"""The steps of editing as Qt's lists take them, with the present moment and the saved one marked."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document.document import Document
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """A column of the list."""

    MARK = 0
    TEXT = 1


class HistoryModel(QAbstractTableModel):
    """One row for the beginning, then one for each step."""

    def __init__(self, document: Document, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._texts: list[str] = []
        self._bold = QFont()
        self._bold.setBold(True)

    @property
    def present(self) -> int:
        """The row of the present moment."""
        return self._document.history.done

    def refresh(self) -> None:
        """Look at the history again."""
        self.beginResetModel()
        self._texts = [self._beginning(), *self._document.history.texts()]
        self.endResetModel()

    def _beginning(self) -> str:
        path = self._document.path
        if path is None:
            return translate("History", "New experiment")
        return translate("History", "{0} opened").format(path.name)

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._texts)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, is_text = index.row(), index.column() == Column.TEXT
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts[row] if is_text else "▸" if row == self.present else ""
        if role == Qt.ItemDataRole.DecorationRole and is_text:
            return icons.icon("save") if self._is_saved(row) else None
        if role == Qt.ItemDataRole.ForegroundRole and row > self.present:
            return QColor(self._appearance.theme.muted)
        if role == Qt.ItemDataRole.FontRole and row == self.present:
            return self._bold
        if role == Qt.ItemDataRole.TextAlignmentRole and not is_text:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(self._words(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._words(row)
        return None

    def _is_saved(self, row: int) -> bool:
        return row == self._document.history.clean and self._document.path is not None

    def _words(self, row: int) -> str:
        """Return what a row says, with its marks and colours in words."""
        words = [self._texts[row]]
        if row == self.present:
            words.append(translate("History", "present moment"))
        if row > self.present:
            words.append(translate("History", "taken back"))
        if self._is_saved(row):
            words.append(translate("History", "as in the file"))
        return " · ".join(words)

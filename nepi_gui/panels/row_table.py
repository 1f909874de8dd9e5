"""The list that the panels at the bottom share: rows of a table, which stay fast by the ten thousand."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

_ROOM = 8


class RowTable(QTableView):
    """Rows that can be chosen one by one; the last column takes the room that is left.

    Signals:
        confirmed: the user has pressed Enter on a row.
    """

    confirmed = Signal(QModelIndex)

    def __init__(self, model: QAbstractItemModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # Qt then needs no look at each of them
        rows.setDefaultSectionSize(self.fontMetrics().height() + _ROOM)
        columns.setStretchLastSection(True)
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        for view in (self, self.horizontalHeader(), self.verticalHeader()):
            for each in view.findChildren(QItemSelectionModel, options=Qt.FindChildOption.FindDirectChildrenOnly):
                if each is not view.selectionModel():  # WORKAROUND: of the model before; Qt keeps it as long as this
                    each.deleteLater()

    def set_widths(self, *letters: int) -> None:
        """Make the first columns so many letters wide."""
        for column, number in enumerate(letters):
            self.setColumnWidth(column, self.fontMetrics().averageCharWidth() * number + 2 * _ROOM)

    def copy(self) -> None:
        """Put the chosen rows on the clipboard."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        columns = range(self.horizontalHeader().count())  # Qt's own lists do not tell it themselves
        lines = ["  ".join(str(self.model().index(row, each).data()) for each in columns) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()  # or else the window would do it with what is selected on the canvas
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() is QAbstractItemView.State.EditingState:
            event.accept()  # what ends an edit is done with
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.confirmed.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _is_own(event: QKeyEvent) -> bool:
    keys = QKeySequence.StandardKey
    is_deletion = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)  # of rows, which cannot be
    return is_deletion or event.matches(keys.Copy) or event.matches(keys.SelectAll)

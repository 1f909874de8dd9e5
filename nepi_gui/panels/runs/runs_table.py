"""The list of runs: keys for what can be done with a run, and a column whose texts can be edited."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from nepi_gui.panels.row_table import RowTable
from nepi_gui.panels.runs.runs_model import Column, RunsModel


class RunsTable(RowTable):
    """Shows runs.

    Signals:
        removal_wanted: the user has pressed Delete.
    """

    removal_wanted = Signal()

    def __init__(self, model: RunsModel, parent: QWidget) -> None:
        super().__init__(model, parent)
        self._runs = model
        self.setAccessibleName(self.tr("Runs"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        keys, click = QAbstractItemView.EditTrigger.EditKeyPressed, QAbstractItemView.EditTrigger.DoubleClicked
        self.setEditTriggers(keys | click)
        self.set_widths(18, 13, 10, 32)
        header = self.horizontalHeader()
        header.setSortIndicator(Column.BEGAN, Qt.SortOrder.DescendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setSortingEnabled(True)

    def choose(self, folders: Iterable[Path], current: Path | None) -> None:
        """Choose these runs, as far as they are listed, and put the cursor on one of them."""
        chosen = QItemSelection()
        for row in sorted(self._runs.row_of(folder) for folder in folders):
            if row >= 0:
                index = self._runs.index(row, 0)
                chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        wanted = flags.ClearAndSelect | flags.Rows
        if set(chosen.indexes()) != {each for each in self.selectionModel().selectedRows() if each.column() == 0}:
            self.selectionModel().select(chosen, wanted)
        row = self._runs.row_of(current) if current is not None else -1
        if row >= 0 and row != self.currentIndex().row():
            self.selectionModel().setCurrentIndex(self._runs.index(row, 0), flags.NoUpdate)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_F2
        ):
            event.accept()  # or else the window would have a resource renamed
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.removal_wanted.emit()
        elif event.key() == Qt.Key.Key_F2 and self.currentIndex().isValid():
            self.edit(self.currentIndex().siblingAtColumn(Column.NOTE))
        else:
            super().keyPressEvent(event)

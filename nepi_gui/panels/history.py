"""The steps that were done and can be taken back, in a list; a click goes to that moment."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from nepi_gui.editor import Editor
from nepi_gui.panels.history_model import Column, HistoryModel
from nepi_gui.panels.row_table import RowTable


class HistoryPanel(QWidget):
    """Lists the steps of editing."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._history = editor.document.history
        self.model = HistoryModel(editor.document, editor.appearance, self)
        self.table = RowTable(self.model, self)
        self.table.setAccessibleName(self.tr("Steps"))
        self.table.setSelectionMode(RowTable.SelectionMode.SingleSelection)
        self.table.horizontalHeader().hide()
        self.table.horizontalHeader().setMinimumSectionSize(8)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setColumnWidth(Column.MARK, 24)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.table)
        self.setFocusProxy(self.table)
        self.table.clicked.connect(self._choose)
        self.table.confirmed.connect(self._choose)
        self._history.changed.connect(self._refresh)
        editor.document.path_changed.connect(self._refresh)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        self.model.refresh()
        present = self.model.index(self.model.present, Column.TEXT)
        self.table.setCurrentIndex(present)
        self.table.scrollTo(present)

    def _choose(self, index: QModelIndex) -> None:
        self._history.go_to(index.row())

"""What differed between a run and the one before it, or between it and the experiment as it is now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QStackedWidget, QVBoxLayout, QWidget

from nepi_gui.background import Background
from nepi_gui.document.change import Change
from nepi_gui.editor import Editor
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.panels.row_table import RowTable
from nepi_gui.panels.runs.difference_list import DifferenceModel, Row, rows_against, rows_between
from nepi_gui.runs.descriptions import Descriptions

_PAUSE = 200  # ms between two looks while the document is edited


class DifferencePane(QWidget):
    """Shows all differences of one run.

    Attributes:
        other: what the run is compared with: the run before it, or the experiment as it is now.
    """

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor = editor
        self._run: Path | None = None
        self._before: Path | None = None
        self._descriptions = Descriptions()
        self._background = Background(self)
        self.model = DifferenceModel(self)
        self.other = QComboBox(self)
        self.other.setAccessibleName(self.tr("What the run is compared with"))
        self.other.addItem(self.tr("Run before → this run"))
        self.other.addItem(self.tr("This run → experiment as it is now"))
        self.table = RowTable(self.model, self)
        self.table.setAccessibleName(self.tr("Differences"))
        self.table.set_widths(12, 16, 10)
        self._nothing = QLabel(self)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.other)
        layout.addWidget(self._pages)
        self._refreshing = Refreshing(self, self.refresh, _PAUSE)
        self.other.currentIndexChanged.connect(self._refreshing.at_once)
        self.table.clicked.connect(self._reveal)
        self.table.confirmed.connect(self._reveal)
        self._background.finished.connect(self._take)
        self._background.failed.connect(self._say)
        editor.document.changed.connect(self._on_change)

    def show_run(self, run: Path | None, before: Path | None) -> None:
        """Show the differences of another run.

        Args:
            run: its folder; None for none.
            before: folder of the run before it; None when it is the first one.
        """
        if (run, before) != (self._run, self._before):
            self._run, self._before = run, before
            self._refreshing.soon()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.shown()

    def _on_change(self, change: Change) -> None:
        if self._is_with_document:
            self._refreshing.soon()

    @property
    def _is_with_document(self) -> bool:
        return self.other.currentIndex() == 1

    def refresh(self) -> None:
        """Look again what differs, in the background."""
        self._background.cancel()
        if self._run is None:
            self._say(self.tr("Choose a run to see what differed."))
        elif self._is_with_document:
            present = self._editor.document.freeze()
            self._background.run(partial(rows_against, self._descriptions, self._run, present))
        elif self._before is None:
            self._say(self.tr("This is the first run."))
        else:
            self._background.run(partial(rows_between, self._descriptions, self._before, self._run))

    def _take(self, rows: list[Row] | None) -> None:
        if rows is None:
            self._say(self.tr("The experiment of one of them is missing or damaged."))
        elif not rows:
            self._say(self.tr("The same experiment."))
        else:
            self.model.show(rows)
            self._pages.setCurrentWidget(self.table)

    def _say(self, sentence: str) -> None:
        self.model.show(())
        self._nothing.setText(sentence)
        self._pages.setCurrentWidget(self._nothing)

    def _reveal(self, index: QModelIndex) -> None:
        guid = self.model.guid(index.row())
        if guid in self._editor.document.description.resources:
            self._editor.reveal(guid)

    def close_differences(self) -> None:
        """End what goes on in the background."""
        self._background.close()

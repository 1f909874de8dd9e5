"""What a capture holds: how much, of which protocols, and who talked with whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from nepi_gui.captures.tally import Summary
from nepi_gui.panels.row_table import RowTable
from nepi_gui.panels.traces.capture_models import (
    SORTED_BY,
    conversation_rows,
    conversations_model,
    protocol_rows,
    protocols_model,
    summary_text,
)
from nepi_gui.panels.traces.capture_reader import CaptureReader

_BYTES_THERE = 4  # the column that conversations are sorted by at first


class CaptureView(QWidget):
    """Shows the summary of a capture; it is worked out while it is seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._is_awake = False
        self.reader = CaptureReader(self)
        self.told = QLabel(self)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.notice = QLabel(self)
        self.notice.setWordWrap(True)
        self.notice.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._protocols = protocols_model(self)
        self._conversations = conversations_model(self)
        self.protocols = RowTable(self._protocols, self)
        self.protocols.setAccessibleName(self.tr("Protocols"))
        self.protocols.set_widths(14, 8)
        order = _Order(self)
        order.setSourceModel(self._conversations)
        self.conversations = RowTable(order, self)
        self.conversations.setAccessibleName(self.tr("Conversations"))
        self.conversations.set_widths(7, 16, 16, 8, 9, 8, 9, 8)
        self.conversations.setSortingEnabled(True)
        self.conversations.sortByColumn(_BYTES_THERE, Qt.SortOrder.DescendingOrder)
        self._lay_out()
        self.reader.counted.connect(self._show)
        self.reader.failed.connect(self._tell)

    def _lay_out(self) -> None:
        tables = QSplitter(Qt.Orientation.Horizontal, self)
        tables.addWidget(self.protocols)
        tables.addWidget(self.conversations)
        tables.setStretchFactor(0, 1)
        tables.setStretchFactor(1, 3)
        tables.setSizes([360, 640])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.told)
        layout.addWidget(self.notice)
        layout.addWidget(tables, 1)
        self.setFocusProxy(self.conversations)

    def show_file(self, path: Path | None) -> None:
        """Sum up another capture, or none."""
        self._path = path
        self._protocols.show([])
        self._conversations.show([])
        self._tell(self.tr("Reading…") if path is not None else "")
        self.reader.read(path if self._is_awake else None)

    def wake(self) -> None:
        """Sum it up, now that somebody sees it."""
        if not self._is_awake:
            self._is_awake = True
            self.reader.read(self._path)

    def rest(self) -> None:
        """Do nothing, since nobody sees it."""
        self._is_awake = False
        self.reader.close()

    def _show(self, summary: Summary) -> None:
        self.told.setText(summary_text(summary))
        notices = [summary.problem]
        if summary.left_out.packets:
            text = self.tr("{0} packets are of conversations that are not listed, or of none.")
            notices.append(text.format(f"{summary.left_out.packets:,}"))
        self.notice.setText(" ".join(filter(None, notices)))
        self.notice.setVisible(bool(self.notice.text()))
        self._protocols.show(protocol_rows(summary))
        self._conversations.show(conversation_rows(summary))

    def _tell(self, sentence: str) -> None:
        self.told.setText(sentence)
        self.notice.clear()
        self.notice.hide()


class _Order(QSortFilterProxyModel):
    """Sorts numbers by their value, and texts as they are."""

    def lessThan(self, left: QModelIndex | QPersistentModelIndex, right: QModelIndex | QPersistentModelIndex) -> bool:
        first: Any = left.data(SORTED_BY)
        second: Any = right.data(SORTED_BY)
        return bool(first < second)

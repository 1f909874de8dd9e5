"""Questions and messages about a file that is to be opened: what is wrong with it, and which NEPI wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QMessageBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nepi_core.errors import NepiError
from nepi_gui.document.files import Reading

_MOST_SHOWN = 200


class DialectDialog(QDialog):
    """Asks which NEPI wrote a file, and shows what its conditions would mean.

    Attributes:
        dialect: the answer; "" as long as there is none.
    """

    def __init__(self, path: Path, reading: Reading, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dialect = ""
        self.setWindowTitle(self.tr("Which NEPI wrote {0}?").format(path.name))
        self.resize(760, 420)
        text = self.tr(
            "NEPI 3 and NEPI 6 count the states of resources differently, and the file does not say which of them "
            "wrote it. Which of these conditions are meant?"
        )
        question = QLabel(text)
        question.setWordWrap(True)
        rows = QVBoxLayout(self)
        rows.addWidget(question)
        self.table = self._table(reading.conditions())
        rows.addWidget(self.table, 1)
        rows.addWidget(self._buttons())

    def _table(self, conditions: list[tuple[str, ...]]) -> QTableWidget:
        table = QTableWidget(min(len(conditions), _MOST_SHOWN), 2)
        table.setAccessibleName(self.tr("Conditions in both meanings"))
        table.setHorizontalHeaderLabels([self.tr("If NEPI 3 wrote it"), self.tr("If NEPI 6 wrote it")])
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for row, meanings in enumerate(conditions[:_MOST_SHOWN]):
            for column, words in enumerate(meanings):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                table.setItem(row, column, item)
        return table

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.nepi3 = box.addButton(self.tr("NEPI &3"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.nepi6 = box.addButton(self.tr("NEPI &6"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.nepi3.clicked.connect(self._choose_nepi3)
        self.nepi6.clicked.connect(self._choose_nepi6)
        box.rejected.connect(self.reject)
        return box

    def _choose_nepi3(self) -> None:
        self.dialect = "nepi3"
        self.accept()

    def _choose_nepi6(self) -> None:
        self.dialect = "nepi6"
        self.accept()


def make_refusal(path: Path, error: NepiError, title: str, parent: QWidget | None) -> QMessageBox:
    """Return a message about a file that cannot be opened; it deletes itself when it is closed."""
    first, _, others = str(error).partition("\n")
    box = QMessageBox(QMessageBox.Icon.Critical, "NEPI-GUI", title.format(path.name), parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(first if not others else _short(str(error).splitlines()))
    if others:
        box.setDetailedText(str(error))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def _short(lines: Iterable[str], most: int = 4) -> str:
    kept = list(lines)
    return "\n".join(kept[:most] + (["…"] if len(kept) > most else []))

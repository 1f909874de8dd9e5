"""The documentation that lies beside the program, to be read in a window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QTextBrowser, QVBoxLayout, QWidget


class ManualDialog(QDialog):
    """A page of the documentation; links lead to the others."""

    def __init__(self, page: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 680)
        self.page = QTextBrowser(self)
        self.page.setAccessibleName(self.tr("Documentation"))
        self.page.setOpenExternalLinks(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        back = QPushButton(self.tr("&Back"), self)
        back.setShortcut(QKeySequence.StandardKey.Back)
        back.setEnabled(False)
        back.clicked.connect(self.page.backward)
        self.page.backwardAvailable.connect(back.setEnabled)
        self.page.sourceChanged.connect(self._show_title)
        buttons.addButton(back, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.addWidget(self.page)
        column.addWidget(buttons)
        self.page.setSource(QUrl.fromLocalFile(str(page)))

    def _show_title(self, source: QUrl) -> None:
        heading = self.page.document().firstBlock().text()
        self.setWindowTitle(heading or source.fileName())


def documentation() -> dict[str, Path]:
    """Return the pages that are there, in the checkout that the program runs from: by the name of what they are."""
    folder = Path(__file__).resolve().parents[2] / "docs"
    pages = {
        "tutorial": folder / "tutorial.md",
        "emulated-networks": folder / "how-to" / "emulated-networks.md",
        "topologies": folder / "how-to" / "topologies.md",
        "resource-types": folder / "reference" / "resource-types.md",
    }
    return {name: page for name, page in pages.items() if page.is_file()}

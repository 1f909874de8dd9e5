"""The small window in which a picture of the canvas is described."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from nepi_gui.canvas.export import SCALES, Kind, Wish


class PictureDialog(QDialog):
    """Asks what a picture is to be like.

    Signals:
        wanted: save it: with the `Wish`, and whether only what is selected is to be on it.
        copied: put it into the clipboard instead; with the same.

    Args:
        selected: how many things are selected; of several the picture is likely to be, one may be so by accident.
        has_run: a run is watched.
    """

    wanted = Signal(object, bool)
    copied = Signal(object, bool)

    def __init__(self, selected: int, parent: QWidget | None = None, has_run: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export a picture"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.kind = self._choice([("PNG", Kind.PNG), ("SVG", Kind.SVG), ("PDF", Kind.PDF)], self.tr("Format"))
        sizes = (self.tr("As on the screen"), self.tr("Twice as large"), self.tr("Four times as large"))
        self.scale = self._choice(list(zip(sizes, SCALES, strict=True)), self.tr("Size"))
        self.scale.setCurrentIndex(1)
        parts = [(self.tr("Everything"), False), (self.tr("What is selected"), True)]
        self.part = self._choice(parts if selected else parts[:1], self.tr("Shows"))
        self.part.setEnabled(selected > 0)
        self.part.setCurrentIndex(1 if selected > 1 else 0)
        themes = [(self.tr("Light, on white"), False), (self.tr("Dark"), True)]
        self.theme = self._choice(themes, self.tr("Colours"))
        self.transparent = QCheckBox(self.tr("&Transparent background"))
        self.states = QCheckBox(self.tr("States of the &run"))
        if not has_run:
            self.states.hide()
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._refresh)
        self.kind.setFocus()

    def _choice(self, entries: Sequence[tuple[str, object]], name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for text, meaning in entries:
            box.addItem(text, meaning)
        return box

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.addRow(self.tr("&Format:"), self.kind)
        form.addRow(self.tr("&Size:"), self.scale)
        form.addRow(self.tr("S&hows:"), self.part)
        form.addRow(self.tr("&Colours:"), self.theme)
        form.addRow(self.transparent)
        form.addRow(self.states)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save_button = buttons.addButton(self.tr("Save &as…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.copy_button = buttons.addButton(self.tr("C&opy"), QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.save_button.clicked.connect(self._save)
        self.copy_button.clicked.connect(self._copy)
        form.addRow(buttons)
        self.save_button.setDefault(True)  # of the dialog, which the button is in only now

    def _refresh(self) -> None:
        """Offer only what the format knows."""
        self.scale.setEnabled(self.kind.currentData() is Kind.PNG)
        self.transparent.setEnabled(self.kind.currentData() is not Kind.PDF)

    def wish(self) -> Wish:
        """Return what the picture is to be like."""
        transparent = self.transparent.isChecked() and self.transparent.isEnabled()
        kind, scale, is_dark = Kind(self.kind.currentData()), self.scale.currentData(), self.theme.currentData()
        return Wish(kind, scale, transparent, is_dark, self.states.isChecked())

    def _save(self) -> None:
        wish, part = self.wish(), self.part.currentData()
        self.accept()
        self.wanted.emit(wish, part)

    def _copy(self) -> None:
        wish, part = self.wish(), self.part.currentData()
        self.accept()
        self.copied.emit(wish, part)

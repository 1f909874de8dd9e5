"""The form for notes and areas of the canvas: their text, their colour, their size."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nepi_core.attribute import Attribute, Types
from nepi_core.errors import NepiError
from nepi_gui.appearance import Appearance
from nepi_gui.document import notes
from nepi_gui.document.attributes import Shown, check
from nepi_gui.document.document import Document
from nepi_gui.panels.form.colour_button import ColourButton
from nepi_gui.panels.form.page import PageField
from nepi_gui.panels.form.row import AttributeRow
from nepi_gui.translation import translate

_LARGEST = 100_000


class NotePage(QWidget):
    """Edits a note or area; of several, their colour.

    Attributes:
        numbers: which notes, from 0.
        rows: width and height.
    """

    def __init__(self, document: Document, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.numbers: list[int] = []
        self.title = QLabel(self)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.colour = ColourButton(appearance, self)
        self.text = PageField(Attribute("text"), self)
        self.text.setAccessibleName(self.tr("Text"))
        self.rows = {each.name: AttributeRow(each, appearance, self) for each in _sides()}
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.colour)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(head)
        whole.addWidget(self.text)
        width = max(row.label_width() for row in self.rows.values())
        for row in self.rows.values():
            row.set_label_width(width)
            row.committed.connect(self._resize)
            whole.addWidget(row)
        whole.addStretch()
        self.text.committed.connect(self._write)
        self.colour.chosen.connect(self._colour)

    def show_notes(self, numbers: Sequence[int]) -> None:
        """Show notes and areas, which all exist."""
        anew, self.numbers = list(numbers) != self.numbers, list(numbers)
        chosen = [self._document.description.canvas.notes[number] for number in numbers]
        first, is_one = chosen[0], len(chosen) == 1
        colours = {each.colour for each in chosen}
        self.colour.show_colour(first.colour if len(colours) == 1 else "")
        one = self.tr("Area") if first.kind == "area" else self.tr("Note")
        self.title.setText(one if is_one else self.tr("{0} notes and areas").format(len(chosen)))
        if anew:
            self.text.accept_value()
        self.text.show_value(Shown(first.text or None, bool(first.text)))
        self.text.setVisible(is_one)
        for name, row in self.rows.items():
            side = round(getattr(first, name), 1)
            row.show_value(Shown(side), "", anew)
            row.setVisible(is_one)

    def settle(self) -> None:
        """Take in what was typed."""
        self.text.settle()
        for row in self.rows.values():
            row.settle()

    # -- what the user does --------------------------------------------------------------------------

    def _present(self) -> list[int]:
        number = len(self._document.description.canvas.notes)
        return [each for each in self.numbers if each < number]

    def _write(self, text: object) -> None:
        self.text.accept_value()
        for number in self._present()[:1]:
            notes.set_text(self._document, number, str(text or ""))

    def _colour(self, colour: str) -> None:
        notes.set_colours(self._document, [-number - 1 for number in self._present()], colour)

    def _resize(self, name: str, value: object) -> None:
        row = self.rows[name]
        for number in self._present()[:1]:
            note = self._document.description.canvas.notes[number]
            sides = {"width": note.width, "height": note.height}
            try:
                sides[name] = float(check(row.attribute, value) or sides[name])
            except NepiError as error:
                row.refuse(str(error))
                return
            row.accept_value()
            notes.resize(self._document, number, notes.Box.around(note.x, note.y, (sides["width"], sides["height"])))
            row.show_value(Shown(sides[name]))


def _sides() -> Sequence[Attribute]:
    """Return width and height, declared as attributes are; the size is in canvas units, pixels at zoom 1."""
    allowed = (notes.SMALLEST_SIDE, _LARGEST)
    return (
        Attribute("width", translate("Attributes", "Width on the canvas"), Types.Double, range=allowed, unit="px"),
        Attribute("height", translate("Attributes", "Height on the canvas"), Types.Double, range=allowed, unit="px"),
    )

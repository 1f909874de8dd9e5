"""The menu Colour: eight colours for resources, notes and areas, or any other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog

from nepi_gui.document import notes
from nepi_gui.document.colours import COLOURS, colour_names
from nepi_gui.panels.form.colour_button import swatch
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature


class ColouringFeature(Feature):
    """Gives what is selected a colour."""

    def commands(self) -> Iterable[Command]:
        """Yield a command for each colour."""
        menu = self.tr("&Edit") + "/" + self.tr("C&olour")
        for name, title in colour_names().items():
            yield Command(
                f"colour.{name}",
                title,
                partial(self.paint, COLOURS[name]),
                menu,
                enabled=self.selection.__bool__,
                checked=partial(self._is, COLOURS[name]),
            )
        enabled = self.selection.__bool__
        yield Command("colour.other", self.tr("Ot&her…"), self.choose, menu, enabled=enabled, separated=True)
        yield Command("colour.none", self.tr("&None"), partial(self.paint, ""), menu, enabled=enabled)

    def opened(self) -> None:
        """Show each colour in the menu."""
        for name, colour in COLOURS.items():
            self.window.commands[f"colour.{name}"].setIcon(swatch(colour, colour))

    def paint(self, colour: str) -> None:
        """Give what is selected a colour, ``#rrggbb``; "" takes it away."""
        if self.selection:
            notes.set_colours(self.document, self.selection.keys, colour)

    def choose(self) -> None:
        """Ask for any colour."""
        dialog = QColorDialog(QColor(self._present() or COLOURS["blue"]), self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._paint_chosen)
        dialog.open()

    def _paint_chosen(self, colour: QColor) -> None:
        self.paint(colour.name())

    def _is(self, colour: str) -> bool:
        return bool(self.selection) and self._present() == colour

    def _present(self) -> str:
        """Return the colour of one of the things that are selected, "" for none."""
        description = self.document.description
        notes_by_key = {-number: note for number, note in enumerate(description.canvas.notes, 1)}
        for key in self.selection.keys:  # the history tells of a step before the selection forgets what it removed
            if key in notes_by_key:
                return notes_by_key[key].colour
            if key in description.resources:
                layout = description.resources[key].layout
                return layout.colour if layout else ""
        return ""

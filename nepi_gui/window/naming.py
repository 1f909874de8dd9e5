"""Names and texts on the canvas: what opens a field over them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nepi_gui.canvas.hits import Hit, Part
from nepi_gui.canvas.inline_text import InlineText, label_rect
from nepi_gui.canvas.selection import Key
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow


class NamingFeature(Feature):
    """Renames resources and writes notes where they stand, by F2, Return, or a double click.

    Attributes:
        inline: the field on the canvas.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.inline = InlineText(window.view)

    def commands(self) -> Iterable[Command]:
        """Yield the command that renames."""
        yield Command(
            "edit.rename",
            self.tr("Re&name"),
            self.rename,
            self.tr("&Edit"),
            ("F2",),
            self.tr("Rename the selected resource, or write on the selected note."),
            "rename",
            self._is_one,
            separated=True,
        )

    def opened(self) -> None:
        """Listen to the canvas."""
        view = self.window.view
        view.opened.connect(self._on_double_click)
        view.entered.connect(self._on_return)
        view.drawn.connect(self._on_drawn)
        self.editor.settling.connect(self._settle)

    def _settle(self) -> None:
        """Take in what is being written, such as before it is saved."""
        self.inline.end(accepted=True)

    def rename(self) -> None:
        """Have the user edit the name or text of what is selected."""
        if self._is_one():
            self.window.show_page(self.window.view)
            self.inline.edit(*self.selection.keys)

    def _is_one(self) -> bool:
        return len(self.selection.keys) == 1

    def _on_return(self) -> None:
        if not self.window.view.drawing:
            self.rename()

    def _on_drawn(self, key: Key) -> None:
        self.inline.edit(key)

    def _on_double_click(self, hit: Hit, place: QPointF) -> None:
        if hit.key < 0 or (hit.key and self._is_at_name(hit, place)):
            self.inline.edit(hit.key)
        elif hit.key:
            self.selection.set([hit.key])
            self.window.show_panel("attributes")

    def _is_at_name(self, hit: Hit, place: QPointF) -> bool:
        """Tell whether a place is at a resource's name; the end of a line shows none."""
        scene = self.window.scene
        if hit.part is Part.LABEL:
            return True
        if hit.key in scene.nodes or (hit.key in scene.badges and scene.badges[hit.key].is_port):
            return False
        return label_rect(scene, hit.key).contains(place)

"""The menu Insert: notes and areas."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from nepi_gui.canvas.gestures.drawing import put_note
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature


class InsertingFeature(Feature):
    """Has notes and areas drawn."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Insert that are about notes."""
        menu = self.tr("&Insert")
        yield Command(
            "insert.note",
            self.tr("&Note"),
            partial(self.draw, "note"),
            menu,
            ("Ctrl+Alt+N",),
            self.tr("Draw a note with the mouse; Return puts one into the middle."),
            "note",
            checked=partial(self._draws, "note"),
        )
        yield Command(
            "insert.area",
            self.tr("&Area"),
            partial(self.draw, "area"),
            menu,
            ("Ctrl+Alt+A",),
            self.tr("Draw a coloured area with the mouse; Return puts one into the middle."),
            "area",
            checked=partial(self._draws, "area"),
        )

    def opened(self) -> None:
        """Listen to Return, which does without the mouse."""
        self.window.view.entered.connect(self._put)
        self.window.view.drawn.connect(self.window.commands.refresh_soon)

    def draw(self, kind: str) -> None:
        """Have the next drag draw a note or area; chosen again, have none drawn."""
        view = self.window.view
        view.draw("" if view.drawing == kind else kind)
        self.window.show_page(view)
        view.setFocus()
        if view.drawing == "note":
            self.editor.tell(self.tr("Draw the note with the mouse, or press Return; Escape leaves it."))
        elif view.drawing:
            self.editor.tell(self.tr("Draw the area with the mouse, or press Return; Escape leaves it."))

    def _draws(self, kind: str) -> bool:
        return self.window.view.drawing == kind

    def _put(self) -> None:
        view = self.window.view
        if (kind := view.drawing) in ("note", "area"):
            view.draw("")
            put_note(view, kind, view.shown().center())

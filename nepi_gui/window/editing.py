"""The menu Edit: undo, select, delete."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QKeySequence

from nepi_gui.document import resources
from nepi_gui.window.canvas_keys import keep_on_canvas
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

_KEY = QKeySequence.StandardKey


class EditingFeature(Feature):
    """Takes steps back, and does them again; selects and deletes."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Edit."""
        menu, history = self.tr("&Edit"), self.document.history
        yield Command(
            "edit.undo",
            self.tr("&Undo"),
            history.undo,
            menu,
            (_KEY.Undo,),
            self.tr("Take the last step back."),
            "undo",
            history.can_undo,
        )
        yield Command(
            "edit.redo",
            self.tr("&Redo"),
            history.redo,
            menu,
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            self.tr("Do again what was taken back."),
            "redo",
            history.can_redo,
        )
        yield Command(
            "edit.delete",
            self.tr("&Delete"),
            self.delete,
            menu,
            (_KEY.Delete, "Backspace"),
            self.tr("Delete what is selected, and the links that end there."),
            "delete",
            self.selection.__bool__,
            separated=True,
        )
        yield Command(
            "edit.select-all",
            self.tr("Select &all"),
            self.selection.everything,
            menu,
            (_KEY.SelectAll,),
            self.tr("Select all resources, notes and areas."),
        )

    def opened(self) -> None:
        """Leave these keys to forms and lists where these have the keyboard."""
        keep_on_canvas(self.window, ["edit.delete", "edit.select-all"])

    def delete(self) -> None:
        """Delete what is selected."""
        with self.document.edit(self.tr("Delete")) as edit:
            if notes := self.selection.notes:
                kept = [note for number, note in enumerate(edit.notes()) if number not in notes]
                edit.set_part("notes", kept)
            if guids := self.selection.guids:
                resources.remove(self.document, guids)

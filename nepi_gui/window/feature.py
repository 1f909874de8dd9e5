"""What a part of the window brings: its commands, and what it does when the window opens and closes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QObject

from nepi_gui.window.commands import Command

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow


class Feature(QObject):
    """A part of the window that is about one thing, such as files or the arrangement of the canvas."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.editor = window.editor
        self.document = window.editor.document
        self.selection = window.editor.selection

    @classmethod
    def of(cls, window: MainWindow) -> Self:
        """Return this part of a window."""
        part = window.features[cls]
        assert isinstance(part, cls)
        return part

    def commands(self) -> Iterable[Command]:
        """Yield the commands that this part brings."""
        return ()

    def opened(self) -> None:
        """Do what is to be done once the window is complete."""

    def may_close(self) -> bool:
        """Tell whether the window may close; may ask the user."""
        return True

    def closed(self) -> None:
        """Give back what goes on: the window closes now."""

"""Keys that mean something on the canvas only, such as Delete and the arrows, which mean something else in a form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow


def keep_on_canvas(window: MainWindow, names: Iterable[str]) -> None:
    """Have the keys of commands work while the canvas has the keyboard, and not elsewhere in the window."""
    for name in names:
        action = window.commands[name]
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        window.view.addAction(action)

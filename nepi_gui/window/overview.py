"""The small map of the canvas: switched on and off, remembered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nepi_gui.canvas.minimap import Minimap
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_SETTING = "canvas/minimap"


class OverviewFeature(Feature):
    """Shows a map in the corner of the canvas as long as the user wants it.

    Attributes:
        minimap: the map.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.minimap = Minimap(window.view, self.editor.appearance)
        self.minimap.want(self.editor.settings.is_on(_SETTING, True))

    def commands(self) -> Iterable[Command]:
        """Yield the command that switches it."""
        yield Command(
            "view.minimap",
            self.tr("&Minimap"),
            self.switch,
            self.tr("&View"),
            ("Ctrl+Alt+M",),
            self.tr("Show a small map of the canvas in its corner, when not everything is in view."),
            "minimap",
            checked=self._is_on,
        )

    def switch(self) -> None:
        """Show it, or hide it."""
        self.minimap.want(not self.minimap.is_wanted)
        self.editor.settings.keep(_SETTING, self.minimap.is_wanted)

    def _is_on(self) -> bool:
        return self.minimap.is_wanted

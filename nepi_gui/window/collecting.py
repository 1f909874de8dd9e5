"""Garbage collection that is not felt while runs are watched."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nepi_gui.window.feature import Feature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow


class CollectingFeature(Feature):
    """While a run goes on, has Python look for garbage only among what is made meanwhile.

    To look through all objects of a window with 5,000 resources takes 0.2 s, in which it stands still.
    """

    def opened(self) -> None:
        """Listen."""
        self.editor.run_changed.connect(self._on_run)

    def _on_run(self) -> None:
        if self.editor.run is not None:
            self.editor.run.ended.connect(self._on_end)
        _spare(self.window.application.windows)

    def _on_end(self) -> None:
        _spare(self.window.application.windows)

    def closed(self) -> None:
        """Have all looked through again, what belonged to this window as well."""
        _spare(window for window in self.window.application.windows if window is not self.window)


def _spare(windows: Iterable[MainWindow]) -> None:
    gc.unfreeze()
    if any(window.editor.run is not None and window.editor.run.is_live for window in windows):
        gc.freeze()

"""The log of a window: it ends with the window."""

from __future__ import annotations

from nepi_gui.panels.log import LogPanel
from nepi_gui.window.feature import Feature


class LogFeature(Feature):
    """Ends the listening of the log panel."""

    def closed(self) -> None:
        """Leave the program's log."""
        panel = self.window.docks["log"].widget()
        if isinstance(panel, LogPanel):
            panel.close_log()

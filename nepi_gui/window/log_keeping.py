"""The log of a window: showing what is about a resource; it ends with the window."""

from __future__ import annotations

from collections.abc import Iterable

from nepi_gui.panels.log import LogPanel
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature


class LogFeature(Feature):
    """Leads to the log, and ends its listening."""

    def commands(self) -> Iterable[Command]:
        """Yield the command that shows the log of the selection."""
        yield Command(
            "log.show",
            self.tr("Show lo&g"),
            self._show_log_of_selection,
            self.tr("&Run"),
            ("Ctrl+Shift+L",),
            self.tr("Show what was logged about the selected resource."),
            "log",
            lambda: bool(self.selection.guids),
        )

    def show_log_of(self, guid: int) -> None:
        """Bring the log to the front, with nothing but what is about a resource."""
        self.window.show_panel("log")
        self._panel.show_log_of(guid)

    def closed(self) -> None:
        """Leave the program's log."""
        self._panel.close_log()

    @property
    def _panel(self) -> LogPanel:
        panel = self.window.docks["log"].widget()
        assert isinstance(panel, LogPanel)
        return panel

    def _show_log_of_selection(self) -> None:
        if guids := self.selection.guids:
            self.show_log_of(guids[0])

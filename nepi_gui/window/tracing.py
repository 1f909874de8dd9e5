"""The traces of a run in the window: showing those of a resource, and captures in Wireshark."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QProcess

from nepi_gui.panels.traces.panel import TracesPanel
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Tone
from nepi_gui.window.safekeeping import SafekeepingFeature


class TracingFeature(Feature):
    """Leads to the traces, and opens captures."""

    def commands(self) -> Iterable[Command]:
        """Yield the command that shows the traces of the selection."""
        yield Command(
            "traces.show",
            self.tr("Show trac&es"),
            self.show_traces,
            self.tr("&Run"),
            ("Ctrl+Shift+O",),
            self.tr("Show what the selected resource has written while it ran."),
            "traces",
            lambda: self.editor.run is not None,
            separated=True,
        )

    def opened(self) -> None:
        """Listen to the panel."""
        self._panel.wireshark_wanted.connect(self.open_in_wireshark)

    def closed(self) -> None:
        """End what the panel does beside the window."""
        self._panel.close_traces()

    @property
    def _panel(self) -> TracesPanel:
        panel = self.window.docks["traces"].widget()
        assert isinstance(panel, TracesPanel)
        return panel

    def show_traces(self) -> None:
        """Show the traces of what is selected, or all."""
        self.window.show_panel("traces")
        if guids := self.selection.guids:
            self._panel.show_traces_of(guids[0])

    def open_in_wireshark(self, path: Path) -> None:
        """Show a capture in Wireshark, which outlives the window."""
        program = shutil.which("wireshark")
        if program is None:
            text = self.tr("Wireshark is not installed: install the package 'wireshark', such as by {0}.")
            self._warn(text.format("sudo apt install wireshark"))
        elif not QProcess.startDetached(program, ["-r", str(path)])[0]:
            self._warn(self.tr("Wireshark cannot be started: {0} does not start.").format(program))

    def _warn(self, text: str) -> None:
        SafekeepingFeature.of(self.window).notices.show_notice("traces", text, tone=Tone.WARNING)

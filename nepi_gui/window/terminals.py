"""Shells on the hosts of a run: in the user's terminal program, and the command box of the window."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QInputDialog

from nepi_core.errors import NepiError
from nepi_gui.panels.console.panel import ConsolePanel
from nepi_gui.shell import find_host
from nepi_gui.terminal_programs import terminal_command
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Tone
from nepi_gui.window.safekeeping import SafekeepingFeature

_PROGRAM = "terminal/program"


class TerminalsFeature(Feature):
    """Opens shells, and leads to the command box."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands about shells."""
        menu = self.tr("&Run")
        yield Command(
            "run.terminal",
            self.tr("Open ter&minal"),
            self.open_terminal,
            menu,
            ("F4",),
            self.tr("Open a shell on the selected host in your terminal program."),
            "terminal",
            lambda: self._is_live() and bool(self.selection.guids),
            separated=True,
        )
        yield Command(
            "run.command",
            self.tr("Run &a command…"),
            self.type_command,
            menu,
            ("Shift+F4",),
            self.tr("Type a command that runs on the selected host."),
            "console",
            self._is_live,
        )
        yield Command(
            "run.terminal-program",
            self.tr("Term&inal program…"),
            self.choose_program,
            menu,
            (),
            self.tr("Choose the program in which terminals open."),
        )

    def closed(self) -> None:
        """End the commands that were typed in the window; terminals are the user's."""
        self._panel.close_console()

    @property
    def _panel(self) -> ConsolePanel:
        panel = self.window.docks["console"].widget()
        assert isinstance(panel, ConsolePanel)
        return panel

    def _is_live(self) -> bool:
        return self.editor.run is not None and self.editor.run.is_live

    def _selected_host(self) -> int | None:
        """Return the host that is selected, or at which what is selected runs; None when there is none."""
        return self._panel.selected_host() if self._is_live() else None

    def open_terminal(self) -> None:
        """Open a shell on the selected host in a terminal."""
        run, guid = self.editor.run, self._selected_host()
        if run is None or guid is None:
            self.editor.tell(self.tr("What is selected is no host that is READY, and runs on none."))
            return
        try:
            host = find_host(run.folder, str(guid))
            shell = [sys.executable, "-m", "nepi_gui", "--shell", str(run.folder), str(guid)]
            title = f"{host.name} - {run.exp_id}"
            command = terminal_command(title, shell, self.editor.settings.text(_PROGRAM))
        except NepiError as error:
            self._warn(str(error))
            return
        if not QProcess.startDetached(command[0], command[1:])[0]:
            self._warn(self.tr("The terminal program {0} does not start.").format(command[0]))

    def type_command(self) -> None:
        """Give the keyboard to the command box, with the selected host chosen."""
        self.window.show_panel("console")
        if (guid := self._selected_host()) is not None:
            self._panel.choose_host(guid)

    def choose_program(self) -> None:
        """Ask which program terminals are to be opened in."""
        dialog = QInputDialog(self.window)
        dialog.setWindowTitle(self.tr("Terminal program"))
        dialog.setLabelText(
            self.tr("Terminals open in this program, perhaps with options; leave it empty for the usual one.")
        )
        dialog.setTextValue(self.editor.settings.text(_PROGRAM))
        dialog.textValueSelected.connect(self._keep_program)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _keep_program(self, program: str) -> None:
        self.editor.settings.keep(_PROGRAM, program.strip())

    def _warn(self, text: str) -> None:
        SafekeepingFeature.of(self.window).notices.show_notice("terminal", text, tone=Tone.WARNING)

"""The menu File: new, open, save."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog

from nepi_core.xml_format import write_xml
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

_KEY = QKeySequence.StandardKey


class FilesFeature(Feature):
    """Opens and saves experiments."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu File."""
        menu = self.tr("&File")
        yield Command("file.new", self.tr("&New"), self.new, menu, (_KEY.New,), icon="new")
        yield Command("file.open", self.tr("&Open…"), self.open, menu, (_KEY.Open,), icon="open")
        yield Command("file.save", self.tr("&Save"), self.save, menu, (_KEY.Save,), icon="save", separated=True)
        yield Command("file.close", self.tr("&Close window"), self.window.close, menu, (_KEY.Close,), separated=True)

    def new(self) -> None:
        """Open another window with an empty experiment."""
        self.window.application.open_window()

    def open(self) -> None:
        """Ask for a file, and open it."""
        path, _ = QFileDialog.getOpenFileName(self.window, self.tr("Open"), "", self.tr("Experiments (*.xml)"))
        if path:
            self.window.application.open_file(Path(path))

    def save(self) -> bool:
        """Write the experiment to its file; tell whether that is done."""
        path = self.document.path
        if path is None:
            return False
        write_xml(self.document.freeze(), path)
        self.document.history.set_clean()
        return True

"""The desktop program: starts Qt, opens a window for each experiment, ends with the last one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from nepi_core.errors import NepiError
from nepi_core.xml_format import read_xml
from nepi_gui.appearance import Appearance
from nepi_gui.document.document import Document
from nepi_gui.editor import Editor
from nepi_gui.settings import Settings
from nepi_gui.window.main_window import MainWindow


class Application(QObject):
    """The windows of this process, and what they share."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.appearance = Appearance(self.settings.text("appearance", "system"))
        self.windows: list[MainWindow] = []

    def open_window(self, document: Document | None = None) -> MainWindow:
        """Open a window with a document, or with an empty one."""
        editor = Editor(document or Document(), self.appearance, self.settings)
        window = MainWindow(editor, self)
        self.windows.append(window)
        window.closed.connect(lambda: self._forget(window))
        window.show()
        return window

    def open_file(self, path: Path, dialect: str | None = None) -> MainWindow:
        """Open a window with the experiment in a file.

        Raises:
            NepiError: the file cannot be read; no window was opened.
        """
        return self.open_window(Document(read_xml(path, dialect), path))

    def _forget(self, window: MainWindow) -> None:
        self.windows.remove(window)
        window.deleteLater()


def has_screen() -> bool:
    """Tell whether there is something to show a window on."""
    return bool(os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_qt() -> QApplication:
    """Return Qt's application object, made on first use, as this program wants it."""
    present = QApplication.instance()
    made = present if isinstance(present, QApplication) else QApplication(sys.argv[:1])
    made.setApplicationName("nepi-gui")
    made.setApplicationDisplayName("NEPI-GUI")
    made.setDesktopFileName("nepi-gui")
    made.setStyle("Fusion")
    return made


def show_windows(paths: Sequence[Path], dialect: str | None = None) -> int:
    """Show the window, with the experiments of these files or an empty one, until it is closed; return the exit status.

    Raises:
        NepiError: a file cannot be read, or there is no screen.
    """
    if not has_screen():
        raise NepiError("There is no screen to show the window on: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    qt = make_qt()
    application = Application()
    for path in paths:
        application.open_file(path, dialect)
    if not paths:
        application.open_window()
    return int(qt.exec())

"""What the program logs, filtered by level, resource and words."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class LogPanel(QWidget):
    """Shows the log."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

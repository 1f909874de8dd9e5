"""The undo history as a list: a click goes back to that moment."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class HistoryPanel(QWidget):
    """Lists the steps."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

"""The palette: resource types by backend, to be dragged onto the canvas."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class PalettePanel(QWidget):
    """Lists the resource types."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

"""The list of findings, which leads to what they are about."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class FindingsPanel(QWidget):
    """Lists the findings."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

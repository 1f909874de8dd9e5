"""Attributes, traces and note of what is selected."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class AttributesPanel(QWidget):
    """A form for what is selected."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

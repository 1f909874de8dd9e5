"""Conditions, a sentence each, whose parts are edited in place."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class ConditionsPanel(QWidget):
    """Lists the conditions."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

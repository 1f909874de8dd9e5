"""What follows from the conditions: when which resource is deployed, started, stopped."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from nepi_gui.editor import Editor


class TimelinePanel(QWidget):
    """Draws the time line."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor

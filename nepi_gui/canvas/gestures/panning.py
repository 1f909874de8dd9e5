"""Drags the canvas: with the middle button, or with the left one while Space is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


class PanGesture(Gesture):
    """The canvas follows the mouse."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._last = pointer.pixel

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin with the middle button, and with Space."""
        return pointer.button is Qt.MouseButton.MiddleButton or view.is_space_held

    def move(self, pointer: Pointer) -> None:
        """Scroll as far as the mouse has moved."""
        way = pointer.pixel - self._last
        self._last = pointer.pixel
        self.view.pan_by(way)

"""Changes the size of a note or area by its edges and corners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.hits import HANDLE_REACH, Part
from nepi_gui.document.notes import SMALLEST_SIDE, Box, resize

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_HANDLES = (Part.CORNER, Part.COUNTER_CORNER, Part.SIDE, Part.EDGE)


class ResizeGesture(Gesture):
    """The edge follows the mouse; it snaps to the grid unless Alt is held."""

    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        key = pointer.hit.key
        self._number = -key - 1
        self._item = self.scene.notes[self._number]
        self._edges = self._item.handle(pointer.place, HANDLE_REACH / view.zoom)
        self._before = self.scene.rect(key)
        self._selected_before = self.scene.selection.keys
        if key not in self.scene.selection:
            self.scene.selection.set([key])
        self.cursor = view.viewport().cursor().shape()

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin at the edges of notes and areas."""
        return pointer.button is Qt.MouseButton.LeftButton and pointer.hit.part in _HANDLES

    def move(self, pointer: Pointer) -> None:
        """Show it in its new size."""
        self._item.show_in(self._field(pointer))

    def _field(self, pointer: Pointer) -> QRectF:
        way = pointer.place - self.start.place
        is_free = pointer.holds(Qt.KeyboardModifier.AltModifier)
        field = QRectF(self._before)
        across, down = self._edges
        corner = QPointF(field.left() if across < 0 else field.right(), field.top() if down < 0 else field.bottom())
        to = corner + way if is_free or way.isNull() else self.view.snapped(corner + way)
        if across < 0:
            field.setLeft(min(to.x(), field.right() - SMALLEST_SIDE))
        elif across > 0:
            field.setRight(max(to.x(), field.left() + SMALLEST_SIDE))
        if down < 0:
            field.setTop(min(to.y(), field.bottom() - SMALLEST_SIDE))
        elif down > 0:
            field.setBottom(max(to.y(), field.top() + SMALLEST_SIDE))
        return field

    def finish(self, pointer: Pointer) -> None:
        """Keep the new size."""
        field = self._field(pointer)
        if field != self._before:
            resize(self.scene.document, self._number, Box(field.left(), field.top(), field.right(), field.bottom()))

    def cancel(self) -> None:
        """Show it in the size that it has."""
        self._item.show_note(self._item.note)
        self.scene.selection.set(self._selected_before)

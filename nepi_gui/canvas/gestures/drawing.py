"""Draws a new note or area as a rectangle; a click makes one of the usual size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from nepi_core.description import CanvasNote
from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.items import OVERLAY, NoteItem
from nepi_gui.document.notes import SMALLEST_SIDE, Box, add_note, size_of

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


class DrawGesture(Gesture):
    """What is drawn is shown as it will be; its corners snap to the grid unless Alt is held."""

    cursor = Qt.CursorShape.CrossCursor
    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._kind = view.drawing
        self._has_moved = False
        self._shown = NoteItem(0, CanvasNote(self._kind, 0, 0, 0, 0), self.scene.painter)
        self._shown.setZValue(OVERLAY)
        self._shown.select(True)
        self._shown.hide()
        self.scene.addItem(self._shown)

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin anywhere, once notes or areas are to be drawn."""
        return pointer.button is Qt.MouseButton.LeftButton and bool(view.drawing)

    def move(self, pointer: Pointer) -> None:
        """Show the rectangle."""
        way = pointer.pixel - self.start.pixel
        if self._has_moved or way.manhattanLength() >= QApplication.startDragDistance():
            self._has_moved = True
            self._shown.show_in(self._field(pointer))
            self._shown.show()

    def _field(self, pointer: Pointer) -> QRectF:
        first, last = self.start.place, pointer.place
        if not pointer.holds(Qt.KeyboardModifier.AltModifier):
            first, last = self.view.snapped(first), self.view.snapped(last)
        field = QRectF(first, last).normalized()
        return QRectF(
            field.topLeft(), QPointF(*(max(SMALLEST_SIDE, side) for side in field.size().toTuple())) + field.topLeft()
        )

    def finish(self, pointer: Pointer) -> None:
        """Put it on the canvas."""
        field = self._field(pointer) if self._has_moved else None
        self._end()
        put_note(self.view, self._kind, self.start.place, field)

    def cancel(self) -> None:
        """Draw nothing."""
        self._end()

    def _end(self) -> None:
        self.scene.removeItem(self._shown)
        self.view.draw("")


def put_note(view: CanvasView, kind: str, place: QPointF, field: QRectF | None = None) -> None:
    """Put a note or area into a field, or in the usual size around a place; select it, and say that it was drawn."""
    if field is None:
        middle = view.snapped(place)
        box = Box.around(middle.x(), middle.y(), size_of(kind))
    else:
        box = Box(field.left(), field.top(), field.right(), field.bottom())
    key = add_note(view.canvas.document, kind, box)
    view.canvas.selection.set([key])
    view.drawn.emit(key)

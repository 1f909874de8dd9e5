"""Cuts the links that a drag with Alt and Shift crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.lines import LineKey
from nepi_gui.document import linking

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


class SliceGesture(Gesture):
    """A straight cut; what it would cut is shown."""

    cursor = Qt.CursorShape.CrossCursor

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin anywhere while Alt and Shift are held."""
        is_held = pointer.holds(Qt.KeyboardModifier.AltModifier) and pointer.holds(Qt.KeyboardModifier.ShiftModifier)
        return pointer.button is Qt.MouseButton.LeftButton and is_held

    def move(self, pointer: Pointer) -> None:
        """Show the cut."""
        self.view.marks.aim(0, is_refused=True)
        self.view.marks.follow(QLineF(self.start.place, pointer.place))
        self.view.marks.strike(self._crossed(pointer))

    def _crossed(self, pointer: Pointer) -> list[LineKey]:
        slice_ = QLineF(self.start.place, pointer.place)
        field = QRectF(slice_.p1(), slice_.p2()).normalized().adjusted(-1, -1, 1, 1)
        lines = [line for line in self.scene.lines.all() if line.way is not None and field.intersects(line.rect())]
        return [line.key for line in lines if line.way is not None and _cross(line.way, slice_)]

    def finish(self, pointer: Pointer) -> None:
        """Cut."""
        crossed = self._crossed(pointer)
        self.view.marks.clear()
        if crossed:
            links = [guid for guid, other in crossed if not other]
            linking.cut(self.scene.document, links, [key for key in crossed if key[1]])

    def cancel(self) -> None:
        """Cut nothing."""
        self.view.marks.clear()


def _cross(first: QLineF, second: QLineF) -> bool:
    kind, _ = first.intersects(second)
    return kind is QLineF.IntersectionType.BoundedIntersection

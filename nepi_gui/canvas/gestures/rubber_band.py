"""Selects what lies in a rectangle that is drawn on the empty canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtWidgets import QRubberBand

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.gestures.moving import is_area

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


class RubberBandGesture(Gesture):
    """Selects while the rectangle grows; with Shift or Ctrl in addition to what was selected."""

    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._before = self.scene.selection.keys
        self._adds = pointer.holds(Qt.KeyboardModifier.ShiftModifier) or pointer.holds(
            Qt.KeyboardModifier.ControlModifier
        )
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, view)

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin on the empty canvas and plain connections, and on the ground of an area while Shift is held."""
        if pointer.button is not Qt.MouseButton.LeftButton:
            return False
        is_ground = pointer.holds(Qt.KeyboardModifier.ShiftModifier) and is_area(view.canvas, pointer.hit.key)
        return not pointer.hit.key or is_ground

    def move(self, pointer: Pointer) -> None:
        """Show the rectangle, and select what is in it."""
        corner = self.view.mapFromScene(self.start.place)  # elsewhere than at the start, if the canvas was scrolled
        end = QPoint(round(pointer.pixel.x()), round(pointer.pixel.y()))
        self._band.setGeometry(QRect(corner, end).normalized() if corner != end else QRect(corner, QSize(1, 1)))
        self._band.show()
        field = QRectF(self.start.place, pointer.place).normalized()
        self.scene.selection.set(self.scene.within(field) | (self._before if self._adds else frozenset()))

    def finish(self, pointer: Pointer) -> None:
        """Keep what is selected; a click without a drag selects nothing, or the area that was clicked."""
        if self._band.isHidden() and self.start.hit.key:
            self.scene.selection.toggle([self.start.hit.key])
        else:
            self.move(pointer)
        self._end()

    def cancel(self) -> None:
        """Select again what was selected."""
        self.scene.selection.set(self._before)
        self._end()

    def _end(self) -> None:
        self._band.hide()
        self._band.deleteLater()

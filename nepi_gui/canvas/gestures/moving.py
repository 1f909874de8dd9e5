"""Moves what is selected with the mouse; a click without a drag selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.scene import Part
from nepi_gui.canvas.selection import Key
from nepi_gui.document import resources

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


class MoveGesture(Gesture):
    """Moves nodes and notes; links and badges follow what they hang at."""

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._selected_before = self.scene.selection.keys
        self._adds = pointer.holds(Qt.KeyboardModifier.ShiftModifier) or pointer.holds(
            Qt.KeyboardModifier.ControlModifier
        )
        key = pointer.hit.key
        if key and key not in self.scene.selection:
            self.scene.selection.set({key} | (self._selected_before if self._adds else frozenset()))
        self._places: dict[Key, QPointF] = {
            each: self.scene.centre(each) for each in self.scene.selection.keys if each < 0 or each in self.scene.nodes
        }
        self._has_moved = False

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin on anything that can be selected."""
        is_something = pointer.hit.part in (Part.BODY, Part.LABEL, Part.LINE)
        return pointer.button is Qt.MouseButton.LeftButton and is_something

    def move(self, pointer: Pointer) -> None:
        """Show everything as far away from its place as the mouse has moved."""
        way = pointer.pixel - self.start.pixel
        if not self._has_moved and way.manhattanLength() < QApplication.startDragDistance():
            return
        self._has_moved = True
        self.scene.show_at(self._moved(pointer))

    def _moved(self, pointer: Pointer) -> dict[Key, QPointF]:
        way = pointer.place - self.start.place
        if self._places and not pointer.holds(Qt.KeyboardModifier.AltModifier):
            lead = self._places.get(self.start.hit.key) or next(iter(self._places.values()))
            way = self.view.snapped(lead + way) - lead
        return {key: place + way for key, place in self._places.items()}

    def finish(self, pointer: Pointer) -> None:
        """Put everything where it is shown, or select what was clicked."""
        if self._has_moved:
            places = {key: (place.x(), place.y()) for key, place in self._moved(pointer).items()}
            resources.move(self.scene.document, places)
        else:
            self._click()

    def _click(self) -> None:
        key = self.start.hit.key
        if self._adds:
            if key in self._selected_before:
                self.scene.selection.toggle([key])
        else:
            self.scene.selection.set([key] if key else [])

    def cancel(self) -> None:
        """Show everything in its place again."""
        self.scene.show_at(self._places)
        self.scene.selection.set(self._selected_before)

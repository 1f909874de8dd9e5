"""Draws a condition from what is waited for to what waits; and picks by clicks what is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, Qt
from PySide6.QtWidgets import QApplication

from nepi_core.description import Condition
from nepi_core.states import ResourceAction, ResourceState
from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.document import conditions

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

CONDITION, PICK = "condition", "pick"
"""Values of `CanvasView.drawing`."""


class ConditionGesture(Gesture):
    """A drag from one resource to another has the second START once the first is STARTED."""

    cursor = Qt.CursorShape.CrossCursor
    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._from = max(pointer.hit.key, 0)
        self._refusals: dict[int, str] = {}

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin anywhere, once a condition is to be drawn."""
        return pointer.button is Qt.MouseButton.LeftButton and view.drawing == CONDITION

    def move(self, pointer: Pointer) -> None:
        """Have the arrow follow the mouse, and say why it may not end there."""
        if not self._from:
            return
        end, marks = self._end_at(pointer), self.view.marks
        refusal = self._refusal(end) if end else ""
        marks.aim(end, bool(refusal))
        to = self.scene.centre(end) if end and not refusal else pointer.place
        marks.follow(QLineF(self.scene.centre(self._from), to))
        marks.say(refusal, pointer.pixel)

    def _end_at(self, pointer: Pointer) -> int:
        return pointer.hit.key if pointer.hit.key > 0 and pointer.hit.key != self._from else 0

    def _condition(self) -> Condition:
        return Condition(ResourceAction.START, (self._from,), ResourceState.STARTED)

    def _refusal(self, end: int) -> str:
        if end not in self._refusals:
            description = self.scene.document.description
            self._refusals[end] = conditions.condition_refusal(description, end, self._condition())
        return self._refusals[end]

    def finish(self, pointer: Pointer) -> None:
        """Add the condition, or say why it cannot be; with Shift another one can be drawn then."""
        self._end()
        end = self._end_at(pointer)
        if not self._from or not end:
            self._explain(pointer)
        elif refusal := self._refusal(end):
            self.view.told.emit(refusal)
        else:
            if not pointer.holds(Qt.KeyboardModifier.ShiftModifier):
                self.view.draw("")
            key = conditions.add_condition(self.scene.document, end, self._condition())
            self.view.condition_drawn.emit(key)

    def _explain(self, pointer: Pointer) -> None:
        way = (pointer.pixel - self.start.pixel).manhattanLength()
        if not self._from or way < QApplication.startDragDistance():
            self.view.told.emit(self.view.tr("Drag from what is waited for to what waits; Escape leaves it."))

    def cancel(self) -> None:
        """Draw nothing."""
        self._end()

    def _end(self) -> None:
        self.view.marks.clear()


class PickGesture(Gesture):
    """A click tells which resource was clicked, and nothing else happens."""

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin anywhere, as long as resources are picked."""
        return pointer.button is Qt.MouseButton.LeftButton and view.drawing == PICK

    def finish(self, pointer: Pointer) -> None:
        """Tell what was clicked."""
        if pointer.hit.key > 0 and pointer.hit.key == self.start.hit.key:
            self.view.picked.emit(pointer.hit.key)

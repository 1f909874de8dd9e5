"""Moves what is selected with the mouse; a click without a drag selects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.guides import Guides
from nepi_gui.canvas.hits import Part
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Key
from nepi_gui.document import clipboard, resources

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_SHIFT, _CONTROL, _ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


class MoveGesture(Gesture):
    """Moves nodes and notes; links and badges follow what they hang at, and what stands in an area follows that.

    With Shift it keeps to one direction, with Ctrl it leaves the originals and moves copies, with Alt it goes freely:
    nothing snaps, and areas leave what stands in them.
    """

    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._selected_before = self.scene.selection.keys
        self._adds = pointer.holds(_SHIFT) or pointer.holds(_CONTROL)
        key = pointer.hit.key
        if key and key not in self.scene.selection:
            self.scene.selection.set({key} | (self._selected_before if self._adds else frozenset()))
        self._places: dict[Key, QPointF] = {}
        self._own: dict[Key, QPointF] = {}
        self._anchor = QPointF()
        self._guides: Guides | None = None

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin on anything that can be selected; but Shift on the ground of an area draws a rubber band."""
        if pointer.button is not Qt.MouseButton.LeftButton:
            return False
        if pointer.holds(_SHIFT) and is_area(view.canvas, pointer.hit.key):
            return False
        return bool(pointer.hit.key) and pointer.hit.part in (Part.BODY, Part.LABEL, Part.LINE)

    # -- following -----------------------------------------------------------------------------------

    def move(self, pointer: Pointer) -> None:
        """Show everything as far away from its place as the mouse has moved."""
        way = pointer.pixel - self.start.pixel
        if self._guides is None:
            if way.manhattanLength() < QApplication.startDragDistance():
                return
            self._set_off()
        self._show(self._way(pointer), is_free=pointer.holds(_ALT))
        copies = pointer.holds(_CONTROL) and bool(self._places)
        self.view.viewport().setCursor(Qt.CursorShape.DragCopyCursor if copies else Qt.CursorShape.ClosedHandCursor)

    def _set_off(self) -> None:
        """Note where everything stands, and what of the grabbed thing is to be on the grid."""
        self._places = {key: self.scene.centre(key) for key in moved_along(self.scene, self.scene.selection.keys)}
        self._own = {key: place for key, place in self._places.items() if key in self.scene.selection}
        if lead := self._lead():
            self._anchor = self.scene.rect(lead).topLeft() if lead < 0 else self._places[lead]
            self._guides = Guides(self.scene, self.view.shown(), self._places, lead)

    def _lead(self) -> Key:
        key = self.start.hit.key
        return key if key in self._places else next(iter(self._places), 0)

    def _moving(self, is_free: bool) -> dict[Key, QPointF]:
        return self._own if is_free else self._places

    def _way(self, pointer: Pointer) -> QPointF:
        """Return how far everything moves."""
        way = pointer.place - self.start.place
        if pointer.holds(_SHIFT):
            way = QPointF(way.x(), 0) if abs(way.x()) >= abs(way.y()) else QPointF(0, way.y())
        if self._guides is None or pointer.holds(_ALT):
            return way
        snapped = self._guides.attract(way, self.view.zoom, self.view.snapped(self._anchor + way) - self._anchor)
        # A direction in which it does not move at all stays as it is: Shift, and places beside the grid.
        return QPointF(snapped.x() if way.x() else 0.0, snapped.y() if way.y() else 0.0)

    def _show(self, way: QPointF, is_free: bool) -> None:
        moving = self._moving(is_free)
        self.scene.show_at(self._places | {key: place + way for key, place in moving.items()})
        if self._guides is not None:
            if is_free:
                self._guides.hide_lines()
            else:
                self._guides.show_for(way)

    # -- the end -------------------------------------------------------------------------------------

    def finish(self, pointer: Pointer) -> None:
        """Put everything where it is shown, or select what was clicked."""
        if self._guides is None:
            self._click()
            return
        way, moving = self._way(pointer), self._moving(pointer.holds(_ALT))
        self._end()
        self.scene.place(self._places)
        if pointer.holds(_CONTROL):
            made = clipboard.duplicate(self.scene.document, list(moving), (way.x(), way.y()))
            self.scene.selection.set(made.keys)
        elif not way.isNull():
            resources.move(self.scene.document, {key: (place + way).toTuple() for key, place in moving.items()})

    def _click(self) -> None:
        key = self.start.hit.key
        if self._adds:
            if key in self._selected_before:
                self.scene.selection.toggle([key])
        else:
            self.scene.selection.set([key] if key else [])

    def cancel(self) -> None:
        """Show everything in its place again."""
        self._end()
        self.scene.place(self._places)
        self.scene.selection.set(self._selected_before)

    def _end(self) -> None:
        if self._guides is not None:
            self.scene.removeItem(self._guides)
            self._guides = None


def is_area(scene: CanvasScene, key: Key) -> bool:
    """Tell whether something is an area."""
    return key < 0 and scene.notes[-key - 1].is_area


def moved_along(scene: CanvasScene, keys: Iterable[Key]) -> list[Key]:
    """Return the nodes and notes among some things, and those that stand in areas among them."""
    chosen = [key for key in keys if key < 0 or key in scene.nodes]
    grounds = [scene.rect(key) for key in chosen if is_area(scene, key)]
    found = dict.fromkeys(chosen)
    for ground in grounds:
        found |= dict.fromkeys(guid for guid, item in scene.nodes.items() if ground.contains(item.pos()))
        notes = (-item.number - 1 for item in scene.notes)
        found |= dict.fromkeys(key for key in notes if ground.contains(scene.rect(key)))
    return list(found)

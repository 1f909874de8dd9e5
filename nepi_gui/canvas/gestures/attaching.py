"""Drags badges to another node or link, and ends of links to another node."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtWidgets import QApplication

from nepi_core.errors import NepiError
from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.gestures.moving import MoveGesture
from nepi_gui.canvas.hits import Part
from nepi_gui.canvas.lighting import Lighting
from nepi_gui.canvas.looks import PLATE
from nepi_gui.document import linking
from nepi_gui.document.joints import Joint, Joints
from nepi_gui.translation import translate

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_END = 26.0  # pixels of the screen beyond the plate of a node in which the end of a line is grabbed


class HangingGesture(Gesture):
    """What hangs at something is drawn away from it, and hung at something else; a click without a drag selects."""

    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._click = MoveGesture(view, pointer)
        self._lighting: Lighting | None = None
        self._joints: Joints | None = None

    def _examined(self) -> Joints:
        """Return what may be joined to what once it is drawn away."""
        raise NotImplementedError

    def _ask(self, guid: int) -> Joint:
        """Tell how it could be hung at a resource."""
        raise NotImplementedError

    def _show(self, pointer: Pointer, refusal: str) -> None:
        """Show where it would hang."""
        raise NotImplementedError

    def _hang(self, end: int) -> None:
        """Hang it there."""
        raise NotImplementedError

    def _end_at(self, pointer: Pointer) -> int:
        return max(pointer.hit.key, 0)

    def move(self, pointer: Pointer) -> None:
        """Follow the mouse, and say why it may not hang there."""
        if self._lighting is None:
            if (pointer.pixel - self.start.pixel).manhattanLength() < QApplication.startDragDistance():
                return
            self._joints = self._examined()
            self._lighting = Lighting(self.view, self._ask)
            self.view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        end = self._end_at(pointer)
        refusal = self._lighting.joint(end).refusal if end else ""
        self.view.marks.aim(end, bool(refusal))
        self.view.marks.say(refusal, pointer.pixel)
        self._show(pointer, refusal)

    def finish(self, pointer: Pointer) -> None:
        """Hang it there, or say why that cannot be; on the empty canvas nothing happens."""
        if self._lighting is None:
            self._click.finish(pointer)
            return
        end = self._end_at(pointer)
        joint = self._lighting.joint(end) if end else None
        self._end()
        if joint is None:
            return
        try:
            if not joint.refusal:
                self._hang(end)
        except NepiError as error:
            joint = Joint(refusal=str(error))
        if joint.refusal:
            self.view.told.emit(joint.refusal)

    def cancel(self) -> None:
        """Leave it where it hangs."""
        self._end()
        self._click.cancel()

    def _end(self) -> None:
        if self._lighting is not None:
            self._lighting.end()
            self._lighting = self._joints = None


class ReattachGesture(HangingGesture):
    """Badges are hung at another resource."""

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._badges = [guid for guid in self.scene.selection.guids if guid in self.scene.badges] or [pointer.hit.key]

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin on a badge, unless nodes or notes are selected with it."""
        guid, scene = pointer.hit.key, view.canvas
        if pointer.button is not Qt.MouseButton.LeftButton or guid not in scene.badges or view.is_linking:
            return False
        is_own = guid not in scene.selection or all(key in scene.badges for key in scene.selection.keys)
        return is_own and scene.structure.hosts[guid] != guid

    def _examined(self) -> Joints:
        return Joints(linking.detached(self.scene.document.description, self._badges))

    def _ask(self, guid: int) -> Joint:
        assert self._joints is not None
        if guid in self._badges:
            return Joint(refusal=translate("Linking", "A badge hangs at something else."))
        joints = [self._joints.hanging(badge, guid) for badge in self._badges]
        refused = next((each for each in joints if each.refusal), None)
        return refused or Joint(is_useful=all(each.is_useful for each in joints))

    def _end_at(self, pointer: Pointer) -> int:
        return 0 if pointer.hit.key in self._badges else super()._end_at(pointer)

    def _show(self, pointer: Pointer, refusal: str) -> None:
        self.view.marks.carry(self.scene.badges[self._badges[0]].look.icon, pointer.place)
        self.view.marks.follow(QLineF(self.start.place, pointer.place), (0, self._end_at(pointer)))

    def _hang(self, end: int) -> None:
        linking.reattach(self.scene.document, self._badges, end)


class MoveEndGesture(HangingGesture):
    """An end of a link is moved to another node."""

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        super().__init__(view, pointer)
        self._line = pointer.hit.key
        self._old = end_at(view, pointer)
        first, second = self.scene.lines[self._line, 0].ends
        self._kept = second if self._old == first else first

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin on a link beside the node at which it ends."""
        is_link = pointer.hit.part is Part.LINE and pointer.hit.key > 0
        if pointer.button is not Qt.MouseButton.LeftButton or not is_link:
            return False
        selection = view.canvas.selection
        is_own = pointer.hit.key not in selection or len(selection.keys) == 1
        return is_own and bool(end_at(view, pointer))

    def _examined(self) -> Joints:
        return Joints(self.scene.document.description)

    def _ask(self, guid: int) -> Joint:
        assert self._joints is not None
        if guid == self._old:
            return Joint(is_useful=True)
        if guid in (self._line, self._kept):
            return Joint(refusal=translate("Linking", "A link has two different ends."))
        rtype = self.scene.document.description.resource(self._line).rtype
        refusal = self._joints.legality.link_refusal(rtype, self._kept, guid)
        return Joint(refusal=refusal, is_useful=not refusal)

    def _end_at(self, pointer: Pointer) -> int:
        return 0 if pointer.hit.key == self._line else super()._end_at(pointer)

    def _show(self, pointer: Pointer, refusal: str) -> None:
        end = self._end_at(pointer)
        to = self.scene.centre(end) if end and not refusal else pointer.place
        self.view.marks.follow(QLineF(self.scene.centre(self._kept), to), (self._kept, end))

    def _hang(self, end: int) -> None:
        if end != self._old:
            linking.move_end(self.scene.document, self._line, self._old, end)


def end_at(view: CanvasView, pointer: Pointer) -> int:
    """Return the node beside which a link was grabbed, 0 for none."""
    line = view.canvas.lines[pointer.hit.key, 0]
    way = line.way
    reach = PLATE.width() / 2 + _END / view.zoom
    if way is None or way.length() < 3 * reach:
        return 0  # there would be no middle left to grab
    ends: list[tuple[int, QPointF]] = [(line.ends[0], way.p1()), (line.ends[1], way.p2())]
    for guid, place in ends:
        away = pointer.place - place
        if math.hypot(away.x(), away.y()) <= reach:
            return guid
    return 0

"""Draws a link from a node to another one, or into the empty canvas, where a menu says what may stand there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.hits import Hit, Part
from nepi_gui.canvas.lighting import Lighting
from nepi_gui.document.joints import Joint, Joints

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A link that somebody has drawn, and that is now to be made.

    Attributes:
        start, end: guids; no end, 0, means the empty canvas.
        place: where it ends, on the canvas.
        at: the same on the screen, for a menu.
        joints: what may be joined to what.
        joint: how the two may be joined.
        line_type: the type of the line, if that was chosen before; "" if not.
    """

    start: int
    end: int
    place: QPointF
    at: QPoint
    joints: Joints
    joint: Joint
    line_type: str = ""


class LinkGesture(Gesture):
    """A line follows the mouse; where it may end lights up, where it may not it says why.

    Args:
        stays: it goes on after a click, until the next one.
        line_type: the type of the line, if that was chosen before.
    """

    cursor = Qt.CursorShape.CrossCursor
    scrolls = True

    def __init__(self, view: CanvasView, pointer: Pointer, stays: bool = False, line_type: str = "") -> None:
        super().__init__(view, pointer)
        self._from = pointer.hit.key
        self._line_type = line_type
        self._joints: Joints | None = None
        self._lighting: Lighting | None = None
        if stays:
            self._set_off()

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Begin at the rim of a node, and with the link tool anywhere on a node or badge."""
        if pointer.button is not Qt.MouseButton.LeftButton or pointer.hit.key <= 0:
            return False
        anywhere = view.is_linking and pointer.hit.part in (Part.BODY, Part.LABEL)
        return pointer.hit.part is Part.RIM or anywhere

    def _set_off(self) -> None:
        self._joints = Joints(self.scene.document.description)
        self._lighting = Lighting(self.view, self._ask)

    def _ask(self, guid: int) -> Joint:
        assert self._joints is not None
        if guid == self._from:
            return Joint()
        joint = self._joints.between(self._from, guid)
        if not self._line_type or joint.refusal:
            return joint
        refusal = self._joints.legality.link_refusal(self._line_type, self._from, guid)
        return Joint((self._line_type,), refusal, not refusal)

    def move(self, pointer: Pointer) -> None:
        """Have the line follow the mouse, and say why it may not end there."""
        if self._lighting is None:
            if (pointer.pixel - self.start.pixel).manhattanLength() < QApplication.startDragDistance():
                return
            self._set_off()
        self._show(pointer)

    def _show(self, pointer: Pointer) -> None:
        assert self._lighting is not None
        end = self._end_at(pointer.hit)
        refusal = self._lighting.joint(end).refusal if end else ""
        marks = self.view.marks
        marks.aim(end, bool(refusal))
        to = self.scene.centre(end) if end and not refusal else pointer.place
        marks.follow(QLineF(self.scene.centre(self._from), to), (self._from, end))
        marks.say(refusal, pointer.pixel)

    def _end_at(self, hit: Hit) -> int:
        """Return the resource at which the line would end: none where it begins, and none at notes."""
        return hit.key if hit.key > 0 and hit.key != self._from else 0

    def finish(self, pointer: Pointer) -> None:
        """Have the link made, or say why that cannot be; a click without a drag selects."""
        if self._lighting is None or self._joints is None:
            self._click(pointer)
            return
        end = self._end_at(pointer.hit)
        joint = self._lighting.joint(end) if end else Joint()
        joints = self._joints
        self._end()
        if joint.refusal:
            self.view.told.emit(joint.refusal)
        elif pointer.hit.key != self._from:
            at = self.view.viewport().mapToGlobal(pointer.pixel.toPoint())
            drawn = DrawnLink(self._from, end, pointer.place, at, joints, joint, self._line_type)
            self.view.link_drawn.emit(drawn)

    def _click(self, pointer: Pointer) -> None:
        adds = pointer.holds(Qt.KeyboardModifier.ShiftModifier) or pointer.holds(Qt.KeyboardModifier.ControlModifier)
        if adds:
            self.scene.selection.toggle([self._from])
        else:
            self.scene.selection.set([self._from])
        if self.view.is_linking:
            self.view.begin(LinkGesture(self.view, self.start, stays=True))

    def cancel(self) -> None:
        """Draw nothing."""
        self._end()

    def _end(self) -> None:
        if self._lighting is not None:
            self._lighting.end()
            self._lighting = self._joints = None

"""What the mouse does on the canvas: each drag is an object that begins, follows, and ends or is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nepi_gui.canvas.gestures.attaching import MoveEndGesture, ReattachGesture
from nepi_gui.canvas.gestures.conditioning import ConditionGesture, PickGesture
from nepi_gui.canvas.gestures.drawing import DrawGesture
from nepi_gui.canvas.gestures.gesture import Gesture, Pointer
from nepi_gui.canvas.gestures.linking import LinkGesture
from nepi_gui.canvas.gestures.moving import MoveGesture
from nepi_gui.canvas.gestures.panning import PanGesture
from nepi_gui.canvas.gestures.resizing import ResizeGesture
from nepi_gui.canvas.gestures.rubber_band import RubberBandGesture
from nepi_gui.canvas.gestures.slicing import SliceGesture

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_KINDS: tuple[type[Gesture], ...] = (
    PanGesture,
    ConditionGesture,
    PickGesture,
    DrawGesture,
    ResizeGesture,
    SliceGesture,
    LinkGesture,
    ReattachGesture,
    MoveEndGesture,
    MoveGesture,
    RubberBandGesture,
)
"""In the order in which they are asked."""


def gesture_at(view: CanvasView, pointer: Pointer) -> Gesture | None:
    """Return the gesture that begins where a button was pressed; None when nothing does."""
    return next((kind(view, pointer) for kind in _KINDS if kind.begins(view, pointer)), None)


__all__ = ["Gesture", "Pointer", "gesture_at"]

"""What all gestures have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from nepi_gui.canvas.hits import Hit

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is and what is pressed.

    Attributes:
        place: on the canvas.
        pixel: on the view.
        button: that was pressed when the gesture began.
        hit: what is there.
    """

    place: QPointF
    pixel: QPointF
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    hit: Hit

    def holds(self, modifier: Qt.KeyboardModifier) -> bool:
        """Tell whether a key such as Shift is held."""
        return bool(self.modifiers & modifier)


class Gesture:
    """A drag of the mouse, from press to release. It shows what it would do, and changes the document at its end only.

    Args:
        pointer: where the button was pressed.
    """

    cursor: Qt.CursorShape | None = None
    """Shown while the gesture goes on; None leaves it."""

    scrolls: bool = False
    """Whether the canvas scrolls when the mouse comes to the edge of the view."""

    def __init__(self, view: CanvasView, pointer: Pointer) -> None:
        self.view = view
        self.scene = view.canvas
        self.start = pointer

    @classmethod
    def begins(cls, view: CanvasView, pointer: Pointer) -> bool:
        """Tell whether this gesture begins when a button is pressed there."""
        raise NotImplementedError

    def move(self, pointer: Pointer) -> None:
        """Follow the mouse."""

    def finish(self, pointer: Pointer) -> None:
        """Do it: the button was released."""

    def cancel(self) -> None:
        """Leave everything as it was: Escape was pressed, or the window lost the mouse."""

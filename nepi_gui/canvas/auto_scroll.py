"""Scrolls the canvas while something is dragged to the edge of the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QTimer

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_EDGE = 20.0  # pixels from the edge in which it begins
_FASTEST = 30.0  # pixels at once
_EVERY = 16  # ms


class AutoScroll(QObject):
    """Moves what a view shows, the faster the farther the mouse is out, and has the gesture follow."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._way = QPointF()
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._scroll)

    @property
    def is_active(self) -> bool:
        """Whether it scrolls just now."""
        return self._timer.isActive()

    def follow(self, pixel: QPointF) -> None:
        """Scroll if a pixel of the view is at its edge or beyond, or stop."""
        size = self._view.viewport().size()
        self._way = QPointF(_speed(pixel.x(), size.width()), _speed(pixel.y(), size.height()))
        if self._way.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def end(self) -> None:
        """Stop."""
        self._timer.stop()

    def _scroll(self) -> None:
        self._view.pan_by(self._way)
        self._view.follow_again()


def _speed(at: float, length: float) -> float:
    """Return how far the canvas moves: right when the mouse is at the left edge, left when it is at the right one."""
    if at < _EDGE:
        return min(_FASTEST, _EDGE - at)
    return -min(_FASTEST, at - (length - _EDGE)) if at > length - _EDGE else 0.0

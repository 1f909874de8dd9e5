"""Where things are shown: where the description has them, unless that is nowhere or farther away than Qt can draw."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF

from nepi_core.description import CanvasNote, ResourceDescription
from nepi_gui.document.notes import SMALLEST_SIDE

_FARTHEST = 1e7  # pixels; scroll bars count in whole numbers of 32 bits, and the zoom makes four of one


def place_of(resource: ResourceDescription) -> QPointF:
    """Return where a resource is shown; one that has no place yet stands at the origin."""
    layout = resource.layout
    if layout is None or layout.x is None or layout.y is None:
        return QPointF(0, 0)
    return QPointF(_bounded(layout.x), _bounded(layout.y))


def box_of(note: CanvasNote) -> QRectF:
    """Return what a note or area covers; one without a size is shown so that it can be found."""
    width, height = (side if side > 0 else SMALLEST_SIDE for side in map(_bounded, (note.width, note.height)))
    return QRectF(_bounded(note.x) - width / 2, _bounded(note.y) - height / 2, width, height)


def _bounded(number: float) -> float:
    return 0.0 if math.isnan(number) else max(-_FARTHEST, min(_FARTHEST, number))

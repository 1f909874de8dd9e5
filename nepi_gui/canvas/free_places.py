"""Where on the canvas words, and nodes that are new, cover nothing that stands there already."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QPointF, QRectF

from nepi_gui.canvas.items import BadgeItem, NodeItem
from nepi_gui.canvas.looks import PLATE
from nepi_gui.canvas.scene import CanvasScene

_LABEL_HEIGHT = 16.0
_NAME_HEIGHT = 24.0
_STEP = 40.0
_FARTHEST_RING = 30  # steps


def covered_in(scene: CanvasScene, field: QRectF) -> Iterator[QRectF]:
    """Yield what nodes, their names, badges, and the words at lines cover in a part of the canvas."""
    for item in scene.items(field):
        if isinstance(item, NodeItem):
            yield PLATE.translated(item.pos())
            yield item.label_rect().translated(item.pos())
        elif isinstance(item, BadgeItem):
            yield item.chip_rect().translated(item.pos())
    line = scene.lines.near(field.center(), max(field.width(), field.height()))
    if line is not None and line.label and line.way is not None:
        width = scene.painter.chip_metrics.horizontalAdvance(scene.painter.line_label(line.label, line.label_room)) + 8
        middle = line.way.center()
        yield QRectF(middle.x() - width / 2, middle.y() - _LABEL_HEIGHT / 2, width, _LABEL_HEIGHT)


def freest(scene: CanvasScene, wanted: Iterable[QRectF], taken: Iterable[QRectF] = ()) -> QRectF:
    """Return the first of some rectangles (at least one) that covers nothing, or else the one that covers least.

    Args:
        taken: what is covered beside the scene's own things.
    """
    others, found, least = list(taken), QRectF(), math.inf
    for place in wanted:
        covered = sum(_area(place.intersected(each)) for each in (*others, *covered_in(scene, place)))
        if covered < least:
            found, least = place, covered
        if not covered:
            break
    return found


def _area(rect: QRectF) -> float:
    return rect.width() * rect.height()


def free_for_node(scene: CanvasScene, place: QPointF) -> QPointF:
    """Return the place nearest to another one where a new node covers no other one; that itself when there is none."""
    for ring in range(_FARTHEST_RING):
        for step in _ring(ring):
            if not _is_taken(scene, place + step * _STEP):
                return place + step * _STEP
    return place


def _ring(number: int) -> list[QPointF]:
    """Return the steps to the places around another one, the nearest first: to the right before the others."""
    steps = range(-number, number + 1)
    found = [QPointF(x, y) for x in steps for y in steps if max(abs(x), abs(y)) == number]
    return sorted(found, key=lambda step: (step.x() ** 2 + step.y() ** 2, -step.x(), -step.y()))


def _is_taken(scene: CanvasScene, place: QPointF) -> bool:
    """Tell whether a node with its name would cover another one, or one's name, there."""
    room = PLATE.translated(place).adjusted(-4, -4, 4, _NAME_HEIGHT)
    standing = [item for item in scene.items(room) if isinstance(item, NodeItem)]
    return any(room.intersects(PLATE.adjusted(0, 0, 0, _NAME_HEIGHT).translated(item.pos())) for item in standing)

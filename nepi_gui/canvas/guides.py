"""Guides: lines that say that what is dragged stands in line with its neighbours, and to which it snaps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nepi_gui.canvas.items import OVERLAY
from nepi_gui.canvas.looks import Painter
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Key

_REACH = 6.0  # pixels of the screen from which a guide attracts
_SAME = 0.5  # pixels of the canvas within which things are in line
_BEYOND = 16.0  # pixels that a guide is longer than from the first thing to the last
_AROUND = 34.0  # from a node's centre to where a guide begins


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands along one axis, and where across it.

    Attributes:
        centre: along the axis.
        edges: along the axis; () for nodes, which are all of the same size.
        span: from where to where it reaches across the axis.
    """

    centre: float
    edges: tuple[float, ...]
    span: tuple[float, float]


class Row:
    """What stands still, sorted along one axis: centres apart from edges."""

    def __init__(self, things: Iterable[Standing]) -> None:
        things = list(things)
        self._centres = sorted((each.centre, each.span) for each in things)
        self._edges = sorted((edge, each.span) for each in things for edge in each.edges)

    def offset(self, moved: Standing, reach: float) -> float | None:
        """Return how far something must move so that it is in line with its nearest neighbour; None for none there."""
        near = [*_offsets(self._centres, moved.centre, reach)]
        for edge in moved.edges:
            near += _offsets(self._edges, edge, reach)
        return min(near, key=abs, default=None)

    def guides(self, moved: Standing) -> list[tuple[float, float, float]]:
        """Return the lines on which something stands with others: where on the axis, and from where to where."""
        found = [_guide(self._centres, moved.centre, moved.span)]
        found += [_guide(self._edges, edge, moved.span) for edge in moved.edges]
        return [each for each in found if each is not None]


_Sorted = list[tuple[float, tuple[float, float]]]


def _offsets(row: _Sorted, at: float, reach: float) -> list[float]:
    index = bisect_left(row, (at,))
    neighbours = row[max(0, index - 1) : index + 1]
    return [each - at for each, _ in neighbours if abs(each - at) <= reach]


def _guide(row: _Sorted, at: float, span: tuple[float, float]) -> tuple[float, float, float] | None:
    spans = [span]
    index = bisect_left(row, (at - _SAME,))
    while index < len(row) and row[index][0] <= at + _SAME:
        spans.append(row[index][1])
        index += 1
    if len(spans) == 1:
        return None
    return at, min(first for first, _ in spans) - _BEYOND, max(last for _, last in spans) + _BEYOND


class Guides(QGraphicsItem):
    """The guides of a drag: for what is in view at its beginning and does not move.

    Args:
        moving: what is dragged.
        lead: which of it was grabbed, and is brought in line.
    """

    def __init__(self, scene: CanvasScene, field: QRectF, moving: Iterable[Key], lead: Key) -> None:
        super().__init__()
        self.setZValue(OVERLAY)
        self._painter: Painter = scene.painter
        self._lead = _places(scene, lead)
        still = [_places(scene, key) for key in _seen(scene, field) - set(moving)]
        self._across, self._down = Row(x for x, _ in still), Row(y for _, y in still)
        self._lines: list[QLineF] = []
        self._bounds = QRectF()
        scene.addItem(self)

    def attract(self, way: QPointF, zoom: float, fallback: QPointF) -> QPointF:
        """Return how far to move: as far as the guides say, on each axis, or else as the fallback says."""
        across, down = _moved(self._lead, way)
        reach = _REACH / zoom
        found_x, found_y = self._across.offset(across, reach), self._down.offset(down, reach)
        return QPointF(
            fallback.x() if found_x is None else way.x() + found_x,
            fallback.y() if found_y is None else way.y() + found_y,
        )

    def show_for(self, way: QPointF) -> None:
        """Show the lines on which the lead stands when everything has moved so far."""
        across, down = _moved(self._lead, way)
        lines = [QLineF(at, first, at, last) for at, first, last in self._across.guides(across)]
        lines += [QLineF(first, at, last, at) for at, first, last in self._down.guides(down)]
        if lines != self._lines:
            self.prepareGeometryChange()
            self._lines, self._bounds = lines, QRectF()
            for line in lines:
                self._bounds |= QRectF(line.p1(), line.p2()).adjusted(-2, -2, 2, 2)

    def lines(self) -> list[QLineF]:
        """Return the lines that are shown."""
        return list(self._lines)

    def hide_lines(self) -> None:
        """Show none."""
        if self._lines:
            self.prepareGeometryChange()
            self._lines, self._bounds = [], QRectF()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = QPen(QColor(self._painter.theme.accent), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self._lines)


def _seen(scene: CanvasScene, field: QRectF) -> set[Key]:
    """Return what has a place of its own in a part of the canvas."""
    nodes = {guid for guid, item in scene.nodes.items() if field.contains(item.pos())}
    return nodes | {-item.number - 1 for item in scene.notes if field.intersects(item.sceneBoundingRect())}


def _places(scene: CanvasScene, key: Key) -> tuple[Standing, Standing]:
    """Return how something stands along both axes."""
    centre = scene.centre(key)
    if key > 0:
        x, y = centre.x(), centre.y()
        return Standing(x, (), (y - _AROUND, y + _AROUND)), Standing(y, (), (x - _AROUND, x + _AROUND))
    box = scene.rect(key)
    wide, high = (box.left(), box.right()), (box.top(), box.bottom())
    return Standing(centre.x(), wide, high), Standing(centre.y(), high, wide)


def _moved(lead: tuple[Standing, Standing], way: QPointF) -> tuple[Standing, Standing]:
    across, down = lead
    return _shifted(across, way.x(), way.y()), _shifted(down, way.y(), way.x())


def _shifted(thing: Standing, along: float, across: float) -> Standing:
    first, last = thing.span
    return Standing(thing.centre + along, tuple(edge + along for edge in thing.edges), (first + across, last + across))

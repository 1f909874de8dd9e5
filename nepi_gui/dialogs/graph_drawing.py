"""Draws a graph in few strokes: the preview of a topology, and the small pictures of its kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import networkx as nx
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap

from nepi_core.description import NodeId
from nepi_core.topology.generators import TopologyType
from nepi_gui.appearance import Theme
from nepi_gui.document.spacing import Place, bounds

if TYPE_CHECKING:
    from nepi_core.topology import NetGraph

_LARGEST, _SMALLEST = 9.0, 1.5  # radius of a node in pixels
_SHARE = 0.28  # of the room that each node has, for its disc

_SAMPLES: Mapping[TopologyType, Mapping[str, Any]] = {
    TopologyType.LINEAR: {"node_count": 4},
    TopologyType.LADDER: {"node_count": 8},
    TopologyType.MESH: {"node_count": 5},
    TopologyType.TREE: {"node_count": 7, "branches": 2},
    TopologyType.STAR: {"node_count": 7},
    TopologyType.RING: {"node_count": 7},
    TopologyType.GRID: {"rows": 3, "columns": 4},
    TopologyType.TORUS: {"rows": 3, "columns": 4},
    TopologyType.HYPERCUBE: {"dimension": 3},
    TopologyType.LEAF_SPINE: {"spines": 2, "leaves": 4, "hosts": 0},
    TopologyType.FAT_TREE: {"k": 2},
    TopologyType.ERDOS_RENYI: {"node_count": 9, "probability": 0.3},
    TopologyType.BARABASI_ALBERT: {"node_count": 10, "edges_per_node": 1},
    TopologyType.WATTS_STROGATZ: {"node_count": 10, "neighbours": 4, "probability": 0.2},
    TopologyType.WAXMAN: {"node_count": 10},
}

# The usual layout by forces needs scipy, which takes half a second to import.
_LAYOUTS = {
    TopologyType.HYPERCUBE: partial(nx.spring_layout, seed=1),
    TopologyType.ERDOS_RENYI: nx.circular_layout,
    TopologyType.BARABASI_ALBERT: partial(nx.spring_layout, seed=1),
    TopologyType.WATTS_STROGATZ: nx.circular_layout,
}


@dataclass(frozen=True)
class GraphDrawing:
    """A graph fitted into a rectangle.

    Attributes:
        points: the nodes, in pixels.
        radius: of a node.
    """

    points: Mapping[NodeId, QPointF]
    edges: tuple[tuple[NodeId, NodeId], ...]
    radius: float

    def paint_edges(self, painter: QPainter, colour: str) -> None:
        """Draw the edges."""
        painter.setPen(QPen(QColor(colour), min(1.6, max(0.6, self.radius / 3))))
        painter.drawLines([QLineF(self.points[first], self.points[second]) for first, second in self.edges])

    def paint_nodes(self, painter: QPainter, fill: str, outline: str) -> None:
        """Draw the nodes."""
        painter.setPen(QPen(QColor(outline), 1.2 if self.radius > 3 else 0.8))
        painter.setBrush(QColor(fill))
        for point in self.points.values():
            painter.drawEllipse(point, self.radius, self.radius)

    def paint_mark(self, painter: QPainter, nid: NodeId, letter: str, fill: str, text: str) -> None:
        """Draw a node so that it stands out, with a letter in it."""
        radius = max(self.radius, 8.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawEllipse(self.points[nid], radius, radius)
        font = QFont(painter.font())
        font.setPixelSize(max(8, round(radius * 1.2)))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(text))
        corner = self.points[nid] - QPointF(radius, radius)
        painter.drawText(QRectF(corner, corner + QPointF(2 * radius, 2 * radius)), Qt.AlignmentFlag.AlignCenter, letter)


def fitted(
    netgraph: NetGraph, places: Mapping[NodeId, Place], field: QRectF, largest: float = _LARGEST
) -> GraphDrawing:
    """Return a graph fitted into a rectangle; its places have y downwards."""
    left, top, right, bottom = bounds(places.values())
    width, height = right - left, bottom - top
    scale = min(field.width() / max(width, 1e-6), field.height() / max(height, 1e-6)) if width or height else 1.0
    middle = QPointF((left + right) / 2, (top + bottom) / 2)
    points = {nid: field.center() + (QPointF(*place) - middle) * scale for nid, place in places.items()}
    room = (field.width() * field.height() / max(1, len(points))) ** 0.5
    radius = max(_SMALLEST, min(largest, room * _SHARE / 2, scale * 45 if len(points) > 1 else largest))
    return GraphDrawing(points, tuple(netgraph.edges()), radius)


@cache
def _sample(kind: TopologyType) -> tuple[NetGraph, dict[NodeId, Place]]:
    from nepi_core.topology import NetGraph

    netgraph = NetGraph(topo_type=kind, seed=3, **_SAMPLES[kind])
    places = _LAYOUTS[kind](netgraph.topology) if kind in _LAYOUTS else netgraph.positions()
    return netgraph, {nid: (float(x), -float(y)) for nid, (x, y) in places.items()}


def kind_picture(kind: TopologyType, theme: Theme, size: QSize, ratio: float = 1.0) -> QPixmap:
    """Return a small picture of a kind of topology."""
    picture = blank_picture(size, ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    netgraph, places = _sample(kind)
    drawing = fitted(netgraph, places, QRectF(6, 6, size.width() - 12, size.height() - 12), largest=3.6)
    drawing.paint_edges(painter, theme.line)
    drawing.paint_nodes(painter, theme.accent, theme.plate)
    painter.end()
    return picture


def blank_picture(size: QSize, ratio: float) -> QPixmap:
    """Return a transparent picture."""
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture

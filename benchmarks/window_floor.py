"""The floor of the window's benchmark: a bare scene whose nodes are painted in Python, and lines of Qt's own."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsItem,
    QGraphicsLineItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from benchmarks.window_drive import SIZE, OrdinaryView
from benchmarks.window_graph import Graph

_RECT = QRectF(-30, -30, 60, 76)
_COLOURS = ("#3b87d9", "#2f9e6e", "#e08a2e")


class _Node(QGraphicsItem):
    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label
        self.colour = QColor(_COLOURS[0])

    def boundingRect(self) -> QRectF:
        return _RECT

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setBrush(self.colour)
        painter.drawRect(-28, -28, 56, 56)
        painter.drawText(_RECT, Qt.AlignmentFlag.AlignBottom, self.label)


class _Floor(OrdinaryView):
    def __init__(self) -> None:
        self._qt = QApplication([])
        self._full = False

    def open(self) -> None:
        """Open an empty window."""
        self.view = QGraphicsView()
        self.view.resize(*SIZE)
        self.view.show()

    def build(self, graph: Graph) -> None:
        """Show a graph."""
        self._scene = QGraphicsScene()
        self._nodes = [_Node(f"node-{number}") for number in range(len(graph.places))]
        for node, place in zip(self._nodes, graph.places, strict=True):
            node.setPos(*place)
            self._scene.addItem(node)
        pen = QPen(QColor("#888888"))
        self._at: dict[int, list[tuple[QGraphicsLineItem, int]]] = {}
        for first, second in graph.edges:
            line = self._scene.addLine(*graph.places[first], *graph.places[second], pen)
            line.setZValue(-1)
            self._at.setdefault(first, []).append((line, second))
            self._at.setdefault(second, []).append((line, first))
        self.view.setScene(self._scene)

    def process(self) -> None:
        """Let Qt do what is to be done."""
        self._qt.processEvents()

    def drag(self, node: int, x: float, y: float) -> None:
        """Put a node somewhere."""
        self._nodes[node].setPos(x, y)
        for line, other in self._at.get(node, ()):
            line.setLine(x, y, self._nodes[other].x(), self._nodes[other].y())

    def recolour(self, step: int) -> bool:
        """Give all nodes another colour."""
        self.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        for node in self._nodes:
            node.colour = QColor(_COLOURS[step % 3])
            node.update()
        return True


def canvas() -> _Floor:
    """Return what is driven."""
    return _Floor()

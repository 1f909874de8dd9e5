"""NodeGraphQt's canvas, for the window's benchmark."""

from __future__ import annotations

from typing import Any

from NodeGraphQt import BaseNode, NodeGraph
from Qt import QtCore, QtWidgets

from benchmarks.window_drive import SIZE
from benchmarks.window_graph import Graph

_COLOURS = ((59, 135, 217), (47, 158, 110), (224, 138, 46))


class _Node(BaseNode):
    __identifier__ = "benchmark"
    NODE_NAME = "node"

    def __init__(self) -> None:
        super().__init__()
        self.add_input("in", multi_input=True)
        self.add_output("out")


class _NodeGraphQt:
    def __init__(self) -> None:
        self._qt = QtWidgets.QApplication([])

    def open(self) -> None:
        """Open an empty window."""
        self._graph = NodeGraph()
        self._graph.set_acyclic(False)
        self._graph.register_node(_Node)
        self.view: Any = self._graph.viewer()
        self.view.resize(*SIZE)
        self.view.show()

    def build(self, graph: Graph) -> None:
        """Show a graph; places are stretched, since its nodes are wider."""
        self._nodes = [
            self._graph.create_node(
                "benchmark._Node", name=f"node-{number}", pos=place, selected=False, push_undo=False
            )
            for number, place in enumerate(graph.places)
        ]
        for first, second in graph.edges:
            self._nodes[first].output(0).connect_to(self._nodes[second].input(0), push_undo=False, emit_signal=False)

    def process(self) -> None:
        """Let Qt do what is to be done."""
        self._qt.processEvents()

    def look(self, x: float, y: float, scale: float) -> None:
        """Show a place in the middle of the view, in a scale; its view sets its transform from a rectangle."""
        width, height = SIZE[0] / scale, SIZE[1] / scale
        self.view._scene_range = QtCore.QRectF(x - width / 2, y - height / 2, width, height)
        self.view._update_scene()

    def pan(self, x: int, y: int) -> None:
        """Scroll so many pixels."""
        self.view._set_viewer_pan(x, y)

    def drag(self, node: int, x: float, y: float) -> None:
        """Put a node somewhere."""
        self._nodes[node].view.setPos(x, y)

    def recolour(self, step: int) -> bool:
        """Give all nodes another colour."""
        for node in self._nodes:
            node.view.color = (*_COLOURS[step % 3], 255)
            node.view.update()
        return True


def canvas() -> _NodeGraphQt:
    """Return what is driven."""
    return _NodeGraphQt()

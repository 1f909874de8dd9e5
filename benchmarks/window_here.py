"""This program's canvas, for the window's benchmark."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from benchmarks.window_drive import SIZE, OrdinaryView
from benchmarks.window_graph import Graph
from nepi_core.description import ExperimentDescription, Layout, ResourceDescription
from nepi_core.loading import Severity
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.canvas.view import CanvasView
from nepi_gui.document.document import Document
from nepi_gui.window.application import make_qt


def describe(graph: Graph) -> ExperimentDescription:
    """Return a graph as an experiment: a node for each node, a link for each edge."""
    made = ExperimentDescription(exp_id="benchmark")
    for number, (x, y) in enumerate(graph.places, 1):
        made.resources[number] = ResourceDescription(number, "netns::Node", layout=Layout(x, y, label=f"node-{number}"))
    for guid, (first, second) in enumerate(graph.edges, len(graph.places) + 1):
        made.resources[guid] = ResourceDescription(guid, "netns::Link")
        made.connect(guid, first + 1)
        made.connect(guid, second + 1)
    return made


class _Here(OrdinaryView):
    def __init__(self) -> None:
        self._qt = make_qt()

    def open(self) -> None:
        """Open an empty window."""
        self._document = Document()
        self._appearance = Appearance("light")
        self._selection = Selection(self._document)
        self._scene = CanvasScene(self._document, self._selection, self._appearance)
        self.view = CanvasView(self._scene)
        self.view.resize(*SIZE)
        self.view.show()

    def build(self, graph: Graph) -> None:
        """Show a graph."""
        self._document.replace(describe(graph), None)

    def process(self) -> None:
        """Let Qt do what is to be done."""
        self._qt.processEvents()

    def drag(self, node: int, x: float, y: float) -> None:
        """Put a node somewhere."""
        self._scene.show_at({node + 1: QPointF(x, y)})

    def recolour(self, step: int) -> bool:
        """Give all nodes another mark, the only thing that changes their looks at once."""
        marks = (Severity.WARNING, Severity.ERROR)[step % 2]
        self._scene.show_findings(dict.fromkeys(self._scene.nodes, marks))
        return True


def canvas() -> _Here:
    """Return what is driven."""
    return _Here()

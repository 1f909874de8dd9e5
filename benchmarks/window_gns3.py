"""GNS3's canvas, for the window's benchmark: its own items in its own scene; node, port and link are stand-ins.

GNS3 keeps its nodes on a server; what a stand-in answers is what the server would have said.
"""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

from benchmarks.timing import ROOT
from benchmarks.window_drive import SIZE, OrdinaryView
from benchmarks.window_graph import Graph

from gns3.qt import QtCore, QtGui, QtWidgets  # isort: skip


class _Node(QtCore.QObject):
    created_signal = QtCore.Signal(int)
    started_signal = QtCore.Signal()
    stopped_signal = QtCore.Signal()
    suspended_signal = QtCore.Signal()
    updated_signal = QtCore.Signal()
    deleted_signal = QtCore.Signal()
    error_signal = QtCore.Signal(int, str)
    server_error_signal = QtCore.Signal(int, str)

    def __init__(self, name: str, x: float, y: float) -> None:
        super().__init__()
        label = {"text": name, "x": None, "y": None, "rotation": 0, "style": ""}
        self._settings: dict[str, Any] = {"x": x, "y": y, "z": 1, "locked": False, "symbol": "", "label": label}
        self._name = name

        self._id = str(uuid.uuid4())

    def __getattr__(self, name: str) -> Any:
        if name in ("x", "y", "z", "locked", "symbol"):
            return lambda: self._settings[name]
        raise AttributeError(name)

    def id(self) -> str:
        """Return its id."""
        return self._id

    def ports(self) -> list[Any]:
        """Return its ports."""
        return []

    def settings(self) -> dict[str, Any]:
        """Return what the server said of the node."""
        return self._settings

    def setSettingValue(self, name: str, value: Any) -> None:
        """Take a value in."""
        self._settings[name] = value

    def setGraphics(self, item: Any) -> None:
        """Tell the server where it stands; there is none."""

    def name(self) -> str:
        """Return the name."""
        return self._name

    def info(self) -> str:
        """Return the tool tip."""
        return self._name

    def initialized(self) -> bool:
        """Tell whether the server has made it; the symbol is given by hand."""
        return False


class _Link(QtCore.QObject):
    updated_link_signal = QtCore.Signal(str)
    delete_link_signal = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._id = str(uuid.uuid4())
        self._link_style: dict[str, Any] = {}

    def id(self) -> str:
        """Return its id."""
        return self._id

    def capturing(self) -> bool:
        """Tell whether packets are captured."""
        return False

    suspended = capturing

    def filters(self) -> dict[str, Any]:
        """Return its filters."""
        return {}

    def setLinkStyle(self, style: Any) -> None:
        """Take a style in."""


class _Gns3(OrdinaryView):
    def __init__(self) -> None:
        self._qt = QtWidgets.QApplication([])

    def open(self) -> None:
        """Open an empty window."""
        import gns3.ui.resources_rc  # noqa: F401 - the pictures of its items
        from gns3.main_window import MainWindow
        from gns3.settings import GRAPHICS_VIEW_SETTINGS

        unchecked = SimpleNamespace(isChecked=lambda: False)
        MainWindow._instance = SimpleNamespace(
            uiGraphicsView=SimpleNamespace(settings=lambda: GRAPHICS_VIEW_SETTINGS),
            uiSnapToGridAction=unchecked,
            uiShowPortNamesAction=unchecked,
        )
        self.view = QtWidgets.QGraphicsView()
        self.view.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        self.view.resize(*SIZE)
        self.view.show()

    def build(self, graph: Graph) -> None:
        """Show a graph."""
        from gns3.items.ethernet_link_item import EthernetLinkItem
        from gns3.items.node_item import NodeItem
        from gns3.ports.port import Port

        self._scene = QtWidgets.QGraphicsScene()
        self._keep: list[Any] = []
        self._nodes = []
        for number, place in enumerate(graph.places):
            node = _Node(f"node-{number}", *place)
            item = NodeItem(node)
            item._symbol = ""  # as the stand-in has it, so that no server is asked for it
            item._symbolLoadedCallback(str(ROOT / "icons" / "nepi-gui.svg"))
            self._scene.addItem(item)
            self._keep.append(node)
            self._nodes.append(item)
        for first, second in graph.edges:
            link = _Link()
            ports = [Port("e0"), Port("e0")]
            line = EthernetLinkItem(self._nodes[first], ports[0], self._nodes[second], ports[1], link)
            self._scene.addItem(line)
            line.adjust()
            self._keep += [link, line, *ports]
        self.view.setScene(self._scene)

    def process(self) -> None:
        """Let Qt do what is to be done."""
        self._qt.processEvents()

    def drag(self, node: int, x: float, y: float) -> None:
        """Put a node somewhere."""
        self._nodes[node].setPos(x, y)

    def recolour(self, step: int) -> bool:
        """Do nothing: its nodes have no colour; the dots on its links have."""
        return False


def canvas() -> _Gns3:
    """Return what is driven."""
    return _Gns3()

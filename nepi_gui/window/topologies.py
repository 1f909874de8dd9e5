"""Topologies in the menu Insert: the wizard, graphs from files, from the clipboard, and dropped ones."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from nepi_gui.background import Background
from nepi_gui.canvas.drop import GRAPHS
from nepi_gui.window.clipboard import ClipboardFeature
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

if TYPE_CHECKING:
    from nepi_gui.dialogs.topology_wizard import TopologyWizard

# The wizard's modules are imported when it is opened: networkx takes a tenth of a second.


class TopologiesFeature(Feature):
    """Makes resources of graphs."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Insert that are about topologies."""
        self._background = Background(self)
        menu = self.tr("&Insert")
        yield Command(
            "insert.topology",
            self.tr("&Topology…"),
            self.open_wizard,
            menu,
            ("Ctrl+T",),
            self.tr("Insert a whole network: a ring, a tree, a data centre, a random graph …"),
            "topology",
            separated=True,
        )
        yield Command(
            "insert.graph",
            self.tr("&Graph from a file…"),
            self.import_graph,
            menu,
            ("Ctrl+Shift+T",),
            self.tr("Insert the network in a file of GraphML or GML, or in a list of edges."),
            "import",
        )
        yield Command(
            "insert.edges",
            self.tr("List of &edges from the clipboard…"),
            self.paste_edges,
            menu,
            ("Ctrl+Shift+V",),
            self.tr("Insert the network that a list of edges tells of: two nodes in each line."),
            "paste",
        )

    def opened(self) -> None:
        """Look at what is pasted and dropped."""
        ClipboardFeature.of(self.window).add_reader(self.read)
        self.window.view.files_dropped.connect(self._take_dropped)

    def closed(self) -> None:
        """Wait for what goes on; nobody needs its result any more."""
        self._background.close()

    def open_wizard(self) -> TopologyWizard:
        """Open the wizard."""
        from nepi_gui.dialogs.topology_wizard import TopologyWizard

        wizard = TopologyWizard(self.editor, self._background, self.window.view.shown().center(), self.window)
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.inserted.connect(self._show)
        wizard.open()
        return wizard

    def import_graph(self) -> None:
        """Ask for a file, and open the wizard with the graph in it."""
        from nepi_gui.dialogs.topology_source import graph_filter

        path, _ = QFileDialog.getOpenFileName(self.window, self.tr("Insert graph"), "", graph_filter())
        if path:
            self.open_wizard().choose_file(Path(path))

    def paste_edges(self) -> None:
        """Open the wizard with the text on the clipboard."""
        self.open_wizard().choose_text(QGuiApplication.clipboard().text())

    def read(self, text: str) -> bool:
        """Open the wizard with a pasted text, if that is a list of edges; tell whether it is."""
        from nepi_gui.dialogs.topology_draft import looks_like_edges

        if not looks_like_edges(text):
            return False
        self.open_wizard().choose_text(text)
        return True

    def _take_dropped(self, files: list[str]) -> None:
        graph = next((Path(each) for each in files if Path(each).suffix.lower() in GRAPHS), None)
        if graph is not None:
            self.open_wizard().choose_file(graph)

    def _show(self, guids: list[int]) -> None:
        """Select what was inserted, and have it seen."""
        self.selection.set(guids)
        scene = self.window.scene
        ground = QRectF()
        for guid in guids:
            if guid in scene.nodes:
                ground = ground.united(scene.nodes[guid].sceneBoundingRect())
        self.window.show_page(self.window.view)
        self.window.view.fit(ground)
        self.window.view.setFocus()

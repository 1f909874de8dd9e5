"""The submenu Lay out: what stands on the canvas is placed by a rule, in one step, and is seen going there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QProgressDialog

from nepi_core.description import TopologyDescription
from nepi_gui.background import Background
from nepi_gui.canvas.view import GRID
from nepi_gui.document import resources
from nepi_gui.document.layouts import LayoutKind, LayoutTask, Places, has_map, layout_task
from nepi_gui.document.spacing import bounds, centred
from nepi_gui.window.arranging import ArrangingFeature
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

_MOST_AT_ONCE = 300  # nodes that are laid out without a moment's delay
_PATIENCE = 400  # ms until it is said that work goes on


class LayingOutFeature(Feature):
    """Lays out what is selected, when it is several nodes, and else everything."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the submenu."""
        self._background = Background(self)
        self._background.finished.connect(self._take)
        self._background.failed.connect(self._refuse)
        self._progress: QProgressDialog | None = None
        self._map_of: tuple[TopologyDescription | None, bool] = None, False
        menu = self.tr("&Arrange") + "/" + self.tr("&Lay out")
        for kind, (text, help) in self._texts().items():
            keys, icon = (("Ctrl+L",), "layout") if kind is LayoutKind.AUTOMATIC else ((), "")
            enabled = self._has_map if kind is LayoutKind.MAP else None
            run = partial(self.lay_out, kind)
            yield Command(f"layout.{kind}", text, run, menu, keys, help, icon, enabled)

    def _texts(self) -> dict[LayoutKind, tuple[str, str]]:
        return {
            LayoutKind.AUTOMATIC: (
                self.tr("&Automatically"),
                self.tr("Place nodes as the topology is made, or else so that links are short and cross seldom."),
            ),
            LayoutKind.TREE: (
                self.tr("As a &tree"),
                self.tr("Place nodes in layers, below the selected one or the one with the most links."),
            ),
            LayoutKind.CIRCLE: (self.tr("In a &circle"), self.tr("Place nodes in a circle, neighbours side by side.")),
            LayoutKind.GRID: (self.tr("In a &grid"), self.tr("Place nodes in rows and columns.")),
            LayoutKind.FORCES: (self.tr("By &forces"), self.tr("Place nodes as if links were springs.")),
            LayoutKind.MAP: (
                self.tr("As on a &map"),
                self.tr("Place nodes by longitude and latitude, where the topology has them."),
            ),
        }

    def _has_map(self) -> bool:
        topology = self.document.description.topology
        if self._map_of[0] is not topology:
            self._map_of = topology, has_map(topology)
        return self._map_of[1]

    def lay_out(self, kind: LayoutKind) -> None:
        """Lay out what is selected, or everything, at once or in the background."""
        scene = self.window.scene
        selected = [guid for guid in self.selection.guids if guid in scene.nodes]
        only = frozenset(selected) if len(selected) > 1 else None
        task = layout_task(self.document.description, kind, only, selected[0] if len(selected) == 1 else None)
        if len(task.graph) > _MOST_AT_ONCE:
            self._begin(task)
        elif task.graph:
            self._take((task, task.places()))

    def _begin(self, task: LayoutTask) -> None:
        self._end_progress()
        text = self.tr("{0} nodes are being laid out.").format(len(task.graph))
        progress = self._progress = QProgressDialog(text, self.tr("Cancel"), 0, 0, self.window)
        progress.setWindowModality(Qt.WindowModality.NonModal)
        progress.setMinimumDuration(_PATIENCE)
        progress.canceled.connect(self._cancel)
        self._background.run(lambda: (task, task.places()))

    def _cancel(self) -> None:
        self._background.cancel()
        self._end_progress()

    def _end_progress(self) -> None:
        progress, self._progress = self._progress, None
        if progress is not None:
            progress.canceled.disconnect(self._cancel)
            progress.close()
            progress.deleteLater()

    def _refuse(self, sentence: str) -> None:
        self._end_progress()
        self.editor.tell(sentence)

    def _take(self, found: tuple[LayoutTask, Places]) -> None:
        self._end_progress()
        task, places = found
        scene, view = self.window.scene, self.window.view
        places = {guid: place for guid, place in places.items() if guid in scene.nodes}
        before = {guid: scene.centre(guid) for guid in places}
        journey = ArrangingFeature.of(self.window).journey
        journey.end()
        text = self.tr("Lay out: {0}").format(self._texts()[task.kind][0].replace("&", "").lower())
        with self.document.edit(text):
            resources.move(self.document, centred(places, _middle(before.values()), GRID if view.snaps else 0.0))
        if len(places) == len(scene.nodes):
            view.fit()
        journey.go(before)

    def closed(self) -> None:
        """Wait for what goes on; nobody needs its result any more."""
        self._end_progress()
        self._background.close()


def _middle(places: Iterable[QPointF]) -> tuple[float, float]:
    left, top, right, bottom = bounds((place.x(), place.y()) for place in places)
    return (left + right) / 2, (top + bottom) / 2

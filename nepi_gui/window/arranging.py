"""The menu Arrange: align, distribute, snap to the grid, move by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QPointF

from nepi_gui.canvas.animation import Journey
from nepi_gui.canvas.selection import Key
from nepi_gui.canvas.view import GRID
from nepi_gui.document import resources
from nepi_gui.document.arranging import Box, Edge, Places, Way, aligned, distributed, shifted, snapped
from nepi_gui.window.canvas_keys import keep_on_canvas
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.overview import OverviewFeature

_SNAPS = "canvas/snaps"
_SCROLLED = 60.0  # pixels by an arrow key when nothing is selected
_ARROWS = {Way.LEFT: "Left", Way.RIGHT: "Right", Way.UP: "Up", Way.DOWN: "Down"}

Boxes = dict[Key, Box]


class ArrangingFeature(Feature):
    """Puts what is selected in order.

    Attributes:
        journey: shows how things go to their new places.
    """

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Arrange."""
        self.journey = Journey(self.window.view)
        self._counted: tuple[frozenset[Key], int] = frozenset(), 0
        self.window.view.snaps = self.editor.settings.is_on(_SNAPS, True)
        menu = self.tr("&Arrange")
        yield from self._alignments(menu + "/" + self.tr("&Align"))
        yield from self._distributions(menu + "/" + self.tr("&Distribute"))
        yield from self._moves(menu + "/" + self.tr("&Move"))
        snap_help = self.tr("Things that are dragged come to rest on points of the grid.")
        yield Command(
            "arrange.snaps",
            self.tr("Snap to &grid"),
            self.switch_snapping,
            menu,
            ("Ctrl+Shift+G",),
            snap_help,
            "grid",
            checked=self._snaps,
            separated=True,
        )
        yield Command(
            "arrange.to-grid",
            self.tr("&Put on grid"),
            self.put_on_grid,
            menu,
            help=self.tr("Put what is selected on the nearest points of the grid."),
            enabled=partial(self._has_movable, 1),
        )

    def _alignments(self, menu: str) -> Iterable[Command]:
        texts = {
            Edge.LEFT: (self.tr("&Left edges"), "Alt+Shift+Left"),
            Edge.CENTRE: (self.tr("&Centres, one below the other"), "Alt+Shift+C"),
            Edge.RIGHT: (self.tr("&Right edges"), "Alt+Shift+Right"),
            Edge.TOP: (self.tr("&Top edges"), "Alt+Shift+Up"),
            Edge.MIDDLE: (self.tr("&Middles, in a row"), "Alt+Shift+M"),
            Edge.BOTTOM: (self.tr("&Bottom edges"), "Alt+Shift+Down"),
        }
        for edge, (text, key) in texts.items():
            yield Command(
                f"arrange.align-{edge}",
                text,
                partial(self.align, edge),
                menu,
                (key,),
                self.tr("Align what is selected."),
                "align-center" if edge is Edge.CENTRE else f"align-{edge}",
                partial(self._has_movable, 2),
                separated=edge is Edge.TOP,
            )

    def _distributions(self, menu: str) -> Iterable[Command]:
        texts = {False: self.tr("&From left to right"), True: self.tr("From &top to bottom")}
        keys = {False: "Alt+Shift+H", True: "Alt+Shift+V"}
        for upright, text in texts.items():
            name = "vertically" if upright else "horizontally"
            yield Command(
                f"arrange.distribute-{name}",
                text,
                partial(self.distribute, upright),
                menu,
                (keys[upright],),
                self.tr("Make the distances between what is selected equal."),
                "distribute-v" if upright else "distribute-h",
                partial(self._has_movable, 3),
            )

    def _moves(self, menu: str) -> Iterable[Command]:
        far = (self.tr("&Left"), self.tr("&Right"), self.tr("&Up"), self.tr("&Down"))
        near = (self.tr("A little left"), self.tr("A little right"), self.tr("A little up"), self.tr("A little down"))
        far_help = self.tr("Move what is selected by a step of the grid; the canvas when nothing is selected.")
        near_help = self.tr("Move what is selected by a pixel.")
        for (way, key), text in zip(_ARROWS.items(), far, strict=True):
            yield Command(f"arrange.move-{way}", text, partial(self.move, way, GRID), menu, (key,), far_help)
        for (way, key), text in zip(_ARROWS.items(), near, strict=True):
            name, separated = f"arrange.nudge-{way}", way is Way.LEFT
            run = partial(self.move, way, 1.0)
            yield Command(name, text, run, menu, (f"Shift+{key}",), near_help, separated=separated)

    def opened(self) -> None:
        """Leave the arrow keys to forms and lists where these have the keyboard; keep the map of the canvas true."""
        self.journey.arrived.connect(OverviewFeature.of(self.window).minimap.draw_soon)
        keep_on_canvas(self.window, [f"arrange.{kind}-{way}" for kind in ("move", "nudge") for way in Way])

    # -- what is selected --------------------------------------------------------------------------------

    def boxes(self) -> Boxes:
        """Return what is selected and has a place of its own."""
        scene, found = self.window.scene, {}
        for key in self.selection.keys:
            if key < 0 or key in scene.nodes:
                rect = scene.rect(key)
                found[key] = Box(rect.center().x(), rect.center().y(), rect.width(), rect.height())
        return found

    def _has_movable(self, least: int) -> bool:
        keys = self.selection.keys
        if self._counted[0] is not keys:
            nodes = self.window.scene.nodes
            self._counted = keys, sum(key < 0 or key in nodes for key in keys)
        return self._counted[1] >= least

    def _snaps(self) -> bool:
        return self.window.view.snaps

    # -- steps -------------------------------------------------------------------------------------------

    def align(self, edge: Edge) -> None:
        """Align what is selected."""
        self._put(self.tr("Align"), lambda boxes: aligned(boxes, edge))

    def distribute(self, upright: bool) -> None:
        """Make the distances between what is selected equal."""
        self._put(self.tr("Distribute"), lambda boxes: distributed(boxes, upright))

    def put_on_grid(self) -> None:
        """Put what is selected on the grid."""
        self._put(self.tr("Put on grid"), lambda boxes: snapped(boxes, GRID))

    def _put(self, text: str, arrange: Callable[[Boxes], Places]) -> None:
        boxes = self.boxes()
        moved = {key: place for key, place in arrange(boxes).items() if place != (boxes[key].x, boxes[key].y)}
        if moved:
            self.journey.end()
            with self.document.edit(text):
                resources.move(self.document, moved)
            self.journey.go({key: QPointF(boxes[key].x, boxes[key].y) for key in moved})

    def move(self, way: Way, length: float) -> None:
        """Move what is selected, or the canvas when nothing is; steps one after the other are undone together."""
        boxes = self.boxes()
        if boxes:
            resources.move(self.document, shifted(boxes, way, length), merge=("keys", self.selection.keys))
        elif self.selection:
            self.editor.tell(self.tr("Links and badges follow what they hang at; move that."))
        else:
            x, y = shifted({0: Box(0, 0)}, way, -_SCROLLED)[0]
            self.window.view.pan_by(QPointF(x, y))

    def switch_snapping(self) -> None:
        """Have things that are dragged snap to the grid, or no longer."""
        view = self.window.view
        view.snaps = not view.snaps
        self.editor.settings.keep(_SNAPS, view.snaps)

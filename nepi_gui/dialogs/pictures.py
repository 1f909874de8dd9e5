"""Small pictures of experiments, drawn one after the other while nothing else is to be done."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem

from nepi_core.description import Canvas, ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.xml_format import read_xml
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.looks import LABELS_FROM
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Selection
from nepi_gui.document.document import Document
from nepi_gui.document.layouts import place_unplaced

_COLUMN, _ROW = 110.0, 150.0  # pixels of the canvas between two columns and rows of nodes: room for what hangs there
_FEW = 3
_ROOM = 16.0  # pixels of the canvas around what is drawn
_LARGEST_ZOOM = 1.0
_LARGEST_FILE, _MOST_RESOURCES = 400_000, 400  # bytes; with more, reading and drawing would be felt


_Key = tuple[Path, int, bool, float]
"""File, when it was changed, whether the theme is dark, pixels of the screen to a pixel of Qt."""


class Pictures(QObject):
    """Draws the experiments of files, and remembers the pictures.

    Signals:
        drawn: the file whose picture is there now.
    """

    drawn = Signal(object)

    def __init__(self, appearance: Appearance, size: QSize, parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._size = size
        self._made: dict[_Key, QPixmap | None] = {}
        self._wanted: deque[tuple[Path, float]] = deque()
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._draw_next)

    def picture(self, path: Path, pixel_ratio: float) -> QPixmap | None:
        """Return the picture of a file when it is there; otherwise it is going to be drawn, and `drawn` tells it."""
        key = self._key(path, pixel_ratio)
        if key not in self._made and (path, pixel_ratio) not in self._wanted:
            self._wanted.append((path, pixel_ratio))
            self._turn.start()
        return self._made.get(key)

    def _key(self, path: Path, pixel_ratio: float) -> _Key:
        try:
            changed = path.stat().st_mtime_ns
        except OSError:  # it is gone, and has no picture
            changed = 0
        return path, changed, self._appearance.theme.is_dark, pixel_ratio

    def _draw_next(self) -> None:
        path, pixel_ratio = self._wanted.popleft()
        if self._wanted:
            self._turn.start()
        key = self._key(path, pixel_ratio)
        self._made[key] = None  # whatever happens, it is not tried again
        self._made[key] = self._draw(path, pixel_ratio)
        self.drawn.emit(path)

    def _draw(self, path: Path, pixel_ratio: float) -> QPixmap | None:
        """Return a picture, None when the file is large or cannot be read: opening it says why."""
        try:
            if path.stat().st_size > _LARGEST_FILE:
                return None
            description = read_xml(path)
        except (OSError, NepiError):
            return None
        if len(description.resources) > _MOST_RESOURCES:
            return None
        place_unplaced(description)
        return picture_of(description, self._appearance, self._size, pixel_ratio)


def picture_of(
    description: ExperimentDescription, appearance: Appearance, size: QSize, pixel_ratio: float = 1.0
) -> QPixmap:
    """Return an experiment as the canvas draws it, as large as fits, on a transparent ground."""
    picture = QPixmap(size * pixel_ratio)
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(Qt.GlobalColor.transparent)
    document = Document(replace(description, canvas=Canvas()))  # notes could not be read, and take room
    scene = CanvasScene(document, Selection(document, document), appearance)
    document.setParent(scene)
    scene.painter.pixel_ratio = pixel_ratio
    _condense(scene)
    painter = QPainter(picture)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    scene.render(painter, QRectF(0, 0, size.width(), size.height()), _field(scene, size))
    painter.end()
    scene.deleteLater()
    return picture


def _condense(scene: CanvasScene) -> None:
    """Move nodes that stand far apart closer together, so that they can be drawn larger."""
    places = {guid: item.pos() for guid, item in scene.nodes.items()}
    across = _factor([place.x() for place in places.values()], _COLUMN)
    down = _factor([place.y() for place in places.values()], _ROW)
    scene.show_at({guid: QPointF(place.x() * across, place.y() * down) for guid, place in places.items()})


def _factor(coordinates: Iterable[float], wanted: float) -> float:
    """Return by how much the nearest columns, or rows, come to stand at a distance; 1 when they are no farther."""
    ordered = sorted(set(coordinates))
    gaps = [second - first for first, second in pairwise(ordered)]
    room = wanted if len(ordered) > _FEW else 1.4 * wanted  # the labels of lines can be read between few
    return min(1.0, room / min(gaps)) if gaps else 1.0


def _field(scene: CanvasScene, size: QSize) -> QRectF:
    """Return the part of the canvas that is to be shown; badges are left out when they could not be read."""
    field = _shown(_ground((*scene.nodes.values(), *scene.badges.values())), size)
    if size.width() / field.width() >= LABELS_FROM:
        return field
    for item in scene.badges.values():
        item.hide()
    return _shown(_ground(scene.nodes.values()), size)


def _ground(items: Iterable[QGraphicsItem]) -> QRectF:
    """Return what some items cover together."""
    ground = QRectF()
    for item in items:
        ground = ground.united(item.sceneBoundingRect())
    return ground


def _shown(contents: QRectF, size: QSize) -> QRectF:
    """Return the part of the canvas that fills a picture and shows everything."""
    field = contents.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
    zoom = min(size.width() / field.width(), size.height() / field.height(), _LARGEST_ZOOM)
    shown = QRectF(0, 0, size.width() / zoom, size.height() / zoom)
    shown.moveCenter(field.center())
    return shown

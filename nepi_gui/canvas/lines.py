"""Links and connections: many lines in few items, so that thousands cost little.

Lines whose middles are near each other share an item, which Qt's index leaves out where it is not seen. A line that is
moved has only its own item look at it again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from nepi_core.loading import Severity
from nepi_core.states import ResourceState
from nepi_gui.appearance import Theme
from nepi_gui.canvas.items import LINES
from nepi_gui.canvas.looks import LABEL_ROOM, PLATE, Look, Painter, mixed

LineKey = tuple[int, int]
"""Names a line: guid of the link and 0, or the guids of two resources that are connected."""

Load = tuple[int, int]
"""How much a line carries from its first end and from its second one, in steps up to `LOAD_STEPS`."""

LOAD_STEPS = 8

_TILE = 600.0  # pixels: a tile holds some 40 lines, and a view of 1264 x 784 shows eight (docs/performance.md)
_LABELS_FROM = 0.6  # zoom: labels of lines say less than those of nodes, and there are more of them
_SPARE = 400.0
_SMOOTH_FROM = 0.3
_SIGNS_FROM = 0.35  # zoom; that something has FAILED is seen from any distance
_LOADED_WIDTHS = (2.0, 10.0)  # of a line that carries nothing, and of one that carries all that it can
_SIGN_ROOM = 22.0  # beside a label
_WIDEST_LABEL = 216.0
_CLEAR_ABOVE = 2 * (PLATE.height() / 2 + 20.0)  # how much higher one end must be, so that the label is below its name
_TAKEN_BESIDE = PLATE.width() + 48.0  # by both ends and the sign
_PARALLEL = 16.0  # pixels between two lines that join the same nodes


@dataclass(slots=True)
class Line:
    """A line between two places, and how it looks.

    Attributes:
        ends: guids of the resources at its ends.
        shift: how far it stands beside the straight way, for lines that join the same two.
        state, is_draft: as `Look` has them.
        load: None when it is not known.
    """

    key: LineKey
    ends: tuple[int, int]
    label: str = ""
    shift: float = 0.0
    colour: str = ""
    is_selected: bool = False
    is_hovered: bool = False
    finding: Severity | str = ""
    state: ResourceState | None = None
    is_draft: bool = False
    load: Load | None = None
    way: QLineF | None = None
    tile: tuple[int, int] = (0, 0)
    _rect: QRectF | None = None

    @property
    def is_link(self) -> bool:
        """Whether it is a resource of its own."""
        return not self.key[1]

    def wear(self, look: Look) -> None:
        """Look like that from now on; the icon is shown nowhere."""
        self.colour, self.is_selected, self.is_hovered = look.colour, look.is_selected, look.is_hovered
        self.finding, self.state, self.is_draft = look.finding, look.state, look.is_draft

    def lay(self, first: QPointF, second: QPointF) -> QLineF:
        """Put the ends somewhere, and return the way between them."""
        way = QLineF(first, second)
        if self.shift and way.length():
            aside = QPointF(-way.dy(), way.dx()) / way.length() * self.shift
            way.translate(aside)
        self.way, self._rect = way, None
        return way

    def rect(self) -> QRectF:
        """Return what the line needs for itself and its label."""
        assert self.way is not None
        if self._rect is None:
            self._rect = QRectF(self.way.p1(), self.way.p2()).normalized().adjusted(-6, -6, 6, 6)
        if not self.label and not self.finding and self.state is None:
            return self._rect
        middle, half = self.way.center(), self.label_room / 2 + _SIGN_ROOM
        return self._rect.united(QRectF(middle.x() - half, middle.y() - 30, 2 * half, 42))

    @property
    def label_room(self) -> float:
        """How wide the label may be: wider where it is clear of what stands at the ends, and hangs there."""
        if self.way is None:
            return LABEL_ROOM
        across, down = abs(self.way.dx()), abs(self.way.dy())
        if across <= PLATE.width() and down >= _CLEAR_ABOVE:
            return _WIDEST_LABEL
        return min(max(LABEL_ROOM, across - _TAKEN_BESIDE), _WIDEST_LABEL)


_Groups = list[tuple[Line, list[QLineF]]]


def _alike(lines: Iterable[Line]) -> _Groups:
    """Return lines in groups that look alike, each with one that stands for all."""
    groups: dict[tuple[object, ...], tuple[Line, list[QLineF]]] = {}
    for line in lines:
        has_failed = line.state is ResourceState.FAILED
        look = (
            line.is_link, line.colour, line.is_selected, line.is_hovered, has_failed, line.is_draft, line.load
        )  # fmt: skip
        groups.setdefault(look, (line, []))[1].append(line.way or QLineF())
    return list(groups.values())


class _Bundle(QGraphicsItem):
    """The lines of a tile."""

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self.setZValue(LINES)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # to be told what is exposed
        self.lines: dict[LineKey, Line] = {}
        self._painter = painter
        self._rect = QRectF()
        self._groups: _Groups | None = None

    def refresh(self, rect: QRectF | None = None) -> None:
        """Draw again: what is in a rectangle, which may be new ground, or everything."""
        self._groups = None
        if rect is None:
            rect = QRectF()
            for line in self.lines.values():
                rect = rect.united(line.rect())
            self.prepareGeometryChange()
            self._rect = rect
            self.update()
        elif not self._rect.contains(rect):
            self.prepareGeometryChange()
            # With room to spare: each growth repaints all that it covers, and a drag would grow it at each step.
            self._rect = self._rect.united(rect.adjusted(-_SPARE, -_SPARE, _SPARE, _SPARE))
        else:
            self.update(rect)

    def boundingRect(self) -> QRectF:
        return self._rect

    def _grouped(self, exposed: QRectF) -> _Groups:
        """Return lines that look alike, each group with one that stands for all; those that are to be drawn."""
        if not exposed.contains(self._rect):
            return _alike(line for line in self.lines.values() if exposed.intersects(line.rect()))
        if self._groups is None:
            self._groups = _alike(self.lines.values())
        return self._groups

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = painter.worldTransform().m11()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= _SMOOTH_FROM)
        for line, ways in self._grouped(option.exposedRect):
            painter.setPen(self._pen(line, zoom))
            painter.drawLines(ways)
            if line.load is not None:
                self._paint_load(painter, line.load, ways, zoom)
        for line in self.lines.values():
            if _has_marks(line, zoom) and option.exposedRect.intersects(line.rect()):
                self._paint_marks(painter, line, zoom)

    def _pen(self, line: Line, zoom: float) -> QPen:
        theme = self._painter.theme
        marked = line.is_selected or line.is_hovered
        has_failed = line.state is ResourceState.FAILED
        own = theme.states[ResourceState.FAILED] if has_failed else line.colour
        pen = QPen(QColor(theme.accent if marked else own or theme.line))
        pen.setWidthF(3.0 if line.is_selected or has_failed else 2.0 if line.is_link else 1.0)
        if line.load is not None and marked:  # it is seen on both sides of the load
            pen.setWidthF(_LOADED_WIDTHS[1] + 3)
        if zoom < _SMOOTH_FROM:
            pen.setCosmetic(True)
            pen.setWidth(2 if marked or has_failed else 1)
        if not line.is_link:
            pen.setStyle(Qt.PenStyle.DotLine)
        elif line.is_draft or has_failed:
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    def _paint_load(self, painter: QPainter, load: Load, ways: list[QLineF], zoom: float) -> None:
        """Draw of each line the halves, each as thick and in the colour of what its end sends."""
        for step, forward in zip(load, (True, False), strict=True):
            painter.setPen(self._load_pen(step, zoom))
            painter.drawLines([QLineF(way.p1() if forward else way.p2(), way.center()) for way in ways])

    def _load_pen(self, step: int, zoom: float) -> QPen:
        pen = QPen(load_colour(self._painter.theme, step))
        thin, thick = _LOADED_WIDTHS
        pen.setWidthF(thin + (thick - thin) * step / LOAD_STEPS)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if zoom < _SMOOTH_FROM:
            pen.setCosmetic(True)
            pen.setWidthF(max(1.0, pen.widthF() * _SMOOTH_FROM))
        return pen

    def _paint_marks(self, painter: QPainter, line: Line, zoom: float) -> None:
        """Draw what stands at the middle of a line."""
        assert line.way is not None
        middle, reach = line.way.center(), 0.0
        if line.label and zoom >= _LABELS_FROM:
            reach = self._paint_label(painter, line, middle)
        if line.state is not None:
            self._painter.draw_sign(painter, line.state, middle - QPointF(reach, 0))
        if line.finding and zoom >= _LABELS_FROM:
            is_taken = line.label or line.state is not None
            self._painter.draw_finding(painter, middle - QPointF(0, 18 if is_taken else 0), line.finding)

    def _paint_label(self, painter: QPainter, line: Line, middle: QPointF) -> float:
        """Draw a label around the middle of a line; return how far from there is room for more."""
        theme = self._painter.theme
        text = self._painter.line_label(line.label, line.label_room)
        width = self._painter.chip_metrics.horizontalAdvance(text) + 8
        rect = QRectF(middle.x() - width / 2, middle.y() - 8, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(QColor(theme.accent if line.is_selected else theme.muted))
        painter.setFont(self._painter.chip_font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        return width / 2 + 6.0


class Lines:
    """All lines of a scene.

    Args:
        centre_of: tells where a resource stands.
    """

    def __init__(self, scene: QGraphicsScene, painter: Painter, centre_of: Callable[[int], QPointF]) -> None:
        self._scene = scene
        self._painter = painter
        self._centre_of = centre_of
        self._bundles: dict[tuple[int, int], _Bundle] = {}
        self._lines: dict[LineKey, Line] = {}
        self._at: dict[int, set[LineKey]] = {}

    def __contains__(self, key: LineKey) -> bool:
        return key in self._lines

    def __getitem__(self, key: LineKey) -> Line:
        return self._lines[key]

    def all(self) -> Iterable[Line]:
        """Return all lines."""
        return self._lines.values()

    def at(self, guid: int) -> list[Line]:
        """Return the lines that end at a resource."""
        return [self._lines[key] for key in self._at.get(guid, ())]

    def show(self, ends: Mapping[LineKey, tuple[int, int]], make: Callable[[LineKey], Line]) -> None:
        """Show these lines and no others; those that are there already and have the same ends stay as they are.

        Args:
            ends: the resources at the ends of each line.
            make: makes a line that is not there.
        """
        gone = [self._lines[key] for key, line in self._lines.items() if ends.get(key) != line.ends]
        touched = {line.tile for line in gone}
        for line in gone:
            self._remove(line)
        new = [make(key) for key in ends if key not in self._lines]
        for line in new:
            self._add(line)
        for line in self._beside([*gone, *new]):
            line.lay(*map(self._centre_of, line.ends))
            touched.add(self._house(line))
        self._refresh(touched)

    def _add(self, line: Line) -> None:
        self._lines[line.key] = line
        for end in line.ends:
            self._at.setdefault(end, set()).add(line.key)

    def _remove(self, line: Line) -> None:
        del self._lines[line.key]
        del self._bundles[line.tile].lines[line.key]
        for end in line.ends:
            self._at[end].discard(line.key)

    def _beside(self, changed: Iterable[Line]) -> list[Line]:
        """Shift lines that join the same two resources as one of those, so that each can be seen; return them all."""
        found = []
        for ends in {(min(line.ends), max(line.ends)) for line in changed}:
            keys = sorted(self._at.get(ends[0], set()) & self._at.get(ends[1], set()))
            for number, key in enumerate(keys):
                line = self._lines[key]
                line.shift = (1 if line.ends == ends else -1) * _PARALLEL * (number - (len(keys) - 1) / 2)
                found.append(line)
        return found

    def _house(self, line: Line) -> tuple[int, int]:
        """Put a line where its tile is, unless it has a place; return its tile."""
        if line.tile not in self._bundles or line.key not in self._bundles[line.tile].lines:
            assert line.way is not None
            middle = line.way.center()
            line.tile = (math.floor(middle.x() / _TILE), math.floor(middle.y() / _TILE))
            self._bundle(line.tile).lines[line.key] = line
        return line.tile

    def _bundle(self, tile: tuple[int, int]) -> _Bundle:
        if tile not in self._bundles:
            self._bundles[tile] = _Bundle(self._painter)
            self._scene.addItem(self._bundles[tile])
        return self._bundles[tile]

    def follow(self, guids: Iterable[int]) -> list[Line]:
        """Have the lines of resources that have moved follow them; return these lines."""
        moved = {key for guid in guids for key in self._at.get(guid, ())}
        for key in moved:
            line = self._lines[key]
            old = line.rect()
            line.lay(*map(self._centre_of, line.ends))
            self._bundles[line.tile].refresh(old.united(line.rect()))
        return [self._lines[key] for key in moved]

    def settle(self, guids: Iterable[int]) -> None:
        """Have the lines of resources that stay where they are now share items with what is near them there."""
        touched = set()
        for line in {line.key: line for guid in guids for line in self.at(guid)}.values():
            touched.add(line.tile)
            del self._bundles[line.tile].lines[line.key]
            touched.add(self._house(line))
        self._refresh(touched)

    def _refresh(self, tiles: Iterable[tuple[int, int]]) -> None:
        """Draw tiles again; one that holds no lines is gone."""
        for tile in tiles:
            self._bundles[tile].refresh()
            if not self._bundles[tile].lines:
                self._scene.removeItem(self._bundles.pop(tile))

    def redraw(self, line: Line, before: QRectF) -> None:
        """Draw a line again that looks otherwise now, and needed this room before."""
        self._bundles[line.tile].refresh(before.united(line.rect()))

    def near(self, place: QPointF, reach: float) -> Line | None:
        """Return the line that passes nearest to a place, and not farther from it than ``reach``."""
        field = QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach)
        bundles = [bundle for bundle in self._bundles.values() if bundle.boundingRect().intersects(field)]
        lines = [line for bundle in bundles for line in bundle.lines.values()]
        near = [(distance, line.key) for line in lines if (distance := _distance(line.way, place)) <= reach]
        return self._lines[min(near)[1]] if near else None


def load_colour(theme: Theme, step: int) -> QColor:
    """Return the colour of a line that carries so much; see `Load`."""
    place = step / LOAD_STEPS * (len(theme.loads) - 1)
    lower = min(int(place), len(theme.loads) - 2)
    return mixed(theme.loads[lower + 1], theme.loads[lower], place - lower)


def _has_marks(line: Line, zoom: float) -> bool:
    """Tell whether something stands at the middle of a line that can be read in this size."""
    if line.state is not None and (zoom >= _SIGNS_FROM or line.state is ResourceState.FAILED):
        return True
    return zoom >= _LABELS_FROM and bool(line.label or line.finding)


def _distance(way: QLineF | None, place: QPointF) -> float:
    """Return how far a place is from a line between two ends."""
    if way is None:
        return math.inf
    length = way.dx() ** 2 + way.dy() ** 2
    share = ((place.x() - way.x1()) * way.dx() + (place.y() - way.y1()) * way.dy()) / length if length else 0.0
    nearest = way.pointAt(min(1.0, max(0.0, share)))
    return math.hypot(place.x() - nearest.x(), place.y() - nearest.y())

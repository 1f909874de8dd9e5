"""How things look on the canvas: sizes, and pictures of nodes and badges that are drawn once and then copied."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from nepi_core.loading import Severity
from nepi_core.states import ResourceState
from nepi_gui import icons
from nepi_gui.appearance import Theme
from nepi_gui.canvas import state_signs

PLATE = QRectF(-28, -28, 56, 56)
"""The plate of a node, around its centre."""

RIM = 9.0
"""How far beyond its plate a node can still be grabbed, to draw a link from it."""

RIM_INSIDE = 4.0
"""How far inside its plate that is so: as far as the handles reach that are shown there."""

CHIP_HEIGHT = 20.0
PORT_RADIUS = 10.0

SPACING = 120.0
"""Distance of two nodes that leaves room for their labels."""

LABELS_FROM = 0.4
"""Zoom from which on texts are drawn; smaller ones cannot be read, and cost half of the time."""

SEPARATOR = " · "
"""Stands between the parts of the label of a line."""

LABEL_ROOM = 132.0
"""How wide a label is at most, in pixels of the canvas, where nothing is known of the room for it."""

_MARGIN = 8  # of a node's picture around its plate: room for halo and mark
_HANDLE = 3.6  # radius of the points on the rim that say that a link can be drawn from there
_PLAIN_UP_TO = 0.25  # zoom
_VIVID = 0.4  # saturation
_SIGN_SIDE = 2.0 * state_signs.RADIUS + 8.0  # of the picture of a sign
_FADED = 0.4  # how strong the icon is of what is not there
_FRAMED = frozenset(ResourceState) - {ResourceState.NEW, ResourceState.RELEASED}  # states that an outline shows
_SCALES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Look:
    """All that makes two nodes look alike.

    Attributes:
        icon: name of the icon.
        colour: ``#rrggbb`` that the user has chosen, or "".
        finding: the worst that the validation has found, "" for nothing.
        is_placeholder: no plug-in provides the type.
        state: in the run that is watched; None when there is none.
        is_draft: it is not in the run that is watched.
    """

    icon: str
    colour: str = ""
    is_selected: bool = False
    is_hovered: bool = False
    finding: Severity | str = ""
    is_placeholder: bool = False
    state: ResourceState | None = None
    is_draft: bool = False


class Painter:
    """Draws nodes for a theme; remembers the pictures.

    Args:
        theme: the colours.
        pixel_ratio: device pixels in a pixel, 2 on many fine screens.

    Attributes:
        is_printing: nodes are drawn instead of copied, for a picture that is sharp in any size.
    """

    def __init__(self, theme: Theme, pixel_ratio: float = 1.0) -> None:
        self.theme = theme
        self.is_printing = False
        self.pixel_ratio = pixel_ratio
        self.label_font = _font(9.5)
        self.chip_font = _font(8.5)
        self.metrics = QFontMetricsF(self.label_font)
        self.chip_metrics = QFontMetricsF(self.chip_font)
        self._pictures: dict[tuple[Look, float], QPixmap] = {}
        self._signs: dict[tuple[ResourceState, float], QPixmap] = {}
        self._grid: QBrush | None = None

    def show(self, theme: Theme) -> None:
        """Draw in other colours from now on."""
        self.theme = theme
        self._pictures.clear()
        self._signs.clear()
        self._grid = None

    def grid_brush(self, step: float) -> QBrush:
        """Return what the canvas is painted with: dots at this distance."""
        if self._grid is None:
            tile = QPixmap(round(step), round(step))
            tile.fill(QColor(self.theme.canvas))
            painter = QPainter(tile)
            painter.fillRect(0, 0, 2, 2, QColor(self.theme.grid))
            painter.end()
            self._grid = QBrush(tile)
        return self._grid

    def node_picture(self, look: Look, zoom: float) -> QPixmap:
        """Return the picture of a node, fine enough for a zoom; its centre is the node's."""
        scale = self._scale(zoom)
        picture = self._pictures.get((look, scale))
        if picture is None:
            picture = self._pictures[look, scale] = self._draw_node(look, scale)
        return picture

    def _scale(self, zoom: float) -> float:
        wanted = zoom * self.pixel_ratio * 0.99
        return next((each for each in _SCALES if each >= wanted), _SCALES[-1])

    def draw_sign(self, painter: QPainter, state: ResourceState, centre: QPointF) -> None:
        """Draw the sign of the state of something small."""
        if self.is_printing:
            state_signs.paint(painter, self.theme, state, centre, state_signs.CHIP_RADIUS)
            return
        key = state, self._scale(painter.worldTransform().m11())
        if key not in self._signs:
            picture, sign = self._empty(_SIGN_SIDE, key[1])
            state_signs.paint(sign, self.theme, state, QPointF(), state_signs.CHIP_RADIUS)
            sign.end()
            self._signs[key] = picture
        painter.drawPixmap(centre - QPointF(_SIGN_SIDE / 2, _SIGN_SIDE / 2), self._signs[key])

    def _empty(self, side: float, scale: float) -> tuple[QPixmap, QPainter]:
        """Return an empty picture, and what paints on it around its centre."""
        picture = QPixmap(round(side * scale), round(side * scale))
        picture.setDevicePixelRatio(scale)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(side / 2, side / 2)
        return picture, painter

    def _draw_node(self, look: Look, scale: float) -> QPixmap:
        picture, painter = self._empty(PLATE.width() + 2 * _MARGIN, scale)
        if scale > _PLAIN_UP_TO:
            self.paint_node(painter, look)
        else:
            self._paint_plain(painter, look)
        painter.end()
        return picture

    def _paint_plain(self, painter: QPainter, look: Look) -> None:
        """Draw a node from far away, where its icon is a few pixels: in the colour that says most about it."""
        theme = self.theme
        marked = {Severity.WARNING: theme.warning, "": ""}.get(look.finding, theme.danger)
        usual = theme.border if look.is_draft else look.colour or _main_colour(look.icon)
        colour = theme.accent if look.is_selected else marked or usual
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        grown = 8 if look.is_selected or look.is_hovered else 0
        if look.state is None or grown:
            painter.drawRoundedRect(PLATE.adjusted(-grown, -grown, grown, grown), 14, 14)
        if look.state is not None:
            state_signs.paint(painter, theme, look.state, QPointF(), PLATE.width() / 2)

    def paint_node(self, painter: QPainter, look: Look) -> None:
        """Draw a node around the origin, without a picture of it."""
        self._draw_plate(painter, look)
        if look.is_draft or look.state is ResourceState.RELEASED:
            painter.setOpacity(_FADED)
        icons.paint(painter, look.icon, PLATE.adjusted(10, 10, -10, -10))
        painter.setOpacity(1.0)
        if look.state is not None:
            state_signs.paint(painter, self.theme, look.state, PLATE.topLeft() + QPointF(2.5, 2.5))
        if look.finding:
            self.draw_finding(painter, QPointF(PLATE.right() - 2, PLATE.top() + 2), look.finding)

    def _draw_plate(self, painter: QPainter, look: Look) -> None:
        theme = self.theme
        if look.is_selected or look.is_hovered:
            halo = QColor(theme.accent)
            halo.setAlpha(90 if look.is_selected else 45)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(halo)
            painter.drawRoundedRect(PLATE.adjusted(-5, -5, 5, 5), 14, 14)
        painter.setPen(self.outline(look, 1.4))
        painter.setBrush(QBrush(self.ground(look)))
        painter.drawRoundedRect(PLATE, 10, 10)
        if look.is_hovered:
            self._draw_handles(painter)

    def _draw_handles(self, painter: QPainter) -> None:
        """Draw where a link can be drawn from: the rim, of which four points stand out."""
        painter.setPen(QPen(QColor(self.theme.canvas), 1.0))
        painter.setBrush(QColor(self.theme.accent))
        reach = PLATE.width() / 2 + 1
        for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0)):
            painter.drawEllipse(QPointF(x, y) * reach, _HANDLE, _HANDLE)

    def outline(self, look: Look, width: float) -> QPen:
        """Return how something is framed: as wide as that, unless there is something to say."""
        theme = self.theme
        own = theme.states[look.state] if look.state in _FRAMED else look.colour
        if look.state is ResourceState.FAILED:
            width *= 2
        elif look.is_selected or own:
            width *= 1.4
        pen = QPen(QColor(theme.accent if look.is_selected else own or theme.border), width)
        if look.is_placeholder or look.is_draft:
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    def ground(self, look: Look) -> QColor:
        """Return the background of something."""
        if look.state is ResourceState.FAILED:
            return mixed(self.theme.states[look.state], self.theme.plate, 0.16)
        return self.plate_colour(look.colour)

    def plate_colour(self, colour: str) -> QColor:
        """Return the background of something that has a colour of its own (or "")."""
        return mixed(colour, self.theme.plate, 0.18) if colour else QColor(self.theme.plate)

    def draw_finding(self, painter: QPainter, centre: QPointF, finding: Severity | str) -> None:
        """Draw the mark of a finding: a triangle for a warning, a disc for what is wrong."""
        theme = self.theme
        is_warning = finding == Severity.WARNING
        painter.setPen(QPen(QColor(theme.canvas), 1.5))
        painter.setBrush(QColor(theme.warning if is_warning else theme.danger))
        if is_warning:
            points = [QPointF(0, -9), QPointF(9, 7), QPointF(-9, 7)]
            painter.drawPolygon([centre + point for point in points])
        else:
            painter.drawEllipse(centre, 8.5, 8.5)
        painter.setPen(QPen(QColor(theme.canvas), 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(centre + QPointF(0, -4), centre + QPointF(0, 1))
        painter.drawPoint(centre + QPointF(0, 4.5))

    def short_label(self, text: str, metrics: QFontMetricsF | None = None, room: float = LABEL_ROOM) -> str:
        """Return a label that is not wider than the room for it."""
        one_line = " ".join(text.split())
        return (metrics or self.metrics).elidedText(one_line, Qt.TextElideMode.ElideMiddle, room)

    def line_label(self, text: str, room: float) -> str:
        """Return the label of a line; where its parts have not all room, the first ones."""
        parts, shown = text.split(SEPARATOR), text
        while len(parts) > 1 and self.chip_metrics.horizontalAdvance(shown) > room:
            parts.pop()
            shown = f"{SEPARATOR.join(parts)} …"
        return self.short_label(shown, self.chip_metrics, room)


@cache
def _main_colour(icon: str) -> str:
    """Return the colour that an icon has most of, grey left out."""
    image = icons.pixmap(icon, 16).toImage()
    found = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    vivid = Counter(each.name() for each in found if each.alpha() > 200 and each.hsvSaturationF() > _VIVID)
    return vivid.most_common(1)[0][0] if vivid else "#7a8794"


def mixed(colour: str, with_colour: str, share: float) -> QColor:
    """Return a mixture of two colours, with this share of the first one."""
    first, second = QColor(colour), QColor(with_colour)
    return QColor.fromRgbF(
        share * first.redF() + (1 - share) * second.redF(),
        share * first.greenF() + (1 - share) * second.greenF(),
        share * first.blueF() + (1 - share) * second.blueF(),
    )


def _font(points: float) -> QFont:
    font = QFont()
    font.setPointSizeF(points)
    return font

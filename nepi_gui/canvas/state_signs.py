"""The signs of the eight states of a resource: each has its own outline, so that colour says nothing alone.

What is on its way to READY is a disc that fills; what runs is a triangle, and what has stopped a square, as on players.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QTransform

from nepi_core.states import ResourceState
from nepi_gui.appearance import Theme

RADIUS = 8.0
"""Of the sign of a node, in pixels of the canvas; that of a FAILED one reaches a little farther."""

CHIP_RADIUS = 6.5
"""Of the sign of a badge or line."""

_FULL_TURN = 360.0
_HALO = 0.42  # of what a sign stands on, around it, in parts of the radius
_OPEN = {ResourceState.NEW: 0.62, ResourceState.DISCOVERED: 0.88, ResourceState.PROVISIONED: 0.88}
_FILLED = {ResourceState.DISCOVERED: 0.25, ResourceState.PROVISIONED: 0.5}
_ICON = 16
_FINEST = 4


def paint(painter: QPainter, theme: Theme, state: ResourceState, centre: QPointF, radius: float = RADIUS) -> None:
    """Draw the sign of a state around a place."""
    grown = QTransform.fromTranslate(centre.x(), centre.y()).scale(radius, radius)
    outline = grown.map(_outline(state))
    colour, ground = QColor(theme.states[state]), QColor(theme.plate)
    halo = QPen(ground, 2 * _HALO * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(outline, halo)
    if state not in _OPEN:
        painter.fillPath(outline, colour)
        return
    painter.fillPath(outline, ground)
    painter.strokePath(outline, QPen(colour, 0.24 * radius))
    if state in _FILLED:
        painter.fillPath(grown.map(_slice(_OPEN[state], _FILLED[state])), colour)


def icon(state: ResourceState, theme: Theme) -> QIcon:
    """Return the sign of a state for lists and menus."""
    return QIcon(pixmap(state, theme))


@cache
def pixmap(state: ResourceState, theme: Theme, scale: int = _FINEST) -> QPixmap:
    """Return the sign of a state as a small picture, so many times as fine as the screen's pixels."""
    picture = QPixmap(_ICON * scale, _ICON * scale)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter, theme, state, QPointF(_ICON / 2, _ICON / 2), 0.36 * _ICON)
    painter.end()
    return picture


@cache
def _outline(state: ResourceState) -> QPainterPath:
    """Return the outline of a sign within a circle of radius 1."""
    path = QPainterPath()
    match state:
        case ResourceState.STARTED:
            _go(path, (-0.66, -0.98), (1.06, 0), (-0.66, 0.98))
        case ResourceState.STOPPED:
            path.addRect(-0.8, -0.8, 1.6, 1.6)
        case ResourceState.FAILED:
            return _cross()
        case ResourceState.RELEASED:
            path.addRoundedRect(QRectF(-0.85, -0.24, 1.7, 0.48), 0.2, 0.2)
        case _:
            path.addEllipse(QPointF(), *(2 * [_OPEN.get(state, 0.95)]))
    return path


def _go(path: QPainterPath, *places: tuple[float, float]) -> None:
    path.moveTo(*places[0])
    for place in places[1:]:
        path.lineTo(*place)
    path.closeSubpath()


def _cross() -> QPainterPath:
    path = QPainterPath()
    reach, thin = 1.3, 0.36
    corners = ((-reach, -thin), (-thin, -thin), (-thin, -reach), (thin, -reach), (thin, -thin), (reach, -thin))
    _go(path, *corners, *((-x, -y) for x, y in corners))
    return QTransform().rotate(45).map(path)


def _slice(radius: float, share: float) -> QPainterPath:
    """Return a part of a disc, which begins at the top."""
    path = QPainterPath()
    path.arcTo(QRectF(-radius, -radius, 2 * radius, 2 * radius), 90, -share * _FULL_TURN)
    path.closeSubpath()
    return path

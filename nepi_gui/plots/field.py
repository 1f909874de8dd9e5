"""The middle of a plot: grid, curves, marks and cursors."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from nepi_gui.appearance import LIGHT, Theme
from nepi_gui.plots.colours import blended
from nepi_gui.plots.shapes import Scale, Shape, draw

_UNIT = Scale(0.0, 1.0)
_MARK_ROOM = 4.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a time, in seconds since the begin of the run."""

    time: float
    text: str


@dataclass(slots=True)
class Picture:
    """All that a field shows.

    Attributes:
        across, up: the scales; from left to right, and at the left and right side.
        lines_across, lines_up: where the lines of the grid are.
        all_lines: how many lines are drawn in this frame, also in other plots.
        cursor, hover: times at which there is a cursor, or None.
        chosen: the range of time that is just being chosen.
        words: shown in the middle when there is nothing to draw.
    """

    across: Scale = _UNIT
    up: tuple[Scale, Scale] = (_UNIT, _UNIT)
    lines_across: list[float] = field(default_factory=list)
    lines_up: list[float] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    all_lines: int = 0
    marks: list[Mark] = field(default_factory=list)
    cursor: float | None = None
    hover: float | None = None
    chosen: tuple[float, float] | None = None
    words: str = ""


class Field(QGraphicsWidget):
    """Draws a `Picture`."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.picture = Picture()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw everything."""
        field, picture = self.rect(), self.picture
        painter.fillRect(field, QColor(self.theme.plate))
        self._draw_grid(painter, field)
        draw(painter, field, picture.across, picture.up, picture.shapes, picture.all_lines)
        painter.setClipRect(field)
        self._draw_marks(painter, field)
        self._draw_cursors(painter, field)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self.theme.border), 0))
        painter.drawRect(field)
        if picture.words:
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(field, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, picture.words)

    def _draw_grid(self, painter: QPainter, field: QRectF) -> None:
        ground = QColor(self.theme.plate)
        painter.setPen(QPen(blended(QColor(self.theme.border), ground, 0.55), 0))
        across, left = self.picture.across, self.picture.up[0]
        for time in self.picture.lines_across:
            x = round(_pixel(time, across, field.left(), field.right()))
            painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
        for value in self.picture.lines_up:  # as the axis has them: exponents when it is logarithmic
            y = round(_pixel(value, left, field.bottom(), field.top()))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))

    def _draw_marks(self, painter: QPainter, field: QRectF) -> None:
        """Draw what happened; texts that would lie upon each other go below each other."""
        ends: list[float] = []
        metrics = QFontMetricsF(painter.font())
        most = int((field.height() - 2) / metrics.height())
        for mark in self.picture.marks:
            x = _pixel(mark.time, self.picture.across, field.left(), field.right())
            if not field.left() <= x <= field.right():
                continue
            painter.setPen(QPen(QColor(self.theme.warning), 0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
            if not mark.text:
                continue
            text = metrics.elidedText(mark.text, Qt.TextElideMode.ElideMiddle, field.width() - 2 * _MARK_ROOM)
            width = metrics.horizontalAdvance(text) + 2 * _MARK_ROOM
            left = x if x + width <= field.right() else max(x - width, field.left())
            row = next((row for row, end in enumerate(ends) if end < left), len(ends))
            if row >= most:  # there may be thousands
                continue
            ends[row : row + 1] = [left + width]
            place = QRectF(left, field.top() + 2 + row * metrics.height(), width, metrics.height())
            ground = QColor(self.theme.plate)
            ground.setAlphaF(0.8)
            painter.fillRect(place, ground)
            painter.setPen(QColor(self.theme.warning))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_cursors(self, painter: QPainter, field: QRectF) -> None:
        picture = self.picture
        if picture.chosen is not None:
            left, right = (_pixel(time, picture.across, field.left(), field.right()) for time in picture.chosen)
            tint = QColor(self.theme.accent)
            tint.setAlphaF(0.2)
            painter.fillRect(QRectF(QPointF(left, field.top()), QPointF(right, field.bottom())).normalized(), tint)
        if picture.hover is not None:
            self._draw_line_at(painter, field, picture.hover, QPen(QColor(self.theme.muted), 0))
        if picture.cursor is not None:
            pen = QPen(QColor(self.theme.accent), 2)
            pen.setCosmetic(True)
            self._draw_line_at(painter, field, picture.cursor, pen)

    def _draw_line_at(self, painter: QPainter, field: QRectF, time: float, pen: QPen) -> None:
        x = round(_pixel(time, self.picture.across, field.left(), field.right()))
        if field.left() <= x <= field.right():
            painter.setPen(pen)
            painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))


def _pixel(number: float, scale: Scale, begin: float, end: float) -> float:
    """Return where a number of an axis is between two pixels."""
    return begin + (number - scale.low) / ((scale.high - scale.low) or 1.0) * (end - begin)

"""What a plot draws: lines and bands in numbers, and how those become pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nepi_gui.plots.series import Column

_WIDGET = 1  # QInternal::Widget

_array = pyqtgraph.Qt.internals.PrimitiveArray(QLineF, 4)  # of lines, used for each curve: it need not grow each time

_DOT = 5.0  # pixels
_MOST_DOTS = 2_000  # in one line: more than there is room for beside each other

_FAR = 20_000.0  # pixels: Qt does not draw right what is much farther outside

# Lines a frame, over all plots, up to which they are drawn smooth, or smooth and thin: smooth ones of 1.5 pixels cost
# four times as much as plain ones.
SMOOTH, FINE = 6_000, 20_000

_LARGEST = 1e300  # what is farther from zero is beyond the axis: differences of floats end at 1.8e308


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of numbers along a side.

    Attributes:
        is_log: numbers are shown by their powers of ten; low and high are exponents then.
    """

    low: float
    high: float
    is_log: bool = False

    def pixels(self, numbers: Column, begin: float, end: float) -> Column:
        """Return where numbers are between two pixels; NaN for what has no place, such as 0 on a logarithmic scale."""
        if self.is_log:
            with np.errstate(divide="ignore", invalid="ignore"):
                numbers = np.log10(numbers)
            numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        pixels = numbers - self.low
        pixels *= (end - begin) / ((self.high - self.low) or 1.0)
        pixels += begin
        return np.minimum(np.maximum(pixels, -_FAR, out=pixels), _FAR, out=pixels)

    def pixel(self, number: float, begin: float, end: float) -> float:
        """Return where a number is between two pixels."""
        return float(self.pixels(np.array([number]), begin, end)[0])

    def number(self, pixel: float, begin: float, end: float) -> float:
        """Return the number at a pixel; on a logarithmic scale its exponent."""
        return self.low + (pixel - begin) / ((end - begin) or 1.0) * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Shape:
    """A line, or with `is_band` the space between two.

    Attributes:
        low, high: the values at `x`; the same object for a plain line.
        colour: opaque for lines.
        side: 0 for the scale at the left, 1 for that at the right.
        width: of the line, in pixels.
        is_above: drawn wide, whatever else is drawn.
    """

    x: Column
    low: Column
    high: Column
    colour: QColor
    side: int = 0
    width: float = 1.5
    is_band: bool = False
    is_above: bool = False

    @property
    def lines(self) -> int:
        """How many lines this takes to draw."""
        return len(self.x) if self.low is self.high or self.is_band else 2 * len(self.x)


def draw(
    painter: QPainter, field: QRectF, across: Scale, up: tuple[Scale, Scale], shapes: list[Shape], all_lines: int
) -> None:
    """Draw shapes into a field.

    Args:
        across: the scale from left to right.
        up: those from bottom to top, at the left and at the right.
        all_lines: that are drawn in this frame, also in other plots.
    """
    painter.setClipRect(field)
    for shape in shapes:
        if len(shape.x):
            x = across.pixels(shape.x, field.left(), field.right())
            low = up[shape.side].pixels(shape.low, field.bottom(), field.top())
            high = low if shape.high is shape.low else up[shape.side].pixels(shape.high, field.bottom(), field.top())
            if shape.is_band:
                _draw_band(painter, x, low, high, shape.colour)
            else:
                _choose_pen(painter, shape, all_lines)
                _draw_lines(painter, x, low, high)
                _draw_alone(painter, x, low, high)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setClipping(False)


def _choose_pen(painter: QPainter, shape: Shape, all_lines: int) -> None:
    width = shape.width if all_lines <= SMOOTH or shape.is_above else 1.0
    # A cosmetic pen is quicker; on paper lines are as wide as everything.
    painter.setPen(_pen(shape.colour.rgba(), width, painter.device().devType() == _WIDGET))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, all_lines <= FINE or shape.is_above)


@lru_cache(64)
def _pen(colour: int, width: float, is_cosmetic: bool) -> QPen:
    pen = QPen(QColor.fromRgba(colour), width)
    pen.setCosmetic(is_cosmetic)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)  # as joins between lines, which are drawn one by one
    return pen


def _draw_lines(painter: QPainter, x: Column, low: Column, high: Column) -> None:
    """Draw lines from point to point, each by itself: Qt draws a path of wide lines hundred times slower."""
    points = _points(x, low, high)
    if len(points) < 2:
        return
    _array.resize(len(points) - 1)
    lines = _array.ndarray()
    lines[:, :2], lines[:, 2:] = points[:-1], points[1:]
    if np.isnan(points[:, 1]).any():
        known = lines[~np.isnan(lines).any(axis=1)]
        _array.resize(len(known))
        _array.ndarray()[:] = known
    painter.drawLines(*_array.drawargs())


def _draw_alone(painter: QPainter, x: Column, low: Column, high: Column) -> None:
    """Draw a dot for each sample that no line leads to: a line without length would hardly be seen."""
    unknown = np.isnan(low)
    if len(x) > 1 and not unknown.any():
        return
    around = np.concatenate(([True], unknown, [True]))
    places = np.flatnonzero(~unknown & around[:-2] & around[2:])
    if not len(places):
        return
    pen = QPen(painter.pen())
    pen.setWidthF(_DOT)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for place in places[:_MOST_DOTS]:
        painter.drawPoint(QPointF(x[place], low[place]))
        painter.drawPoint(QPointF(x[place], high[place]))


def _points(x: Column, low: Column, high: Column) -> NDArray[np.float64]:
    """Return the points of a line that goes from each lowest to each highest value."""
    if low is high:
        return np.stack((x, low), axis=1)
    points = np.empty((2 * len(x), 2))
    points[::2, 0] = points[1::2, 0] = x
    # From the low end to the high one and back by turns: so no line crosses a stretch for nothing.
    points[::4, 1], points[1::4, 1] = low[::2], high[::2]
    points[2::4, 1], points[3::4, 1] = high[1::2], low[1::2]
    return points


def _draw_band(painter: QPainter, x: Column, low: Column, high: Column, colour: QColor) -> None:
    known = ~(np.isnan(low) | np.isnan(high))
    if known.sum() < 2:
        return
    x, low, high = x[known], low[known], high[known]
    polygon: QPolygonF = pyqtgraph.functions.create_qpolygonf(2 * len(x))
    corners = pyqtgraph.functions.ndarray_from_qpolygonf(polygon)
    corners[:, 0] = np.concatenate((x, x[::-1]))
    corners[:, 1] = np.concatenate((low, high[::-1]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(polygon)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def scale_of(low: float, high: float, is_log: bool) -> Scale:
    """Return a scale for values from low to high, with some room around; any one when there are no values."""
    if is_log:
        high = math.log10(high) if high > 0 else 0.0
        low = math.log10(low) if low > 0 else high - 1.0
    if not (math.isfinite(low) and math.isfinite(high)):
        return Scale(0.0, 1.0, is_log)
    low, high = (max(-_LARGEST, min(each, _LARGEST)) for each in (low, high))
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    from_zero = not is_log and 0 <= low < high * 0.3  # what is not far above zero is seen from there
    return Scale(0.0 if from_zero else low - room, high + room, is_log)

"""Draws the time line of a run: axis, names, bars, arrows, marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui import icons
from nepi_gui.appearance import Theme
from nepi_gui.panels.run_timeline.arrows import Arrow
from nepi_gui.panels.run_timeline.bars import Bar, bars
from nepi_gui.panels.run_timeline.marks import Mark
from nepi_gui.panels.run_timeline.rows import Row
from nepi_gui.panels.run_timeline.scale import TimeScale, axis_text

ROW = 20.0
AXIS = 22.0
INDENT = 14.0
_BAR = 14.0
_ICON = 14.0
_MARK = 4.5
_HEAD = 4.5  # of an arrow
_LEAST_FOR_NAME = 40.0

# The taller, the more a resource does: so that colour alone need not tell states apart.
_HEIGHTS = {
    ResourceState.DISCOVERED: 0.35,
    ResourceState.PROVISIONED: 0.55,
    ResourceState.READY: 0.75,
    ResourceState.STARTED: 1.0,
    ResourceState.STOPPED: 0.35,
    ResourceState.FAILED: 1.0,
}
_NAMED = frozenset({ResourceState.READY, ResourceState.STARTED, ResourceState.FAILED})


class RunPainter:
    """Draws parts of a time line at given places.

    Args:
        names: pixels of the column with the names, at the left.
    """

    def __init__(self, theme: Theme, font: QFont, names: float) -> None:
        self.theme = theme
        self.names = names
        self.font = font
        self.small = QFont(font)
        self.small.setPointSizeF(max(font.pointSizeF() * 0.8, 6.0))
        self.metrics, self.small_metrics = QFontMetricsF(font), QFontMetricsF(self.small)
        self._colours = [QColor(each) for each in theme.states]

    # -- ground ----------------------------------------------------------------------------------------

    def paint_ground(self, painter: QPainter, scale: TimeScale, bottom: float) -> None:
        """Draw a line at each number of the axis, below it."""
        painter.setPen(QPen(QColor(self.theme.grid), 1))
        for _, x in scale.ticks():
            painter.drawLine(QPointF(x, AXIS), QPointF(x, bottom))

    def paint_axis(self, painter: QPainter, scale: TimeScale) -> None:
        """Draw the numbers above the rows."""
        painter.setFont(self.small)
        step = scale.step
        for seconds, x in scale.ticks():
            painter.setPen(QPen(QColor(self.theme.border), 1))
            painter.drawLine(QPointF(x, AXIS - 5), QPointF(x, AXIS))
            painter.setPen(QColor(self.theme.muted))
            text = axis_text(seconds, step)
            width = self.small_metrics.horizontalAdvance(text) + 4
            left = min(max(x - width / 2, scale.left), scale.left + scale.width - width)
            painter.drawText(QRectF(left, 2, width, AXIS - 7), Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QPen(QColor(self.theme.border), 1))
        painter.drawLine(QPointF(0, AXIS - 0.5), QPointF(scale.left + scale.width, AXIS - 0.5))

    def paint_chosen(self, painter: QPainter, rect: QRectF, has_keyboard: bool) -> None:
        """Draw the ground of a row whose resource is selected."""
        ground = QColor(self.theme.accent)
        ground.setAlpha(44 if has_keyboard else 30)
        painter.fillRect(rect, ground)

    def paint_current(self, painter: QPainter, rect: QRectF) -> None:
        """Draw which row the keyboard is at."""
        painter.setPen(QPen(QColor(self.theme.accent), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))

    # -- names -----------------------------------------------------------------------------------------

    def paint_name(self, painter: QPainter, row: Row, text: str, icon: str, rect: QRectF, fold: bool | None) -> None:
        """Draw what a row is called.

        Args:
            fold: whether a heading is folded; None for what is no heading.
        """
        left = rect.left() + 4
        if fold is not None:
            self._paint_triangle(painter, QPointF(left + 4, rect.center().y()), fold)
        left += INDENT * row.depth + (INDENT if fold is not None else 2)
        if icon:
            picture = icons.pixmap(icon, round(_ICON * painter.device().devicePixelRatioF()))
            painter.drawPixmap(QRectF(left + 2, rect.center().y() - _ICON / 2, _ICON, _ICON).toRect(), picture)
            left += 20
        painter.setFont(self.font)
        painter.setPen(QColor(self.theme.text))
        field = QRectF(QPointF(left, rect.top()), rect.bottomRight()).adjusted(0, 0, -4, 0)
        shown = self.metrics.elidedText(" ".join(text.split()), Qt.TextElideMode.ElideMiddle, field.width())
        painter.drawText(field, Qt.AlignmentFlag.AlignVCenter, shown)

    def paint_aside(self, painter: QPainter, text: str, rect: QRectF) -> float:
        """Draw a few words at the right end of a name's field; return how wide they are."""
        width = self.small_metrics.horizontalAdvance(text) + 6
        painter.setFont(self.small)
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(rect.adjusted(0, 0, -5, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return width

    def paint_failure(self, painter: QPainter, centre: QPointF) -> None:
        """Draw the sign of a resource that has FAILED."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours[ResourceState.FAILED])
        painter.drawEllipse(centre, 6, 6)
        pen = QPen(QColor(self.theme.on_accent), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for way in (1, -1):
            painter.drawLine(centre + QPointF(-2.4, -2.4 * way), centre + QPointF(2.4, 2.4 * way))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_triangle(self, painter: QPainter, centre: QPointF, is_folded: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.muted))
        if is_folded:
            points = [QPointF(-2, -4), QPointF(3, 0), QPointF(-2, 4)]
        else:
            points = [QPointF(-4, -2), QPointF(4, -2), QPointF(0, 3)]
        painter.drawPolygon(QPolygonF([centre + point for point in points]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- rows ------------------------------------------------------------------------------------------

    def bar_rect(self, bar: Bar, middle: float) -> QRectF:
        """Return where a bar is."""
        height = _BAR * _HEIGHTS[bar.state]
        return QRectF(bar.left, middle - height / 2, bar.right - bar.left, height)

    def paint_bars(
        self, painter: QPainter, changes: Sequence[StateChange], scale: TimeScale, until: float, middle: float
    ) -> None:
        """Draw the states of a resource."""
        painter.setPen(Qt.PenStyle.NoPen)
        for bar in bars(changes, scale, until):
            rect = self.bar_rect(bar, middle)
            painter.fillRect(rect, self._colours[bar.state])
            if rect.width() < 4.0:
                continue
            if bar.state is ResourceState.FAILED:
                painter.fillRect(rect, QBrush(QColor(0, 0, 0, 60), Qt.BrushStyle.BDiagPattern))
            if bar.state in _NAMED and rect.width() >= _LEAST_FOR_NAME:
                self._paint_state(painter, rect, bar.state, scale.left)

    def _paint_state(self, painter: QPainter, rect: QRectF, state: ResourceState, left: float) -> None:
        field = rect.intersected(QRectF(left, rect.top(), 1e5, rect.height())).adjusted(4, 0, -3, 0)
        if self.small_metrics.horizontalAdvance(state.name) <= field.width():
            painter.setFont(self.small)
            painter.setPen(QColor(self.theme.on_accent))
            field.adjust(0, -3, 0, 3)
            painter.drawText(field, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, state.name)
            painter.setPen(Qt.PenStyle.NoPen)

    def paint_span(
        self, painter: QPainter, left: float, right: float, failures: Iterable[float], middle: float
    ) -> None:
        """Draw when the resources of a group have lived, and where some of them FAILED."""
        painter.setPen(QPen(QColor(self.theme.border), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        painter.setPen(QPen(self._colours[ResourceState.FAILED], 2))
        for x in failures:
            painter.drawLine(QPointF(x, middle - 6), QPointF(x, middle + 6))

    def paint_mark(self, painter: QPainter, mark: Mark, x: float, middle: float) -> None:
        """Draw where an attribute was set: filled as planned, hollow by hand, in red when it could not be set."""
        theme = self.theme
        colour = QColor(theme.danger if mark.problem else theme.warning)
        painter.setPen(QPen(QColor(theme.plate), 3))
        points = QPolygonF([QPointF(x, middle - _MARK), QPointF(x + _MARK, middle), QPointF(x, middle + _MARK)])
        points.append(QPointF(x - _MARK, middle))
        painter.drawPolygon(points)
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(colour if mark.is_planned else QColor(theme.plate))
        painter.drawPolygon(points)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- over the rows ---------------------------------------------------------------------------------

    def paint_arrow(
        self, painter: QPainter, arrow: Arrow, scale: TimeScale, middles: tuple[float, float], is_marked: bool
    ) -> None:
        """Draw a condition along the gap beside the row of who was waited for, then to the row of who waited.

        The delay is dotted; at its end a tick stands on the row of who waited.
        """
        first, second = middles
        down = 1.0 if second > first else -1.0
        gap, tip = first + down * ROW / 2, second - down * (_BAR / 2 + 1)
        begin, due, end = (scale.x(each) for each in (arrow.begins, arrow.due, arrow.ends))
        colour = QColor(self.theme.accent if is_marked else self.theme.line)
        if not arrow.is_last:
            colour.setAlpha(110)
        pen = QPen(colour, 1.6 if is_marked else 1.0)
        painter.setPen(pen)
        painter.drawPolyline([QPointF(begin, first + down * _BAR / 2), QPointF(begin, gap)])
        painter.drawPolyline([QPointF(min(due, end), gap), QPointF(end, gap), QPointF(end, tip)])
        if due > begin:
            painter.setPen(QPen(colour, pen.widthF(), Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(begin, gap), QPointF(min(due, end), gap))
        if end - due > 2:
            painter.setPen(QPen(colour, 1))
            painter.drawLine(QPointF(due, second - _BAR / 2), QPointF(due, second + _BAR / 2))
        self._paint_tip(painter, QPointF(end, tip), down, colour)

    def _paint_tip(self, painter: QPainter, at: QPointF, down: float, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        sides = (QPointF(-_HEAD * 0.7, -down * _HEAD), QPointF(_HEAD * 0.7, -down * _HEAD))
        painter.drawPolygon(QPolygonF([at, at + sides[0], at + sides[1]]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def paint_now(self, painter: QPainter, x: float, bottom: float) -> None:
        """Draw where the present moment of a run is that goes on."""
        painter.setPen(QPen(QColor(self.theme.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, AXIS), QPointF(x, bottom))

    def paint_cursor(self, painter: QPainter, x: float, text: str, bottom: float, right: float) -> None:
        """Draw the moment that is looked at, with its time at the axis."""
        theme = self.theme
        painter.setPen(QPen(QColor(theme.accent), 1.5))
        painter.drawLine(QPointF(x, AXIS - 4), QPointF(x, bottom))
        width = self.small_metrics.horizontalAdvance(text) + 10
        left = min(max(x - width / 2, self.names), right - width)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(left, 2, width, AXIS - 6), 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(self.small)
        painter.setPen(QColor(theme.on_accent))
        painter.drawText(QRectF(left, 2, width, AXIS - 6), Qt.AlignmentFlag.AlignCenter, text)

"""Draws the time line: axis, bars, arrows, marks."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from nepi_core.description import ExperimentDescription
from nepi_gui import icons
from nepi_gui.appearance import Theme
from nepi_gui.document.schedule import EventKind
from nepi_gui.document.sentences import names
from nepi_gui.number_text import number_text
from nepi_gui.panels.timeline_layout import BREAK, LEAD, Arrow, Chart, Row, Scale, is_certain
from nepi_gui.translation import translate

ROW = 26.0
AXIS = 34.0
_BAR = 14.0
_HEAD = 4.5  # of an arrow
_MARK = 5.0
_MOST_EVENTS = 4
_MOST_ARROWS = 500  # in sight; more say nothing


class TimelinePainter:
    """Draws parts of a chart, with the upper left corner of the first row at 0, 0.

    Args:
        names: pixels of the column with the names, which stands left of 0.
    """

    def __init__(self, theme: Theme, font: QFont, description: ExperimentDescription, names: float) -> None:
        self.theme = theme
        self.font = font
        self.small = QFont(font)
        self.small.setPointSizeF(font.pointSizeF() * 0.88)
        self.metrics, self.small_metrics = QFontMetricsF(font), QFontMetricsF(self.small)
        self.names = names
        self._description = description

    # -- the ground ------------------------------------------------------------------------------------

    def paint_axis(self, painter: QPainter, scale: Scale, chart: Chart, phases: Iterable[int]) -> None:
        """Draw seconds and breaks, above the rows."""
        for phase in phases:
            self._paint_opening(painter, scale, chart, phase)
            painter.setFont(self.small)
            for seconds, x in scale.ticks(phase):
                painter.setPen(QPen(QColor(self.theme.border), 1))
                painter.drawLine(QPointF(x, -5), QPointF(x, 0))
                painter.setPen(QColor(self.theme.muted))
                label = _seconds_text(seconds) if not phase else f"+{_seconds_text(seconds)}"
                painter.drawText(QRectF(x - 40, -20, 80, 14), Qt.AlignmentFlag.AlignCenter, label)
            end = scale.end_of(phase)
            painter.setPen(QPen(QColor(self.theme.border), 1))
            painter.drawLine(QPointF(scale.lefts[phase], 0), QPointF(end, 0))
            self._paint_break(painter, end)

    def _paint_opening(self, painter: QPainter, scale: Scale, chart: Chart, phase: int) -> None:
        """Say what a phase begins with."""
        painter.setFont(self.small)
        painter.setPen(QColor(self.theme.text))
        width = scale.end_of(phase) + BREAK - scale.lefts[phase] - 8
        text = self.small_metrics.elidedText(self._opening(chart, phase), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(scale.lefts[phase] + 4, -AXIS + 1, width, 14), Qt.AlignmentFlag.AlignVCenter, text)

    def _opening(self, chart: Chart, phase: int) -> str:
        if not phase:
            return translate("Timeline", "deployment")
        events = chart.events[phase]
        if len(events) > _MOST_EVENTS or any(each.kind is not EventKind.END for each in events):
            only_failure = len(events) == 1 and events[0].kind is EventKind.FAILURE
            words = translate("Timeline", "{0} fails") if only_failure else translate("Timeline", "then")
        else:
            words = translate("Timeline", "{0} ends") if len(events) == 1 else translate("Timeline", "{0} end")
        return words.format(names(self._description, [each.guid for each in events[:_MOST_EVENTS]]))

    def _paint_break(self, painter: QPainter, left: float) -> None:
        """Draw the sign for a length of time that nobody knows."""
        painter.setPen(QPen(QColor(self.theme.muted), 1.4))
        for x in (left + BREAK / 2 - 4, left + BREAK / 2 + 2):
            painter.drawLine(QPointF(x, 5), QPointF(x + 5, -5))

    def paint_ground(self, painter: QPainter, scale: Scale, phases: Iterable[int], height: float) -> None:
        """Draw what lies behind the rows: a line at each number, a band at each break."""
        band = QBrush(QColor(self.theme.border), Qt.BrushStyle.BDiagPattern)
        for phase in phases:
            painter.setPen(QPen(QColor(self.theme.grid), 1))
            for _, x in scale.ticks(phase):
                painter.drawLine(QPointF(x, 0), QPointF(x, height))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setOpacity(0.35)
            painter.fillRect(QRectF(scale.end_of(phase), 0, BREAK, height), band)
            painter.setOpacity(1.0)

    # -- rows ------------------------------------------------------------------------------------------

    def paint_name(self, painter: QPainter, row: Row, text: str, rect: QRectF, is_selected: bool) -> None:
        """Draw what a row is called, with its icon."""
        theme = self.theme
        if is_selected:
            ground = QColor(theme.accent)
            ground.setAlpha(40)
            painter.fillRect(rect, ground)
        if row.guid:
            found = self._description.resources.get(row.guid)  # None: removed just now, and the chart follows at once
            icon = icons.icon_of_type(found.rtype) if found else icons.UNKNOWN
            icons.paint(painter, icon, QRectF(rect.left() + 6, rect.center().y() - 8, 16, 16))
        painter.setFont(self.font)
        painter.setPen(QColor(theme.text if row.guid else theme.muted))
        left = rect.adjusted(28 if row.guid else 8, 0, -4, 0)
        shown = self.metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, left.width())
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, shown)

    def paint_row(self, painter: QPainter, row: Row, scale: Scale, top: float, is_marked: bool) -> None:
        """Draw the bar of a resource and its marks."""
        plan, middle = row.plan, top + ROW / 2
        if plan.start is None:
            self._paint_never(painter, middle)
            return
        begin = scale.x(plan.start)
        if plan.deploy and scale.x(plan.deploy) < begin:
            self._paint_waiting(painter, scale.x(plan.deploy), begin, middle)
        self._paint_bar(painter, row, scale, QRectF(begin, middle - _BAR / 2, 0, _BAR), is_marked)
        for _, moment in row.changes:
            self._paint_change(painter, QPointF(scale.x(moment), middle))

    def bar(self, row: Row, scale: Scale, top: float) -> QRectF:
        """Return where the bar of a resource is; it is empty when there is none."""
        plan = row.plan
        if plan.start is None:
            return QRectF()
        begin, end = scale.x(plan.start), self._end(row, scale)
        return QRectF(begin, top + (ROW - _BAR) / 2, max(end - begin, 3.0), _BAR)

    def _end(self, row: Row, scale: Scale) -> float:
        stop, at_latest = row.plan.stop, row.plan.stop_at_latest
        if stop is None:
            return scale.total
        places = [scale.x(each) for each in (stop, at_latest) if each]
        return min(places)

    def _paint_never(self, painter: QPainter, middle: float) -> None:
        painter.setFont(self.small)
        painter.setPen(QColor(self.theme.warning))
        field = QRectF(LEAD, middle - ROW / 2, 200, ROW)
        painter.drawText(field, Qt.AlignmentFlag.AlignVCenter, translate("Timeline", "is never started"))

    def _paint_waiting(self, painter: QPainter, begin: float, end: float, middle: float) -> None:
        """Draw the time in which a resource is READY and waits for its start."""
        painter.setPen(QPen(QColor(self.theme.border), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(begin + 1, middle), QPointF(end - 2, middle))
        painter.drawEllipse(QPointF(begin, middle), 1.5, 1.5)

    def _paint_bar(self, painter: QPainter, row: Row, scale: Scale, rect: QRectF, is_marked: bool) -> None:
        theme, plan = self.theme, row.plan
        assert plan.start is not None
        rect.setRight(rect.left() + max(self._end(row, scale) - rect.left(), 3.0))
        colour = QColor(theme.warning if row.is_doubtful else theme.good if row.guid else theme.muted)
        certain = is_certain(plan.start)
        fill = QColor(colour)
        fill.setAlpha((150 if theme.is_dark else 120) if certain else 30)
        own_end = plan.stop is not None and plan.stop.event.kind is EventKind.END and plan.stop.event.guid == row.guid
        solid = QRectF(rect)
        if own_end:
            solid.setWidth(min(rect.width() * 0.4, 24.0))
            painter.fillRect(rect, QBrush(fill, Qt.BrushStyle.BDiagPattern))
        painter.fillRect(solid, fill)
        pen = QPen(QColor(theme.accent) if is_marked else colour, 2 if is_marked else 1)
        if not certain:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(_outline(rect, plan.stop is None)))
        if plan.stop is not None:
            if own_end and not (plan.stop_at_latest and rect.right() < scale.x(plan.stop)):
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawLine(rect.topRight(), rect.bottomRight())

    def _paint_change(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(QColor(self.theme.canvas), 1))
        painter.setBrush(QColor(self.theme.accent))
        points = [QPointF(0, -_MARK), QPointF(_MARK, 0), QPointF(0, _MARK), QPointF(-_MARK, 0)]
        painter.drawPolygon([at + point for point in points])
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- arrows ----------------------------------------------------------------------------------------

    def paint_arrows(
        self,
        painter: QPainter,
        arrows: Iterable[Arrow],
        scale: Scale,
        rows: range,
        marked: frozenset[int],
        chart: Chart,
    ) -> None:
        """Draw the arrows that touch some rows; those of marked resources stand out."""
        left = _MOST_ARROWS
        for arrow in arrows:
            if left and (arrow.row_from in rows or arrow.row_to in rows):
                ends = {chart.rows[arrow.row_from].guid, chart.rows[arrow.row_to].guid}
                self._paint_arrow(painter, arrow, scale, not marked.isdisjoint(ends))
                left -= 1

    def _paint_arrow(self, painter: QPainter, arrow: Arrow, scale: Scale, is_marked: bool) -> None:
        """Draw it along the gap beside the first row, then up or down to the second."""
        down = 1.0 if arrow.row_to > arrow.row_from else -1.0
        x1, x2 = scale.x(arrow.begins), scale.x(arrow.ends)
        y1 = arrow.row_from * ROW + ROW / 2 + down * _BAR / 2
        gap = arrow.row_from * ROW + ROW / 2 + down * ROW / 2
        y2 = arrow.row_to * ROW + ROW / 2 - down * (_BAR / 2 + 1)
        colour = QColor(self.theme.accent if is_marked else self.theme.line)
        painter.setPen(QPen(colour, 1.8 if is_marked else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline([QPointF(x1, y1), QPointF(x1, gap), QPointF(x2, gap), QPointF(x2, y2)])
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        tip = QPointF(x2, y2)
        painter.drawPolygon(
            [tip, tip + QPointF(-_HEAD * 0.7, -down * _HEAD), tip + QPointF(_HEAD * 0.7, -down * _HEAD)]
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _outline(rect: QRectF, is_open: bool) -> list[QPointF]:
    """Return the outline of a bar without its end, which may be open."""
    right = rect.right() - (0 if not is_open else 1)
    return [QPointF(right, rect.top()), rect.topLeft(), rect.bottomLeft(), QPointF(right, rect.bottom())]


def _seconds_text(seconds: float) -> str:
    if seconds >= 120 and seconds % 60 == 0:
        return translate("Timeline", "{0} min").format(number_text(seconds / 60))
    return translate("Timeline", "{0} s").format(number_text(seconds))

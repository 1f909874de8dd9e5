"""What follows from the conditions: when which resource is deployed, started, stopped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.sentences import doubt_text, moment_text, sentence
from nepi_gui.editor import Editor
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.panels.timeline_layout import Chart, Row, Scale, make_chart
from nepi_gui.panels.timeline_painting import AXIS, ROW, TimelinePainter

_NAMES = 168.0  # pixels of the column with the names
_ZOOM_STEP = 1.25
_ZOOMS = (1.0, 400.0)
_NOTCH = 120.0
_MOST_SENTENCES = 12


class TimelinePanel(QAbstractScrollArea):
    """Draws a bar for each resource with a story, from its start to its end.

    Attributes:
        chart: what is shown.
        zoom: how much larger than what fits.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.chart = Chart()
        self.zoom = 1.0
        self._unfolds = False
        self._scale = Scale(self.chart.spans, 100.0)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(self.tr("Up and down choose a resource, + and - zoom, Space unfolds."))
        self.viewport().setMouseTracking(True)
        self._refreshing = Refreshing(self, self.refresh)
        editor.schedule.changed.connect(self._refreshing.soon)
        editor.document.changed.connect(self._on_change)
        editor.selection.changed.connect(self.viewport().update)
        editor.appearance.changed.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        return QSize(600, 190)

    # -- what is shown ---------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if change.concerns(Aspect.LOOK):
            self._refreshing.soon()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._editor.schedule.look("timeline", True)
        self._refreshing.shown()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._editor.schedule.look("timeline", False)

    def refresh(self) -> None:
        """Show the schedule as it is now."""
        self.chart = make_chart(self._editor.document.description, self._editor.schedule.now, self._unfolds)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width() - _NAMES
        self._scale = Scale(self.chart.spans, width, self.zoom)
        rows_height = len(self.chart.rows) * ROW + 8
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setRange(0, max(0, round(self._scale.total - width)))
        horizontal.setPageStep(max(1, round(width)))
        horizontal.setSingleStep(40)
        vertical.setRange(0, max(0, round(rows_height + AXIS - self.viewport().height())))
        vertical.setPageStep(max(1, self.viewport().height() - round(AXIS)))
        vertical.setSingleStep(round(ROW))
        self.viewport().update()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show but that everything happens at once."""
        description = self._editor.document.description
        return not description.changes and not any(each.conditions for each in description.resources.values())

    def _fold_text(self) -> str:
        if self._unfolds:
            return self.tr("Fold those from the beginning to the end")
        return self.tr("{0} more: from the beginning to the end").format(self.chart.folded)

    # -- places ----------------------------------------------------------------------------------------

    def _origin(self) -> QPointF:
        """Return where the first row begins, at the beginning of time."""
        return QPointF(_NAMES - self.horizontalScrollBar().value(), AXIS - self.verticalScrollBar().value())

    def row_rect(self, number: int) -> QRectF:
        """Return where a row is on the viewport."""
        return QRectF(0, self._origin().y() + number * ROW, self.viewport().width(), ROW)

    def bar_rect(self, number: int) -> QRectF:
        """Return where the bar of a row is on the viewport."""
        painter = self._painter()
        return painter.bar(self.chart.rows[number], self._scale, number * ROW).translated(self._origin())

    def row_at(self, place: QPointF) -> int:
        """Return the row at a place of the viewport, -1 for none."""
        number = int((place.y() - self._origin().y()) // ROW)
        return number if place.y() >= AXIS and 0 <= number < len(self.chart.rows) else -1

    # -- drawing ---------------------------------------------------------------------------------------

    def _painter(self) -> TimelinePainter:
        theme = self._editor.appearance.theme
        return TimelinePainter(theme, self.font(), self._editor.document.description, _NAMES)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        theme = self._editor.appearance.theme
        painter.fillRect(self.viewport().rect(), QColor(theme.plate))
        if self.is_empty or not self.chart.rows:
            self._paint_empty(painter)
        else:
            self._paint_chart(painter)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._editor.appearance.theme.muted))
        text = self.tr("No conditions: everything is deployed and started at once.")
        if not self.is_empty:
            text = self.tr("Working it out…")
        field = self.viewport().rect().adjusted(16, 16, -16, -16)
        painter.drawText(field, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _paint_chart(self, painter: QPainter) -> None:
        drawing, scale, origin = self._painter(), self._scale, self._origin()
        size, theme = self.viewport().size(), self._editor.appearance.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        phases = scale.between(-origin.x(), size.width() - origin.x())
        first = max(0, int(self.verticalScrollBar().value() // ROW))
        rows = range(first, min(len(self.chart.rows), first + int(size.height() // ROW) + 2))
        selected = frozenset(self._editor.selection.guids)
        painter.save()
        painter.setClipRect(QRectF(_NAMES, AXIS, size.width() - _NAMES, size.height() - AXIS))
        painter.translate(origin)
        drawing.paint_ground(painter, scale, phases, max(len(self.chart.rows) * ROW, size.height()))
        for number in rows:
            row = self.chart.rows[number]
            if row.guid:
                drawing.paint_row(painter, row, scale, number * ROW, row.guid in selected)
        drawing.paint_arrows(painter, self.chart.arrows, scale, rows, selected, self.chart)
        painter.restore()
        self._paint_names(painter, drawing, rows, selected)
        painter.save()
        painter.fillRect(QRectF(0, 0, size.width(), AXIS), QColor(theme.panel))
        painter.setClipRect(QRectF(_NAMES, 0, size.width() - _NAMES, AXIS + 6))
        painter.translate(origin.x(), AXIS)
        drawing.paint_axis(painter, scale, self.chart, phases)
        painter.restore()

    def _paint_names(self, painter: QPainter, drawing: TimelinePainter, rows: range, selected: frozenset[int]) -> None:
        theme, height = self._editor.appearance.theme, self.viewport().height()
        painter.save()
        painter.setClipRect(QRectF(0, AXIS, _NAMES, height))
        for number in rows:
            row = self.chart.rows[number]
            rect = self.row_rect(number)
            rect.setWidth(_NAMES if row.guid else self.viewport().width())
            if not row.guid:
                painter.setClipping(False)
            drawing.paint_name(painter, row, row.name or self._fold_text(), rect, row.guid in selected)
        painter.restore()
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QPointF(_NAMES, AXIS), QPointF(_NAMES, height))

    # -- mouse and keys --------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_tip(self, place: QPoint, on_screen: QPoint) -> None:
        number = self.row_at(QPointF(place))
        row = self.chart.rows[number] if number >= 0 else None
        if row is None or not row.guid:
            QToolTip.hideText()
            return
        QToolTip.showText(on_screen, plain_tool_tip(self.tip(row)), self.viewport(), self.row_rect(number).toRect())

    def tip(self, row: Row) -> str:
        """Return what happens to a resource and why, in a few lines."""
        description, plan = self._editor.document.description, row.plan
        lines = [row.name, self._span_text(row)]
        if plan.stop and plan.stop_at_latest:
            lines.append(self.tr("at the latest {0}").format(moment_text(description, plan.stop_at_latest)))
        resource = description.resources.get(row.guid)
        keys = [(row.guid, index) for index in range(len(resource.conditions) if resource else 0)]
        for key in [*keys, *(key for key, _ in row.changes)][:_MOST_SENTENCES]:
            lines.append(f"• {sentence(description, key)}")
            if doubt := self._editor.schedule.now.doubts.get(key):
                lines.append(f"   {doubt_text(description, doubt)}")
        return "\n".join(lines)

    def _span_text(self, row: Row) -> str:
        description, plan = self._editor.document.description, row.plan
        if plan.start is None:
            return self.tr("is never started")
        start = moment_text(description, plan.start)
        if plan.stop is None:
            return self.tr("from {0} to the end of the run").format(start)
        if plan.stop.event.guid == row.guid and not plan.stop.offset:
            return self.tr("from {0} until it ends by itself").format(start)
        return self.tr("from {0} to {1}").format(start, moment_text(description, plan.stop))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.row_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and number >= 0:
            self._choose(number)

    def _choose(self, number: int) -> None:
        guid = self.chart.rows[number].guid
        if guid:
            self._reveal(guid)
        else:
            self._fold()

    def _reveal(self, guid: int) -> None:
        if guid in self._editor.document.description.resources:  # it may have been removed since the chart was made
            self._editor.reveal(guid)

    def _fold(self) -> None:
        self._unfolds = not self._unfolds
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, rows = event.key(), self.chart.rows
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and rows:
            self._go(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            step = _ZOOM_STEP if key == Qt.Key.Key_Plus else 1 / _ZOOM_STEP
            self.zoom_to(self.zoom * step, (_NAMES + self.viewport().width()) / 2)
        elif key == Qt.Key.Key_Space and rows and not rows[-1].guid:
            self._fold()
        else:
            super().keyPressEvent(event)

    def _go(self, step: int) -> None:
        """Go to the next resource (1) or to the one before (-1)."""
        selected = self._editor.selection.guids
        present = self.chart.row_of(selected[0]) if len(selected) == 1 else -1
        number = min(max(present + step, 0), len(self.chart.rows) - 1)
        if guid := self.chart.rows[number].guid:
            self._reveal(guid)
            self._scroll_to(number)

    def _scroll_to(self, number: int) -> None:
        rect, bar = self.row_rect(number), self.verticalScrollBar()
        if rect.top() < AXIS:
            bar.setValue(bar.value() + round(rect.top() - AXIS))
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + round(rect.bottom() - self.viewport().height()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self.zoom * _ZOOM_STEP ** (event.angleDelta().y() / _NOTCH), event.position().x())
            event.accept()
        else:
            super().wheelEvent(event)

    def zoom_to(self, zoom: float, around: float) -> None:
        """Show the seconds larger or smaller; what is at a place of the viewport stays about there."""
        inside = around - self._origin().x()
        before = self._scale.total
        self.zoom = min(max(zoom, _ZOOMS[0]), _ZOOMS[1])
        self._fit()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + round(inside * (self._scale.total / before - 1)))

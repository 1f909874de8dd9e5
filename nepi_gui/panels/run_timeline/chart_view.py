"""The picture of a run's time line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from nepi_gui import icons
from nepi_gui.panels.run_timeline.following import FollowingChart
from nepi_gui.panels.run_timeline.painting import AXIS, ROW, RunPainter
from nepi_gui.panels.run_timeline.scale import axis_text
from nepi_gui.panels.run_timeline.story import Story

_MOST_ARROWS = 400  # in sight


class RunChartView(FollowingChart):
    """Draws what is seen, as far as it has to be drawn anew."""

    def drawing(self) -> RunPainter:
        """Return what draws the parts."""
        return RunPainter(self._editor.appearance.theme, self.font(), self.scale.left)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setClipRegion(event.region())
        painter.fillRect(event.rect(), QColor(self._editor.appearance.theme.plate))
        if self.story is not None and len(self.story.rows):
            self._paint(painter, self.story, event.rect())
        else:
            self._paint_empty(painter)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._editor.appearance.theme.muted))
        text = self.tr("No run is watched.")
        if self.story is not None:
            text = self.tr("Nothing fits “{0}”.").format(self.story.words) if self.story.words else self.tr("Nothing.")
        field = self.viewport().rect().adjusted(16, 16, -16, -16)
        painter.drawText(field, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _paint(self, painter: QPainter, story: Story, field: QRect) -> None:
        drawing, size, names = self.drawing(), self.viewport().size(), self.scale.left
        offset = self.verticalScrollBar().value()
        first = max(0, int((max(field.top(), AXIS) - AXIS + offset) // ROW))
        rows = range(first, min(len(story.rows), int((field.bottom() - AXIS + offset) // ROW) + 1))
        chosen = {guid for guid in self._editor.selection.guids if self.is_same(guid)}
        painter.save()
        painter.setClipRect(QRectF(0, AXIS, size.width(), size.height()), Qt.ClipOperation.IntersectClip)
        drawing.paint_ground(painter, self.scale, size.height())
        for number in rows:
            if story.rows[number].guid in chosen:
                drawing.paint_chosen(painter, self.row_rect(number), self.hasFocus())
        self._paint_time(painter, drawing, story, rows, chosen)
        self._paint_names(painter, drawing, story, rows)
        painter.setPen(QPen(QColor(self._editor.appearance.theme.border), 1))
        painter.drawLine(QPointF(names, AXIS), QPointF(names, size.height()))
        if self.hasFocus() and self.current in rows:
            drawing.paint_current(painter, self.row_rect(self.current))
        painter.restore()
        self._paint_axis(painter, drawing, story)

    def _paint_time(self, painter: QPainter, drawing: RunPainter, story: Story, rows: range, chosen: set[int]) -> None:
        scale, height = self.scale, self.viewport().height()
        painter.save()
        painter.setClipRect(QRectF(scale.left, AXIS, scale.width, height), Qt.ClipOperation.IntersectClip)
        for number in rows:
            self._paint_row(painter, drawing, story, number)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_arrows(painter, drawing, story, rows, chosen)
        for number in rows:
            for mark in self.marks_of(story.rows[number].guid):
                drawing.paint_mark(painter, mark, scale.x(mark.time), self.row_rect(number).center().y())
        if story.run.is_live:
            drawing.paint_now(painter, scale.x(self.until), height)
        painter.restore()

    def _paint_row(self, painter: QPainter, drawing: RunPainter, story: Story, number: int) -> None:
        row, middle, scale = story.rows[number], self.row_rect(number).center().y(), self.scale
        if row.guid:
            drawing.paint_bars(painter, story.run.lives.of(row.guid), scale, self.until, middle)
            return
        begins = [begin for guid in row.members if (begin := story.first(guid)) is not None]
        if begins:
            failures = [scale.x(story.failed[guid]) for guid in story.failed.keys() & set(row.members)]
            drawing.paint_span(painter, scale.x(min(begins)), scale.x(self.until), failures, middle)

    def _paint_arrows(
        self, painter: QPainter, drawing: RunPainter, story: Story, rows: range, chosen: set[int]
    ) -> None:
        places, left = story.rows.places, _MOST_ARROWS
        for arrow in self.arrows:
            first, second = places.get(arrow.member, -1), places.get(arrow.guid, -1)
            if first == second or min(first, second) < 0:
                continue
            if left and min(first, second) < rows.stop and max(first, second) >= rows.start:
                middles = (self.row_rect(first).center().y(), self.row_rect(second).center().y())
                is_marked = arrow.member in chosen or arrow.guid in chosen
                drawing.paint_arrow(painter, arrow, self.scale, middles, is_marked)
                left -= 1

    def _paint_names(self, painter: QPainter, drawing: RunPainter, story: Story, rows: range) -> None:
        painter.save()
        painter.setClipRect(QRectF(0, AXIS, self.scale.left, 1e5), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in rows:
            self._paint_name(painter, drawing, story, number)
        painter.restore()

    def _paint_name(self, painter: QPainter, drawing: RunPainter, story: Story, number: int) -> None:
        row, rect = story.rows[number], self.row_rect(number)
        rect.setWidth(self.scale.left)
        is_folded = row.heads in story.folded if row.heads else None
        has_failed = row.guid in story.failed
        if row.heads and (is_folded or not row.guid):
            count = len(story.failed.keys() & set(row.members))
            rect.setRight(rect.right() - drawing.paint_aside(painter, self._count_text(len(row.members), count), rect))
            has_failed = has_failed or bool(count and is_folded)
        if has_failed:
            drawing.paint_failure(painter, QPointF(rect.right() - 10, rect.center().y()))
            rect.setRight(rect.right() - 18)
        icon = icons.icon_of_type(story.cast.rtypes.get(row.guid, "")) if row.guid else ""
        drawing.paint_name(painter, row, self.row_name(row), icon, rect, is_folded)

    def _count_text(self, members: int, failed: int) -> str:
        return self.tr("{0}, {1} FAILED").format(members, failed) if failed else str(members)

    def _paint_axis(self, painter: QPainter, drawing: RunPainter, story: Story) -> None:
        scale, size, moment = self.scale, self.viewport().size(), story.run.moment
        painter.fillRect(QRectF(0, 0, size.width(), AXIS), QColor(self._editor.appearance.theme.panel))
        painter.save()
        painter.setClipRect(QRectF(scale.left, 0, scale.width, size.height()), Qt.ClipOperation.IntersectClip)
        drawing.paint_axis(painter, scale)
        if moment is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            text = axis_text(moment - scale.began, min(max(1 / scale.second, 0.001), 1.0))
            drawing.paint_cursor(painter, scale.x(moment), text, size.height(), scale.left + scale.width)
        painter.restore()

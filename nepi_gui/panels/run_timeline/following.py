"""What a run's time line shows: what is seen of the run, and what is to be painted anew when something happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea

from nepi_core.description import Value
from nepi_core.lifecycle import StateChange
from nepi_gui.editor import Editor
from nepi_gui.panels.run_timeline.arrows import Arrow, arrows_of
from nepi_gui.panels.run_timeline.marks import Mark, Marks
from nepi_gui.panels.run_timeline.pacing import Pacing
from nepi_gui.panels.run_timeline.painting import AXIS, ROW
from nepi_gui.panels.run_timeline.rows import LINES, Grouping, Row
from nepi_gui.panels.run_timeline.scale import TimeScale
from nepi_gui.panels.run_timeline.story import Story
from nepi_gui.watching.time_range import TimeRange

_NAMES = 190.0  # pixels of the column with the names, when there is room
_NAMES_PART = 0.34  # of the width, at most
_PULSE = 100  # ms: what is live is painted ten times a second, and no more
_AHEAD = 0.15  # part of the picture that stays before a moment that is brought into view


class FollowingChart(QAbstractScrollArea):
    """Goes along with the run that an editor watches; nothing is done as long as it is hidden.

    Attributes:
        story: what is shown; None as long as no run is watched, or nobody has looked.
        arrows: the conditions that are shown.
        current: the row at which the keyboard is; -1 for none.
        grouping, words: how the rows are wanted.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.story: Story | None = None
        self.current = -1
        self.grouping = Grouping.HOST
        self.words = ""
        self._marks: Marks | None = None
        self.arrows: list[Arrow] = []
        self._moves = self._has_news = False
        self._arranging, self._finding = Pacing(), Pacing()
        self._touched: set[int] = set()
        self._own_range = TimeRange(self)
        self._own_range.changed.connect(self._on_range)
        self._until = 0.0
        self._scale = TimeScale(0.0, 0.0, 1.0, _NAMES, 100.0)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(round(ROW))
        self._pulse = QTimer(self, interval=_PULSE)
        self._pulse.timeout.connect(self._go_along)
        editor.run_changed.connect(self._on_run)
        editor.selection.changed.connect(self._on_selection)
        editor.appearance.changed.connect(self.viewport().update)
        self._on_run()

    def sizeHint(self) -> QSize:
        return QSize(600, 190)

    # -- what happens ----------------------------------------------------------------------------------

    def _on_run(self) -> None:
        self.story = self._marks = None
        self._pulse.stop()
        if run := self._editor.run:
            run.happened.connect(self._on_changes)
            run.moment_changed.connect(self._on_moment)
            run.values_set.connect(self._on_values)
            run.ended.connect(self._on_end)
            run.range.changed.connect(self._on_range)
            run.range.linked_changed.connect(self._on_link)
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pulse.stop()

    def refresh(self) -> None:
        """Show the run as it is now."""
        run = self._editor.run
        if run is None or not self.isVisible():
            self.viewport().update()
            return
        if self.story is None or self.story.run is not run:
            self.story = Story(run, self.grouping, self.words)
            self.current = -1
        if self._marks is None:
            self._marks = Marks(run)
        if self.story.catch_up() or self._moves:
            self._arrange(self.story)
        self._find_arrows()
        self._lay_out()
        self.viewport().update()
        if run.is_live:
            self._pulse.start()
        else:
            self._pulse.stop()

    def arrange(self, grouping: Grouping | None = None, words: str | None = None) -> None:
        """Have the rows grouped or filtered in another way."""
        self.grouping = grouping or self.grouping
        self.words = self.words if words is None else words
        if self.story is not None:
            self.story.grouping, self.story.words = self.grouping, self.words
            self._arrange(self.story)
            self.current = -1
            self._lay_out()
            self.viewport().update()

    def _on_changes(self, changes: Iterable[StateChange]) -> None:
        self._touched.update(change.guid for change in changes)

    def _on_values(self, values: Iterable[tuple[int, str, Value | None]]) -> None:
        if self._marks is None and self._editor.run is not None:
            self._marks = Marks(self._editor.run)  # what is set live is not in the record
        if self._marks is not None:
            self._touched |= self._marks.take(values)

    def _on_end(self) -> None:
        if self._marks is not None and self._editor.run is not None:
            self._marks.read(self._editor.run)
        self.refresh()

    def _on_selection(self) -> None:
        if not self.isVisible() or self.story is None:
            return
        self._find_arrows()
        chosen = self._editor.selection.guids
        if len(chosen) == 1 and self.is_same(chosen[0]) and chosen[0] in self.story.rows.places:
            self.scroll_to(self.story.rows.places[chosen[0]])
        self.viewport().update()

    def _find_arrows(self) -> None:
        story = self.story
        if story is not None:
            chosen = [guid for guid in self._editor.selection.guids if self.is_same(guid)]
            with self._finding.working():
                self.arrows = arrows_of(story.run.description, story.run.lives, chosen)
            self._has_news = False

    def is_same(self, guid: int) -> bool:
        """Tell whether a resource of the document is that of the run: the run may be of another experiment."""
        found = self._editor.document.description.resources.get(guid)
        run = self._editor.run
        if found is None or run is None:
            return False
        if self.story is not None:
            return self.story.cast.rtypes.get(guid) == found.rtype
        described = run.description.resources.get(guid)
        return described is not None and described.rtype == found.rtype

    def _go_along(self) -> None:
        """Paint what has happened since the last time, and what the time that has passed has changed."""
        story = self.story
        if story is None:
            return
        touched, self._touched = self._touched, set()
        if touched:
            self._moves = story.catch_up() or self._moves
            self._has_news = True
        if moves := self._moves and self._arranging.is_due():
            self._arrange(story)
        before, arrows, until = self._scale, self.arrows, self._until
        if self._has_news and self._finding.is_due():
            self._find_arrows()
        self._lay_out()
        if moves or self.arrows != arrows or self._scale != before:
            self.viewport().update()
            return
        self._update_strip(self._scale.x(until), self._scale.x(self._until))
        for number in {story.rows.places[guid] for guid in touched if guid in story.rows.places}:
            self.viewport().update(self.row_rect(number).toAlignedRect())

    def _arrange(self, story: Story) -> None:
        with self._arranging.working():
            story.arrange()
        self._moves = False

    def _update_strip(self, left: float, right: float) -> None:
        if right >= self._scale.left and left <= self._scale.left + self._scale.width:
            self.viewport().update(QRect(round(left) - 3, 0, round(right - left) + 6, self.viewport().height()))

    # -- the moment ------------------------------------------------------------------------------------

    def _on_moment(self) -> None:
        run = self._editor.run
        if not self.isVisible() or run is None:
            return
        if run.moment is not None:
            self.bring_into_view(run.moment)
        elif run.is_live and not self._scale.begin <= run.newest <= self._scale.end:
            self.time_range.follow(self._scale.end - self._scale.begin)
        self.viewport().update()

    def bring_into_view(self, moment: float) -> None:
        """Have a moment seen."""
        begin, end = self._scale.begin, self._scale.end
        if not begin <= moment <= end:
            length = end - begin
            first = moment - _AHEAD * length
            self.time_range.show(first, first + length)

    # -- what is seen ----------------------------------------------------------------------------------

    @property
    def time_range(self) -> TimeRange:
        """Which part of the time is seen: that of the plots, too, as long as they are linked."""
        run = self._editor.run
        return run.range if run is not None and run.range.is_linked else self._own_range

    def _on_link(self) -> None:
        run = self._editor.run
        if run is None:
            return
        if not run.range.is_linked:  # it stays as it is, for the time being
            shared, own = run.range, self._own_range
            if shared.begin is not None and shared.end is not None:
                own.show(shared.begin, shared.end)
            else:
                own.follow(shared.length)
        self._on_range()

    def _on_range(self) -> None:
        if self.story is not None and self.isVisible():
            self._lay_out()
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """Work out the scale, and how far one can scroll."""
        story = self.story
        if story is None:
            return
        run, size = story.run, self.viewport().size()
        self._until = run.newest
        began = run.span[0] or self._until  # 0: nothing is known of it yet
        begin, end = self.time_range.within(began, self._until, run.is_live)
        names = min(_NAMES, size.width() * _NAMES_PART)
        self._scale = TimeScale(began, begin, end, names, max(size.width() - names, 1.0))
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(len(story.rows) * ROW + AXIS + 4 - size.height())))
        bar.setPageStep(max(1, size.height() - round(AXIS)))

    def marks_of(self, guid: int) -> Sequence[Mark]:
        """Return what was set of a resource."""
        return self._marks.of(guid) if self._marks is not None else ()

    @property
    def scale(self) -> TimeScale:
        """Where moments are."""
        return self._scale

    @property
    def until(self) -> float:
        """When the last states end, as they are painted: now, or the end of the run."""
        return self._until

    def row_rect(self, number: int) -> QRectF:
        """Return where a row is on the viewport."""
        return QRectF(0, AXIS + number * ROW - self.verticalScrollBar().value(), self.viewport().width(), ROW)

    def row_at(self, place: QPointF) -> int:
        """Return the row at a place of the viewport, -1 for none."""
        number = int((place.y() - AXIS + self.verticalScrollBar().value()) // ROW)
        rows = len(self.story.rows) if self.story is not None else 0
        return number if place.y() >= AXIS and 0 <= number < rows else -1

    def scroll_to(self, number: int) -> None:
        """Have a row seen."""
        rect, bar = self.row_rect(number), self.verticalScrollBar()
        if rect.top() < AXIS:
            bar.setValue(bar.value() + round(rect.top() - AXIS))
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + round(rect.bottom() - self.viewport().height()))

    def row_name(self, row: Row) -> str:
        """Return what a row is called."""
        assert self.story is not None
        if row.guid:
            return self.story.cast.names.get(row.guid, f"#{row.guid}")
        return self.tr("Links") if row.heads == LINES else row.heads or self.tr("Others")

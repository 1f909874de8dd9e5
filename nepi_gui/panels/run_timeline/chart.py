"""The time line of a run as it is used: mouse, wheel, fingers and keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGestureEvent, QPinchGesture, QToolTip

from nepi_core.states import ResourceState
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.editor import Editor
from nepi_gui.panels.run_timeline.bars import change_at
from nepi_gui.panels.run_timeline.chart_view import RunChartView
from nepi_gui.panels.run_timeline.painting import AXIS, INDENT, ROW
from nepi_gui.panels.run_timeline.replay import Replay
from nepi_gui.panels.run_timeline.tips import mark_tip, resource_tip

_STEP = 1.25
_NOTCH = 120.0
_NEAR = 5.0  # pixels within which the cursor or a mark is meant
_PAN_STEP = 0.1  # of what is seen
_MARGIN = 0.1  # beside a bar that fills the picture
_LONGEST = 4.0  # times the run: no more can be seen
_SHORTEST = 0.001  # seconds

_Control, _Shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class RunChart(RunChartView):
    """Lets a user go through the run that is watched.

    Attributes:
        replay: what moves the moment that is looked at.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self.replay = Replay(editor, self)
        self._pressed: QPointF | None = None
        self._panned: QPointF | None = None
        self._scrubs = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(
            self.tr(
                "Left and right move the moment, with Ctrl to the next state change; up and down choose a resource; "
                "plus and minus zoom, 0 shows all; Space plays; Enter folds; End goes back to now."
            )
        )
        self.viewport().setMouseTracking(True)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)

    # -- zoom and pan ----------------------------------------------------------------------------------

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Show the time larger or smaller; what is at a place of the viewport stays there.

        As long as the present moment of a live run is followed, it is followed on, as on the plots.

        Args:
            x: the place; where it is not given, the moment that is looked at, or else the middle.
        """
        scale, story = self.scale, self.story
        if story is None:
            return
        if x is None:
            moment = story.run.moment
            seen = moment is not None and scale.begin <= moment <= scale.end
            x = scale.x(moment) if seen and moment is not None else scale.left + scale.width / 2
        around = scale.time(min(max(x, scale.left), scale.left + scale.width))
        first, last = story.run.span[0], story.run.newest
        length = max((scale.end - scale.begin) / factor, _SHORTEST)
        if story.run.is_live and story.run.moment is None and self.time_range.is_following:
            self.time_range.follow(length if factor > 1 or length < last - first else None)
            return
        part = (around - scale.begin) / (scale.end - scale.begin)
        begin = around - part * length
        if factor < 1 and begin <= first and begin + length >= last:
            self.fit()
        else:
            self.time_range.show(begin, begin + min(length, _LONGEST * max(last - first, 1.0)))

    def pan(self, pixels: float) -> None:
        """Move what is seen to the right; the run does not leave the picture."""
        scale, story = self.scale, self.story
        if story is None or not pixels:
            return
        length = scale.end - scale.begin
        begin = scale.begin - pixels / scale.second
        first, last = story.run.span[0], story.run.newest
        begin = min(max(begin, first - length / 2), last - length / 2)
        self.time_range.show(begin, begin + length)

    def fit(self) -> None:
        """Show the whole run."""
        self.time_range.follow()

    def fit_bar(self, place: QPointF) -> bool:
        """Have the bar at a place fill the picture; tell whether there is one."""
        number, story = self.row_at(place), self.story
        if number < 0 or story is None or place.x() < self.scale.left:
            return False
        own = story.run.lives.of(story.rows[number].guid)
        change = change_at(own, self.scale.time(place.x()))
        if change is None:
            return False
        following = own.index(change) + 1
        end = own[following].time if following < len(own) else self.until
        margin = max(end - change.time, _SHORTEST) * _MARGIN
        self.time_range.show(change.time - margin, end + margin)
        return True

    # -- choosing --------------------------------------------------------------------------------------

    def choose(self, number: int, adds: bool = False) -> None:
        """Select the resource of a row; with ``adds`` it is selected as well, or no longer."""
        story = self.story
        if story is None or not 0 <= number < len(story.rows):
            return
        self.current = number
        guid = story.rows[number].guid
        if guid and not self.is_same(guid):
            text = self.tr("{0} is in the run, but not in the experiment that is open.")
            self._editor.tell(text.format(self.row_name(story.rows[number])))
        elif guid and adds:
            self._editor.selection.toggle([guid])
        elif guid:
            self._editor.reveal(guid)
        self.scroll_to(number)
        self.viewport().update()

    def show_resource(self, guid: int) -> None:
        """Select a resource and have its row seen; its group is unfolded."""
        story = self.story
        if story is None or guid not in story.rows.places:
            return
        if story.rows[story.rows.places[guid]].guid != guid:
            self.fold(story.rows.places[guid])
        self.choose(story.rows.places[guid])

    def fold(self, number: int) -> None:
        """Fold the group of a heading, or unfold it."""
        story = self.story
        if story is None or not 0 <= number < len(story.rows) or not story.rows[number].heads:
            return
        story.folded ^= {story.rows[number].heads}
        self.arrange()
        self.current = number

    # -- mouse -----------------------------------------------------------------------------------------

    def _is_at_cursor(self, place: QPointF) -> bool:
        moment = self.story.run.moment if self.story is not None else None
        if place.x() < self.scale.left:
            return False
        return place.y() < AXIS or (moment is not None and abs(self.scale.x(moment) - place.x()) <= _NEAR)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self.story is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        if event.button() is Qt.MouseButton.LeftButton and self._is_at_cursor(place):
            self._scrubs = True
            self._scrub(place)
            return
        self._pressed = place
        self._panned = place if event.button() is Qt.MouseButton.MiddleButton else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._scrubs:
            self._scrub(place)
        elif self._panned is not None:
            way, self._panned = place - self._panned, place
            self.pan(way.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - round(way.y()))
        elif self._pressed is not None:
            is_far = (place - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if is_far and self._pressed.x() >= self.scale.left:
                self._panned = self._pressed
                self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            at_cursor = self.story is not None and self._is_at_cursor(place)
            self.viewport().setCursor(Qt.CursorShape.SplitHCursor if at_cursor else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, was_panned = self._pressed, self._panned is not None
        self._pressed = self._panned = None
        self._scrubs = False
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        if pressed is not None and not was_panned:
            self._click(pressed, bool(event.modifiers() & _Control))

    def _click(self, place: QPointF, adds: bool) -> None:
        number = self.row_at(place)
        if self.story is None or number < 0:
            return
        row = self.story.rows[number]
        if row.heads and (not row.guid or place.x() < INDENT + 4):
            self.fold(number)
        else:
            self.choose(number, adds)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self.fit_bar(event.position()):
            self.mousePressEvent(event)

    def _scrub(self, place: QPointF) -> None:
        scale = self.scale
        self.replay.go_to(scale.time(min(max(place.x(), scale.left), scale.left + scale.width)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn, place = event.angleDelta(), event.position()
        can_scroll = self.verticalScrollBar().maximum() > 0
        if event.modifiers() & _Shift or abs(turn.x()) > abs(turn.y()):
            self.pan((turn.x() or turn.y()) / _NOTCH * _PAN_STEP * self.scale.width)
        elif event.modifiers() & _Control or place.y() < AXIS or not can_scroll:
            self.zoom(_STEP ** (turn.y() / _NOTCH), place.x())
        else:
            super().wheelEvent(event)
        event.accept()

    # -- fingers and hovering --------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event.pos(), event.globalPos())
            return True
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(max(1 + event.value(), 0.1), event.position().x())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom(max(pinch.scaleFactor(), 0.1), self.viewport().mapFromGlobal(pinch.centerPoint()).x())
                return True
        return super().viewportEvent(event)

    def _show_tip(self, place: QPoint, on_screen: QPoint) -> None:
        text = self.tip(QPointF(place))
        if text:
            number = self.row_at(QPointF(place))
            QToolTip.showText(on_screen, plain_tool_tip(text), self.viewport(), self.row_rect(number).toRect())
        else:
            QToolTip.hideText()

    def tip(self, place: QPointF) -> str:
        """Return what is to be known of what is at a place of the viewport; "" for nothing."""
        number, story = self.row_at(place), self.story
        row = story.rows[number] if story is not None and number >= 0 else None
        if story is None or row is None or not row.guid:
            return ""
        if place.x() < self.scale.left:
            return resource_tip(story, row.guid, story.run.change(row.guid))
        near = [mark for mark in self.marks_of(row.guid) if abs(self.scale.x(mark.time) - place.x()) <= _NEAR]
        if near:
            return "\n".join(mark_tip(story, mark) for mark in near)
        time = self.scale.time(place.x())
        change = change_at(story.run.lives.of(row.guid), time) if time <= self.until else None
        return resource_tip(story, row.guid, change) if change is not None else ""

    # -- keys ------------------------------------------------------------------------------------------

    def _doing(self, event: QKeyEvent) -> Callable[[RunChart], object] | None:
        aside = Qt.KeyboardModifier.KeypadModifier
        plus = event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Minus)  # which need Shift on some keyboards
        modifiers = Qt.KeyboardModifier.NoModifier if plus else event.modifiers() & ~aside
        return _KEYS.get((Qt.Key(event.key()), modifiers)) if self.story is not None else None

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._doing(event):
            event.accept()  # Ctrl with an arrow moves things on the canvas otherwise
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if doing := self._doing(event):
            doing(self)
        else:
            super().keyPressEvent(event)

    def page(self) -> int:
        """Return how many rows are seen at once."""
        return max(int((self.viewport().height() - AXIS) / ROW) - 1, 1)

    def move_by(self, pixels: int) -> None:
        """Move the moment by pixels; from the right end when the present moment is looked at."""
        story = self.story
        if story is not None:
            moment = story.run.moment
            self.replay.go_to((self.until if moment is None else moment) + pixels / self.scale.second)

    def step(self, way: int) -> None:
        """Go to the next (1) or previous (-1) state change of what is selected, of anything when nothing is."""
        guids = [guid for guid in self._editor.selection.guids if self.is_same(guid)]
        self.replay.step(way, guids)

    @property
    def has_failure(self) -> bool:
        """Whether anything has FAILED."""
        if self.story is not None:
            return bool(self.story.failed)
        run = self._editor.run
        return run is not None and any(change.new is ResourceState.FAILED for change in run.lives.changes)

    def first_failure(self) -> bool:
        """Go to the first failure, and select what FAILED; tell whether there is one."""
        found = self.replay.first_failure()
        if found is not None:
            if self.is_same(found.guid):
                self._editor.reveal(found.guid)
            self.show_resource(found.guid)
        return found is not None

    def go(self, step: int) -> None:
        """Go to another row."""
        story = self.story
        if story is None or not len(story.rows):
            return
        present = self.current
        selected = self._editor.selection.guids
        if len(selected) == 1 and selected[0] in story.rows.places and self.is_same(selected[0]):
            row = story.rows[present] if 0 <= present < len(story.rows) else None
            if row is None or row.guid:
                present = story.rows.places[selected[0]]
        self.choose(min(max(present + step, 0), len(story.rows) - 1))


_NONE, _K = Qt.KeyboardModifier.NoModifier, Qt.Key

_KEYS: dict[tuple[Qt.Key, Qt.KeyboardModifier], Callable[[RunChart], object]] = {
    (_K.Key_Left, _NONE): lambda chart: chart.move_by(-1),
    (_K.Key_Right, _NONE): lambda chart: chart.move_by(1),
    (_K.Key_Left, _Control): lambda chart: chart.step(-1),
    (_K.Key_Right, _Control): lambda chart: chart.step(1),
    (_K.Key_Left, _Shift): lambda chart: chart.pan(_PAN_STEP * chart.scale.width),
    (_K.Key_Right, _Shift): lambda chart: chart.pan(-_PAN_STEP * chart.scale.width),
    (_K.Key_Home, _NONE): lambda chart: chart.replay.go_to(0.0),
    (_K.Key_End, _NONE): lambda chart: chart.replay.go_to(None),
    (_K.Key_Up, _NONE): lambda chart: chart.go(-1),
    (_K.Key_Down, _NONE): lambda chart: chart.go(1),
    (_K.Key_PageUp, _NONE): lambda chart: chart.go(-chart.page()),
    (_K.Key_PageDown, _NONE): lambda chart: chart.go(chart.page()),
    (_K.Key_Plus, _NONE): lambda chart: chart.zoom(_STEP),
    (_K.Key_Minus, _NONE): lambda chart: chart.zoom(1 / _STEP),
    (_K.Key_0, _NONE): lambda chart: chart.fit(),
    (_K.Key_Space, _NONE): lambda chart: chart.replay.toggle(),
    (_K.Key_Return, _NONE): lambda chart: chart.fold(chart.current),
    (_K.Key_Enter, _NONE): lambda chart: chart.fold(chart.current),
}

"""The view of the canvas: what part of the scene is shown how large, and which gesture the mouse makes."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QWidget

from nepi_core.errors import LabError
from nepi_gui.canvas.auto_scroll import AutoScroll
from nepi_gui.canvas.drop import Drops
from nepi_gui.canvas.gestures import Gesture, Pointer, gesture_at
from nepi_gui.canvas.hits import Hit, Part
from nepi_gui.canvas.marks import Marks
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.selection import Key

SMALLEST, LARGEST = 0.04, 4.0
"""Bounds of the zoom."""

GRID = 20.0
"""Distance of the points to which things snap, on the canvas."""

_STEP = 1.25
_GRID_FROM = 0.5  # zoom
_WHEEL_NOTCH = 120.0
_FIT_ROOM = 40.0
_NOT_TYPING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class CanvasView(QGraphicsView):
    """Shows a `CanvasScene`.

    Signals:
        looked: another part is shown, or in another size.
        pressed_key: a key that says nothing to the canvas, as text: who types wants to search.
        asked: the user has opened the menu at a place: what is there, and where on the screen.
        asked_by_key: the user has asked for the menu of what is selected.
        opened: the user has double-clicked on something, or on the empty canvas.
        entered: the user has pressed Return.
        drawn: the user has drawn a note or area, which has this key.
        drawing_changed: the next drag draws something else, or nothing: `drawing` or `is_linking` is another.
        condition_drawn: the user has drawn a condition, which has this key.
        picked: the user has clicked on this resource, to pick it.
        link_drawn: the user has drawn a link, a `DrawnLink`, that is to be made.
        files_dropped: files were dropped here, given by their paths.
        told: a sentence for the user, such as why something cannot be joined.

    Attributes:
        drawing: what the next drag draws, "note", "area" or "condition"; "pick" while clicks pick resources; "" for
            nothing.
        is_linking: whether a drag from anywhere on a node draws a link.
        marks: what is shown above everything while a gesture goes on.
    """

    looked = Signal()
    pressed_key = Signal(str)
    asked = Signal(object, QPointF, QPoint)
    asked_by_key = Signal()
    opened = Signal(object, QPointF)
    entered = Signal()
    drawn = Signal(int)
    drawing_changed = Signal()
    condition_drawn = Signal(object)
    picked = Signal(int)
    link_drawn = Signal(object)
    files_dropped = Signal(list)
    told = Signal(str)

    def __init__(self, canvas: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(canvas, parent)
        self.canvas = canvas
        self.snaps = True
        self.is_space_held = False
        self.drawing = ""
        self.is_linking = False
        self.marks = Marks(self)
        self._drops = Drops(self)
        self._has_begun = False
        self._auto_scroll = AutoScroll(self)
        self._last_move = (QPointF(), Qt.KeyboardModifier.NoModifier)
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self.setAccessibleName(self.tr("Canvas"))
        self.viewport().setAccessibleName(self.tr("Canvas"))
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        canvas.burst.connect(self._draw_all_at_once)
        canvas.document.changed.connect(self._on_change)

    # -- what is shown -------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """How large it is shown: pixels of the screen for one of the canvas."""
        return self.transform().m11()

    def zoom_to(self, zoom: float, around: QPointF | None = None) -> None:
        """Show it larger or smaller; a place of the view stays where it is.

        Args:
            around: in pixels of the view; its middle when it is not given.
        """
        pixel = around if around is not None else QPointF(self.viewport().rect().center())
        place = self.place_at(pixel)
        factor = min(LARGEST, max(SMALLEST, zoom)) / self.zoom
        self.scale(factor, factor)
        self.pan_by(pixel - QPointF(self.mapFromScene(place)))

    def zoom_in(self) -> None:
        """Show it a step larger."""
        self.zoom_to(self.zoom * _STEP)

    def zoom_out(self) -> None:
        """Show it a step smaller."""
        self.zoom_to(self.zoom / _STEP)

    def pan_by(self, way: QPointF) -> None:
        """Move what is shown, in pixels."""
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() - round(way.x()))
        vertical.setValue(vertical.value() - round(way.y()))
        self._has_looked()

    def fit(self, field: QRectF | None = None) -> None:
        """Show everything, or a part of the canvas; not larger than at its natural size."""
        field = field if field is not None else self.canvas.contents()
        if field.isEmpty():
            field = QRectF(-200, -150, 400, 300)
        field = field.adjusted(-_FIT_ROOM, -_FIT_ROOM, _FIT_ROOM, _FIT_ROOM)
        size = self.viewport().size()
        zoom = min(size.width() / field.width(), size.height() / field.height(), 1.0)
        self.resetTransform()
        self.scale(max(zoom, SMALLEST), max(zoom, SMALLEST))
        self.centerOn(field.center())
        self._has_looked()

    def reveal(self, key: Key) -> None:
        """Bring a resource or note into view."""
        if self.canvas.shows(key) and not self.shown().contains(self.canvas.rect(key)):
            self.look_at(self.canvas.rect(key).center())

    def look_at(self, place: QPointF) -> None:
        """Bring a place of the canvas into the middle of the view."""
        self.centerOn(place)
        self._has_looked()

    def shown(self) -> QRectF:
        """Return the part of the canvas that is shown."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def place_at(self, pixel: QPointF) -> QPointF:
        """Return the place on the canvas under a pixel of the view."""
        return self.viewportTransform().inverted()[0].map(pixel)

    def snapped(self, place: QPointF) -> QPointF:
        """Return the point of the grid that is nearest, when things snap to it."""
        if not self.snaps:
            return place
        return QPointF(round(place.x() / GRID) * GRID, round(place.y() / GRID) * GRID)

    def _has_looked(self) -> None:
        centre = self.shown().center()
        self.canvas.document.description.canvas.viewport = (centre.x(), centre.y(), self.zoom)
        self.looked.emit()

    # -- drawing ---------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        looks = self.canvas.painter
        painter.fillRect(rect, looks.grid_brush(2 * GRID) if self.zoom >= _GRID_FROM else QColor(looks.theme.canvas))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self.marks.paint(painter, QRectF(rect))

    def _draw_all_at_once(self) -> None:
        # One repaint of everything costs a quarter of a thousand small ones (docs/performance.md).
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.canvas.painter.pixel_ratio = self.devicePixelRatioF()
        super().paintEvent(event)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)

    # -- the mouse -------------------------------------------------------------------------------------

    def hit_at(self, pixel: QPointF) -> Hit:
        """Return what is under a pixel of the view."""
        return self.canvas.hit(self.place_at(pixel), self.zoom)

    def _pointer(self, event: QMouseEvent) -> Pointer:
        return self._pointer_at(event.position(), event.modifiers())

    def _pointer_at(self, pixel: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        return Pointer(self.place_at(pixel), pixel, self._button, modifiers, self.hit_at(pixel))

    def begin(self, gesture: Gesture) -> None:
        """Have a gesture go on although no button is pressed: a click ends it."""
        self.cancel_gesture()
        self._gesture, self._button, self._has_begun = gesture, Qt.MouseButton.LeftButton, True
        if gesture.cursor is not None:
            self.viewport().setCursor(gesture.cursor)
        self.setFocus()

    def _on_change(self) -> None:
        self.cancel_gesture()  # it was about the document as it was; gestures themselves change it at their end

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            if self._has_begun and event.button() is Qt.MouseButton.RightButton:
                self.cancel_gesture()
            return
        self._has_begun = False
        self._button = event.button()
        pointer = self._pointer(event)
        if event.button() is Qt.MouseButton.RightButton:
            self._ask(pointer, event.globalPosition().toPoint())
            return
        self._gesture = gesture_at(self, pointer)
        if self._gesture is not None and self._gesture.cursor is not None:
            self.viewport().setCursor(self._gesture.cursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            self._last_move = event.position(), event.modifiers()
            self._gesture.move(self._pointer(event))
            if self._gesture is not None and self._gesture.scrolls:
                self._auto_scroll.follow(event.position())
            return
        hit = self.hit_at(event.position())
        self.canvas.hover(hit.key)
        draws = bool(self.drawing) or self._can_link(hit)
        shape = Qt.CursorShape.CrossCursor if draws else _CURSORS.get(hit.part, Qt.CursorShape.ArrowCursor)
        self.viewport().setCursor(shape)

    def _can_link(self, hit: Hit) -> bool:
        return self.is_linking and hit.key > 0 and hit.part in (Part.BODY, Part.LABEL)

    def follow_again(self) -> None:
        """Have the gesture follow a mouse that rests, over a canvas that has moved."""
        if self._gesture is not None:
            self._gesture.move(self._pointer_at(*self._last_move))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None and event.button() is self._button:
            gesture, self._gesture = self._gesture, None
            self._auto_scroll.end()
            self._has_begun = False
            with suppress(LabError):  # the document has told what the lab forbids
                gesture.finish(self._pointer(event))
            if self._gesture is None:
                self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._gesture is None:
            self.opened.emit(self.hit_at(event.position()), self.place_at(event.position()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.asked_by_key.emit()
        event.accept()  # with the mouse the menu has opened when the button was pressed

    def _ask(self, pointer: Pointer, where: QPoint) -> None:
        key = pointer.hit.key
        if key and key not in self.canvas.selection:
            self.canvas.selection.set([key])
        self.asked.emit(pointer.hit, pointer.place, where)

    def cancel_gesture(self) -> bool:
        """End the gesture that is going on without doing anything; tell whether there was one."""
        if self._gesture is None:
            return False
        gesture, self._gesture = self._gesture, None
        self._auto_scroll.end()
        gesture.cancel()
        self.viewport().unsetCursor()
        return True

    def draw(self, kind: str) -> None:
        """Have the next drag draw something, see `drawing`; "" for nothing."""
        self.drawing = kind
        self.drawing_changed.emit()
        if kind:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.viewport().unsetCursor()

    def use_link_tool(self, is_on: bool) -> None:
        """Have a drag from anywhere on a node draw a link, or move the node."""
        self.is_linking = is_on
        self.viewport().setCursor(Qt.CursorShape.CrossCursor if is_on else Qt.CursorShape.ArrowCursor)
        self.drawing_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turn = event.angleDelta()
            self.pan_by(QPointF(turn.y() or turn.x(), 0))
        else:
            self.zoom_to(self.zoom * _STEP ** (event.angleDelta().y() / _WHEEL_NOTCH), event.position())

    # -- keys ------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and self._gesture is not None:
            event.accept()  # no command changes the document under a gesture: the key comes here instead
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        elif self._gesture is not None:
            event.ignore()  # nothing else is begun meanwhile
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.is_space_held = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif event.text().isalnum() and not event.modifiers() & _NOT_TYPING:
            self.pressed_key.emit(event.text())
        else:
            event.ignore()  # not to QGraphicsView, which would scroll

    def _escape(self) -> None:
        if self.cancel_gesture():
            return
        if self.is_linking:
            self.use_link_tool(False)
            return
        if self.drawing:
            self.draw("")
        else:
            self.canvas.selection.clear()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.is_space_held = False
            self.viewport().unsetCursor()

    # -- what is dragged here from elsewhere -------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drops.drop(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.canvas.hover(0)
        self._auto_scroll.end()  # where no button is held the mouse may go elsewhere, to a menu or a panel
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self.is_space_held:  # nobody will tell that it is released
            self.is_space_held = False
            self.viewport().unsetCursor()
        super().focusOutEvent(event)


_CURSORS = {
    Part.RIM: Qt.CursorShape.CrossCursor,
    Part.BODY: Qt.CursorShape.PointingHandCursor,
    Part.LINE: Qt.CursorShape.PointingHandCursor,
    Part.CORNER: Qt.CursorShape.SizeFDiagCursor,
    Part.COUNTER_CORNER: Qt.CursorShape.SizeBDiagCursor,
    Part.SIDE: Qt.CursorShape.SizeHorCursor,
    Part.EDGE: Qt.CursorShape.SizeVerCursor,
}

"""The view of the canvas: what part of the scene is shown how large, and which gesture the mouse makes."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from nepi_gui.canvas.gestures import Gesture, Pointer, gesture_at
from nepi_gui.canvas.scene import CanvasScene, Hit, Part
from nepi_gui.canvas.selection import Key

SMALLEST, LARGEST = 0.04, 4.0
"""Bounds of the zoom."""

GRID = 20.0
"""Distance of the points to which things snap, on the canvas."""

_STEP = 1.25
_WHEEL_NOTCH = 120.0
_FIT_ROOM = 40.0


class CanvasView(QGraphicsView):
    """Shows a `CanvasScene`.

    Signals:
        looked: another part is shown, or in another size.
        pressed_key: a key that says nothing to the canvas, as text: who types wants to search.
        asked: the user has opened the menu at a place: what is there, and where on the screen.
        opened: the user has double-clicked on something, or on the empty canvas.
    """

    looked = Signal()
    pressed_key = Signal(str)
    asked = Signal(object, QPointF, QPoint)
    opened = Signal(object, QPointF)

    def __init__(self, canvas: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(canvas, parent)
        self.canvas = canvas
        self.snaps = True
        self.is_space_held = False
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self.setAccessibleName(self.tr("Canvas"))
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        canvas.burst.connect(self._draw_all_at_once)

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
        self.scroll(pixel - QPointF(self.mapFromScene(place)))

    def zoom_in(self) -> None:
        """Show it a step larger."""
        self.zoom_to(self.zoom * _STEP)

    def zoom_out(self) -> None:
        """Show it a step smaller."""
        self.zoom_to(self.zoom / _STEP)

    def scroll(self, way: QPointF) -> None:  # type: ignore[override]  # QWidget.scroll moves pixels, which nobody wants here
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
        rect = self.canvas.rect(key)
        if not self.shown().contains(rect):
            self.centerOn(rect.center())
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
        theme = self.canvas.painter.theme
        painter.fillRect(rect, QColor(theme.canvas))
        if self.zoom < 0.5:
            return
        painter.setPen(QColor(theme.grid))
        step = 2 * GRID
        left, top = math.floor(rect.left() / step) * step, math.floor(rect.top() / step) * step
        columns, rows = int(rect.width() / step) + 2, int(rect.height() / step) + 2
        painter.drawPoints([QPointF(left + x * step, top + y * step) for x in range(columns) for y in range(rows)])

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
        pixel = event.position()
        return Pointer(self.place_at(pixel), pixel, self._button, event.modifiers(), self.hit_at(pixel))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            return
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
            self._gesture.move(self._pointer(event))
            return
        hit = self.hit_at(event.position())
        self.canvas.hover(hit.key)
        self.viewport().setCursor(_CURSORS.get(hit.part, Qt.CursorShape.ArrowCursor))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None and event.button() is self._button:
            gesture, self._gesture = self._gesture, None
            gesture.finish(self._pointer(event))
            self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(self.hit_at(event.position()), self.place_at(event.position()))

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
        gesture.cancel()
        self.viewport().unsetCursor()
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turn = event.angleDelta()
            self.scroll(QPointF(turn.y() or turn.x(), 0))
        else:
            self.zoom_to(self.zoom * _STEP ** (event.angleDelta().y() / _WHEEL_NOTCH), event.position())

    # -- keys ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if not self.cancel_gesture():
                self.canvas.selection.clear()
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.is_space_held = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pressed_key.emit(event.text())
        else:
            event.ignore()  # not to QGraphicsView, which would scroll

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.is_space_held = False
            self.viewport().unsetCursor()

    def leaveEvent(self, event: QEvent) -> None:
        self.canvas.hover(0)
        super().leaveEvent(event)


_CURSORS = {
    Part.RIM: Qt.CursorShape.CrossCursor,
    Part.BODY: Qt.CursorShape.PointingHandCursor,
    Part.LINE: Qt.CursorShape.PointingHandCursor,
    Part.CORNER: Qt.CursorShape.SizeFDiagCursor,
}

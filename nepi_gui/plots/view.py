"""One plot on the screen: axes around a field, and what the mouse says there."""

from __future__ import annotations

import time

import pyqtgraph
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from nepi_gui.appearance import Theme
from nepi_gui.plots.axes import TimeAxis, ValueAxis, paint_axis
from nepi_gui.plots.field import Field

_NEAR = 6.0  # pixels from which the cursor can be grabbed
_STEP = 1.25
_NOTCH = 120.0
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class PlotView(pyqtgraph.GraphicsView):  # type: ignore[misc]  # it has no types
    """Shows a `Field` between axes.

    Signals, with places across the field (seconds since the begin, when it shows the time):
        hovered: the mouse is there; None when it has left.
        looked: the cursor is put there.
        moved: the field is dragged by so much.
        chosen: a range is being chosen, from one place to another, and whether that has ended.
        zoomed: a place, around which the field is shown larger by a factor.
        stretched: likewise, for the values: 0 (below) to 1 (above), and a factor.
        fitted: everything is to be seen.
        asked: the menu is to open at a point of the screen.
        painted: it was painted, which took so many seconds of work.
        pressed_key: a key that may say something to who holds the plot, as a `QKeyEvent`.
    """

    hovered = Signal(object)
    looked = Signal(float)
    moved = Signal(float)
    chosen = Signal(float, float, bool)
    zoomed = Signal(float, float)
    stretched = Signal(float, float)
    fitted = Signal()
    asked = Signal(QPoint)
    painted = Signal(float)
    pressed_key = Signal(QKeyEvent)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self.setViewportUpdateMode(self.ViewportUpdateMode.MinimalViewportUpdate)  # the axes stay mostly as they are
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.field = Field()
        self.time_axis = TimeAxis()
        self.value_axis = ValueAxis("bottom")
        self.sides = (ValueAxis("left"), ValueAxis("right"))
        layout = self.centralLayout
        layout.setContentsMargins(2, 4, 4, 0)
        layout.setSpacing(0)
        layout.addItem(self.sides[0], 0, 0)
        layout.addItem(self.field, 0, 1)
        layout.addItem(self.sides[1], 0, 2)
        layout.addItem(self.time_axis, 1, 1)
        layout.addItem(self.value_axis, 2, 1)
        layout.setColumnStretchFactor(1, 1)
        layout.setRowStretchFactor(0, 1)
        self._pressed: tuple[str, float, float] | None = None
        self._has_moved = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_theme(self, theme: Theme, font: QFont) -> None:
        """Take the colours and the font of the window."""
        self.field.theme = theme
        self.field.setFont(font)
        self.setBackground(QColor(theme.panel))
        for axis in (self.time_axis, self.value_axis, *self.sides):
            paint_axis(axis, theme, font)

    def show_room(self, has_axis_below: bool) -> None:
        """Leave room for half a number of the side's axis where there is no axis below."""
        self.centralLayout.setContentsMargins(2, 4, 4, 0 if has_axis_below else 7)

    @property
    def columns(self) -> int:
        """How many pixels wide the field is."""
        return max(int(self.field.size().width()), 1)

    def field_rect(self) -> QRectF:
        """Return where the field is, in pixels of this widget."""
        rect: QRectF = self.mapFromScene(self.field.sceneBoundingRect()).boundingRect().toRectF()
        return rect

    def place_of(self, x: float) -> float:
        """Return the place across the field at a pixel."""
        field = self.field_rect()
        return self.field.picture.across.number(x, field.left(), field.right())

    def pixel_of(self, place: float) -> float:
        """Return the pixel at a place across the field."""
        field = self.field_rect()
        return self.field.picture.across.pixel(place, field.left(), field.right())

    def paintEvent(self, event: QPaintEvent) -> None:
        worked = time.thread_time()
        super().paintEvent(event)
        self.painted.emit(time.thread_time() - worked)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:
            self.centralWidget.setGeometry(0, 0, event.size().width(), event.size().height())

    # -- the mouse -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        cursor = self.field.picture.cursor
        what = "move"
        if cursor is not None and abs(self.pixel_of(cursor) - x) <= _NEAR:
            what = "look"
        elif event.modifiers() & _SHIFT:
            what = "choose"
        self._pressed, self._has_moved = (what, x, x), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed is None:
            inside = self.field_rect().contains(event.position())
            self.hovered.emit(self.place_of(x) if inside else None)
            return
        what, start, last = self._pressed
        if not self._has_moved and abs(x - start) < QApplication.startDragDistance():
            return
        self._has_moved = True
        if what == "look":
            self.looked.emit(self.place_of(x))
        elif what == "choose":
            self.chosen.emit(self.place_of(start), self.place_of(x), False)
        else:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.moved.emit(self.place_of(last) - self.place_of(x))
        self._pressed = what, start, x

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        (what, start, _), self._pressed = self._pressed, None
        self.viewport().unsetCursor()
        x = event.position().x()
        if what == "choose" and self._has_moved:
            self.chosen.emit(self.place_of(start), self.place_of(x), True)
        elif not self._has_moved and self.field_rect().contains(event.position()):
            self.looked.emit(self.place_of(x))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.fitted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = (event.angleDelta().y() or event.angleDelta().x()) / _NOTCH
        x, y, field = event.position().x(), event.position().y(), self.field_rect()
        if event.modifiers() & _SHIFT:
            self.moved.emit((self.place_of(field.left()) - self.place_of(field.right())) * turn / 10)
        elif event.modifiers() & _CONTROL or x < field.left():
            self.stretched.emit((field.bottom() - y) / max(field.height(), 1.0), _STEP**turn)
        else:
            self.zoomed.emit(self.place_of(x), _STEP**turn)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.asked.emit(event.globalPos())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
        self.pressed_key.emit(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

"""A small map of the whole canvas in a corner of the view; who clicks or drags on it moves the view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from nepi_core.states import ResourceState
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.looks import SPACING, mixed
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.canvas.view import CanvasView
from nepi_gui.document.change import Aspect, Change

_LARGEST = QSize(208, 148)
_SMALLEST_SIDE = 48
_ROOM = 12  # pixels to the corner of the view
_MARGIN = 8  # within the map
_ALL_AROUND = QMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
_SMALLEST_VIEW = QSize(420, 300)  # smaller ones have no room for it
_REDRAWN_AFTER = 150  # ms: what follows a change within this time is drawn together
_SMALLEST_DOT, _LARGEST_DOT = 1.6, 5.0  # pixels
_CROSS, _CROSS_WIDTH = 3.2, 2.0  # pixels, of what has FAILED
_MANY = 500  # nodes: more are drawn with less care
_VEIL = 110  # how dim that is which is not in view, of 255
_AROUND = 40.0  # from a node's centre to its edges, label included
_SEEN = Aspect.PLACE | Aspect.LOOK | Aspect.CONNECTIONS


class Minimap(QWidget):
    """Shows where everything stands, and what of it the view shows; hides itself while that is all of it.

    Attributes:
        is_wanted: whether the user wants to see it.
    """

    def __init__(self, view: CanvasView, appearance: Appearance) -> None:
        super().__init__(view)
        self._view = view
        self._scene: CanvasScene = view.canvas
        self._appearance = appearance
        self.is_wanted = True
        self._bounds = QRectF()
        self._picture: QPixmap | None = None
        self._redrawing = QTimer(self, singleShot=True, interval=_REDRAWN_AFTER)
        self._redrawing.timeout.connect(self._redraw)
        self.setAccessibleName(self.tr("Map of the canvas"))
        self.setToolTip(self.tr("Click or drag to move what is shown"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        view.installEventFilter(self)
        view.looked.connect(self._on_look)
        self._scene.document.changed.connect(self._on_change)
        appearance.changed.connect(self._redrawing.start)
        self._redrawing.start()

    # -- when --------------------------------------------------------------------------------------------

    def want(self, is_wanted: bool) -> None:
        """Show it where it is of use, or never."""
        self.is_wanted = is_wanted
        self._redraw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the view changes its size."""
        if watched is self._view and event.type() is QEvent.Type.Resize:
            self._redrawing.start()
            self._place()
        return False

    def _place(self) -> None:
        self.move(self._view.width() - self.width() - _ROOM, self._view.height() - self.height() - _ROOM)

    def _on_change(self, change: Change) -> None:
        if not self._redrawing.isActive() and (change.concerns(_SEEN) or "notes" in change.parts):
            self._redrawing.start()

    def draw_soon(self) -> None:
        """Draw it again: something stands elsewhere, without a change of the document."""
        self._redrawing.start()

    def _redraw(self) -> None:
        self._picture = None
        self._bounds = self._contents() if self.is_wanted else QRectF()
        self.resize(self._wanted_size())
        self._on_look()
        self.update()

    def _wanted_size(self) -> QSize:
        """Return a size of the same proportions as what is shown."""
        if self._bounds.isEmpty():
            return _LARGEST
        size = self._bounds.size().scaled(_LARGEST.shrunkBy(_ALL_AROUND), Qt.AspectRatioMode.KeepAspectRatio)
        return size.toSize().grownBy(_ALL_AROUND).expandedTo(QSize(_SMALLEST_SIDE, _SMALLEST_SIDE))

    def _on_look(self) -> None:
        """Show what the view shows now."""
        has_room = self._view.width() >= _SMALLEST_VIEW.width() and self._view.height() >= _SMALLEST_VIEW.height()
        is_useful = not self._bounds.isEmpty() and not self._view.shown().contains(self._bounds)
        self.setVisible(self.is_wanted and has_room and is_useful)
        if self.isVisible():
            self._place()
            self.update()

    # -- drawing -----------------------------------------------------------------------------------------

    def _contents(self) -> QRectF:
        """Return what everything covers, found from the centres alone."""
        found = QRectF()
        places = [item.pos() for item in self._scene.nodes.values()]
        if places:
            across, down = [place.x() for place in places], [place.y() for place in places]
            found = QRectF(QPointF(min(across), min(down)), QPointF(max(across), max(down)))
            found.adjust(-_AROUND, -_AROUND, _AROUND, _AROUND)
        for note in self._scene.notes:
            found |= note.body().translated(note.pos())
        return found

    def _scale(self) -> float:
        room = self.rect() - _ALL_AROUND
        return min(room.width() / self._bounds.width(), room.height() / self._bounds.height())

    def _pixel(self, place: QPointF) -> QPointF:
        return QRectF(self.rect()).center() + (place - self._bounds.center()) * self._scale()

    def place_at(self, pixel: QPointF) -> QPointF:
        """Return the place on the canvas that a pixel of the map stands for."""
        return self._bounds.center() + (pixel - QRectF(self.rect()).center()) / self._scale()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._bounds.isEmpty():
            return
        if self._picture is None:
            self._picture = self._draw_picture()
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        shown = self._shown().intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2))
        veil = QColor(theme.panel)
        veil.setAlpha(_VEIL)
        rest = QPainterPath()  # of two rectangles, one within the other: what is between them
        rest.addRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        rest.addRect(shown)
        painter.fillPath(rest, veil)
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.drawRect(shown)
        painter.end()

    def _shown(self) -> QRectF:
        shown = self._view.shown()
        return QRectF(self._pixel(shown.topLeft()), self._pixel(shown.bottomRight()))

    def _draw_picture(self) -> QPixmap:
        """Return everything but what the view shows: drawn once for each change, not for each look."""
        ratio, theme = self.devicePixelRatioF(), self._appearance.theme
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(theme.panel))
        painter = QPainter(picture)
        painter.setPen(QColor(theme.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(self._scene.nodes) < _MANY)
        scale = self._scale()
        painter.translate(QRectF(self.rect()).center() - self._bounds.center() * scale)
        painter.scale(scale, scale)
        self._draw_notes(painter)
        self._draw_lines(painter)
        self._draw_nodes(painter)
        self._draw_failures(painter)
        painter.end()
        return picture

    def _draw_notes(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for note in sorted(self._scene.notes, key=lambda each: each.zValue()):
            painter.setBrush(note.map_colour())
            painter.drawRect(note.body().translated(note.pos()))

    def _draw_lines(self, painter: QPainter) -> None:
        theme = self._appearance.theme
        painter.setPen(_fixed(mixed(theme.line, theme.panel, 0.6), 1))
        painter.drawLines([line.way for line in self._scene.lines.all() if line.way is not None])

    def _draw_nodes(self, painter: QPainter) -> None:
        theme = self._appearance.theme
        together: dict[str, list[QPointF]] = {}
        for item in self._scene.nodes.values():
            together.setdefault(item.look.colour or theme.text, []).append(item.pos())
        are_few = len(self._scene.nodes) < _MANY
        size = min(_LARGEST_DOT, max(_SMALLEST_DOT, 0.4 * SPACING * self._scale()))
        for colour, places in together.items():
            pen = _fixed(QColor(colour), size)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if are_few else Qt.PenCapStyle.SquareCap)
            painter.setPen(pen)
            painter.drawPoints(places)

    def _draw_failures(self, painter: QPainter) -> None:
        """Draw a cross over all that has FAILED."""
        failed = [guid for guid, state in self._scene.states.items() if state is ResourceState.FAILED]
        painter.setPen(_fixed(QColor(self._appearance.theme.states[ResourceState.FAILED]), _CROSS_WIDTH))
        reach = _CROSS / self._scale()
        for place in map(self._scene.centre, failed):
            painter.drawLine(place + QPointF(-reach, -reach), place + QPointF(reach, reach))
            painter.drawLine(place + QPointF(-reach, reach), place + QPointF(reach, -reach))

    # -- the mouse ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self._bounds.isEmpty():
            self._view.look_at(self.place_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and not self._bounds.isEmpty():
            self._view.look_at(self.place_at(event.position()))


def _fixed(colour: QColor, width: float) -> QPen:
    """Return a pen that is as wide on the map whatever its scale."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen

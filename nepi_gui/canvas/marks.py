"""What a gesture shows above everything: legal ends, a line that follows the mouse, why something cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy

from nepi_gui import icons
from nepi_gui.canvas.items import BadgeItem, NodeItem
from nepi_gui.canvas.lines import LineKey
from nepi_gui.canvas.looks import PLATE
from nepi_gui.canvas.selection import Key

if TYPE_CHECKING:
    from nepi_gui.canvas.view import CanvasView

_ROOM = 8.0  # pixels around what is marked, for the mark
_AWAY = QPoint(14, 20)  # of the sentence from the mouse
_WIDEST = 340
_GHOST = 40.0


class Verdict(StrEnum):
    """What a gesture could do with something that lies there."""

    GOOD = "good"
    POSSIBLE = "possible"
    """Allowed, and of no use that one could see."""
    REFUSED = "refused"


class Marks(QObject):
    """The marks of the gesture that goes on; none when there is none."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.canvas
        self._verdicts: dict[int, Verdict] = {}
        self._lit_lines: set[int] = set()
        self._target: Key = 0
        self._way: QLineF | None = None
        self._ends = (0, 0)
        self._is_refused = False
        self._ghost: tuple[str, QPointF] | None = None
        self._struck: set[LineKey] = set()
        self._sentence = QLabel(view)  # not of the viewport, whose children move with what is scrolled
        self._sentence.setObjectName("canvas.sentence")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self._sentence.setMargin(6)
        self._sentence.hide()

    # -- what is marked ------------------------------------------------------------------------------

    @property
    def verdicts(self) -> dict[int, Verdict]:
        """What was said about resources so far."""
        return dict(self._verdicts)

    @property
    def sentence(self) -> str:
        """What stands beside the mouse, "" for nothing."""
        return "" if self._sentence.isHidden() else self._sentence.text()

    def judge(self, guid: int, verdict: Verdict) -> None:
        """Show what could be done with a resource."""
        if self._verdicts.get(guid) is not verdict:
            self._verdicts[guid] = verdict
            if verdict is Verdict.GOOD and (guid, 0) in self._scene.lines:
                self._lit_lines.add(guid)
            self._draw_again(guid)

    def aim(self, key: Key, is_refused: bool = False) -> None:
        """Show what the mouse aims at, 0 for nothing, and whether the gesture may end there."""
        if (key, is_refused) != (self._target, self._is_refused):
            before, self._target, self._is_refused = self._target, key, is_refused
            for each in (before, key):
                self._draw_again(each)

    def follow(self, way: QLineF, ends: tuple[int, int] = (0, 0)) -> None:
        """Show a line that follows the mouse.

        Args:
            ends: the nodes at which it begins and ends; 0 for none.
        """
        rects = [QRectF(each.p1(), each.p2()).normalized() for each in (self._way, way) if each is not None]
        self._way, self._ends = way, ends
        for rect in rects:
            self._update(rect)

    def carry(self, icon: str, place: QPointF | None) -> None:
        """Show an icon at a place, for something that is carried there; None for nothing."""
        before, self._ghost = self._ghost, (icon, place) if place is not None else None
        for each in (before, self._ghost):
            if each is not None:
                self._update(_ghost_rect(each[1]))

    def strike(self, keys: Iterable[LineKey]) -> None:
        """Show which lines would be cut."""
        changed = self._struck ^ set(keys)
        self._struck = set(keys)
        for key in changed:
            if key in self._scene.lines:
                self._update(self._scene.lines[key].rect())

    def say(self, sentence: str, pixel: QPointF) -> None:
        """Show a sentence beside the mouse; "" for none."""
        label = self._sentence
        if not sentence:
            label.hide()
            return
        if sentence != label.text() or label.isHidden():
            self._write(sentence)
        room = self._view.viewport().rect().adjusted(4, 4, -4, -4)
        corner = pixel.toPoint() + _AWAY
        corner.setX(max(room.left(), min(corner.x(), room.right() - label.width())))
        if corner.y() + label.height() > room.bottom():
            corner.setY(max(room.top(), round(pixel.y()) - label.height() - 8))
        label.move(corner)

    def _write(self, sentence: str) -> None:
        label, theme = self._sentence, self._scene.painter.theme
        label.setStyleSheet(
            f"background: {theme.plate}; color: {theme.text}; border: 1px solid {theme.danger}; border-radius: 5px;"
        )
        label.setWordWrap(False)
        label.setText(sentence)
        label.setWordWrap(label.sizeHint().width() > _WIDEST)
        label.setFixedWidth(min(_WIDEST, label.sizeHint().width()) if not label.wordWrap() else _WIDEST)
        label.setFixedHeight(label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height())
        label.show()
        label.raise_()

    def clear(self) -> None:
        """Show nothing any more."""
        self._verdicts.clear()
        self._lit_lines.clear()
        self._struck.clear()
        self._target, self._is_refused, self._way, self._ghost = 0, False, None, None
        self._sentence.hide()
        self._view.viewport().update()

    # -- drawing -------------------------------------------------------------------------------------

    def _draw_again(self, guid: Key) -> None:
        if guid > 0 and self._is_there(guid):
            item = self._scene.nodes.get(guid)
            self._update(item.sceneBoundingRect() if item else self._scene.rect(guid))

    def _is_there(self, guid: int) -> bool:
        scene = self._scene
        return guid in scene.nodes or guid in scene.badges or (guid, 0) in scene.lines

    def _update(self, rect: QRectF) -> None:
        room = _ROOM / min(1.0, self._view.zoom)
        field = self._view.mapFromScene(rect.adjusted(-room, -room, room, room)).boundingRect()
        self._view.viewport().update(field.adjusted(-4, -4, 4, 4))

    def paint(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw all marks in a part of the canvas."""
        if not (self._verdicts or self._way or self._ghost or self._target or self._struck):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = exposed.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        if self._verdicts:
            self._paint_verdicts(painter, field)
        for key in self._struck:
            self._paint_line(painter, key, self._colour("danger"), 3.0, field)
        if self._target and self._is_there(self._target):
            self._paint_target(painter, field)
        if self._way is not None:
            self._paint_way(painter, self._between_plates(self._way, self._ends))
        if self._ghost is not None:
            painter.setOpacity(0.8)
            icons.paint(painter, self._ghost[0], _ghost_rect(self._ghost[1]))
            painter.setOpacity(1.0)

    def _paint_verdicts(self, painter: QPainter, field: QRectF) -> None:
        for guid in self._lit_lines:
            self._paint_line(painter, (guid, 0), self._colour("good", 110), 7.0, field)
        for item in self._scene.items(field):
            if not isinstance(item, (NodeItem, BadgeItem)):
                continue
            verdict = self._verdicts.get(item.guid)
            if verdict is Verdict.GOOD:
                self._paint_ring(painter, self._scene.rect(item.guid), self._colour("good"), 2.0)
            elif verdict is Verdict.REFUSED:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._colour("canvas", 175))
                painter.drawRoundedRect(item.sceneBoundingRect().adjusted(2, 2, -2, 0), 8, 8)

    def _paint_target(self, painter: QPainter, field: QRectF) -> None:
        colour = self._colour("danger" if self._is_refused else "good")
        if (self._target, 0) in self._scene.lines:
            colour.setAlpha(170)
            self._paint_line(painter, (self._target, 0), colour, 7.0, field)
            return
        self._paint_ring(painter, self._scene.rect(self._target), colour, 3.5)

    def _paint_ring(self, painter: QPainter, rect: QRectF, colour: QColor, width: float) -> None:
        around = rect.adjusted(-3, -3, 3, 3)
        radius = 12.0 if rect.height() == PLATE.height() else around.height() / 2
        painter.setPen(_pen(colour, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(around, radius, radius)

    def _paint_line(self, painter: QPainter, key: LineKey, colour: QColor, width: float, field: QRectF) -> None:
        if key not in self._scene.lines:
            return
        line = self._scene.lines[key]
        if line.way is not None and field.intersects(line.rect()):
            painter.setPen(_pen(colour, width))
            painter.drawLine(self._between_plates(line.way, line.ends))

    def _between_plates(self, way: QLineF, ends: tuple[int, int]) -> QLineF:
        """Return the part of a line that is not on the plates of the nodes at its ends."""
        first, second = (self._scene.rect(end) if end in self._scene.nodes else QRectF() for end in ends)
        begin, end = _leaving(first, way), _leaving(second, QLineF(way.p2(), way.p1()))
        return QLineF(way.pointAt(begin), way.pointAt(1 - end)) if begin + end < 1 else way

    def _paint_way(self, painter: QPainter, way: QLineF) -> None:
        colour = self._colour("danger" if self._is_refused else "accent")
        pen = _pen(colour, 2.0)
        if not self._target:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(way)
        if not self._target:
            painter.setPen(_pen(self._colour("canvas"), 1.5))
            painter.setBrush(colour)
            radius = 5.0 / self._view.zoom
            painter.drawEllipse(way.p2(), radius, radius)

    def _colour(self, name: str, alpha: int = 255) -> QColor:
        colour = QColor(getattr(self._scene.painter.theme, name))
        colour.setAlpha(alpha)
        return colour


def _leaving(rect: QRectF, way: QLineF) -> float:
    """Return after which share of its length a line that begins in a rectangle leaves it."""
    if not rect.contains(way.p1()):
        return 0.0
    shares = [1.0]
    for along, low, high, start in (
        (way.dx(), rect.left(), rect.right(), way.x1()),
        (way.dy(), rect.top(), rect.bottom(), way.y1()),
    ):
        if along:
            shares.append(((high if along > 0 else low) - start) / along)
    return min(shares)


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    pen.setCosmetic(True)
    return pen


def _ghost_rect(place: QPointF) -> QRectF:
    return QRectF(place.x() - _GHOST / 2, place.y() - _GHOST / 2, _GHOST, _GHOST)

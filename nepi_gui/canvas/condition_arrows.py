"""Conditions and planned changes on the canvas: dashed arrows from what is waited for to what waits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nepi_core.description import AttributeChange, Condition, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_gui.canvas.free_places import freest
from nepi_gui.canvas.items import NODES
from nepi_gui.canvas.looks import LABELS_FROM
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.sentences import shown_delay
from nepi_gui.document.values import with_unit
from nepi_gui.translation import translate

_Z = NODES - 5  # below nodes, above lines and notes
_LABELS_Z = NODES + 5
_ROOM = 5.0  # pixels between an arrow and what it begins or ends at
_BEND = 0.16  # of its length, by which an arrow leaves the straight way
_HEAD = 9.0
_LABEL = 9.0  # half the height of a label
_SHARES = (0.36, 0.64, 0.25, 0.75)  # of its length, where the label stands when its middle is taken
_ASIDE = ((0.0, 0.0), (0.0, -2.0), (0.0, 2.0), (0.55, 0.0), (-0.55, 0.0), (0.0, -4.0), (0.0, 4.0))
"""How far it may stand away from the arrow: in its widths to the right, and in half its heights down."""
_MOST_TIDY = 200  # labels that look for free places; among more there are none, and it takes too long
_LOOP = 26.0
_MOST = 2000  # arrows: more take longer than a user waits, and say nothing
_SWERVE = 36.0  # pixels beside two things that are less than `_NEAR` pixels apart
_NEAR = 110.0


class Showing(StrEnum):
    """Which conditions are drawn."""

    NONE = "none"
    SELECTED = "selected"
    """Those in which a selected resource plays a part."""
    ALL = "all"


@dataclass(slots=True)
class _Arrow:
    """An arrow; ``bend`` is how far it leaves the straight way, so that several between the same two can be seen.

    Attributes:
        words: where its label stands.
        rect: what all of it covers.
    """

    member: int
    waiter: int
    label: str
    bend: float
    path: QPainterPath = field(default_factory=QPainterPath)
    head: QPolygonF = field(default_factory=QPolygonF)
    words: QRectF = field(default_factory=QRectF)
    rect: QRectF = field(default_factory=QRectF)


class ConditionArrows(QObject):
    """Keeps the arrows in accord with document and selection.

    Args:
        scene: on which they are drawn; it tells where things stand.

    Signals:
        told: a sentence for the user: there are too many to draw them all.
    """

    told = Signal(str)

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__(scene)
        self._scene = scene
        self._showing = Showing.NONE
        self._item = _ArrowsItem(scene)
        self._item.setVisible(False)
        scene.addItem(self._item)
        scene.addItem(self._item.labels)
        self._refreshing = QTimer(self, singleShot=True, interval=0)
        self._refreshing.timeout.connect(self.refresh)
        scene.document.changed.connect(self._on_change)
        scene.selection.changed.connect(self._on_selection)
        scene.moved.connect(self._follow)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """What is drawn: from which resource to which."""
        return [(arrow.member, arrow.waiter) for arrow in self._item.arrows] if self._item.isVisible() else []

    @property
    def labels(self) -> list[str]:
        """The words at the arrows."""
        return [arrow.label for arrow in self._item.arrows if arrow.label]

    def show(self, showing: Showing) -> None:
        """Draw these conditions from now on."""
        if showing is not self._showing:
            self._showing = showing
            self.refresh()

    def refresh(self) -> None:
        """Draw the conditions as they are now."""
        arrows = list(islice(self._wanted(), _MOST + 1)) if self._showing is not Showing.NONE else []
        if len(arrows) > _MOST:
            arrows.pop()
            self.told.emit(self.tr("There are too many conditions to draw; {0} arrows are shown.").format(_MOST))
        self._item.setVisible(bool(arrows))
        self._item.show_arrows(arrows)

    def _on_change(self, change: Change) -> None:
        seen = Aspect.CONDITIONS | Aspect.CONNECTIONS | Aspect.LOOK
        if self._showing is not Showing.NONE and (change.concerns(seen) or "changes" in change.parts):
            self._refreshing.start()

    def _on_selection(self) -> None:
        if self._showing is Showing.SELECTED:
            self._refreshing.start()

    def _follow(self, moved: Collection[int]) -> None:
        if self._item.isVisible():
            attached = self._scene.structure.attached
            self._item.follow({*moved, *(badge for host in moved for badge in attached.get(host, ()))})

    def _wanted(self) -> Iterator[_Arrow]:
        numbers: defaultdict[tuple[int, int], int] = defaultdict(int)
        known = self._scene.document.description.resources
        for waiters, condition in self._conditions():
            words = _words(condition, known)
            label = self._scene.painter.short_label(words, self._scene.painter.chip_metrics)
            for waiter in waiters:
                for member in condition.group:
                    if member in known and waiter in known:
                        numbers[member, waiter] += 1
                        yield _Arrow(member, waiter, label, _BEND * numbers[member, waiter])
                        label = ""  # once for each condition

    def _conditions(self) -> Iterator[tuple[tuple[int, ...], Condition | AttributeChange]]:
        """Yield the conditions that are to be drawn, each with what waits."""
        description = self._scene.document.description
        for guid, resource in description.resources.items():
            for condition in resource.conditions:
                if self._is_wanted((guid,), condition.group):
                    yield (guid,), condition
        for change in description.changes:
            if self._is_wanted(change.guids, change.group):
                yield change.guids, change

    def _is_wanted(self, *groups: Iterable[int]) -> bool:
        if self._showing is Showing.ALL:
            return True
        return any(guid in self._scene.selection for group in groups for guid in group)


def _words(condition: Condition | AttributeChange, known: Mapping[int, ResourceDescription]) -> str:
    """Return what stands at an arrow, such as "START +2 s"."""
    delay = shown_delay(condition.time)
    if isinstance(condition, AttributeChange):
        what = f"{condition.name} = {_value_text(condition, known)}"
    else:
        what = condition.action.name
    return f"{what} +{delay}" if delay else what


def _value_text(change: AttributeChange, known: Mapping[int, ResourceDescription]) -> str:
    """Return a value with the unit that it has at the resources."""
    if change.value is None:
        return translate("Conditions", "its default")
    for guid in change.guids:
        found = ResourceFactory.find(known[guid].rtype) if guid in known else None
        for attribute in found.get_attributes() if found is not None else ():
            if attribute.name == change.name:
                return with_unit(change.value, attribute)
    return str(change.value)


class _LabelsItem(QGraphicsItem):
    """The words at all arrows, above nodes."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._canvas = scene
        self._arrows: list[_Arrow] = []
        self._rect = QRectF()
        self.setZValue(_LABELS_Z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # tells what has to be drawn

    def boundingRect(self) -> QRectF:
        return self._rect

    def show_arrows(self, arrows: list[_Arrow], rect: QRectF) -> None:
        """Draw the words at these arrows, which lie in a rectangle."""
        self.prepareGeometryChange()
        self._arrows, self._rect = [arrow for arrow in arrows if arrow.label], rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if painter.worldTransform().m11() >= LABELS_FROM:
            for arrow in self._arrows:
                if arrow.rect.intersects(option.exposedRect):
                    self._paint_label(painter, arrow)

    def _paint_label(self, painter: QPainter, arrow: _Arrow) -> None:
        look = self._canvas.painter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.theme.canvas))
        painter.drawRoundedRect(arrow.words, 4, 4)
        painter.setPen(QColor(look.theme.warning))
        painter.setFont(look.chip_font)
        painter.drawText(arrow.words, Qt.AlignmentFlag.AlignCenter, arrow.label)


class _ArrowsItem(QGraphicsItem):
    """All arrows in one item: Qt's index has nothing to do with thousands of them."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self.arrows: list[_Arrow] = []
        self.labels = _LabelsItem(scene)
        self._canvas = scene
        self._at: defaultdict[int, list[_Arrow]] = defaultdict(list)
        self._labels = 0
        self._rect = QRectF()
        self.setZValue(_Z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # tells what has to be drawn

    def boundingRect(self) -> QRectF:
        return self._rect

    def show_arrows(self, arrows: list[_Arrow]) -> None:
        """Draw these and no others."""
        self.prepareGeometryChange()
        self.arrows, self._rect = arrows, QRectF()
        self._at.clear()
        self._labels = sum(bool(arrow.label) for arrow in arrows)
        for arrow in arrows:
            for end in {arrow.member, arrow.waiter}:
                self._at[end].append(arrow)
            self._lay(arrow)
            self._rect = self._rect.united(arrow.rect)
        self.labels.show_arrows(arrows, self._rect)
        self.labels.setVisible(bool(arrows))
        self.update()

    def follow(self, moved: Iterable[int]) -> None:
        """Have the arrows of what has moved follow it."""
        touched = {id(arrow): arrow for guid in moved for arrow in self._at.get(guid, ())}
        for arrow in touched.values():
            before = QRectF(arrow.rect)
            self._lay(arrow)
            if not self._rect.contains(arrow.rect):
                self.prepareGeometryChange()
                self._rect = self._rect.united(arrow.rect)
                self.labels.show_arrows(self.arrows, self._rect)
            for item in (self, self.labels):
                item.update(before.united(arrow.rect))

    def _lay(self, arrow: _Arrow) -> None:
        middle = self._lay_loop(arrow) if arrow.member == arrow.waiter else self._lay_way(arrow)
        arrow.words = self._place_words(arrow, middle) if arrow.label else QRectF()
        arrow.rect = arrow.path.boundingRect().adjusted(-_HEAD - 4, -_HEAD - 4, _HEAD + 4, _HEAD + 4) | arrow.words

    def _place_words(self, arrow: _Arrow, middle: QPointF) -> QRectF:
        """Return where the label of an arrow stands: about its middle, where it covers as little as possible."""
        width = self._canvas.painter.chip_metrics.horizontalAdvance(arrow.label) + 8
        along = [middle, *(arrow.path.pointAtPercent(share) for share in _SHARES)]
        rects = [
            QRectF(place.x() + (across - 0.5) * width, place.y() + (down - 1) * _LABEL, width, 2 * _LABEL)
            for across, down in _ASIDE
            for place in along
        ]
        if self._labels > _MOST_TIDY:
            return rects[0]
        words = [each.words for each in self.arrows if each.label and each is not arrow]
        return freest(self._canvas, rects, [arrow.head.boundingRect(), *words])

    def _lay_way(self, arrow: _Arrow) -> QPointF:
        """Lay an arrow from one resource to another; return where its label would stand best."""
        first, last = self._body(arrow.member), self._body(arrow.waiter)
        way = last.center() - first.center()
        length = math.hypot(way.x(), way.y()) or 1.0
        aside = QPointF(-way.y(), way.x()) / length
        swerve = _swerve(first, last) * arrow.bend / _BEND
        bend = (first.center() + last.center()) / 2 + aside * max(length * arrow.bend, swerve)
        begin, end = _edge(first, bend), _edge(last, bend)
        arrow.path = QPainterPath(begin)
        arrow.path.quadTo(bend, end)
        arrow.head = _head(end, end - bend)
        middle = arrow.path.pointAtPercent(0.5)
        if swerve:  # the arrow is shorter than its words, which stand beside it
            middle += aside * (self._canvas.painter.chip_metrics.horizontalAdvance(arrow.label) / 2 + 6)
        return middle

    def _lay_loop(self, arrow: _Arrow) -> QPointF:
        """Lay an arrow from a resource to itself, above its upper right corner; return where its label stands best."""
        corner = self._body(arrow.member).topRight()
        size = _LOOP * (1 + arrow.bend - _BEND)
        begin, end = corner + QPointF(-14, 0), corner + QPointF(0, 12)
        arrow.path = QPainterPath(begin)
        arrow.path.cubicTo(begin + QPointF(0, -size * 1.4), end + QPointF(size * 1.4, 0), end)
        arrow.head = _head(end, QPointF(-1, 0))
        return arrow.path.pointAtPercent(0.5)

    def _body(self, guid: int) -> QRectF:
        """Return what an arrow must not cover: a node or badge, of a line only its middle."""
        scene = self._canvas
        if guid in scene.nodes or guid in scene.badges:
            return scene.rect(guid).adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        centre = scene.centre(guid)
        return QRectF(centre.x() - 10, centre.y() - 10, 20, 20)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = self._canvas.painter.theme
        zoom = painter.worldTransform().m11()
        exposed = option.exposedRect
        seen = [arrow for arrow in self.arrows if arrow.rect.intersects(exposed)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.warning), 1.6, Qt.PenStyle.DashLine)
        pen.setCosmetic(zoom < LABELS_FROM)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for arrow in seen:
            painter.drawPath(arrow.path)
        if zoom < LABELS_FROM / 2:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.warning))
        for arrow in seen:
            painter.drawPolygon(arrow.head)


def _swerve(first: QRectF, last: QRectF) -> float:
    """Return how far an arrow must leave the straight way to be seen between two that stand one below the other."""
    apart = abs(first.center().y() - last.center().y())
    stand_below = abs(first.center().x() - last.center().x()) < min(first.width(), last.width()) / 2
    return max(first.width(), last.width()) / 2 + _SWERVE if stand_below and apart < _NEAR else 0.0


def _edge(rect: QRectF, towards: QPointF) -> QPointF:
    """Return where the way from a rectangle's centre to a place leaves the rectangle."""
    centre = rect.center()
    way = towards - centre
    shares = [
        half / abs(part)
        for half, part in ((rect.width() / 2, way.x()), (rect.height() / 2, way.y()))
        if abs(part) > 1e-6
    ]
    return centre + way * min([1.0, *shares])


def _head(tip: QPointF, way: QPointF) -> QPolygonF:
    length = math.hypot(way.x(), way.y()) or 1.0
    along = way / length
    aside = QPointF(-along.y(), along.x()) * _HEAD * 0.42
    return QPolygonF([tip, tip - along * _HEAD + aside, tip - along * _HEAD - aside])

"""What stands on the canvas: nodes, the badges that hang at them, notes and areas. They only draw."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nepi_core.description import CanvasNote
from nepi_gui import icons
from nepi_gui.canvas.looks import CHIP_HEIGHT, LABELS_FROM, PLATE, PORT_RADIUS, RIM, Look, Painter, mixed
from nepi_gui.canvas.note_text import MARGIN, NoteText, lay_out
from nepi_gui.canvas.places import box_of

AREAS, LINES, NOTES, NODES, OVERLAY = -30.0, -20.0, -10.0, 0.0, 50.0
"""Which stands above which: values of Qt's z."""

_LABEL_TOP = PLATE.bottom() + 4
_PICTURE_CORNER = PLATE.topLeft() - QPointF(8, 8)
_FREE_WIDTH = PLATE.width() + 2 * RIM
_SIGN_ROOM = 15.0  # that the sign of a state takes beyond a badge
_PAPER = "#e0b429"  # what a note is mixed with that has no colour of its own


class NodeItem(QGraphicsItem):
    """A node: plate, icon, label."""

    def __init__(self, guid: int, look: Look, label: str, painter: Painter) -> None:
        super().__init__()
        self.guid = guid
        self.look = look
        self._painter = painter
        self._set_text(label)

    def _set_text(self, label: str) -> None:
        self.label = label
        self._shown = self._painter.short_label(label)
        self._text: QStaticText | None = None  # made when it is drawn first, which for most nodes of many is never
        self._rect = QRectF()

    def boundingRect(self) -> QRectF:
        if self._rect.isNull():
            width = max(_FREE_WIDTH, self._painter.metrics.horizontalAdvance(self._shown) + 8)
            bottom = _LABEL_TOP + self._painter.metrics.height() + 2
            self._rect = QRectF(-width / 2, PLATE.top() - RIM, width, bottom - PLATE.top() + RIM)
        return self._rect

    def label_rect(self) -> QRectF:
        """Return where the label stands."""
        return QRectF(
            self.boundingRect().left(), _LABEL_TOP, self.boundingRect().width(), self._rect.bottom() - _LABEL_TOP
        )

    def set_look(self, look: Look) -> None:
        """Look otherwise from now on."""
        if look != self.look:
            self.look = look
            self.update()

    def set_label(self, label: str) -> None:
        """Have another label from now on."""
        if label != self.label:
            self.prepareGeometryChange()
            self._set_text(label)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = painter.worldTransform().m11()
        if self._painter.is_printing:
            self._painter.paint_node(painter, self.look)
        else:
            painter.drawPixmap(_PICTURE_CORNER, self._painter.node_picture(self.look, zoom))
        if zoom >= LABELS_FROM and self._shown:
            self._paint_label(painter)

    def _paint_label(self, painter: QPainter) -> None:
        if self._text is None:
            self._text = QStaticText(self._shown)
            self._text.setTextFormat(Qt.TextFormat.PlainText)
            self._text.prepare(font=self._painter.label_font)
        painter.setFont(self._painter.label_font)
        painter.setPen(QColor(self._painter.theme.text))
        painter.drawStaticText(QPointF(-self._text.size().width() / 2, _LABEL_TOP), self._text)


class BadgeItem(QGraphicsItem):
    """Something small that hangs at a node or a line: a chip with icon and name, or a disc at the end of a line."""

    def __init__(self, guid: int, look: Look, label: str, painter: Painter, is_port: bool = False) -> None:
        super().__init__()
        self.guid = guid
        self.look = look
        self.label = label
        self.is_port = is_port
        self._painter = painter
        self._shown = painter.short_label(label, painter.chip_metrics)
        self._rect = self._make_rect()

    def _make_rect(self) -> QRectF:
        if self.is_port:
            return QRectF(-PORT_RADIUS, -PORT_RADIUS, 2 * PORT_RADIUS, 2 * PORT_RADIUS)
        width = CHIP_HEIGHT + 10 + self._painter.chip_metrics.horizontalAdvance(self._shown)
        return QRectF(-width / 2, -CHIP_HEIGHT / 2, width, CHIP_HEIGHT)

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-_SIGN_ROOM, -_SIGN_ROOM, 6, 3)

    def chip_rect(self) -> QRectF:
        """Return the badge without the room for its halo and mark."""
        return self._rect

    def name_rect(self) -> QRectF:
        """Return where the name stands; an end of a line shows none, and has its icon there."""
        return self._rect if self.is_port else self._rect.adjusted(22, 0, 0, 0)

    def set_look(self, look: Look) -> None:
        """Look otherwise from now on."""
        if look != self.look:
            self.look = look
            self.update()

    def set_label(self, label: str) -> None:
        """Have another label from now on."""
        if label != self.label:
            self.prepareGeometryChange()
            self.label = label
            self._shown = self._painter.short_label(label, self._painter.chip_metrics)
            self._rect = self._make_rect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_plate(painter)
        if painter.worldTransform().m11() < LABELS_FROM:
            self._paint_state(painter)
            return
        icon = QRectF(self._rect.left() + 4, -7, 14, 14) if not self.is_port else QRectF(-7, -7, 14, 14)
        icons.paint(painter, self.look.icon, icon)
        if not self.is_port:
            painter.setFont(self._painter.chip_font)
            painter.setPen(QColor(self._painter.theme.text))
            painter.drawText(self._rect.adjusted(22, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._shown)
        self._paint_state(painter)
        if self.look.finding:
            self._painter.draw_finding(
                painter, QPointF(self._rect.right() - 1, self._rect.top() + 4), self.look.finding
            )

    def _paint_state(self, painter: QPainter) -> None:
        if self.look.state is not None:
            at = self._rect.topLeft() + QPointF(2, 2) if self.is_port else QPointF(self._rect.left() - 5, 0)
            self._painter.draw_sign(painter, self.look.state, at)

    def _paint_plate(self, painter: QPainter) -> None:
        theme, look = self._painter.theme, self.look
        radius = self._rect.height() / 2
        if look.is_selected or look.is_hovered:
            halo = QColor(theme.accent)
            halo.setAlpha(90 if look.is_selected else 45)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(halo)
            painter.drawRoundedRect(self._rect.adjusted(-3, -3, 3, 3), radius + 3, radius + 3)
        painter.setPen(self._painter.outline(look, 1.2))
        painter.setBrush(self._painter.ground(look))
        painter.drawRoundedRect(self._rect, radius, radius)


class NoteItem(QGraphicsItem):
    """A note (a text on a card) or an area (a coloured ground with a title).

    Attributes:
        number: which of the notes of the canvas, from 0.
        is_written: its text is being edited, and therefore not drawn.
    """

    def __init__(self, number: int, note: CanvasNote, painter: Painter) -> None:
        super().__init__()
        self.number = number
        self.is_selected = False
        self.is_written = False
        self._painter = painter
        self._size = (0.0, 0.0)
        self._text: NoteText | None = None
        self.show_note(note)

    @property
    def note(self) -> CanvasNote:
        """What is shown."""
        return self._note

    @property
    def is_area(self) -> bool:
        """Whether it is an area, on which other things stand."""
        return self._note.kind == "area"

    def show_note(self, note: CanvasNote) -> None:
        """Show this text, place, size and colour from now on."""
        self._note = note
        self.setZValue(_height_above(note.kind, box_of(note)))
        self.show_in(box_of(note))

    def show_in(self, box: QRectF) -> None:
        """Fill a box, whatever the note says, such as while it is resized."""
        self.prepareGeometryChange()
        self._size, self._text = (box.width(), box.height()), None
        self.setPos(box.center())
        self.setToolTip(plain_tool_tip(self._note.text) if self._laid_out().is_cut else "")
        self.update()

    def select(self, selected: bool) -> None:
        """Look selected, or not."""
        self.is_selected = selected
        self.update()

    def write(self, is_written: bool) -> None:
        """Leave the text out, because it is being edited, or show it again."""
        self.is_written = is_written
        self.update()

    def body(self) -> QRectF:
        """Return the card or ground, around the item's own centre."""
        width, height = self._size
        return QRectF(-width / 2, -height / 2, width, height)

    def handle(self, place: QPointF, reach: float) -> tuple[int, int]:
        """Return which edges are at a place: -1, 0 or 1 for left, none or right, and for upper, none or lower.

        Args:
            reach: how near to an edge a place must be, at most; small things have less of an edge.
        """
        body, at = self.body(), place - self.pos()
        reach = min(reach, body.width() / 4, body.height() / 4)
        return _edge(at.x(), body.left(), body.right(), reach), _edge(at.y(), body.top(), body.bottom(), reach)

    def boundingRect(self) -> QRectF:
        return self.body().adjusted(-6, -6, 6, 6)

    def _laid_out(self) -> NoteText:
        if self._text is None:
            width, height = self._size
            self._text = lay_out(self._note.text, self._painter.label_font, width - 2 * MARGIN, height - 2 * MARGIN)
        return self._text

    def colour(self) -> QColor:
        """Return the colour of the card or ground."""
        return mixed(self._own_colour(), self._painter.theme.canvas, 0.10 if self.is_area else 0.16)

    def map_colour(self) -> QColor:
        """Return the colour in which a small map shows it, stronger than the ground itself."""
        return mixed(self._own_colour(), self._painter.theme.canvas, 0.25)

    def _own_colour(self) -> str:
        return self._note.colour or (self._painter.theme.accent if self.is_area else _PAPER)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme = self._painter.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_selected:
            painter.setPen(QPen(QColor(theme.accent), 2))
        else:
            painter.setPen(mixed(self._own_colour(), theme.canvas, 0.6))
        painter.setBrush(self.colour())
        painter.drawRoundedRect(self.body(), 8, 8)
        if painter.worldTransform().m11() >= LABELS_FROM and not self.is_written:
            self._paint_text(painter)
        if self.is_selected:
            self._paint_handles(painter)

    def _paint_text(self, painter: QPainter) -> None:
        theme = self._painter.theme
        painter.setFont(self._painter.label_font)
        painter.setPen(QColor(theme.muted if self.is_area else theme.text))
        start = self.body().topLeft() + QPointF(MARGIN, MARGIN + self._painter.metrics.ascent())
        for place, line in self._laid_out().lines:
            painter.drawText(start + place, line)

    def _paint_handles(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(self._painter.theme.accent), 1.5))
        painter.setBrush(QColor(self._painter.theme.plate))
        body = self.body()
        for corner in (body.topLeft(), body.topRight(), body.bottomLeft(), body.bottomRight()):
            painter.drawEllipse(corner, 4, 4)


def _edge(at: float, first: float, last: float, reach: float) -> int:
    return -1 if abs(at - first) <= reach else 1 if abs(at - last) <= reach else 0


def _height_above(kind: str, box: QRectF) -> float:
    """Return z: areas below notes, and large areas below small ones, so that all can be reached."""
    if kind != "area":
        return NOTES
    return AREAS + 5 / (1 + box.width() * box.height() / 10_000)


def plain_tool_tip(text: str) -> str:
    """Return a text so that a tool tip shows it as it is; Qt would take one with angle brackets for rich text."""
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")

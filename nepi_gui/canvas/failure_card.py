"""A card that says why a resource FAILED, and points at it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QTextOption,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from nepi_core.states import ResourceState
from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.canvas import state_signs
from nepi_gui.canvas.items import plain_tool_tip

ARROW = 10
"""Pixels around the card, into which its arrow reaches."""

_WIDTH = 300
_TALLEST_TEXT = 150
_MOST_SHOWN = 4_000  # characters; the whole cause is copied, and stands in the log
_RADIUS = 7.0
_HALF_ARROW = 8.0


class FailureCard(QWidget):
    """Shows a cause as plain text, whatever stands in it.

    Signals:
        closed: the user wants to see it no longer.
        log_wanted: the user wants to see the log of the resource.
        copy_wanted: the user wants to have the cause in the clipboard.

    Attributes:
        guid: the resource.
        cause: why it FAILED.
    """

    closed = Signal(int)
    log_wanted = Signal(int)
    copy_wanted = Signal(int)

    def __init__(self, guid: int, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.guid = guid
        self.cause = ""
        self._appearance = appearance
        self._anchor = QPoint()
        self._sign = QLabel(self)
        self.name = QLabel(self)
        self.time = QLabel(self)
        for label in (self.name, self.time):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.text = QPlainTextEdit(self)
        self.log = QPushButton(icons.icon("log"), self.tr("Show &log"), self)
        self.copy = QPushButton(icons.icon("copy"), self.tr("&Copy"), self)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip(self.tr("Close (Escape)"))
        self.close_button.setAccessibleName(self.tr("Close"))
        self._lay_out()
        self.log.clicked.connect(lambda: self.log_wanted.emit(self.guid))
        self.copy.clicked.connect(lambda: self.copy_wanted.emit(self.guid))
        self.close_button.clicked.connect(lambda: self.closed.emit(self.guid))
        appearance.changed.connect(self._show_colours)
        self._show_colours()

    def _lay_out(self) -> None:
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.time.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.text.setReadOnly(True)
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.setTabChangesFocus(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName(self.tr("Cause"))
        top, below, self._whole = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.addWidget(self._sign)
        top.addWidget(self.name, 1)
        top.addWidget(self.time)
        top.addWidget(self.close_button)
        top.setSpacing(6)
        below.addStretch(1)
        below.addWidget(self.log)
        below.addWidget(self.copy)
        self._whole.addLayout(top)
        self._whole.addWidget(self.text)
        self._whole.addLayout(below)
        self._whole.setSpacing(4)
        room = ARROW + 8
        self._whole.setContentsMargins(room + 2, room - 4, room - 4, room - 2)

    def show_failure(self, name: str, when: str, cause: str) -> None:
        """Show why a resource FAILED.

        Args:
            name: what the resource is called.
            when: when that was, in few words.
        """
        self.cause = cause
        metrics = QFontMetrics(self.name.font())
        self.name.setText(metrics.elidedText(" ".join(name.split()), Qt.TextElideMode.ElideMiddle, _WIDTH // 2))
        self.name.setToolTip(plain_tool_tip(name) if self.name.text() != name else "")
        self.time.setText(when)
        rest = self.tr("… and {0:,} more characters, in the log").format(len(cause) - _MOST_SHOWN)
        self.text.setPlainText(cause if len(cause) <= _MOST_SHOWN else f"{cause[:_MOST_SHOWN]}\n{rest}")
        self.setAccessibleName(self.tr("{0} FAILED").format(name))
        self.setAccessibleDescription(cause[:_MOST_SHOWN])
        self._fit()

    def _fit(self) -> None:
        """Be as tall as the text needs, up to a bound from which on it scrolls."""
        margins = self._whole.contentsMargins()
        self.setFixedWidth(_WIDTH + 2 * ARROW)
        margin = round(self.text.document().documentMargin())
        width = self.width() - margins.left() - margins.right() - 2 * margin
        wrapping = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        needed = self.text.fontMetrics().boundingRect(QRect(0, 0, width, 0), wrapping, self.text.toPlainText())
        height = needed.height() + 2 * margin
        scrolls = height > _TALLEST_TEXT
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.text.setVerticalScrollBarPolicy(policy)
        self.text.setFixedHeight(min(height, _TALLEST_TEXT) + 2)
        self.setFixedHeight(self._whole.sizeHint().height())

    def _show_colours(self) -> None:
        theme = self._appearance.theme
        self._sign.setPixmap(state_signs.pixmap(ResourceState.FAILED, theme))
        colours = self.palette()
        colours.setColor(QPalette.ColorRole.Base, QColor(theme.plate))
        self.text.setPalette(colours)
        self.update()

    def frame(self) -> QRect:
        """Return the card without the room for its arrow."""
        return self.rect().adjusted(ARROW, ARROW, -ARROW, -ARROW)

    def stand(self, place: QPoint, anchor: QPoint) -> None:
        """Stand somewhere in the parent, and point at a place in it."""
        self.move(place)
        self._anchor = anchor - place
        self.update()

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.states[ResourceState.FAILED]), 1.4))
        painter.setBrush(QColor(theme.plate))
        painter.drawPath(self._outline())

    def _outline(self) -> QPainterPath:
        frame = QRectF(self.frame())
        card, arrow = QPainterPath(), QPainterPath()
        card.addRoundedRect(frame, _RADIUS, _RADIUS)
        tip, first, second = _arrow(frame, QPointF(self._anchor))
        arrow.moveTo(first)
        arrow.lineTo(tip)
        arrow.lineTo(second)
        arrow.closeSubpath()
        return card.united(arrow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit(self.guid)
        else:
            super().keyPressEvent(event)


def _arrow(frame: QRectF, anchor: QPointF) -> tuple[QPointF, QPointF, QPointF]:
    """Return the tip of an arrow at the side of a frame that is next to a place, and where the arrow begins."""
    room = _RADIUS + _HALF_ARROW
    x = min(max(anchor.x(), frame.left() + room), frame.right() - room)
    y = min(max(anchor.y(), frame.top() + room), frame.bottom() - room)
    across = max(frame.left() - anchor.x(), anchor.x() - frame.right())
    down = max(frame.top() - anchor.y(), anchor.y() - frame.bottom())
    if across >= down:
        side, tip = (frame.left(), -ARROW) if anchor.x() < frame.center().x() else (frame.right(), ARROW)
        inside = 1.0 if tip < 0 else -1.0  # so that the two outlines meet
        return (
            QPointF(side + tip, y),
            QPointF(side + inside, y - _HALF_ARROW),
            QPointF(side + inside, y + _HALF_ARROW),
        )
    side, tip = (frame.top(), -ARROW) if anchor.y() < frame.center().y() else (frame.bottom(), ARROW)
    inside = 1.0 if tip < 0 else -1.0
    return QPointF(x, side + tip), QPointF(x - _HALF_ARROW, side + inside), QPointF(x + _HALF_ARROW, side + inside)

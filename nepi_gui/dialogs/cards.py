"""How examples and files are drawn in a list: as cards with a story, and as lines with a path."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.looks import mixed

PATH = int(Qt.ItemDataRole.UserRole)
"""Role: the file."""
LINE = PATH + 1
"""Role: what stands below the title, in few words."""
STORY = PATH + 2
"""Role: what it is about, in a paragraph."""

CARD_PICTURE = QSize(232, 132)
ROW_PICTURE = QSize(64, 44)
SMALLEST_CARD = 236

_GAP = 8  # between two cards
_INSIDE = 14  # between the outline of a card and its text
_STORY_LINES = 4

Index = QModelIndex | QPersistentModelIndex


class _Delegate(QStyledItemDelegate):
    """What both have in common: ground, picture, fonts."""

    def __init__(self, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, colour: str) -> None:
        theme, state = self._appearance.theme, option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        share = 0.14 if chosen else 0.06 if over else 0.0
        painter.setPen(QPen(QColor(theme.accent if chosen or over else theme.border), 2 if focused else 1))
        painter.setBrush(mixed(theme.accent, colour, share))
        painter.drawRoundedRect(rect, 8, 8)

    def _paint_picture(self, painter: QPainter, index: Index, rect: QRect) -> None:
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap):
            size = picture.deviceIndependentSize().toSize()
            painter.drawPixmap(rect.center() - QPoint(size.width() // 2, size.height() // 2), picture)
        else:
            side = min(36, rect.height())
            square = QRect(0, 0, side, side)
            square.moveCenter(rect.center())
            painter.setOpacity(0.5)
            icons.icon("topology").paint(painter, square)
            painter.setOpacity(1.0)


class CardDelegate(_Delegate):
    """A card: picture, question, story."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        grid = option.widget.gridSize() if isinstance(option.widget, QListView) else QSize()
        return QSize(max(SMALLEST_CARD, grid.width()), card_height(option.font))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._appearance.theme
        card = option.rect.adjusted(_GAP // 2, _GAP // 2, -_GAP // 2, -_GAP // 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, card, theme.plate)
        picture = QRect(card.left() + 2, card.top() + 2, card.width() - 4, CARD_PICTURE.height() + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(picture, 7, 7)
        self._paint_picture(painter, index, picture)
        self._paint_words(painter, option.font, index, card.adjusted(_INSIDE, picture.height() + 10, -_INSIDE, -8))
        painter.restore()

    def _paint_words(self, painter: QPainter, font: QFont, index: Index, rect: QRect) -> None:
        theme = self._appearance.theme
        top = rect.top()
        painter.setPen(QColor(theme.text))
        top = _paint_lines(painter, _bold(font), str(index.data()), rect, top, 2)
        painter.setPen(QColor(theme.muted))
        top = _paint_lines(painter, font, str(index.data(LINE)), rect, top, 1)
        painter.setPen(QColor(theme.text))
        _paint_lines(painter, font, str(index.data(STORY)), rect, top + 6, _STORY_LINES)


def card_height(font: QFont) -> int:
    """Return how high a card is: room for two lines of title, one below, and the story."""
    words = (3 + _STORY_LINES) * QFontMetrics(font).lineSpacing()
    return CARD_PICTURE.height() + words + 2 * _INSIDE + 18


class RowDelegate(_Delegate):
    """A line of a list: small picture, name, path."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_PICTURE.height() + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._appearance.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = option.rect.adjusted(1, 2, -2, -2)
        self._paint_ground(painter, option, row, theme.plate)
        picture = QRect(row.left() + 4, row.top() + 4, ROW_PICTURE.width(), row.height() - 8)
        self._paint_picture(painter, index, picture)
        words = row.adjusted(ROW_PICTURE.width() + 12, 9, -8, -9)
        flags = Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(theme.text))
        painter.setFont(_bold(option.font))
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, flags | Qt.AlignmentFlag.AlignTop, name)
        painter.setPen(QColor(theme.muted))
        painter.setFont(option.font)
        line = painter.fontMetrics().elidedText(str(index.data(LINE)), Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, flags | Qt.AlignmentFlag.AlignBottom, line)
        painter.restore()


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _paint_lines(painter: QPainter, font: QFont, text: str, rect: QRect, top: int, most: int) -> int:
    """Draw a text in lines as wide as a rectangle, the last one with dots when it goes on; return where it ends."""
    metrics, lines = QFontMetrics(font), _lines(text, font, rect.width(), most)
    painter.setFont(font)
    for number, line in enumerate(lines):
        shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect.left(), top + metrics.ascent() + number * metrics.lineSpacing(), shown)
    return top + len(lines) * metrics.lineSpacing()


def _lines(text: str, font: QFont, width: int, most: int) -> list[str]:
    """Return a text in lines; the last of those that are wanted holds all the rest."""
    layout = QTextLayout(text, font)
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]

"""The list below the field of the command palette: choices in one line each, with icon and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from nepi_gui import icons
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.dialogs.choices import Choice
from nepi_gui.translation import translate

ROW_HEIGHT = 32
_ICON = 20
_ROOM = 10

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ChoiceModel(QAbstractListModel):
    """Choices in rows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()

    def show(self, choices: Sequence[Choice]) -> None:
        """List these instead of others."""
        self.beginResetModel()
        self._choices = choices
        self.endResetModel()

    def choice(self, row: int) -> Choice:
        """Return what stands in a row."""
        return self._choices[row]

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._choices)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        choice = self._choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(choice.detail)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = [choice.title, choice.kind_word, choice.keys, choice.detail]
            return ", ".join(word for word in words if word)
        return None

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        selectable = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return selectable | Qt.ItemFlag.ItemIsEnabled


class ChoiceDelegate(QStyledItemDelegate):
    """Draws a choice: icon, title, what more there is to say, and at the right its keys or what it is."""

    def __init__(self, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        model = index.model()
        assert isinstance(model, ChoiceModel)
        choice, theme = model.choice(index.row()), self._appearance.theme
        rect = QRect(option.rect)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(rect.adjusted(4, 1, -4, -1), 5, 5)
            if choice.icon:
                painter.setBrush(QColor(theme.plate))  # icons have the accent's colour themselves
                painter.drawRoundedRect(_icon_place(rect).adjusted(-3, -3, 3, 3), 4, 4)
        strong, weak = (theme.on_accent, theme.on_accent) if is_selected else (theme.text, theme.muted)
        if not choice.is_enabled:
            strong = weak
            painter.setOpacity(0.55)
        self._paint_texts(painter, rect, choice, QColor(strong), QColor(weak))
        painter.restore()

    def _paint_texts(self, painter: QPainter, rect: QRect, choice: Choice, strong: QColor, weak: QColor) -> None:
        icons.icon(choice.icon).paint(painter, _icon_place(rect))
        rect = rect.adjusted(2 * _ROOM, 0, -2 * _ROOM, 0)
        rect.setLeft(rect.left() + _ICON + _ROOM)
        small, normal = QFont(painter.font()), QFont(painter.font())
        small.setPointSizeF(small.pointSizeF() * 0.9)
        painter.setFont(small)
        painter.setPen(weak)
        right = self._right_text(choice)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right)
        rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(right) - 2 * _ROOM)
        painter.setFont(normal)
        painter.setPen(strong)
        self._draw(painter, rect, choice.title)
        rect.setLeft(rect.left() + painter.fontMetrics().horizontalAdvance(choice.title) + _ROOM)
        painter.setFont(small)
        painter.setPen(weak)
        self._draw(painter, rect, choice.detail.replace("``", ""))

    def _right_text(self, choice: Choice) -> str:
        texts = [translate("Choices", "on")] if choice.is_on else []
        return " · ".join([*texts, choice.keys or choice.kind_word])

    def _draw(self, painter: QPainter, rect: QRect, text: str) -> None:
        if rect.width() > 2 * _ROOM:
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)


def _icon_place(row: QRect) -> QRect:
    return QRect(row.left() + 2 * _ROOM, row.center().y() - _ICON // 2 + 1, _ICON, _ICON)

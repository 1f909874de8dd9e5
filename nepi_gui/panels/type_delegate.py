"""How the palette draws its entries: headings in one line, resource types in two, with their icon."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOption, QStyleOptionViewItem, QTreeView

from nepi_gui.appearance import Appearance
from nepi_gui.panels.type_model import Role

_ICON = 28
_ROOM = 6
_ARROW = 12
_AnyIndex = QModelIndex | QPersistentModelIndex


class TypeDelegate(QStyledItemDelegate):
    """Draws the entries of a `TypeModel`."""

    def __init__(self, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        line = option.fontMetrics.height()
        if index.data(Role.GROUP):
            return QSize(80, line + 2 * _ROOM)
        return QSize(80, max(_ICON, line + _small(option).height()) + 2 * _ROOM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        painter.save()
        if index.data(Role.GROUP):
            self._paint_heading(painter, option, index)
        else:
            self._paint_entry(painter, option, index)
        painter.restore()

    def _paint_plate(self, painter: QPainter, option: QStyleOptionViewItem) -> bool:
        """Draw the background; tell whether the entry is selected."""
        theme, state = self._appearance.theme, option.state
        rect: QRect = option.rect
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(rect, QColor(theme.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            tint = QColor(theme.accent)
            tint.setAlphaF(0.12)
            painter.fillRect(rect, tint)
        return is_selected

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        theme, rect = self._appearance.theme, QRect(option.rect)
        painter.fillRect(rect, QColor(theme.panel))
        is_selected = self._paint_plate(painter, option)
        self._paint_arrow(painter, option, index)
        rect.adjust(_ARROW + 2 * _ROOM, 0, -_ROOM, 0)
        bold = QFont(option.font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(theme.on_accent if is_selected else theme.text))
        title = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, title)
        rect.adjust(painter.fontMetrics().horizontalAdvance(title) + 2 * _ROOM, 0, 0, 0)
        painter.setFont(_small_font(option))
        painter.setPen(QColor(theme.on_accent if is_selected else theme.muted))
        _draw_elided(painter, rect, str(index.data(Role.DETAIL)))

    def _paint_arrow(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        view, rect = self.parent(), QRect(option.rect)
        if not isinstance(view, QTreeView):
            return
        arrow = QStyleOption()
        arrow.initFrom(view)
        place = QRect(rect.left() + _ROOM, rect.center().y() - _ARROW // 2, _ARROW, _ARROW)
        arrow.rect = place
        down, right = QStyle.PrimitiveElement.PE_IndicatorArrowDown, QStyle.PrimitiveElement.PE_IndicatorArrowRight
        view.style().drawPrimitive(down if view.isExpanded(index) else right, arrow, painter, view)

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        theme, rect = self._appearance.theme, QRect(option.rect)
        is_selected = self._paint_plate(painter, option)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QIcon):
            place = QRect(rect.left() + 2 * _ROOM, rect.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            if is_selected:
                painter.fillRect(place.adjusted(-3, -3, 3, 3), QColor(theme.plate))  # icons have the accent's colour
            picture.paint(painter, place)
        rect.adjust(_ICON + 4 * _ROOM, _ROOM, -_ROOM, -_ROOM)
        upper = QRect(rect.left(), rect.top(), rect.width(), option.fontMetrics.height())
        painter.setPen(QColor(theme.on_accent if is_selected else theme.text))
        _draw_elided(painter, upper, str(index.data()))
        painter.setFont(_small_font(option))
        painter.setPen(QColor(theme.on_accent if is_selected else theme.muted))
        lower = QRect(rect.left(), upper.bottom() + 1, rect.width(), painter.fontMetrics().height())
        _draw_elided(painter, lower, str(index.data(Role.DETAIL)))


def _draw_elided(painter: QPainter, rect: QRect, text: str) -> None:
    line = " ".join(text.replace("``", "").split())
    shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)


def _small_font(option: QStyleOptionViewItem) -> QFont:
    font = QFont(option.font)
    font.setPointSizeF(font.pointSizeF() * 0.88)
    return font


def _small(option: QStyleOptionViewItem) -> QFontMetrics:
    return QFontMetrics(_small_font(option))

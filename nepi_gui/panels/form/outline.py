"""Edges of fields in the theme's colour: the style's own can hardly be seen on dark backgrounds."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton, QWidget


def draw_edge(painter: QPainter, widget: QWidget, rect: QRect) -> None:
    """Draw the edge of a field."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.Mid), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
    painter.restore()


def grey_out(field: QWidget, is_locked: bool) -> None:
    """Have a field look as what is around it while nothing can be typed into it."""
    own, parent = QPalette(), field.parentWidget()
    if is_locked and parent is not None:
        around = parent.palette()
        own.setColor(QPalette.ColorRole.Base, around.color(QPalette.ColorRole.Window))
        own.setColor(QPalette.ColorRole.Text, around.color(QPalette.ColorRole.PlaceholderText))
    field.setPalette(own)


def box_of(check_box: QCheckBox) -> QRect:
    """Return where the box of a check box is."""
    option = QStyleOptionButton()
    check_box.initStyleOption(option)
    return check_box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, check_box)

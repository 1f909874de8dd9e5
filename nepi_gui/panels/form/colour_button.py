"""A button that shows a colour, and lets the user choose another one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from nepi_gui.appearance import Appearance
from nepi_gui.document.colours import COLOURS, colour_names

_SIDE = 32


class ColourButton(QToolButton):
    """Shows a colour, ``#rrggbb``, or "" for none.

    Signals:
        chosen: the user wants this colour, "" for none.
    """

    chosen = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.colour = ""
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip(self.tr("Colour on the canvas"))
        self.setAccessibleName(self.tr("Colour"))
        self.setMenu(self._make_menu())
        self.show_colour("")

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for name, title in colour_names().items():
            self._add(menu, title, COLOURS[name]).setIcon(swatch(COLOURS[name], COLOURS[name]))
        menu.addSeparator()
        other = QAction(self.tr("Ot&her…"), menu)
        other.triggered.connect(self._ask)
        menu.addAction(other)
        self._add(menu, self.tr("&None"), "")
        return menu

    def _add(self, menu: QMenu, title: str, colour: str) -> QAction:
        action = QAction(title, menu)
        action.triggered.connect(partial(self.chosen.emit, colour))
        menu.addAction(action)
        return action

    def show_colour(self, colour: str) -> None:
        """Show a colour; "" for none or different ones."""
        self.colour = colour
        self.setIcon(swatch(colour, self._appearance.theme.border))

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(self.colour or COLOURS["blue"]), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._take)
        dialog.open()

    def _take(self, colour: QColor) -> None:
        self.chosen.emit(colour.name())


def swatch(colour: str, edge: str) -> QIcon:
    """Return a square in a colour, an empty one for ""."""
    picture = QPixmap(_SIDE, _SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(edge), 3))
    if colour:
        painter.setBrush(QColor(colour))
    painter.drawRoundedRect(QRectF(5, 5, _SIDE - 10, _SIDE - 10), 6, 6)
    painter.end()
    return QIcon(picture)

"""All commands with their keys, and what the mouse does on the canvas; to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nepi_gui import icons
from nepi_gui.translation import translate

Row = tuple[str, str, str, str]
"""What can be done, how, more about it, and an icon."""


class ShortcutsDialog(QDialog):
    """A list of what can be done, in groups.

    Args:
        groups: titles, each with its rows.
    """

    def __init__(self, groups: Iterable[tuple[str, Sequence[Row]]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys and mouse"))
        self.resize(640, 560)
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        self.search = QLineEdit(self, placeholderText=self.tr("Search commands and keys"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search commands and keys"))
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list = QTreeWidget(self, columnCount=2)
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setHeaderLabels([self.tr("What"), self.tr("How")])
        self.list.setUniformRowHeights(True)
        for title, rows in (*groups, (self.tr("Mouse on the canvas"), mouse_ways())):
            self._add_group(title, rows)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        for widget in (self.search, self.list, buttons):
            column.addWidget(widget)
        self.search.setFocus()

    def _add_group(self, title: str, rows: Iterable[Row]) -> None:
        group = QTreeWidgetItem(self.list, [title])
        group.setFirstColumnSpanned(True)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        items = []
        nothing = QIcon(icons.pixmap("", 16))  # so that texts with and without an icon stand below each other
        for what, how, help_text, icon in rows:
            item = QTreeWidgetItem(group, [what, how])
            item.setToolTip(0, help_text)
            item.setIcon(0, icons.icon(icon) if icon else nothing)
            items.append(item)
        group.setExpanded(True)
        self._groups.append((group, items))

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for group, items in self._groups:
            for item in items:
                about = f"{group.text(0)} {item.text(0)} {item.text(1)} {item.toolTip(0)}".casefold()
                item.setHidden(not all(word in about for word in words))
            group.setHidden(all(item.isHidden() for item in items))

    def shown(self) -> list[tuple[str, str]]:
        """Return what is listed just now: what is done, and how."""
        items = [item for _, members in self._groups for item in members]
        return [(item.text(0), item.text(1)) for item in items if not item.isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
            self.list.setFocus()
            return True
        return super().eventFilter(watched, event)


def mouse_ways() -> list[Row]:
    """Return what the mouse does on the canvas: what, how, help, icon."""
    tell = translate
    return [
        (tell("Mouse", "Link two nodes"), tell("Mouse", "Drag from a node's rim to another node"), "", "link-tool"),
        (tell("Mouse", "Move"), tell("Mouse", "Drag a node, a note or an area"), "", ""),
        (tell("Mouse", "Move along one direction"), tell("Mouse", "Hold Shift while dragging"), "", ""),
        (tell("Mouse", "Move without the grid"), tell("Mouse", "Hold Alt while dragging"), "", "grid"),
        (tell("Mouse", "Duplicate"), tell("Mouse", "Hold Ctrl while dragging"), "", "duplicate"),
        (tell("Mouse", "Cut the links that are crossed"), tell("Mouse", "Drag with Alt and Shift held"), "", "cut"),
        (tell("Mouse", "Select"), tell("Mouse", "Click; with Shift more than one"), "", ""),
        (tell("Mouse", "Select what lies in a rectangle"), tell("Mouse", "Drag on the empty canvas"), "", ""),
        (tell("Mouse", "Move what is shown"), tell("Mouse", "Drag with the middle button or with Space"), "", ""),
        (tell("Mouse", "Zoom around the mouse"), tell("Mouse", "Wheel"), "", "zoom-in"),
        (tell("Mouse", "Move what is shown sideways"), tell("Mouse", "Shift+Wheel"), "", ""),
        (tell("Mouse", "Menu of what is there"), tell("Mouse", "Right click"), "", ""),
        (tell("Mouse", "Give up what one is dragging"), tell("Mouse", "Escape"), "", "close"),
    ]

"""The list of resource types in the palette: keys, folding of groups, dragging onto the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from nepi_gui.panels.type_model import Role, TypeModel

_DRAGGED = QSize(48, 48)


class TypeTree(QTreeView):
    """Shows a `TypeModel`.

    Signals:
        chosen: a type is to be added: Enter, or a double click.
        typed: letters that belong into the search field.
        left: the user goes up from the first entry.
        folded: a group was closed (False) or opened (True) by the user.
    """

    chosen = Signal(str)
    typed = Signal(str)
    left = Signal()
    folded = Signal(str, bool)

    def __init__(self, model: TypeModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self._types = model
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(self._choose)

    def go_to_first(self) -> None:
        """Make the first resource type the present one."""
        self.setCurrentIndex(self.first())

    def first(self) -> QModelIndex:
        """Return the first resource type that is shown; an invalid index when there is none."""
        index = self._types.index(0, 0)
        while index.isValid() and not index.data(Role.RTYPE):
            index = self.indexBelow(index)
        return index

    def drag_of(self, index: QModelIndex) -> QDrag:
        """Return what carries a type to the canvas."""
        drag = QDrag(self)
        drag.setMimeData(self._types.mimeData([index]))
        picture = index.data(Qt.ItemDataRole.DecorationRole).pixmap(_DRAGGED, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(_DRAGGED.width() // 2, _DRAGGED.height() // 2))
        return drag

    def startDrag(self, supported: Qt.DropAction) -> None:
        index = self.currentIndex()
        if index.data(Role.RTYPE):
            self.drag_of(index).exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.data(Role.GROUP):
            self._fold(index)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and _is_letter(event):
            event.accept()  # or else commands whose key is a letter would be done
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(index)
        elif key == Qt.Key.Key_Space and index.data(Role.GROUP):
            self._fold(index)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and index.isValid():
            self._go_sideways(index, key == Qt.Key.Key_Right)
        elif key == Qt.Key.Key_Up and not self.indexAbove(index).isValid():
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        if search.strip():
            self.typed.emit(search)

    def _choose(self, index: QModelIndex) -> None:
        if index.data(Role.GROUP):
            self._fold(index)
        elif rtype := index.data(Role.RTYPE):
            self.chosen.emit(rtype)

    def _go_sideways(self, index: QModelIndex, to_right: bool) -> None:
        if index.data(Role.GROUP):
            self._fold(index, to_right)
        elif not to_right and index.parent().isValid():
            self.setCurrentIndex(index.parent())

    def _fold(self, index: QModelIndex, is_open: bool | None = None) -> None:
        is_open = not self.isExpanded(index) if is_open is None else is_open
        self.setExpanded(index, is_open)
        self.folded.emit(index.data(Role.GROUP), is_open)

    def drawBranches(self, *_: object) -> None:
        """Leave out what Qt draws before an entry: the headings have an arrow of their own."""


def _is_letter(event: QKeyEvent) -> bool:
    return event.text().isalnum() and event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.ShiftModifier,
    )

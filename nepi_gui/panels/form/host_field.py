"""A field for the name or address of a host, which offers the hosts of the experiment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit, QWidget

from nepi_core.attribute import Attribute
from nepi_gui.panels.form.lines import LineField

_ARROW = 16
"""Width of the arrow that opens the list."""


class _HostList(QCompleter):
    """Completes the last of several names, which stand with blanks or commas between them."""

    def __init__(self, names: QStringListModel, field: QLineEdit) -> None:
        super().__init__(names, field)
        self._field = field
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setFilterMode(Qt.MatchFlag.MatchContains)

    def popup(self) -> QAbstractItemView:
        popup = super().popup()
        assert popup is not None  # it makes one, where Qt's stubs are in doubt
        return popup

    def splitPath(self, path: str) -> list[str]:
        return [path[_last_name(path) :]]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        text = self._field.text()
        return text[: _last_name(text)] + str(index.data())


def _last_name(text: str) -> int:
    """Return where the last name in a text begins."""
    return len(text) - len(re.split(r"[\s,]", text)[-1])


class HostField(LineField):
    """Takes any text; the arrow, the key Down and typing open a list of hosts.

    Signals:
        hosts_wanted: the list is about to be needed: `offer` gives the names.
    """

    hosts_wanted = Signal()

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(attribute, parent)
        self._names = QStringListModel(self)
        self._list = _HostList(self._names, self)
        self._popup = self._list.popup()
        self._list.activated.connect(self._choose)
        self.setCompleter(self._list)
        self.setTextMargins(0, 0, _ARROW, 0)
        self.textChanged.connect(self._on_text)

    def offer(self, names: Sequence[str]) -> None:
        """Have these names in the list."""
        if list(names) != self._names.stringList():
            self._names.setStringList(list(names))

    def settle(self) -> None:
        """Tell what was typed, unless a name of the list is just being chosen instead."""
        is_choosing = self._popup.isVisible() and self._popup.currentIndex().isValid()
        if not is_choosing:
            super().settle()

    def _on_text(self) -> None:
        if self._popup.isVisible():  # the list shows here what it would choose, which is no news by itself
            self.setModified(True)

    def open_list(self) -> None:
        """Show all hosts."""
        self.hosts_wanted.emit()
        if self._names.rowCount() and not self.isReadOnly():
            self._list.setCompletionPrefix("")
            self._list.complete()

    def _choose(self, text: str) -> None:
        self._popup.hide()
        self.setText(text)
        self.setModified(True)
        self.settle()

    # -- events ----------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.hosts_wanted.emit()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and not self._popup.isVisible():
            self.open_list()
            return
        if event.key() == Qt.Key.Key_Escape:
            self._popup.hide()
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_arrow(event.position()):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.open_list()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_arrow = self._is_arrow(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if is_arrow else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def _is_arrow(self, place: QPointF) -> bool:
        return place.x() >= self.width() - _ARROW and not self.isReadOnly()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.isReadOnly():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.PlaceholderText))
        tip = QPointF(self.width() - _ARROW / 2 - 1, self.height() / 2 + 2.5)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4, -4.5), tip + QPointF(4, -4.5)]))

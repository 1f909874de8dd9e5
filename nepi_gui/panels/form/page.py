"""A field of several lines, for commands, lists and notes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QWidget

from nepi_core.attribute import Attribute
from nepi_gui.document.attributes import Shown
from nepi_gui.panels.form import words
from nepi_gui.panels.form.outline import grey_out

_FEWEST, _MOST = 3, 10
_RETURNS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PageField(QPlainTextEdit):
    """A text of several lines; Ctrl+Return tells it, as does leaving the field; Escape gives up what was typed.

    Signals:
        as those of `LineField`; and line_wanted: one line is enough.
    """

    committed = Signal(object)
    restored = Signal()
    menu_wanted = Signal(QMenu)
    line_wanted = Signal()

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self.shown = Shown()
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().contentsChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the text needs, between bounds."""
        lines = min(max(self.document().blockCount(), _FEWEST), _MOST)
        height = lines * self.fontMetrics().lineSpacing() + 2 * int(self.document().documentMargin()) + 4
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    @property
    def is_pending(self) -> bool:
        """Whether something was typed that nobody was told yet."""
        return self.document().isModified()

    def show_value(self, shown: Shown) -> None:
        """Show what the value is now; what is being typed stays, as long as the value beneath does not change."""
        if self.is_pending and shown == self.shown:
            return
        self.shown = shown
        self.setPlaceholderText(words.ghost_text(self.attribute, shown))
        text = words.value_text(shown.value) if shown.is_set and not shown.is_mixed else ""
        if text != self.toPlainText():
            self.setPlainText(text)
        self.document().setModified(False)

    def hint(self) -> str:
        """Return what stands below the field."""
        return ""

    def lock(self, locked: bool) -> None:
        """Take nothing from the user, but let texts be copied."""
        if locked or self.isReadOnly():
            grey_out(self, locked)
        self.setReadOnly(locked)

    def settle(self) -> None:
        """Tell what was typed."""
        if self.is_pending:
            self.committed.emit(self.toPlainText() or None)

    def accept_value(self) -> None:
        """Take note that the value was kept as it was told."""
        self.document().setModified(False)

    def restore(self) -> None:
        """Give up what was typed."""
        self.document().setModified(False)
        self.show_value(self.shown)
        self.restored.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.settle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape(event)
        elif event.key() in _RETURNS and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.settle()
            self.line_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _escape(self, event: QKeyEvent) -> None:
        had_news = self.is_pending
        self.restore()
        self.line_wanted.emit()
        if not had_news and self.hasFocus():
            event.ignore()  # there was nothing to give up but the keyboard

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_wanted.emit(menu)
        menu.popup(event.globalPos())

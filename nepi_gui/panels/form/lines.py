"""Fields of one line: texts, numbers with their unit, references to secrets."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError
from nepi_gui.document.attributes import REFERENCES, Shown, check
from nepi_gui.panels.form import words
from nepi_gui.panels.form.outline import draw_edge, grey_out

_ARROWS = 14
"""Width of the two arrows beside a number."""
_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
_NOTCH = 120


class LineField(QLineEdit):
    """A text. What is typed is told on Return, or when the keyboard goes elsewhere; Escape gives it up.

    Signals:
        committed: the user wants this value; None for the default.
        restored: the user has given up what was typed.
        menu_wanted: a context menu is about to open, and may be added to.
        page_wanted: the user wants to write several lines, with the text so far.
    """

    committed = Signal(object)
    restored = Signal()
    menu_wanted = Signal(QMenu)
    page_wanted = Signal(str)

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self.shown = Shown()
        self.editingFinished.connect(self.settle)

    @property
    def is_pending(self) -> bool:
        """Whether something was typed that nobody was told yet."""
        return self.isModified()

    @property
    def takes_lines(self) -> bool:
        """Whether several lines can be written."""
        return self.attribute.type is Types.String and not self.attribute.has_flag(Flags.Credential)

    def show_value(self, shown: Shown) -> None:
        """Show what the value is now; what is being typed stays, as long as the value beneath does not change."""
        if self.is_pending and shown == self.shown:
            return
        self.shown = shown
        self.setPlaceholderText(words.ghost_text(self.attribute, shown))
        self.setText(self._text_of(shown))
        self.setModified(False)
        self.setCursorPosition(0)
        if self.hasFocus():
            self.selectAll()

    def _text_of(self, shown: Shown) -> str:
        is_typed = not shown.is_mixed and (shown.is_set or shown.value != shown.default)
        return words.value_text(shown.value) if is_typed else ""

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
            self.committed.emit(self.text() or None)

    def accept_value(self) -> None:
        """Take note that the value was kept as it was told."""
        self.setModified(False)

    def restore(self) -> None:
        """Give up what was typed."""
        self.setModified(False)
        self.show_value(self.shown)
        self.restored.emit()

    # -- events ----------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return super().event(event)
        if self._leaves(event):
            event.ignore()  # so that it is the window's command
            return False
        if event.matches(QKeySequence.StandardKey.DeleteStartOfWord):
            event.accept()  # so that it is not
            return True
        return super().event(event)

    def _leaves(self, event: QKeyEvent) -> bool:
        """Tell whether a key means the window, since there is nothing that it could mean here."""
        if event.matches(QKeySequence.StandardKey.Undo):
            return not self.isUndoAvailable()
        if event.matches(QKeySequence.StandardKey.Redo):
            return not self.isRedoAvailable()
        return event.matches(QKeySequence.StandardKey.DeleteStartOfWord) and not self.isModified()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.is_pending or self.text() != self._text_of(self.shown)):
            self.restore()
        elif self.takes_lines and not self.isReadOnly() and self._wants_page(event):
            self.page_wanted.emit(self._with_pasted() if event.matches(QKeySequence.StandardKey.Paste) else self.text())
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.selectAll()

    def _wants_page(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Paste):
            return "\n" in QApplication.clipboard().text().strip("\n")
        returns = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return event.key() in returns and event.modifiers() == Qt.KeyboardModifier.ControlModifier

    def _with_pasted(self) -> str:
        start = self.selectionStart() if self.hasSelectedText() else self.cursorPosition()
        end = self.selectionEnd() if self.hasSelectedText() else start
        return self.text()[:start] + QApplication.clipboard().text() + self.text()[end:]

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.is_pending:
            self.setCursorPosition(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.hasFocus():
            draw_edge(QPainter(self), self, self.rect())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_wanted.emit(menu)
        menu.popup(event.globalPos())


class NumberField(LineField):
    """A number with its unit; the wheel, the arrows and the arrow keys step it."""

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(attribute, parent)
        self._turned = 0
        unit = self.fontMetrics().horizontalAdvance(attribute.unit) + 4 if attribute.unit else 0
        self.setTextMargins(0, 0, unit + _ARROWS, 0)

    def step(self, count: int) -> None:
        """Go up or down by so many steps, within what is allowed."""
        present = self._present()
        if present is None or self.isReadOnly():
            return
        low, high = self.attribute.range or (-math.inf, math.inf)
        number = min(max(_next(present, count, self.attribute), low), high)
        self.setText(words.value_text(int(number) if self.attribute.type is Types.Integer else number))
        self.setModified(True)
        self.settle()

    def _present(self) -> int | float | None:
        """Return the number that a step begins at, None when what was typed is none."""
        try:
            typed = check(self.attribute, self.text() or None)
        except AttributeValueError:
            return None if self.text() else self._lowest()
        found = typed if typed is not None else self.shown.default
        return found if isinstance(found, (int, float)) else self._lowest()

    def _lowest(self) -> int | float:
        return self.attribute.range[0] if self.attribute.range else 0

    # -- events ----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _STEPS and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            self.step(_STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # the form is being scrolled
            return
        self._turned += event.angleDelta().y()
        notches, self._turned = int(self._turned / _NOTCH), int(math.fmod(self._turned, _NOTCH))
        if notches:
            self.step(notches * (10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._shows_arrows and event.position().x() >= self.width() - _ARROWS:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.step(1 if event.position().y() < self.height() / 2 else -1)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_at_arrows = self._shows_arrows and event.position().x() >= self.width() - _ARROWS
        self.setCursor(Qt.CursorShape.ArrowCursor if is_at_arrows else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.setMouseTracking(True)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    @property
    def _shows_arrows(self) -> bool:
        return not self.isReadOnly() and self.isEnabled() and (self.hasFocus() or self.underMouse())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        place = self.rect().adjusted(0, 0, -_ARROWS - 2, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.attribute.unit)
        if self._shows_arrows:
            self._paint_arrows(painter)

    def _paint_arrows(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(painter.pen().color())
        painter.setPen(Qt.PenStyle.NoPen)
        centre = QRect(self.width() - _ARROWS - 2, 0, _ARROWS, self.height()).center()
        for direction in (-1, 1):
            tip = QPointF(centre.x() + 0.5, centre.y() + 0.5 + direction * 6)
            base = tip - QPointF(0, direction * 3.5)
            painter.drawPolygon(QPolygonF([tip, base - QPointF(3.5, 0), base + QPointF(3.5, 0)]))


class CredentialField(LineField):
    """Says where a secret is; shows whether it is there, and never what it is."""

    def _text_of(self, shown: Shown) -> str:
        return super()._text_of(shown) if str(shown.value).startswith(REFERENCES) else ""

    def show_value(self, shown: Shown) -> None:
        super().show_value(shown)
        if shown.is_set and not shown.is_mixed and not self._text_of(shown):
            self.setPlaceholderText(self.tr("(a secret, not shown)"))

    def hint(self) -> str:
        return words.reference_state(self._text_of(self.shown))


def _next(number: int | float, count: int, attribute: Attribute) -> int | float:
    """Return the number that is so many steps above another one; whole numbers of any size stay exact."""
    if attribute.type is Types.Integer:
        return int(number) + count
    size = _step_size(number, attribute)
    return float(f"{(round(number / size) + count) * size:.12g}")


def _step_size(number: float, attribute: Attribute) -> float:
    """Return a step that is a tenth of a number's size, such as 1 for 10 to 99."""
    if number:
        return float(10.0 ** (math.floor(math.log10(abs(number)) + 1e-9) - 1))
    largest = attribute.range[1] if attribute.range else math.inf
    return 1.0 if largest >= 10 else 0.1

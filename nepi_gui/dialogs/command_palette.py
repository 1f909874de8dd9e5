"""The command palette: one field over the window that finds commands, resource types and resources."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from nepi_gui.appearance import Appearance
from nepi_gui.dialogs.choice_list import ROW_HEIGHT, ChoiceDelegate, ChoiceModel
from nepi_gui.dialogs.choices import Choice, fitting

_WIDTH, _TOP, _EDGE = 660, 64, 16
_MOST_ROWS = 12
_SHADOW = 10
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(QWidget):
    """Lies over the whole window while it is open; a click beside its field closes it.

    Signals:
        chosen: a `Choice` that can be done; the palette is closed already.
        closed: it is closed, with or without a choice.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._appearance = appearance
        self._choices: Sequence[Choice] = ()
        self._recent: Sequence[str] = ()
        self.hide()
        self.plate = QFrame(self)
        self.plate.setBackgroundRole(QPalette.ColorRole.Base)
        self.plate.setAutoFillBackground(True)  # or else each letter would have the canvas below drawn anew
        self.field = QLineEdit(self.plate)
        self.field.setAccessibleName(self.tr("Search commands, resource types and resources"))
        self.field.setPlaceholderText(self.tr("What do you want to do, add or find?"))
        self.field.setFrame(False)
        self.field.installEventFilter(self)
        self.model = ChoiceModel(self)
        self.list = QListView(self.plate)
        self._nothing = QLabel(self.plate)
        self._hint = QLabel(self.tr("↑ ↓ choose   Enter do   Esc close"), self.plate)
        self._set_up_list()
        self._lay_out()
        self.setAccessibleName(self.tr("Command palette"))
        self.field.textChanged.connect(self._show_fitting)
        self.list.clicked.connect(self._choose)
        window.installEventFilter(self)
        self._set_fonts()

    def _set_up_list(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(ChoiceDelegate(self._appearance, self.list))
        self.list.setAccessibleName(self.tr("What fits"))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.setMinimumHeight(2 * ROW_HEIGHT)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self.plate)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for each in (self.field, self.list, self._nothing, self._hint):
            layout.addWidget(each)
        self.field.setTextMargins(12, 10, 12, 10)
        self._hint.setContentsMargins(14, 5, 14, 6)

    def _set_fonts(self) -> None:
        self._scale_font(self.field, 1.2)
        self._scale_font(self._hint, 0.85)
        for label in (self._hint, self._nothing):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def _scale_font(self, widget: QWidget, factor: float) -> None:
        font = widget.font()
        font.setPointSizeF(font.pointSizeF() * factor)
        widget.setFont(font)

    # -- open and close --------------------------------------------------------------------------------

    def open(self, choices: Sequence[Choice], recent: Sequence[str] = (), typed: str = "") -> None:
        """Show the field.

        Args:
            choices: all that can be chosen.
            recent: identities of what was chosen last, the last first.
            typed: letters that were typed already.
        """
        self._choices, self._recent = choices, recent
        self._show_fitting(typed)
        self.field.setText(typed)
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus()

    def close_palette(self) -> None:
        """Go away without a choice; nothing happens when it is not open."""
        if self.isVisible():
            self.hide()
            self._choices = ()
            self.model.show(())
            self.closed.emit()

    def _place(self) -> None:
        window = self._window
        self.setGeometry(window.rect())
        width = max(min(_WIDTH, window.width() - 2 * _EDGE), 80)
        top = min(_TOP, window.height() // 8)
        rows = min(_MOST_ROWS, self.model.rowCount(), max((window.height() - top - 120) // ROW_HEIGHT, 1))
        self.list.setVisible(rows > 0)
        self._nothing.setVisible(not rows)
        self.list.setFixedHeight(max(rows, 1) * ROW_HEIGHT)
        self.plate.setFixedWidth(width)
        before = self.plate.geometry()
        self.plate.adjustSize()
        self.plate.move((window.width() - width) // 2, top)
        if self.plate.geometry() != before:
            self.update(_with_shadow(before.united(self.plate.geometry())))

    # -- what fits -------------------------------------------------------------------------------------

    def _show_fitting(self, typed: str) -> None:
        self.model.show(fitting(self._choices, typed, self._recent))
        self._nothing.setText(self.tr("Nothing fits “{0}”.").format(typed.strip()))
        self.list.setCurrentIndex(self.model.index(0, 0))
        if self.isVisible():
            self._place()

    def _choose(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        choice = self.model.choice(index.row())
        if choice.is_enabled:
            self.close_palette()
            self.chosen.emit(choice)

    # -- events ----------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._press(event)
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> bool:
        """Do what a key in the field says to the list; tell whether it says anything."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
        elif key in _KEYS:
            self._go(key)
        else:
            return False
        return True

    def _go(self, key: int) -> None:
        total, page = self.model.rowCount(), _MOST_ROWS - 1
        if not total:
            return
        row = self.list.currentIndex().row()
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        step = steps[Qt.Key(key)]
        row = (row + step) % total if abs(step) == 1 else min(max(row + step, 0), total - 1)
        self.list.setCurrentIndex(self.model.index(row, 0))

    def focusNextPrevChild(self, forward: bool) -> bool:
        return True  # there is nothing but the field to go to as long as it is open

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.plate.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, place = self._appearance.theme, QRectF(self.plate.geometry())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for distance in range(_SHADOW, 0, -1):
            painter.setBrush(QColor(0, 0, 0, 5 if not theme.is_dark else 12))
            painter.drawRoundedRect(place.adjusted(-distance, 2 - distance, distance, 4 + distance), 8, 8)
        painter.setPen(QColor(theme.border))
        painter.setBrush(QColor(theme.plate))
        painter.drawRoundedRect(place.adjusted(-3.5, -3.5, 3.5, 3.5), 8, 8)


def _with_shadow(plate: QRect) -> QRect:
    return plate.adjusted(-_SHADOW, -_SHADOW, _SHADOW, _SHADOW + _SHADOW)

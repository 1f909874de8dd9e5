"""Fields that are chosen, not typed: one of several values, yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QMenu, QWidget

from nepi_core.attribute import Attribute, Types
from nepi_core.description import Value
from nepi_gui.document.attributes import Shown
from nepi_gui.panels.form import words
from nepi_gui.panels.form.outline import box_of, draw_edge
from nepi_gui.translation import translate


class ChoiceField(QComboBox):
    """One of the allowed values.

    Signals:
        as those of `LineField`.
    """

    committed = Signal(object)
    restored = Signal()
    menu_wanted = Signal(QMenu)
    is_pending = False

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self.shown = Shown()
        self._values = _choices(attribute)
        self.addItems([_choice_text(each) for each in self._values])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel scrolls the form until the field was chosen
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.activated.connect(self._choose)

    def show_value(self, shown: Shown) -> None:
        """Show what the value is now."""
        self.shown = shown
        self.setPlaceholderText(words.ghost_text(self.attribute, shown))
        is_known = not shown.is_mixed and shown.value in self._values
        self.setCurrentIndex(self._values.index(shown.value) if is_known else -1)
        if not is_known and not shown.is_mixed:
            self.setPlaceholderText(words.value_text(shown.value))

    def hint(self) -> str:
        """Return what stands below the field."""
        return ""

    def lock(self, locked: bool) -> None:
        """Take nothing from the user."""
        self.setEnabled(not locked)

    def settle(self) -> None:
        """There is nothing to tell: a choice is told at once."""

    def accept_value(self) -> None:
        """Take note that the value was kept as it was told."""

    def restore(self) -> None:
        """Show again what the value is."""
        self.show_value(self.shown)
        self.restored.emit()

    def _choose(self, index: int) -> None:
        self.committed.emit(self._values[index])

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class SwitchField(QCheckBox):
    """Yes or no; beside the box stands what it is about, as far as there is room.

    Signals:
        as those of `LineField`.
    """

    committed = Signal(object)
    restored = Signal()
    menu_wanted = Signal(QMenu)
    is_pending = False

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.attribute = attribute
        self.shown = Shown()
        self.clicked.connect(self._choose)

    def show_value(self, shown: Shown) -> None:
        """Show what the value is now."""
        self.shown = shown
        self.setTristate(shown.is_mixed)
        if shown.is_mixed:
            self.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self.setChecked(shown.value is True)

    def nextCheckState(self) -> None:
        self.setCheckState(
            Qt.CheckState.Unchecked if self.checkState() is Qt.CheckState.Checked else Qt.CheckState.Checked
        )

    def hint(self) -> str:
        """Return what stands below the field."""
        return ""

    def lock(self, locked: bool) -> None:
        """Take nothing from the user."""
        self.setEnabled(not locked)

    def settle(self) -> None:
        """There is nothing to tell: a choice is told at once."""

    def accept_value(self) -> None:
        """Take note that the value was kept as it was told."""

    def restore(self) -> None:
        """Show again what the value is."""
        self.show_value(self.shown)
        self.restored.emit()

    def sizeHint(self) -> QSize:
        """Return a size that is as high as the other fields, so that rows are alike."""
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self.fontMetrics().height() + 8))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, box = QPainter(self), box_of(self)
        draw_edge(painter, self, box)
        text = words.ghost_text(self.attribute, self.shown) if self.shown.is_mixed else self.attribute.help
        room = self.rect().adjusted(box.right() + 8, 0, 0, 0)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        cut = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)

    def hitButton(self, place: QPoint) -> bool:
        """Take a click on the box or on what is said beside it."""
        return self.rect().contains(place)

    def _choose(self) -> None:
        self.committed.emit(self.checkState() is Qt.CheckState.Checked)


def _choices(attribute: Attribute) -> Sequence[Value | None]:
    allowed = (True, False) if attribute.type is Types.Bool else attribute.allowed or ()
    return (None, *allowed) if attribute.default is None else allowed


def _choice_text(value: Value | None) -> str:
    if value is None:
        return translate("Attributes", "not set")
    if isinstance(value, bool):
        return translate("Attributes", "yes") if value else translate("Attributes", "no")
    return str(value)

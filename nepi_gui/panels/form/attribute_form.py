"""The rows for all attributes of a resource type, or of those that several types have in common; made once for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from nepi_core.attribute import Attribute, Flags
from nepi_gui.appearance import Appearance
from nepi_gui.document.attributes import Shown
from nepi_gui.panels.form.fold import Fold
from nepi_gui.panels.form.row import AttributeRow

_MOST_WITHOUT_SEARCH = 12
_WIDEST_LABEL = 150

Look = Callable[[Attribute], tuple[Shown, str]]
"""Tells what an attribute is now, and why it cannot be set, "" when it can."""


class AttributeForm(QWidget):
    """Shows attributes; those of more general types are folded away below the others.

    Signals:
        committed: the user wants a value: name of the attribute, and the value, None for the default.
        hosts_wanted: this `HostField` is about to need the names of hosts.
        more_toggled: the user has opened or closed what is folded away.

    Attributes:
        rows: by name; those that are folded away are made when they are wanted first.
        search: the field that narrows a long form; None in a short one.
    """

    committed = Signal(str, object)
    hosts_wanted = Signal(object)
    more_toggled = Signal(bool)

    def __init__(
        self,
        special: Sequence[Attribute],
        general: Sequence[Attribute],
        appearance: Appearance,
        parent: QWidget,
        is_open: bool = False,
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._special = [each for each in special if not each.has_flag(Flags.Reserved)]
        self._general = [each for each in general if not each.has_flag(Flags.Reserved)]
        self.rows: dict[str, AttributeRow] = {}
        self.search: QLineEdit | None = None
        self.more: Fold | None = None
        self._look: Look = _nothing
        self._remarks: Mapping[str, str] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        if len(self.attributes) > _MOST_WITHOUT_SEARCH:
            self._add_search()
        self._add_rows(self._special, self._column, self)
        self._nothing = QLabel(self, wordWrap=True, margin=12, alignment=Qt.AlignmentFlag.AlignHCenter)
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.hide()
        self._column.addWidget(self._nothing)
        if self._general:
            self._add_more(is_open or not self._special)

    @property
    def attributes(self) -> list[Attribute]:
        """All attributes, in the order of the form."""
        return [*self._special, *self._general]

    def _add_search(self) -> None:
        self.search = QLineEdit(self, placeholderText=self.tr("Search attributes"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search attributes"))
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self._column.addWidget(self.search)
        self._column.addSpacing(4)

    def _add_more(self, is_open: bool) -> None:
        self.more = Fold(self.tr("More"), is_open, self)
        self.more.toggled.connect(self._on_toggled)
        self._column.addWidget(self.more)
        if is_open:
            self._make_more()

    def _make_more(self) -> None:
        """Make the rows that are folded away."""
        if self.more is not None and not self._has_more:
            self._add_rows(self._general, self.more.column, self.more.body)

    @property
    def _has_more(self) -> bool:
        return bool(self._general) and self._general[0].name in self.rows

    def _add_rows(self, attributes: Iterable[Attribute], column: QVBoxLayout, parent: QWidget) -> None:
        for attribute in attributes:
            row = self.rows[attribute.name] = AttributeRow(attribute, self._appearance, parent)
            row.committed.connect(self.committed)
            row.hosts_wanted.connect(self.hosts_wanted)
            row.show_remark(self._remarks.get(attribute.name, ""))
            column.addWidget(row)
            row.show()  # at once, where Qt would wait: the keyboard may be meant to go there
        width = min(max((row.label_width() for row in self.rows.values()), default=0), _WIDEST_LABEL)
        for row in self.rows.values():
            row.set_label_width(width)

    # -- values ----------------------------------------------------------------------------------------

    def show_values(self, look: Look, anew: bool = False) -> None:
        """Show values.

        Args:
            look: tells them, also later when what is folded away is opened.
            anew: they are those of other resources than before.
        """
        self._look = look
        for row in self.rows.values():
            row.show_value(*look(row.attribute), anew)
        self._count_more()

    def show_one(self, name: str) -> None:
        """Show the value of one attribute as it is now."""
        row = self.rows[name]
        row.show_value(*self._look(row.attribute))
        self._count_more()

    def show_remarks(self, remarks: Mapping[str, str]) -> None:
        """Say something below the fields of some attributes, and nothing below those of others."""
        self._remarks = remarks
        for name, row in self.rows.items():
            row.show_remark(remarks.get(name, ""))

    def _count_more(self) -> None:
        if self.more is not None:
            number = sum(self._look(each)[0].is_set for each in self._general)
            self.more.set_title(self.tr("More ({0} changed)").format(number) if number else self.tr("More"))

    def settle(self) -> None:
        """Tell what was typed."""
        for row in self.rows.values():
            if row.field.is_pending:
                row.settle()

    # -- what is seen ----------------------------------------------------------------------------------

    def row(self, name: str) -> AttributeRow | None:
        """Return the row of an attribute, brought to where it can be seen; None when there is none."""
        if name not in self.rows and any(each.name == name for each in self._general):
            self._open_more()
        row = self.rows.get(name)
        if row is not None and row.isHidden() and self.search is not None:
            self.search.clear()
        if row is not None and self.more is not None and self.more.isAncestorOf(row):
            self._open_more()
        return row

    def _open_more(self) -> None:
        if self.more is not None:
            self.more.open()
            self._fill_more()

    def _on_toggled(self, is_open: bool) -> None:
        if is_open:
            self._fill_more()
        self.more_toggled.emit(is_open)

    def _fill_more(self) -> None:
        if not self._has_more:
            self._make_more()
            self.show_values(self._look)

    def open_more(self, is_open: bool) -> None:
        """Fold away, or open, what is general."""
        if self.more is not None and self._special and self.more.is_open != is_open:
            self.more.open(is_open)
            if is_open:
                self._fill_more()

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        if wanted:
            self._fill_more()
        found = {each.name for each in self.attributes if _fits(each, wanted)}
        for name, row in self.rows.items():
            row.setVisible(name in found)
        if self.more is not None:
            is_found = any(each.name in found for each in self._general)
            self.more.setVisible(is_found)
            self.more.body.setVisible(is_found if wanted else self.more.is_open)
        self._nothing.setText(self.tr("No attribute fits “{0}”.").format(text.strip()))
        self._nothing.setVisible(not found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and watched is self.search:
            return self._press(event, self.search)
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent, search: QLineEdit) -> bool:
        """Do what a key in the search field says to the rows; tell whether it says anything."""
        if event.key() == Qt.Key.Key_Escape and search.text():
            search.clear()
            return True
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            seen = [self.rows[each.name] for each in self.attributes if each.name in self.rows]
            for row in seen:
                if not row.isHidden():
                    row.field.setFocus()
                    return True
        return False


def _fits(attribute: Attribute, wanted: Sequence[str]) -> bool:
    about = f"{attribute.name} {attribute.help}".casefold()
    return all(word in about for word in wanted)


def _nothing(attribute: Attribute) -> tuple[Shown, str]:
    return Shown(attribute.default, default=attribute.default), ""

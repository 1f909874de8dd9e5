"""Short lists in the form: lines that can be clicked and removed, kept and used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from nepi_gui import icons
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.form.cut_button import CutButton

_MOST, _TIMES = 20, 10
"""Lines that are shown at first; each click shows so many times more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line.

    Attributes:
        key: what the list's signals call it.
        icon: name of its icon.
        remove: what the button at its end is called; "" for no button.
    """

    key: object
    text: str
    icon: str = ""
    tip: str = ""
    remove: str = ""


class EntryList(QWidget):
    """Some lines.

    Signals:
        chosen: a line was clicked.
        removed: the button at a line's end was clicked.
    """

    chosen = Signal(object)
    removed = Signal(object)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.entries: list[Entry] = []
        self._room = _MOST
        self.lines: list[_Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(4, 0, 0, 0)
        self._column.setSpacing(0)
        self._more = QToolButton(self)
        self._more.setAutoRaise(True)
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._more.setAccessibleName(self.tr("Show more"))
        self._more.clicked.connect(self._show_more)
        self._column.addWidget(self._more)

    def show_entries(self, entries: Sequence[Entry], anew: bool = True) -> None:
        """Show these lines.

        Args:
            anew: they have nothing to do with those before.
        """
        if anew:
            self._room = _MOST
        self.entries = list(entries)
        shown = self.entries if len(entries) <= self._room + 1 else self.entries[: self._room]
        while len(self.lines) < len(shown):
            line = _Line(self)
            self.lines.append(line)
            self._column.insertWidget(len(self.lines) - 1, line)
        for line, entry in zip(self.lines, shown, strict=False):
            line.show_entry(entry)
        for number, line in enumerate(self.lines):
            line.setVisible(number < len(shown))
        rest = len(entries) - len(shown)
        self._more.setVisible(rest > 0)
        self._more.setText(self.tr("{0} more…").format(rest))
        self.setVisible(bool(entries))

    def _show_more(self) -> None:
        self._room *= _TIMES
        self.show_entries(self.entries, anew=False)


class _Line(QWidget):
    def __init__(self, listed: EntryList) -> None:
        super().__init__(listed)
        self._listed = listed
        self.entry = Entry(None, "")
        self.button = CutButton(self)
        self.remove = QToolButton(self)
        self.remove.setAutoRaise(True)
        self.remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove.setIcon(icons.icon("remove"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 2, 0)
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.remove)
        self.button.clicked.connect(self._choose)
        self.remove.clicked.connect(self._remove)

    def show_entry(self, entry: Entry) -> None:
        self.entry = entry
        self.button.setIcon(icons.icon(entry.icon))
        self.button.setToolTip(plain_tool_tip(entry.tip or entry.text))
        self.button.show_text(entry.text)
        self.remove.setVisible(bool(entry.remove))
        self.remove.setToolTip(plain_tool_tip(entry.remove))
        self.remove.setAccessibleName(entry.remove or self.tr("Remove"))

    def _choose(self) -> None:
        self._listed.chosen.emit(self.entry.key)

    def _remove(self) -> None:
        self._listed.removed.emit(self.entry.key)

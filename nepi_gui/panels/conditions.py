"""Conditions, a sentence each, whose parts are edited in place."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_core.errors import NepiError
from nepi_gui import icons
from nepi_gui.document import conditions
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.schedule import ConditionKey
from nepi_gui.document.sentences import Part, find
from nepi_gui.editor import Editor
from nepi_gui.panels.condition_editing import ConditionEditor
from nepi_gui.panels.condition_list import ConditionList, keys_of
from nepi_gui.panels.refreshing import Refreshing

_SHOWN = Aspect.CONDITIONS | Aspect.LOOK | Aspect.ATTRIBUTES
_ALL = "conditions/all"


class ConditionsPanel(QWidget):
    """Lists the conditions of what is selected, or all; adds, edits and removes them.

    Signals:
        picking_wanted: the user wants to click on the canvas what a condition (its key) waits for.
    """

    picking_wanted = Signal(object)

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.list = ConditionList(editor, self)
        self.editing = ConditionEditor(editor, self)
        self._empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True, margin=16)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.list)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.addLayout(self._make_choice())
        column.addLayout(self._pages, 1)
        column.addLayout(self._make_buttons())
        self.setFocusProxy(self.list)
        self._refreshing = Refreshing(self, self.refresh)
        self._listen()

    def _make_choice(self) -> QHBoxLayout:
        """Return the row that says whose conditions are listed."""
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        self._whose = QButtonGroup(self)
        self.selected_button = self._make_button("", self.tr("Selected"), self.tr("Those of what is selected"))
        self.all_button = self._make_button("", self.tr("All"), self.tr("All conditions of the experiment"))
        for button in (self.selected_button, self.all_button):
            button.setCheckable(True)
            self._whose.addButton(button)
            row.addWidget(button)
        shows_all = self._editor.settings.is_on(_ALL)
        (self.all_button if shows_all else self.selected_button).setChecked(True)
        self._number = QLabel()
        row.addStretch()
        row.addWidget(self._number)
        return row

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        self.add_button = self._make_button("add", self.tr("Condition"), self.tr("Have something wait"))
        self.change_button = self._make_button(
            "add", self.tr("Planned change"), self.tr("Have an attribute set during the run")
        )
        self.add_button.clicked.connect(self.add)
        self.change_button.clicked.connect(self.add_change)
        row.addWidget(self.add_button)
        row.addWidget(self.change_button)
        row.addStretch()
        return row

    def _make_button(self, icon: str, text: str, help: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(help)
        button.setAutoRaise(True)
        if icon:
            button.setIcon(icons.icon(icon))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _listen(self) -> None:
        editor = self._editor
        editor.document.changed.connect(self._on_change)
        for news in (editor.selection.changed, editor.schedule.changed, editor.appearance.changed):
            news.connect(self._refreshing.soon)
        self._whose.buttonClicked.connect(self._choose_whose)
        self.list.part_wanted.connect(self._edit)
        self.list.deletion_wanted.connect(self.remove)
        self.list.copy_wanted.connect(self.duplicate)
        self.editing.moved.connect(self.show_condition)
        self.editing.picking_wanted.connect(self.picking_wanted)

    # -- what is shown ---------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        if change.concerns(_SHOWN) or "changes" in change.parts:
            self._refreshing.soon()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._editor.schedule.look("conditions", True)
        self._refreshing.shown()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._editor.schedule.look("conditions", False)

    def refresh(self) -> None:
        """List the conditions as they are now."""
        selected = frozenset(self._editor.selection.guids)
        shows_all = self.all_button.isChecked() or not selected
        keys = keys_of(self._editor, None if shows_all else selected)
        self.list.show_keys(keys)
        self._pages.setCurrentIndex(0 if keys else 1)
        self._number.setText(str(len(keys)) if keys else "")
        self._number.setToolTip(self.tr("{0} conditions and planned changes").format(len(keys)))
        if not keys:
            self._empty.setText(self._empty_text(shows_all))

    def _empty_text(self, shows_all: bool) -> str:
        if shows_all:
            return self.tr(
                "No conditions: everything is deployed and started at once.\n\n"
                "Select two resources and press “+ Condition” to have the second wait for the first."
            )
        return self.tr("What is selected waits for nothing, and nothing waits for it.")

    def _choose_whose(self) -> None:
        self._editor.settings.keep(_ALL, self.all_button.isChecked())
        self.refresh()

    def show_condition(self, key: ConditionKey) -> None:
        """Bring a condition into view, as the current one."""
        self._refreshing.at_once()
        if key not in self.list.conditions.keys:
            self.all_button.setChecked(True)
            self.refresh()
        self.list.choose(key)
        self.list.scrollTo(self.list.currentIndex())
        self.list.setFocus()

    # -- what is done ----------------------------------------------------------------------------------

    def _edit(self, key: ConditionKey, part: str, rect: QRect) -> None:
        self.editing.edit(key, Part(part), rect)

    def add(self) -> None:
        """Add a condition that the user may want."""
        guess = conditions.guess_condition(self._editor.document.description, self._editor.selection.guids)
        if guess is None:
            self._editor.tell(self.tr("There is nothing that could wait yet: add resources first."))
            return
        try:
            self.show_condition(conditions.add_condition(self._editor.document, *guess))
        except NepiError as error:
            self._editor.tell(str(error))

    def add_change(self) -> None:
        """Plan a change of an attribute that the user may want."""
        guess = conditions.guess_change(self._editor.document.description, self._editor.selection.guids)
        if guess is None:
            self._editor.tell(self.tr("There is no attribute that could be set during a run."))
            return
        try:
            self.show_condition(conditions.add_change(self._editor.document, guess))
        except NepiError as error:
            self._editor.tell(str(error))

    def duplicate(self, key: ConditionKey) -> None:
        """Add a condition once more, to be altered."""
        try:
            self.show_condition(conditions.duplicate(self._editor.document, key))
        except NepiError as error:
            self._editor.tell(str(error))

    def remove(self, keys: list[ConditionKey]) -> None:
        """Take conditions away."""
        present = [key for key in keys if find(self._editor.document.description, key) is not None]
        row = self.list.currentIndex().row()
        if present:
            conditions.remove_conditions(self._editor.document, present)
        self._refreshing.at_once()
        if row >= 0 and self.list.current_key() is None:  # the keyboard goes on where it was
            self.list.choose_row(row)
        self.list.setFocus()

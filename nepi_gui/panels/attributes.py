"""Attributes, traces and note of what is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from nepi_core.factory import ResourceFactory
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.document.change import Aspect, Change
from nepi_gui.editor import Editor
from nepi_gui.panels.form import words
from nepi_gui.panels.form.experiment_page import ExperimentPage
from nepi_gui.panels.form.note_page import NotePage
from nepi_gui.panels.form.resource_page import ResourcePage
from nepi_gui.panels.form.row import AttributeRow
from nepi_gui.panels.refreshing import Refreshing

_SHOWN = ~Aspect.PLACE
_HELP_LINES = 3
_FINDING_LINES = 4


class AttributesPanel(QWidget):
    """A form for what is selected: resources, notes, or else the experiment.

    Signals:
        help_wanted: the user asks what the selected resource's type is for.
        left: what had the keyboard is no longer shown; it is to go back to the canvas.
    """

    help_wanted = Signal()
    left = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._is_anew = True
        self._target: tuple[list[int], list[int]] = ([], [])
        self.resources = ResourcePage(editor, self)
        self.experiment = ExperimentPage(editor, self)
        self.notes = NotePage(editor.document, editor.appearance, self)
        self.page: ResourcePage | ExperimentPage | NotePage = self.experiment
        self._help = QLabel(self, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._help.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._help.setFixedHeight(_HELP_LINES * self.fontMetrics().lineSpacing() + 6)
        self._lay_out()
        self._refreshing = Refreshing(self, self.refresh)
        self._listen()

    def _lay_out(self) -> None:
        self._content = QWidget(self)
        self._column = column = QVBoxLayout(self._content)
        column.setContentsMargins(8, 6, 6, 6)
        for page in (self.resources, self.experiment, self.notes):
            column.addWidget(page)
            page.setVisible(page is self.page)
        column.addStretch()
        self.area = QScrollArea(self, widgetResizable=True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._content)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        line.setFrameShadow(QFrame.Shadow.Plain)
        self._whole = whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.area, 1)
        whole.addWidget(self._make_findings())
        whole.addWidget(line)
        whole.addWidget(self._help)
        self._help.setContentsMargins(8, 3, 8, 3)

    def _make_findings(self) -> QScrollArea:
        """Return the place of the findings: below the form, whose rows stay where they are when findings come."""
        self._findings = QScrollArea(self, widgetResizable=True)
        self._findings.setFrameShape(QFrame.Shape.NoFrame)
        self._findings.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._findings.setWidget(self.resources.findings)
        self._findings.hide()
        return self._findings

    def _fit_findings(self) -> None:
        """Have as much room for the findings as they need, up to some lines."""
        listed = self.resources.findings
        number = min(len(listed.entries), _FINDING_LINES) if self.page is self.resources else 0
        height = number * listed.lines[0].sizeHint().height() if number else 0
        if height != self._findings.height() or self._findings.isHidden() == bool(number):
            self._findings.setFixedHeight(height)
            self._findings.setVisible(bool(number))
            if row := self.focused_row():
                self._whole.activate()
                self._bring_into_view(row)

    def _listen(self) -> None:
        editor = self._editor
        editor.document.changed.connect(self._on_change)
        editor.selection.changed.connect(self._refreshing.soon)
        editor.findings.changed.connect(self._on_findings)
        editor.appearance.changed.connect(self._refreshing.soon)
        editor.settling.connect(self.settle)
        self.resources.help_wanted.connect(self.help_wanted)
        QApplication.instance().focusChanged.connect(self._on_focus)  # type: ignore[union-attr]  # there is one

    # -- what is shown -------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        self._is_anew = self._is_anew or change.anew
        if change.anew or change.parts or self._concerns(change):
            self._refreshing.soon()

    def _concerns(self, change: Change) -> bool:
        """Tell whether a change concerns what is shown, or the names of what it is connected to."""
        if change.added or change.removed:
            return True
        shown = set(self._editor.selection.guids)
        if not shown:
            return False
        if len(shown) == 1:
            for guid in tuple(shown):
                found = self._editor.document.description.resources.get(guid)
                shown |= found.connections if found else set()
        return any(aspects & _SHOWN and guid in shown for guid, aspects in change.altered.items())

    def _on_findings(self) -> None:
        if self.isVisible() and not self._refreshing.is_stale and self.page is self.resources:
            self.resources.show_findings()
            self._fit_findings()
        else:
            self._refreshing.soon()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.shown()

    def refresh(self) -> None:
        """Show what is selected as it is now."""
        had_keyboard = self._has_keyboard()
        self._show_selected()
        if had_keyboard and not self._has_keyboard():
            self.left.emit()  # else it would be with whatever comes next, such as the search of the palette

    def _has_keyboard(self) -> bool:
        widget = QApplication.focusWidget()
        return widget is not None and self.isAncestorOf(widget)

    def _show_selected(self) -> None:
        self._take_in_what_was_typed()
        anew, self._is_anew = self._is_anew, False
        selection = self._editor.selection
        if anew:
            self.resources.guids, self.notes.numbers = [], []
        if selection.guids:
            form = self.resources.form
            self.resources.show_resources(selection.guids)
            self._show_page(self.resources)
            if form is not self.resources.form:
                self.area.verticalScrollBar().setValue(0)
        elif selection.notes:
            self.notes.show_notes(selection.notes)
            self._show_page(self.notes)
        else:
            self.experiment.show_experiment(anew)
            self._show_page(self.experiment)
        self._forget_hidden()
        self._fit_findings()
        self._show_help()

    def _forget_hidden(self) -> None:
        """Have what is shown next count as new, also when it has the number of what was shown before."""
        if self.page is not self.resources:
            self.resources.guids = []
        if self.page is not self.notes:
            self.notes.numbers = []

    def _take_in_what_was_typed(self) -> None:
        """Have what was typed for the things that were selected before, before others take their place."""
        selection = self._editor.selection
        target = (selection.guids, selection.notes)
        if target != self._target and not self._is_anew:
            self.settle()
        self._target = target

    def _show_page(self, page: ResourcePage | ExperimentPage | NotePage) -> None:
        if page is not self.page:
            self.page.hide()
            self.page = page
            page.show()
            self.area.verticalScrollBar().setValue(0)

    def settle(self) -> None:
        """Take in what was typed."""
        self.page.settle()

    # -- where the keyboard is -----------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._refreshing.catch_up()
        if field := self._first_field():
            field.setFocus(event.reason())

    def _first_field(self) -> QWidget | None:
        rows: dict[str, AttributeRow] = {}
        if self.page is self.resources and self.resources.form is not None:
            rows = self.resources.form.rows
        elif self.page is self.experiment:
            rows = self.experiment.rows
        first = next((row.field for row in rows.values() if not row.isHidden()), None)
        return first or (self.notes.text if self.page is self.notes else self.resources.head.name)

    def focus_attribute(self, name: str) -> bool:
        """Go to the field of an attribute of what is selected; tell whether there is one."""
        self._refreshing.catch_up()
        row = self.resources.form.row(name) if self.page is self.resources and self.resources.form else None
        if row is None:
            return False
        row.field.setFocus()
        self._bring_into_view(row)
        return True

    def focus_search(self) -> bool:
        """Go to the field that searches among the attributes; tell whether there is one."""
        self._refreshing.catch_up()
        search = self.resources.form.search if self.page is self.resources and self.resources.form else None
        if search is not None:
            search.setFocus()
            search.selectAll()
        return search is not None

    def focused_row(self) -> AttributeRow | None:
        """Return the row that has the keyboard."""
        found = QApplication.focusWidget()
        while found is not None and found is not self:
            if isinstance(found, AttributeRow):
                return found
            found = found.parentWidget()
        return None

    def reset_focused(self) -> bool:
        """Return the attribute that has the keyboard to its default; tell whether one has it."""
        row = self.focused_row()
        if row is not None:
            row.reset()
        return row is not None

    def _on_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self.area.isAncestorOf(now):
            self._bring_into_view(self.focused_row() or now)
        if self.isVisible():
            self._show_help()

    def _bring_into_view(self, widget: QWidget) -> None:
        if self._column.activate():  # rows that were shown just now have no place yet
            self._content.adjustSize()
        self.area.ensureWidgetVisible(widget, 0, 8)

    def _show_help(self) -> None:
        row = self.focused_row()
        text = words.help_of(row.attribute) if row is not None else self._page_help()
        self._help.setText(text)
        self._help.setToolTip(plain_tool_tip(text) if text else "")

    def _page_help(self) -> str:
        """Return what is said when no attribute has the keyboard: what the type is for."""
        guids = self._editor.selection.guids
        resource = self._editor.document.description.resources.get(guids[0]) if len(guids) == 1 else None
        declared = ResourceFactory.find(resource.rtype) if resource else None
        return declared.get_help() if declared else ""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _deletes(event):
            event.accept()  # whoever edits an attribute does not mean to delete the resource
            return True
        return super().event(event)


def _deletes(event: QKeyEvent) -> bool:
    keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
    return event.key() in keys and event.modifiers() == Qt.KeyboardModifier.NoModifier

"""Edits a part of a condition where it stands: opens a menu or a small window, and takes a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from nepi_core.attribute import Attribute, Types
from nepi_core.description import AttributeChange, Condition
from nepi_core.errors import NepiError
from nepi_core.states import ResourceAction, ResourceState
from nepi_gui.document import conditions
from nepi_gui.document.schedule import ConditionKey
from nepi_gui.document.sentences import Part, find, read_delay, shown_delay
from nepi_gui.editor import Editor
from nepi_gui.panels.popups import Popup, ResourcePopup, TextPopup

_USUAL_STATES = (ResourceState.READY, ResourceState.STARTED, ResourceState.STOPPED)
_OTHER_STATES = (
    ResourceState.DISCOVERED,
    ResourceState.PROVISIONED,
    ResourceState.FAILED,
    ResourceState.RELEASED,
)
_OFFERED_DELAYS = ("0", "1 s", "5 s", "10 s", "1 min")


class ConditionEditor(QObject):
    """Lets the user edit parts of conditions and planned changes; each edit is one step.

    Signals:
        picking_wanted: the user wants to click on the canvas what a condition (its key) waits for.
        moved: a condition has another key, and which.
    """

    picking_wanted = Signal(object)
    moved = Signal(object)

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._editor = editor
        self._document = editor.document
        self.popup: Popup | QMenu | None = None
        editor.settling.connect(self.settle)

    def edit(self, key: ConditionKey, part: Part, rect: QRect) -> None:
        """Open what edits a part that stands at a place of the screen."""
        found = find(self._document.description, key)
        if isinstance(found, Condition):
            self._edit_condition(key, found, part, rect)
        elif found is not None:
            self._edit_change(key, found, part, rect)

    def settle(self) -> None:
        """Take in what was ticked or typed in the window that is open, and close it."""
        if self.popup is not None:
            self.popup.close()

    def _edit_condition(self, key: ConditionKey, found: Condition, part: Part, rect: QRect) -> None:
        if part is Part.ACTION:
            actions = {each.name: partial(self._put_field, key, "action", each) for each in ResourceAction}
            self._show_menu([actions], found.action.name, rect)
        elif part is Part.RESOURCE:
            title = self.tr("What waits")
            self._choose(title, (key[0],), False, partial(self._give, key), rect)
        else:
            self._edit_waiting(key, found, part, rect)

    def _edit_change(self, key: ConditionKey, found: AttributeChange, part: Part, rect: QRect) -> None:
        if part is Part.NAME:
            names = conditions.changeable(self._document.description, found.guids)
            if not names:
                self._editor.tell(self.tr("There is no attribute that could be set during a run."))
                return
            self._show_menu([{each: partial(self._rename, key, each) for each in names}], found.name, rect)
        elif part is Part.RESOURCE:
            title = self.tr("What is changed")
            self._choose(title, found.guids, True, partial(self._put_field, key, "guids"), rect)
        elif part is Part.VALUE:
            self._edit_value(key, found, rect)
        else:
            self._edit_waiting(key, found, part, rect)

    def _edit_waiting(self, key: ConditionKey, found: Condition | AttributeChange, part: Part, rect: QRect) -> None:
        if part is Part.DELAY:
            title = self.tr("Delay, such as 2s, 500ms or 2m30s; nothing for at once")
            text = shown_delay(found.time)
            self._ask(title, text, partial(self._put_delay, key), rect, _OFFERED_DELAYS)
        elif part is Part.GROUP:
            title = self.tr("What is waited for")
            popup = self._choose(title, found.group, True, partial(self._put_field, key, "group"), rect)
            popup.picking_wanted.connect(partial(self.picking_wanted.emit, key))
        else:
            groups = [
                {each.name: partial(self._put_field, key, "state", each) for each in states}
                for states in (_USUAL_STATES, _OTHER_STATES)
            ]
            self._show_menu(groups, found.state.name, rect)

    def _edit_value(self, key: ConditionKey, found: AttributeChange, rect: QRect) -> None:
        attribute = self._declaration(found)
        allowed: Sequence[object] = (attribute.allowed or ()) if attribute else ()
        if attribute and attribute.type is Types.Bool:
            allowed = (True, False)
        if allowed:
            choices = {str(each): partial(self._put_field, key, "value", each) for each in allowed}
            self._show_menu([choices], str(found.value), rect)
            return
        expected = attribute.expectation() if attribute else self.tr("a text")
        title = self.tr("New value of {0}: {1}").format(found.name, expected)
        value = "" if found.value is None else str(found.value)
        self._ask(title, value, partial(self._put_field, key, "value"), rect)

    def _declaration(self, change: AttributeChange) -> Attribute | None:
        """Return the attribute that is changed; None when nobody knows it, or no resource is named (any more)."""
        guid = next(iter(change.guids), 0)
        return conditions.attribute_of(self._document.description, guid, change.name)

    # -- windows -----------------------------------------------------------------------------------

    def _show_menu(self, groups: Iterable[Mapping[str, Callable[[], str]]], present: str, rect: QRect) -> None:
        self._close()
        menu = self.popup = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.destroyed.connect(self._forget)
        for group in groups:
            if not menu.isEmpty():
                menu.addSeparator()
            for text, run in group.items():
                action = QAction(text.replace("&", "&&"), menu, checkable=True, checked=text == present)
                action.triggered.connect(partial(self._run, run))
                menu.addAction(action)
        menu.popup(rect.bottomLeft())

    def _run(self, work: Callable[[], str], *_: object) -> None:
        if refusal := work():
            self._editor.tell(refusal)

    def _ask(
        self, title: str, text: str, commit: Callable[[object], str], rect: QRect, offers: Iterable[str] = ()
    ) -> None:
        self._open(TextPopup(title, text, commit, self._editor.appearance.theme, self._widget, offers), rect)

    def _choose(
        self, title: str, chosen: Sequence[int], several: bool, commit: Callable[[object], str], rect: QRect
    ) -> ResourcePopup:
        theme = self._editor.appearance.theme
        popup = ResourcePopup(title, self._document.freeze(), chosen, several, commit, theme, self._widget)
        self._open(popup, rect)
        return popup

    def _open(self, popup: Popup, rect: QRect) -> None:
        self._close()
        self.popup = popup
        popup.refused.connect(self._editor.tell)
        popup.destroyed.connect(self._forget)
        popup.open_at(rect)

    def _close(self) -> None:
        if self.popup is not None:
            self.popup.destroyed.disconnect(self._forget)
            self.popup.close()
            self.popup = None

    def _forget(self) -> None:
        self.popup = None

    # -- steps -------------------------------------------------------------------------------------

    def _put(self, key: ConditionKey, wanted: Condition | AttributeChange) -> str:
        """Put a condition in the place of another one; return in a sentence why that cannot be."""
        try:
            if isinstance(wanted, Condition):
                conditions.replace_condition(self._document, key, wanted)
            else:
                conditions.replace_change(self._document, key, wanted)
        except NepiError as error:
            return str(error)
        return ""

    def _put_field(self, key: ConditionKey, name: str, value: object) -> str:
        found = find(self._document.description, key)
        if found is None:
            return self.tr("It was removed meanwhile.")
        if name == "value" and value == "":
            value = self._empty_value(found)
        return self._put(key, replace(found, **{name: value}))  # type: ignore[arg-type]  # fields by name

    def _empty_value(self, found: Condition | AttributeChange) -> str | None:
        """Return what an empty field means: no text for texts, the default for the others."""
        if not isinstance(found, AttributeChange):
            return None
        attribute = self._declaration(found)
        return "" if attribute is None or attribute.type is Types.String else None

    def _put_delay(self, key: ConditionKey, text: object) -> str:
        try:
            return self._put_field(key, "time", read_delay(str(text)))
        except NepiError as error:
            return str(error)

    def _give(self, key: ConditionKey, guid: object) -> str:
        assert isinstance(guid, int)
        try:
            self.moved.emit(conditions.give_condition(self._document, key, guid))
        except NepiError as error:
            return str(error)
        return ""

    def _rename(self, key: ConditionKey, name: str) -> str:
        """Change another attribute, to the value that it has now."""
        found = find(self._document.description, key)
        if not isinstance(found, AttributeChange) or found.guids[0] not in self._document.description.resources:
            return self.tr("It was removed meanwhile.")
        guid = found.guids[0]
        attribute = conditions.attribute_of(self._document.description, guid, name)
        set_value = self._document.description.resources[guid].attributes.get(name)
        value = set_value if set_value is not None or attribute is None else attribute.default
        return self._put(key, replace(found, name=name, value=value))

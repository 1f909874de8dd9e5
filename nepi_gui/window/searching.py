"""The command palette and the palette of types: what was found there is done, added or shown."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QCursor, QKeySequence

from nepi_gui.dialogs.choices import Choice, Kind, resource_choices, type_choices
from nepi_gui.dialogs.command_palette import CommandPalette
from nepi_gui.panels.palette import PalettePanel
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.linking import LinkingFeature

_RECENT = "search/recent"
_MOST_RECENT = 20
_SELF = "search.everything"


class SearchingFeature(Feature):
    """Opens the command palette, and does what was chosen in it."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands that open search fields."""
        menu = self.tr("&Edit")
        yield Command(
            _SELF,
            self.tr("Command palett&e…"),
            self.open,
            menu,
            ("Ctrl+K", "Ctrl+Shift+P"),
            self.tr("Search all commands, resource types and resources."),
            "search",
            separated=True,
        )
        yield Command(
            "search.types",
            self.tr("Search t&ypes…"),
            self._search_types,
            menu,
            ("Ctrl+Shift+K",),
            self.tr("Search the palette of resource types."),
        )

    def opened(self) -> None:
        """Listen to who wants to search, and to who wants to add."""
        self._place: QPointF | None = None
        self.palette = CommandPalette(self.window, self.editor.appearance)
        self.palette.chosen.connect(self._do)
        self.palette.closed.connect(self.window.view.setFocus)
        self.window.view.pressed_key.connect(self.open)
        panel = self.window.docks["palette"].widget()
        if isinstance(panel, PalettePanel):
            panel.chosen.connect(self._add)

    def _search_types(self) -> None:
        self.window.show_panel("palette")

    # -- what can be chosen ----------------------------------------------------------------------------

    def open(self, typed: str = "") -> None:
        """Open the command palette; letters that were typed on the canvas are typed in it already."""
        self._place = self._place_of_mouse() if typed else None
        self.window.commands.refresh()
        choices = [
            *type_choices(),
            *self._command_choices(),
            *resource_choices(self.document.description.resources.values()),
        ]
        self.palette.open(choices, self.editor.settings.texts(_RECENT), typed)

    def _command_choices(self) -> list[Choice]:
        return [self._choice_of(each) for each in self.window.commands.all() if each.name != _SELF]

    def _choice_of(self, command: Command) -> Choice:
        action = self.window.commands[command.name]
        title, menu = _plain(action.text()), " › ".join(map(_plain, command.menu.split("/")))  # noqa: RUF001 - an arrow
        return Choice(
            Kind.COMMAND,
            command.name,
            title,
            command.help or menu,
            command.icon,
            title.casefold(),
            f"{menu} {command.help}".casefold(),
            action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            action.isEnabled(),
            action.isCheckable() and action.isChecked(),
        )

    def _place_of_mouse(self) -> QPointF | None:
        viewport = self.window.view.viewport()
        pixel = viewport.mapFromGlobal(QCursor.pos())
        if not viewport.rect().contains(pixel):
            return None
        return self.window.view.snapped(self.window.view.place_at(QPointF(pixel)))

    # -- what was chosen -------------------------------------------------------------------------------

    def _do(self, choice: Choice) -> None:
        self._note(choice)
        if choice.kind is Kind.COMMAND:
            self.window.commands[choice.name].trigger()
        elif choice.kind is Kind.TYPE:
            self._add(choice.name, self._place)
        elif int(choice.name) in self.document.description.resources:
            self.editor.reveal(int(choice.name))

    def _note(self, choice: Choice) -> None:
        if choice.kind is not Kind.RESOURCE:  # guids mean something else in the next experiment
            others = [each for each in self.editor.settings.texts(_RECENT) if each != choice.identity]
            self.editor.settings.keep(_RECENT, [choice.identity, *others][:_MOST_RECENT])

    def _add(self, rtype: str, place: QPointF | None = None) -> None:
        LinkingFeature.of(self.window).add(rtype, place)


def _plain(text: str) -> str:
    """Return the text of a menu entry without the mark of its letter, and without dots."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")

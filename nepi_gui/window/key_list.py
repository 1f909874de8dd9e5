"""The commands of a window as a list to be read: by menu, each with its keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtGui import QKeySequence

from nepi_gui.dialogs.shortcuts import Row
from nepi_gui.translation import translate
from nepi_gui.window.commands import Command

_FORMAT = QKeySequence.SequenceFormat.NativeText


def by_menu(commands: Sequence[Command]) -> Iterable[tuple[str, list[Row]]]:
    """Yield the menus in their order, each with its commands: what, keys, help, icon."""
    for menu in dict.fromkeys(command.menu for command in commands):
        rows = [
            (plain(command.text), _keys(command), command.help, command.icon)
            for command in commands
            if command.menu == menu
        ]
        yield plain(menu).replace("/", " ▸ ") or translate("KeyList", "Anywhere"), rows


def plain(text: str) -> str:
    """Return a text of a menu without the mark of its letter, and without the dots that announce a question."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…")


def _keys(command: Command) -> str:
    return ", ".join(QKeySequence(each).toString(_FORMAT) for each in command.shortcuts)

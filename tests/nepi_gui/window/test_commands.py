"""Rules that all commands of the window keep."""

from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from nepi_gui import icons


def test_names_and_shortcuts_belong_to_one_command(window):
    commands = window.commands.all()
    assert [name for name, number in Counter(each.name for each in commands).items() if number > 1] == []
    keys = Counter(
        key.toString() for each in commands for key in window.commands[each.name].shortcuts() if not key.isEmpty()
    )
    assert [key for key, number in keys.items() if number > 1] == []


def test_every_command_stands_in_a_menu_and_says_what_it_does(window):
    in_menus = {action.objectName() for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()}
    for command in window.commands.all():
        assert command.name in in_menus, f"{command.name} is in no menu"
        assert command.text.strip("&… "), command.name


def test_every_icon_is_there(window):
    assert [each.icon for each in window.commands.all() if each.icon and icons.path_of(each.icon) is None] == []


def test_what_cannot_be_done_is_disabled(window):
    assert not window.commands["edit.undo"].isEnabled()
    assert not window.commands["edit.delete"].isEnabled()


def test_menus_have_keys(window):
    titles = [action.text() for action in window.menuBar().actions()]
    keys = [QKeySequence.mnemonic(title).toString() for title in titles]
    assert all(keys)
    assert len(set(keys)) == len(keys), titles

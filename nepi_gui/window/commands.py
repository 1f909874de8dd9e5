"""The commands of a window: each declared once, for its menu, its key, the tool bar and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from nepi_core.errors import LabError
from nepi_gui import icons

Shortcut = str | QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a user can have done.

    Attributes:
        name: such as ``edit.undo``; never shown.
        text: such as "&Undo", in the user's language.
        menu: where it is: a title of `MENUS`, for a submenu followed by "/" and its title; "" for nowhere.
        shortcuts: keys, the first of which the menu shows.
        help: a sentence for status bar and command palette.
        enabled: tells whether it can be done just now; always when it is not given.
        checked: tells whether it is on, for commands that switch something.
        separated: a line stands above it in its menu.
        before: name of the command of the same menu above which it stands; "" for the end of the menu.
    """

    name: str
    text: str
    run: Callable[[], object]
    menu: str
    shortcuts: tuple[Shortcut, ...] = ()
    help: str = ""
    icon: str = ""
    enabled: Callable[[], bool] | None = None
    checked: Callable[[], bool] | None = None
    separated: bool = False
    before: str = ""


class CommandTable(QObject):
    """All commands of a window, as Qt's actions.

    Signals:
        running: a command is about to be done.
    """

    running = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._refreshing = QTimer(self, singleShot=True, interval=0)
        self._refreshing.timeout.connect(self.refresh)

    def add(self, commands: Iterable[Command]) -> None:
        """Add commands to their menus, in this order."""
        for command in commands:
            action = self._make(command)
            self._commands[command.name], self._actions[command.name] = command, action
            self._window.addAction(action)
            if command.menu:
                self._put(action, command)
        self.refresh_soon()

    def _put(self, action: QAction, command: Command) -> None:
        """Put an action into its menu."""
        menu, below = self.menu(command.menu), self._actions.get(command.before)
        if command.separated:
            menu.insertSeparator(below)  # type: ignore[arg-type]  # Qt takes None for the end, its stubs do not say so
        menu.insertAction(below, action)  # type: ignore[arg-type]

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self._window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(each) for each in command.shortcuts])
        action.setStatusTip(command.help)
        action.setToolTip(_tool_tip(command))
        action.setCheckable(command.checked is not None)
        if command.icon:
            action.setIcon(icons.icon(command.icon))
        action.triggered.connect(lambda: self._run(command))
        return action

    def _run(self, command: Command) -> None:
        self.running.emit()
        with suppress(LabError):  # the document has told what the lab forbids
            command.run()
        self.refresh_soon()

    def menu(self, path: str) -> QMenu:
        """Return a menu by its title, a submenu by titles joined with "/"; it is made when it is new."""
        if path not in self._menus:
            above, _, title = path.rpartition("/")
            made = self.menu(above).addMenu(title) if above else self._window.menuBar().addMenu(title)
            made.setToolTipsVisible(True)
            made.aboutToShow.connect(self.refresh)
            self._menus[path] = made
        return self._menus[path]

    def __getitem__(self, name: str) -> QAction:
        """Return the action of a command."""
        return self._actions[name]

    def all(self) -> list[Command]:
        """Return all commands in the order of their declaration."""
        return list(self._commands.values())

    def refresh_soon(self) -> None:
        """Look again which commands can be done, once for all that happens just now."""
        self._refreshing.start()

    def refresh(self) -> None:
        """Look again which commands can be done, and what is on."""
        for name, command in self._commands.items():
            if command.enabled is not None:
                self._actions[name].setEnabled(command.enabled())
            if command.checked is not None:
                self._actions[name].setChecked(command.checked())


def _tool_tip(command: Command) -> str:
    text = (command.help or command.text).replace("&", "").rstrip(".")
    keys = (
        QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.shortcuts else ""
    )
    return f"{text} ({keys})" if keys else text

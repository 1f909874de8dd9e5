"""The commands that were typed for an experiment, from one start of the program to the next."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import platformdirs

MOST = 500
"""Commands that are kept for each experiment."""


def history_path(exp_id: str) -> Path:
    """Return the file for the commands of an experiment."""
    name = quote(exp_id or "untitled", safe=" ")[:200]
    return Path(platformdirs.user_state_path("nepi-gui")) / "commands" / f"{name}.history"


class CommandHistory:
    """Commands, the latest last; going up and down in them keeps what was being typed.

    Those that begin with a blank are not kept, as shells do for what is secret. The file is for its owner's eyes only.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._commands: list[str] = []
        with suppress(OSError):
            self._commands = path.read_text(encoding="utf-8", errors="replace").splitlines()[-MOST:]
        self._place = len(self._commands)
        self._typed = ""

    @property
    def commands(self) -> list[str]:
        """What was typed, the latest last."""
        return list(self._commands)

    def add(self, command: str) -> None:
        """Keep a command.

        Raises:
            OSError: it is known until the window closes, but cannot be written.
        """
        self._typed = ""
        is_kept = bool(command.strip()) and not command.startswith(" ") and command not in self._commands[-1:]
        if is_kept:
            self._commands = [*self._commands, command][-MOST:]
        self._place = len(self._commands)
        if is_kept:
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{os.getpid()}.tmp")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{each}\n" for each in self._commands)
        fresh.replace(self._path)

    def up(self, typed: str) -> str:
        """Return the command before, given what stands in the field."""
        if self._place == len(self._commands):
            self._typed = typed
        self._place = max(0, self._place - 1)
        return self._commands[self._place] if self._commands else typed

    def down(self, typed: str) -> str:
        """Return the command after, at last what was being typed."""
        if self._place == len(self._commands):
            return typed
        self._place += 1
        return self._commands[self._place] if self._place < len(self._commands) else self._typed

"""The user's terminal program: which there is, and how it is told what to run and what its title is."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from nepi_core.errors import NepiError

_TITLE = "{title}"

# What comes after the name of each program: its title, then what stands before the command. In this order they are
# looked for; the first one is what the user of Debian and its relatives has chosen.
_PROGRAMS: dict[str, tuple[str, ...]] = {
    "x-terminal-emulator": ("-T", _TITLE, "-e"),
    "gnome-terminal": ("--title", _TITLE, "--"),
    "ptyxis": ("--new-window", "--title", _TITLE, "--"),
    "kgx": ("--title", _TITLE, "--"),
    "konsole": ("-p", f"tabtitle={_TITLE}", "-e"),
    "xfce4-terminal": ("--title", _TITLE, "-x"),
    "mate-terminal": ("--title", _TITLE, "-x"),
    "qterminal": ("-e",),
    "kitty": ("--title", _TITLE),
    "alacritty": ("--title", _TITLE, "-e"),
    "foot": ("--title", _TITLE),
    "wezterm": ("start", "--"),
    "terminator": ("-T", _TITLE, "-x"),
    "urxvt": ("-title", _TITLE, "-e"),
    "st": ("-t", _TITLE, "-e"),
    "zutty": ("-title", _TITLE, "-e"),
    "xterm": ("-T", _TITLE, "-e"),
}
_OTHERS = ("-e",)  # of those that are not known

# These take one text for what other programs take as arguments.
_ONE_TEXT = {"lxterminal": ("--title", _TITLE, "-e"), "tilix": ("-t", _TITLE, "-e")}


def terminal_command(
    title: str, command: Sequence[str], wanted: str = "", environment: Mapping[str, str] = os.environ
) -> list[str]:
    """Return what opens a terminal in which a command runs.

    Args:
        title: of its window.
        command: what runs in it.
        wanted: the terminal program that the user prefers, perhaps with options; "" for the first that is found.
        environment: where TERMINAL and PATH are looked up.

    Raises:
        NepiError: there is no terminal program, or not the one that is wanted.
    """
    program = _chosen(wanted, environment)
    kind = Path(program[0]).name
    if kind == "x-terminal-emulator":
        kind = _alternative(program[0], environment.get("PATH", os.defpath))
    before = _ONE_TEXT.get(kind) or _PROGRAMS.get(kind, _OTHERS)
    arguments = [each.replace(_TITLE, title) for each in before]
    if len(program) > 1 and program[-1] in ("-e", "-x", "--"):
        arguments = []  # the user has said how it takes a command
    return [*program, *arguments, *([shlex.join(command)] if kind in _ONE_TEXT else command)]


def _chosen(wanted: str, environment: Mapping[str, str]) -> list[str]:
    path = environment.get("PATH", os.defpath)
    for given, source in ((wanted, "the settings"), (environment.get("TERMINAL", ""), "TERMINAL")):
        try:
            program = shlex.split(given)
        except ValueError as error:
            raise NepiError(f"{given!r} of {source} is no terminal program: {error}.") from None
        if program and shutil.which(program[0], path=path):
            return program
        if program and given is wanted:
            raise NepiError(f"There is no terminal program {program[0]!r}, which is in the settings.")
    for name in (*_PROGRAMS, *_ONE_TEXT):
        if shutil.which(name, path=path):
            return [name]
    raise NepiError(
        "No terminal program was found. Install one, such as xterm, gnome-terminal or konsole, or name yours by the "
        "environment variable TERMINAL."
    )


def _alternative(name: str, path: str) -> str:
    """Return which program Debian's x-terminal-emulator is, unless it is a wrapper that takes the options of xterm."""
    target = Path(os.path.realpath(shutil.which(name, path=path) or name)).name
    return target if target in _PROGRAMS or target in _ONE_TEXT else "x-terminal-emulator"

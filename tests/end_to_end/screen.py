"""A screen of its own (Xvfb) with a mouse and a keyboard (xdotool), for tests that drive the real window."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("Xvfb", "xdotool")


def missing() -> list[str]:
    """Return the programs that are not here."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Screen:
    """What somebody at a screen can do.

    Attributes:
        display: value of the environment variable DISPLAY.
        watched: process of the program, None when nobody says so.
    """

    def __init__(self, display: str) -> None:
        self.display = display
        self.watched: int | None = None
        self._origin = (0, 0)

    def settle(self) -> None:
        """Wait until the program that is watched has nothing to do: a hand waits for what it sees, and so must this."""
        before = -1
        while self.watched is not None and before != (before := _ticks(self.watched)):
            time.sleep(0.15)

    def _xdotool(self, *arguments: object) -> str:
        environment = os.environ | {"DISPLAY": self.display}
        done = subprocess.run(
            ["xdotool", *map(str, arguments)], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    def wait_for_window(self, title: str) -> None:
        """Wait until a window with this in its title is shown; places are counted from its corner from now on."""
        window = self._xdotool("search", "--sync", "--onlyvisible", "--name", title).split()[0]
        told = dict(line.split("=") for line in self._xdotool("getwindowgeometry", "--shell", window).split())
        self._origin = (int(told["X"]), int(told["Y"]))
        self._xdotool("windowfocus", "--sync", window)

    def point(self, x: float, y: float) -> None:
        """Move the mouse there."""
        self._xdotool("mousemove", "--sync", round(x) + self._origin[0], round(y) + self._origin[1])

    def click(self, x: float, y: float, times: int = 1, holding: str = "") -> None:
        """Click somewhere, perhaps while a key such as ``shift`` is held."""
        self.point(x, y)
        click = ("click", "--repeat", times, "--delay", 60, 1)
        held = ("keydown", holding, *click, "keyup", holding) if holding else click
        self._xdotool(*held, "sleep", 0.2)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """Drag from one place to another one, as a hand does: with places between, and a moment before it lets go."""
        self.settle()
        self.point(*start)
        self._xdotool("mousedown", 1)
        for step in range(1, steps + 1):
            share = step / steps
            self.point(start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            if step in (1, 2, steps):
                self.settle()
        self.point(end[0] + 1, end[1])
        self._xdotool("sleep", 0.2, "mouseup", 1, "sleep", 0.2)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, such as ``ctrl+s``."""
        for key in keys:
            self._xdotool("key", "--clearmodifiers", key, "sleep", 0.1)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", 20, text)


def _ticks(pid: int) -> int:
    """Return how much processor time a process has used, in ticks of the kernel; -1 when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return int(fields[11]) + int(fields[12])


@contextmanager
def open_screen(width: int = 1400, height: int = 900) -> Iterator[Screen]:
    """Open a screen; it is closed at the end."""
    reading, writing = os.pipe()
    try:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
            pass_fds=(writing,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait(timeout=20)

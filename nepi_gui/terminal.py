"""Where a person reads what happens: lines on standard error, and tables; never a reason for a run to fail."""

from __future__ import annotations

import logging
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from nepi_core.times import now

if TYPE_CHECKING:
    from rich.console import RenderableType

    from nepi_core.resource import ResourceManager

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

# Lines of a table in a file are not folded, so that they can be searched.
_FILE_WIDTH = 2_000

_MOST_LOG_LINES = 100


def printable(text: str) -> str:
    """Return a text with what could steer a terminal made visible: names and outputs come from files and programs."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def label_of(manager: ResourceManager) -> str:
    """Return the label of a resource, "" when it has none."""
    return manager.data.label


def short_name(manager_name: str, label: str, guid: int, width: int) -> str:
    """Return what to call a resource in ``width`` columns: its whole name, or label and guid, or parts of that."""
    name = manager_name if len(manager_name) <= width or not label else f"{guid} {label}"
    name = printable(name)
    if len(name) <= width:
        return name
    tail = (width - 1) * 2 // 3  # names of many resources differ at their end
    return f"{name[: width - 1 - tail]}…{name[len(name) - tail :]}"


class Terminal:
    """Lines for a person, on standard error.

    A line that cannot be written is dropped: a closed terminal or a full disk must not keep a run from its clean-up.

    Args:
        quiet: show errors only.

    Attributes:
        begun: when the run began; lines of events tell the seconds since then.
        sink: what shows a line; a live display puts itself here.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.begun: float | None = None
        self.sink: Callable[[str], None] = _write

    def error(self, text: str) -> None:
        """Show what went wrong."""
        self._show(f"nepi-gui: {text}")

    def note(self, text: str) -> None:
        """Show something, unless only errors are wanted."""
        if not self.quiet:
            self._show(text)

    def event(self, text: str, time: float | None = None) -> None:
        """Show what happened in the run and when (default: now), unless only errors are wanted."""
        if not self.quiet:
            self._show(self.stamp(text, time))

    def stamp(self, text: str, time: float | None = None) -> str:
        """Return a text with the seconds since the beginning of the run before it."""
        if self.begun is None:
            return text
        return f"[{max(0.0, (time or now()) - self.begun):7.2f} s] {text}"

    def _show(self, text: str) -> None:
        with suppress(OSError, ValueError):  # ValueError: the stream has been closed
            self.sink(printable(text))


def _write(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


_PLANNED_CHANGES = "nepi.changes"  # the logger of nepi_core.changes


class TerminalLog(logging.Handler):
    """Shows warnings and errors of the program's log, and planned changes of attributes.

    Attributes:
        brief: leave tracebacks out, since the run's own log has them.
    """

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(logging.ERROR if terminal.quiet else logging.INFO)
        self.brief = False
        self._terminal = terminal
        self._shown = 0

    def __enter__(self) -> TerminalLog:
        logging.getLogger("nepi").addHandler(self)
        return self

    def __exit__(self, *exception: object) -> None:
        logging.getLogger("nepi").removeHandler(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is for the terminal."""
        return record.levelno >= logging.WARNING or record.name == _PLANNED_CHANGES

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record, unless very many have been shown."""
        self._shown += 1
        if self._shown > _MOST_LOG_LINES:
            return
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        text = f"{level}{record.getMessage()}"
        if record.exc_info and record.exc_info[0]:
            text += self._told(record.exc_info[1]) if self.brief else f"\n{_traceback(record)}"
        if self._shown == _MOST_LOG_LINES:
            text += "\nwarning: there is more of that; all of it is in the log of the run"
        self._terminal._show(self._terminal.stamp(text))

    @staticmethod
    def _told(error: BaseException | None) -> str:
        return f" ({type(error).__name__}; the log of the run has the traceback)"


def _traceback(record: logging.LogRecord) -> str:
    return logging.Formatter().formatException(record.exc_info) if record.exc_info else ""


def show(content: RenderableType, stream: TextIO) -> None:
    """Write a table or a styled text: as wide as the terminal, or in lines that are not folded."""
    from rich.console import Console

    console = Console(file=stream, width=table_width(stream), markup=False, emoji=False, highlight=False)
    with console.capture() as capture:
        console.print(content)
    stream.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
    stream.flush()


def table_width(stream: TextIO) -> int:
    """Return the width of a terminal, or that of a line in a file."""
    return shutil.get_terminal_size().columns if stream.isatty() else _FILE_WIDTH

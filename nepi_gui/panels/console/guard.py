"""Ends what a command has started: all processes that have its mark in their environment.

As a program of its own, which needs nothing but the standard library, it waits for the end of its standard input, that
is for the end of the window, however it ends; then nobody else is left to end them. Argument: the mark.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path


def marked(mark: str, session: int = 0) -> list[int]:
    """Return the processes of this account that belong to a command.

    Args:
        mark: what they have in their environment, such as "NAME=value".
        session: that the command began in; a process that is just becoming another program shows no environment.
    """
    wanted, found = f"\0{mark}\0".encode(), []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with suppress(OSError):  # it has ended, or belongs to somebody else
            environment = Path(entry.path, "environ").read_bytes()
            if environment and wanted not in b"\0" + environment + b"\0":
                continue
            state, its_session = _state(entry.path)
            if state not in (b"Z", b"X") and (environment or 0 < session == its_session):
                found.append(int(entry.name))
    return found


def _state(folder: str) -> tuple[bytes, int]:
    """Return the state and the session of a process."""
    values = Path(folder, "stat").read_bytes().rpartition(b") ")[2].split()
    return values[0], int(values[3])


def end_marked(mark: str, session: int = 0) -> None:
    """Kill all processes that belong to a command, also those that are made meanwhile; see `marked`."""
    for _ in range(20):  # what forks while it is ended is found the next time
        left = marked(mark, session)
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    for _ in range(20):  # one that is just becoming another program is seen the next time
        end_marked(sys.argv[1])

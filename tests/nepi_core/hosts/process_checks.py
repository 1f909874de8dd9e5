"""What the tests of the keeper share: programs that report through a FIFO, and waiting for processes to be gone."""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path

from nepi_core.hosts.keeper.process_table import all_pids, read_entry

PYTHON = [sys.executable, "-I", "-S", "-c"]


class Reports:
    """A FIFO that programs write lines to and the test reads them from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CLOEXEC), "r")

    def line(self) -> str:
        return self._stream.readline().strip()

    def pids(self, count: int) -> list[int]:
        return [int(self.line()) for _ in range(count)]

    def close(self) -> None:
        self._stream.close()


def alive(pid: int) -> bool:
    entry = read_entry(pid)
    return entry is not None and entry.state not in "ZX"


def wait_until_gone(pids: list[int], seconds: float = 20.0) -> list[int]:
    """Wait for processes to end; return those that did not."""
    deadline = time.monotonic() + seconds
    return [pid for pid in pids if not _gone(pid, deadline)]


def processes_with(token: str, but_not: tuple[int, ...] = ()) -> list[int]:
    """Return the live processes that bear a text in their environment or command line."""
    return [pid for pid in all_pids() if pid not in but_not and alive(pid) and _bears(pid, token.encode())]


def wait_until_none_with(token: str, seconds: float = 20.0) -> list[int]:
    """Wait until no process bears a text; return those that still do."""
    deadline = time.monotonic() + seconds
    while (found := processes_with(token)) and time.monotonic() < deadline:
        for pid in found:
            _gone(pid, deadline)
    return found


def _gone(pid: int, deadline: float) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        events = select.poll()
        events.register(handle, select.POLLIN)
        return bool(events.poll(max(0.0, deadline - time.monotonic()) * 1000)) or not alive(pid)
    finally:
        os.close(handle)


def _bears(pid: int, token: bytes) -> bool:
    for file in ("environ", "cmdline"):
        try:
            if token in Path(f"/proc/{pid}/{file}").read_bytes():
                return True
        except OSError:
            continue
    return False

"""The table of processes in /proc, and the marks in their environment by which those of an experiment are found.

Part of the keeper program, so it imports only what starts fast.
"""

# pathlib would take as long to import as all the rest.
# ruff: noqa: PTH123, PTH208
from __future__ import annotations

import os

JOB_MARK = "NEPI_JOB"
"""Environment variable of every program: ``<keeper's pid>.<keeper's start>.<job>``."""
RUN_MARK = "NEPI_RUN"
"""Environment variable of every program and keeper: the run folder, or nothing."""
KEEPER_MARK = "NEPI_KEEPER"
"""Environment variable of a keeper: ``<controller's pid>.<controller's start>``."""


class ProcessEntry:
    """One line of the process table; ``started`` is in clock ticks since boot and tells recycled pids apart."""

    __slots__ = ("parent", "pid", "session", "started", "state")

    def __init__(self, pid: int, stat: bytes) -> None:
        fields = stat[stat.rindex(b")") + 2 :].split()  # the name before it may hold blanks and brackets
        self.pid = pid
        self.state = fields[0].decode()
        self.parent = int(fields[1])
        self.session = int(fields[3])
        self.started = int(fields[19])


def read_entry(pid: int) -> ProcessEntry | None:
    """Return a process, or None when it has gone."""
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return ProcessEntry(pid, os.read(descriptor, 4096))
    except ProcessLookupError:
        return None
    finally:
        os.close(descriptor)


def identity(pid: int) -> str:
    """Return ``<pid>.<start>``, a name for a process that is never used twice; "" when it has gone."""
    entry = read_entry(pid)
    return f"{pid}.{entry.started}" if entry else ""


def all_pids() -> list[int]:
    """Return all pids, mostly the oldest first: in this order no child is missed because its parent ends meanwhile."""
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def family(table: dict[int, ProcessEntry], roots: set[int]) -> set[int]:
    """Return processes with all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in table.values():
        children.setdefault(entry.parent, []).append(entry.pid)
    found, waiting = set(roots), list(roots)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def read_marks(pid: int, file: str = "environ") -> dict[str, str] | None:
    """Return the marks in a process's environment (or in its ``cmdline``); None when it may not be read."""
    try:
        with open(f"/proc/{pid}/{file}", "rb") as stream:
            content = os.fsdecode(stream.read())
    except OSError:
        return None
    if "NEPI_" not in content:
        return {}
    pairs = (text.partition("=") for text in content.split("\0"))
    return {name: value for name, _, value in pairs if name in (JOB_MARK, RUN_MARK, KEEPER_MARK)}

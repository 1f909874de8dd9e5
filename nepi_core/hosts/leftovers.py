"""What dead controllers left running on this machine: finds it by its marks, and ends it."""

from __future__ import annotations

import logging
import os
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nepi_core.hosts.keeper.process_table import (
    JOB_MARK,
    KEEPER_MARK,
    RUN_MARK,
    ProcessEntry,
    all_pids,
    family,
    read_entry,
    read_marks,
)

logger = logging.getLogger("nepi.hosts")

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 5.0  # seconds for a killed process to go away
_SUDO_PATIENCE = 0.5  # seconds for one killed by sudo, which may have refused
_SURVEY = 0.5  # seconds for a look at all processes; it takes some 3 ms unless new ones turn up all the time
_ROUNDS = 20  # against programs without marks that fork while they are killed

Table = dict[int, ProcessEntry]


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process whose controller has died.

    Attributes:
        command: its command line.
        run_folder: folder of the run it belongs to; "" when it is not known.
        started: when it was started.
        keeper: identity (``<pid>.<start>``) of the keeper that started it, or that it is.
        start: the same as ``started``, in clock ticks since boot.
    """

    pid: int
    command: str
    run_folder: str
    started: datetime
    keeper: str
    start: int

    @property
    def remedy(self) -> str:
        """The command that ends it, for a user who may."""
        return f"sudo kill -KILL {self.pid}"


def find_leftovers() -> list[Leftover]:
    """Return what dead controllers left running, oldest first: the user's own processes, or all for root.

    A program is one when its keeper is dead, or has lost its controller and still hangs around, as such a keeper is
    itself. What descends from such a process is one too. The caller and its ancestors never are.
    """
    table, marks = _survey()
    orphaned: dict[int, str] = {}
    for pid, mark in marks.items():
        keeper = _keeper(table[pid], mark)
        if keeper and not _is_served(keeper, table):
            orphaned[pid] = keeper
    return _describe(table, marks, orphaned)


def end_leftovers(leftovers: Collection[Leftover], grace: float = 1.0) -> list[Leftover]:
    """End processes, with all that they fork meanwhile: TERM, and KILL after ``grace`` seconds.

    Returns:
        Those that could not be ended; `Leftover.remedy` says how to end them.
    """
    remaining = _end({each.pid: each.start for each in leftovers}, grace)
    keepers = {each.keeper for each in leftovers}
    _kill_at_sight(keepers)
    known = {(each.pid, each.start) for each in leftovers}
    for _ in range(_ROUNDS):
        more = [each for each in find_leftovers() if each.keeper in keepers and (each.pid, each.start) not in known]
        if not more:
            break
        known |= {(each.pid, each.start) for each in more}
        leftovers = [*leftovers, *more]
        remaining |= _end({each.pid: each.start for each in more}, 0)
    return [each for each in leftovers if each.pid in remaining]


def end_programs_of(keeper: str, programs: Iterable[tuple[int, int]]) -> None:
    """End all that a keeper started, after its death.

    Args:
        keeper: identity of the keeper.
        programs: pid and start of main programs known to have run: the marks of one that gained privileges, such as
            ``ping``, cannot be read.
    """
    assert keeper, "a keeper without identity would be every keeper"
    known: set[tuple[int, int]] = set()
    for _ in range(_ROUNDS):
        table, marks = _survey()
        roots = {pid for pid, start in programs if pid in table and table[pid].started == start}
        roots |= {pid for pid, mark in marks.items() if _keeper(table[pid], mark) == keeper}
        found = {(pid, table[pid].started) for pid in family(table, roots) - _own_line(table)} - known
        if not found:
            return
        known |= found
        for pid in _end(dict(found), 0):
            logger.error("Process %d is left of a dead keeper. To end it: sudo kill -KILL %d", pid, pid)
        _kill_at_sight({keeper})  # not first: the child of a killed sudo bears no marks that can be read


def _sightings(seconds: float) -> Iterator[tuple[ProcessEntry, dict[str, str]]]:
    """Yield each live process once, with its marks, until no new ones turn up, or for some seconds.

    One reading of the process table is not enough: a program that forks and ends, over and over, may never be there
    when it is looked at. The newest are looked at first, while they live.
    """
    seen: set[int] = set()
    deadline = time.monotonic() + seconds
    while (new := set(all_pids()) - seen) and time.monotonic() < deadline:
        seen |= new
        for pid in sorted(new, reverse=True):
            entry = read_entry(pid)
            if entry and entry.state not in "ZX":
                yield entry, _marks(pid)


def _survey() -> tuple[Table, dict[int, dict[str, str]]]:
    """Return all live processes, and the marks of those that have some."""
    table: Table = {}
    marks: dict[int, dict[str, str]] = {}
    for entry, mark in _sightings(_SURVEY):
        table[entry.pid] = entry
        if mark:
            marks[entry.pid] = mark
    return table, marks


def _kill_at_sight(keepers: set[str]) -> None:
    """Kill what bears the marks of dead keepers, faster than it can fork."""
    spared = _own_line(_survey()[0])
    for entry, mark in _sightings(_PATIENCE):
        if JOB_MARK in mark and _keeper(entry, mark) in keepers and entry.pid not in spared:
            _end({entry.pid: entry.started}, 0, patience=0)


def _marks(pid: int) -> dict[str, str]:
    marks = read_marks(pid)
    if marks is None:  # another user's program; when it was started by sudo, its command line names the marks
        marks = read_marks(pid, "cmdline")
    return marks or {}


def _keeper(entry: ProcessEntry, marks: dict[str, str]) -> str:
    """Return the identity of the keeper that a marked process is, or that started it."""
    if KEEPER_MARK in marks:
        return f"{entry.pid}.{entry.started}"
    return marks.get(JOB_MARK, "").rpartition(".")[0]


def _is_served(keeper: str, table: Table) -> bool:
    """Tell whether a keeper lives, and its controller too."""
    pid = _pid_of(keeper, table)
    if pid is None:
        return False
    marks = read_marks(pid)
    if marks is None and not _is_mine(pid):
        return True  # another user's keeper: his to judge
    # A keeper of one's own whose marks are not to be read any more is just dying.
    return _pid_of((marks or {}).get(KEEPER_MARK, ""), table) is not None


def _is_mine(pid: int) -> bool:
    try:
        return os.geteuid() in (0, Path(f"/proc/{pid}").stat().st_uid)
    except FileNotFoundError:
        return True


def _pid_of(identity: str, table: Table) -> int | None:
    pid, _, start = identity.partition(".")
    entry = table.get(int(pid)) if pid.isdigit() else None
    return entry.pid if entry and str(entry.started) == start else None


def _own_line(table: Table) -> set[int]:
    """Return this process and its ancestors: who cleans up from a terminal that is a leftover must not end himself."""
    line: set[int] = set()
    pid = os.getpid()
    while pid in table and pid not in line:
        line.add(pid)
        pid = table[pid].parent
    return line


def _describe(table: Table, marks: dict[int, dict[str, str]], orphaned: dict[int, str]) -> list[Leftover]:
    found: dict[int, Leftover] = {}
    spared = _own_line(table)
    for root, keeper in orphaned.items():
        folder = marks[root].get(RUN_MARK, "")
        for pid in family(table, {root}) - spared:
            if pid not in found or pid == root:
                entry = table[pid]
                found[pid] = Leftover(pid, _command(pid), folder, _started(entry), keeper, entry.started)
    return sorted(found.values(), key=lambda each: (each.start, each.pid))


def _command(pid: int) -> str:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0")
        return shlex.join(os.fsdecode(arguments).split("\0")) if arguments else f"process {pid}"
    except OSError:
        return f"process {pid}"


def _started(entry: ProcessEntry) -> datetime:
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return datetime.fromtimestamp(boot + entry.started / _TICKS)


def _end(starts: dict[int, int], grace: float, patience: float = _PATIENCE) -> set[int]:
    """End processes, given by pid and start, through handles that cannot mean another; return those that remain."""
    with ExitStack() as opened:
        handles = {}
        for pid, start in starts.items():
            handle = _open(pid, start)
            if handle >= 0:
                opened.callback(os.close, handle)
                handles[handle] = pid
        if grace > 0:
            _signal_all(handles, signal.SIGTERM)
            _signal_all(handles, signal.SIGCONT)
            _wait_for(handles, grace)
        refused = _signal_all(handles, signal.SIGKILL)
        own = {handle: pid for handle, pid in handles.items() if pid not in refused}
        others = {handle: pid for handle, pid in handles.items() if pid in refused}
        if others and patience:
            _kill_as_root(refused)
            _wait_for(others, _SUDO_PATIENCE)
        _wait_for(own, patience)
        return {*own.values(), *others.values()}


def _open(pid: int, start: int) -> int:
    """Return a handle of a process, or -1 when it has gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return -1
    entry = read_entry(pid)
    if entry and entry.started == start:
        return handle
    os.close(handle)
    return -1


def _signal_all(handles: dict[int, int], number: signal.Signals) -> set[int]:
    """Send a signal to processes and return those that belong to someone else."""
    refused = set()
    for handle, pid in handles.items():
        try:
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            continue
        except PermissionError:
            refused.add(pid)
    return refused


def _kill_as_root(pids: Collection[int]) -> None:
    """Kill programs that were started by sudo, if this user may: whether they have gone tells whether he might."""
    if shutil.which("sudo"):
        command = ["sudo", "-n", "kill", "-KILL", "--", *map(str, pids)]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)


def _wait_for(handles: dict[int, int], seconds: float) -> None:
    """Wait for processes to end, at most some seconds, and take those that have out of ``handles``."""
    events = select.poll()
    for handle in handles:
        events.register(handle, select.POLLIN)
    deadline = time.monotonic() + seconds
    while handles and (left := deadline - time.monotonic()) > 0:
        for handle, _ in events.poll(left * 1000):
            events.unregister(handle)
            del handles[handle]

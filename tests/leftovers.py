"""Find what a test left behind: threads, child processes, open files, and processes that outlive the whole session."""

from __future__ import annotations

import gc
import os
import select
import signal
import threading
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GRACE = 2.0
"""Seconds that threads and processes which are just about to end may take."""

SESSION_MARK = "NEPI_TEST_SESSION"
"""Environment variable that every process started by a test inherits, so that strays can be told from others."""

_PROC = Path("/proc")
# Opened by libraries once and then kept: not a matter of the test that happened to be the first.
_KEPT_FILES = ("/dev/null", "/dev/urandom", "/dev/random", "/proc/", "/sys/", "/usr/")
_KEPT_PARTS = ("/.hypothesis/", "/.cache/", "/__pycache__/")


@dataclass(frozen=True)
class Snapshot:
    """What this process holds at one moment."""

    threads: frozenset[threading.Thread]
    children: frozenset[int]
    files: Counter[str]


def snapshot() -> Snapshot:
    """Return what this process holds now."""
    return Snapshot(frozenset(threading.enumerate()), frozenset(child_processes()), open_files())


def left_behind(before: Snapshot, grace: float, kept: Collection[str] = ()) -> list[str]:
    """Return a sentence for each thing that came after `before` and is still there after the grace.

    Children that are left are ended, so that the next test is not blamed for them.

    Args:
        kept: what open files may stand for.
    """
    deadline = time.monotonic() + grace
    threads = _threads_left(before.threads, deadline)
    children = _children_left(before.children, deadline)
    return threads + children + _files_left(before.files, kept)


def child_processes() -> set[int]:
    """Return the direct children of this process, those included that ended and were not waited for."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended since it was listed
            found.update(int(pid) for pid in (task / "children").read_text().split())
    return found


def open_files() -> Counter[str]:
    """Return what the open file descriptors stand for: paths, or such as ``socket:[123]``."""
    targets: Counter[str] = Counter()
    for descriptor in list(Path("/proc/self/fd").iterdir()):
        with suppress(FileNotFoundError):  # the one that listed the folder
            targets[str(descriptor.readlink())] += 1
    return targets


def strays(mark: str, grace: float) -> list[int]:
    """Return the processes whose environment has ``NEPI_TEST_SESSION=mark``, this one left out."""
    deadline = time.monotonic() + grace
    wanted = f"{SESSION_MARK}={mark}".encode()
    found = [pid for pid in _all_processes() if pid != os.getpid() and wanted in _environment(pid)]
    return [pid for pid in found if not _ended(pid, deadline)]


def describe(pid: int) -> str:
    """Return number, command and state of a process for a message."""
    try:
        command = (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        state = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return f"process {pid} (gone)"
    return f"process {pid} ({'ended, but nobody waited for it' if state == 'Z' else command})"


def _threads_left(before: frozenset[threading.Thread], deadline: float) -> list[str]:
    # Threads that Python did not start (those of Qt) appear as _DummyThread for ever; they cannot be joined.
    dummy = threading._DummyThread
    new = [each for each in threading.enumerate() if each not in before and not isinstance(each, dummy)]
    for thread in new:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [f"thread {each.name!r} still runs (daemon={each.daemon})" for each in new if each.is_alive()]


def _children_left(before: frozenset[int], deadline: float) -> list[str]:
    for pid in child_processes() - before:
        _ended(pid, deadline)
    left = sorted(child_processes() - before)
    messages = [f"{describe(pid)} is left" for pid in left]
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
    return messages


def _files_left(before: Counter[str], kept: Collection[str]) -> list[str]:
    if not (left := _unexpected_files(before, kept)):
        return []
    gc.collect()  # what only waits for the garbage collector is reported by Python itself, as a ResourceWarning
    left = _unexpected_files(before, kept)
    return [f"file descriptor of {target} is open" for target in sorted(left.elements())]


def _unexpected_files(before: Counter[str], kept: Collection[str]) -> Counter[str]:
    new = open_files() - before
    return Counter({target: count for target, count in new.items() if target not in kept and not _is_kept(target)})


def _is_kept(target: str) -> bool:
    return target.startswith(_KEPT_FILES) or any(part in target for part in _KEPT_PARTS)


def _ended(pid: int, deadline: float) -> bool:
    """Wait until a process has ended, at most until the deadline."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(max(0.0, deadline - time.monotonic()) * 1000))
    finally:
        os.close(descriptor)


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal()]


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another user's
        return []

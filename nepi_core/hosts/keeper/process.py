"""The keeper program: starts programs, tells when they end, and leaves none behind when its controller is gone.

It is the subreaper of all that it starts, so that whatever a program forks stays below it, also when it leaves its
session or its parents end. It sees end-of-file on its socket when the controller closes or dies (also by SIGKILL).

It stands alone, imports only what starts fast, and so is up in some 15 ms: `_socket` and not `socket`, because the
latter's imports alone would take half of that; `marshal` and not `json`, as both ends are the same interpreter.

Messages, both ways, are a length of four bytes and a marshalled pair (verb, arguments). The controller says
``start``, ``signal`` and ``stop``; the keeper answers ``started`` or ``refused`` and tells ``ended``.
"""

# pathlib would take as long to import as all the rest.
# ruff: noqa: PTH112
from __future__ import annotations

import _socket
import ctypes
import errno
import marshal
import os
import resource
import select
import signal
import time
from collections.abc import Sequence

from .process_table import JOB_MARK, ProcessEntry, all_pids, family, identity, read_entry, read_marks

TYPE_CHECKING = False  # known to type checkers; the module typing would take 5 ms to import
if TYPE_CHECKING:
    from typing import Any

HEADER = 4  # bytes of a message's length
_CHUNK = 65536
_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 10.0  # seconds for what does not even end by SIGKILL: it hangs in the kernel, or another user owns it
_CHASE = 2.0  # seconds for a job that forks faster than it is killed; the end of the run has more patience
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
_SIGNALS = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}


def find_program(name: str, path: str) -> str:
    """Return the file that a program's name stands for, looked up in ``path`` as a shell would.

    Raises:
        FileNotFoundError: there is none.
    """
    if "/" in name:
        return name
    for folder in path.split(":"):
        candidate = f"{folder or '.'}/{name}"
        if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
            return candidate
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def spawn(argv: list[str], env: dict[str, str], actions: Sequence[tuple[int, int, int]] = (), limit: int = 0) -> int:
    """Start a program in a session of its own, with no signal ignored or blocked, and return its pid.

    Args:
        actions: what to do with descriptors, as for `os.posix_spawn`.
        limit: bytes that a file of the program may reach; 0 for no limit but the usual one.

    Raises:
        OSError: it cannot be started.
        ValueError: an argument or variable holds what no program can be given.
    """
    program = find_program(argv[0], env.get("PATH", os.defpath))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit:  # inherited by the program; the keeper itself writes no files
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit if hard < 0 else min(limit, hard), hard))
    try:
        return os.posix_spawn(program, argv, env, file_actions=actions, setsid=True, setsigmask=(), setsigdef=_SIGNALS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Keeper:
    """Owns the programs of one controller.

    Args:
        channel: socket to the controller.
        grace: seconds between TERM and KILL when the controller has gone.
        name: its identity as the controller sees it; its own view differs in a pid namespace.
    """

    def __init__(self, channel: _socket.socket, grace: float, name: str = "") -> None:
        self._channel = channel
        self._grace = grace
        self._pid = os.getpid()
        self._mark = (name or identity(self._pid)) + "."
        self._inbox = bytearray()
        self._received: list[int] = []  # descriptors, in the order of the messages that came with them
        self._running: dict[int, int] = {}  # job to the pid of its main program
        self._job_of: dict[int, int] = {}  # pid of a main program, ended ones too: it is their session's number
        self._to_stop: dict[int, float] = {}  # job to grace, as asked for since the last look
        self._deadlines: dict[int, float] = {}  # job to the time of its KILL
        self._killed: set[tuple[int, int]] = set()
        self._kill_helpers: set[int] = set()  # `sudo kill`, which must not be killed itself
        self._childless = True
        self._wakeup, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only its byte in the pipe counts
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Do what the controller says until it has gone."""
        events = select.poll()
        events.register(self._wakeup, select.POLLIN)
        events.register(self._channel.fileno(), select.POLLIN)
        while True:
            spoken = self._wait(events, min(self._deadlines.values(), default=None))
            self._kill_overdue()
            if spoken and not self._receive():
                return
            self._stop_asked()

    def end_everything(self) -> None:
        """End all programs and all that they forked: TERM, the grace, then KILL until there is no child left."""
        events = select.poll()
        events.register(self._wakeup, select.POLLIN)
        self._reap()
        if not self._childless:
            self._ask_to_end(None)
        deadline = time.monotonic() + self._grace
        while not self._childless and time.monotonic() < deadline:
            self._wait(events, deadline)
        deadline = time.monotonic() + _PATIENCE
        while not self._childless and time.monotonic() < deadline:
            if self._kill_round(None):
                self._reap()
            else:
                self._wait(events, deadline)

    def tell(self, verb: str, *arguments: Any) -> None:
        """Send a message to the controller; when it has gone, there is nobody to tell."""
        content = marshal.dumps((verb, arguments))
        try:
            self._channel.sendall(len(content).to_bytes(HEADER, "big") + content)
        except (BrokenPipeError, ConnectionResetError):
            return

    # -- events

    def _wait(self, events: select.poll, deadline: float | None) -> bool:
        """Wait for events, reap what has ended, and return whether the controller has said something."""
        patience = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000 + 1
        ready = {descriptor for descriptor, _ in events.poll(patience)}
        if self._wakeup in ready:
            os.read(self._wakeup, _CHUNK)
            self._reap()
        return bool(ready - {self._wakeup})

    def _reap(self) -> None:
        self._childless = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._childless = True
                return
            if not pid:
                return
            self._kill_helpers.discard(pid)
            job = self._job_of.get(pid, 0)
            if self._running.get(job) == pid:
                del self._running[job]
                self.tell("ended", job, os.waitstatus_to_exitcode(status))

    def _receive(self) -> bool:
        """Take in what the controller sent and obey; return False when it has gone."""
        space = _socket.CMSG_SPACE(16 * 4)  # the kernel hands over the descriptors of at most one message at a time
        try:
            data, extras, *_ = self._channel.recvmsg(_CHUNK, space, _socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            return False
        for _level, _type, content in extras:
            self._received += memoryview(content).cast("i").tolist()
        self._inbox += data
        while len(self._inbox) >= HEADER:
            end = HEADER + int.from_bytes(self._inbox[:HEADER], "big")
            if len(self._inbox) < end:
                break
            verb, arguments = marshal.loads(self._inbox[HEADER:end])
            del self._inbox[:end]
            getattr(self, f"_on_{verb}")(*arguments)
        return bool(data)

    # -- what the controller may say

    def _on_start(
        self, job: int, place: str, argv: list[str], env: dict[str, str], cwd: str, limit: int, streams: tuple[int, ...]
    ) -> None:
        given, self._received = self._received[: len(streams)], self._received[len(streams) :]
        actions = [(os.POSIX_SPAWN_DUP2, source, target) for source, target in zip(given, streams, strict=True)]
        about = "place"
        try:
            self.enter(place)
            about = "folder"
            os.chdir(cwd)
            about = "program"
            pid = spawn(argv, env, actions, limit)
        except (OSError, ValueError) as error:
            number = error.errno if isinstance(error, OSError) else 0
            self.tell("refused", job, about, number or 0, os.strerror(number) if number else str(error))
        else:
            self._running[job] = pid
            self._job_of[pid] = job
            self._childless = False
            entry = read_entry(pid)
            self.tell("started", job, pid, entry.started if entry else 0)
        finally:
            self.leave()
            os.chdir("/")
            for descriptor in given:
                os.close(descriptor)

    def enter(self, place: str) -> None:
        """Go where the next program is to be started; a keeper of this machine knows no other place than that."""

    def leave(self) -> None:
        """Come back from there; harmless when it was not left."""

    def _on_signal(self, job: int, number: int) -> None:
        pid = self._running.get(job)
        if pid is not None:  # not yet reaped, so the number still means this program
            self._send(number, [-pid])

    def _on_stop(self, job: int, grace: float) -> None:
        self._to_stop[job] = grace

    # -- ending

    def _stop_asked(self) -> None:
        """Begin to end the jobs that the controller wants stopped; one look at the process table does for all."""
        if not self._to_stop:
            return
        asked, self._to_stop = self._to_stop, {}
        self._reap()
        if self._childless:
            return
        gentle = {job for job, grace in asked.items() if grace > 0}
        if gentle:
            self._ask_to_end(gentle)  # may miss what is just being forked; what follows does not
            self._deadlines.update({job: time.monotonic() + asked[job] for job in gentle})
        self._kill_jobs(set(asked) - gentle)

    def _kill_overdue(self) -> None:
        if self._deadlines:
            now = time.monotonic()
            self._kill_jobs({job for job, deadline in self._deadlines.items() if deadline <= now})

    def _kill_jobs(self, jobs: set[int]) -> None:
        for job in jobs:
            self._deadlines.pop(job, None)
        deadline = time.monotonic() + _CHASE
        while jobs and not self._childless and self._kill_round(jobs) and time.monotonic() < deadline:
            self._reap()

    def _ask_to_end(self, jobs: set[int] | None) -> None:
        """Send TERM to all processes of jobs (None: of all jobs)."""
        table = {entry.pid: entry for entry in map(read_entry, all_pids()) if entry}
        roots = {entry.pid for entry in table.values() if self._is_root(entry, jobs)}
        # Oldest first: a shell must not go on with its next command because the present one has been ended.
        found = sorted(family(table, roots), key=lambda pid: (table[pid].started, pid))
        self._send(signal.SIGTERM, found)
        self._send(signal.SIGCONT, found)  # to all: one that is about to be stopped does not look so yet

    def _kill_round(self, jobs: set[int] | None) -> bool:
        """Kill all processes of jobs (None: of all jobs); return whether another round may find more.

        Children of the keeper are killed at sight, newest first, and not after the whole table has been read: only
        this catches a program that forks, leaves its session and ends, over and over.
        """
        table: dict[int, ProcessEntry] = {}
        roots: set[int] = set()
        killed_before = len(self._killed)
        pids = all_pids()[::-1]
        for entry in filter(None, map(read_entry, pids)):
            table[entry.pid] = entry
            if self._is_root(entry, jobs):
                roots.add(entry.pid)
                self._kill_once(entry)
        for pid in sorted(family(table, roots) - roots):
            self._kill_once(table[pid])
        return len(table) < len(pids) or len(self._killed) > killed_before

    def _kill_once(self, entry: ProcessEntry) -> None:
        if (entry.pid, entry.started) not in self._killed:
            self._killed.add((entry.pid, entry.started))
            self._send(signal.SIGKILL, [entry.pid])

    def _is_root(self, entry: ProcessEntry, jobs: set[int] | None) -> bool:
        """Tell whether a process is a child of the keeper (a main program, or adopted) that belongs to jobs."""
        if entry.parent != self._pid or entry.pid in self._kill_helpers:
            return False
        return jobs is None or self._job_of_child(entry) in jobs

    def _job_of_child(self, entry: ProcessEntry) -> int | None:
        if entry.session in self._job_of:
            return self._job_of[entry.session]
        mark = (read_marks(entry.pid) or {}).get(JOB_MARK, "")
        return int(mark.removeprefix(self._mark)) if mark.startswith(self._mark) else None

    def _send(self, number: int, targets: list[int]) -> None:
        """Send a signal to processes (a negative number means a process group), as root where that is needed."""
        refused = []
        for target in targets:
            try:
                os.kill(target, number)
            except ProcessLookupError:
                continue
            except PermissionError:
                refused.append(str(target))
        if refused:
            self._send_as_root(number, refused)

    def _send_as_root(self, number: int, targets: list[str]) -> None:
        command = ["sudo", "-n", "kill", f"-{int(number)}", "--", *targets]
        try:
            self._kill_helpers.add(spawn(command, {"PATH": os.environ.get("PATH", os.defpath)}))
        except OSError as error:
            self.tell("failed", f"Cannot signal {', '.join(targets)}, which belong to another user: {error}")


def main(descriptor: int, grace: float) -> None:
    """Be a keeper: serve the controller at the other end of the socket ``descriptor``, then end everything."""
    prepare(descriptor)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    work(Keeper(_socket.socket(fileno=descriptor), grace))


def prepare(descriptor: int) -> None:
    """Heed no signal that is meant for the controller, and keep the socket to it from programs."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    os.set_inheritable(descriptor, False)
    os.chdir("/")


def work(keeper: Keeper) -> None:
    """Serve until the controller has gone, then end everything, whatever happened."""
    try:
        keeper.serve()
    except Exception:
        import traceback  # slow to import, and only needed here

        keeper.tell("failed", traceback.format_exc())
        raise
    finally:
        keeper.end_everything()

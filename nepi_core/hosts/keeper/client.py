"""The controller's end of the line to its keeper."""

from __future__ import annotations

import itertools
import logging
import marshal
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from nepi_core.errors import HostError
from nepi_core.hosts.keeper.process import HEADER, JOB_MARK, KEEPER_MARK, RUN_MARK, identity
from nepi_core.hosts.leftovers import end_programs_of

logger = logging.getLogger(__name__)

# Not run as a script: a script is compiled at each start, an imported module only once.
_PROGRAM = "import sys; _, folder, socket, grace = sys.argv; sys.path.append(folder); import process; "
_PROGRAM += "process.main(int(socket), float(grace))"
_HANG = 15.0  # seconds beyond the grace after which a keeper that does not end is killed
LOST = -9
"""Status that is told for a program whose keeper died, since nobody can tell the real one."""


class Listener(Protocol):
    """Whoever started a program; called in the keeper's reader thread, in this order."""

    def started(self, pid: int) -> None:
        """The program runs."""

    def refused(self, about: str, number: int, reason: str) -> None:
        """It could not be started, because of the "folder" or the "program"; ``number`` is of `errno`, or 0."""

    def ended(self, status: int, lost: bool) -> None:
        """It has ended; ``lost`` when the keeper died and the status is made up."""


class KeeperClient:
    """A keeper process, and one thread that reads what it tells.

    Args:
        run_folder: marks the programs and the keeper, for messages about leftovers; may be "".
        grace: seconds between TERM and KILL when the controller closes or dies.

    Raises:
        HostError: the keeper cannot be started.
    """

    def __init__(self, run_folder: str, grace: float) -> None:
        self._grace = grace
        self._run_folder = run_folder
        self._listeners: dict[int, Listener] = {}
        self._running: dict[int, tuple[int, int]] = {}  # job to pid and start, of main programs
        self._jobs = itertools.count(1)
        self._lock = threading.Lock()  # guards _listeners and over; the reader takes it, so nothing blocks under it
        self._send_lock = threading.Lock()  # keeps messages whole
        self._closing = False
        self.over = False
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = self._start_keeper(theirs.fileno())
        except OSError as error:
            self._socket.close()
            raise HostError(f"The keeper, which runs programs on this machine, cannot be started: {error}") from error
        self.pid = self._process.pid
        self.identity = identity(self.pid)
        _clients.add(self)
        self._reader = threading.Thread(target=self._read, name=f"nepi-keeper-{self.pid}", daemon=True)
        self._reader.start()

    def marks(self, job: int) -> dict[str, str]:
        """Return the environment variables by which the programs of a job are found again."""
        return {RUN_MARK: self._run_folder, JOB_MARK: f"{self.identity}.{job}"}

    def new_job(self) -> int:
        """Return a number for a job."""
        return next(self._jobs)

    def start(
        self,
        job: int,
        listener: Listener,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
        limit: int,
        streams: Mapping[int, int],
    ) -> None:
        """Ask for a program to be started; the listener is told what became of it.

        Args:
            limit: bytes that a file of the program may reach; 0 for no limit.
            streams: descriptor of the program (0 to 2) to descriptor of the controller.

        Raises:
            HostError: the keeper has gone, or is not to be reached.
        """
        if threading.current_thread() is self._reader:
            raise HostError("A program cannot be started in an on_exit callback: hand the work to another thread.")
        with self._lock:
            if self.over or self._closing:
                raise HostError(f"The keeper (process {self.pid}) has ended; no program can be started by it.")
            self._listeners[job] = listener
        try:
            self._send("start", (job, list(argv), dict(env), cwd, limit, tuple(streams)), list(streams.values()))
        except OSError as error:
            with self._lock:
                self._listeners.pop(job, None)
            raise HostError(f"The keeper (process {self.pid}) cannot be reached: {error}") from error

    def signal(self, job: int, number: int) -> None:
        """Send a signal to the process group of a job's main program."""
        self._send("signal", (job, int(number)))

    def stop(self, job: int, grace: float) -> None:
        """End all processes of a job: TERM, and KILL after ``grace`` seconds."""
        self._send("stop", (job, float(grace)))

    def close(self) -> None:
        """End everything that the keeper started, and the keeper; return when that is done."""
        with self._lock:
            self._closing = True
        try:
            self._process.send_signal(signal.SIGCONT)  # a program may have stopped it; then it would not see the end
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:  # ended, or closed before
            logger.debug("keeper %d: %s", self.pid, error)
        if threading.current_thread() is self._reader:
            return
        self._reader.join(self._grace + _HANG)
        if self._reader.is_alive():
            logger.warning("The keeper (process %d) hangs; it is killed.", self.pid)
            self._process.kill()
            self._reader.join()

    def forget(self) -> None:
        """Close this process's copy of the socket, in a fork of the controller: the keeper must see its owner die."""
        self._socket.close()

    def _start_keeper(self, descriptor: int) -> subprocess.Popen[bytes]:
        mine = {KEEPER_MARK: identity(os.getpid()), RUN_MARK: self._run_folder}
        program = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(Path(__file__).parent)]
        return subprocess.Popen(
            [*program, str(descriptor), str(self._grace)],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # an inherited one would be kept open when the controller has gone
            env={**os.environ, **mine},
            start_new_session=True,  # Ctrl-C in the terminal is for the controller alone
        )

    def _send(self, verb: str, arguments: tuple[Any, ...], descriptors: Sequence[int] = ()) -> None:
        content = marshal.dumps((verb, arguments))
        message = len(content).to_bytes(HEADER, "big") + content
        with self._send_lock:
            if self.over:
                return
            try:
                sent = socket.send_fds(self._socket, [message], descriptors) if descriptors else 0
                self._socket.sendall(memoryview(message)[sent:])
            except (BrokenPipeError, ConnectionResetError):
                return  # the keeper has ended: the reader sees it too, and tells all listeners
            except KeyboardInterrupt:
                # Half a message may have gone out, and whatever follows would be misread.
                self._socket.shutdown(socket.SHUT_WR)
                raise

    # -- the reader thread

    def _read(self) -> None:
        inbox = bytearray()
        while data := self._receive():
            inbox += data
            while len(inbox) >= HEADER and len(inbox) >= (end := HEADER + int.from_bytes(inbox[:HEADER], "big")):
                verb, arguments = marshal.loads(inbox[HEADER:end])
                del inbox[:end]
                getattr(self, f"_on_{verb}")(*arguments)
        self._finish()

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except ConnectionResetError:
            return b""

    def _on_started(self, job: int, pid: int, started: int) -> None:
        self._running[job] = (pid, started)
        self._listeners[job].started(pid)

    def _on_refused(self, job: int, about: str, number: int, reason: str) -> None:
        self._take(job).refused(about, number, reason)

    def _on_ended(self, job: int, status: int) -> None:
        self._running.pop(job, None)
        self._take(job).ended(status, lost=False)

    def _on_failed(self, text: str) -> None:
        logger.error("The keeper (process %d): %s", self.pid, text.strip())

    def _take(self, job: int) -> Listener:
        with self._lock:
            return self._listeners.pop(job)

    def _finish(self) -> None:
        """The keeper has gone: end what it left, should it have been killed, and tell those that still listen."""
        status = self._process.wait()
        with self._lock:
            self.over = True
            lost = list(self._listeners.values())
        if status != 0 or lost:
            logger.error("The keeper (process %d) died; the programs that it started are ended.", self.pid)
            end_programs_of(self.identity, set(self._running.values()))
        for listener in lost:
            listener.ended(LOST, lost=True)
        with self._send_lock:
            self._socket.close()
        _clients.discard(self)


_clients: weakref.WeakSet[KeeperClient] = weakref.WeakSet()


def _forget_all() -> None:
    for client in list(_clients):
        client.forget()


os.register_at_fork(after_in_child=_forget_all)

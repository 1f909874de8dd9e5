"""The controller's end of the line to its keeper."""

from __future__ import annotations

import itertools
import logging
import marshal
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nepi_core.errors import HostError
from nepi_core.hosts.keeper.process import HEADER
from nepi_core.hosts.keeper.process_table import JOB_MARK, KEEPER_MARK, RUN_MARK, identity
from nepi_core.hosts.leftovers import end_programs_of

logger = logging.getLogger("nepi.hosts")

# Not run as a script: a script is compiled at each start, an imported module only once. Not as nepi_core.hosts.keeper
# either, whose packages take time to import.
_PROGRAM = "import sys; _, root, folder, name, socket, grace, *more = sys.argv; sys.path += [folder, root]; "
_PROGRAM += "__import__(name, fromlist=['main']).main(int(socket), float(grace), *more)"
_FOLDER = Path(__file__).parents[1]
_ROOT = Path(__file__).parents[3]
_HANG = 15.0  # seconds beyond the grace after which a keeper that does not end is killed
LOST = -9
"""Status that is told for a program whose keeper died, since nobody can tell the real one."""


@dataclass(frozen=True, slots=True)
class KeeperProgram:
    """A keeper: that of this machine, or one that knows more.

    Attributes:
        folder: added to the path of modules, for ``module``.
        purpose: what messages say that it does.
        arguments: for its ``main``, behind socket and grace.
        greetings: numbers of questions that it answers without being asked; see `KeeperClient.greeting`.
    """

    folder: Path = _FOLDER
    module: str = "keeper.process"
    purpose: str = "runs programs on this machine"
    arguments: Sequence[str] = ()
    greetings: Sequence[int] = ()


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
        program: which keeper.
        died: called with a sentence, in the reader's thread, when the keeper dies although nobody has closed it.

    Raises:
        HostError: the keeper cannot be started.
    """

    def __init__(
        self,
        run_folder: str,
        grace: float,
        program: KeeperProgram | None = None,
        died: Callable[[str], None] | None = None,
    ) -> None:
        self._grace = grace
        self._program = program or KeeperProgram()
        self._died = died
        self._run_folder = run_folder
        self._listeners: dict[int, Listener] = {}
        # Of questions that were not answered yet, by number.
        self._answers: dict[int, queue.SimpleQueue[Any]] = {
            number: queue.SimpleQueue() for number in self._program.greetings
        }
        self._greetings = dict(self._answers)
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
            raise HostError(f"The keeper, which {self._program.purpose}, cannot be started: {error}") from error
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
        place: str = "",
    ) -> None:
        """Ask for a program to be started; the listener is told what became of it.

        Args:
            limit: bytes that a file of the program may reach; 0 for no limit.
            streams: descriptor of the program (0 to 2) to descriptor of the controller.
            place: where to start it, for a keeper that knows several.

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
            self._send("start", (job, place, list(argv), dict(env), cwd, limit, tuple(streams)), [*streams.values()])
        except OSError as error:
            with self._lock:
                self._listeners.pop(job, None)
            raise HostError(f"The keeper (process {self.pid}) cannot be reached: {error}") from error

    def ask(self, verb: str, *arguments: Any) -> Any:
        """Have the keeper do something that only its kind can, wait for that, and return its answer.

        Raises:
            HostError: it could not, or has gone.
        """
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with self._lock:
            if self.over or self._closing:
                raise HostError(f"The keeper (process {self.pid}) has ended.")
            number = self.new_job()
            self._answers[number] = answer
        self._send(verb, (number, *arguments))
        return _value(answer)

    def greeting(self, number: int) -> Any:
        """Wait for what the keeper tells when it begins, and return it.

        Raises:
            HostError: it has died before.
        """
        return _value(self._greetings[number])

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
        program = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_ROOT), str(self._program.folder)]
        return subprocess.Popen(
            [*program, self._program.module, str(descriptor), str(self._grace), *self._program.arguments],
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

    def _on_answer(self, number: int, value: Any, problem: str) -> None:
        with self._lock:
            waiting = self._answers.pop(number)
        waiting.put((value, problem))

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
            unanswered = list(self._answers.values())
        if status != 0 or lost:
            logger.error("The keeper (process %d) died; all that it started is ended.", self.pid)
            end_programs_of(self.identity, set(self._running.values()))
        for listener in lost:
            listener.ended(LOST, lost=True)
        problem = f"The keeper (process {self.pid}), which {self._program.purpose}, has died."
        for waiting in unanswered:
            waiting.put((None, problem))
        if self._died is not None and not self._closing:
            self._died(problem)
        with self._send_lock:
            self._socket.close()
        _clients.discard(self)


def _value(answer: queue.SimpleQueue[Any]) -> Any:
    value, problem = answer.get()
    if problem:
        raise HostError(problem)
    return value


_clients: weakref.WeakSet[KeeperClient] = weakref.WeakSet()


def _forget_all() -> None:
    for client in list(_clients):
        client.forget()


os.register_at_fork(after_in_child=_forget_all)

"""Programs of the network that serve many links: started in the fabric, told what to do over a socket."""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nepi_core.errors import HostError

from ._host import NamespaceHost
from ._keeper import program_command

logger = logging.getLogger("nepi.netns")

# The kernel takes 12 to 27 ms for each packet socket of a killed forwarder, which itself closes them side by side.
_GRACE = 5.0
_PATIENCE = 15.0  # seconds for an answer; one takes milliseconds


class ControlledProgram:
    """One of this backend's programs, and a thread that reads what it tells.

    Args:
        fabric: where it is started.
        module: its name among `_programs`.
        log: file for its standard error.
        shared: descriptor that it gets as its standard output; see the program.
        noticed: called with what it tells unasked.

    Raises:
        HostError: it cannot be started.
    """

    def __init__(
        self,
        fabric: NamespaceHost,
        module: str,
        log: Path,
        shared: int | None,
        noticed: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._name = module.replace("_", " ")
        self._noticed = noticed
        self._answers: dict[tuple[int, str], queue.SimpleQueue[str]] = {}
        self._lock = threading.Lock()  # guards _answers and _ended
        self._ended = ""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs, log.open("ab") as errors:
                streams = {0: theirs.fileno(), 2: errors.fileno()} | ({} if shared is None else {1: shared})
                self._process = fabric.start_with(program_command(module), streams)
        except BaseException:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._read, name=f"nepi-{module}", daemon=True)
        self._thread.start()

    def ask(self, verb: str, link: int, done: str, **more: Any) -> None:
        """Have it do something for a link, and wait until it says that this is done.

        Raises:
            HostError: it could not, or has ended.
        """
        answer: queue.SimpleQueue[str] = queue.SimpleQueue()
        with self._lock:
            if self._ended:
                raise HostError(self._ended)
            self._answers[link, done] = answer
        self._send({"verb": verb, "link": link, **more})
        try:
            problem = answer.get(timeout=_PATIENCE)
        except queue.Empty:
            problem = f"The {self._name} of the network does not answer, so it was ended."
            with self._lock:
                self._ended = self._ended or problem
            self._process.stop(0)
        finally:
            with self._lock:
                self._answers.pop((link, done), None)
        if problem:
            raise HostError(problem)

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._socket.send(json.dumps(message).encode())
        except OSError as error:
            raise HostError(f"The {self._name} of the network cannot be reached: {error.strerror}.") from error

    def close(self) -> None:
        """Have it end, and wait for that. It gets time: killed, it would keep the kernel busy for longer."""
        with self._lock:
            self._ended = self._ended or f"The {self._name} of the network has been ended."
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.stop(_GRACE)
        self._thread.join()
        self._socket.close()

    def _read(self) -> None:
        while content := self._receive():
            message = json.loads(content)
            link = message.get("link", 0)
            words = [word for word in message if message[word] is True]
            problem = str(message.get("failed", ""))
            if not self._settle(link, words, problem):
                self._noticed(message)
        self._end()

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except OSError:
            return b""

    def _settle(self, link: int, words: list[str], problem: str) -> bool:
        """Give an answer to who waits for it; return whether somebody did."""
        with self._lock:
            keys = [key for key in self._answers if key[0] == link and (problem or key[1] in words)]
            waiting = [self._answers.pop(key) for key in keys]
        for each in waiting:
            each.put(problem)
        return bool(waiting)

    def _end(self) -> None:
        with self._lock:
            expected = bool(self._ended)
            self._ended = self._ended or f"The {self._name} of the network has died."
            waiting, self._answers = list(self._answers.values()), {}
        for each in waiting:
            each.put(self._ended)
        if not expected:
            self._noticed({"died": self._ended})


def counters_memory(slots: int) -> int:
    """Return a descriptor of memory that forwarder and meter share: 64 bytes for each link."""
    descriptor = os.memfd_create("counters", os.MFD_CLOEXEC)
    os.truncate(descriptor, slots * 64)
    return descriptor

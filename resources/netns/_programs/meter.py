"""The meter: samples the counters of all links of an emulated network, and writes a CSV file for each.

It runs in the fabric's network namespace. Descriptor 0 is a SOCK_SEQPACKET socket to the controller, each message a
JSON object: the controller says ``watch`` and ``unwatch`` (member ``verb``), the meter answers ``watched`` and
``unwatched``, and tells ``failed`` with a sentence, then or later, and ``notice``. Descriptor 1 may be the memory file
with the forwarder's counters, see `forwarder`. The argument is the interval in seconds, 0.1 when it is missing.

A link of which an end is missing gives no lines until it is back.
"""

# pathlib would take as long to import as all the rest.
# ruff: noqa: PTH116
from __future__ import annotations

import _socket
import json
import os
import resource
import select
import signal
import stat
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from .interface_counters import Namespace
from .link_statistics import HEADER, LinkStatistics
from .pace import Pace
from .whole_file import WholeFile

_INTERVAL = 0.1  # seconds
_LONGEST_MESSAGE = 65536
_SLOT = struct.Struct("<16xQQ16xQQ")  # of forward, then backward: received, sent, lost, overflow

Message = dict[str, Any]


class ForwarderCounters:
    """What the forwarder has counted, in the file of a descriptor; nothing when that is no file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)

    def lost(self, slot: int | None) -> tuple[int, int]:
        """Return how many packets were lost or found no room, forward and backward.

        Raises:
            ValueError: the file has no such slot.
        """
        if slot is None or not self._is_file:
            return 0, 0
        content = os.pread(self._descriptor, _SLOT.size, slot * _SLOT.size)
        if len(content) < _SLOT.size:
            raise ValueError(f"the forwarder's counters have no slot {slot}")
        lost, overflow, lost_back, overflow_back = _SLOT.unpack(content)
        return lost + overflow, lost_back + overflow_back


class Namespaces:
    """The namespaces that watched links end in, each opened once."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], Namespace] = {}
        self._uses: dict[Namespace, int] = {}

    def open(self, path: str) -> Namespace:
        """Return a namespace, given by its file; "" for the one of this process.

        Raises:
            OSError: it cannot be entered.
        """
        status = os.stat(path or "/proc/self/ns/net")
        identity = status.st_dev, status.st_ino
        if identity not in self._open:
            self._open[identity] = Namespace(path)
        namespace = self._open[identity]
        self._uses[namespace] = self._uses.get(namespace, 0) + 1
        return namespace

    def close(self, namespace: Namespace) -> None:
        """Give back a namespace; when nobody uses it any more, it is free to go."""
        self._uses[namespace] -= 1
        if not self._uses[namespace]:
            del self._uses[namespace]
            self._open = {identity: each for identity, each in self._open.items() if each is not namespace}
            namespace.close()


class Link:
    """A watched link.

    Args:
        path: its CSV file, which goes on where it ended.
        ends: namespace and interface of the end that sends forward, and of the other one.
        slot: of the forwarder's counters; None when no forwarder serves the link.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: str, ends: list[tuple[Namespace, str]], slot: int | None) -> None:
        self.path = path
        self.ends = ends
        self._slot = slot
        self._statistics = LinkStatistics()
        self._file = WholeFile(path)

    def begin(self, forwarder: ForwarderCounters) -> None:
        """Write the file's header, and count from now on; the first interval begins with the next sample.

        Raises:
            OSError: as `sample`.
            ValueError: as `sample`.
        """
        if not self._file.size:
            self._file.write(f"{HEADER}\n".encode())
        self.sample(forwarder, 0.0)
        self._statistics.begin_intervals_anew()

    def sample(self, forwarder: ForwarderCounters, shift: float) -> None:
        """Write a line.

        Raises:
            OSError: there is no room for it.
            ValueError: the forwarder has no counters for the link.
        """
        (there, interface), (back_there, back_interface) = self.ends
        readings = there.read(interface), back_there.read(back_interface)
        line = self._statistics.see(readings, forwarder.lost(self._slot), shift)
        if line:
            self._file.write(line.encode())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Meter:
    """Watches the links of one controller.

    Args:
        channel: socket to the controller.
        interval: seconds between samples.
    """

    def __init__(self, channel: _socket.socket, forwarder: ForwarderCounters, interval: float) -> None:
        self._channel = channel
        self._forwarder = forwarder
        self._pace = Pace(interval)
        self._has_told = False  # that samples are taken less often
        self._shift = time.time() - time.monotonic()  # set once: an adjusted wall clock changes no rate and no order
        self._due = 0.0
        self._links: dict[int, Link] = {}
        self._namespaces = Namespaces()

    def serve(self) -> None:
        """Take samples until the controller has gone."""
        events = select.poll()
        events.register(self._channel.fileno(), select.POLLIN)
        while True:
            patience = max(0.0, self._due - self._now()) * 1000 if self._links else None
            if events.poll(patience) and not self._receive():
                return
            if self._links and self._now() >= self._due:
                self._sample()
                self._due = self._pace.after(self._now())

    def end(self) -> None:
        """Close everything."""
        for number in list(self._links):
            self._close(number)

    def _now(self) -> float:
        return time.monotonic() + self._shift

    def _sample(self) -> None:
        before = time.process_time()
        for number in list(self._links):
            self._attempt(number, lambda link: link.sample(self._forwarder, self._shift))
        # Processor time: on a busy machine samples come late, but this is no reason to take fewer of them.
        if self._pace.judge(time.process_time() - before) and not self._has_told:
            self._has_told = True
            cost, interval = self._pace.cost * 1000, self._pace.interval
            self._say(
                notice=f"It takes {cost:.0f} ms to read the counters of all links: they are read every {interval:g} s."
            )

    def _attempt(self, number: int, work: Callable[[Link], None]) -> bool:
        """Have something done for a link; one that fails is watched no longer."""
        link = self._links[number]
        try:
            work(link)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self._close(number)
            self._say(link=number, failed=f"The counters of link {number} cannot be written to {link.path}: {reason}.")
            return False
        return True

    # -- what the controller may say

    def _receive(self) -> bool:
        """Do what the controller says; return False when it has gone."""
        try:
            content = self._channel.recv(_LONGEST_MESSAGE)
        except ConnectionResetError:
            return False
        if content:
            message = json.loads(content)
            getattr(self, f"_on_{message['verb']}")(message)
        return bool(content)

    def _on_watch(self, message: Message) -> None:
        number = message["link"]
        self._close(number)
        if not self._links:
            self._due = self._pace.after(self._now())
        try:
            self._links[number] = self._open(message)
        except OSError as error:
            about = f" ({error.filename})" if error.filename else ""
            self._say(link=number, failed=f"The counters of link {number} cannot be read: {error.strerror}{about}.")
            return
        if self._attempt(number, lambda link: link.begin(self._forwarder)):
            self._say(link=number, watched=True)

    def _on_unwatch(self, message: Message) -> None:
        self._close(message["link"])
        self._pace.relax()
        self._say(link=message["link"], unwatched=True)

    def _open(self, message: Message) -> Link:
        ends: list[tuple[Namespace, str]] = []
        try:
            for path, interface in message["ends"]:
                ends.append((self._namespaces.open(path), interface))
            return Link(message["file"], ends, message["slot"])
        except OSError:
            for namespace, _ in ends:
                self._namespaces.close(namespace)
            raise

    def _close(self, number: int) -> None:
        link = self._links.pop(number, None)
        if link:
            link.close()
            for namespace, _ in link.ends:
                self._namespaces.close(namespace)

    def _say(self, **message: int | str) -> None:
        try:
            self._channel.send(json.dumps(message).encode())
        except (BrokenPipeError, ConnectionResetError):
            return  # there is nobody to tell


def main() -> None:
    """Serve the controller at descriptor 0."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the controller, which then ends this
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    interval = float(sys.argv[1]) if len(sys.argv) > 1 else _INTERVAL
    meter = Meter(_socket.socket(fileno=0), ForwarderCounters(1), interval)
    try:
        meter.serve()
    finally:
        meter.end()

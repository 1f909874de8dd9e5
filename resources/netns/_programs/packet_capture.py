"""The packet capture: writes the packets that pass interfaces into a pcapng file.

Arguments: ``[--filter PROGRAM] FILE SNAPLEN LIMIT INTERFACE...``; the program is what `tcpdump -ddd` prints, SNAPLEN
the bytes to keep of each packet and LIMIT those of the file, 0 for all of both. It runs in a node's network namespace
until SIGINT, SIGTERM or, when its standard input is a pipe or a socket, the end of that. What has been captured is in
the file some 0.1 s later, in whole blocks, so that the file can be read at any time. Only a SIGKILL in the middle of a
write, which takes microseconds, may cut the last block; programs that read the file then say so and show the others.

The exit status is 1 when it could not begin or had to end early for lack of room or interfaces, with the reason on
standard error; a file that has reached its limit is no failure.
"""

from __future__ import annotations

import _socket
import errno
import itertools
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Iterable

from . import packet_filter
from .capture_file import CaptureFile
from .packet_ring import PacketRing

_LARGEST_PACKET = 262_144  # bytes, the same as tcpdump's
_TURN = 4  # blocks that are taken from one interface before the others get their turn
_USAGE = "Arguments: [--filter PROGRAM] FILE SNAPLEN LIMIT INTERFACE..."


class Capture:
    """Packets on their way from interfaces into a file.

    Attributes:
        problem: why it had to end early; "" if it had not.
    """

    def __init__(self, file: CaptureFile, rings: list[PacketRing]) -> None:
        self.problem = ""
        self._file = file
        self._rings = rings
        self._present = list(rings)
        self._started = time.time_ns()

    @property
    def interfaces(self) -> list[str]:
        """Names of the interfaces that it captures from."""
        return [each.interface for each in self._rings]

    def run(self, stops: set[int]) -> None:
        """Capture until one of these descriptors is readable, or there is no more room or no interface."""
        events = _events(stops.union(each.fileno() for each in self._rings))
        while self._present and not self._file.full:
            ready = dict(events.poll())
            if not stops.isdisjoint(ready):
                break
            self._take()
            for ring in [each for each in self._present if ready.get(each.fileno(), 0) & select.POLLERR]:
                if ring.is_gone():
                    events.unregister(ring.fileno())
                    self._lose(ring)
        self._take_rest()

    def finish(self) -> None:
        """Write the statistics, close the file, and say how complete it is."""
        counts = [ring.counts() for ring in self._rings]
        ended = time.time_ns()
        self._file.finish([(self._started, ended, *each) for each in counts])
        if self._file.failed:
            self.problem = self._file.full
        elif self._file.full:
            _say(self._file.full)
        _say(f"{self._file.captured} packets captured")
        _say(f"{sum(dropped for _, dropped in counts)} packets dropped by kernel")

    def _lose(self, ring: PacketRing) -> None:
        _say(f"Interface {ring.interface} has gone.")
        self._present.remove(ring)
        if not self._present:
            self.problem = "There is no interface left to capture from."

    def _take(self) -> None:
        """Write what the kernel has handed over; one interface must not keep the others waiting."""
        for number, ring in enumerate(self._rings):
            for packets in itertools.islice(iter(ring.take, []), _TURN):
                self._file.add(number, packets)

    def _take_rest(self) -> None:
        """Write what had been captured when the end was wanted, also what the kernel has not handed over yet."""
        for ring in self._rings:
            ring.stop()
        events = _events(each.fileno() for each in self._rings)
        self._take()
        while not self._file.full and any(each.holds_packets() for each in self._rings):
            events.poll()
            for ring in self._rings:
                ring.is_gone()  # an interface that is down would else have the poll return for ever
            self._take()


def _events(descriptors: Iterable[int]) -> select.poll:
    events = select.poll()
    for descriptor in descriptors:
        events.register(descriptor, select.POLLIN)
    return events


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _stops() -> set[int]:
    """Return descriptors of which one becomes readable when the capture is to end."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # only its byte in the pipe counts
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    mode = os.fstat(0).st_mode
    return {reader, 0} if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else {reader}


def _rings(interfaces: list[str], snap_length: int, program: bytes) -> list[PacketRing]:
    rings: list[PacketRing] = []
    for interface in interfaces:
        try:
            rings.append(PacketRing(interface, snap_length, program))
        except OSError as error:
            raise ValueError(_refusal(interface, error)) from None
    return rings


def _refusal(interface: str, error: OSError) -> str:
    if error.errno == errno.ENODEV:
        return f"There is no interface {interface} here, only {', '.join(name for _, name in _socket.if_nameindex())}."
    if error.errno == errno.EPERM:
        return f"To capture from {interface} takes the right CAP_NET_RAW."
    return f"Nothing can be captured from {interface}: {error.strerror}."


def _begin(words: list[str]) -> Capture:
    """Return the capture that the arguments say.

    Raises:
        ValueError: it cannot be; the message is a sentence about why.
    """
    program = ""
    if words[:1] == ["--filter"]:
        program, words = "".join(words[1:2]), words[2:]
    if len(words) < 4 or not all(word.isdecimal() for word in words[1:3]):
        raise ValueError(_USAGE)
    path, interfaces = words[0], words[3:]
    snap_length = int(words[1]) or _LARGEST_PACKET
    rings = _rings(interfaces, snap_length, packet_filter.assemble(program, snap_length))
    about = [(each.interface, f"{each.interface} of {os.uname().nodename}", each.link_type) for each in rings]
    try:
        return Capture(CaptureFile(path, int(words[2]), about, snap_length), rings)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from None


def main() -> None:
    """Capture until the end is wanted."""
    stops = _stops()
    try:
        capture = _begin(sys.argv[1:])
    except ValueError as error:
        sys.exit(str(error))
    _say(f"listening on {', '.join(capture.interfaces)}")
    capture.run(stops)
    capture.finish()
    sys.exit(capture.problem or 0)

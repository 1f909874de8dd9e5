"""Both outputs of a short command, read while it runs, in bounded memory."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TypeVar

from nepi_core.hosts.host import Process

_KEPT = 8 * 1024 * 1024  # bytes of the beginning, and as many of the end
_CHUNK = 1 << 20  # more than a pipe holds, so that one read empties it

SomeProcess = TypeVar("SomeProcess", bound=Process)


class BoundedOutput:
    """The beginning and the end of an output; what lies between is dropped and counted.

    Args:
        kept: bytes to keep of either.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Take in what was printed next."""
        room = self._kept - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._kept:
            self._trim()

    def text(self) -> str:
        """Return what was kept, decoded as UTF-8 with replacement characters."""
        self._trim()
        middle = f"\n[... {self._dropped} bytes left out ...]\n".encode() if self._dropped else b""
        return (self._head + middle + self._tail).decode(errors="replace")

    def _trim(self) -> None:
        excess = max(0, len(self._tail) - self._kept)
        self._dropped += excess
        del self._tail[:excess]


def collect(
    start: Callable[[Mapping[int, int]], SomeProcess], given: bytes, timeout: float | None
) -> tuple[SomeProcess, str | None, str | None]:
    """Run a program and return it, its standard output and its standard error, once it has ended.

    The outputs are None when it took longer than ``timeout`` seconds; it has been ended then.

    Args:
        start: starts the program with these descriptors (0 to 2) as its standard streams.
        given: what it reads; nothing when empty.
    """
    with ExitStack() as opened:

        def owned(*descriptors: int) -> tuple[int, ...]:
            for descriptor in descriptors:
                opened.callback(os.close, descriptor)
            return descriptors

        (ended,) = owned(os.eventfd(0, os.EFD_CLOEXEC))
        readers = {}
        with ExitStack() as programs_ends:
            streams = {}
            if given:
                streams[0] = _filled(given)
                programs_ends.callback(os.close, streams[0])
            for number in (1, 2):
                reader, streams[number] = os.pipe()
                owned(reader)
                programs_ends.callback(os.close, streams[number])
                os.set_blocking(reader, False)
                readers[reader] = BoundedOutput()
            process = start(streams)
        process.on_exit(lambda _status: os.eventfd_write(ended, 1))
        try:
            finished = _read_until_ended(readers, ended, None if timeout is None else time.monotonic() + timeout)
        except BaseException:
            _end(process, ended)
            raise
        if not finished:
            _end(process, ended)
            return process, None, None
        stdout, stderr = (output.text() for output in readers.values())
        return process, stdout, stderr


def _filled(content: bytes) -> int:
    """Return a descriptor that gives ``content``: a file in memory, so that nobody has to feed a pipe."""
    descriptor = os.memfd_create("stdin")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _read_until_ended(readers: Mapping[int, BoundedOutput], ended: int, deadline: float | None) -> bool:
    """Read until the program has ended; return False when it has not by the deadline."""
    events = select.poll()
    for descriptor in (ended, *readers):
        events.register(descriptor, select.POLLIN)
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = [descriptor for descriptor, _ in events.poll(None if left is None else left * 1000)]
        if not ready:
            return False
        # Looked at before the last reading: all that the program itself printed is in the pipes by now. Waiting for
        # their end instead would mean to wait for whatever it left in the background.
        over = ended in ready
        for descriptor in readers if over else ready:
            if not _read_some(descriptor, readers[descriptor]) and not over:
                events.unregister(descriptor)
        if over:
            return True


def _read_some(descriptor: int, output: BoundedOutput) -> bool:
    """Read what is there, and return whether there may be more."""
    try:
        data = os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return True
    output.add(data)
    return bool(data)


def _end(process: Process, ended: int) -> None:
    """End a program at once, and wait until it has told so: its callback must not write to a closed descriptor."""
    process.stop(0)
    os.eventfd_read(ended)

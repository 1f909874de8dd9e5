"""What a run and those who watch it say to each other: one JSON object a line, through a Unix socket.

The socket is the file ``control`` in the run's folder, for the account of the run only. The run speaks first.

From the run, each with its ``type``:

- ``hello``: version, pid, exp_id, run_id, file, held, and states: ``[guid, state, time, cause]`` for each resource
  that is not NEW any more, and values: those that were set so far.
- ``changes``: changes, as ``[guid, old, new, time, cause]``; folded, at most 30 messages a second.
- ``values``: values, as ``[guid, name, value]``, of attributes that were set while the run goes on.
- ``held``: held, whether the run goes on when everything in it has ended.
- ``ending``: the run is being shut down.
- ``answer``: id of a request, and errors: sentences, none when all went well.
- ``ended``: outcome, problem; the last one. The report is written after it.

To the run, each with an ``id`` and what to ``do``: ``deploy start stop release`` with guids, ``set`` with guid, name
and value (null gives the default back), ``add`` with guids and xml (an experiment in which they stand), ``hold`` with
held, ``end`` (stop everything in good order, then release), ``hurry`` (end all programs at once).
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from nepi_core.errors import NepiError

SOCKET_NAME = "control"
VERSION = 1
LONGEST = 64 * 1024 * 1024
"""Bytes of a message; an experiment with all its resources is the largest."""

Message = dict[str, Any]


class ProtocolError(NepiError):
    """The other side says what makes no sense."""


def encode(message: Mapping[str, Any]) -> bytes:
    """Return a message as it is sent."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class OtherSide(NamedTuple):
    """Who is on the other side of a connection: a process and its account, by their numbers."""

    pid: int
    uid: int


class Messages:
    """Takes in bytes as they come, and gives the messages that are complete."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def take(self, received: bytes) -> Iterator[Message]:
        """Yield the messages that are complete with these bytes.

        Raises:
            ProtocolError: there is something that is no message, or too long.
        """
        self._rest += received
        if b"\n" in received:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
            yield from map(_decode, lines)
        if len(self._rest) > LONGEST:
            raise ProtocolError(f"A message of more than {LONGEST} bytes is none.")


def _decode(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"{line[:80]!r} is no message: {error}.") from None
    if not isinstance(message, dict):
        raise ProtocolError(f"{line[:80]!r} is no message: it is no JSON object.")
    return message


def listen(folder: Path) -> socket.socket:
    """Return a socket that those who want to watch the run in a folder can connect to.

    Raises:
        OSError: the folder's file system has no sockets, for instance.
    """
    unfinished = folder / f"{SOCKET_NAME}-new"
    unfinished.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    try:
        with _address(folder) as address:
            listening.bind(f"{address}-new")
        unfinished.chmod(0o600)
        listening.listen()
        unfinished.rename(folder / SOCKET_NAME)  # now: who sees the file can connect
    except BaseException:
        listening.close()
        raise
    return listening


def connect(folder: Path) -> socket.socket:
    """Return a connection to the run in a folder; it does not block.

    Raises:
        OSError: nobody listens there.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        with _address(folder) as address:
            connection.connect(address)
        connection.setblocking(False)
    except BaseException:
        connection.close()
        raise
    return connection


def other_side(connection: socket.socket) -> OtherSide:
    """Tell who is on the other side of a connection."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", packed)
    return OtherSide(pid, uid)


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """Give the socket's path by way of a descriptor: as it is it may be longer than the 107 bytes of an address."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET_NAME}"
    finally:
        os.close(descriptor)

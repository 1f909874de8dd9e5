"""Counters of interfaces and of their queues, asked of the kernel by netlink; see rtnetlink(7).

Each interface is asked for by its name: so one that was made anew is found at once, and the others of its namespace
cost nothing. That takes the kernel less than half the time of a dump of a namespace with three interfaces.
"""

from __future__ import annotations

import _socket
import os
import struct
import time

from . import kernel

_NETLINK_ROUTE = 0
_KIND = _socket.SOCK_RAW | _socket.SOCK_CLOEXEC
_LARGEST_ANSWER = 65536

_GET_LINK, _GET_QUEUE = 18, 38  # RTM_GETLINK, RTM_GETQDISC
_REQUEST, _ECHO = 1, 8  # the kernel answers a question for one queueing discipline only when asked to echo it
_ERROR = 2
_ROOT = 0xFFFFFFFF  # parent of the queueing discipline that all others of an interface are below
_NAME, _STATISTICS = 3, 23  # attributes of a link: IFLA_IFNAME, IFLA_STATS64
_QUEUE_STATISTICS, _QUEUE = 7, 3  # attributes of a queueing discipline: TCA_STATS2, and in it TCA_STATS_QUEUE

_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr
_LINK = struct.Struct("=BxHiII")  # struct ifinfomsg
_DISCIPLINE = struct.Struct("=BxxxiIII")  # struct tcmsg
_ATTRIBUTE = struct.Struct("=HH")
_LINK_COUNTERS = struct.Struct("=8xQ8xQ24xQ")  # struct rtnl_link_stats64: tx_packets, tx_bytes, tx_dropped
_QUEUE_COUNTERS = struct.Struct("=I4xI")  # struct gnet_stats_queue: qlen, drops


class Reading:
    """What an interface has sent at a moment; counters begin when it, or its queueing discipline, is made.

    Attributes:
        time: seconds of the monotonic clock.
        index: number of the interface; another one than before means that it was made anew.
        bytes: sent, with Ethernet headers.
        packets: sent; one that leaves its cutting into segments to the hardware is one.
        dropped: by the interface, since the other end could not take them.
        queue_dropped: by its queueing discipline; None when it has none.
        queue: packets that wait in it.
    """

    __slots__ = ("bytes", "dropped", "index", "packets", "queue", "queue_dropped", "time")

    def __init__(
        self,
        time: float,
        index: int,
        sent: tuple[int, int],
        dropped: int = 0,
        queue_dropped: int | None = None,
        queue: int = 0,
    ) -> None:
        self.time = time
        self.index = index
        self.packets, self.bytes = sent
        self.dropped = dropped
        self.queue_dropped = queue_dropped
        self.queue = queue


class Namespace:
    """Reads the counters of interfaces in one network namespace.

    Args:
        path: file of the namespace; "" for that of this process.

    Raises:
        OSError: it cannot be entered.
    """

    def __init__(self, path: str) -> None:
        self._socket = _open_in(path) if path else _open()

    def close(self) -> None:
        """Free the namespace."""
        self._socket.close()

    def read(self, interface: str) -> Reading | None:
        """Return the counters of an interface; None when there is none of this name."""
        name = interface.encode() + b"\0"
        link = self._ask(_GET_LINK, _REQUEST, _LINK.pack(0, 0, 0, 0, 0) + _attribute(_NAME, name))
        now = time.monotonic()
        if not link:
            return None
        index: int = _LINK.unpack_from(link)[2]
        packets, sent, dropped = _LINK_COUNTERS.unpack_from(_find(link, _LINK.size, _STATISTICS))
        discipline = self._ask(_GET_QUEUE, _REQUEST | _ECHO, _DISCIPLINE.pack(0, index, 0, _ROOT, 0))
        counters = _find(_find(discipline, _DISCIPLINE.size, _QUEUE_STATISTICS), 0, _QUEUE)
        queue, queue_dropped = _QUEUE_COUNTERS.unpack_from(counters) if counters else (0, None)
        return Reading(now, index, (packets, sent), dropped, queue_dropped, queue)

    def _ask(self, kind: int, flags: int, body: bytes) -> bytes:
        """Return the kernel's answer; nothing when it says that there is none.

        It answers before `send` returns. Where it has no memory for that, there is no answer this time.
        """
        try:
            self._socket.send(_HEADER.pack(_HEADER.size + len(body), kind, flags, 0, 0) + body)
            answer = self._socket.recv(_LARGEST_ANSWER, _socket.MSG_DONTWAIT)
        except (BlockingIOError, MemoryError):
            return b""
        return b"" if _HEADER.unpack_from(answer)[1] == _ERROR else answer[_HEADER.size :]


def _open() -> _socket.socket:
    channel = _socket.socket(_socket.AF_NETLINK, _KIND, _NETLINK_ROUTE)
    channel.bind((0, 0))
    return channel


def _open_in(path: str) -> _socket.socket:
    """Return a netlink socket of another namespace; it stays there when the process has come back."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            kernel.set_namespace(there, kernel.NEW_NET)
        finally:
            os.close(there)
        try:
            return _open()
        finally:
            kernel.set_namespace(here, kernel.NEW_NET)
    finally:
        os.close(here)


def _attribute(kind: int, content: bytes) -> bytes:
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(content), kind) + content + b"\0" * (-len(content) % 4)


def _find(content: bytes, start: int, wanted: int) -> bytes:
    """Return what is in the attribute of a kind; nothing when there is none."""
    while start + _ATTRIBUTE.size <= len(content):
        length, kind = _ATTRIBUTE.unpack_from(content, start)
        if kind == wanted:
            return content[start + _ATTRIBUTE.size : start + length]
        start += max(length + 3 & ~3, _ATTRIBUTE.size)
    return b""

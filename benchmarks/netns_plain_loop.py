"""A program that carries frames between pairs of interfaces with a delay, the plain way: the peer of our forwarder.

Arguments: milliseconds, and the names of interfaces, two for each link.
"""

from __future__ import annotations

import heapq
import select
import socket
import sys
import time
from contextlib import suppress

_ALL_FRAMES = 0x0003
_IGNORE_OUTGOING = 23  # PACKET_IGNORE_OUTGOING
_FRAME = 2048
_AT_ONCE = 64


def main(delay: float, interfaces: list[str]) -> None:
    """Carry frames until somebody ends this process."""
    ends = [_open(each) for each in interfaces]
    others = {end.fileno(): (end, ends[number ^ 1]) for number, end in enumerate(ends)}
    events = select.epoll()
    for each in ends:
        events.register(each, select.EPOLLIN)
    waiting: list[tuple[float, int, socket.socket, bytes]] = []
    number = 0
    while True:
        for descriptor, _ in events.poll(max(0.0, waiting[0][0] - time.monotonic()) if waiting else None):
            source, target = others[descriptor]
            with suppress(BlockingIOError):
                for _ in range(_AT_ONCE):
                    number += 1
                    frame = source.recv(_FRAME)
                    heapq.heappush(waiting, (time.monotonic() + delay, number, target, frame))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            with suppress(OSError):  # the frame is lost
                waiting[0][2].send(waiting[0][3])
            heapq.heappop(waiting)


def _open(interface: str) -> socket.socket:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    end.setblocking(False)
    end.setsockopt(263, _IGNORE_OUTGOING, 1)  # SOL_PACKET
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    end.bind((interface, _ALL_FRAMES))
    return end


if __name__ == "__main__":
    main(float(sys.argv[1]) / 1000, sys.argv[2:])

"""A program that is run in hosts: sends numbered datagrams, takes them in, and measures what arrives on the wire.

``receive COUNT`` prints how many arrived, with the milliseconds from the sender's clock just before it sent each to
the kernel's time stamp of its arrival; ``send COUNT RATE ADDRESS`` sends them, so many a second; ``rate SECONDS``
prints the bits a second, with all headers, that arrive at all interfaces but the loopback.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from pathlib import Path

_PORT = 5000
_NUMBER_AND_TIME = struct.Struct("qq")
_SIZE = 100  # bytes of a datagram
_STAMPS = 35  # SO_TIMESTAMPNS, which Python does not name
_STAMP = struct.Struct("ll")
_FIRST, _NEXT = 20.0, 2.0  # seconds to wait for


def receive(count: int) -> None:
    """Take in datagrams until the last one, or until none come any more."""
    delays = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        end.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)
        end.bind(("", _PORT))
        end.settimeout(_FIRST)
        before = _missed()
        print("ready", flush=True)
        number = -1
        while number < count - 1:
            try:
                content, extras, *_ = end.recvmsg(_SIZE, 64)
            except TimeoutError:
                break
            end.settimeout(_NEXT)
            number, sent = _NUMBER_AND_TIME.unpack_from(content)
            seconds, rest = _STAMP.unpack(extras[0][2])
            delays.append((seconds * 1_000_000_000 + rest - sent) / 1e6)
    print(json.dumps({"arrived": len(delays) + _missed() - before, "delays": delays}))


def _missed() -> int:
    """Return the datagrams that came to this host when the program had no room for them."""
    lines = Path("/proc/self/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith("Udp:"))
    return int(values[names.index("RcvbufErrors")])


def send(count: int, rate: float, address: str) -> None:
    """Send datagrams, each at its time or right after when that has passed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.connect((address, _PORT))
        begin, filling = time.monotonic(), bytes(_SIZE - _NUMBER_AND_TIME.size)
        for number in range(count):
            pause = begin + number / rate - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            end.send(_NUMBER_AND_TIME.pack(number, time.time_ns()) + filling)


def rate(seconds: float) -> None:
    """Print the bits a second that arrive."""
    bits, begin = _arrived(), time.monotonic()
    time.sleep(seconds)
    print((_arrived() - bits) / (time.monotonic() - begin))


def _arrived() -> int:
    lines = Path("/proc/self/net/dev").read_text().splitlines()[2:]
    return sum(
        8 * int(values.split()[0])
        for name, _, values in (line.partition(":") for line in lines)
        if name.strip() != "lo"
    )


if __name__ == "__main__":
    what, *values = sys.argv[1:]
    if what == "receive":
        receive(int(values[0]))
    elif what == "send":
        send(int(values[0]), float(values[1]), values[2])
    else:
        rate(float(values[0]))

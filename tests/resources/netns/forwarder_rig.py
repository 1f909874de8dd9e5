"""A forwarder on interfaces of a network namespace of its own, and packet sockets on their outer ends."""

from __future__ import annotations

import json
import mmap
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nepi_core.resources.netns import _programs

PATIENCE = 30.0
ENTER = ("unshare", "--user", "--map-root-user", "--net")
FOLDER = str(Path(_programs.__file__).parents[1])

# Makes links l<number>a - l<number>b whose outer ends are o<number>a and o<number>b, hands over packet sockets on the
# outer ends, and becomes the forwarder.
SETUP = """
import os, socket, subprocess, sys
folder, channel, links, program = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
try:
    with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as file:
        file.write("1")
except FileNotFoundError:
    pass
sys.path.append(folder)
from _programs.offloads import switch_offloads_off
names = [f"{number}{side}" for number in range(links) for side in "ab"]
lines = [f"link add l{name} type veth peer name o{name}" for name in names]
lines += [f"link set {end}{name} up" for name in names for end in "lo"]
subprocess.run(["ip", "-batch", "-"], input="\\n".join(lines), text=True, check=True)
sockets = []
for name in names:
    switch_offloads_off("o" + name)
    each = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    each.setsockopt(263, 23, 1)
    each.setsockopt(263, 8, 1)
    each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # granted less: 200 frames fit
    each.bind(("o" + name, 3))
    sockets.append(each)
with socket.socket(fileno=channel) as given:
    socket.send_fds(given, [b"x"], [each.fileno() for each in sockets])
code = f"import sys; sys.path.append({folder!r}); from _programs import forwarder; forwarder.main()"
os.execv(program, [program, "-I", "-S", "-c", code])
"""


class Rig:
    """A running forwarder and the outer ends of its links."""

    def __init__(self, errors: Path, links: int, counters: bool) -> None:
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours, given = socket.socketpair()
        memory = os.memfd_create("counters")
        os.ftruncate(memory, links * 64)
        self.counters = mmap.mmap(memory, links * 64)  # stays readable after the end
        self.errors = errors
        command = [*ENTER, sys.executable, "-I", "-c", SETUP, FOLDER, str(given.fileno()), str(links), sys.executable]
        with errors.open("wb") as stderr:
            stdout = memory if counters else subprocess.DEVNULL
            kept = [given.fileno()]
            self.process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=stdout, stderr=stderr, pass_fds=kept)
        os.close(memory)
        theirs.close()
        given.close()
        self.channel.settimeout(PATIENCE)
        ours.settimeout(PATIENCE)
        with ours:
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 2 * links)
        self.ends = [socket.socket(fileno=each) for each in descriptors]
        if not self.ends:
            self.close()
            pytest.skip(f"No network namespaces here: {errors.read_text()}")
        for each in self.ends:
            each.settimeout(PATIENCE)
        self._free = iter(range(links))

    def say(self, **message) -> dict:
        self.channel.send(json.dumps(message).encode())
        return self.hear()

    def hear(self) -> dict:
        return json.loads(self.channel.recv(65536))

    def ip(self, command: str) -> None:
        """Run ip(8) in the fabric."""
        enter = ["nsenter", "-t", str(self.process.pid), "-U", "-n", "--preserve-credentials"]
        subprocess.run([*enter, "ip", *command.split()], check=True)

    def link(self, forward: dict | None = None, backward: dict | None = None) -> Wire:
        number = next(self._free)
        wire = Wire(self, number)
        assert wire.open(forward, backward) == {"link": number, "opened": True}
        return wire

    def close(self) -> int:
        """End the forwarder by end-of-file."""
        self.channel.close()
        for each in self.ends:
            each.close()
        return self.process.wait(PATIENCE)


class Wire:
    """One link, seen from its outer ends."""

    def __init__(self, rig: Rig, number: int) -> None:
        self.rig = rig
        self.number = number
        self.a, self.b = rig.ends[2 * number : 2 * number + 2]

    def open(self, forward: dict | None = None, backward: dict | None = None, **changes) -> dict:
        ends = [f"l{self.number}a", f"l{self.number}b"]
        message = {"link": self.number, "slot": self.number, "ends": ends}
        return self.rig.say(verb="open", forward=forward or {}, backward=backward or {}, **{**message, **changes})

    def set(self, **forward) -> None:
        answer = self.rig.say(verb="set", link=self.number, forward=forward, backward={})
        assert answer == {"link": self.number, "set": True}

    @property
    def counted(self) -> tuple[int, ...]:
        return struct.unpack_from("<8Q", self.rig.counters, self.number * 64)

    def counts(self, *expected: int) -> bool:
        """Wait until the counters are these (a frame may arrive before it is counted); return False when never."""
        deadline = time.monotonic() + PATIENCE
        while self.counted[: len(expected)] != expected and time.monotonic() < deadline:
            time.sleep(0.001)
        return self.counted[: len(expected)] == expected

    def carries(self, frames: list[bytes]) -> list[bytes]:
        """Send frames from a, and return what comes to b before a last one that is neither lost nor delayed."""
        before = self.counted[0]
        for each in frames:
            self.a.send(each)
        assert self.counts(before + len(frames))
        self.set()
        return self.until_mark()

    def until_mark(self) -> list[bytes]:
        mark = frame(b"mark")
        self.a.send(mark)
        return list(iter(lambda: receive(self.b), mark))


def frame(payload: bytes, length: int = 0) -> bytes:
    """Return an Ethernet frame of an experimental type."""
    return (b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x88\xb5" + payload).ljust(length, b".")


def receive(end: socket.socket) -> bytes:
    """Return the next frame, with the 802.1Q tag that the kernel hands over beside it."""
    content, extras, *_ = end.recvmsg(70000, 100)
    for *_, extra in extras:
        status, _, _, _, _, tag, kind = struct.unpack("IIIHHHH", extra)
        if status & 0x10:
            return content[:12] + struct.pack(">HH", kind, tag) + content[12:]
    return content


def frames(count: int) -> list[bytes]:
    return [frame(b"%d" % number) for number in range(count)]


def make_rig(folder: Path, links: int = 1, counters: bool = True) -> Rig:
    for program in ("unshare", "nsenter", "ip"):
        if not shutil.which(program):
            pytest.skip(f"needs the program {program}")
    return Rig(folder / "errors", links, counters)

"""A program of the backend in a network of its own: the fabric, some nodes, and packet sockets on interfaces."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from nepi_core.resources.netns import _programs

PATIENCE = 30.0
ENTER = ("unshare", "--user", "--map-root-user", "--net")
FOLDER = str(Path(_programs.__file__).parents[1])

# Makes the nodes (as descriptors 100, 101 ...) and interfaces, hands over packet sockets, and becomes the program.
SETUP = """
import ctypes, json, os, socket, subprocess, sys
folder, channel, about = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
libc = ctypes.CDLL(None)
def without_ipv6():
    try:
        with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as file:
            file.write("1")
    except FileNotFoundError:
        pass
without_ipv6()
home = os.open("/proc/self/ns/net", os.O_RDONLY)
for number in range(about["nodes"]):
    libc.unshare(0x40000000)
    without_ipv6()
    os.dup2(os.open("/proc/self/ns/net", os.O_RDONLY), 100 + number)
    libc.setns(home, 0)
lines = [line.replace("NODE", f"/proc/{os.getpid()}/fd/10") for line in about["lines"]]
subprocess.run(["ip", "-batch", "-"], input="\\n".join(lines) + "\\n", text=True, check=True)
sockets = []
for node, interface in about["taps"]:
    libc.setns(home if node is None else 100 + node, 0)
    each = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    each.bind((interface, 0))
    sockets.append(each)
libc.setns(home, 0)
with socket.socket(fileno=channel) as given:
    socket.send_fds(given, [b"x"], [each.fileno() for each in sockets])
code = f"import sys; sys.path.append({folder!r}); from _programs import {about['program']} as it; it.main()"
os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", code, *about["arguments"]])
"""


class SmallNetwork:
    """A program and its network; taps send frames.

    Args:
        program: module among `_programs`.
        lines: for `ip -batch`; NODE0 and NODE1 stand for the namespaces of nodes.
        taps: node (None for the fabric) and interface.
    """

    def __init__(self, program, lines, taps, *arguments, nodes=0, stdin=None, stdout=None) -> None:
        ours, given = socket.socketpair()
        about = {"program": program, "lines": lines, "taps": taps, "arguments": arguments, "nodes": nodes}
        command = [*ENTER, sys.executable, "-I", "-c", SETUP, FOLDER, str(given.fileno()), json.dumps(about)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=subprocess.PIPE,
            pass_fds=[given.fileno()],
            text=True,
        )
        given.close()
        ours.settimeout(PATIENCE)
        with ours:
            _, descriptors, _, _ = socket.recv_fds(ours, 1, len(taps))
        self.taps = [socket.socket(fileno=each) for each in descriptors]
        if not self.taps:
            _, errors = self.process.communicate()
            pytest.skip(f"No network namespaces here: {errors}")

    def inside(self, command: str, node: int | None = None) -> str:
        """Run a command in the fabric or a node, and return what it printed."""
        pid = self.process.pid
        net = f"--net=/proc/{pid}/ns/net" if node is None else f"--net=/proc/{pid}/fd/{100 + node}"
        enter = ["nsenter", "-t", str(pid), "-U", net, "--preserve-credentials"]
        return subprocess.run([*enter, *command.split()], check=True, stdout=subprocess.PIPE, text=True).stdout

    def said(self) -> str:
        """Return the next line of standard error."""
        assert self.process.stderr
        return self.process.stderr.readline()

    def close(self) -> tuple[int, str]:
        """Wait for the end of the program, which the caller has seen to; return exit status and standard error."""
        for each in self.taps:
            each.close()
        try:
            _, errors = self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
        return self.process.returncode, errors


def frame(number: int = 0, length: int = 60) -> bytes:
    """Return an Ethernet frame of an experimental type."""
    return (b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x88\xb5" + b"%06d" % number).ljust(length, b".")


def descriptor_of_memory(content: bytes) -> int:
    """Return a memory file."""
    descriptor = os.memfd_create("test")
    os.write(descriptor, content)
    return descriptor

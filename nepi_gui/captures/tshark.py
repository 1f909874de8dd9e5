"""The protocols of a capture as tshark finds them, which knows some three thousand."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from nepi_gui.captures.tally import Count

PATIENCE = 30.0
"""Seconds that tshark may take."""

_LARGEST = 512 * 1024 * 1024  # bytes of a capture that it is asked about; it takes much memory
_CHUNK = 256 * 1024
_LINE = re.compile(r"^( *)(\S+) +frames:(\d+) bytes:(\d+)$")
_DEEPEST = 40

# What tshark calls what is known without it as well, under other names.
_NAMES = {"eth": "Ethernet", "sll": "Linux", "vlan": "VLAN", "arp": "ARP", "ip": "IPv4", "ipv6": "IPv6", "lldp": "LLDP"}
_NAMES |= {"icmp": "ICMP", "icmpv6": "ICMPv6", "igmp": "IGMP", "tcp": "TCP", "udp": "UDP", "sctp": "SCTP", "gre": "GRE"}
_NAMES |= {"_ws.malformed": "malformed", "_ws.short": "cut"}

Protocols = list[tuple[tuple[str, ...], Count]]


def has_tshark() -> bool:
    """Tell whether tshark is installed."""
    return shutil.which("tshark") is not None


def ask_tshark(path: Path, size: int) -> Protocols | None:
    """Return the protocols in the first bytes of a capture.

    Args:
        path: the capture, which may be growing.
        size: so many bytes hold whole packets only.

    Returns:
        None when it does not know, or not in time.
    """
    if size > _LARGEST:
        return None
    command = ["tshark", "-n", "-q", "-r", "-", "-z", "io,phs"]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    assert process.stdin is not None
    assert process.stdout is not None
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.daemon = True
    watchdog.start()
    feeding = threading.Thread(target=_feed, args=(path, size, process), name="nepi-tshark", daemon=True)
    feeding.start()
    try:
        told = process.stdout.read(_CHUNK).decode(errors="replace")
    finally:
        process.kill()
        process.wait()
        feeding.join()
        watchdog.cancel()
        process.stdout.close()
    return parse_hierarchy(told) or None


def _feed(path: Path, size: int, process: subprocess.Popen[bytes]) -> None:
    """Give tshark the first bytes of a file, as they are now."""
    assert process.stdin is not None
    with suppress(OSError), path.open("rb") as file:  # what tshark does not want, or cannot be read
        while size > 0 and (data := file.read(min(size, _CHUNK))):
            process.stdin.write(data)
            size -= len(data)
    with suppress(OSError):
        process.stdin.close()


def parse_hierarchy(told: str) -> Protocols:
    """Return the protocols in the statistics of tshark, each with those that it is in, by the names of `dissecting`."""
    found: Protocols = []
    above: list[str] = []
    for line in told.splitlines():
        if (matched := _LINE.match(line)) and len(matched[1]) // 2 < _DEEPEST:
            above = [*above[: len(matched[1]) // 2], _NAMES.get(matched[2], matched[2])]
            found.append((tuple(above), Count(int(matched[3]), int(matched[4]))))
    return found

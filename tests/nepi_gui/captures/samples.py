"""Captures made by hand, for tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from ipaddress import ip_address


def ethernet(kind: int, payload: bytes) -> bytes:
    return b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x01" + struct.pack(">H", kind) + payload


def ip(source: str, target: str, protocol: int, payload: bytes) -> bytes:
    ours, theirs = ip_address(source).packed, ip_address(target).packed
    if len(ours) == 16:
        return ethernet(0x86DD, struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + ours + theirs + payload)
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
    return ethernet(0x0800, header + ours + theirs + payload)


def udp(source: str, port: int, target: str, target_port: int, size: int = 8) -> bytes:
    return ip(source, target, 17, struct.pack(">HHHH", port, target_port, 8 + size, 0) + bytes(size))


def arp(source: str, target: str) -> bytes:
    fixed = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1)
    return ethernet(0x0806, fixed + bytes(6) + ip_address(source).packed + bytes(6) + ip_address(target).packed)


def pcap(packets: Sequence[tuple[float, bytes]], order: str = "<", is_fine: bool = False, link: int = 1) -> bytes:
    unit = 1e9 if is_fine else 1e6
    magic = 0xA1B23C4D if is_fine else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)]
    for time, data in packets:
        parts.append(struct.pack(order + "IIII", int(time), round(time % 1 * unit), len(data), len(data)) + data)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    padded = body + bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(padded))
    return struct.pack(order + "I", kind) + size + padded + size


def pcapng(packets: Sequence[tuple[float, bytes]], order: str = "<", link: int = 1) -> bytes:
    option = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
    parts = [
        block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order),
        block(1, struct.pack(order + "HHI", link, 0, 0) + option, order),
    ]
    for time, data in packets:
        ticks = round(time * 1e9)
        head = struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
        parts.append(block(6, head + data, order))
    return b"".join(parts)

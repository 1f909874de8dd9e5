"""Blocks of pcapng files, which Wireshark, tcpdump and the like read. No I/O here.

The format is that of the IETF draft "PCAP Now Generic (pcapng) Capture File Format" (draft-ietf-opsawg-pcapng): little
endian, times in nanoseconds since 1970. A file is a section header, the interfaces, and then blocks in any order.
"""

from __future__ import annotations

import struct

SECTION_HEADER, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6
"""Types of blocks."""

_BYTE_ORDER = 0x1A2B3C4D
_VERSION = (1, 0)
_UNKNOWN_LENGTH = 0xFFFF_FFFF_FFFF_FFFF  # of a section: until the end of the file
_NANOSECONDS = b"\x09"  # the unit of times: 10 to the power of -9 s

_END_OF_OPTIONS = 0
_APPLICATION = 4  # in a section header
_NAME, _DESCRIPTION, _UNIT_OF_TIMES = 2, 3, 9  # in an interface
_START, _END, _RECEIVED, _DROPPED = 2, 3, 4, 5  # in statistics

_LONGEST_OPTION = 0xFFFF
_FRAME = struct.Struct("<II")  # type and length in front of a block; the length comes after it too
_PACKET_HEADER = struct.Struct("<IIIIIII")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")


def section_header(application: str) -> bytes:
    """Return the block that a file begins with.

    Args:
        application: name of the program that writes the file.
    """
    fixed = struct.pack("<IHHQ", _BYTE_ORDER, *_VERSION, _UNKNOWN_LENGTH)
    return _block(SECTION_HEADER, fixed + _options((_APPLICATION, application.encode())))


def interface(name: str, description: str, link_type: int, snap_length: int) -> bytes:
    """Return the block of an interface; the first one is number 0 in the blocks of packets and statistics.

    Args:
        link_type: what packets begin with, a LINKTYPE number: 1 for Ethernet, 101 for IP.
        snap_length: bytes that are kept of each packet; 0 for all.
    """
    about = ((_NAME, name.encode()), (_DESCRIPTION, description.encode()), (_UNIT_OF_TIMES, _NANOSECONDS))
    return _block(INTERFACE, struct.pack("<HHI", link_type, 0, snap_length) + _options(*about))


def packet(number: int, time: int, data: bytes, length: int) -> bytes:
    """Return the block of a packet.

    Args:
        number: of the interface.
        time: nanoseconds since 1970.
        data: what is kept of the packet.
        length: bytes that it had on the link.
    """
    kept = len(data)
    padding = _PADDING[kept & 3]
    size = 32 + kept + len(padding)
    header = _PACKET_HEADER.pack(PACKET, size, number, time >> 32, time & 0xFFFFFFFF, kept, length)
    return b"".join((header, data, padding, size.to_bytes(4, "little")))


def statistics(number: int, started: int, ended: int, received: int, dropped: int) -> bytes:
    """Return the block that says at the end how complete the packets of an interface are.

    Args:
        number: of the interface.
        started: nanoseconds since 1970.
        ended: nanoseconds since 1970.
        received: packets that passed the interface and the filter.
        dropped: those of them that are missing for want of room.
    """
    about = (
        (_START, _time(started)),
        (_END, _time(ended)),
        (_RECEIVED, struct.pack("<Q", received)),
        (_DROPPED, struct.pack("<Q", dropped)),
    )
    return _block(STATISTICS, struct.pack("<I", number) + _time(ended) + _options(*about))


def _time(nanoseconds: int) -> bytes:
    return struct.pack("<II", nanoseconds >> 32, nanoseconds & 0xFFFFFFFF)


def _options(*options: tuple[int, bytes]) -> bytes:
    """Return a list of options with its end; those without content are left out."""
    parts = [_option(code, content[:_LONGEST_OPTION]) for code, content in options if content]
    return b"".join((*parts, _option(_END_OF_OPTIONS, b"")))


def _option(code: int, content: bytes) -> bytes:
    return struct.pack("<HH", code, len(content)) + _padded(content)


def _padded(content: bytes) -> bytes:
    return content + _PADDING[len(content) & 3]


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return _FRAME.pack(kind, size) + body + struct.pack("<I", size)

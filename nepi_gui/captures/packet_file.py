"""The packets in a pcap or pcapng file that may still grow, be cut anywhere, or hold nonsense."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

LARGEST = 1024 * 1024
"""Bytes of a packet or block beyond which a file is taken for damaged; captures keep at most 262,144 of a packet."""

_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e6),
    b"\xa1\xb2\xc3\xd4": (">", 1e6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e9),
    b"\xa1\xb2\x3c\x4d": (">", 1e9),
}
_SECTION = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _SIMPLE, _PACKET = 1, 2, 3, 6
_RESOLUTION = 9  # option of an interface: how fine its times are
_HEADERS = 24  # bytes of a pcap file's header


class Packet(NamedTuple):
    """A packet of a capture.

    Attributes:
        time: seconds since 1970; 0 when it is not told.
        link: what its first bytes are, such as 1 for Ethernet (`LINKTYPE_` numbers of libpcap).
        length: bytes that it had; of these ``data`` was kept.
    """

    time: float
    link: int
    length: int
    data: bytes


class PacketFile:
    """Takes the bytes of a file as they come, and gives the packets that are complete.

    Attributes:
        problem: why it reads no further; "" as long as it does.
        kind: "pcap", "pcapng", or "" as long as that is not known.
    """

    def __init__(self) -> None:
        self.problem = ""
        self.kind = ""
        self._rest = b""
        self._order = "<"
        self._rate = 1e6
        self._link = 0
        self._interfaces: list[tuple[int, float, float]] = []  # link, ticks a second, offset of the times

    @property
    def waiting(self) -> int:
        """Bytes of a packet that is not complete yet."""
        return len(self._rest)

    def take(self, data: bytes) -> Iterator[Packet]:
        """Yield the packets that are complete with these bytes; to be used up before the next bytes."""
        self._rest += data
        place = 0
        while not self.problem:
            place, whole = self._next(place)
            if whole is None:
                break
            yield from whole
        self._rest = b"" if self.problem else self._rest[place:]

    def _next(self, place: int) -> tuple[int, tuple[Packet, ...] | None]:
        """Return where the next part ends, and the packets in it; None when it is not there as a whole."""
        if not self.kind:
            return self._begin()
        return self._record(place) if self.kind == "pcap" else self._block(place)

    def _begin(self) -> tuple[int, tuple[Packet, ...] | None]:
        magic = self._rest[:4]
        if magic in _PCAP and len(self._rest) >= _HEADERS:
            self.kind = "pcap"
            self._order, self._rate = _PCAP[magic]
            self._link = struct.unpack_from(self._order + "I", self._rest, 20)[0] & 0xFFFF
            return _HEADERS, ()
        if magic == _SECTION:
            self.kind = "pcapng"
            return 0, ()
        if len(magic) == 4 and magic not in _PCAP:
            self.problem = "It is no pcap or pcapng file."
        return 0, None

    # -- pcap ------------------------------------------------------------------------------------------

    def _record(self, place: int) -> tuple[int, tuple[Packet, ...] | None]:
        if len(self._rest) - place < 16:
            return place, None
        seconds, fraction, kept, length = struct.unpack_from(self._order + "IIII", self._rest, place)
        if kept > LARGEST:
            return self._give_up(place, f"a packet is said to have {kept:,} bytes")
        end = place + 16 + kept
        if len(self._rest) < end:
            return place, None
        return end, (Packet(seconds + fraction / self._rate, self._link, length, self._rest[place + 16 : end]),)

    def _give_up(self, place: int, reason: str) -> tuple[int, None]:
        self.problem = f"The file is damaged: {reason}. The packets before that are counted."
        return place, None

    # -- pcapng ----------------------------------------------------------------------------------------

    def _block(self, place: int) -> tuple[int, tuple[Packet, ...] | None]:
        if len(self._rest) - place < 12:
            return place, None
        if self._rest[place : place + 4] == _SECTION:
            order = _ORDERS.get(self._rest[place + 8 : place + 12])
            if order is None:
                return self._give_up(place, "the byte order of a section is none")
            self._order = order
            self._interfaces = []
        kind, size = struct.unpack_from(self._order + "II", self._rest, place)
        if size < 12 or size % 4 or size > 2 * LARGEST:
            return self._give_up(place, f"a block is said to have {size:,} bytes")
        end = place + size
        if len(self._rest) < end:
            return place, None
        if struct.unpack_from(self._order + "I", self._rest, end - 4)[0] != size:
            return self._give_up(place, "a block does not end as it begins")
        return end, self._packets(kind, self._rest[place + 8 : end - 4])

    def _packets(self, kind: int, body: bytes) -> tuple[Packet, ...]:
        if kind == _INTERFACE and len(body) >= 8:
            self._interfaces.append(self._interface(body))
        elif kind in (_PACKET, _OLD_PACKET) and len(body) >= 20:
            high, low, kept, length = struct.unpack_from(self._order + "IIII", body, 4)
            number = struct.unpack_from(self._order + ("I" if kind == _PACKET else "H"), body)[0]
            if number < len(self._interfaces):
                link, rate, offset = self._interfaces[number]
                return (Packet(offset + (high << 32 | low) / rate, link, length, body[20 : 20 + kept]),)
        elif kind == _SIMPLE and len(body) >= 4 and self._interfaces:
            length = struct.unpack_from(self._order + "I", body)[0]
            return (Packet(0.0, self._interfaces[0][0], length, body[4 : 4 + length]),)
        return ()

    def _interface(self, body: bytes) -> tuple[int, float, float]:
        link = struct.unpack_from(self._order + "H", body)[0]
        rate, offset, place = 1e6, 0.0, 8
        while place + 4 <= len(body):
            code, size = struct.unpack_from(self._order + "HH", body, place)
            value = body[place + 4 : place + 4 + size]
            if code == _RESOLUTION and len(value) == 1:
                rate = 2.0 ** (value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** value[0]
            elif code == 14 and len(value) == 8:  # seconds that all times are to be moved by
                offset = float(struct.unpack(self._order + "q", value)[0])
            place += 4 + size + -size % 4
        return link, rate, offset

"""Packets that pass an interface, taken from memory that the kernel fills: a TPACKET_V3 ring, see packet(7).

The ring's blocks belong to the kernel until they are full or some time old. So packets cost no system call each.
"""

from __future__ import annotations

import _socket
import array
import mmap
import struct

from . import packet_filter

_ETH_P_ALL = 0x0003
_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_TPACKET_V3 = 2
_PROMISCUOUS = 1
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS = 26, 35

_LOOPBACK = 772
_LINK_TYPES = {1: 1, _LOOPBACK: 1, 65534: 101}  # kinds of hardware to LINKTYPE numbers: Ethernet, and IP for tun

_BLOCK = 512 << 10  # bytes; holds the largest packet there is, even one that is not yet cut into segments
_BLOCKS = 8
_FRAME = 2048  # of no meaning in this version, but checked
_AGE = 100  # milliseconds after which the kernel hands over a block that is not full

_OWNER = 8  # place in a block of: who owns it, how many packets it has, where the first one is
_BLOCK_HEADER = struct.Struct("=III")
_COUNT = 12
_USERS = 1  # the bit of an owner who is not the kernel

# struct tpacket3_hdr: distance of the next packet, s and ns since 1970, bytes kept, bytes at all, status, place of data
_PACKET_HEADER = struct.Struct("=IIIIIIH")
_TAG = struct.Struct("=32xIH")
_TAGGED, _TYPE_OF_TAG_KNOWN = 0x10, 0x40
_ETHERTYPE_VLAN = 0x8100
_ADDRESSES = 12  # bytes of an Ethernet frame in front of its tag

Packet = tuple[int, bytes, int]
"""Time in nanoseconds since 1970, what is kept, and the length on the link."""


class PacketRing:
    """Captures the packets of an interface in both directions, what is sent after its queue.

    Args:
        interface: its name, in the network namespace of this process.
        snap_length: bytes to keep of each packet.
        program: filter, see `packet_filter.assemble`.

    Raises:
        OSError: there is no such interface, or the right CAP_NET_RAW is missing.
        ValueError: it is an interface whose packets pcapng readers would not understand.
    """

    def __init__(self, interface: str, snap_length: int, program: bytes) -> None:
        self.interface = interface
        self._snap_length = snap_length
        self._next = 0  # block
        self._socket = _socket.socket(_socket.AF_PACKET, _socket.SOCK_RAW | _socket.SOCK_CLOEXEC, 0)
        try:
            self._prepare(program)
            self._memory = mmap.mmap(self._socket.fileno(), _BLOCK * _BLOCKS)
            self._socket.bind((interface, _ETH_P_ALL))
            self.link_type = self._join()
        except BaseException:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor that is readable when there are packets."""
        return self._socket.fileno()

    def close(self) -> None:
        """End capturing."""
        self._memory.close()
        self._socket.close()

    def take(self) -> list[Packet]:
        """Return the packets of the next block; none when the kernel still fills it."""
        start = self._next * _BLOCK
        owner, count, first = _BLOCK_HEADER.unpack_from(self._memory, start + _OWNER)
        if not owner & _USERS:
            return []
        packets, offset = [], start + first
        for _ in range(count):
            distance, *header = _PACKET_HEADER.unpack_from(self._memory, offset)
            packets.append(self._packet(offset, *header))
            offset += distance
        self._hand_back(start)
        return packets

    def stop(self) -> None:
        """Let no more packets in."""
        self._attach(packet_filter.NOTHING)

    def holds_packets(self) -> bool:
        """Tell whether there are packets that `take` has not returned; the kernel hands them over within 0.1 s."""
        return bool(_BLOCK_HEADER.unpack_from(self._memory, self._next * _BLOCK + _OWNER)[1])

    def counts(self) -> tuple[int, int]:
        """Return how many packets passed the filter since the last call, and how many of them found no room."""
        received, dropped, _ = struct.unpack("=III", self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12))
        return received, dropped

    def is_gone(self) -> bool:
        """Tell whether the interface exists no more, and forget errors such as that it was down."""
        self._socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
        return not self._socket.getsockname()[0]

    def _prepare(self, program: bytes) -> None:
        self._attach(program)
        self._socket.setsockopt(_socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)  # times of arrival, not of being noticed
        self._socket.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V3)
        frames = _BLOCK * _BLOCKS // _FRAME
        ring = struct.pack("=7I", _BLOCK, _BLOCKS, _FRAME, frames, _AGE, 0, 0)
        self._socket.setsockopt(_SOL_PACKET, _RX_RING, ring)

    def _attach(self, program: bytes) -> None:
        instructions = array.array("B", program)
        given = struct.pack("HP", len(program) // 8, instructions.buffer_info()[0])
        self._socket.setsockopt(_socket.SOL_SOCKET, _SO_ATTACH_FILTER, given)

    def _join(self) -> int:
        """Have the interface give all it sees, and return its link type."""
        hardware = self._socket.getsockname()[3]
        if hardware not in _LINK_TYPES:
            raise ValueError(
                f"Interface {self.interface} is no Ethernet and no IP tunnel (its hardware type is {hardware})"
            )
        if hardware == _LOOPBACK:  # where all that is sent comes in too
            self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        index = _socket.if_nametoindex(self.interface)
        self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("=iHH8x", index, _PROMISCUOUS, 0))
        return _LINK_TYPES[hardware]

    def _packet(
        self, offset: int, seconds: int, nanoseconds: int, kept: int, length: int, status: int, at: int
    ) -> Packet:
        data = self._memory[offset + at : offset + at + kept]
        if status & _TAGGED:
            data, length = self._with_tag(data, offset, status)[: self._snap_length], length + 4
        return seconds * 1_000_000_000 + nanoseconds, data, length

    def _with_tag(self, data: bytes, offset: int, status: int) -> bytes:
        """Return a frame with the 802.1Q tag that the kernel took out of it."""
        tag, kind = _TAG.unpack_from(self._memory, offset)
        kind = kind if status & _TYPE_OF_TAG_KNOWN else _ETHERTYPE_VLAN
        return data[:_ADDRESSES] + struct.pack(">HH", kind, tag) + data[_ADDRESSES:]

    def _hand_back(self, start: int) -> None:
        struct.pack_into("=I", self._memory, start + _COUNT, 0)  # for `holds_packets`: the kernel counts only from here
        struct.pack_into("=I", self._memory, start + _OWNER, 0)
        self._next = (self._next + 1) % _BLOCKS

"""Memory for frames on their way: trays of slots, laid out so that one system call fills or empties many of them.

A tray is what recvmmsg(2) and sendmmsg(2) want: an array of message headers, each with one I/O vector that points at
one slot. Python never touches a single frame: whole columns of headers are copied as strided memoryviews, in C.
Lengths below 4 GB in a little-endian ``size_t`` are the same as in its lower half, which is what is copied here.
"""

from __future__ import annotations

import ctypes
import mmap
from array import array

SLOTS = 64
"""Frames that one tray holds, and that one system call moves at most."""
HEADROOM = 4  # bytes in front of each frame, for the 802.1Q tag that the kernel took out of it
_MOST_SPARE = 8 << 20  # bytes of trays that are kept for the next ones who need some
_MOST_AT_ALL = 1 << 30  # bytes of all trays

_MSG_DONTWAIT = 0x40
_MSG_TRUNC = 0x20
_VLAN_VALID, _VLAN_TPID_VALID = 0x10, 0x40  # in tpacket_auxdata.tp_status
_ETHERTYPE_VLAN = 0x8100

_libc = ctypes.CDLL(None, use_errno=True)


class _IoVector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _MessageHeader(ctypes.Structure):
    """``struct msghdr`` of recvmsg(2)."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """``struct mmsghdr`` of recvmmsg(2)."""

    _fields_ = (("header", _MessageHeader), ("length", ctypes.c_uint))


class _Control(ctypes.Structure):
    """A control message with a ``struct tpacket_auxdata``, see packet(7)."""

    _fields_ = (
        ("size", ctypes.c_size_t),
        ("level", ctypes.c_int),
        ("type", ctypes.c_int),
        ("status", ctypes.c_uint32),
        ("frame_length", ctypes.c_uint32),
        ("captured_length", ctypes.c_uint32),
        ("mac", ctypes.c_uint16),
        ("net", ctypes.c_uint16),
        ("vlan_tci", ctypes.c_uint16),
        ("vlan_tpid", ctypes.c_uint16),
        ("padding", ctypes.c_uint32),
    )


_HEADER = ctypes.sizeof(_Message)
_VECTOR = ctypes.sizeof(_IoVector)
_CONTROL = ctypes.sizeof(_Control)
_VECTORS_AT = SLOTS * _HEADER
_CONTROLS_AT = _VECTORS_AT + SLOTS * _VECTOR
_FRAMES_AT = 8192
_WITHOUT_VLAN = bytes(status for status in range(256) if not status & _VLAN_VALID)
_WHOLE = bytes(flags for flags in range(256) if not flags & _MSG_TRUNC)
_CONTROL_LENGTHS = array("L", [_CONTROL] * SLOTS)


def slot_size(mtu: int) -> int:
    """Return the bytes that a frame of this MTU needs: 14 of Ethernet, two tags, and a multiple of the cache line."""
    return (HEADROOM + 14 + 4 + mtu + 63) & ~63


class Tray:
    """Some slots for frames, filled from the first to the last.

    Attributes:
        size: bytes of memory that it takes.
        filled: slots that hold a frame.
        waiting: copies of frames that are still to be sent.
        truncated: a frame did not fit, and was replaced by an empty one.
        vectors: addresses of the I/O vectors of the slots.
    """

    def __init__(self, slot: int) -> None:
        self.size = _FRAMES_AT + SLOTS * slot
        self.waiting = 0
        self._memory = mmap.mmap(-1, self.size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._anchor = ctypes.c_char.from_buffer(self._memory)  # keeps the memory where it is
        start = ctypes.addressof(self._anchor)
        self._headers = start
        self.vectors = array("L", range(start + _VECTORS_AT, start + _CONTROLS_AT, _VECTOR))
        self._frames = array("L", (start + _FRAMES_AT + HEADROOM + slot * number for number in range(SLOTS)))
        self._rooms = array("I", [slot - HEADROOM] * SLOTS)
        self._lay_out(start)
        self.reset()

    def _lay_out(self, start: int) -> None:
        longs, words, octets = (memoryview(self._memory).cast(code) for code in ("L", "I", "B"))
        header, vector = _MessageHeader, _IoVector
        _column(longs, header.vectors.offset, _HEADER)[:] = self.vectors
        _column(longs, header.vector_count.offset, _HEADER)[:] = array("L", [1] * SLOTS)
        controls = range(start + _CONTROLS_AT, start + _CONTROLS_AT + SLOTS * _CONTROL, _CONTROL)
        _column(longs, header.control.offset, _HEADER)[:] = array("L", controls)
        self._control_lengths = _column(longs, header.control_length.offset, _HEADER)
        self._flags = _column(octets, header.flags.offset, _HEADER)
        self._received = _column(words, _Message.length.offset, _HEADER)
        self._bases = _column(longs, _VECTORS_AT + vector.base.offset, _VECTOR)
        self._lengths = _column(words, _VECTORS_AT + vector.length.offset, _VECTOR)
        self._statuses = _column(octets, _CONTROLS_AT + _Control.status.offset, _CONTROL)

    def reset(self) -> None:
        """Forget all frames."""
        self.filled = 0
        self.truncated = False
        self._bases[:] = self._frames
        self._lengths[:] = self._rooms
        self._control_lengths[:] = _CONTROL_LENGTHS

    def receive(self, descriptor: int) -> int:
        """Fill slots with the frames that a packet socket holds; return how many, or an error number as a negative."""
        first = self.filled
        header = self._headers + first * _HEADER
        count: int = _libc.recvmmsg(descriptor, ctypes.c_void_p(header), SLOTS - first, _MSG_DONTWAIT, None)
        if count < 0:
            return -ctypes.get_errno()
        self.filled = last = first + count
        self._lengths[first:last] = self._received[first:last]
        if self._flags[first:last].tobytes().translate(None, _WHOLE):
            self._empty_truncated(first)
        if self._statuses[first:last].tobytes().translate(None, _WITHOUT_VLAN):
            self._put_tags_back(first)
        return count

    def _empty_truncated(self, first: int) -> None:
        """Make empty frames, which no socket sends, of those that did not fit: half a frame must not go anywhere."""
        self.truncated = True
        for number in range(first, self.filled):
            if self._flags[number] & _MSG_TRUNC:
                self._lengths[number] = 0

    def _put_tags_back(self, first: int) -> None:
        for number in range(first, self.filled):
            if self._statuses[number] & _VLAN_VALID and self._lengths[number]:
                self._put_tag_back(number)

    def _put_tag_back(self, number: int) -> None:
        """Move both addresses into the headroom, and write the 802.1Q tag behind them."""
        control = _Control.from_buffer(self._memory, _CONTROLS_AT + number * _CONTROL)
        protocol = control.vlan_tpid if control.status & _VLAN_TPID_VALID else _ETHERTYPE_VLAN
        frame = self._frames[number] - ctypes.addressof(self._anchor)
        self._memory.move(frame - HEADROOM, frame, 12)
        tag = (protocol << 16 | control.vlan_tci).to_bytes(4, "big")
        self._memory[frame + 12 - HEADROOM : frame + 12] = tag
        self._bases[number] -= HEADROOM
        self._lengths[number] += HEADROOM


class TrayPool:
    """Lends trays, so that only links with frames under way take memory, and those that are hot are used again."""

    def __init__(self) -> None:
        self._spare: dict[int, list[Tray]] = {}
        self._spare_size = 0
        self._lent_size = 0

    def is_exhausted(self) -> bool:
        """Tell whether all trays together take as much memory as they may."""
        return self._lent_size >= _MOST_AT_ALL

    def lend(self, slot: int) -> Tray:
        """Return an empty tray with slots of this size."""
        spare = self._spare.get(_FRAMES_AT + SLOTS * slot)
        if spare:
            tray = spare.pop()
            self._spare_size -= tray.size
            tray.reset()
        else:
            tray = Tray(slot)
        self._lent_size += tray.size
        return tray

    def take_back(self, tray: Tray) -> None:
        """Take a tray whose frames nobody needs any more."""
        self._lent_size -= tray.size
        if self._spare_size + tray.size <= _MOST_SPARE:
            self._spare.setdefault(tray.size, []).append(tray)
            self._spare_size += tray.size


class Outbox:
    """Sends frames from any trays in one system call: message headers that point at the I/O vectors of their slots."""

    def __init__(self) -> None:
        self._memory = bytearray(SLOTS * _HEADER)
        self._headers = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        longs = memoryview(self._memory).cast("L")
        _column(longs, _MessageHeader.vector_count.offset, _HEADER)[:] = array("L", [1] * SLOTS)
        self._vectors = _column(longs, _MessageHeader.vectors.offset, _HEADER)

    def send(self, descriptor: int, vectors: array[int]) -> tuple[int, int]:
        """Send at most `SLOTS` frames, given by the addresses of their I/O vectors.

        Returns:
            How many the kernel took, and the last error number if it refused some (else 0); it drops those.
        """
        count = len(vectors)
        self._vectors[:count] = vectors
        sent, number, error = 0, 0, 0
        while number < count:
            header = ctypes.c_void_p(self._headers + number * _HEADER)
            taken = _libc.sendmmsg(descriptor, header, count - number, _MSG_DONTWAIT)
            if taken < 0:  # it says so only of the first one
                error = ctypes.get_errno()
                number += 1
            else:
                sent += taken
                number += taken
        return sent, error


def _column(view: memoryview, offset: int, stride: int) -> memoryview:
    """Return the same field of `SLOTS` structures that lie ``stride`` bytes apart."""
    unit = view.itemsize
    return view[offset // unit : (offset + SLOTS * stride) // unit : stride // unit]

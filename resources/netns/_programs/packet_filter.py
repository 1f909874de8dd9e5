"""Filters of packets: programs of the classic BPF machine, from the text in which `tcpdump -ddd` prints them."""

from __future__ import annotations

import struct

_INSTRUCTION = struct.Struct("=HBBI")  # code, jump if true, jump if false, constant
_RETURN_CONSTANT = 0x06
_MOST_INSTRUCTIONS = 4096  # BPF_MAXINSNS, all that the kernel takes
NOTHING = _INSTRUCTION.pack(_RETURN_CONSTANT, 0, 0, 0)
"""The filter that no packet passes."""


def assemble(text: str, snap_length: int) -> bytes:
    """Return a filter as the kernel takes it, which also cuts packets so that what nobody keeps is not copied.

    Args:
        text: number of instructions, then the four numbers of each; "" for the filter that all packets pass.
        snap_length: bytes that are kept of a packet.

    Raises:
        ValueError: the text is no such filter.
    """
    try:
        numbers = [int(word) for word in text.split()] or [1, _RETURN_CONSTANT, 0, 0, snap_length]
        count, rest = numbers[0], numbers[1:]
        if len(rest) != 4 * count or not 0 < count <= _MOST_INSTRUCTIONS:
            raise ValueError
        program = [_instruction(snap_length, *rest[start : start + 4]) for start in range(0, len(rest), 4)]
    except (ValueError, struct.error):
        raise ValueError(f"{text!r} is no filter as 'tcpdump -ddd' prints it") from None
    return b"".join(program)


def _instruction(snap_length: int, code: int, if_true: int, if_false: int, constant: int) -> bytes:
    if code == _RETURN_CONSTANT:  # what a filter returns is how many bytes the kernel keeps
        constant = min(constant, snap_length)
    return _INSTRUCTION.pack(code, if_true, if_false, constant)

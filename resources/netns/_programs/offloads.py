"""Switching off what an interface leaves to its hardware, so that every frame on a link is one as on a real wire."""

from __future__ import annotations

import _socket
import array
import fcntl
import struct

_SIOCETHTOOL = 0x8946
# linux/ethtool.h: commands that set one feature to the value given
_SET_TX_CHECKSUM, _SET_TSO, _SET_GSO = 0x17, 0x1F, 0x24


def switch_offloads_off(interface: str) -> None:
    """Switch checksum and segmentation offloads of an interface off, in the network namespace of the caller.

    Without it programs hand frames of up to 64 kB and without checksum to a veth, which no wire would carry.

    Raises:
        OSError: there is no such interface, or the caller lacks the right.
    """
    control = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
    try:
        for command in (_SET_TSO, _SET_GSO, _SET_TX_CHECKSUM):  # segmentation first: it needs the checksum offload
            _set(control, interface, command)
    finally:
        control.close()


def _set(control: _socket.socket, interface: str, command: int) -> None:
    value = array.array("I", (command, 0))
    request = struct.pack("16sP", interface.encode(), value.buffer_info()[0])
    fcntl.ioctl(control, _SIOCETHTOOL, request.ljust(40, b"\0"))

"""One end of a link as the forwarder sees it: a packet socket on the inner end, see packet(7)."""

from __future__ import annotations

import _socket
import fcntl
import os
import struct

from .frame_trays import slot_size

_ETH_P_ALL = 0x0003
_SOL_PACKET = 263
_PACKET_STATISTICS, _PACKET_AUXDATA, _PACKET_IGNORE_OUTGOING = 6, 8, 23
_SIOCGIFMTU = 0x8921
_RECEIVE_BUFFER = 4 << 20  # bytes; the kernel grants at most net.core.rmem_max of them
_KIND = _socket.SOCK_RAW | _socket.SOCK_NONBLOCK | _socket.SOCK_CLOEXEC


class FrameSocket:
    """Receives all frames that arrive at an interface, and sends frames out of it.

    Args:
        interface: name of the interface, which is in the network namespace of this process.

    Raises:
        OSError: there is no such interface, or the right CAP_NET_RAW is missing.
    """

    def __init__(self, interface: str) -> None:
        self.interface = interface
        try:
            self._socket = _socket.socket(_socket.AF_PACKET, _KIND, 0)  # protocol 0: receives nothing until it is bound
        except OSError as error:
            raise self.error(error.errno or 0) from None
        self.descriptor = self._socket.fileno()
        try:
            self._socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
            self._socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
            self._socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._socket.bind((interface, _ETH_P_ALL))
        except OSError as error:
            self.close()
            raise self.error(error.errno or 0) from None

    def close(self) -> None:
        """Close the socket. The kernel takes some 10 ms, in which other threads can go on."""
        self._socket.close()

    def is_there(self) -> bool:
        """Tell whether the interface exists, perhaps down; it is gone when it was removed or moved elsewhere."""
        return bool(self._socket.getsockname()[0])

    def slot_size(self) -> int:
        """Return the bytes of a slot for the frames of this interface.

        Raises:
            OSError: the interface has gone.
        """
        request = struct.pack("16si20x", self.interface.encode(), 0)
        try:
            answer = fcntl.ioctl(self._socket, _SIOCGIFMTU, request)
        except OSError as error:
            raise self.error(error.errno or 0) from None
        return slot_size(struct.unpack_from("i", answer, 16)[0])

    def dropped(self) -> int:
        """Return how many frames the kernel has dropped since the last call because the receive buffer was full."""
        _, drops = struct.unpack("II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        return int(drops)

    def error(self, number: int) -> OSError:
        """Return an error of this interface."""
        return OSError(number, os.strerror(number), self.interface)

"""The pcapng file of a capture: whole blocks, up to a limit, and at the end how complete it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from . import pcapng
from .whole_file import WholeFile

_STATISTICS = 128  # bytes kept free below the limit for the statistics of each interface


class CaptureFile:
    """A pcapng file that packets are added to.

    Args:
        path: the file; what it held is gone.
        limit: bytes that it may reach; 0 for no limit.
        interfaces: of each interface the name, a description and the link type.
        snap_length: bytes that are kept of each packet.

    Attributes:
        captured: packets in the file.
        full: why no more packets are added; "" while they are.
        failed: whether that is a failure, and not the limit.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: str, limit: int, interfaces: Sequence[tuple[str, str, int]], snap_length: int) -> None:
        self.captured = 0
        self.full = ""
        self.failed = False
        self._path = path
        self._limit = limit
        self._room = limit - _STATISTICS * len(interfaces)
        self._file = WholeFile(path, anew=True)
        about = [pcapng.interface(*each, snap_length) for each in interfaces]
        self._file.write(b"".join((pcapng.section_header("nepi-gui"), *about)))

    def add(self, number: int, packets: Iterable[tuple[int, bytes, int]]) -> None:
        """Write packets of an interface (time, data, length on the link), as many as there is room for."""
        blocks = [pcapng.packet(number, *each) for each in packets]
        if self._limit and not self.full:
            ends = itertools.accumulate(map(len, blocks), initial=self._file.size)
            fitting = sum(end <= self._room for end in itertools.islice(ends, 1, None))
            if fitting < len(blocks):
                self._write(blocks[:fitting])
                self.full = f"{self._path} has reached its limit of {self._limit} bytes."
        self._write(blocks)

    def finish(self, statistics: Sequence[tuple[int, int, int, int]]) -> None:
        """Write the statistics (start, end, received, dropped) of each interface, and close the file."""
        blocks = [pcapng.statistics(number, *each) for number, each in enumerate(statistics)]
        if not self.failed:
            self._try_to_write(b"".join(blocks))
        self._file.close()

    def _write(self, blocks: list[bytes]) -> None:
        if not self.full and self._try_to_write(b"".join(blocks)):
            self.captured += len(blocks)

    def _try_to_write(self, content: bytes) -> bool:
        try:
            self._file.write(content)
        except OSError as error:
            self.full = f"Nothing more can be written to {self._path}: {error.strerror}."
            self.failed = True
        return not self.failed

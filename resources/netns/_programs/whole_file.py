"""A file that grows by pieces which are there whole or not at all, also when the disk becomes full."""

from __future__ import annotations

import os


class WholeFile:
    """A file that is written to its end.

    Args:
        path: the file; it is made when it is not there.
        anew: throw away what it holds.

    Attributes:
        size: bytes in the file.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str, anew: bool = False) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(path, flags | (os.O_TRUNC if anew else 0), 0o666)
        self.size = os.fstat(self._descriptor).st_size

    def write(self, content: bytes) -> None:
        """Write a piece, in one go where the system takes it so.

        Raises:
            OSError: there is no room for it; what went in of it has been cut off again.
        """
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            if len(rest) < len(content):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(content)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

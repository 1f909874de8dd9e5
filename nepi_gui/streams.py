"""Standard output and standard error that are closed, full, or that nobody reads any more."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

_LOST = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


class _Closed(io.StringIO):
    """Stands for a stream that the program was started without: what is written to it is lost, and that shows.

    Attributes:
        lost: something was written; told again by `flush`, since argparse does not mind what `write` says.
    """

    lost = False

    def write(self, text: str, /) -> int:
        self.lost = True
        raise OSError(errno.EBADF, "it is closed")

    def flush(self) -> None:
        if self.lost:
            raise OSError(errno.EBADF, "it is closed")


def mend_streams() -> None:
    """Give the program the standard streams that it was started without, and have them take any character."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # or the next file that is opened would be taken for a standard stream
    os.close(descriptor)
    sys.stdout = sys.stdout or _Closed()
    sys.stderr = sys.stderr or _Closed()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a name that this terminal cannot show must not end the program


def deliver(write: Callable[[TextIO], object], stream: TextIO) -> OSError | None:
    """Write something to a standard stream; return why that was not possible, None when it was."""
    try:
        write(stream)
        stream.flush()
    except OSError as error:
        if not is_lost_output(error):
            raise
        _silence(stream)
        return error
    return None


def is_lost_output(error: OSError) -> bool:
    """Tell whether an error is that of writing to a standard stream, and not to a file with a name."""
    return error.errno in _LOST and error.filename is None


def flush_streams() -> OSError | None:
    """Write out what standard output and standard error still hold; return why standard output could not be written."""
    deliver(lambda stream: None, sys.stderr)
    return deliver(lambda stream: None, sys.stdout)


def _silence(stream: TextIO) -> None:
    """Throw away what a stream still holds, or Python would try to write it again at its end, and complain."""
    if isinstance(stream, _Closed):
        stream.lost = False
    with suppress(OSError):  # it is no stream of the system
        descriptor = stream.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, descriptor)
        os.close(nothing)
        stream.flush()

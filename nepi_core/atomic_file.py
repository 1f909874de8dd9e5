"""Files that are either the old or the new ones, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write a file so that no reader, and no crash, ever meets half of it.

    The data goes to a new file in the same folder, to the disk, and then in place of the old file, whose mode it
    takes. A symbolic link stays one; the file it leads to is written.

    Args:
        path: of the file, in a folder that exists.
        data: all that the file is to hold.

    Raises:
        OSError: it cannot be written; the old file is as it was, and nothing else is left behind.
    """
    target = Path(os.path.realpath(path))
    try:
        _write_beside(target, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write_beside(target: Path, data: bytes) -> None:
    mode = _mode(target)
    # A name of its own kind: the target's name plus something could be too long for the file system.
    fresh = target.parent / f".{secrets.token_hex(8)}.tmp"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _mode(target: Path) -> int | None:
    """Return the mode of the file that is there; None when there is none, and the user's umask decides."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    # Renaming a file over /dev/null would take the device away from everybody.
    if not stat.S_ISREG(status.st_mode):
        raise FileExistsError(errno.EEXIST, "It is no file, and is not replaced by one", str(target))
    return stat.S_IMODE(status.st_mode)


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

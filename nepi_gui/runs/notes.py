"""What a user has to say about a run: a small file in its folder."""

from __future__ import annotations

from pathlib import Path

from nepi_core.atomic_file import write_atomically
from nepi_core.errors import RunStoreError

FILE_NAME = "note.txt"
LONGEST = 64 * 1024
"""Bytes of a note; of a longer file only the beginning is read."""


def read_note(folder: Path) -> str:
    """Return the note about the run in a folder; "" when there is none, or none that can be read."""
    path = folder / FILE_NAME
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(LONGEST).decode("utf-8", "replace").strip()
    except OSError:  # it may have been removed with its run just now
        return ""


def write_note(folder: Path, text: str) -> None:
    """Keep a note about the run in a folder, in the place of the one before; an empty one removes it.

    Raises:
        RunStoreError: it is too long, or cannot be written; the one before is as it was.
    """
    content = text.strip().encode("utf-8", "replace")
    if len(content) > LONGEST:
        raise RunStoreError(f"A note of {len(content):,} bytes is too long; at most {LONGEST:,} are kept.")
    path = folder / FILE_NAME
    try:
        if path.is_symlink():
            path.unlink()  # what it leads to is not ours to write to
        if content:
            write_atomically(path, content + b"\n")
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RunStoreError(f"The note cannot be written to {path}: {error.strerror}.") from error

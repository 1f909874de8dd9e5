"""Reading the file of a trace, whole or in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nepi_core.trace import TraceAttr

_END = 2000


def read_trace(path: Path, attr: TraceAttr, block: int, offset: int) -> Any:
    """Return a trace's text, path, size in bytes, or ``block`` bytes of text after ``offset`` blocks.

    Bytes that are no UTF-8 become replacement characters; who wants the bytes asks for the path.
    """
    match attr:
        case TraceAttr.PATH:
            return str(path)
        case TraceAttr.SIZE:
            return path.stat().st_size
        case TraceAttr.ALL:
            return path.read_bytes().decode(errors="replace")
        case TraceAttr.STREAM:
            with path.open("rb") as file:
                file.seek(block * offset)
                return file.read(block).decode(errors="replace")


def last_output(path: Path) -> str:
    """Return the last 2,000 bytes of a file as text, for messages about who wrote it; "" when there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END))
        return file.read(_END).decode(errors="replace").strip()

"""Reading the file of a trace, whole or in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nepi_core.trace import TraceAttr


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

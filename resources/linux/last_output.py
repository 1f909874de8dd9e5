"""The end of what a program has written, for messages about it."""

from __future__ import annotations

from pathlib import Path

_SHOWN = 2000


def last_output(path: Path) -> str:
    """Return the last 2,000 bytes of a file as text; "" when there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _SHOWN))
        return file.read(_SHOWN).decode(errors="replace").strip()

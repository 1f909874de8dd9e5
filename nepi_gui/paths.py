"""Questions about files whose answer is no when they cannot be asked."""

from __future__ import annotations

from pathlib import Path


def is_file(path: Path) -> bool:
    """Tell whether there is a file; not when that cannot be known, such as in a folder that is closed to this user."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # ValueError: the name holds a NUL
        return False

"""What of a text can be kept in a file: XML has no control characters, not even in disguise."""

from __future__ import annotations

import re

from nepi_core.description import Value
from nepi_core.errors import AttributeValueError

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """Return a text without what no file can hold, such as the colours in the output of a terminal."""
    return _UNWRITABLE.sub("", text)


def refuse_unwritable(value: Value | None, name: str, owner: str = "") -> None:
    """Check the value of an attribute, which must be kept as it is or not at all.

    Raises:
        AttributeValueError: no file can hold it.
    """
    found = _UNWRITABLE.search(value) if isinstance(value, str) else None
    if found:
        where = f"{owner}: " if owner else ""
        raise AttributeValueError(
            f"{where}attribute '{name}' cannot hold the control character U+{ord(found[0]):04X}, "
            "which cannot be written to a file."
        )

"""XML text of elements, with what was kept for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nepi_core.description import Foreign
from nepi_core.xml_format.foreign import TEXT, attribute_text
from nepi_core.xml_format.values import escape

Kept = Mapping[str, Sequence[Foreign]]
"""What is to be put back, by the place it belongs to (`Foreign.parent`)."""

_INDENTS = tuple("    " * depth for depth in range(10))


def element(depth: int, head: str, children: Sequence[str] = (), kept: Sequence[Foreign] = ()) -> str:
    """Return an element.

    Args:
        depth: of its indentation.
        head: its tag and attributes, as they stand in the start tag.
        children: the elements it holds, indented.
        kept: unknown parts that it had when it was read.

    Raises:
        ValueError: something kept does not fit.
    """
    for part in kept:
        if part.name == TEXT:
            children = (*children, _INDENTS[depth + 1] + escape(part.content))
        elif part.name:
            head += attribute_text(part, head)
        else:
            children = (*children, _INDENTS[depth + 1] + part.content)
    if not children:
        return f"{_INDENTS[depth]}<{head}/>"
    return "\n".join((f"{_INDENTS[depth]}<{head}>", *children, f"{_INDENTS[depth]}</{head.partition(' ')[0]}>"))


def container(depth: int, tag: str, children: Sequence[str], kept: Sequence[Foreign]) -> list[str]:
    """Return an element as `element` does, in a list; an empty list when there is nothing to write."""
    return [element(depth, tag, children, kept)] if children or kept else []


def pairs(**values: float | str | None) -> str:
    """Return XML attributes, without those that are None or ""; each starts with a blank.

    Raises:
        ValueError: one cannot be written; the message names it.
    """
    return "".join(_pair(name, value) for name, value in values.items() if value is not None and value != "")


def _pair(name: str, value: float | str) -> str:
    try:
        return f' {name}="{escape(value if isinstance(value, str) else repr(float(value)))}"'
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None

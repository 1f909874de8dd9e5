"""Typed values of the format: what stands in XML attributes, and the Python values it means."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from nepi_core.description import Value, as_guids
from nepi_core.errors import suggestion
from nepi_core.times import parse_delay
from nepi_core.xml_format.literals import format_literal, parse_literal
from nepi_core.xml_format.names import LITERAL_SHAPES, MAX_TEXT

_BOOLEANS = {"True": True, "False": False}
_SPECIAL = re.compile('[\x00-\x1f&<>"\ud800-\udfff\ufffe\uffff]')
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def shown(value: object) -> str:
    """Return a value for a message, a text in quotes, shortened when it is long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}...'"


def escape(text: str) -> str:
    """Return a text as it stands between double quotes in XML; line ends and tabs survive.

    Raises:
        ValueError: XML cannot hold one of its characters, or it is too long.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"it has {len(text)} characters, more than the {MAX_TEXT} that a file may hold in one value")
    if _SPECIAL.search(text) is None:
        return text
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise ValueError(f"XML cannot hold the character U+{ord(forbidden[0]):04X} at position {forbidden.start()}")
    return text.translate(_ESCAPES)


def parse_value(kind: str, text: str) -> Value:
    """Return the value of a text by its ``type``.

    Raises:
        ValueError: the text is no such value, or the type is unknown; the message says what is expected.
    """
    if kind == "string":
        return text
    if kind == "bool":
        return parse_bool(text)
    try:
        if kind == "integer":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        raise ValueError(f"value {shown(text)} is no {kind}") from None
    known = suggestion(kind, ("string", "bool", "integer", "float"))
    raise ValueError(f"type {shown(kind)} is unknown.{known}")


def format_value(value: object) -> tuple[str, str]:
    """Return the type and the text of a value.

    Raises:
        ValueError: it is no text, bool, int or float.
    """
    if isinstance(value, str):
        return "string", str.__str__(value)
    if isinstance(value, bool):
        return "bool", "True" if value else "False"
    if isinstance(value, int):
        return "integer", int.__repr__(value)
    if isinstance(value, float):
        return "float", float.__repr__(value)
    raise ValueError(f"a {type(value).__name__} cannot be written, only texts, numbers, True and False")


def parse_bool(text: str) -> bool:
    """Return a truth value.

    Raises:
        ValueError: the text is neither ``True`` nor ``False``.
    """
    try:
        return _BOOLEANS[text]
    except KeyError:
        raise ValueError(f"value {shown(text)} is neither 'True' nor 'False'") from None


def parse_annotation(name: str, kind: str, text: str, literal: str | None) -> object:
    """Return the value of an annotation.

    Args:
        name: of the annotation.
        kind: its ``type``.
        text: its ``value``.
        literal: our mark that says whether the text is a Python literal; None leaves it to the name, as NEPI does.

    Raises:
        ValueError: the text is no such value.
    """
    shape = LITERAL_SHAPES.get(name) if literal is None else None
    if shape is None and (literal is None or not parse_bool(literal)):
        return parse_value(kind, text)
    try:
        value = parse_literal(text)
    except (ValueError, OverflowError) as wrong:
        raise ValueError(f"value {shown(text)} is no Python literal: {wrong}") from None
    if shape is not None and not isinstance(value, shape):
        raise ValueError(f"value {shown(text)} is no Python {shape.__name__}")
    return value


def format_annotation(name: str, value: object) -> tuple[str, str, bool | None]:
    """Return type, text and literal mark of an annotation, as `parse_annotation` reads them.

    Raises:
        ValueError: the value cannot be written.
    """
    shape = LITERAL_SHAPES.get(name)
    if isinstance(value, (str, bool, int, float)):
        return *format_value(value), None if shape is None else False
    return "string", format_literal(value), None if shape is not None and isinstance(value, shape) else True


def parse_guids(text: str) -> tuple[int, ...]:
    """Return the guids of a text such as ``[3, 4]``, ``{3, 4}``, ``set([3, 4])`` or ``3``, in ascending order.

    Raises:
        ValueError: the text is anything else.
    """
    try:
        guids = parse_literal(text)
    except (ValueError, OverflowError):
        guids = None
    if type(guids) is int:
        return (guids,)
    if isinstance(guids, (list, tuple, set)) and guids and all(type(guid) is int for guid in guids):
        return as_guids(guids)
    raise ValueError(f"{shown(text)} is no list of guids such as '[3, 4]'")


def check_guids(guids: tuple[int, ...], known: Mapping[int, object]) -> None:
    """Check that all guids are known.

    Raises:
        ValueError: one is not, or there are none; the message names the nearest that is known.
    """
    if not guids:
        raise ValueError("the group has no guid; at least one is needed")
    for guid in guids:
        check_guid(guid, known)


def check_guid(guid: int, known: Mapping[int, object]) -> None:
    """Check that a guid is known, as `check_guids` does.

    Raises:
        ValueError: it is not.
    """
    if guid not in known:
        nearest = min(known, key=lambda other: abs(other - guid), default=0)
        raise ValueError(f"there is no resource {guid}." + (f" The nearest guid is {nearest}." if known else ""))


def parse_guid(text: str, taken: Container[int] = ()) -> int:
    """Return a guid.

    Raises:
        ValueError: the text is no positive integer, or the guid is taken.
    """
    try:
        guid = int(text)
    except ValueError:
        guid = 0
    if guid < 1:
        raise ValueError(f"guid {shown(text)} is no positive integer")
    if guid in taken:
        raise ValueError(f"guid {guid} stands twice; each resource needs its own")
    return guid


def parse_time(text: str | None) -> str | None:
    """Return the delay of a condition, checked but as it was written; None for the text ``None``.

    Raises:
        ValueError: it is no delay.
    """
    if text is None or text == "None":
        return None
    parse_delay(text)
    return text

"""Typed values of the format: what stands in XML attributes, and the Python values it means.

All functions raise ValueError for what the format does not have; the message says what was found and what is expected.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from nepi_core.description import LARGEST_GUID, Value, as_guids
from nepi_core.errors import suggestion
from nepi_core.times import parse_delay
from nepi_core.xml_format.names import LITERAL_SHAPES, MAX_TEXT

_BOOLEANS = {"True": True, "False": False}
_NUMBERS = r"\d+(?:, *\d+)*"
_GROUP = re.compile(rf"\[{_NUMBERS}\]|\{{{_NUMBERS}\}}|set\(\[{_NUMBERS}\]\)")
_LITERALS = frozenset({dict, list, tuple, set, str, bool, int, float, type(None)})


def shown(value: object) -> str:
    """Return a value for a message, a text in quotes, shortened when it is long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:76]}...'"


@contextmanager
def within(part: str) -> Iterator[None]:
    """Put the name of a part before the message of a ValueError that is raised inside."""
    try:
        yield
    except ValueError as wrong:
        raise ValueError(f"{part}: {wrong}") from None


def parse_value(kind: str, text: str) -> Value:
    """Return the value of a text by its ``type``."""
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
    """Return the type and the text of a value, as `parse_value` takes them."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ValueError(f"it has {len(value)} characters; {MAX_TEXT} are allowed")
        return "string", str.__str__(value)
    if isinstance(value, bool):
        return "bool", "True" if value else "False"
    if isinstance(value, int):
        return "integer", int.__repr__(value)
    if isinstance(value, float):
        return "float", float.__repr__(value)
    raise ValueError(f"a {type(value).__name__} cannot be written, only texts, numbers, True and False")


def parse_bool(text: str) -> bool:
    """Return a truth value."""
    if text not in _BOOLEANS:
        raise ValueError(f"value {shown(text)} is neither 'True' nor 'False'")
    return _BOOLEANS[text]


def parse_annotation(name: str, kind: str, text: str, literal: str | None) -> object:
    """Return the value of an annotation.

    Args:
        literal: our mark that says whether the text is a Python literal; None leaves it to the name, as NEPI does.
    """
    shape = LITERAL_SHAPES.get(name)
    if literal is not None:
        shape = object if parse_bool(literal) else None
    if shape is None:
        return parse_value(kind, text)
    value = _parse_literal(text)
    if not isinstance(value, shape):
        raise ValueError(f"value {shown(text)} is no Python {shape.__name__}")
    return value


def _parse_literal(text: str) -> object:
    try:
        if len(text) <= MAX_TEXT:
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass  # all that Python says of a text that is none, or is nested too deeply; told below
    raise ValueError(f"value {shown(text)} is no Python literal")


def format_annotation(name: str, value: object) -> tuple[str, str, str | None]:
    """Return type, text and literal mark of an annotation, as `parse_annotation` takes them."""
    shape = LITERAL_SHAPES.get(name)
    if isinstance(value, (str, bool, int, float)):
        return *format_value(value), None if shape is None else "False"
    if not _is_literal(value):
        raise ValueError(f"{shown(value)} cannot be written, only texts, finite numbers, lists and dicts of them")
    return "string", repr(value), None if shape is not None and isinstance(value, shape) else "True"


def _is_literal(value: object) -> bool:
    if type(value) not in _LITERALS:
        return False
    if isinstance(value, dict):
        return _is_literal([*value, *value.values()])
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_literal, value))
    return not isinstance(value, float) or math.isfinite(value)


def parse_guids(text: str) -> tuple[int, ...]:
    """Return the guids of a text such as ``[3, 4]``, ``{3, 4}`` or ``set([3, 4])``, in ascending order."""
    if not _GROUP.fullmatch(text):
        raise ValueError(f"{shown(text)} is no list of guids such as '[3, 4]'")
    return as_guids(map(int, re.findall(r"\d+", text)))


def check_guids(guids: Iterable[int], known: Mapping[int, object]) -> None:
    """Refuse a guid that is not known, and name the nearest that is."""
    for guid in guids:
        if guid not in known:
            nearest = min(known, key=lambda other: abs(other - guid), default=0)
            raise ValueError(f"there is no resource {guid}." + (f" The nearest guid is {nearest}." if known else ""))


def parse_positive(text: str, what: str) -> int:
    """Return a number from 1; ``what`` names it in the message."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= LARGEST_GUID:
        raise ValueError(f"{what} {shown(text)} is no whole number from 1 to {LARGEST_GUID:,}")
    return number


def parse_time(text: str | None) -> str | None:
    """Return the delay of a condition, checked but as it was written; None for the text ``None``."""
    if text is None or text == "None":
        return None
    parse_delay(text)
    return text

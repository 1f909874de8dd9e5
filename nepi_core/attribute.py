"""Attributes: the typed parameters of a resource type, declared once for checks, forms, help and files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING, Any, overload

from nepi_core.description import Value
from nepi_core.errors import AttributeValueError, suggestion

if TYPE_CHECKING:
    from nepi_core.resource import ResourceManager


class Types(StrEnum):
    """Type of an attribute's value."""

    String = "STRING"
    Bool = "BOOL"
    Integer = "INTEGER"
    Enumerate = "ENUM"
    Double = "DOUBLE"


class Flags(IntFlag):
    """What may be done with an attribute, and what it is for."""

    NoFlags = 0
    NoRead = 1
    """Users cannot read it."""
    NoWrite = 2
    """Users cannot set it; the resource does."""
    Design = 4
    """It can be set only before the resource is deployed."""
    Construct = 8
    """It is part of how the resource is made; it can be set only before the resource is deployed."""
    Credential = 16
    """It refers to a secret; only references such as ``env:NAME`` and ``file:PATH`` are written to files."""
    Filter = 32
    """It narrows the choice among the things that a testbed offers."""
    Reserved = 64
    """It belongs to the engine."""
    Global = 128
    """It has one value for all resources of the type in an experiment."""


_WORDS = {
    Types.String: "a text",
    Types.Bool: "True or False",
    Types.Integer: "a whole number",
    Types.Double: "a number",
    Types.Enumerate: "one of the allowed values",
}
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class Attribute:
    """A typed parameter of a resource type.

    In a class body the name is that of the variable, and reading the variable of a resource gives the value::

        count = Attribute(help="Requests to send", default=0, range=(0, 1000))

    Args:
        name: needed only when the attribute is not declared in a class body.
        help: one line for the form and the reference.
        type: type of the value; without it, that of the default.
        flags: sum of `Flags`.
        default: value of a resource that was told none; None means "not set".
        allowed: the only values there are.
        range: smallest and largest allowed number.
        set_hook: called with the old and the new value, returns the value to keep.
        unit: unit of a number, as shown beside it.
        required: a resource without a value cannot be deployed.
        names_host: the value is the name or address of a host, such as another node of the experiment.
        trusted: only somebody whom one trusts may set it: the value is run as a command, or names files or processes
            of a machine that are none of the experiment's. Who runs files of others asks for this.
    """

    __slots__ = (
        "allowed",
        "default",
        "flags",
        "help",
        "name",
        "names_host",
        "range",
        "required",
        "set_hook",
        "trusted",
        "type",
        "unit",
    )

    def __init__(
        self,
        name: str | None = None,
        help: str = "",
        type: Types | None = None,
        flags: Flags | int | None = None,
        default: Value | None = None,
        allowed: Iterable[Value] | None = None,
        range: tuple[float, float] | None = None,
        set_hook: Callable[[Value | None, Value | None], Value | None] | None = None,
        *,
        unit: str = "",
        required: bool = False,
        names_host: bool = False,
        trusted: bool = False,
    ) -> None:
        self.name = name or ""
        self.help = help
        self.allowed = tuple(allowed) if allowed is not None else None
        self.type = Types(type) if type is not None else _type_of(default, self.allowed)
        self.flags = Flags(flags or 0)
        self.range = range
        self.set_hook = set_hook
        self.unit = unit
        self.required = required
        self.names_host = names_host
        self.trusted = trusted
        self._refuse_nonsense()
        self.default = None if default is None else self.check(default)

    def _refuse_nonsense(self) -> None:
        """Refuse a declaration that could be kept, but not checked or shown.

        Raises:
            TypeError: the range is not two numbers in ascending order, or the unit is no text.
        """
        if self.range is not None:
            numbers = isinstance(self.range, tuple) and [isinstance(each, (int, float)) for each in self.range]
            if numbers != [True, True] or self.range[0] > self.range[1]:
                raise TypeError(f"Attribute '{self.name}': a range is (smallest, largest), not {self.range!r}.")
        if not isinstance(self.unit, str):
            raise TypeError(f"Attribute '{self.name}': a unit is a text, not {self.unit!r}.")

    def __set_name__(self, owner: type, name: str) -> None:
        if not self.name:
            self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Attribute: ...
    @overload
    def __get__(self, instance: ResourceManager, owner: type) -> Any: ...
    def __get__(self, instance: ResourceManager | None, owner: type) -> Any:
        return self if instance is None else instance.get(self.name)

    def __set__(self, instance: ResourceManager, value: Value | None) -> None:
        instance.set(self.name, value)

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, type={self.type}, default={self.default!r})"

    def has_flag(self, flag: Flags | int) -> bool:
        """Tell whether the attribute has this flag."""
        return bool(self.flags & flag)

    def check(self, value: Any, owner: str = "") -> Value:
        """Return the value in the attribute's type, when it is allowed.

        Texts are read as their type demands ("5" for a whole number), since files of NEPI and the command line hold
        texts.

        Args:
            owner: what the message calls the resource, such as ``linux::Ping 3``.

        Raises:
            AttributeValueError: the value has another type, is out of range, or is not among the allowed ones.
        """
        try:
            converted = self._convert(value)
        except ValueError:  # Python turns no number of thousands of digits into text
            converted = None
        if converted is None or not self._allows(converted):
            raise AttributeValueError(self._refusal(value, owner))
        return converted

    def _convert(self, value: Any) -> Value | None:
        match self.type:
            case Types.String:
                return value if isinstance(value, str) else _as_text(value)
            case Types.Bool:
                return _as_bool(value)
            case Types.Integer:
                return _as_integer(value)
            case Types.Double:
                return _as_double(value)
            case Types.Enumerate:
                return self._as_member(value)

    def _as_member(self, value: Any) -> Value | None:
        """Return the allowed value that this is, by value or by its text."""
        for each in self.allowed or ():
            if str(each) == str(value):
                return each
        return None

    def _allows(self, value: Value) -> bool:
        if self.allowed is not None and value not in self.allowed:
            return False
        if self.range is not None and isinstance(value, (int, float)):
            return self.range[0] <= value <= self.range[1]
        return True

    def _refusal(self, value: Any, owner: str) -> str:
        where = f"{owner}: " if owner else ""
        hint = suggestion(value, self.allowed) if self.allowed and isinstance(value, str) else ""
        return f"{where}attribute '{self.name}' cannot be {_shown(value)}; it takes {self.expectation()}.{hint}"

    def expectation(self) -> str:
        """Return in words what values are allowed."""
        if self.allowed is not None:
            return "one of " + ", ".join(map(str, self.allowed))
        words = _WORDS[self.type]
        if self.range is not None:
            words += _span_text(*self.range)
        return f"{words} in {self.unit}" if self.unit else words


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:
        return f"a {type(value).__name__} that cannot be shown ({error})"
    return text if len(text) <= 80 else text[:77] + "..."


def _span_text(low: float, high: float) -> str:
    """Return a range in words, such as " from 0 to 1,000,000,000"; "" when it excludes nothing."""
    if math.isinf(low):
        return "" if math.isinf(high) else f" up to {_bound_text(high)}"
    return f" from {_bound_text(low)} up" if math.isinf(high) else f" from {_bound_text(low)} to {_bound_text(high)}"


def _bound_text(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.15g}"


def _type_of(default: Value | None, allowed: tuple[Value, ...] | None) -> Types:
    if allowed is not None:
        return Types.Enumerate
    if isinstance(default, bool):
        return Types.Bool
    if isinstance(default, int):
        return Types.Integer
    return Types.Double if isinstance(default, float) else Types.String


def _as_text(value: Any) -> str | None:
    return str(value) if isinstance(value, (bool, int, float)) else None


def _as_bool(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    text = value.strip().lower() if isinstance(value, str) else ""
    return True if text in _TRUE else False if text in _FALSE else None


def _as_integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _as_double(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None

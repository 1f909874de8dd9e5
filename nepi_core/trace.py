"""Traces: the files that a resource writes while it runs, and the numbers that can be read from them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from nepi_core.series import Series


class TraceAttr(StrEnum):
    """What `ResourceManager.trace` is asked for."""

    ALL = "all"
    """The whole content."""
    PATH = "path"
    """The path of the file."""
    STREAM = "stream"
    """A block of the content, from an offset."""
    SIZE = "size"
    """The number of bytes."""


class Trace:
    """A named output of a resource type.

    Args:
        name: needed only when the trace is not declared in a class body.
        help: one line for the form and the reference.
        enabled: whether a resource collects it without being told.
        series: the numbers that can be read from it while it grows.
        parser: what reads a line into numbers: a callable that takes a line and gives pairs of series name and value,
            or a class of such callables, made anew for each file (see `nepi_core.series`).
        suffix: ending of the file's name, for traces that other programs open.
    """

    __slots__ = ("enabled", "help", "name", "parser", "series", "suffix")

    def __init__(
        self,
        name: str | None = None,
        help: str = "",
        enabled: bool = False,
        *,
        series: Sequence[Series] = (),
        parser: Any = None,
        suffix: str = "",
    ) -> None:
        self.name = name or ""
        self.help = help
        self.enabled = enabled
        self.series = tuple(series)
        self.parser = parser
        self.suffix = suffix

    def __set_name__(self, owner: type, name: str) -> None:
        if not self.name:
            self.name = name

    def __repr__(self) -> str:
        return f"Trace({self.name!r}, enabled={self.enabled})"

"""Waiting for a line of output by which a program says that it is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nepi_core.series import BoundedPattern, Found, LineParser, make_parser


class LineWatch:
    """Calls back once a line matches, and hands all lines on to another parser.

    Args:
        pattern: regular expression, searched for in each line.
        seen: called once, when it is found.
        parser: what reads numbers from the lines, or None.

    Raises:
        AttributeValueError: the pattern is no regular expression.
    """

    def __init__(self, pattern: str, seen: Callable[[], None], parser: Any) -> None:
        self._pattern: BoundedPattern | None = BoundedPattern(pattern)
        self._seen = seen
        self._parser: LineParser | None = None if parser is None else make_parser(parser)

    def __call__(self, line: str) -> Iterable[Found]:
        """Look at a line, and return the numbers in it."""
        if self._pattern is not None and self._pattern.search(line) is not None:
            self._pattern = None
            self._seen()
        return () if self._parser is None else self._parser(line)

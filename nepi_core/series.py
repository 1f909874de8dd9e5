"""Numbers in traces: the series that a trace declares, their samples, and parsers that read samples from lines."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nepi_core.errors import AttributeValueError

Found = tuple[str, float] | tuple[str, float, float]
"""What a parser finds in a line: series and value, and the time (seconds since 1970) when the line tells it."""

LineParser = Callable[[str], Iterable[Found]]
"""Reads the samples from one line of a trace, given without its end of line."""

# What a regular expression may cost: its time can grow with a power of the line's length, or worse.
_SEARCHED = 2_000
_PATIENCE = 1.0

# Seconds since 1970 that a date in a trace may be: the years 2000 to 2100. Smaller numbers count from a start.
_PLAUSIBLE = range(946_684_800, 4_102_444_800)

_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Series:
    """A series of numbers that can be read from a trace while it grows."""

    name: str
    unit: str = ""
    help: str = ""


class Sample(NamedTuple):
    """One number that was read from a trace.

    Attributes:
        time: seconds since 1970; of its reading, unless the trace told the time.
    """

    time: float
    guid: int
    trace: str
    series: str
    value: float


def make_parser(declared: LineParser | type) -> LineParser:
    """Return the parser for one trace file.

    A parser that remembers earlier lines must be made anew for each file: a class is called without arguments, and an
    object with a method ``fresh`` is asked for a new one. Any other callable is used as it is.
    """
    made = declared() if isinstance(declared, type) else getattr(declared, "fresh", lambda: declared)()
    if not callable(made):
        raise AttributeValueError(f"{declared!r} is no parser: it cannot be called with a line of text.")
    parser: LineParser = made
    return parser


class BoundedPattern:
    """A regular expression of a user, which may take time that grows without end: its search is given up in time.

    Python's own `re` can neither be interrupted nor does it let other threads run meanwhile.

    Raises:
        AttributeValueError: the pattern is no regular expression.
    """

    def __init__(self, pattern: str) -> None:
        import regex  # 13 ms, and only experiments with patterns need it

        try:
            self._pattern = regex.compile(pattern)
        except (regex.error, OverflowError, RecursionError) as error:
            raise AttributeValueError(f"'{pattern}' is no regular expression: {error}.") from None
        self.names = tuple(self._pattern.groupindex)

    def search(self, line: str) -> dict[str, str | None] | None:
        """Return the named groups of the first match in a line's first 2,000 characters, None when there is none.

        Raises:
            TimeoutError: the search took longer than a second.
        """
        try:
            match = self._pattern.search(line, 0, _SEARCHED, timeout=_PATIENCE, concurrent=True)
        except TimeoutError:
            raise TimeoutError(f"a search for '{self._pattern.pattern}' took over {_PATIENCE:g} s") from None
        return match.groupdict() if match else None


class RegexParser:
    """Reads numbers with a regular expression; its named groups are the series.

    The first match in each line counts, within the line's first 2,000 characters. A group that did not match, or that
    is no number, gives no sample.

    Raises:
        AttributeValueError: the pattern is no regular expression, or it names no series.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = BoundedPattern(pattern)
        if not self._pattern.names:
            raise AttributeValueError(
                f"The pattern '{pattern}' names no series. Name the part that is the number: rtt=(?P<rtt>[0-9.]+)."
            )

    def __call__(self, line: str) -> Iterator[Found]:
        """Yield the samples of one line."""
        yield from _numbers(self._pattern.search(line) or {})


class CsvParser:
    """Reads each column of a table as a series.

    A first line with a cell that is no number is the header and names the series; without one they are named
    ``column1``, ``column2`` and so on. A column ``time`` or ``timestamp`` that holds seconds since 1970 gives the time
    of the samples of its line. Cells that are no numbers, and lines that begin with ``#``, give nothing.

    Args:
        delimiter: what parts the columns; "" finds out which of comma, semicolon and tab the first line has most of.
    """

    def __init__(self, delimiter: str = "") -> None:
        if len(delimiter) > 1 or delimiter in ("\r", "\n", '"'):
            raise AttributeValueError(f"{delimiter!r} cannot part columns: a delimiter is one character, such as ';'.")
        self._given = delimiter
        self._delimiter = delimiter or ","
        self._names: list[str] | None = None

    def fresh(self) -> CsvParser:
        """Return a parser with the same settings for another file."""
        return CsvParser(self._given)

    def __call__(self, line: str) -> Iterator[Found]:
        """Yield the samples of one line."""
        if self._names is None:
            line = line.lstrip("\ufeff")
            delimiter = self._given or max(_DELIMITERS, key=line.count)
            if line.startswith("#") and delimiter not in line:
                return  # a remark above the table; a header may begin with the mark too
            self._begin(line.lstrip("# "), delimiter)
        if not line.startswith("#"):
            yield from self._samples(self._cells(line))

    def _begin(self, line: str, delimiter: str) -> None:
        self._delimiter = delimiter
        cells = self._cells(line)
        if any(cells):
            self._names = _column_names(cells)

    def _cells(self, line: str) -> list[str]:
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=self._delimiter), [])]
        except csv.Error:  # a line that is no row of a table, such as one with a stray quotation mark
            return []

    def _samples(self, cells: list[str]) -> Iterator[Found]:
        row = dict(zip(self._names or (), cells, strict=False))
        time = next((name for name in row if name.lower() in ("time", "timestamp")), "")
        date = _number(row.get(time))
        if date is None or int(date) not in _PLAUSIBLE:
            yield from _numbers(row)
            return
        del row[time]
        for name, value in _numbers(row):
            yield name, value, date


class JsonLinesParser:
    """Reads numbers from lines that each hold one JSON object.

    Args:
        paths: for each series where its number is, such as ``end.sum.bits_per_second`` or ``streams.0.rtt``.
    """

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = {series: path.split(".") for series, path in paths.items()}

    def __call__(self, line: str) -> Iterator[Found]:
        """Yield the samples of one line; a line that is no JSON gives none."""
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            return
        yield from _numbers({series: _inside(content, path) for series, path in self._paths.items()})


def _column_names(cells: list[str]) -> list[str]:
    """Return the header's names; a column's number stands for a name that is missing, a number, or taken."""
    names: list[str] = []
    header = any(_number(cell) is None for cell in cells)
    for number, cell in enumerate(cells, 1):
        names.append(cell if header and cell and cell not in names else f"column{number}")
    return names


def _inside(content: object, path: list[str]) -> object:
    for key in path:
        if isinstance(content, dict):
            content = content.get(key)
        elif isinstance(content, list) and key.isdecimal() and int(key) < len(content):
            content = content[int(key)]
        else:
            return None
    return content


def _numbers(found: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for name, content in found.items():
        value = _number(content)
        if value is not None:
            yield name, value


def _number(content: object) -> float | None:
    """Return a finite number, or None for what is none."""
    if not isinstance(content, (str, int, float)) or isinstance(content, bool):
        return None
    try:
        value = float(content)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None

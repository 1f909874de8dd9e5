"""Reads GML (M. Himsolt, "GML: A portable graph file format", 1997): keys with numbers, texts, or lists in brackets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nepi_core.description import Value

if TYPE_CHECKING:
    from nepi_core.graph_files import Contents

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)|(?P<open>\[)|(?P<close>\])|"(?P<text>[^"]*)"
    |(?P<number>[+-]?(?>\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?+)(?![\w.])|(?P<word>[+-]?[A-Za-z_][\w.-]*)""",
    re.VERBOSE,
)
_MOST_DEPTH = 20  # a graph has three levels; drawing instructions have a few more


@dataclass(slots=True)
class _Record:
    """A list in brackets, or the whole file."""

    line: int
    items: list[tuple[str, Value | _Record]] = field(default_factory=list)

    def records(self, key: str) -> Iterator[_Record]:
        return (value for name, value in self.items if name.lower() == key and isinstance(value, _Record))

    def data(self, *without: str) -> dict[str, Any]:
        """Return the values by name: as a list where a name is repeated, with both names where records are nested."""
        found: dict[str, list[Value]] = {}
        for name, value in self.pairs(without):
            found.setdefault(name, []).append(value)
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

    def pairs(self, without: tuple[str, ...], prefix: str = "") -> Iterator[tuple[str, Value]]:
        for name, value in self.items:
            if isinstance(value, _Record) and name not in without:
                yield from value.pairs((), f"{prefix}{name}_")
            elif not isinstance(value, _Record) and name not in without:
                yield prefix + name, value


def read_gml(text: str, contents: Contents) -> None:
    """Add the nodes and edges of a GML file.

    Raises:
        FormatError: the file is no GML, or has not exactly one graph.
    """
    graphs = list(_records(text, contents).records("graph"))
    if len(graphs) != 1:
        raise contents.fault(0, f"found {len(graphs)} graphs, expected one 'graph [ ... ]'.")
    contents.directed = graphs[0].data("node", "edge").get("directed") == 1
    for node in graphs[0].records("node"):
        contents.add_node(_id(node, "id", contents), node.data("id"), node.line)
    for edge in graphs[0].records("edge"):
        ends = _id(edge, "source", contents), _id(edge, "target", contents)
        contents.edges.append((*ends, edge.data("source", "target"), edge.line))


def _id(record: _Record, key: str, contents: Contents) -> str | int:
    for name, value in record.items:
        if name == key and isinstance(value, (str, int)):
            return value
    raise contents.fault(record.line, f"a record has no '{key}' that is an integer or a text.")


def _records(text: str, contents: Contents) -> _Record:
    whole = _Record(1)
    stack = [whole]
    key = ""
    for kind, token, line in _tokens(text, contents):
        if not key and kind == "word":
            key = token
        elif not key and kind == "close" and len(stack) > 1:
            stack.pop()
        elif key and kind == "open" and len(stack) < _MOST_DEPTH:
            stack.append(_Record(line))
            stack[-2].items.append((key, stack[-1]))
            key = ""
        elif key and kind in ("text", "number", "word"):
            stack[-1].items.append((key, _value(kind, token, line, contents)))
            key = ""
        else:
            expected = f"a value of '{key}'" if key else "a key" + (" or ']'" if len(stack) > 1 else "")
            raise contents.fault(line, f"found '{token}', expected {expected}.")
    if key or len(stack) > 1:
        raise contents.fault(stack[-1].line, "the file ends inside the record that starts here.")
    return whole


def _tokens(text: str, contents: Contents) -> Iterator[tuple[str, str, int]]:
    place, line = 0, 1
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise contents.fault(line, f"this is no GML: {text[place : place + 20]!r}.")
        if match.lastgroup != "blank":
            yield match.lastgroup, match[match.lastgroup], line
        line += match[0].count("\n")
        place = match.end()


def _value(kind: str, token: str, line: int, contents: Contents) -> Value:
    if kind == "text":
        return html.unescape(token)
    try:
        return int(token) if re.fullmatch(r"[+-]?\d+", token) else float(token)
    except ValueError:
        raise contents.fault(line, f"'{token[:60]}' is no number, and no text in quotation marks.") from None

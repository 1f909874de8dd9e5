"""Reads graphs from files: GraphML, GML, and lists of edges."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nepi_core.description import NodeId, Value
from nepi_core.errors import FormatError, suggestion
from nepi_core.gml import read_gml
from nepi_core.graphml import read_graphml

if TYPE_CHECKING:
    import networkx as nx

MAX_BYTES = 64 * 2**20
"""Largest file that is read."""

Data = dict[str, Any]


def read_graph(path: str | Path) -> nx.MultiGraph:
    """Return the graph in a file, with everything the file says about nodes and edges; the suffix tells the format.

    Node ids are those of the file: texts in GraphML, mostly integers in GML; in a list of edges they are integers
    when all are, and else texts. `NetGraph` turns the graph into a topology.

    Raises:
        FormatError: the file cannot be read, is larger than `MAX_BYTES`, or is not what its suffix says.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = suggestion(path.suffix.lower(), _READERS)
        raise FormatError(str(path), 0, f"the suffix '{path.suffix}' names no format of graphs.{known}")
    contents = Contents(str(path))
    reader(_bytes_of(path), contents)
    return contents.graph()


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise FormatError(str(path), 0, "there is no such file." if not path.exists() else "this is no file.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FormatError(str(path), 0, f"the file cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise FormatError(str(path), 0, f"the file is larger than {MAX_BYTES // 2**20} MiB.")
    return data


@dataclass(slots=True)
class Contents:
    """Nodes and edges as they are found; edges may come before their nodes."""

    path: str
    directed: bool = False
    nodes: dict[NodeId, Data] = field(default_factory=dict)
    edges: list[tuple[NodeId, NodeId, Data, int]] = field(default_factory=list)

    def fault(self, line: int, message: str) -> FormatError:
        """Return an error about a line of the file."""
        return FormatError(self.path, line, message)

    def add_node(self, nid: NodeId, data: Data, line: int) -> None:
        """Add a node, unless the file has it already."""
        if nid in self.nodes:
            raise self.fault(line, f"there is a second node with id {nid!r}.")
        self.nodes[nid] = data

    def graph(self) -> nx.MultiGraph:
        """Return all that was found, when every edge leads from node to node."""
        import networkx as nx

        graph = nx.MultiDiGraph() if self.directed else nx.MultiGraph()
        for nid, data in self.nodes.items():
            graph.add_node(nid)
            graph.nodes[nid].update(data)
        for nid1, nid2, data, line in self.edges:
            for nid in (nid1, nid2):
                if nid not in self.nodes:
                    raise self.fault(line, f"an edge names node {nid!r}, which the file does not have.")
            graph.edges[nid1, nid2, graph.add_edge(nid1, nid2)].update(data)
        return graph


# Lists of edges: two nodes in a line and perhaps a number or networkx's dict; or CSV, perhaps with a line of names.

# First line of a CSV file with names of columns.
_END_NAMES = {("source", "target"), ("from", "to"), ("node1", "node2"), ("nid1", "nid2"), ("src", "dst")}


def _read_edges(data: bytes, contents: Contents) -> None:
    _add_rows(_edge_rows(_text(data), contents), contents)


def _edge_rows(text: str, contents: Contents) -> Iterator[tuple[str, str, Data, int]]:
    for line, raw in enumerate(text.splitlines(), 1):
        parts = raw.partition("#")[0].split(maxsplit=2)
        if parts:
            if len(parts) < 2:
                raise contents.fault(line, f"found '{raw.strip()[:60]}', expected two nodes.")
            yield parts[0], parts[1], _edge_data(parts[2:], line, contents), line


def _edge_data(rest: list[str], line: int, contents: Contents) -> Data:
    if not rest:
        return {}
    if not rest[0].startswith("{"):
        return {"weight": _cell(rest[0].strip())}
    try:
        data = ast.literal_eval(rest[0])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise contents.fault(line, f"'{rest[0][:60]}' is no dict of plain values.")
    return {str(name): value for name, value in data.items()}


def _read_csv(data: bytes, contents: Contents) -> None:
    text = _text(data)
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        _add_rows(_csv_rows(rows, contents), contents)
    except csv.Error as error:
        raise contents.fault(rows.line_num, f"this is no CSV: {error}.") from None


def _csv_rows(rows: Any, contents: Contents) -> Iterator[tuple[str, str, Data, int]]:
    names = ["", "", "weight"]
    for cells in rows:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if len(cells) < 2 or not (cells[0] and cells[1]):
            raise contents.fault(rows.line_num, f"found {cells}, expected two nodes.")
        if rows.line_num == 1 and (cells[0].lower(), cells[1].lower()) in _END_NAMES:
            names = cells
        else:
            named = zip(names[2:], cells[2:], strict=False)
            yield cells[0], cells[1], {name: _cell(cell) for name, cell in named if cell}, rows.line_num


def _add_rows(rows: Iterator[tuple[str, str, Data, int]], contents: Contents) -> None:
    found = list(rows)
    names = dict.fromkeys(name for row in found for name in row[:2])
    # "007" stays a text, or it would no longer be the name that stands in the file.
    integers = all(re.fullmatch(r"0|-?[1-9]\d{0,17}", name) for name in names)
    ids: dict[str, NodeId] = {name: int(name) if integers else name for name in names}
    contents.nodes.update((nid, {}) for nid in ids.values())
    contents.edges += [(ids[name1], ids[name2], data, line) for name1, name2, data, line in found]


def _cell(text: str) -> Value:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


_READERS: Mapping[str, Callable[[bytes, Contents], None]] = {
    ".graphml": read_graphml,
    ".gml": lambda data, contents: read_gml(_text(data), contents),
    ".edgelist": _read_edges,
    ".edges": _read_edges,
    ".txt": _read_edges,
    ".csv": _read_csv,
    ".tsv": _read_csv,
}

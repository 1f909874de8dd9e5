"""Reads graphs from files with the readers of networkx: GraphML, GML, and lists of edges."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import networkx as nx
from lxml import etree

from nepi_core.errors import FormatError, suggestion
from nepi_core.xml_format.document import line_of

MAX_BYTES = 64 * 2**20
"""Largest file that is read."""

# What networkx raises at files that it does not understand, beside its own errors.
_FAULTS = (nx.NetworkXException, ValueError, TypeError, LookupError, AttributeError, SyntaxError, RecursionError)
_LINE = re.compile(r" at \((\d+), \d+\)")

_GML_GRAPH = re.compile(r"^\s*graph\s*\[", re.MULTILINE)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")


def read_graph(path: str | Path) -> nx.Graph:
    """Return the graph in a file, with what the file says about nodes and edges; the suffix tells the format.

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
    return _understood(reader, _bytes_of(path), str(path))


def read_edges(text: str, name: str) -> nx.Graph:
    """Return the graph that a list of edges tells of which is in no file; ``name`` stands for it in messages.

    Raises:
        FormatError: it is no list of edges.
    """
    return _understood(_read_edges, text.encode(errors="replace"), name)


def _understood(reader: Callable[[bytes, str], nx.Graph], data: bytes, path: str) -> nx.Graph:
    try:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            graph = reader(data, path)
    except FormatError:
        raise
    except _FAULTS as error:
        line = _LINE.search(str(error))
        raise FormatError(path, int(line[1]) if line else 0, f"not understood: {error}.") from error
    graph.graph["notices"] = [f"{each.message}" for each in found]
    return graph


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise FormatError(str(path), 0, "this is no file." if path.exists() else "there is no such file.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FormatError(str(path), 0, f"the file cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise FormatError(str(path), 0, f"the file is larger than {MAX_BYTES // 2**20} MiB.")
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_graphml(data: bytes, path: str) -> nx.Graph:
    _check_graphml(data, path)
    graph = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    for kind, elements in (("node", graph.nodes), ("edge", graph.edges)):
        for element in elements:
            elements[element].update({**graph.graph[f"{kind}_default"], **elements[element]})
    return graph


def _check_graphml(data: bytes, path: str) -> None:
    """Refuse what a harmless file does not need, such as entities, and what networkx would misread in silence."""
    # Bounds on depth, size of texts and growth of entities are libxml2's own; a document type is then refused.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        fault = str(error.msg).partition(", line ")[0]
        raise FormatError(path, error.lineno or 0, f"this is no XML: {fault}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormatError(path, 1, "a document type definition (DOCTYPE) is not accepted.")
    graphs = len(list(root.iter("{*}graph")))
    if graphs != 1:
        raise FormatError(path, line_of(root), f"found {graphs} elements 'graph', expected one in 'graphml'.")
    known: set[str] = set()
    for node in root.iter("{*}node"):
        nid = node.get("id")
        if nid is None or nid in known:
            raise FormatError(path, line_of(node), f"the id of a node is {nid!r}: it is missing, or another node's.")
        known.add(nid)
    for edge in root.iter("{*}edge"):
        for nid in (edge.get("source"), edge.get("target")):
            if nid not in known:
                raise FormatError(path, line_of(edge), f"an edge names node {nid!r}, which the file does not have.")


def _read_gml(data: bytes, _: str) -> nx.Graph:
    text = _text(data)
    try:
        return nx.parse_gml(text, label="id")
    except nx.NetworkXError as error:
        if "duplicated" not in str(error):
            raise
        # Files of the Topology Zoo have several edges between two nodes and do not say so.
        return nx.parse_gml(_GML_GRAPH.sub(r"\g<0> multigraph 1 ", text, count=1), label="id")


def _read_edges(data: bytes, path: str) -> nx.Graph:
    text = _text(data)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line.partition("#")[0].split()) == 1:  # networkx would leave it out
            raise FormatError(path, number, f"found '{line.strip()[:60]}', expected two nodes.")
    third = True if "{" in text else [("weight", float)]
    graph = nx.parse_edgelist(text.splitlines(), create_using=nx.MultiGraph, data=third)
    # "007" stays a text, or it would no longer be the name that stands in the file.
    if all(_INTEGER.fullmatch(name) for name in graph):
        graph = nx.relabel_nodes(graph, {name: int(name) for name in graph})
    return graph


_READERS: Mapping[str, Callable[[bytes, str], nx.Graph]] = {
    ".graphml": _read_graphml,
    ".gml": _read_gml,
    ".edgelist": _read_edges,
    ".edges": _read_edges,
    ".txt": _read_edges,
}

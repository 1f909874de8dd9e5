"""Makes a plain topology of any networkx graph: one edge between two nodes, plain ids, plain annotations."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import chain, count, zip_longest
from typing import Any

import networkx as nx

from nepi_core.description import NodeId, Value

PARALLEL = "parallel"
"""Edge annotation: how many edges became this one, when they were more than one."""

PARALLEL_DATA = "parallel_data"
"""Edge annotation: JSON list of the annotations of the second and further of these edges."""

Data = dict[str, object]

_COORDINATES = dict.fromkeys(("latitude", "lat"), "latitude") | dict.fromkeys(("longitude", "lon", "lng"), "longitude")


def plain_graph(given: nx.Graph) -> tuple[nx.Graph, list[str]]:
    """Return an undirected simple graph with the nodes, edges and annotations of any networkx graph.

    Node ids that are not text, integer, float or bool become text. Several edges between two nodes become one, see
    `add_edges`. In a directed graph an edge and the one that leads back are one edge; where they differ, the value of
    the way back is kept as ``reverse_<name>``. Labels become the annotation ``name``, coordinates ``latitude`` and
    ``longitude``, a pair ``pos`` becomes ``x`` and ``y``; other values that are not plain become text.

    Returns:
        The graph, and what the user should know about it, in sentences.
    """
    changed: set[str] = set()
    ids = _plain_ids(given)
    graph = nx.Graph()
    for node, data in given.nodes(data=True):
        graph.add_node(ids[node])
        graph.nodes[ids[node]].update(_node_annotations(data, changed))
    links = ((ids[node1], ids[node2], _plain(data, changed)) for node1, node2, data in _links(given))
    notices = [*given.graph.get("notices", ()), *add_edges(graph, links)]
    if changed:
        notices.append(f"Values that are neither text nor number became text: {', '.join(sorted(changed))}.")
    return graph, notices


def add_edges(graph: nx.Graph, edges: Iterable[tuple[NodeId, NodeId, Data]]) -> list[str]:
    """Add edges to a simple graph; return what the user should know, in sentences.

    Of several edges between two nodes the first one gives the annotations, and `PARALLEL` and `PARALLEL_DATA` keep the
    others. An edge from a node to itself is left out.
    """
    links: dict[frozenset[NodeId], list[Data]] = {}
    loops = 0
    for nid1, nid2, data in edges:
        if nid1 == nid2:
            loops += 1
        else:
            graph.add_edge(nid1, nid2)
            links.setdefault(frozenset((nid1, nid2)), []).append(data)
    for (nid1, nid2), several in links.items():
        graph.edges[nid1, nid2].update(several[0] if len(several) == 1 else _as_one(several))
    return [f"Edges from a node to itself were left out: {loops}."] if loops else []


def _as_one(several: Iterable[Data]) -> Data:
    first, *others = chain.from_iterable(map(_apart, several))
    text = json.dumps(others, ensure_ascii=False, skipkeys=True, default=str)
    return {**first, PARALLEL: 1 + len(others), PARALLEL_DATA: text}


def _apart(annotations: Data) -> list[Data]:
    """Return the annotations of each of the edges that an edge stands for."""
    try:
        others = json.loads(str(annotations.get(PARALLEL_DATA)))
    except (ValueError, RecursionError):
        return [annotations]
    own = {name: value for name, value in annotations.items() if name not in (PARALLEL, PARALLEL_DATA)}
    return [own, *others] if isinstance(others, list) else [annotations]


def plain_value(value: Any) -> Value | None:
    """Return a value as exactly text, bool, integer or float; None when it is none of them."""
    if isinstance(value, str):
        return str.__str__(value)
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    # Numbers of numpy are no Python numbers, but can be asked for one.
    number = value.item() if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0 else None
    return number if isinstance(number, (str, bool, int, float)) else None


def addressing(name: str, value: object) -> object:
    """Return a copy of what addressing writes: ``ips`` a list, ``net`` or ``net6`` a dict; None for anything else."""
    if name == "ips" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return list(value)
    if name in ("net", "net6") and isinstance(value, dict) and {"mask", "network", "prefix"} <= value.keys():
        plain = {each: plain_value(value[each]) for each in value}
        return plain if None not in plain.values() else None
    return None


def _plain(data: Mapping[Any, object], changed: set[str]) -> Data:
    """Return annotations with plain values; names of those that became text are added to ``changed``."""
    plain: Data = {}
    for name, value in ((str(key), value) for key, value in data.items() if value is not None):
        kept = addressing(name, value)
        if kept is None:
            # A foreign "net" that is no network of ours must not be mistaken for one.
            own_name = f"{name}_given" if name in ("ips", "net", "net6") else name
            simple = plain_value(value)
            if simple is None:
                changed.add(name)
            plain[own_name] = str(value) if simple is None else simple
        else:
            plain[name] = kept
    return plain


def _node_annotations(data: Mapping[Any, object], changed: set[str]) -> Data:
    data = dict(data)
    pos = data.get("pos")
    if isinstance(pos, (tuple, list)) and len(pos) == 2 and not {"x", "y"} & set(data):
        x, y = map(_finite, pos)
        if x is not None and y is not None:
            del data["pos"]
            data.update(x=x, y=y)
    plain = _plain(data, changed)
    if "label" in plain and "name" not in plain:
        plain["name"] = plain.pop("label")
    return _with_coordinates(plain)


def _with_coordinates(annotations: Data) -> Data:
    """Return annotations with coordinates under the usual names, when both are there."""
    numbers = {name: _finite(value) for name, value in annotations.items() if name.lower() in _COORDINATES}
    found = {_COORDINATES[name.lower()]: number for name, number in numbers.items() if number is not None}
    if len(found) < 2:
        return annotations
    return {name: value for name, value in annotations.items() if numbers.get(name) is None} | found


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _plain_ids(given: nx.Graph) -> dict[Hashable, NodeId]:
    plain = {node: plain_value(node) for node in given}
    # Not-a-number, which is not even equal to itself, names nothing.
    ids: dict[Hashable, NodeId] = {node: nid for node, nid in plain.items() if nid is not None and nid == nid}
    taken = set(ids.values())
    for node in (each for each in given if each not in ids):
        names = chain([str(node)], (f"{node}#{number}" for number in count(2)))
        ids[node] = next(name for name in names if name not in taken)
        taken.add(ids[node])
    return ids


def _links(given: nx.Graph) -> Iterator[tuple[Hashable, Hashable, Mapping[Any, object]]]:
    """Return ends and data of all edges; in a directed graph the data of the way back go with those of the edge."""
    if not given.is_directed():
        yield from given.edges(data=True)
        return
    ways: dict[tuple[Hashable, Hashable], list[Mapping[Any, object]]] = {}
    for node1, node2, data in given.edges(data=True):
        ways.setdefault((node1, node2), []).append(data)
    for ends in list(ways):
        none: Mapping[Any, object] = {}
        for forth, back in zip_longest(ways.pop(ends, []), ways.pop(ends[::-1], []), fillvalue=none):
            differing = {name: value for name, value in back.items() if name not in forth or forth[name] != value}
            yield *ends, {**forth, **{f"reverse_{name}": value for name, value in differing.items()}}

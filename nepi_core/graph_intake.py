"""Makes a plain topology of any networkx graph: one edge between two nodes, plain ids, plain annotations."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Hashable, Mapping
from itertools import count, zip_longest
from typing import TYPE_CHECKING, Any

from nepi_core.description import NodeId, Value

if TYPE_CHECKING:
    import networkx as nx

PARALLEL = "parallel"
"""Edge annotation: how many edges of the given graph became this one, when they were more than one."""

PARALLEL_DATA = "parallel_data"
"""Edge annotation: JSON list of the annotations of the second and further of these edges."""

_COORDINATES = {
    "latitude": ("latitude", 90),
    "lat": ("latitude", 90),
    "longitude": ("longitude", 180),
    "lon": ("longitude", 180),
    "lng": ("longitude", 180),
}


def plain_graph(given: nx.Graph) -> tuple[nx.Graph, list[str]]:
    """Return an undirected simple graph with the nodes, edges and annotations of any networkx graph.

    Node ids that are not text, integer, float or bool become text. Of several edges between two nodes the first one
    gives the annotations, and `PARALLEL` and `PARALLEL_DATA` keep the others. In a directed graph an edge and the one
    that leads back are one edge; where they differ, the value of the way back is kept as ``reverse_<name>``. An edge
    from a node to itself is left out. Labels become the annotation ``name``, coordinates ``latitude`` and
    ``longitude``, a pair ``pos`` becomes ``x`` and ``y``; other values that are not plain become text.

    Returns:
        The graph, and what the user should know about it, in sentences.
    """
    import networkx as nx

    notices = list(given.graph.get("notices", ()))
    changed: set[str] = set()
    ids = _plain_ids(given)
    graph = nx.Graph()
    for node, data in given.nodes(data=True):
        graph.add_node(ids[node])
        graph.nodes[ids[node]].update(_node_annotations(data, changed))
    links, loops = _links(given, ids)
    for (nid1, nid2), edges in links.items():
        graph.add_edge(nid1, nid2)
        first, *others = [plain_annotations(data, changed) for data in edges]
        graph.edges[nid1, nid2].update(with_parallel(first, others))
    if loops:
        notices.append(f"{loops} edges from a node to itself were left out.")
    if changed:
        notices.append(f"Values that are neither text nor number became text: {', '.join(sorted(changed))}.")
    return graph, notices


def plain_value(value: Any) -> Value | None:
    """Return a value as exactly text, bool, integer or float; None when it is none of them."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    # Numbers of numpy are no Python numbers, but can be asked for one.
    number = value.item() if callable(getattr(value, "item", None)) and getattr(value, "ndim", 1) == 0 else None
    return number if isinstance(number, (str, bool, int, float)) else None


def is_addressing(name: str, value: object) -> bool:
    """Return whether this is an annotation that addressing writes: ``ips`` a list, ``net`` or ``net6`` a dict."""
    if name == "ips":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return name in ("net", "net6") and isinstance(value, dict)


def plain_annotations(data: Mapping[Any, object], changed: set[str]) -> dict[str, object]:
    """Return annotations with plain values; names of those that became text are added to ``changed``."""
    plain: dict[str, object] = {}
    for key, value in data.items():
        name = str(key)
        if is_addressing(name, value):
            plain[name] = copy.deepcopy(value)
        elif value is not None:
            # A foreign "net" that is no network of ours must not be mistaken for one.
            own_name = f"{name}_given" if name in ("ips", "net", "net6") else name
            simple = plain_value(value)
            if simple is None:
                changed.add(name)
            plain[own_name] = str(value) if simple is None else simple
    return plain


def _node_annotations(data: Mapping[Any, object], changed: set[str]) -> dict[str, object]:
    data = dict(data)
    pos = data.get("pos")
    if isinstance(pos, (tuple, list)) and len(pos) == 2 and not {"x", "y"} & set(data):
        x, y = _finite(pos[0]), _finite(pos[1])
        if x is not None and y is not None:
            del data["pos"]
            data.update(x=x, y=y)
    plain = plain_annotations(data, changed)
    if "label" in plain and "name" not in plain:
        plain["name"] = plain.pop("label")
    return _with_coordinates(plain)


def _with_coordinates(annotations: dict[str, object]) -> dict[str, object]:
    """Return annotations with coordinates under the usual names, when both are there and on the globe."""
    found: dict[str, tuple[str, float]] = {}
    for name, value in annotations.items():
        wanted, limit = _COORDINATES.get(name.lower(), ("", 0))
        number = _finite(value) if wanted else None
        if number is not None and abs(number) <= limit:
            found[wanted] = (name, number)
    if len(found) < 2:
        return annotations
    originals = {name for name, _ in found.values()}
    others = {name: value for name, value in annotations.items() if name not in originals}
    return {**others, **{wanted: number for wanted, (_, number) in found.items()}}


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _plain_ids(given: nx.Graph) -> dict[Hashable, NodeId]:
    ids: dict[Hashable, NodeId] = {}
    strange: list[Hashable] = []
    for node in given:
        plain = plain_value(node)
        if plain is None or plain != plain:  # not-a-number is not even equal to itself
            strange.append(node)
        else:
            ids[node] = plain
    taken = set(ids.values())
    for node in strange:
        ids[node] = _free(str(node), taken)
        taken.add(ids[node])
    return ids


def _free(wanted: str, taken: set[NodeId]) -> str:
    """Return a text that is not taken yet: the wanted one, or else it with a number."""
    if wanted not in taken:
        return wanted
    return next(f"{wanted}#{number}" for number in count(2) if f"{wanted}#{number}" not in taken)


Links = dict[tuple[NodeId, NodeId], list[dict[Any, object]]]


def _links(given: nx.Graph, ids: Mapping[Hashable, NodeId]) -> tuple[Links, int]:
    """Return the data of all edges between two nodes, by these, and the number of loops."""
    links: Links = {}
    back: Links = {}
    loops = 0
    for node1, node2, data in given.edges(data=True):
        ends, reverse = (ids[node1], ids[node2]), (ids[node2], ids[node1])
        if node1 == node2:
            loops += 1
        elif reverse not in links:
            links.setdefault(ends, []).append(data)
        elif given.is_directed():
            back.setdefault(reverse, []).append(data)
        else:
            links[reverse].append(data)
    none: dict[Any, object] = {}
    for ends, returning in back.items():
        links[ends] = [_both_ways(*ways) for ways in zip_longest(links[ends], returning, fillvalue=none)]
    return links, loops


def _both_ways(forth: Mapping[Any, object], back: Mapping[Any, object]) -> dict[Any, object]:
    differing = {f"reverse_{name}": value for name, value in back.items() if name not in forth or forth[name] != value}
    return {**forth, **differing}


def with_parallel(annotations: dict[str, object], others: list[dict[str, object]]) -> dict[str, object]:
    """Return the annotations of an edge that also stands for others between the same nodes."""
    if not others:
        return annotations
    return {**annotations, PARALLEL: 1 + len(others), PARALLEL_DATA: json.dumps(others, ensure_ascii=False)}

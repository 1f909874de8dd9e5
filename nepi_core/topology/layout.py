"""Places the nodes of a topology in the plane, for plots and the canvas."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import networkx as nx

from nepi_core.description import NodeId
from nepi_core.topology.generators import TopologyType

Place = tuple[float, float]
Places = dict[NodeId, Place]

# Layers from top to bottom of the topologies whose nodes have roles.
_ROLES = ("core", "spine", "aggregation", "leaf", "edge", "host")

# Each step of a layout by forces compares all pairs of nodes; beyond these numbers of nodes others are used.
_MOST_FOR_KAMADA_KAWAI = 100
_MOST_FOR_SPRING = 1_000


def place_nodes(graph: nx.Graph, topo_type: str) -> Places:
    """Return a place for every node: x to the right, y upwards, both within -1 and 1.

    In this order: coordinates (``longitude`` and ``latitude``, or ``x`` and ``y``) when half of the nodes have them,
    the others near their neighbours; rows and columns; roles in layers; the shape of the topology type; forces.
    """
    if not graph:
        return {}
    places = (
        _by_coordinates(graph, "longitude", "latitude")
        or _by_coordinates(graph, "x", "y")
        or _by_grid(graph, topo_type)
        or _by_roles(graph)
        or _SHAPES.get(topo_type, _by_forces)(graph)
        or _by_forces(graph)
    )
    return _fitted(_spread({nid: places[nid] for nid in graph}))


def _by_coordinates(graph: nx.Graph, x_name: str, y_name: str) -> Places | None:
    known: Places = {}
    for nid, data in graph.nodes(data=True):
        x, y = data.get(x_name), data.get(y_name)
        if _is_number(x) and _is_number(y):
            known[nid] = (x, y)
    return _near_neighbours(graph, known) if 2 * len(known) >= len(graph) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) < 1e100  # which not-a-number is not, either


def _near_neighbours(graph: nx.Graph, known: Places) -> Places:
    """Place the other nodes: in the middle of placed neighbours, and those far from any in a row below all."""
    places = dict(known)
    waiting = [nid for nid in graph if nid not in places]
    while ready := [(nid, near) for nid in waiting if (near := [places[n] for n in graph[nid] if n in places])]:
        places.update((nid, _centre(near)) for nid, near in ready)
        waiting = [nid for nid in waiting if nid not in places]
    left, right, low, high = _box(known.values())
    for number, nid in enumerate(waiting):
        places[nid] = (left + (right - left) * (number + 0.5) / len(waiting), low - 0.1 * (high - low or 1.0))
    return places


def _centre(places: Sequence[Place]) -> Place:
    return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)


def _by_grid(graph: nx.Graph, topo_type: str) -> Places | None:
    cells = {nid: (data.get("column"), data.get("row")) for nid, data in graph.nodes(data=True)}
    if not all(_is_number(column) and _is_number(row) for column, row in cells.values()):
        return None
    if topo_type != TopologyType.TORUS:
        return {nid: (column, -row) for nid, (column, row) in cells.items()}
    # Bent, so that the edge from the last node of a row to the first does not hide behind the row.
    columns, rows = (max(side) + 1 for side in zip(*cells.values(), strict=True))
    return {nid: (column + _bend(row, rows), -row - _bend(column, columns)) for nid, (column, row) in cells.items()}


def _bend(place: float, length: float) -> float:
    return 1.6 * ((2 * place + 1) / length - 1) ** 2


def _by_roles(graph: nx.Graph) -> Places | None:
    layers: dict[str, list[NodeId]] = defaultdict(list)
    for nid, role in graph.nodes(data="role"):
        if role not in _ROLES:
            return None
        layers[role].append(nid)
    return _layered([layers[role] for role in _ROLES if layers[role]])


def _layered(layers: Iterable[Sequence[NodeId]]) -> Places:
    return {
        nid: ((2 * number + 1) / len(layer) - 1, -0.5 * depth)
        for depth, layer in enumerate(layers)
        for number, nid in enumerate(layer)
    }


def _row(graph: nx.Graph) -> Places:
    return {nid: (float(number), 0.0) for number, nid in enumerate(graph)}


def _rails(graph: nx.Graph) -> Places:
    half = (len(graph) + 1) // 2
    return {nid: (float(number % half), -float(number // half)) for number, nid in enumerate(graph)}


def _circle(nids: Iterable[NodeId]) -> Places:
    nids = list(nids)
    turns = [0.25 - number / len(nids) for number in range(len(nids))]
    return {nid: (math.cos(math.tau * turn), math.sin(math.tau * turn)) for nid, turn in zip(nids, turns, strict=True)}


def _star(graph: nx.Graph) -> Places:
    centre, *others = graph
    return {centre: (0.0, 0.0), **_circle(others)}


def _branches(graph: nx.Graph) -> Places | None:
    if not nx.is_connected(graph):
        return None
    return _layered(nx.bfs_layers(graph, next(iter(graph))))


_SHAPES: Mapping[str, Callable[[nx.Graph], Places | None]] = {
    TopologyType.LINEAR: _row,
    TopologyType.LADDER: _rails,
    TopologyType.RING: _circle,
    TopologyType.MESH: _circle,
    TopologyType.STAR: _star,
    TopologyType.TREE: _branches,
}


def _by_forces(graph: nx.Graph) -> Places:
    if len(graph) > _MOST_FOR_SPRING:
        return _circle(graph)
    if len(graph) <= _MOST_FOR_KAMADA_KAWAI and nx.is_connected(graph):
        # Forces alone end in the nearest hollow; from a drawing without crossings that is one with few crossings.
        planar, _ = nx.check_planarity(graph)
        start = nx.planar_layout(graph) if planar else nx.spring_layout(graph, seed=0)
        found = nx.kamada_kawai_layout(graph, pos=start)
    else:
        found = nx.spring_layout(graph, seed=0, iterations=min(50, 20_000 // len(graph)))
    return {nid: (float(x), float(y)) for nid, (x, y) in found.items()}


def _spread(places: Places) -> Places:
    """Move nodes that stand on the same spot onto a small circle around it."""
    spots: dict[Place, list[NodeId]] = defaultdict(list)
    for nid, place in places.items():
        spots[place].append(nid)
    left, right, low, high = _box(places.values())
    radius = 0.02 * (max(right - left, high - low) or 1.0)
    spread = dict(places)
    for (x, y), nids in spots.items():
        if len(nids) > 1:
            spread.update((nid, (x + radius * dx, y + radius * dy)) for nid, (dx, dy) in _circle(nids).items())
    return spread


def _fitted(places: Places) -> Places:
    """Move and scale all places alike, so that they fill the square from -1 to 1 in one direction at least."""
    left, right, low, high = _box(places.values())
    scale = 2 / (max(right - left, high - low) or 1.0)
    middle_x, middle_y = (left + right) / 2, (low + high) / 2
    return {nid: ((x - middle_x) * scale, (y - middle_y) * scale) for nid, (x, y) in places.items()}


def _box(places: Iterable[Place]) -> tuple[float, float, float, float]:
    xs, ys = zip(*places, strict=True)
    return min(xs), max(xs), min(ys), max(ys)

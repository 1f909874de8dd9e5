"""Places the marks of a picture: as the user or the topology has them, else each connected part by itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nepi_core.plot.picture import LineKind, Mark, Picture, Place
from nepi_core.topology import TopologyType
from nepi_core.topology.layout import place_nodes

if TYPE_CHECKING:
    import networkx as nx

Places = dict[str, Place]

_MOST_FOR_FORCES = 100
_MOST_COMPARED = 1_000


def place_marks(picture: Picture) -> Places:
    """Return a place for each mark that stands by itself: x to the right, y upwards, neighbours about 1 apart."""
    standing = picture.standing()
    topology = [mark for mark in standing if mark.key.startswith("t")]
    resources = [mark for mark in standing if not mark.key.startswith("t")]
    graph = _graph(picture, standing)
    parts = [part for marks in (topology, resources) if marks for part in _parts(graph, marks)]
    return _packed([_to_scale(_placed(part)) for part in parts])


def _placed(part: nx.Graph) -> Places:
    """Return places in a scale of their own."""
    import networkx as nx

    if any("x" in data for _, data in part.nodes(data=True)) or len(part) > _MOST_FOR_FORCES:
        return {str(key): place for key, place in place_nodes(part, TopologyType.ADHOC).items()}
    if len(part) <= 2:
        return {key: (float(number), 0.0) for number, key in enumerate(part)}
    # Forces alone end in the nearest hollow; from a drawing without crossings that is one with few crossings.
    planar, _ = nx.check_planarity(part)
    start = nx.planar_layout(part) if planar else nx.spring_layout(part, seed=0)
    return _level(nx.kamada_kawai_layout(part, pos=start))


def _level(places: Mapping[str, Any]) -> Places:
    """Turn places so that they extend most from left to right."""
    import numpy as np

    points = np.array(list(places.values()))
    points -= points.mean(axis=0)
    turned = points @ np.linalg.svd(points)[2].T
    return {key: (float(x), float(y)) for key, (x, y) in zip(places, turned, strict=True)}


def _graph(picture: Picture, standing: Iterable[Mark]) -> nx.Graph:
    import networkx as nx

    graph = nx.Graph()
    for mark in standing:
        graph.add_node(mark.key, **({"x": mark.place[0], "y": mark.place[1]} if mark.place else {}))
    for line in picture.lines:
        ends = [picture.marks[key].host or key for key in (line.first, line.second)]
        if ends[0] != ends[1] and (line.label or line.kind is not LineKind.CONDITION):  # few conditions draw together
            graph.add_edge(*ends)
    return graph


def _parts(graph: nx.Graph, marks: Sequence[Mark]) -> list[nx.Graph]:
    """Return what is placed as a whole: all marks when it is known of most where they are, else what is connected."""
    import networkx as nx

    order = {mark.key: number for number, mark in enumerate(marks)}
    if 2 * sum(mark.place is not None for mark in marks) >= len(marks):
        return [_part(graph, list(order))]
    connected = [sorted(part, key=order.__getitem__) for part in nx.connected_components(graph) if order.keys() & part]
    return [_part(graph, keys) for keys in sorted(connected, key=lambda keys: (-len(keys), order[keys[0]]))]


def _part(graph: nx.Graph, keys: Sequence[str]) -> nx.Graph:
    """Return a part of the graph as a graph of its own: a view would have its nodes in an order that changes."""
    import networkx as nx

    part = nx.Graph()
    part.add_nodes_from((key, graph.nodes[key]) for key in keys)
    part.add_edges_from((first, second) for first, second in graph.edges(keys) if first in part and second in part)
    return part


def _to_scale(places: Places) -> Places:
    """Scale places so that most have no neighbour nearer than 1, but not so that a few far ones make it huge."""
    if len(places) < 2:
        return dict.fromkeys(places, (0.0, 0.0))
    points = list(places.values())
    nearest = _nearest(points)
    typical = nearest[len(nearest) // 5] or nearest[-1] or 1.0
    scale = min(1 / typical, 3 * math.sqrt(len(places)) if len(places) > 12 else math.inf)
    left, low = min(x for x, _ in points), min(y for _, y in points)
    flat = scale * _flatness([((x - left) * scale, (y - low) * scale) for x, y in points])
    return {key: ((x - left) * scale, (y - low) * flat) for key, (x, y) in places.items()}


def _nearest(points: Sequence[Place]) -> list[float]:
    """Return the distance of each point from the one nearest to it, in ascending order."""
    import numpy as np

    array = np.array(points)
    if len(points) > _MOST_COMPARED:
        from scipy.spatial import KDTree  # 0.2 s to import

        return sorted(map(float, KDTree(array).query(array, k=2)[0][:, 1]))
    distances = np.hypot(*(array[:, None] - array).transpose(2, 0, 1))
    np.fill_diagonal(distances, np.inf)
    return sorted(map(float, distances.min(axis=1)))


def _flatness(points: Sequence[Place]) -> float:
    """Return by how much the height can be made less, so that a picture fits a screen and nothing comes too near."""
    import numpy as np

    if len(points) > _MOST_COMPARED:
        return 1.0
    x, y = np.array(points).T
    above = np.abs(y[:, None] - y)[(np.abs(x[:, None] - x) < 1) & (np.abs(y[:, None] - y) > 0.01)]
    wanted = 0.55 * float(x.max()) / max(float(y.max()), 0.01)
    return min(1.0, max(0.4, wanted, 1 / float(above.min(initial=math.inf))))


def _packed(parts: Sequence[Places]) -> Places:
    """Put parts beside each other in rows, from the upper left, so that all together are somewhat wider than high."""
    sizes = [tuple(max(place[axis] for place in part.values()) + 1 for axis in (0, 1)) for part in parts]
    most = max([4.0, 1.5 * math.sqrt(sum(width * height for width, height in sizes)), *(width for width, _ in sizes)])
    packed: Places = {}
    left = top = depth = 0.0
    for part, (width, height) in zip(parts, sizes, strict=True):
        if left and left + width > most + 0.01:
            left, top, depth = 0.0, top - depth, 0.0
        packed.update({key: (left + x, top + y - height + 1) for key, (x, y) in part.items()})
        left, depth = left + width, max(depth, height)
    return packed

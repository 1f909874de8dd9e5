"""Automatic layouts: where things on the canvas may stand, in pixels. Pure, so that a thread may work on one."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nepi_core.description import ExperimentDescription, Layout, NodeId, TopologyDescription
from nepi_core.structure import Structure
from nepi_gui.document.spacing import SPACING, Place, bounds, packed, spread
from nepi_gui.document.springs import relax

if TYPE_CHECKING:
    import networkx as nx

    from nepi_core.topology import NetGraph

Places = dict[int, Place]

_MOST_FOR_ALL_PAIRS = 300  # nodes of a connected part; forces between all of more would take seconds
_MOST_FOR_FORCES = 5_000  # nodes of a connected part; more would take minutes
_WIDEST = 4.0  # how much wider than high a tree may be
_ADHOC = "adhoc"  # the topology type of a graph of any shape; its enum comes with networkx, 0.1 s to import
_ANNOTATIONS = ("longitude", "latitude", "x", "y", "row", "column", "role")


class LayoutKind(StrEnum):
    """The ways in which things can be laid out."""

    AUTOMATIC = "automatic"
    TREE = "tree"
    CIRCLE = "circle"
    GRID = "grid"
    FORCES = "forces"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class LayoutTask:
    """What is to be laid out and how; it shares nothing with the document.

    Attributes:
        graph: guids of what stands, and which of them are joined; nodes carry what the topology says about them.
        topo_type: of the topology when the graph is just that, else adhoc.
        root: what is above all in a tree, and in the middle of a star; None for what suits.
    """

    kind: LayoutKind
    graph: nx.Graph
    topo_type: str = _ADHOC
    root: int | None = None

    def places(self) -> Places:
        """Return a centre for everything, in pixels, the upper left somewhere near 0."""
        return _LAYOUTS[self.kind](self)


def layout_task(
    description: ExperimentDescription, kind: LayoutKind, guids: Collection[int] | None = None, root: int | None = None
) -> LayoutTask:
    """Return the task to lay out what stands on the canvas.

    Args:
        guids: only these, as far as they stand by themselves; None for everything.
    """
    structure = Structure(description.resources)
    standing = [guid for guid in structure.standing() if guids is None or guid in guids]
    nodes = _topology_nodes(description, standing)
    order = [*nodes, *(guid for guid in standing if guid not in nodes)]
    graph = _graph(structure, order, nodes)
    whole = description.topology is not None and len(nodes) == len(standing) == len(description.topology.nodes)
    topo_type = description.topology.topo_type if description.topology is not None and whole else _ADHOC
    return LayoutTask(kind, graph, topo_type, root if root in graph else None)


def _graph(structure: Structure, order: Iterable[int], nodes: Mapping[int, dict[str, object]]) -> nx.Graph:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from((guid, nodes.get(guid, {})) for guid in order)
    for first, second in [*structure.joined.values(), *structure.other_connections()]:
        ends = structure.hosts[first], structure.hosts[second]
        if ends[0] != ends[1] and ends[0] in graph and ends[1] in graph:
            graph.add_edge(*ends)
    return graph


def _topology_nodes(description: ExperimentDescription, guids: Collection[int]) -> dict[int, dict[str, object]]:
    """Return what the topology says of resources, in its order: a node is known by its guid, or else by its name."""
    if description.topology is None:
        return {}
    names, known = {description.resources[guid].label: guid for guid in guids}, set(guids)
    found: dict[int, dict[str, object]] = {}
    for node in description.topology.nodes:
        annotated = node.annotations.get("guid")
        guid = annotated if isinstance(annotated, int) else names.get(str(node.annotations.get("name", node.nid)))
        if guid in known:
            found[guid] = {name: node.annotations[name] for name in _ANNOTATIONS if name in node.annotations}
    return found


def topology_places(netgraph: NetGraph) -> dict[NodeId, Place]:
    """Return places in pixels for the nodes of a topology that is not yet in a document."""
    import networkx as nx

    numbers = {nid: number for number, nid in enumerate(netgraph.nodes())}
    places = LayoutTask(LayoutKind.AUTOMATIC, nx.relabel_nodes(netgraph.topology, numbers), netgraph.topo_type).places()
    return {nid: places[number] for nid, number in numbers.items()}


def has_map(topology: TopologyDescription | None) -> bool:
    """Tell whether of half of the nodes it is known where on the globe they are."""
    nodes = topology.nodes if topology is not None else []
    known = sum("longitude" in node.annotations and "latitude" in node.annotations for node in nodes)
    return bool(known) and 2 * known >= len(nodes)


# -- what has no place ---------------------------------------------------------------------------------------------


def place_unplaced(description: ExperimentDescription) -> None:
    """Give everything a place that has none, such as in files that no window has written."""
    for guid, (x, y) in places_for_unplaced(description).items():
        resource = description.resources[guid]
        resource.layout = resource.layout or Layout()
        resource.layout.x, resource.layout.y = x, y


def places_for_unplaced(description: ExperimentDescription) -> Places:
    """Return places for what stands on the canvas and has none: near what it is joined to, else below everything."""
    if not any(_is_unplaced(description, guid) for guid in description.resources):
        return {}
    structure = Structure(description.resources)
    missing = {guid for guid in structure.standing() if _is_unplaced(description, guid)}
    if not missing:
        return {}
    placed = {guid: _place(description, guid) for guid in structure.standing() if guid not in missing}
    if not placed:
        return layout_task(description, LayoutKind.AUTOMATIC).places()
    found = _near_neighbours(layout_task(description, LayoutKind.AUTOMATIC).graph, placed)
    others = layout_task(description, LayoutKind.AUTOMATIC, missing - found.keys()).places()
    left, _, _, bottom = bounds([*placed.values(), *found.values()])
    return found | {guid: (left + x, bottom + SPACING + y) for guid, (x, y) in others.items()}


def _is_unplaced(description: ExperimentDescription, guid: int) -> bool:
    layout = description.resources[guid].layout
    return layout is None or layout.x is None or layout.y is None


def _place(description: ExperimentDescription, guid: int) -> Place:
    layout = description.resources[guid].layout
    return (layout.x or 0.0, layout.y or 0.0) if layout is not None else (0.0, 0.0)


def _near_neighbours(graph: nx.Graph, placed: Mapping[int, Place]) -> Places:
    """Return places for what is joined to something that has one, over others if need be."""
    known = dict(placed)
    room = _Room(placed.values())
    waiting = deque(guid for guid in placed if guid in graph)
    while waiting:
        for guid in graph[waiting.popleft()]:
            if guid not in known:
                near = [known[other] for other in graph[guid] if other in known]
                known[guid] = room.take(near)
                waiting.append(guid)
    return {guid: place for guid, place in known.items() if guid not in placed}


class _Room:
    """The places on the canvas where nothing stands yet."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._taken = {_cell(place) for place in places}
        self._around: dict[tuple[int, int], Iterator[tuple[int, int]]] = {}

    def take(self, near: Collection[Place]) -> Place:
        """Return a free place, as near as can be to the middle of others; it is taken from now on."""
        middle = _cell((sum(x for x, _ in near) / len(near), sum(y for _, y in near) / len(near)))
        # Nothing becomes free again, so that the next one with this middle goes on where this one has stopped.
        around = self._around.setdefault(middle, _around(middle))
        cell = next(each for each in around if each not in self._taken)
        self._taken.add(cell)
        return cell[0] * SPACING, cell[1] * SPACING


def _cell(place: Place) -> tuple[int, int]:
    return round(place[0] / SPACING), round(place[1] / SPACING)


def _around(cell: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield a cell and those around it, ring by ring."""
    yield cell
    for ring in range(1, 10_000):
        side = range(-ring, ring + 1)
        cells = {way for each in side for way in ((each, -ring), (each, ring), (-ring, each), (ring, each))}
        nearest_first = sorted(cells, key=lambda way: (math.hypot(*way), way))
        yield from ((cell[0] + dx, cell[1] + dy) for dx, dy in nearest_first)


# -- the kinds -------------------------------------------------------------------------------------------------------


def _automatic(task: LayoutTask) -> Places:
    """Lay out as the topology is made, when it says so; else each connected part by forces."""
    from nepi_core.topology.generators import GENERATORS, RANDOM

    graph = task.graph
    if task.topo_type in GENERATORS and task.topo_type not in RANDOM:
        return spread(_placed(graph, task.topo_type))
    if _knows(graph, "longitude", "latitude"):
        return _map(task)
    return spread(_placed(graph, task.topo_type)) if _knows(graph, "x", "y") else _forces(task)


def _knows(graph: nx.Graph, *names: str) -> bool:
    """Tell whether half of the nodes say this."""
    known = sum(all(name in data for name in names) for _, data in graph.nodes(data=True))
    return bool(known) and 2 * known >= len(graph)


def _placed(graph: nx.Graph, topo_type: str) -> Places:
    """Return places in the plane, as plots have them."""
    from nepi_core.topology.layout import place_nodes

    return {int(guid): place for guid, place in place_nodes(graph, topo_type).items()}


def _parts(graph: nx.Graph) -> list[nx.Graph]:
    """Return the connected parts, the largest first, each with its nodes in the order of the whole."""
    import networkx as nx

    order = {guid: number for number, guid in enumerate(graph)}
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(order[guid] for guid in part)))
    return [_bare(graph, sorted(part, key=order.__getitem__)) for part in parts]


def _bare(graph: nx.Graph, guids: Collection[int]) -> nx.Graph:
    """Return a part of a graph without what the topology says of it."""
    import networkx as nx

    part, chosen = nx.Graph(), set(guids)
    part.add_nodes_from(guids)
    part.add_edges_from((guid, other) for guid in guids for other in graph[guid] if other in chosen)
    return part


def _of_parts(task: LayoutTask, lay: Callable[[nx.Graph], Places]) -> Places:
    """Lay out each connected part, and put these beside each other; what is joined to nothing becomes a grid."""
    parts = _parts(task.graph)
    alone = [guid for part in parts if len(part) == 1 for guid in part]
    return packed([*(lay(part) for part in parts if len(part) > 1), _rows(alone)])


def _forces(task: LayoutTask) -> Places:
    return _of_parts(task, _part_by_forces)


def _part_by_forces(part: nx.Graph) -> Places:
    """Place a connected graph as if its edges were springs."""
    if len(part) > _MOST_FOR_FORCES:
        return _rows([guid for layer in nx.bfs_layers(part, next(iter(part))) for guid in layer])
    if len(part) > _MOST_FOR_ALL_PAIRS:
        return _large_by_forces(part)
    return spread(_level(_placed(part, _ADHOC)))


def _level(places: Places) -> Places:
    """Turn places so that they extend most from left to right, as screens do."""
    import numpy as np

    if len(places) < 3:
        return {guid: (float(number), 0.0) for number, guid in enumerate(places)}
    points = np.array(list(places.values()))
    points -= points.mean(axis=0)
    turned = points @ np.linalg.svd(points, full_matrices=False)[2].T
    return {guid: (float(x), float(y)) for guid, (x, y) in zip(places, turned, strict=True)}


def _map(task: LayoutTask) -> Places:
    """Place by longitude and latitude; a degree of longitude is the shorter the farther from the equator."""
    graph = task.graph.copy()
    degrees = [data["latitude"] for _, data in graph.nodes(data=True) if _is_number(data.get("latitude"))]
    shorter = math.cos(math.radians(sum(degrees) / len(degrees))) if degrees else 1.0
    for _, data in graph.nodes(data=True):
        if _is_number(data.get("longitude")):
            data["longitude"] *= max(shorter, 0.1)
    return spread(_placed(graph, task.topo_type))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) < 1e6


def _circle(task: LayoutTask) -> Places:
    """Place everything on one circle, neighbours in the graph beside each other where possible."""
    import networkx as nx

    order = [guid for part in _parts(task.graph) for guid in nx.dfs_preorder_nodes(part, next(iter(part)))]
    radius = SPACING / (2 * math.sin(math.pi / len(order))) if len(order) > 1 else 0.0
    turns = (math.tau * number / len(order) for number in range(len(order)))
    return {guid: (radius * math.sin(turn), -radius * math.cos(turn)) for guid, turn in zip(order, turns, strict=True)}


def _grid(task: LayoutTask) -> Places:
    return _rows(list(task.graph))


def _rows(guids: Collection[int]) -> Places:
    columns = math.ceil(math.sqrt(len(guids))) or 1
    return {guid: (number % columns * SPACING, number // columns * SPACING) for number, guid in enumerate(guids)}


def _tree(task: LayoutTask) -> Places:
    """Place what is nearest to the root above what is farther, and each above what hangs at it."""
    if task.root is None and _knows(task.graph, "role"):
        return _automatic(task)  # which has a layer for each role
    return _of_parts(task, lambda part: _below_root(part, task.root))


def _below_root(part: nx.Graph, root: int | None) -> Places:
    spans = _spans(part, root if root is not None and root in part else _middle(part))
    leaves = 1 + max(last for _, last, _ in spans.values())
    layers = 1 + max(depth for _, _, depth in spans.values())
    apart = SPACING * max(1.0, leaves / layers / _WIDEST)  # or the links of a very wide tree would all be level
    return {guid: (SPACING * (first + last) / 2, round(apart * depth)) for guid, (first, last, depth) in spans.items()}


def _large_by_forces(part: nx.Graph) -> Places:
    """Place a large graph: first on a disc, what is farther from the middle farther out; then springs do the rest."""
    import numpy as np

    spans = _spans(part, _middle(part))
    order = sorted(spans, key=lambda guid: spans[guid][2])
    leaves = 1 + max(last for _, last, _ in spans.values())
    turns = np.array([spans[guid][0] + spans[guid][1] for guid in order]) * (math.pi / leaves)
    radii = np.sqrt(np.arange(len(order)))
    points = np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1)
    number = {guid: each for each, guid in enumerate(order)}
    edges = np.array([(number[first], number[second]) for first, second in part.edges])
    relax(points, edges)
    return spread({guid: (float(x), float(y)) for guid, (x, y) in zip(order, points, strict=True)})


def _middle(part: nx.Graph) -> int:
    """Return the node with the most neighbours, of several the one that comes first."""
    return int(max(part, key=lambda guid: part.degree[guid]))


def _spans(part: nx.Graph, root: int) -> dict[int, tuple[int, int, int]]:
    """Return for each node of a tree of shortest ways the first and last of its leaves, in their order, and its depth.

    A node has a leaf of its own when nothing hangs at it.
    """
    import networkx as nx

    tree = nx.bfs_tree(part, root)
    depths = nx.single_source_shortest_path_length(tree, root)
    leaves = {
        guid: number for number, guid in enumerate(each for each in nx.dfs_preorder_nodes(tree, root) if not tree[each])
    }
    spans: dict[int, tuple[int, int, int]] = {}
    for guid in nx.dfs_postorder_nodes(tree, root):
        below = [spans[child] for child in tree[guid]]
        first, last = (below[0][0], below[-1][1]) if below else (leaves[guid], leaves[guid])
        spans[guid] = first, last, depths[guid]
    return spans


_LAYOUTS: Mapping[LayoutKind, Callable[[LayoutTask], Places]] = {
    LayoutKind.AUTOMATIC: _automatic,
    LayoutKind.TREE: _tree,
    LayoutKind.CIRCLE: _circle,
    LayoutKind.GRID: _grid,
    LayoutKind.FORCES: _forces,
    LayoutKind.MAP: _map,
}

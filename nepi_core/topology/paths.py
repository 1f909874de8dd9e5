"""The choice of the two nodes between which an experiment sends."""

from __future__ import annotations

import random

import networkx as nx

from nepi_core.description import NodeId
from nepi_core.errors import TopologyError


def choose_ends(
    graph: nx.Graph, source: NodeId | None, target: NodeId | None, first: NodeId | None, seed: int | None
) -> tuple[NodeId, NodeId]:
    """Return source and target; those that are None are chosen, far from each other.

    When neither is given, ``first`` is the target; when it is None too, one of the nodes with the fewest neighbours in
    the largest connected part.

    Raises:
        TopologyError: source and target are the same, or there is no second node.
    """
    rng = random.Random(seed)
    if source is None and target is None:
        target = first if first is not None else _outer_node(graph, rng)
    if target is None and source is not None:
        target = _far_node(graph, source, rng)
    elif source is None and target is not None:
        source = _far_node(graph, target, rng)
    if source is None or target is None or source == target:
        raise TopologyError(f"Node {source!r} cannot be source and target at once.")
    return source, target


def _outer_node(graph: nx.Graph, rng: random.Random) -> NodeId:
    if not graph:
        raise TopologyError("A topology without nodes has neither source nor target.")
    largest = max(nx.connected_components(graph), key=len)
    return rng.choice(_fewest_neighbours(graph, [nid for nid in graph if nid in largest]))


def _far_node(graph: nx.Graph, origin: NodeId, rng: random.Random) -> NodeId:
    distances = nx.single_source_shortest_path_length(graph, origin)
    # In the graph's own order, which does not depend on how the graph was traversed: the draw must be repeatable.
    others = [nid for nid in graph if nid in distances and nid != origin]
    if not others:
        raise TopologyError(f"Node {origin!r} has no path to any other node, so it cannot be source or target.")
    outer = _fewest_neighbours(graph, others)
    farthest = max(distances[nid] for nid in outer)
    return rng.choice([nid for nid in outer if distances[nid] == farthest])


def _fewest_neighbours(graph: nx.Graph, nids: list[NodeId]) -> list[NodeId]:
    fewest = min(graph.degree[nid] for nid in nids)
    return [nid for nid in nids if graph.degree[nid] == fewest]

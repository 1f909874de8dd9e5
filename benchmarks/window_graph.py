"""The graph that all canvases of the benchmark show: nodes on a jittered grid, local edges, and a hub."""

from __future__ import annotations

import random
from dataclasses import dataclass

SPACING = 120.0
HUB_EDGES = 10


@dataclass(frozen=True, slots=True)
class Graph:
    """Places of the nodes, edges as pairs of numbers, and the number of the node that has ten edges more."""

    places: list[tuple[float, float]]
    edges: list[tuple[int, int]]
    hub: int
    side: float


def make_graph(nodes: int, seed: int = 1) -> Graph:
    """Return a graph with 1.5 edges a node."""
    drawn = random.Random(seed)
    columns = max(1, round(nodes**0.5))
    places = [
        (number % columns * SPACING + drawn.uniform(-20, 20), number // columns * SPACING + drawn.uniform(-20, 20))
        for number in range(nodes)
    ]
    hub = nodes // 2 + columns // 2
    edges = {
        tuple(sorted((hub, other))) for other in range(hub - HUB_EDGES // 2, hub + HUB_EDGES // 2 + 1) if other != hub
    }
    while len(edges) < 1.5 * nodes:
        first = drawn.randrange(nodes)
        second = first + drawn.choice((1, columns, columns + 1, columns - 1))
        if second < nodes:
            edges.add((first, second))
    return Graph(places, [(first, second) for first, second in sorted(edges)], hub, columns * SPACING)

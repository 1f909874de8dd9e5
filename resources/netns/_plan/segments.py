"""Segments: which nodes reach each other without a router."""

from __future__ import annotations

from collections.abc import Iterator

from .model import MANY, Plan, Segment


def find_segments(plan: Plan) -> list[Segment]:
    """Return the segments in the order of their first cables; in a large network, neighbours one after the other."""
    segments = list(_segments(plan))
    return _neighbours_first(segments) if len(segments) >= MANY else segments


def _segments(plan: Plan) -> Iterator[Segment]:
    groups = _switch_groups(plan)
    found: dict[int, Segment] = {}
    for cable in plan.cables.values():
        at_switches = [end for end in cable.ends if end.station in groups]
        nodes = [end for end in cable.ends if end.station not in groups]
        # Links have numbers from 1, so that a group of switches never has that of a link.
        key = -groups[at_switches[0].station] if at_switches else cable.guid
        if nodes:
            found.setdefault(key, Segment([])).ends.extend(nodes)
    yield from found.values()


def _switch_groups(plan: Plan) -> dict[int, int]:
    """Return for each switch the lowest guid among those that it is joined with."""
    switches = [guid for guid, station in plan.stations.items() if station.is_switch]
    if not switches:
        return {}
    import networkx as nx  # 120 ms

    graph = nx.Graph()
    graph.add_nodes_from(switches)
    pairs = [[end.station for end in cable.ends] for cable in plan.cables.values()]
    graph.add_edges_from(pair for pair in pairs if all(station in graph for station in pair))
    return {guid: min(group) for group in nx.connected_components(graph) for guid in group}


def _neighbours_first(segments: list[Segment]) -> list[Segment]:
    """Return segments in such an order that those near each other get near numbers, which gives few merged routes."""
    import networkx as nx  # 120 ms

    graph = nx.Graph()
    for number, segment in enumerate(segments):
        graph.add_edges_from((~number, end.station) for end in segment.ends)
    busiest = [max(part, key=graph.degree) for part in nx.connected_components(graph)]
    order = [vertex for start in busiest for vertex in nx.dfs_preorder_nodes(nx.bfs_tree(graph, start), start)]
    return [segments[~vertex] for vertex in order if vertex < 0]

"""Loops of switches in which broadcasts would circle for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Plan

if TYPE_CHECKING:
    import networkx as nx


def note_loops(plan: Plan) -> None:
    """Note a fault for the last switch of each loop none of whose switches takes part in a spanning tree."""
    graph = _careless(plan)
    if graph is None:
        return
    import networkx as nx

    for component in nx.connected_components(graph):
        part = graph.subgraph(component)
        if part.number_of_edges() < len(component):
            continue
        loop = [edge[0] for edge in nx.find_cycle(part)]
        names = " - ".join(plan.stations[guid].name for guid in [*loop, loop[0]])
        plan.faults[max(loop)] = (
            f"It closes a loop of switches ({names}) without a spanning tree, in which a broadcast would circle for ever. "
            "Set attribute 'stp' of one of them, or take a link away."
        )


def _careless(plan: Plan) -> nx.MultiGraph | None:
    """Return the switches without spanning tree and the cables between them, None when they can form no loop."""
    careless = {guid for guid, station in plan.stations.items() if station.is_switch and not station.spans}
    pairs = [[end.station for end in cable.ends] for cable in plan.cables.values()]
    between = [pair for pair in pairs if careless.issuperset(pair)]
    if len(between) < 2:
        return None
    import networkx as nx  # 120 ms

    return nx.MultiGraph(between)

"""Loops of switches in which broadcasts would circle for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Plan

if TYPE_CHECKING:
    import networkx as nx


def note_loops(plan: Plan) -> None:
    """Note a fault for the last switch of each loop none of whose switches takes part in a spanning tree."""
    graph = _careless(plan)
    while graph is not None and (loop := _loop(graph)):
        last = max(loop)
        names = " - ".join(plan.stations[guid].name for guid in [*loop, loop[0]])
        plan.faults[last] = (
            f"It closes a loop of switches ({names}) without a spanning tree, in which a broadcast would circle for "
            "ever. Set attribute 'stp' of one of them, or take a link away."
        )
        graph.remove_node(last)  # which will not be built; there may be other loops


def _loop(graph: nx.MultiGraph) -> list[int]:
    """Return the switches of some loop, in their order; none when there is no loop."""
    import networkx as nx

    try:
        return [edge[0] for edge in nx.find_cycle(graph)]
    except nx.NetworkXNoCycle:
        return []


def _careless(plan: Plan) -> nx.MultiGraph | None:
    """Return the switches without spanning tree and the cables between them, None when they can form no loop."""
    careless = {guid for guid, station in plan.stations.items() if station.is_switch and not station.spans}
    pairs = [[end.station for end in cable.ends] for cable in plan.cables.values()]
    between = [pair for pair in pairs if careless.issuperset(pair)]
    if len(between) < 2:
        return None
    import networkx as nx  # 120 ms

    return nx.MultiGraph(between)

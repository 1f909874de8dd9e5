"""Static routes: shortest paths over the whole network, worked out once."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .model import Block, End, Plan, Route, Segment

if TYPE_CHECKING:
    import networkx as nx

# From this number of networks on, neighbouring ones that lie behind the same gateway are put into one route: a
# thousand nodes would otherwise have a million routes. Below it, each network has its own line, as in a textbook.
_MANY = 64

_Hops = dict[int, tuple[int, End]]
"""For nodes: segment to leave by, and the gateway there."""


def add_routes(plan: Plan) -> None:
    """Find the routes of all nodes that are to have static ones."""
    members = {(number, end.station): end for number, segment in enumerate(plan.segments) for end in segment.ends}
    attached: dict[int, set[int]] = {}
    for number, guid in members:
        attached.setdefault(guid, set()).add(number)
    hops = [_hops_to(number, plan, members) for number in _graphs(plan, attached)]
    for guid, near in attached.items():
        if plan.stations[guid].routed:
            far = {number: way[guid] for number, way in enumerate(hops) if number not in near and guid in way}
            plan.routes[guid] = [route for version in (4, 6) for route in _routes(plan, members, guid, far, version)]


def _graphs(plan: Plan, attached: Mapping[int, set[int]]) -> Iterator[dict[object, object]]:
    """Yield, for each segment, the way there: each node's next segment, and each segment's next node."""
    import networkx as nx  # 120 ms

    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(("segment", number) for number in range(len(plan.segments)))
    for guid, near in attached.items():
        for number in sorted(near):
            # Turned round, since the search begins at the destination: packets leave a node by any of its segments,
            # and a segment through those nodes that forward.
            graph.add_edge(("segment", number), guid)
            if plan.stations[guid].forwards:
                graph.add_edge(guid, ("segment", number))
    for number in range(len(plan.segments)):
        yield dict(nx.bfs_predecessors(graph, ("segment", number)))


def _hops_to(way: dict[object, object], plan: Plan, members: Mapping[tuple[int, int], End]) -> _Hops:
    found: _Hops = {}
    for guid in plan.stations:
        segment = way.get(guid)
        if isinstance(segment, tuple) and isinstance(gateway := way.get(segment), int):
            found[guid] = (segment[1], members[segment[1], gateway])
    return found


def _routes(
    plan: Plan, members: Mapping[tuple[int, int], End], guid: int, far: Mapping[int, tuple[int, End]], version: int
) -> Iterator[Route]:
    ways: dict[Block, Route] = {}
    for number, (leaving, gateway) in far.items():
        block = plan.segments[number].blocks.get(version)
        address = gateway.addresses.get(version)
        if block is not None and address is not None and version in members[leaving, guid].addresses:
            ways[block] = Route(block, address.ip, members[leaving, guid].cable)
    if not ways:
        return
    usual, count = Counter(ways.values() and [_unnamed(each) for each in ways.values()]).most_common(1)[0]
    if count == len(ways) or len(plan.segments) >= _MANY:
        yield usual
        ways = {block: route for block, route in ways.items() if _unnamed(route) != usual}
    if len(plan.segments) >= _MANY:
        yield from _merged(ways.values())
    else:
        yield from ways.values()


def _unnamed(route: Route) -> Route:
    return Route(None, route.gateway, route.cable)


def _merged(routes: Iterable[Route]) -> Iterator[Route]:
    """Yield routes to the same places, with neighbouring networks behind one gateway in one."""
    groups: dict[Route, list[Block]] = {}
    for route in routes:
        assert route.network is not None
        groups.setdefault(_unnamed(route), []).append(route.network)
    for way, blocks in groups.items():
        for block in ipaddress.collapse_addresses(blocks):  # type: ignore[type-var]  # of one version each time
            yield Route(block, way.gateway, way.cable)


def mark_forwarding(plan: Plan, wishes: Mapping[int, bool | None]) -> None:
    """Have nodes forward that were told to, and those that were told nothing and are in several segments."""
    near: Counter[int] = Counter(guid for segment in plan.segments for guid in _stations(segment))
    for guid, station in plan.stations.items():
        if not station.is_switch:
            wish = wishes.get(guid)
            station.forwards = near[guid] > 1 if wish is None else wish


def _stations(segment: Segment) -> set[int]:
    return {end.station for end in segment.ends}

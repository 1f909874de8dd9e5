"""Static routes: shortest paths over the whole network, worked out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import networkx as nx

from .model import MANY, End, Plan, Route

_Hop = tuple[int, int]
"""Number of the segment that a packet leaves by, and guid of the node there that takes it on."""

_Members = Mapping[_Hop, End]


def add_routes(plan: Plan) -> None:
    """Find the routes of all nodes that are to have static ones."""
    members = {(number, end.station): end for number, segment in enumerate(plan.segments) for end in segment.ends}
    ways: dict[int, dict[int, _Hop]] = {guid: {} for guid, each in plan.stations.items() if each.routed}
    for number, following in _searches(plan, members):
        for guid, found in ways.items():
            leaving = following.get(guid)
            taker = None if leaving is None else following.get(leaving)
            if leaving is not None and taker is not None:
                found[number] = (~leaving, taker)
    for version in (4, 6):
        blocks = [segment.blocks.get(version) for segment in plan.segments]
        merge = None
        if len(blocks) >= MANY:
            from .merging import Merging  # numpy, which only large networks need

            merge = Merging(blocks)
        for guid, found in ways.items():
            gateways = _gateways(members, guid, set(found.values()), version)
            reached = {n: hop for n, hop in found.items() if hop in gateways and blocks[n] is not None}
            own = plan.routes.setdefault(guid, [])
            if len(set(reached.values())) == 1:
                own += [gateways[hop] for hop in set(reached.values())]
            elif reached and merge is not None:
                own += merge.routes(reached, gateways)
            else:
                own += [gateways[hop].to(blocks[number]) for number, hop in reached.items()]


def _searches(plan: Plan, members: _Members) -> Iterator[tuple[int, dict[int, int]]]:
    """Yield for each segment the way there: what follows after each node and, by their ``~number``, segments."""
    graph: nx.DiGraph = nx.DiGraph()
    for number, guid in members:
        # Turned round, since the search begins at the destination: packets leave a node by any of its segments, and a
        # segment through those nodes that forward.
        graph.add_edge(~number, guid)
        if plan.stations[guid].forwards:
            graph.add_edge(guid, ~number)
    for number in range(len(plan.segments)):
        yield number, dict(nx.bfs_predecessors(graph, ~number))


def _gateways(members: _Members, guid: int, hops: set[_Hop], version: int) -> dict[_Hop, Route]:
    """Return the default routes that a node could have for one version of IP."""
    found: dict[_Hop, Route] = {}
    for hop in hops:
        own, other = members[hop[0], guid], members[hop]
        if version in own.addresses and version in other.addresses:
            found[hop] = Route("default", str(other.addresses[version].ip), own.cable)
    return found


def mark_forwarding(plan: Plan, wishes: Mapping[int, bool | None]) -> None:
    """Have nodes forward that were told to, and those that were told nothing and are in several segments."""
    near: Counter[int] = Counter(guid for segment in plan.segments for guid in {end.station for end in segment.ends})
    for guid, wish in wishes.items():
        plan.stations[guid].forwards = near[guid] > 1 if wish is None else wish

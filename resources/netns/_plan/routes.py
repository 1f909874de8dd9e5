"""Static routes: shortest paths over the whole network, worked out once."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .model import MANY, End, Plan, Route

_Hop = tuple[int, int]
"""Number of the segment that a packet leaves by, and guid of the node there that takes it on."""

_Members = Mapping[_Hop, End]


@dataclass(slots=True)
class _Ways:
    """How packets get from one node to the segments that it is not in.

    Attributes:
        to: for each segment the number of a hop, -1 when there is no way or no need for one.
        hops: with their numbers, from 0.
    """

    to: array[int]
    hops: dict[_Hop, int] = field(default_factory=dict)


def add_routes(plan: Plan) -> None:
    """Find the routes of all nodes that are to have static ones."""
    known: _Members = {}
    ways: dict[int, _Ways] = {}
    for version in (4, 6):
        members = dict(_members(plan, version))
        if members.keys() != known.keys():
            ways = _search(plan, members)
        known = members
        _add(plan, version, members, ways)


def mark_forwarding(plan: Plan, wishes: Mapping[int, bool | None]) -> None:
    """Have nodes forward that were told to, and those that were told nothing and are in several segments."""
    near: Counter[int] = Counter(guid for segment in plan.segments for guid in {end.station for end in segment.ends})
    for guid, wish in wishes.items():
        plan.stations[guid].forwards = near[guid] > 1 if wish is None else wish


def _members(plan: Plan, version: int) -> Iterator[tuple[_Hop, End]]:
    """Yield who is in which segment; of several ends that a node has in one, that which comes first counts."""
    for number, segment in enumerate(plan.segments):
        for end in reversed(segment.ends):
            if version in end.addresses:
                yield (number, end.station), end


def _search(plan: Plan, members: _Members) -> dict[int, _Ways]:
    """Return the shortest ways of all nodes that are to have routes.

    Each search begins at its goal. networkx takes three times as long for it, and 120 ms to be imported.
    """
    nodes: list[list[int]] = [[] for _ in plan.segments]
    segments: dict[int, list[int]] = {}
    for number, guid in members:
        nodes[number].append(guid)
        segments.setdefault(guid, []).append(number)
    none = array("i", [-1]) * len(nodes)
    ways = {guid: _Ways(none[:]) for guid in segments if plan.stations[guid].routed}
    beyond = {guid: found for guid, found in segments.items() if plan.stations[guid].forwards}
    for goal in range(len(nodes)):
        _search_one(goal, nodes, beyond, ways)
    return ways


def _search_one(goal: int, nodes: list[list[int]], beyond: Mapping[int, list[int]], ways: Mapping[int, _Ways]) -> None:
    """Note the ways to one segment.

    Args:
        nodes: those in each segment.
        beyond: the segments that a node hands packets on to.
    """
    takers = {goal: 0}  # who takes packets on out of a segment, for each that was found
    found: set[int] = set()
    near = [goal]
    for segment in near:  # which grows meanwhile
        hop = segment, takers[segment]
        for guid in nodes[segment]:
            if guid in found:
                continue
            found.add(guid)
            if segment != goal and (own := ways.get(guid)) is not None:
                own.to[goal] = own.hops.setdefault(hop, len(own.hops))
            for further in beyond.get(guid, ()):
                if further not in takers:
                    takers[further] = guid
                    near.append(further)


def _add(plan: Plan, version: int, members: _Members, ways: Mapping[int, _Ways]) -> None:
    """Add the routes of one version of IP."""
    blocks = [segment.blocks.get(version) for segment in plan.segments]
    merge = None
    if len(blocks) >= MANY:
        from .merging import Merging  # numpy, which only large networks need

        merge = Merging(blocks)
    names = [str(block) for block in blocks]
    for guid, found in ways.items():
        gateways = [_gateway(members, guid, hop, version) for hop in found.hops]
        own = plan.routes.setdefault(guid, [])
        if len(gateways) == 1 and not plan.stations[guid].forwards:
            own += gateways
        elif gateways and merge is not None:
            own += merge.routes(found.to, gateways)
        else:
            own += [gateways[hop].to(name) for hop, name in zip(found.to, names, strict=True) if hop >= 0]


def _gateway(members: _Members, guid: int, hop: _Hop, version: int) -> Route:
    """Return the default route of a node by one of its hops."""
    return Route("default", str(members[hop].addresses[version].ip), members[hop[0], guid].cable)

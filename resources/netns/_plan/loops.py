"""Loops of switches in which broadcasts would circle for ever."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Cable, Plan


def note_loops(plan: Plan, laid: Iterable[int] = ()) -> None:
    """Note a fault for each link that closes a loop of switches none of which takes part in a spanning tree.

    Args:
        laid: guids of links that are there already, and so close nothing.
    """
    group = {guid: guid for guid, station in plan.stations.items() if station.is_switch and not station.spans}
    first = set(laid)
    for cable in sorted(plan.cables.values(), key=lambda each: each.guid not in first):
        ends = [end.station for end in cable.ends]
        if not group.keys() >= set(ends):
            continue
        one, other = (group[guid] for guid in ends)
        if one == other:
            plan.faults[cable.guid] = _fault(plan, cable)
        group.update({guid: one for guid, each in group.items() if each == other})


def _fault(plan: Plan, cable: Cable) -> str:
    names = " and ".join(plan.stations[end.station].name for end in cable.ends)
    return (
        f"Between {names} it closes a loop of switches without a spanning tree, in which a broadcast would circle for "
        "ever. Set attribute 'stp' of one of the switches in the loop, or leave the link out."
    )

"""From the resources of an experiment to the plan of its network, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .addresses import Addressing
from .loops import note_loops
from .model import End, Plan
from .routes import add_routes, mark_forwarding
from .segments import find_segments
from .wiring import Wiring, name_inner_ends

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment


def check_plan(experiment: Experiment, previous: Plan | None = None) -> Plan:
    """Return a plan without routes: all that can be wrong with it is known."""
    plan = Plan()
    Wiring(experiment, plan, previous).read()
    for cable in plan.cables.values():
        for side, end in enumerate(cable.ends):
            _equip(experiment, end, side)
    plan.segments = find_segments(plan)
    _refuse_shared_ethernet_addresses(experiment, plan)
    Addressing(experiment, plan, previous).assign()
    note_loops(plan, previous.cables if previous else ())
    return plan


def make_plan(experiment: Experiment, previous: Plan | None = None) -> Plan:
    """Return what the network of an experiment will look like.

    Args:
        previous: an earlier plan; what was in it keeps its names and addresses.
    """
    plan = check_plan(experiment, previous)
    name_inner_ends(plan.cables.values())
    nodes = [guid for guid, station in plan.stations.items() if not station.is_switch]
    mark_forwarding(plan, {guid: experiment.get_resource(guid).get("forwarding") for guid in nodes})
    add_routes(plan)
    return plan


def _equip(experiment: Experiment, end: End, side: int) -> None:
    """Give an end its Ethernet address, the same in each run, and the size of its packets."""
    own = experiment.get_resource(end.interface) if end.interface is not None else None
    link = experiment.get_resource(end.cable)
    # 02 in the first byte says "locally administered"; guids of 32 bits and more share addresses, which only matters
    # for cables of one segment whose guids are that far apart.
    number = (end.cable & 0xFFFFFFFF) << 1 | side
    end.mac = (own and own.get("mac")) or "02:" + ":".join(
        f"{number >> shift & 255:02x}" for shift in (32, 24, 16, 8, 0)
    )
    end.mtu = (own and own.get("mtu")) or (link.get("mtu") if link.has_attribute("mtu") else None)


def _refuse_shared_ethernet_addresses(experiment: Experiment, plan: Plan) -> None:
    """Refuse what no switch could tell apart; in different segments it does no harm."""
    for segment in plan.segments:
        owners: dict[str, End] = {}
        for end in segment.ends:
            owner = owners.setdefault(end.mac.lower(), end)
            if owner is not end:
                other = experiment.get_resource(owner.owner).name
                plan.refuse(end.owner, f"its Ethernet address {end.mac} is that of {other}, too.")

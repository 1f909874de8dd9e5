"""The commands of ip, sysctl and tc that would build a network, as a student would type them, node by node."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from nepi_core.backend import CommandGroup

from ._plan.commands import cable_lines, cut_line, end_lines, hosts_table, switch_lines
from ._plan.model import Cable, End, Plan, Station
from ._plan.planner import make_plan
from ._plan.shape import portions_command, shaping_commands

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment

    from .link import Link
    from .node import Node
    from .route import Route


def planned_commands(experiment: Experiment) -> Iterator[CommandGroup]:
    """Yield what builds the network of an experiment: first nodes, switches and cables, then what is inside each node.

    Delay, loss and the like are shown as the kernel's netem would be told of them; a comment says so, since where the
    kernel has none a program of ours does the same.
    """
    plan = make_plan(experiment)
    if not plan.stations:
        return
    yield CommandGroup("this machine: nodes, switches and cables", tuple(_fabric(experiment, plan)))
    yield CommandGroup("names: 'ip netns exec NODE' takes /etc/netns/NODE/hosts for /etc/hosts", tuple(_names(plan)))
    for station in plan.stations.values():
        if lines := tuple(_station(experiment, plan, station)):
            yield CommandGroup(station.name, lines)


def _fabric(experiment: Experiment, plan: Plan) -> Iterator[str]:
    for station in plan.stations.values():
        if station.is_switch:
            up = experiment.get_resource(station.guid).get("up")
            yield from (f"ip {line.text}" for line in switch_lines(station, up))
        else:
            yield f"ip netns add {station.name}"
    for cable in plan.cables.values():
        lines = cable_lines(plan, cable, False, lambda guid: plan.stations[guid].name)
        yield from (f"ip {line.text}" for line in lines)


def _names(plan: Plan) -> Iterator[str]:
    nodes = [station.name for station in plan.stations.values() if not station.is_switch]
    if nodes:
        yield f"for node in {' '.join(nodes)}; do install -D -m 644 /dev/stdin /etc/netns/$node/hosts <<END"
        yield from hosts_table(plan).splitlines()
        yield "END"
        yield "done"


def _station(experiment: Experiment, plan: Plan, station: Station) -> Iterator[str]:
    place = "" if station.is_switch else f" -n {station.name}"
    if not station.is_switch:
        yield f"ip{place} link set lo up"
        node = cast("Node", experiment.get_resource(station.guid))
        settings = [("net.ipv4.ip_forward", "1"), ("net.ipv6.conf.all.forwarding", "1")] if station.forwards else []
        for key, value in [*settings, *node.settings()]:
            yield f"ip netns exec {station.name} sysctl -w {shlex.quote(f'{key}={value}')}"
    for cable in plan.cables_of(station.guid):
        end = next(end for end in cable.ends if end.station == station.guid)
        link = experiment.get_resource(cable.guid)
        if not station.is_switch:
            routes = plan.routes.get(station.guid, ())
            yield from (f"ip{place} {line.text}" for line in end_lines(end, routes, link.get("up")))
        elif not link.get("up"):
            yield f"ip {cut_line(end).text}"
        if link.is_rm_instance("netns::Link"):
            yield from _shaping(cast("Link", link), cable, end, place)
    for route in cast("list[Route]", experiment.get_resource(station.guid).get_connected("netns::Route")):
        yield f"ip{place} route replace {route.route(plan).text}"


def _shaping(link: Link, cable: Cable, end: End, place: str) -> Iterator[str]:
    shape = link.shapes[cable.ends.index(end)]
    if shape.impairs:
        yield f"# {end.name}: {shape.words()}; without netem in the kernel, a program in user space does this"
    if shape.singles(netem=True):
        yield f"ip{place} {portions_command(end.name, True)}"
    yield from (f"tc{place} {text}" for text in shaping_commands(end.name, shape, end.mtu, netem=True))

"""From a graph to the resources of an emulated network."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nepi_core.errors import TopologyError, suggestion

from ._plan.wiring import is_host_name, station_name

if TYPE_CHECKING:
    from nepi_core.description import NodeId
    from nepi_core.experiment import Experiment
    from nepi_core.topology import NetGraph

_EARTH_RADIUS = 6371.0  # km, mean
_FIBRE_SPEED = 200.0  # km in a millisecond: light in glass, with a refractive index of some 1.5
_PLACE = (("Latitude", "Longitude"), ("latitude", "longitude"), ("lat", "lon"))
_DELAYS = ("none", "distance")


def add_topology(experiment: Experiment, netgraph: NetGraph, delays: str = "none") -> None:
    """Add a netns::Node for each node of a graph, and a netns::Link for each edge.

    Numbers that edges have under the names of link attributes (``rate``, ``delay``, ``loss`` ...) are taken over.

    Args:
        delays: "distance" gives links the time that light needs in glass between the places of their ends.

    Raises:
        TopologyError: an option or a value makes no sense, or places are missing.
    """
    if delays not in _DELAYS:
        raise TopologyError(f"The option 'delays' cannot be {delays!r}.{suggestion(delays, _DELAYS)}")
    edges = {edge: _values(netgraph, *edge, delays == "distance") for edge in netgraph.edges()}
    taken = {"localhost", "ip6-localhost", *_names(experiment)}
    for nid in netgraph.nodes():
        guid = experiment.register_resource("netns::Node", name=_host_name(netgraph, nid, taken))
        netgraph.annotate_node(nid, "guid", guid)
    for edge, values in edges.items():
        ends = [netgraph.node_annotation(nid, "guid") for nid in edge]
        experiment.register_resource("netns::Link", connected_to=ends, **values)


def _names(experiment: Experiment) -> Iterator[str]:
    """Yield the names of nodes and switches that are there already."""
    for rtype, letter in (("netns::Node", "n"), ("netns::Switch", "s")):
        for manager in experiment.get_resources_by_type(rtype):
            yield station_name(manager, letter).lower()


def _host_name(netgraph: NetGraph, nid: NodeId, taken: set[str]) -> str:
    """Return a host name for a node, made of its label or id, that no other node has."""
    label = next((text for name in ("label", "name") if (text := netgraph.node_annotation(nid, name))), nid)
    word = re.sub(r"[^A-Za-z0-9]+", "-", str(label)).strip("-").lower()[:50]
    name = f"n{word}" if word.isdecimal() else word
    if not is_host_name(name) or name in taken:
        name = next(each for number in range(2, 1 << 20) if (each := f"{name or 'n'}-{number}") not in taken)
    taken.add(name)
    return name


def _values(netgraph: NetGraph, nid1: NodeId, nid2: NodeId, by_distance: bool) -> dict[str, Any]:
    """Return the attributes of the link that an edge becomes."""
    from nepi_core.factory import ResourceFactory

    known = {each.name for each in ResourceFactory.get_resource_type("netns::Link").get_attributes() if each.unit}
    names = known.intersection(netgraph.edge_annotations(nid1, nid2))
    values = {name: netgraph.edge_annotation(nid1, nid2, name) for name in sorted(names)}
    return values | {"delay": _delay(netgraph, nid1, nid2)} if by_distance else values


def _delay(netgraph: NetGraph, nid1: NodeId, nid2: NodeId) -> float:
    first, second = (_place(netgraph, nid) for nid in (nid1, nid2))
    return round(_distance(first, second) / _FIBRE_SPEED, 3)


def _place(netgraph: NetGraph, nid: NodeId) -> tuple[float, float]:
    """Return latitude and longitude of a node, in degrees."""
    for names in _PLACE:
        found = [netgraph.node_annotation(nid, name) for name in names]
        if None not in found:
            try:
                return float(found[0]), float(found[1])
            except ValueError:
                break
    raise TopologyError(f"Node {nid!r} has no Latitude and Longitude in degrees, which delays by distance need.")


def _distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the length of the shortest way on the globe, in km: the haversine formula."""
    latitude1, longitude1, latitude2, longitude2 = map(math.radians, (*first, *second))
    across = math.sin((longitude2 - longitude1) / 2) ** 2
    share = math.sin((latitude2 - latitude1) / 2) ** 2 + math.cos(latitude1) * math.cos(latitude2) * across
    return 2 * _EARTH_RADIUS * math.asin(math.sqrt(share))

"""From a topology to resources: each node and each edge becomes one, all in one step."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nepi_core.description import ExperimentDescription, Layout, NodeId, ResourceDescription
from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as, short_type
from nepi_gui.document.document import Document
from nepi_gui.document.legality import Legality, line_types
from nepi_gui.document.shadow import make_shadow
from nepi_gui.document.spacing import SPACING, Place, bounds, centred
from nepi_gui.translation import translate

if TYPE_CHECKING:
    from nepi_core.backend import Backend
    from nepi_core.controller import ExperimentController
    from nepi_core.topology import NetGraph

logger = logging.getLogger("nepi.gui")

PING = "linux::Ping"

_PINGS = 10  # so that a run ends by itself

CONNECTION = ""
"""In the place of the type of an edge: the nodes are connected without anything between them."""

_GRID = 20.0
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the parts of a topology become.

    Attributes:
        node_type: resource type of each node.
        edge_type: resource type of each edge, or `CONNECTION`.
        by_distance: links delay as long as light needs between the coordinates of their ends.
        pings: each source has a ping to each target.
    """

    node_type: str
    edge_type: str = CONNECTION
    by_distance: bool = False
    pings: bool = False


# -- what can be chosen --------------------------------------------------------------------------------------------


def node_types() -> list[str]:
    """Return the types that a node may become: those that backends build networks of come first."""
    built = [nodes for nodes, _ in _built_types()]
    found = [ResourceFactory.get_resource_type(rtype) for rtype in ResourceFactory.resource_types()]
    types = [each.get_rtype() for each in found if each.drawn is Drawn.NODE and not each.legacy]
    return [*built, *(rtype for rtype in types if rtype not in built and edge_types(rtype))]


def edge_types(node_type: str) -> list[str]:
    """Return what may join two resources of a type, what its backend uses first; `CONNECTION` for nothing between."""
    ends = {guid: ResourceDescription(guid, node_type) for guid in (1, 2)}
    legality = Legality(ExperimentDescription(resources=ends))
    found = [rtype for rtype in line_types() if not legality.link_refusal(rtype, 1, 2)]
    found.sort(key=lambda rtype: (node_type, rtype) not in _built_types())
    return found if legality.refusal(1, 2) else [*found, CONNECTION]


def builder_of(recipe: Recipe) -> Backend | None:
    """Return the backend that builds networks of just these types itself; None when there is none."""
    found = _built_types().get((recipe.node_type, recipe.edge_type))
    return ResourceFactory.backend(found) if found else None


def may_ping(node_type: str) -> bool:
    """Tell whether a ping may run on resources of a type."""
    if ResourceFactory.find(PING) is None:
        return False
    legality = Legality(ExperimentDescription(resources={1: ResourceDescription(1, node_type)}))
    return not legality.new_refusal(PING, 1)


def _built_types() -> Mapping[tuple[str, str], str]:
    """Return the types of node and edge that backends make of a topology, and the name of the backend."""
    return _try_backends(tuple(backend.name for backend in ResourceFactory.backends()))


@cache
def _try_backends(names: Sequence[str]) -> Mapping[tuple[str, str], str]:
    from nepi_core.topology import NetGraph

    found: dict[tuple[str, str], str] = {}
    for name in names:
        backend, shadow = ResourceFactory.backend(name), make_shadow(ExperimentDescription())
        try:
            if backend is not None:
                backend.add_topology(shadow, NetGraph(topo_type="linear", node_count=2))
        except NepiError:
            continue  # most backends build none, and say so in this way
        except Exception:  # a plug-in's own: the others are still there
            logger.warning("Backend %s cannot build a network", name, exc_info=True)
            continue
        types = [resource.rtype for resource in shadow.description.resources.values()]
        nodes = [rtype for rtype in types if drawn_as(rtype) is Drawn.NODE]
        edges = [rtype for rtype in types if drawn_as(rtype) is Drawn.EDGE]
        if nodes and edges:
            found[nodes[0], edges[0]] = name
    return found


# -- the step ------------------------------------------------------------------------------------------------------


def insert_topology(
    document: Document, netgraph: NetGraph, recipe: Recipe, places: Mapping[NodeId, Place], name: str = ""
) -> list[int]:
    """Add resources for all nodes and edges of a topology in one step, and return their guids.

    The topology becomes that of the experiment, if it has none.

    Args:
        netgraph: its nodes are annotated with the guids of their resources.
        places: where the nodes stand.
        name: what the undo history calls it.

    Raises:
        NepiError: a resource cannot be made as the topology wants it; nothing was added.
    """
    present = document.description.resources
    shadow = make_shadow(document.description)
    backend = builder_of(recipe)
    if backend is not None:
        backend.add_topology(shadow, netgraph, **({"delays": "distance"} if recipe.by_distance else {}))
    else:
        _build(shadow, netgraph, recipe)
    if recipe.pings:
        _add_pings(shadow, netgraph)
    made = [resource for guid, resource in shadow.description.resources.items() if guid not in present]
    _place(made, netgraph, places)
    text = translate("Steps", "Insert topology {0}: {1} nodes").format(name or netgraph.topo_type, netgraph.order)
    with document.edit(text) as edit:
        for resource in made:
            edit.add(resource)
        if document.description.topology is None:
            edit.set_part("topology", netgraph.to_description())
    return [resource.guid for resource in made]


def _place(made: Sequence[ResourceDescription], netgraph: NetGraph, places: Mapping[NodeId, Place]) -> None:
    by_guid = {resource.guid: resource for resource in made}
    for nid, data in netgraph.topology.nodes(data=True):
        resource = by_guid.get(data.get("guid", 0))
        if resource is not None and nid in places:
            resource.layout = resource.layout or Layout()
            resource.layout.x, resource.layout.y = places[nid]


def _build(shadow: ExperimentController, netgraph: NetGraph, recipe: Recipe) -> None:
    """Add a resource for each node and edge; what they say under the name of an attribute with a unit is taken over."""
    names = _names(shadow.description, netgraph, recipe.node_type)
    has_name = any(each.name == "name" for each in ResourceFactory.get_resource_type(recipe.node_type).get_attributes())
    for nid, name in zip(netgraph.nodes(), names, strict=True):
        guid = shadow.register_resource(recipe.node_type)
        if has_name:
            shadow.set(guid, "name", name)
        shadow.description.resources[guid].layout = Layout(label=name)
        netgraph.annotate_node(nid, "guid", guid)
    known = _measured(recipe.edge_type)
    for nid1, nid2, data in netgraph.topology.edges(data=True):
        ends = [netgraph.node_annotation(nid, "guid") for nid in (nid1, nid2)]
        if recipe.edge_type == CONNECTION:
            shadow.register_connection(*ends)
        else:
            values = {name: value for name, value in data.items() if name in known}
            shadow.register_resource(recipe.edge_type, connected_to=ends, **values)


def _measured(rtype: str) -> set[str]:
    """Return the attributes of a type that have a unit."""
    found = ResourceFactory.find(rtype)
    return {each.name for each in found.get_attributes() if each.unit} if found else set()


def _names(present: ExperimentDescription, netgraph: NetGraph, node_type: str) -> Iterator[str]:
    """Yield a name for each node that no other resource has: its label, or its id."""
    taken = {resource.label.lower() for resource in present.resources.values()}
    stem, last = short_type(node_type).lower(), defaultdict[str, int](lambda: 1)
    for nid, data in netgraph.topology.nodes(data=True):
        word = _NO_NAME.sub("-", str(data.get("name", nid))).strip("-")[:50]
        word = f"{stem}{word}" if word.isdecimal() or not word else word
        name = word
        while name.lower() in taken:
            last[word] += 1
            name = f"{word}-{last[word]}"
        taken.add(name.lower())
        yield name


def _add_pings(shadow: ExperimentController, netgraph: NetGraph) -> None:
    for source in netgraph.sources():
        for target in netgraph.targets():
            if source != target:
                start, end = (netgraph.node_annotation(nid, "guid") for nid in (source, target))
                name = shadow.description.resources[end].label
                ping = shadow.register_resource(PING, connected_to=[start], target=name, count=_PINGS)
                shadow.description.resources[ping].layout = Layout(label=f"ping {name}")


def beside(description: ExperimentDescription, places: Mapping[NodeId, Place], middle: Place) -> dict[NodeId, Place]:
    """Return places moved as a whole to the right of all that an experiment shows, or to a middle when that is none.

    Args:
        places: in pixels.
    """
    left, _, right, _ = bounds(places.values())
    layouts = [resource.layout for resource in description.resources.values() if resource.layout is not None]
    present = [(each.x, each.y) for each in layouts if each.x is not None and each.y is not None]
    notes = [(note.x + note.width / 2, note.y) for note in description.canvas.notes]
    if present or notes:
        _, highest, rightmost, lowest = bounds([*present, *notes])
        middle = rightmost + 2 * SPACING + (right - left) / 2, (highest + lowest) / 2
    return centred(places, middle, _GRID)

"""The topology of an experiment description to XML."""

from __future__ import annotations

from collections.abc import Mapping

from nepi_core.description import NodeId, TopologyDescription, TopologyEdge, TopologyNode
from nepi_core.errors import suggestion
from nepi_core.xml_format.foreign import by_parent, node_key
from nepi_core.xml_format.markup import Kept, container, element
from nepi_core.xml_format.names import NEPI_TOPOLOGIES, step
from nepi_core.xml_format.values import escape, format_annotation, format_value, shown


def topology_text(topology: TopologyDescription) -> str:
    """Return the ``topology`` element.

    Raises:
        ValueError: it cannot be written; the message says which part.
    """
    kept = by_parent(topology.foreign)
    known = {node.nid for node in topology.nodes if node.nid == node.nid}  # NaN equals nothing, and names nothing
    if len(known) != len(topology.nodes):
        raise ValueError("topology: two of its nodes have the same id, or one has NaN")
    nodes = [_node(node, kept) for node in topology.nodes]
    edges = [_edge(index, edge, known, kept) for index, edge in enumerate(topology.edges)]
    parts = [element(2, "nodes", nodes, kept.get("nodes", ())), element(2, "edges", edges, kept.get("edges", ()))]
    return element(1, f"topology{_type(topology.topo_type)}", parts, kept.get("", ()))


def _type(topo_type: str) -> str:
    if topo_type in NEPI_TOPOLOGIES:
        return f' topo-type="{topo_type}"'
    return f' topo-type="adhoc" gui:topo-type="{escape(topo_type)}"'


def _node(node: TopologyNode, kept: Kept) -> str:
    marks = (' source="True"' if node.source else "") + (' target="True"' if node.target else "")
    place = f"nodes/{step('node', *node_key(node.nid))}"
    try:
        annotations = _annotations("node", node.annotations, place, kept)
        return element(3, f"node{_nid('nid', node.nid)}{marks}", annotations, kept.get(place, ()))
    except ValueError as wrong:
        raise ValueError(f"topology, node {shown(node.nid)}: {wrong}") from None


def _edge(index: int, edge: TopologyEdge, known: set[NodeId], kept: Kept) -> str:
    place = f"edges/{step('edge', index)}"
    try:
        for nid in (edge.nid1, edge.nid2):
            if nid not in known:
                raise ValueError(f"there is no node {shown(nid)}.{suggestion(nid, known)}")
        annotations = _annotations("edge", edge.annotations, place, kept)
        head = f"edge{_nid('nid1', edge.nid1)}{_nid('nid2', edge.nid2)}"
        return element(3, head, annotations, kept.get(place, ()))
    except ValueError as wrong:
        raise ValueError(f"topology, edge {shown(edge.nid1)} to {shown(edge.nid2)}: {wrong}") from None


def _nid(name: str, nid: NodeId) -> str:
    kind, text = format_value(nid)
    return f' {name}="{escape(text)}" {name}-type="{kind}"'


def _annotations(kind: str, annotations: Mapping[str, object], place: str, kept: Kept) -> list[str]:
    place = f"{place}/{kind}-annotations"
    lines = []
    for name, value in annotations.items():
        try:
            typed, text, literal = format_annotation(name, value)
            mark = "" if literal is None else f' gui:literal="{literal}"'
            head = f'{kind}-annotation name="{escape(name)}" type="{typed}" value="{escape(text)}"{mark}'
        except ValueError as wrong:
            raise ValueError(f"annotation {name!r}: {wrong}") from None
        lines.append(element(5, head, (), kept.get(f"{place}/{step(f'{kind}-annotation', name)}", ())))
    return container(4, f"{kind}-annotations", lines, kept.get(place, ()))

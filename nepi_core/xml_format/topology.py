"""The topology of an experiment description, from XML and to XML."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree
from lxml.etree import SubElement

from nepi_core.description import NodeId, TopologyDescription, TopologyEdge, TopologyNode
from nepi_core.errors import suggestion
from nepi_core.xml_format.document import Document, Readers
from nepi_core.xml_format.names import GUI, NEPI_TOPOLOGIES
from nepi_core.xml_format.values import (
    format_annotation,
    format_value,
    parse_annotation,
    parse_bool,
    parse_value,
    shown,
    within,
)


def read_topology(element: etree._Element, document: Document) -> TopologyDescription:
    """Return what a ``topology`` element describes; faults go to the document."""
    topology = TopologyDescription(element.get(f"{GUI}topo-type", element.get("topo-type", "adhoc")))
    document.read_inside(element, topology, _Reader(document).readers)
    return topology


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes: dict[NodeId, TopologyNode] = {}
        self.readers: Readers = {
            "node": self._read_node,
            "edge": self._read_edge,
            "node-annotation": self._read_annotation,
            "edge-annotation": self._read_annotation,
        }

    def _read_node(self, topology: TopologyDescription, element: etree._Element, items: Mapping[str, str]) -> None:
        nid = self._nid(items, "nid")
        if nid in self._nodes:
            raise ValueError(f"node {shown(nid)} stands twice")
        node = TopologyNode(nid, parse_bool(items.get("source", "False")), parse_bool(items.get("target", "False")))
        self._nodes[nid] = node
        topology.nodes.append(node)
        self._document.read_inside(element, node.annotations, self.readers)

    def _read_edge(self, topology: TopologyDescription, element: etree._Element, items: Mapping[str, str]) -> None:
        edge = TopologyEdge(self._nid(items, "nid1"), self._nid(items, "nid2"))
        _check_ends(edge, self._nodes)
        topology.edges.append(edge)
        self._document.read_inside(element, edge.annotations, self.readers)

    def _nid(self, items: Mapping[str, str], name: str) -> NodeId:
        return parse_value(items[f"{name}-type"], self._document.text(items[name]))

    def _read_annotation(self, annotations: dict[str, object], _: etree._Element, items: Mapping[str, str]) -> None:
        name, text = items["name"], self._document.text(items["value"])
        if name in annotations:
            raise ValueError("it stands twice")
        annotations[name] = parse_annotation(name, items["type"], text, items.get(f"{GUI}literal"))


def _check_ends(edge: TopologyEdge, nodes: Mapping[NodeId, TopologyNode]) -> None:
    for nid in (edge.nid1, edge.nid2):
        if nid not in nodes:
            raise ValueError(f"there is no node {shown(nid)}.{suggestion(nid, nodes)}")


def write_topology(root: etree._Element, topology: TopologyDescription) -> None:
    """Add the ``topology`` element to the experiment's.

    Raises:
        ValueError: it cannot be written; the message says which part.
    """
    element = SubElement(root, "topology", _type(topology.topo_type))
    nodes = {node.nid: node for node in topology.nodes}
    if len(nodes) != len(topology.nodes):
        raise ValueError("two of its nodes have the same id")
    container = SubElement(element, "nodes")
    for node in topology.nodes:
        with within(f"node {shown(node.nid)}"):
            marks = {name: "True" for name in ("source", "target") if getattr(node, name)}
            child = SubElement(container, "node", {**_nid("nid", node.nid), **marks})
            _write_annotations(child, "node", node.annotations)
    container = SubElement(element, "edges")
    for edge in topology.edges:
        with within(f"edge {shown(edge.nid1)} to {shown(edge.nid2)}"):
            _check_ends(edge, nodes)
            child = SubElement(container, "edge", {**_nid("nid1", edge.nid1), **_nid("nid2", edge.nid2)})
            _write_annotations(child, "edge", edge.annotations)


def _type(topo_type: str) -> dict[str, str]:
    if topo_type in NEPI_TOPOLOGIES:
        return {"topo-type": topo_type}
    return {"topo-type": "adhoc", f"{GUI}topo-type": topo_type}


def _nid(name: str, nid: NodeId) -> dict[str, str]:
    kind, text = format_value(nid)
    return {name: text, f"{name}-type": kind}


def _write_annotations(element: etree._Element, holder: str, annotations: Mapping[str, object]) -> None:
    container = SubElement(element, f"{holder}-annotations") if annotations else element
    for name, value in annotations.items():
        with within(f"annotation {shown(name)}"):
            kind, text, literal = format_annotation(name, value)
            mark = {} if literal is None else {f"{GUI}literal": literal}
            SubElement(container, f"{holder}-annotation", {"name": name, "type": kind, "value": text, **mark})

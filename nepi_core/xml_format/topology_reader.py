"""XML to the topology of an experiment description."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from nepi_core.description import Foreign, NodeId, TopologyDescription, TopologyEdge, TopologyNode
from nepi_core.errors import suggestion
from nepi_core.xml_format.foreign import collect, node_key, settled
from nepi_core.xml_format.names import gui, step
from nepi_core.xml_format.reading import Key, Reading
from nepi_core.xml_format.values import parse_annotation, parse_bool, parse_value, shown


def read_topology(element: etree._Element, reading: Reading) -> TopologyDescription:
    """Return what a ``topology`` element describes; faults go to ``reading``."""
    return _TopologyReader(element, reading).read()


class _TopologyReader:
    def __init__(self, element: etree._Element, reading: Reading) -> None:
        self._element = element
        self._reading = reading
        self._topology = TopologyDescription(element.get(gui("topo-type"), element.get("topo-type", "adhoc")))
        self._nodes: dict[NodeId, TopologyNode] = {}
        self._found: list[Foreign] = []

    def read(self) -> TopologyDescription:
        collect(self._found, "", self._element)
        for nodes in self._element.iterchildren("nodes"):
            self._reading.each(nodes, ("node",), self._found, self._read_node, place="nodes")
        for edges in self._element.iterchildren("edges"):
            self._reading.each(edges, ("edge",), self._found, self._read_edge, place="edges")
        self._topology.nodes = list(self._nodes.values())
        self._topology.foreign = settled(self._found)
        return self._topology

    def _read_node(self, element: etree._Element, items: Mapping[str, str]) -> Key:
        nid = self._nid(items, "nid")
        if nid in self._nodes:
            raise ValueError(f"node {shown(nid)} stands twice")
        node = TopologyNode(nid, parse_bool(items.get("source", "False")), parse_bool(items.get("target", "False")))
        self._nodes[nid] = node
        key = node_key(nid)
        self._read_annotations(element, "node", node.annotations, f"nodes/{step('node', *key)}")
        return key

    def _read_edge(self, element: etree._Element, items: Mapping[str, str]) -> Key:
        edge = TopologyEdge(self._nid(items, "nid1"), self._nid(items, "nid2"))
        for nid in (edge.nid1, edge.nid2):
            if nid not in self._nodes:
                raise ValueError(f"there is no node {shown(nid)}.{suggestion(nid, self._nodes)}")
        key = (len(self._topology.edges),)
        self._topology.edges.append(edge)
        self._read_annotations(element, "edge", edge.annotations, f"edges/{step('edge', *key)}")
        return key

    def _nid(self, items: Mapping[str, str], name: str) -> NodeId:
        return parse_value(items[f"{name}-type"], self._reading.text(items[name]))

    def _read_annotations(self, element: etree._Element, kind: str, annotations: dict[str, object], place: str) -> None:
        def read(_: etree._Element, items: Mapping[str, str]) -> Key:
            name = items["name"]
            if name in annotations:
                raise ValueError(f"annotation {shown(name)} stands twice")
            text = self._reading.text(items["value"])
            annotations[name] = parse_annotation(name, items["type"], text, items.get(gui("literal")))
            return (name,)

        for container in element.iterchildren(f"{kind}-annotations"):
            where = f"{place}/{kind}-annotations"
            self._reading.each(container, (f"{kind}-annotation",), self._found, read, place=where)

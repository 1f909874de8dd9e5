"""The graph from which an experiment is built: how it is made, its addresses, its ends, and its description."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import networkx as nx

from nepi_core.description import Foreign, NodeId, TopologyDescription, TopologyEdge, TopologyNode
from nepi_core.errors import TopologyError
from nepi_core.topology.addressing import LinkAddresses, annotate_link, assign_addresses, network_of, parse_block
from nepi_core.topology.annotated_graph import AnnotatedGraph
from nepi_core.topology.files import read_graph
from nepi_core.topology.generators import RANDOM, TopologyType, generate, topology_type
from nepi_core.topology.intake import add_edges, plain_graph
from nepi_core.topology.layout import place_nodes
from nepi_core.topology.paths import choose_ends

# Of these the first node is the natural target, as in NEPI: an end, a corner, the root, the centre.
_TARGET_IS_FIRST = ("linear", "ladder", "mesh", "tree", "star")


class NetGraph(AnnotatedGraph):
    """A topology: generated, given, read from a file, or built node by node.

    A node's annotation ``ips`` is the list of its addresses; an edge's annotations ``net`` (IPv4) and ``net6`` (IPv6)
    are dicts that hold the address of each end by node id, and ``mask``, ``network`` and ``prefix``.

    Args:
        topology: graph of networkx, of any kind; it is copied, see `intake.plain_graph`.
        topo_type: name of the topology; adhoc when nothing is said.
        parameters: those of the generator, such as ``node_count`` and ``branches``; see `generators.GENERATORS`.
        seed: for everything that is drawn; when it is not given, one is chosen as soon as something is drawn.
        assign_ips: assign addresses, see `assign_p2p_ips` for ``network``, ``prefix``, ``version``, ``edge_prefix``.
        assign_st: choose source and target, see `assign_st_nodes`.

    Attributes:
        topo_type: a value of `TopologyType`; a description from elsewhere may have another one.
        seed: None as long as nothing was drawn and none was given.
        notices: what the user should know about how the graph was made, in sentences.

    Raises:
        TopologyError: wrong topology, parameter or block.
    """

    def __init__(
        self,
        *,
        topology: nx.Graph | None = None,
        topo_type: str | None = None,
        seed: int | None = None,
        assign_ips: bool = False,
        network: str | None = None,
        prefix: int | None = None,
        version: int | None = None,
        edge_prefix: int | None = None,
        assign_st: bool = False,
        **parameters: Any,
    ) -> None:
        super().__init__()
        self.topo_type: str = topology_type(topo_type or TopologyType.ADHOC)
        self.seed = seed
        self.notices: list[str] = []
        self._foreign: list[Foreign] = []
        self._sources: set[NodeId] = set()
        self._targets: set[NodeId] = set()
        self._fill(topology, {name: value for name, value in parameters.items() if value is not None})
        if assign_ips:
            self.assign_p2p_ips(network, prefix, version, edge_prefix)
        if assign_st:
            self.assign_st_nodes()

    def _fill(self, topology: nx.Graph | None, parameters: dict[str, Any]) -> None:
        if topology is None:
            if self.topo_type == TopologyType.ADHOC and not parameters:
                return
            seed = self._drawing_seed() if self.topo_type in RANDOM else None
            topology = generate(self.topo_type, parameters, seed)
        elif parameters:
            raise TopologyError(f"A topology is given, so there is nothing to generate from {', '.join(parameters)}.")
        graph, self.notices = plain_graph(topology)
        self._take(graph)

    def _drawing_seed(self) -> int:
        if self.seed is None:
            self.seed = secrets.randbits(32)
        return self.seed

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """Return the graph in a file of GraphML, GML, or edges; ``options`` are those of the constructor.

        Raises:
            FormatError: the file is none of them.
        """
        return cls(topology=read_graph(path), **options)

    @classmethod
    def from_description(cls, description: TopologyDescription) -> Self:
        """Return the graph that a description tells of; `to_description` gives the same description again.

        Several edges between two nodes become one, as in a given graph, and edges come in the order of the nodes.
        """
        netgraph = cls()
        netgraph.topo_type = description.topo_type
        netgraph._foreign = list(description.foreign)
        for node in description.nodes:
            netgraph.add_node(node.nid)
            netgraph._node(node.nid).update(copy.deepcopy(node.annotations))
        netgraph._sources = {node.nid for node in description.nodes if node.source}
        netgraph._targets = {node.nid for node in description.nodes if node.target}
        netgraph.notices = add_edges(netgraph._graph, netgraph._edges_of(description.edges))
        return netgraph

    def _edges_of(self, edges: list[TopologyEdge]) -> Iterator[tuple[NodeId, NodeId, dict[str, object]]]:
        for edge in edges:
            self.add_node(edge.nid1)
            self.add_node(edge.nid2)
            yield edge.nid1, edge.nid2, copy.deepcopy(edge.annotations)

    def to_description(self) -> TopologyDescription:
        """Return the graph as plain data that shares nothing with it."""
        nodes = [
            TopologyNode(nid, nid in self._sources, nid in self._targets, copy.deepcopy(dict(self._graph.nodes[nid])))
            for nid in self._nids
        ]
        edges = [TopologyEdge(nid1, nid2, copy.deepcopy(data)) for nid1, nid2, data in self._graph.edges(data=True)]
        return TopologyDescription(self.topo_type, nodes, edges, list(self._foreign))

    def annotate_node_ip(self, nid: NodeId, ip: str) -> None:
        """Add an address to a node's annotation ``ips``."""
        self._node(nid)["ips"] = [*self.node_ip_annotations(nid), ip]

    def node_ip_annotations(self, nid: NodeId) -> list[str]:
        """Return the addresses of a node, in the order in which they were assigned."""
        addresses = self._node(nid).get("ips", [])
        return [str(address) for address in addresses] if isinstance(addresses, list) else [str(addresses)]

    def annotate_edge_net(
        self, nid1: NodeId, nid2: NodeId, ip1: str, ip2: str, mask: str, network: str, prefix: int
    ) -> None:
        """Set the addresses of an edge's ends, in ``net`` or for IPv6 in ``net6``; the nodes' ``ips`` stay."""
        link = LinkAddresses(ip1, ip2, mask, network, prefix)
        annotate_link(self._edge(nid1, nid2), nid1, nid2, link)

    def edge_net_annotation(self, nid1: NodeId, nid2: NodeId, version: int | None = None) -> dict[Any, Any]:
        """Return the addresses of an edge, {} when there are none; IPv4 before IPv6 unless ``version`` says which."""
        return network_of(self._edge(nid1, nid2), version)

    def get_p2p_info(self, nid1: NodeId, nid2: NodeId) -> tuple[str, str, str, str, int]:
        """Return the addresses of both ends of an edge, its mask, network and prefix."""
        net = self.edge_net_annotation(nid1, nid2)
        if not net:
            raise TopologyError(f"The edge from {nid1!r} to {nid2!r} has no addresses: call assign_p2p_ips first.")
        return net[nid1], net[nid2], net["mask"], net["network"], net["prefix"]

    def assign_p2p_ips(
        self,
        network: str | None = None,
        prefix: int | None = None,
        version: int | None = None,
        edge_prefix: int | None = None,
    ) -> None:
        """Give every edge a network of its own, and each of its ends an address, in the order of `edges`.

        Earlier addresses of the same family are replaced, those of the other family stay.

        Args:
            network: block to take them from, such as ``10.0.0.0``, ``10.0.0.0/8``, ``fd00:6e65::/32``.
            prefix: prefix of the block, 8 for IPv4 and 32 for IPv6 when nothing says it.
            version: 4 or 6.
            edge_prefix: prefix of each edge's network, 30 (or 31) for IPv4, 64 (or 127) for IPv6.

        Raises:
            TopologyError: the block is wrong or too small; nothing was changed.
        """
        assign_addresses(self._graph, parse_block(network, prefix, version), edge_prefix)

    def has_source(self) -> bool:
        """Return whether there is a source."""
        return bool(self._sources)

    def has_target(self) -> bool:
        """Return whether there is a target."""
        return bool(self._targets)

    def is_source(self, nid: NodeId) -> bool:
        """Return whether a node is a source."""
        return nid in self._sources

    def is_target(self, nid: NodeId) -> bool:
        """Return whether a node is a target."""
        return nid in self._targets

    def sources(self) -> list[NodeId]:
        """Return the sources, in the order of `nodes`."""
        return sorted(self._sources, key=self._place.__getitem__)

    def targets(self) -> list[NodeId]:
        """Return the targets, in the order of `nodes`."""
        return sorted(self._targets, key=self._place.__getitem__)

    def set_source(self, nid: NodeId) -> None:
        """Make a node a source."""
        self._node(nid)
        self._sources.add(nid)

    def set_target(self, nid: NodeId) -> None:
        """Make a node a target."""
        self._node(nid)
        self._targets.add(nid)

    def assign_st_nodes(
        self, source: NodeId | None = None, target: NodeId | None = None, seed: int | None = None
    ) -> tuple[NodeId, NodeId]:
        """Make a node the source and another one the target; return both.

        What is not given is what was set before, and else it is chosen: as target the first node of a linear, ladder,
        mesh, tree or star topology (end, corner, root, centre), of others one of the nodes with the fewest neighbours;
        as source one of the nodes with the fewest neighbours that are farthest from the target.
        Equals are drawn with ``seed``, or else with the seed of the graph.
        """
        for nid in (source, target):
            if nid is not None:
                self._node(nid)
        source = source if source is not None else next(iter(self.sources()), None)
        target = target if target is not None else next(iter(self.targets()), None)
        first = self._nids[0] if self._nids and self.topo_type in _TARGET_IS_FIRST else None
        if seed is None and (source is None or target is None):
            seed = self._drawing_seed()
        ends = choose_ends(self._graph, source, target, first, seed)
        self._sources.add(ends[0])
        self._targets.add(ends[1])
        return ends

    def positions(self) -> dict[NodeId, tuple[float, float]]:
        """Return a place for every node, x to the right, y upwards, within -1 and 1; see `layout.place_nodes`."""
        return place_nodes(self._graph, self.topo_type)

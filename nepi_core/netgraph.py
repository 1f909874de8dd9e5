"""The graph from which an experiment is built: nodes and edges, what is annotated to them, and its ends."""

from __future__ import annotations

import copy
import random
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nepi_core import graph_intake
from nepi_core.addressing import LinkAddresses, annotate_link, assign_addresses, network_of, parse_block
from nepi_core.annotated_graph import AnnotatedGraph
from nepi_core.description import Foreign, NodeId, TopologyDescription, TopologyEdge, TopologyNode
from nepi_core.errors import TopologyError
from nepi_core.topologies import TopologyType, generate, topology_type
from nepi_core.topology_paths import choose_ends, distances_to

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["NetGraph", "TopologyType"]

# Of these the first node is the natural target, as in NEPI: an end, a corner, the root, the centre.
_TARGET_IS_FIRST = (
    TopologyType.LINEAR,
    TopologyType.LADDER,
    TopologyType.MESH,
    TopologyType.TREE,
    TopologyType.STAR,
)


class NetGraph(AnnotatedGraph):
    """A topology: generated, given, read from a file, or built node by node.

    A node's annotation ``ips`` is the list of its addresses; an edge's annotations ``net`` (IPv4) and ``net6`` (IPv6)
    are dicts that hold the address of each end by node id, and ``mask``, ``network`` and ``prefix``.

    Args:
        topology: graph of networkx, of any kind; it is copied, see `graph_intake.plain_graph`.
        topo_type: name of the topology; adhoc when nothing is said.
        node_count, branches, parameters: parameters of the generator, see `topologies.GENERATORS`.
        seed: for everything that is drawn; when it is not given, one is drawn and kept in `seed`.
        assign_ips: assign addresses, see `assign_p2p_ips` for ``network``, ``prefix``, ``version``, ``edge_prefix``.
        assign_st: choose source and target, see `assign_st_nodes`.

    Attributes:
        notices: what the user should know about how the graph was made, in sentences.

    Raises:
        TopologyError: wrong topology, parameter or block.
    """

    def __init__(
        self,
        *,
        topology: nx.Graph | None = None,
        topo_type: str | None = None,
        node_count: int | None = None,
        branches: int | None = None,
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
        self._topo_type: str = topology_type(topo_type or TopologyType.ADHOC)
        self.seed = secrets.randbits(32) if seed is None else seed
        self.notices: list[str] = []
        self._foreign: list[Foreign] = []
        self._sources: set[NodeId] = set()
        self._targets: set[NodeId] = set()
        self._distances: tuple[tuple[NodeId, int, int], dict[NodeId, int]] | None = None

        given = {"node_count": node_count, "branches": branches, **parameters}
        self._fill(topology, {name: value for name, value in given.items() if value is not None})
        if assign_ips:
            self.assign_p2p_ips(network, prefix, version, edge_prefix)
        if assign_st:
            self.assign_st_nodes()

    def _fill(self, topology: nx.Graph | None, parameters: dict[str, Any]) -> None:
        if topology is None and self._topo_type == TopologyType.ADHOC and not parameters:
            return
        if topology is None:
            topology = generate(self._topo_type, parameters, self.seed)
        elif parameters:
            raise TopologyError(f"A topology is given, so there is nothing to generate from {', '.join(parameters)}.")
        graph, self.notices = graph_intake.plain_graph(topology)
        self._take(graph)

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """Return the graph in a file of GraphML, GML, or edges; ``options`` are those of the constructor.

        Raises:
            FormatError: the file is none of them.
        """
        from nepi_core.graph_files import read_graph

        return cls(topology=read_graph(path), **options)

    @classmethod
    def from_description(cls, description: TopologyDescription) -> Self:
        """Return the graph that a description tells of; `to_description` gives the same description again.

        Several edges between two nodes become one, as in a given graph, and edges come in the order of the nodes.

        Raises:
            TopologyError: two node ids that are equal to Python, such as 1 and True.
        """
        netgraph = cls()
        netgraph._topo_type = description.topo_type
        netgraph._foreign = list(description.foreign)
        for node in description.nodes:
            netgraph.add_node(node.nid)
            netgraph._graph.nodes[node.nid].update(copy.deepcopy(node.annotations))
            netgraph._mark(node)
        netgraph._add_edges(description.edges)
        return netgraph

    def _mark(self, node: TopologyNode) -> None:
        if node.source:
            self._sources.add(node.nid)
        if node.target:
            self._targets.add(node.nid)

    def _add_edges(self, edges: list[TopologyEdge]) -> None:
        others: dict[frozenset[NodeId], list[dict[str, object]]] = {}
        for edge in edges:
            self._check_ids(edge.nid1, edge.nid2)
            if edge.nid1 == edge.nid2:
                self.notices.append(f"The edge from node {edge.nid1!r} to itself was left out.")
            elif self._graph.has_edge(edge.nid1, edge.nid2):
                others.setdefault(frozenset((edge.nid1, edge.nid2)), []).append(copy.deepcopy(edge.annotations))
            else:
                self.add_edge(edge.nid1, edge.nid2)
                self._edge(edge.nid1, edge.nid2).update(copy.deepcopy(edge.annotations))
        for ends, parallel in others.items():
            first = self._edge(*ends)
            first.update(graph_intake.with_parallel(first, parallel))

    def to_description(self) -> TopologyDescription:
        """Return the graph as plain data that shares nothing with it."""
        nodes = [
            TopologyNode(nid, nid in self._sources, nid in self._targets, copy.deepcopy(dict(self._graph.nodes[nid])))
            for nid in self._nids
        ]
        edges = [TopologyEdge(nid1, nid2, copy.deepcopy(data)) for nid1, nid2, data in self._graph.edges(data=True)]
        return TopologyDescription(self._topo_type, nodes, edges, list(self._foreign))

    @property
    def topo_type(self) -> str:
        """Name of the topology, a value of `TopologyType`."""
        return self._topo_type

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
        """Return the addresses of both ends of an edge, its mask, network and prefix.

        Raises:
            TopologyError: no such edge, or it has no addresses.
        """
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

        Raises:
            TopologyError: there is no such node, or no second one that can be reached.
        """
        for nid in (source, target):
            if nid is not None:
                self._node(nid)
        source = source if source is not None else next(iter(self.sources()), None)
        target = target if target is not None else next(iter(self.targets()), None)
        first = self._nids[0] if self._nids and self._topo_type in _TARGET_IS_FIRST else None
        ends = choose_ends(self._graph, source, target, first, random.Random(self.seed if seed is None else seed))
        self._sources.add(ends[0])
        self._targets.add(ends[1])
        return ends

    def get_path(self, source: NodeId, target: NodeId) -> list[NodeId]:
        """Return the nodes of a shortest path; of several the one whose next node, from the source on, came first.

        Every node on it has the same path to the target as its rest, so that routes made of it agree.

        Raises:
            TopologyError: no such node, or no path.
        """
        self._node(source)
        self._node(target)
        distances = self._distances_to(target)
        if source not in distances:
            raise TopologyError(f"There is no path from node {source!r} to node {target!r}.")
        path = [source]
        while path[-1] != target:
            nearer = distances[path[-1]] - 1
            path.append(next(nid for nid in self.neighbours(path[-1]) if distances[nid] == nearer))
        return path

    def _distances_to(self, target: NodeId) -> dict[NodeId, int]:
        # Kept for the last target, because routes of all nodes are asked for one target after the other. As nodes and
        # edges are only ever added, their numbers tell whether the graph is still the same.
        version = (target, self.order, self.size())
        if self._distances is None or self._distances[0] != version:
            self._distances = (version, distances_to(self._graph, target))
        return self._distances[1]

    def next_hop(self, source: NodeId, nid: NodeId, target: NodeId) -> NodeId:
        """Return the node after ``nid`` on the path from source to target.

        Raises:
            TopologyError: no such node, no path, or the node is not on it before the target.
        """
        self._node(nid)
        path = self.get_path(source, target)
        if nid not in path[:-1]:
            raise TopologyError(f"No hop follows node {nid!r} on the path {' - '.join(map(repr, path))}.")
        return path[path.index(nid) + 1]

    def positions(self, seed: int = 0) -> dict[NodeId, tuple[float, float]]:
        """Return a place for every node, x to the right, y upwards, within -1 and 1; see `topology_layout`."""
        from nepi_core.topology_layout import place_nodes

        return place_nodes(self._graph, self._topo_type, seed)

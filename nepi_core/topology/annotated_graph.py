"""An undirected graph whose nodes and edges carry annotations, and the paths in it."""

from __future__ import annotations

from itertools import islice
from typing import Any

import networkx as nx

from nepi_core.description import NodeId
from nepi_core.errors import TopologyError, suggestion
from nepi_core.topology.intake import addressing, plain_value


class AnnotatedGraph:
    """Nodes, edges with one at most between two nodes, and annotations on both.

    Node ids are text, integers, floats or bools and keep their type; `nodes` and `edges` have a stable order. Nothing
    is ever removed but annotations. All methods raise TopologyError for a node, edge or annotation that is not there,
    and for a node id that is equal to another one in Python's eyes (1, 1.0 and True).
    """

    def __init__(self) -> None:
        self._take(nx.Graph())

    def _take(self, graph: nx.Graph) -> None:
        """Take over a simple graph with plain ids and annotations."""
        self._graph = graph
        self._nids: list[NodeId] = list(graph)
        self._place = {nid: place for place, nid in enumerate(self._nids)}
        # To one node, the last one: routes of all nodes are asked for one target after another.
        self._distances: tuple[NodeId, dict[NodeId, int]] | None = None

    @property
    def topology(self) -> nx.Graph:
        """The graph for networkx's functions; it can be read, and changed through the methods of this class only."""
        return self._graph.copy(as_view=True)

    @property
    def order(self) -> int:
        """Number of nodes."""
        return len(self._nids)

    def size(self) -> int:
        """Return the number of edges."""
        return int(self._graph.number_of_edges())

    def nodes(self) -> list[NodeId]:
        """Return the node ids, in the order in which the nodes came."""
        return list(self._nids)

    def edges(self) -> list[tuple[NodeId, NodeId]]:
        """Return the edges, each with the earlier of its nodes first, in the order of these."""
        return list(self._graph.edges())

    def add_node(self, nid: NodeId) -> None:
        """Add a node; nothing happens when it is there."""
        self._check_ids(nid)
        if nid not in self._place:
            self._place[nid] = len(self._nids)
            self._nids.append(nid)
            self._graph.add_node(nid)

    def _check_ids(self, *nids: NodeId) -> None:
        for nid in nids:
            if type(nid) not in (str, int, float, bool) or nid != nid:  # not-a-number differs even from itself
                raise TopologyError(f"{nid!r} is no node id: it must be a text, an integer, a float or a bool.")
            if nid in self._place:
                self._node(nid)

    def add_edge(self, nid1: NodeId, nid2: NodeId) -> None:
        """Add an edge, and its nodes when they are missing; nothing happens when it is there."""
        self._check_ids(nid1, nid2)
        if nid1 == nid2:
            raise TopologyError(f"An edge from node {nid1!r} to node {nid2!r}, the same one, makes no sense.")
        self.add_node(nid1)
        self.add_node(nid2)
        self._graph.add_edge(nid1, nid2)
        self._distances = None

    def neighbours(self, nid: NodeId) -> list[NodeId]:
        """Return the neighbours of a node, in the order of `nodes`."""
        self._node(nid)
        return sorted(self._graph[nid], key=self._place.__getitem__)

    neighbors = neighbours

    def get_path(self, source: NodeId, target: NodeId) -> list[NodeId]:
        """Return the nodes of a shortest path; of several the one whose next node, from the source on, came first.

        Every node on it has the same path to the target as its rest, so that routes made of it agree.
        """
        self._node(source)
        self._node(target)
        if self._distances is None or self._distances[0] != target:
            self._distances = target, nx.single_source_shortest_path_length(self._graph, target)
        distances = self._distances[1]
        if source not in distances:
            raise TopologyError(f"There is no path from node {source!r} to node {target!r}.")
        path = [source]
        while path[-1] != target:
            nearer = distances[path[-1]] - 1
            path.append(next(nid for nid in self.neighbours(path[-1]) if distances[nid] == nearer))
        return path

    def next_hop(self, source: NodeId, nid: NodeId, target: NodeId) -> NodeId:
        """Return the node after ``nid`` on the path from source to target."""
        self._node(nid)
        path = self.get_path(source, target)
        if nid not in path[:-1]:
            raise TopologyError(f"No hop follows node {nid!r} on the path {' - '.join(map(repr, path))}.")
        return path[path.index(nid) + 1]

    def _node(self, nid: NodeId) -> dict[str, object]:
        """Return the annotations of a node."""
        place = self._place.get(nid) if type(nid) in (str, int, float, bool) else None
        if place is None:
            raise TopologyError(f"The topology has no node {nid!r}.{self._hint(nid)}")
        known = self._nids[place]
        if type(known) is not type(nid):
            kinds = f"{known!r} ({type(known).__name__}) and {nid!r} ({type(nid).__name__})"
            raise TopologyError(f"Node ids {kinds} are one to Python. The topology has the first, so not the second.")
        annotations: dict[str, object] = self._graph.nodes[nid]
        return annotations

    def _hint(self, nid: object) -> str:
        twin = next((known for known in self._nids if str(known) == str(nid)), None)
        if twin is not None:
            return f" It has {twin!r}, of type {type(twin).__name__}."
        return suggestion(nid, islice(self._nids, 1000))

    def _edge(self, nid1: NodeId, nid2: NodeId) -> dict[str, object]:
        """Return the annotations of an edge."""
        self._node(nid1)
        self._node(nid2)
        if not self._graph.has_edge(nid1, nid2):
            near = ", ".join(repr(nid) for nid in self.neighbours(nid1)[:12])
            raise TopologyError(f"There is no edge from {nid1!r} to {nid2!r}. Neighbours of {nid1!r} are: {near}.")
        annotations: dict[str, object] = self._graph.edges[nid1, nid2]
        return annotations

    def annotate_node(self, nid: NodeId, name: str, value: object) -> None:
        """Set an annotation: a text, bool, integer or float; ``ips`` is a list of texts."""
        _annotate(self._node(nid), f"node {nid!r}", name, value)

    def node_annotation(self, nid: NodeId, name: str) -> Any:
        """Return the value of an annotation, None when there is none."""
        return self._node(nid).get(name)

    def node_annotations(self, nid: NodeId) -> list[str]:
        """Return the names of a node's annotations."""
        return list(self._node(nid))

    def del_node_annotation(self, nid: NodeId, name: str) -> None:
        """Remove an annotation."""
        _remove(self._node(nid), f"Node {nid!r}", name)

    def annotate_edge(self, nid1: NodeId, nid2: NodeId, name: str, value: object) -> None:
        """Set an annotation: a text, bool, integer or float; ``net`` and ``net6`` are dicts, see `NetGraph`."""
        _annotate(self._edge(nid1, nid2), f"the edge from {nid1!r} to {nid2!r}", name, value)

    def edge_annotation(self, nid1: NodeId, nid2: NodeId, name: str) -> Any:
        """Return the value of an annotation, None when there is none."""
        return self._edge(nid1, nid2).get(name)

    def edge_annotations(self, nid1: NodeId, nid2: NodeId) -> list[str]:
        """Return the names of an edge's annotations."""
        return list(self._edge(nid1, nid2))

    def del_edge_annotation(self, nid1: NodeId, nid2: NodeId, name: str) -> None:
        """Remove an annotation."""
        _remove(self._edge(nid1, nid2), f"The edge from {nid1!r} to {nid2!r}", name)


def _annotate(annotations: dict[str, object], owner: str, name: str, value: object) -> None:
    if not isinstance(name, str) or not name:
        raise TopologyError(f"{name!r} is no name of an annotation.")
    kept = addressing(name, value) if isinstance(value, (list, dict)) else plain_value(value)
    if kept is None:
        raise TopologyError(
            f"Annotation '{name}' of {owner} is {value!r}, of type {type(value).__name__}; "
            "allowed are a text, a bool, an integer and a float."
        )
    annotations[name] = kept


def _remove(annotations: dict[str, object], owner: str, name: str) -> None:
    if name not in annotations:
        raise TopologyError(f"{owner} has no annotation '{name}'.{suggestion(name, annotations)}")
    del annotations[name]

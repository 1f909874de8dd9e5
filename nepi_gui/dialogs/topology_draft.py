"""A topology that the user is thinking of: what was asked for, and the graph that it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nepi_core.description import NodeId
from nepi_core.errors import FormatError, TopologyError
from nepi_core.topology.generators import TopologyType
from nepi_gui.document.spacing import Place
from nepi_gui.translation import translate

if TYPE_CHECKING:
    from nepi_core.topology import NetGraph

MOST_NODES, MOST_EDGES = 5_000, 20_000
"""What the window can still show and edit at ease."""

_BETWEEN = re.compile(r"\s*(?:--|->|[,;\t])\s*")

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What the user asks for: a kind of topology, a file, or a list of edges.

    Attributes:
        kind: type of topology, None for a file or text.
        seed: for kinds that are drawn by chance.
    """

    kind: TopologyType | None = None
    parameters: Parameters = field(default_factory=dict)
    seed: int | None = None
    path: Path | None = None
    text: str = ""


@dataclass(frozen=True)
class Draft:
    """The graph that a request gives.

    Attributes:
        places: of the nodes, in pixels of the canvas.
        ends: a source and a target that suit; None when there are no two nodes with a way between them.
        name: what the user knows it as.
    """

    request: Request
    netgraph: NetGraph
    places: Mapping[NodeId, Place]
    ends: tuple[NodeId, NodeId] | None
    name: str

    def has_coordinates(self) -> bool:
        """Tell whether it is known of all nodes where on the globe they are."""
        nodes = self.netgraph.topology.nodes(data=True)
        return all("latitude" in data and "longitude" in data for _, data in nodes)

    def copy_graph(self) -> NetGraph:
        """Return a graph of its own, to be addressed and annotated."""
        from nepi_core.topology import NetGraph

        return NetGraph(topology=self.netgraph.topology, topo_type=self.netgraph.topo_type, seed=self.netgraph.seed)


def draft(request: Request) -> Draft:
    """Return the graph that a request gives, with places; takes seconds when it is large.

    Raises:
        NepiError: there is no such graph, or it is too large for the window.
    """
    from nepi_gui.document.layouts import topology_places

    netgraph = _graph(request)
    _refuse_too_large(netgraph.order, netgraph.size())
    if not netgraph.order:
        raise TopologyError(translate("Topology", "There are no nodes in it."))
    name = request.path.stem if request.path else str(request.kind or translate("Topology", "from a list"))
    return Draft(request, netgraph, topology_places(netgraph), _ends(netgraph), name)


def _graph(request: Request) -> NetGraph:
    from nepi_core.topology import NetGraph
    from nepi_core.topology.files import read_edges

    if request.kind is not None:
        _refuse_too_large(*expected_size(request.kind, request.parameters))
        return NetGraph(topo_type=request.kind, seed=request.seed, **request.parameters)
    if request.path is not None:
        return NetGraph.from_file(request.path)
    try:
        return NetGraph(topology=read_edges(plain_edges(request.text), ""))
    except FormatError as error:
        line = translate("Topology", "Line {0}: ").format(error.line) if error.line else ""
        raise TopologyError(line + error.message) from error


def _ends(netgraph: NetGraph) -> tuple[NodeId, NodeId] | None:
    from nepi_core.topology import NetGraph

    try:
        return NetGraph(topology=netgraph.topology, topo_type=netgraph.topo_type).assign_st_nodes(seed=0)
    except TopologyError:  # no two nodes have a way between them: a small graph, and nothing is wrong with it
        return None


def plain_edges(text: str) -> str:
    """Return a list of edges as it stands in files, with blanks between the nodes of a line: "a -- b" becomes "a b"."""
    return text if "{" in text else "\n".join(_BETWEEN.sub(" ", line).strip() for line in text.splitlines())


def looks_like_edges(text: str) -> bool:
    """Tell whether a text may well be a list of edges: at least one line, and in each two or three words."""
    lines = [line.partition("#")[0] for line in plain_edges(text).splitlines()]
    words = [line.split() for line in lines if line.strip()]
    return bool(words) and all(len(line) in (2, 3) or "{" in text for line in words)


# -- how large -------------------------------------------------------------------------------------------------------


def expected_size(kind: TopologyType, parameters: Parameters) -> tuple[int, int]:
    """Return about how many nodes and edges a topology will have, before it is made."""
    nodes, edges = _SIZES[kind](parameters)
    return round(nodes), round(edges)


def _refuse_too_large(nodes: int, edges: int) -> None:
    if nodes > MOST_NODES or edges > MOST_EDGES:
        text = translate("Topology", "It has {0} nodes and {1} links; the window takes up to {2} and {3}.")
        raise TopologyError(text.format(*(f"{each:,}" for each in (nodes, edges, MOST_NODES, MOST_EDGES))))


def _waxman(given: Parameters) -> tuple[float, float]:
    pairs = given["node_count"] ** 2 / 2
    return given["node_count"], given["beta"] * pairs * min(1.0, 6 * (1.3 * given["alpha"]) ** 2)


def _fat_tree(given: Parameters) -> tuple[float, float]:
    k = given["k"]
    return k**3 / 4 + 5 * k**2 / 4, 3 * k**3 / 4


def _leaf_spine(given: Parameters) -> tuple[float, float]:
    spines, leaves, hosts = given["spines"], given["leaves"], given["hosts"]
    return spines + leaves * (1 + hosts), leaves * (spines + hosts)


def _as_many(edges_per_node: float) -> Callable[[Parameters], tuple[float, float]]:
    return lambda given: (given["node_count"], given["node_count"] * edges_per_node)


def _rows(given: Parameters) -> tuple[float, float]:
    return given["rows"] * given["columns"], 2 * given["rows"] * given["columns"]


_SIZES: Mapping[TopologyType, Callable[[Parameters], tuple[float, float]]] = {
    TopologyType.LINEAR: _as_many(1),
    TopologyType.LADDER: _as_many(1.5),
    TopologyType.MESH: lambda given: (given["node_count"], given["node_count"] ** 2 / 2),
    TopologyType.TREE: _as_many(1),
    TopologyType.STAR: _as_many(1),
    TopologyType.RING: _as_many(1),
    TopologyType.GRID: _rows,
    TopologyType.TORUS: _rows,
    TopologyType.HYPERCUBE: lambda given: (2 ** given["dimension"], given["dimension"] * 2 ** given["dimension"] / 2),
    TopologyType.LEAF_SPINE: _leaf_spine,
    TopologyType.FAT_TREE: _fat_tree,
    TopologyType.ERDOS_RENYI: lambda given: (given["node_count"], given["probability"] * given["node_count"] ** 2 / 2),
    TopologyType.BARABASI_ALBERT: lambda given: (given["node_count"], given["node_count"] * given["edges_per_node"]),
    TopologyType.WATTS_STROGATZ: lambda given: (given["node_count"], given["node_count"] * given["neighbours"] / 2),
    TopologyType.WAXMAN: _waxman,
}

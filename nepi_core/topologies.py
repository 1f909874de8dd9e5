"""Generators of topologies: one table from name to generator, its parameters and their ranges."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nepi_core.errors import TopologyError, suggestion

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES = 1_000_000
"""Largest number of nodes that is generated."""


class TopologyType(StrEnum):
    """Names of the topologies; adhoc is a graph that its author gives or builds node by node."""

    LINEAR = "linear"
    LADDER = "ladder"
    MESH = "mesh"
    TREE = "tree"
    STAR = "star"
    ADHOC = "adhoc"
    RING = "ring"
    GRID = "grid"
    TORUS = "torus"
    HYPERCUBE = "hypercube"
    LEAF_SPINE = "leaf-spine"
    FAT_TREE = "fat-tree"
    ERDOS_RENYI = "erdos-renyi"
    BARABASI_ALBERT = "barabasi-albert"
    WATTS_STROGATZ = "watts-strogatz"
    WAXMAN = "waxman"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a generator.

    Attributes:
        kind: int, float or bool.
        low, high: smallest and largest allowed value.
        default: None when a value must be given.
        even: whether only even numbers are allowed.
    """

    name: str
    help: str
    kind: type[int] | type[float] | type[bool]
    low: float = 0
    high: float = MAX_NODES
    default: float | bool | None = None
    even: bool = False

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        if self.kind is bool:
            return "True or False"
        noun = "number" if self.kind is float else "even integer" if self.even else "integer"
        return f"{'an' if noun[0] in 'ei' else 'a'} {noun} from {self.low:,} to {self.high:,}"

    def accepts(self, value: object) -> bool:
        """Return whether a value is of the right type and in the range."""
        if self.kind is bool or isinstance(value, bool):
            return self.kind is bool and isinstance(value, bool)
        if not isinstance(value, (int, float) if self.kind is float else int):
            return False
        return self.low <= value <= self.high and not (self.even and value % 2)


@dataclass(frozen=True, slots=True)
class Generator:
    """How one type of topology is made.

    Attributes:
        make: takes the parameters by name, and ``rng`` when it is ``random``; returns a graph with nodes 0, 1, 2 ...
        random: whether the result depends on a seed.
    """

    help: str
    make: Callable[..., nx.Graph]
    parameters: tuple[Parameter, ...]
    random: bool = False


def generate(topo_type: str, parameters: Mapping[str, Any] | None = None, seed: int = 0) -> nx.Graph:
    """Return a new graph. Its graph attribute ``notices`` lists what the caller should tell the user.

    Args:
        topo_type: a value of `TopologyType`.
        parameters: by the names in `GENERATORS`; those with a default may be left out.
        seed: the same seed gives the same graph (with the same version of networkx).

    Raises:
        TopologyError: unknown type or parameter, a value out of its range, or a parameter that is missing.
    """
    generator = GENERATORS.get(topology_type(topo_type))
    if generator is None:
        raise TopologyError(f"Topology '{topo_type}' is not generated: give a graph, or add nodes and edges.")
    values = _checked(topo_type, generator.parameters, parameters or {})
    if generator.random:
        values["rng"] = random.Random(seed)
    return generator.make(**values)


def topology_type(name: str) -> TopologyType:
    """Return the type with a name.

    Raises:
        TopologyError: there is none.
    """
    try:
        return TopologyType(name)
    except ValueError:
        raise TopologyError(f"There is no topology '{name}'.{suggestion(name, TopologyType)}") from None


def _checked(topo_type: str, known: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    names = [parameter.name for parameter in known]
    for name in given:
        if name not in names:
            raise TopologyError(f"Topology '{topo_type}' has no parameter '{name}'.{suggestion(name, names)}")
    return {parameter.name: _value(topo_type, parameter, given) for parameter in known}


def _value(topo_type: str, parameter: Parameter, given: Mapping[str, Any]) -> float | bool:
    value = given.get(parameter.name, parameter.default)
    if value is None:
        raise TopologyError(f"Topology '{topo_type}' needs '{parameter.name}', {parameter.allowed}.")
    if not parameter.accepts(value):
        raise TopologyError(f"Topology '{topo_type}': {parameter.name} is {value!r}; allowed is {parameter.allowed}.")
    return parameter.kind(value)


def _linear(node_count: int) -> nx.Graph:
    import networkx as nx

    return nx.path_graph(node_count)


def _ladder(node_count: int) -> nx.Graph:
    import networkx as nx

    return nx.ladder_graph(node_count // 2)


def _mesh(node_count: int) -> nx.Graph:
    import networkx as nx

    return nx.complete_graph(node_count)


def _tree(node_count: int, branches: int) -> nx.Graph:
    import networkx as nx

    return nx.full_rary_tree(branches, node_count)


def _star(node_count: int) -> nx.Graph:
    import networkx as nx

    return nx.star_graph(node_count - 1)


def _ring(node_count: int) -> nx.Graph:
    import networkx as nx

    return nx.cycle_graph(node_count)


def _grid(rows: int, columns: int, wrap: bool = False) -> nx.Graph:
    import networkx as nx

    if rows * columns > MAX_NODES:
        raise TopologyError(f"{rows:,} rows of {columns:,} columns are more than {MAX_NODES:,} nodes.")
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns, periodic=wrap), ordering="sorted")
    for nid, data in graph.nodes(data=True):
        data["row"], data["column"] = divmod(nid, columns)
    return graph


def _torus(rows: int, columns: int) -> nx.Graph:
    return _grid(rows, columns, wrap=True)


def _hypercube(dimension: int) -> nx.Graph:
    import networkx as nx

    graph = nx.empty_graph(1 << dimension)
    graph.add_edges_from((nid, nid | 1 << bit) for nid in graph for bit in range(dimension) if not nid & 1 << bit)
    return graph


def _add_role(graph: nx.Graph, role: str, count: int) -> list[int]:
    """Add nodes that play a role; they are called by it and counted from 1."""
    nids = range(len(graph), len(graph) + count)
    graph.add_nodes_from((nid, {"role": role, "name": f"{role}{number}"}) for number, nid in enumerate(nids, 1))
    return list(nids)


def _leaf_spine(spines: int, leaves: int, hosts: int) -> nx.Graph:
    import networkx as nx

    if spines + leaves * (1 + hosts) > MAX_NODES:
        raise TopologyError(f"{leaves:,} leaves with {hosts:,} hosts each are more than {MAX_NODES:,} nodes.")
    graph = nx.Graph()
    top = _add_role(graph, "spine", spines)
    middle = _add_role(graph, "leaf", leaves)
    bottom = _add_role(graph, "host", leaves * hosts)
    graph.add_edges_from((spine, leaf) for leaf in middle for spine in top)
    graph.add_edges_from((middle[number // hosts], host) for number, host in enumerate(bottom))
    return graph


def _fat_tree(k: int) -> nx.Graph:
    # M. Al-Fares, A. Loukissas, A. Vahdat, "A scalable, commodity data center network architecture", SIGCOMM 2008:
    # k pods of k/2 aggregation and k/2 edge switches; each edge switch has k/2 hosts; (k/2)^2 core switches.
    import networkx as nx

    half = k // 2
    graph = nx.Graph()
    core = _add_role(graph, "core", half * half)
    aggregation = _add_role(graph, "aggregation", k * half)
    edge = _add_role(graph, "edge", k * half)
    hosts = _add_role(graph, "host", k * half * half)
    for number, switch in enumerate(aggregation):
        pod, place = divmod(number, half)
        graph.add_edges_from((upper, switch) for upper in core[place * half : (place + 1) * half])
        graph.add_edges_from((switch, lower) for lower in edge[pod * half : (pod + 1) * half])
    graph.add_edges_from((edge[number // half], host) for number, host in enumerate(hosts))
    return graph


def _erdos_renyi(node_count: int, probability: float, connected: bool, rng: random.Random) -> nx.Graph:
    import networkx as nx

    # networkx divides by log(1 - p), which is zero for the smallest floats.
    visible = probability if 1.0 - probability < 1.0 else 0.0
    return _join(nx.fast_gnp_random_graph(node_count, visible, seed=rng), connected, rng)


def _barabasi_albert(node_count: int, edges_per_node: int, rng: random.Random) -> nx.Graph:
    import networkx as nx

    _check_below("edges_per_node", edges_per_node, node_count)
    return nx.barabasi_albert_graph(node_count, edges_per_node, seed=rng)


def _watts_strogatz(
    node_count: int, neighbours: int, probability: float, connected: bool, rng: random.Random
) -> nx.Graph:
    import networkx as nx

    _check_below("neighbours", neighbours, node_count)
    return _join(nx.watts_strogatz_graph(node_count, neighbours, probability, seed=rng), connected, rng)


def _waxman(node_count: int, alpha: float, beta: float, connected: bool, rng: random.Random) -> nx.Graph:
    # B. M. Waxman, "Routing of multipoint connections", IEEE JSAC 6(9), 1988: nodes at random places of a unit square,
    # an edge of length d with probability beta * exp(-d / (alpha * L)), L the longest distance.
    import networkx as nx

    graph = nx.waxman_graph(node_count, beta=beta, alpha=alpha, seed=rng)
    return _join(graph, connected, rng)


def _check_below(name: str, value: int, node_count: int) -> None:
    if value >= node_count:
        raise TopologyError(f"{name} is {value}, but node_count is {node_count}: it must be less.")


def _join(graph: nx.Graph, connected: bool, rng: random.Random) -> nx.Graph:
    """Join the parts of a random graph by one edge each, or say that it has parts; edges so added say ``joined``."""
    import networkx as nx

    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part))
    if len(parts) < 2:
        return graph
    if connected:
        places = graph.nodes(data="pos")
        whole = list(parts[0])
        for part in parts[1:]:
            graph.add_edge(*_bridge(part, whole, dict(places), rng), joined=True)
            whole += part
        notice = f"The random graph had {len(parts)} parts; {len(parts) - 1} edges, annotated 'joined', connect them."
    else:
        notice = f"The random graph is not connected: it has {len(parts)} parts."
    graph.graph["notices"] = [notice]
    return graph


def _bridge(
    part: list[int], whole: list[int], places: Mapping[int, tuple[float, float] | None], rng: random.Random
) -> tuple[int, int]:
    """Return a node of the whole and one of the part: the nearest of the whole when nodes have places."""
    inner = rng.choice(part)
    here = places[inner]
    if here is None:
        return rng.choice(whole), inner
    return min(whole, key=lambda outer: math.dist(here, places[outer] or here)), inner


_NODES = Parameter("node_count", "Number of nodes", int, low=1)
_FEWER_NODES = Parameter("node_count", "Number of nodes", int, low=2, high=5_000)
_CONNECTED = Parameter("connected", "Join the parts of the graph by additional edges", bool, default=True)
_SIDE = (Parameter("rows", "Number of rows", int, low=1), Parameter("columns", "Number of columns", int, low=1))
_LONG_SIDE = (Parameter("rows", "Number of rows", int, low=3), Parameter("columns", "Number of columns", int, low=3))

GENERATORS: Mapping[TopologyType, Generator] = {
    TopologyType.LINEAR: Generator("Nodes in a row", _linear, (_NODES,)),
    TopologyType.LADDER: Generator(
        "Two rows of nodes, and an edge between opposite nodes",
        _ladder,
        (Parameter("node_count", "Number of nodes, half of them in each row", int, low=2, even=True),),
    ),
    TopologyType.MESH: Generator(
        "An edge between every two nodes", _mesh, (Parameter("node_count", "Number of nodes", int, low=1, high=2_000),)
    ),
    TopologyType.TREE: Generator(
        "Each node has the same number of children, until the nodes are used up",
        _tree,
        (_NODES, Parameter("branches", "Children of a node", int, low=1, default=2)),
    ),
    TopologyType.STAR: Generator("Node 0 in the centre, all others around it", _star, (_NODES,)),
    TopologyType.RING: Generator("Nodes in a circle", _ring, (Parameter("node_count", "Number of nodes", int, low=3),)),
    TopologyType.GRID: Generator("Rows and columns", _grid, _SIDE),
    TopologyType.TORUS: Generator("Rows and columns, each closed to a ring", _torus, _LONG_SIDE),
    TopologyType.HYPERCUBE: Generator(
        "Corners and edges of a cube of any dimension",
        _hypercube,
        (Parameter("dimension", "Dimension; the cube has two to this power nodes", int, low=0, high=16),),
    ),
    TopologyType.LEAF_SPINE: Generator(
        "Data centre of two layers: every leaf switch has an edge to every spine switch",
        _leaf_spine,
        (
            Parameter("spines", "Number of spine switches", int, low=1, high=1_000),
            Parameter("leaves", "Number of leaf switches", int, low=1, high=1_000),
            Parameter("hosts", "Hosts of each leaf switch", int, high=10_000, default=0),
        ),
    ),
    TopologyType.FAT_TREE: Generator(
        "Data centre of three layers of equal switches, with hosts",
        _fat_tree,
        (Parameter("k", "Ports of a switch", int, low=2, high=96, even=True),),
    ),
    TopologyType.ERDOS_RENYI: Generator(
        "Each edge exists with the same probability",
        _erdos_renyi,
        (_FEWER_NODES, Parameter("probability", "Probability of an edge", float, high=1), _CONNECTED),
        random=True,
    ),
    TopologyType.BARABASI_ALBERT: Generator(
        "Nodes come one by one and prefer neighbours that have many",
        _barabasi_albert,
        (_NODES, Parameter("edges_per_node", "Edges of a node that comes", int, low=1)),
        random=True,
    ),
    TopologyType.WATTS_STROGATZ: Generator(
        "A ring with edges to the nearest nodes, some of which lead elsewhere",
        _watts_strogatz,
        (
            _NODES,
            Parameter("neighbours", "Nearest nodes that each node has an edge to", int, low=2, even=True),
            Parameter("probability", "Probability that an edge leads elsewhere", float, high=1),
            _CONNECTED,
        ),
        random=True,
    ),
    TopologyType.WAXMAN: Generator(
        "Nodes at random places; near ones are more likely to have an edge",
        _waxman,
        (
            _FEWER_NODES,
            Parameter("alpha", "Share of long edges among all", float, low=0.001, high=100, default=0.15),
            Parameter("beta", "Density of edges", float, low=0, high=1, default=0.4),
            _CONNECTED,
        ),
        random=True,
    ),
}

"""Generators of topologies: one table from name to generator and its parameters."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import networkx as nx

from nepi_core.attribute import Attribute, Types
from nepi_core.errors import AttributeValueError, TopologyError, suggestion

_MOST_NODES = 1_000_000


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
class Generator:
    """How one type of topology is made.

    Attributes:
        make: takes the parameters by name, and ``rng`` when it is ``random``; returns a graph with nodes 0, 1, 2 ...
        parameters: those without a default must be given.
        random: whether the result depends on a seed.
    """

    help: str
    make: Callable[..., nx.Graph]
    parameters: tuple[Attribute, ...]
    random: bool = False


def generate(topo_type: str, parameters: Mapping[str, Any], seed: int | None = None) -> nx.Graph:
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
    names = [parameter.name for parameter in generator.parameters]
    for name in parameters:
        if name not in names:
            raise TopologyError(f"Topology '{topo_type}' has no parameter '{name}'.{suggestion(name, names)}")
    values = {parameter.name: _value(topo_type, parameter, parameters) for parameter in generator.parameters}
    return generator.make(**values, **({"rng": random.Random(seed)} if generator.random else {}))


def topology_type(name: str) -> TopologyType:
    """Return the type with a name.

    Raises:
        TopologyError: there is none.
    """
    try:
        return TopologyType(name)
    except ValueError:
        raise TopologyError(f"There is no topology '{name}'.{suggestion(name, TopologyType)}") from None


def _value(topo_type: str, parameter: Attribute, given: Mapping[str, Any]) -> Any:
    value = given.get(parameter.name, parameter.default)
    if value is None:
        raise TopologyError(f"Topology '{topo_type}' needs '{parameter.name}', {parameter.expectation()}.")
    try:
        return parameter.check(value, f"Topology '{topo_type}'")
    except AttributeValueError as error:
        raise TopologyError(str(error)) from None


def _check_even(name: str, value: int) -> None:
    if value % 2:
        raise TopologyError(f"{name} is {value}, but it must be even.")


def _check_below(name: str, value: int, node_count: int) -> None:
    if value >= node_count:
        raise TopologyError(f"{name} is {value}, but node_count is {node_count}: it must be less.")


def _ladder(node_count: int) -> nx.Graph:
    _check_even("node_count", node_count)
    return nx.ladder_graph(node_count // 2)


def _grid(rows: int, columns: int, wrap: bool = False) -> nx.Graph:
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns, periodic=wrap), ordering="sorted")
    for nid, data in graph.nodes(data=True):
        data["row"], data["column"] = divmod(nid, columns)
    return graph


def _hypercube(dimension: int) -> nx.Graph:
    graph = nx.empty_graph(1 << dimension)
    graph.add_edges_from((nid, nid | 1 << bit) for nid in graph for bit in range(dimension) if not nid & 1 << bit)
    return graph


def _add_role(graph: nx.Graph, role: str, count: int) -> range:
    """Add nodes that play a role; they are called by it and counted from 1."""
    nids = range(len(graph), len(graph) + count)
    graph.add_nodes_from((nid, {"role": role, "name": f"{role}{number}"}) for number, nid in enumerate(nids, 1))
    return nids


def _leaf_spine(spines: int, leaves: int, hosts: int) -> nx.Graph:
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
    _check_even("k", k)
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
    # networkx divides by log(1 - p), which is zero for the smallest floats.
    visible = probability if 1.0 - probability < 1.0 else 0.0
    return _join(nx.fast_gnp_random_graph(node_count, visible, seed=rng), connected, rng)


def _barabasi_albert(node_count: int, edges_per_node: int, rng: random.Random) -> nx.Graph:
    _check_below("edges_per_node", edges_per_node, node_count)
    return nx.barabasi_albert_graph(node_count, edges_per_node, seed=rng)


def _watts_strogatz(
    node_count: int, neighbours: int, probability: float, connected: bool, rng: random.Random
) -> nx.Graph:
    _check_even("neighbours", neighbours)
    _check_below("neighbours", neighbours, node_count)
    return _join(nx.watts_strogatz_graph(node_count, neighbours, probability, seed=rng), connected, rng)


def _waxman(node_count: int, alpha: float, beta: float, connected: bool, rng: random.Random) -> nx.Graph:
    # B. M. Waxman, "Routing of multipoint connections", IEEE JSAC 6(9), 1988: nodes at random places of a unit square,
    # an edge of length d with probability beta * exp(-d / (alpha * L)), L the longest distance.
    return _join(nx.waxman_graph(node_count, beta=beta, alpha=alpha, seed=rng), connected, rng)


def _join(graph: nx.Graph, connected: bool, rng: random.Random) -> nx.Graph:
    """Join the parts of a random graph by one edge each, or say that it has parts; edges so added say ``joined``."""
    parts = sorted(map(sorted, nx.connected_components(graph)), key=lambda part: (-len(part), part))
    if len(parts) > 1:
        notice = f"The random graph is not connected: it has {len(parts)} parts."
        if connected:
            notice = f"The random graph had {len(parts)} parts; {len(parts) - 1} edges, annotated 'joined', join them."
            whole = parts[0]
            for part in parts[1:]:
                graph.add_edge(*_bridge(graph, whole, part, rng), joined=True)
                whole += part
        graph.graph["notices"] = [notice]
    return graph


def _bridge(graph: nx.Graph, whole: list[int], part: list[int], rng: random.Random) -> tuple[int, int]:
    """Return a node of the whole and one of the part: the nearest of the whole when nodes have places."""
    inner = rng.choice(part)
    places = graph.nodes(data="pos")
    if places[inner] is None:
        return rng.choice(whole), inner
    return min(whole, key=lambda outer: math.dist(places[inner], places[outer])), inner


def _whole(name: str, help: str, low: int, high: int = _MOST_NODES, default: int | None = None) -> Attribute:
    return Attribute(name, help, Types.Integer, range=(low, high), default=default)


def _number(name: str, help: str, low: float, high: float, default: float | None = None) -> Attribute:
    return Attribute(name, help, Types.Double, range=(low, high), default=default)


def _nodes(low: int = 1, high: int = _MOST_NODES) -> Attribute:
    return _whole("node_count", "Number of nodes", low, high)


def _sides(low: int) -> tuple[Attribute, Attribute]:
    return _whole("rows", "Number of rows", low, 1_000), _whole("columns", "Number of columns", low, 1_000)


_CONNECTED = Attribute("connected", "Join the parts of the graph by additional edges", default=True)

GENERATORS: Mapping[TopologyType, Generator] = {
    TopologyType.LINEAR: Generator("Nodes in a row", lambda node_count: nx.path_graph(node_count), (_nodes(),)),
    TopologyType.LADDER: Generator("Two rows of nodes, and an edge between opposite nodes", _ladder, (_nodes(2),)),
    TopologyType.MESH: Generator(
        "An edge between every two nodes", lambda node_count: nx.complete_graph(node_count), (_nodes(1, 2_000),)
    ),
    TopologyType.TREE: Generator(
        "Each node has the same number of children, until the nodes are used up",
        lambda node_count, branches: nx.full_rary_tree(branches, node_count),
        (_nodes(), _whole("branches", "Children of a node", 1, default=2)),
    ),
    TopologyType.STAR: Generator(
        "Node 0 in the centre, all others around it", lambda node_count: nx.star_graph(node_count - 1), (_nodes(),)
    ),
    TopologyType.RING: Generator("Nodes in a circle", lambda node_count: nx.cycle_graph(node_count), (_nodes(3),)),
    TopologyType.GRID: Generator("Rows and columns", _grid, _sides(1)),
    TopologyType.TORUS: Generator(
        "Rows and columns, each closed to a ring", lambda rows, columns: _grid(rows, columns, wrap=True), _sides(3)
    ),
    TopologyType.HYPERCUBE: Generator(
        "Corners and edges of a cube of any dimension",
        _hypercube,
        (_whole("dimension", "Dimension; the cube has two to this power nodes", 0, 16),),
    ),
    TopologyType.LEAF_SPINE: Generator(
        "Data centre of two layers: every leaf switch has an edge to every spine switch",
        _leaf_spine,
        (
            _whole("spines", "Number of spine switches", 1, 1_000),
            _whole("leaves", "Number of leaf switches", 1, 1_000),
            _whole("hosts", "Hosts of each leaf switch", 0, 1_000, default=0),
        ),
    ),
    TopologyType.FAT_TREE: Generator(
        "Data centre of three layers of equal switches, with hosts",
        _fat_tree,
        (_whole("k", "Ports of a switch, an even number", 2, 96),),
    ),
    TopologyType.ERDOS_RENYI: Generator(
        "Each edge exists with the same probability",
        _erdos_renyi,
        (_nodes(2, 5_000), _number("probability", "Probability of an edge", 0, 1), _CONNECTED),
        random=True,
    ),
    TopologyType.BARABASI_ALBERT: Generator(
        "Nodes come one by one and prefer neighbours that have many",
        _barabasi_albert,
        (_nodes(), _whole("edges_per_node", "Edges of a node that comes", 1)),
        random=True,
    ),
    TopologyType.WATTS_STROGATZ: Generator(
        "A ring with edges to the nearest nodes, some of which lead elsewhere",
        _watts_strogatz,
        (
            _nodes(),
            _whole("neighbours", "Nearest nodes that each node has an edge to, an even number", 2),
            _number("probability", "Probability that an edge leads elsewhere", 0, 1),
            _CONNECTED,
        ),
        random=True,
    ),
    TopologyType.WAXMAN: Generator(
        "Nodes at random places; near ones are more likely to have an edge",
        _waxman,
        (
            _nodes(2, 5_000),
            _number("alpha", "Share of long edges among all", 0.001, 100, default=0.15),
            _number("beta", "Density of edges", 0, 1, default=0.4),
            _CONNECTED,
        ),
        random=True,
    ),
}

RANDOM = frozenset(name for name, generator in GENERATORS.items() if generator.random)
"""Types whose graphs depend on a seed."""

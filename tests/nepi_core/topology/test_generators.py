"""Generated topologies: their shape, their parameters, their seeds."""

from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.attribute import Types
from nepi_core.errors import TopologyError
from nepi_core.topology.generators import GENERATORS, TopologyType, generate, topology_type

EXAMPLES: dict[str, tuple[dict[str, Any], int, int | None]] = {
    TopologyType.LINEAR: ({"node_count": 5}, 5, 4),
    TopologyType.LADDER: ({"node_count": 8}, 8, 10),
    TopologyType.MESH: ({"node_count": 5}, 5, 10),
    TopologyType.TREE: ({"node_count": 7, "branches": 2}, 7, 6),
    TopologyType.STAR: ({"node_count": 6}, 6, 5),
    TopologyType.RING: ({"node_count": 6}, 6, 6),
    TopologyType.GRID: ({"rows": 3, "columns": 4}, 12, 17),
    TopologyType.TORUS: ({"rows": 3, "columns": 4}, 12, 24),
    TopologyType.HYPERCUBE: ({"dimension": 4}, 16, 32),
    TopologyType.LEAF_SPINE: ({"spines": 2, "leaves": 3, "hosts": 4}, 17, 18),
    TopologyType.FAT_TREE: ({"k": 4}, 36, 48),
    TopologyType.ERDOS_RENYI: ({"node_count": 30, "probability": 0.2}, 30, None),
    TopologyType.BARABASI_ALBERT: ({"node_count": 30, "edges_per_node": 2}, 30, 56),
    TopologyType.WATTS_STROGATZ: ({"node_count": 30, "neighbours": 4, "probability": 0.1}, 30, 60),
    TopologyType.WAXMAN: ({"node_count": 30}, 30, None),
}
RANDOM = [name for name, generator in GENERATORS.items() if generator.random]


def content(graph):
    return sorted(graph.nodes(data=True)), list(graph.edges(data=True))


def test_every_type_but_adhoc_is_generated():
    assert set(EXAMPLES) == set(GENERATORS) == set(TopologyType) - {TopologyType.ADHOC}


@pytest.mark.parametrize("name", EXAMPLES)
def test_numbers_of_nodes_and_edges(name):
    parameters, nodes, edges = EXAMPLES[name]
    graph = generate(name, parameters, seed=4)
    assert sorted(graph) == list(range(nodes))
    assert edges is None or graph.number_of_edges() == edges
    assert nx.is_connected(graph)


def test_shapes_that_numbers_do_not_show():
    assert nx.is_isomorphic(generate("hypercube", {"dimension": 3}), nx.hypercube_graph(3))
    assert nx.is_isomorphic(generate("torus", {"rows": 3, "columns": 5}), nx.grid_2d_graph(3, 5, periodic=True))
    assert nx.is_isomorphic(generate("tree", {"node_count": 13, "branches": 3}), nx.balanced_tree(3, 2))
    assert generate("grid", {"rows": 2, "columns": 3}).nodes[4] == {"row": 1, "column": 1}
    assert dict(generate("linear", {"node_count": 1}).degree) == {0: 0}


@pytest.mark.parametrize("k", [2, 4, 6, 16])
def test_fat_tree_is_that_of_its_paper(k):
    graph = generate("fat-tree", {"k": k})
    roles = nx.get_node_attributes(graph, "role")
    count = {role: list(roles.values()).count(role) for role in ("core", "aggregation", "edge", "host")}
    assert count == {"core": k * k // 4, "aggregation": k * k // 2, "edge": k * k // 2, "host": k**3 // 4}
    assert {graph.degree[node] for node, role in roles.items() if role != "host"} == {k}
    assert {graph.degree[node] for node, role in roles.items() if role == "host"} == {1}
    # Any two pods are joined through every core switch.
    core = [node for node, role in roles.items() if role == "core"]
    assert all(len(set(nx.single_source_shortest_path_length(graph, node, cutoff=2))) > k for node in core)
    assert len(set(nx.get_node_attributes(graph, "name").values())) == len(graph)


@pytest.mark.parametrize("name", RANDOM)
def test_the_same_seed_gives_the_same_graph(name):
    parameters = EXAMPLES[name][0]
    assert content(generate(name, parameters, seed=7)) == content(generate(name, parameters, seed=7))
    assert content(generate(name, parameters, seed=7)) != content(generate(name, parameters, seed=8))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("erdos-renyi", {"node_count": 40, "probability": 0.02}),
        ("watts-strogatz", {"node_count": 40, "neighbours": 2, "probability": 1.0}),
        ("waxman", {"node_count": 40, "beta": 0.05}),
    ],
)
def test_parts_of_a_random_graph_are_joined_or_told(name, parameters):
    whole = generate(name, parameters, seed=4)
    raw = generate(name, {**parameters, "connected": False}, seed=4)
    parts = nx.number_connected_components(raw)
    assert parts > 1
    assert nx.is_connected(whole)
    joined = [edge for *edge, added in whole.edges(data="joined") if added]
    assert len(joined) == parts - 1
    whole.remove_edges_from(joined)
    assert nx.utils.edges_equal(list(whole.edges), list(raw.edges))
    assert f"{parts} parts" in raw.graph["notices"][0]
    assert f"{parts - 1} edges, annotated 'joined'" in whole.graph["notices"][0]


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        (
            "linear",
            {"node_count": 0},
            "Topology 'linear': attribute 'node_count' cannot be 0; it takes a whole",
        ),
        ("linear", {"node_count": 2.5}, "cannot be 2.5"),
        ("linear", {"node_count": True}, "cannot be True"),
        ("linear", {"node_count": "many"}, "cannot be 'many'"),
        ("linear", {}, "needs 'node_count'"),
        ("linear", {"nodecount": 3}, "no parameter 'nodecount'. Did you mean 'node_count'"),
        ("linear", {"node_count": 3, "k": 4}, "no parameter 'k'"),
        ("ladder", {"node_count": 7}, "node_count is 7, but it must be even"),
        ("fat-tree", {"k": 5}, "k is 5, but it must be even"),
        ("mesh", {"node_count": 10_000}, "from 1 to 2,000"),
        ("erdos-renyi", {"node_count": 3, "probability": 1.5}, "a number from 0 to 1"),
        ("erdos-renyi", {"node_count": 3, "probability": float("nan")}, "nan"),
        ("waxman", {"node_count": 3, "connected": 3}, "True or False"),
        ("grid", {"rows": 10_000, "columns": 1}, "from 1 to 1,000"),
        ("barabasi-albert", {"node_count": 3, "edges_per_node": 3}, "must be less"),
        ("watts-strogatz", {"node_count": 4, "neighbours": 4, "probability": 0.1}, "must be less"),
        ("adhoc", {"node_count": 3}, "is not generated"),
        ("lader", {"node_count": 3}, "no topology 'lader'. Did you mean 'ladder'"),
    ],
)
def test_wrong_parameters(name, parameters, message):
    with pytest.raises(TopologyError, match=message):
        generate(name, parameters)


def test_names_are_texts():
    assert str(TopologyType.FAT_TREE) == "fat-tree"
    assert topology_type("fat-tree") is TopologyType.FAT_TREE


def values_of(parameter):
    if parameter.type is Types.Bool:
        return st.booleans()
    low, high = parameter.range
    return st.floats(low, high) if parameter.type is Types.Double else st.integers(low, min(high, low + 9))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_allowed_parameters_give_a_graph_or_a_topology_error(data):
    name = data.draw(st.sampled_from(list(GENERATORS)))
    parameters = {each.name: data.draw(values_of(each), each.name) for each in GENERATORS[name].parameters}
    try:
        graph = generate(name, parameters, seed=1)
    except TopologyError:
        return
    assert sorted(graph) == list(range(len(graph)))
    assert len(graph) == parameters.get("node_count", len(graph))
    assert not list(nx.selfloop_edges(graph))
    assert nx.is_connected(graph) or parameters.get("connected") is False

"""Automatic layouts: everything gets a place, nothing stands on anything else, shapes are what they are called."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nepi_core.description import (
    ExperimentDescription,
    Layout,
    ResourceDescription,
    TopologyDescription,
    TopologyNode,
)
from nepi_core.topology import NetGraph
from nepi_core.xml_format import read_xml
from nepi_gui.document.layouts import (
    LayoutKind,
    LayoutTask,
    has_map,
    layout_task,
    place_unplaced,
    places_for_unplaced,
    topology_places,
)
from nepi_gui.document.spacing import bounds, centred, on_grid, packed, spread

EXAMPLES = Path(__file__).parents[3] / "examples"


def nearest(places):
    return min((math.dist(one, other) for one, other in combinations(places.values(), 2)), default=math.inf)


def network(edges, count):
    resources = {guid: ResourceDescription(guid, "netns::Node") for guid in range(1, count + 1)}
    for number, (first, second) in enumerate(edges, count + 1):
        resources[number] = ResourceDescription(number, "netns::Link", connections={first, second})
        resources[first].connections.add(number)
        resources[second].connections.add(number)
    return ExperimentDescription(resources=resources)


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    pairs = list(combinations(range(1, count + 1), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=16)) if pairs else []
    graph = nx.Graph()
    graph.add_nodes_from(range(1, count + 1))
    graph.add_edges_from(edges)
    return graph


@given(graphs(), st.sampled_from([kind for kind in LayoutKind if kind is not LayoutKind.MAP]))
@settings(max_examples=60, deadline=None)
def test_everything_has_a_place_of_its_own(graph, kind):
    places = LayoutTask(kind, graph).places()
    assert places.keys() == set(graph)
    assert nearest(places) >= 110


@pytest.mark.parametrize("kind", LayoutKind)
def test_large_networks(kind):
    graph = nx.barabasi_albert_graph(400, 2, seed=1)
    places = LayoutTask(kind, graph).places()
    assert len(places) == 400
    assert nearest(places) >= 110


def test_joined_nodes_come_near_each_other():
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(20, 20))
    places = LayoutTask(LayoutKind.FORCES, graph).places()
    ways = sorted(math.dist(places[first], places[second]) for first, second in graph.edges)
    left, top, right, bottom = bounds(places.values())
    assert ways[len(ways) // 2] < max(right - left, bottom - top) / 5


def test_a_tree_hangs_below_its_root():
    description = network([(1, 2), (1, 3), (2, 4), (2, 5)], 5)
    places = layout_task(description, LayoutKind.TREE, root=2).places()
    assert places[2][1] < places[1][1] == places[4][1] == places[5][1] < places[3][1]
    assert places[2][0] == (min(places[each][0] for each in (1, 4, 5)) + max(places[each][0] for each in (1, 4, 5))) / 2


def test_a_circle_and_a_grid():
    description = network([(1, 2), (2, 3), (3, 4), (4, 1)], 9)
    circle = layout_task(description, LayoutKind.CIRCLE).places()
    radii = [math.hypot(*place) for place in circle.values()]
    assert max(radii) - min(radii) < 1e-6
    grid = layout_task(description, LayoutKind.GRID).places()
    assert len({x for x, _ in grid.values()}) == len({y for _, y in grid.values()}) == 3


def test_only_what_was_asked_for():
    task = layout_task(network([(1, 2), (2, 3)], 3), LayoutKind.GRID, {1, 3, 4})
    assert set(task.graph) == {1, 3}
    assert not task.graph.edges


def test_a_topology_is_laid_out_as_it_is_made():
    description = read_xml(EXAMPLES / "fat-tree.xml")
    task = layout_task(description, LayoutKind.AUTOMATIC)
    assert task.topo_type == "fat-tree"
    assert len({y for _, y in task.places().values()}) == 4  # layers
    part = layout_task(description, LayoutKind.AUTOMATIC, set(list(task.graph)[:10]))
    assert part.topo_type == "adhoc"


def test_a_map_has_north_above():
    description = read_xml(EXAMPLES / "abilene.xml")
    assert has_map(description.topology)
    places = layout_task(description, LayoutKind.MAP).places()
    names = {description.resources[guid].label.lower(): place for guid, place in places.items()}
    assert names["seattle"][1] < names["houston"][1]
    assert names["seattle"][0] < names["houston"][0] < names["atlanta"][0]
    assert not has_map(None)
    assert not has_map(read_xml(EXAMPLES / "fat-tree.xml").topology)


def test_a_topology_in_no_document_has_places():
    netgraph = NetGraph(topo_type="star", node_count=5)
    places = topology_places(netgraph)
    assert set(places) == set(netgraph.nodes())
    assert nearest(places) >= 110


# -- what has no place ---------------------------------------------------------------------------------------------


def test_a_file_without_places_gets_them():
    description = network([(1, 2), (2, 3)], 4)
    place_unplaced(description)
    places = {
        guid: (description.resources[guid].layout.x, description.resources[guid].layout.y) for guid in range(1, 5)
    }
    assert nearest(places) >= 110
    assert description.resources[5].layout is None  # a link has no place of its own
    assert places_for_unplaced(description) == {}


def test_what_is_missing_comes_near_its_neighbours_and_nothing_else_moves():
    description = network([(1, 2), (3, 4)], 5)
    description.resources[1].layout = Layout(1000, 500)
    places = places_for_unplaced(description)
    assert places.keys() == {2, 3, 4, 5}
    assert math.dist(places[2], (1000, 500)) < 250
    assert all(place[1] > 500 for guid, place in places.items() if guid > 2)
    assert nearest({**places, 1: (1000, 500)}) > 60


def test_many_around_one_that_has_a_place():
    count = 500
    description = network([(1, other) for other in range(2, count + 1)], count)
    description.resources[1].layout = Layout(0, 0)
    places = places_for_unplaced(description)
    assert len(set(places.values())) == count - 1
    assert max(math.hypot(*place) for place in places.values()) < 120 * 18


def test_nodes_of_a_topology_are_known_by_their_guids_without_names():
    description = network([(1, 2), (2, 3), (3, 4)], 4)
    nodes = [
        TopologyNode(guid - 1, annotations={"guid": guid, "longitude": guid * 10.0, "latitude": 0.0})
        for guid in range(1, 5)
    ]
    description.topology = TopologyDescription("adhoc", nodes)
    places = layout_task(description, LayoutKind.MAP).places()
    assert [guid for guid, _ in sorted(places.items(), key=lambda each: each[1])] == [1, 2, 3, 4]
    assert len({y for _, y in places.values()}) == 1


# -- distances -----------------------------------------------------------------------------------------------------


@given(
    st.lists(st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=1, max_size=5), max_size=5)
)
def test_parts_beside_each_other_do_not_overlap(parts):
    named = [{(number, each): place for each, place in enumerate(part)} for number, part in enumerate(parts)]
    found = packed(named)
    assert found.keys() == {key for part in named for key in part}
    boxes = [bounds(found[key] for key in part) for part in named]
    for (left, top, right, bottom), (left2, top2, right2, bottom2) in combinations(boxes, 2):
        assert right + 110 <= left2 or right2 + 110 <= left or bottom + 110 <= top2 or bottom2 + 110 <= top


@given(st.dictionaries(st.integers(), st.tuples(st.integers(-999, 999), st.integers(-999, 999)), min_size=1))
def test_places_are_moved_as_a_whole(places):
    left, top, right, bottom = bounds(centred(places, (50, -20)).values())
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((50, -20))


def test_on_grid():
    assert on_grid((29, -31), 20) == (20, -40)
    assert on_grid((29.5, 3), 0) == (29.5, 3)


@given(st.dictionaries(st.integers(), st.tuples(st.integers(-2, 2), st.integers(-2, 2)), max_size=12))
def test_what_stands_at_the_same_place_is_put_apart(positions):
    assert nearest(spread(positions)) >= 110

"""A picture shows each resource and each connection once, in the way that its type says."""

from __future__ import annotations

import pytest

from nepi_core.description import Layout
from nepi_core.plot.picture import LineKind, make_picture
from nepi_core.plot.placement import place_marks
from nepi_core.topology import NetGraph
from tests.nepi_core.plot.drawn_experiments import APPLICATION, HOST, LINK, experiment, start_after


def lines(picture, kind):
    return [(line.first, line.second) for line in picture.lines if line.kind is kind]


def test_badge_is_attached_to_its_host_and_needs_no_line():
    picture = make_picture(experiment([HOST, APPLICATION, APPLICATION], [(1, 2), (2, 3)]))
    assert [mark.key for mark in picture.standing()] == ["r1"]
    assert [mark.key for mark in picture.attached()["r1"]] == ["r2", "r3"]
    assert not picture.lines


def test_badge_of_a_link_is_attached_to_an_end_of_it():
    picture = make_picture(experiment([HOST, HOST, LINK, APPLICATION], [(1, 3), (2, 3), (3, 4)]))
    assert picture.marks["r4"].host == "r1"


def test_badge_without_host_stands_by_itself():
    assert not make_picture(experiment([APPLICATION])).marks["r1"].host


def test_second_host_of_a_badge_is_joined_by_a_line():
    picture = make_picture(experiment([HOST, HOST, APPLICATION], [(1, 3), (2, 3)]))
    assert lines(picture, LineKind.CONNECTION) == [("r2", "r3")]


@pytest.mark.parametrize("ends", [(), (1,), (1, 2, 3)])
def test_link_that_does_not_join_two_stands_by_itself(ends):
    picture = make_picture(experiment([HOST, HOST, HOST, LINK], [(end, 4) for end in ends]))
    assert "r4" in picture.marks
    assert len(lines(picture, LineKind.CONNECTION)) == len(ends)


def test_link_joins_through_interfaces():
    picture = make_picture(experiment([HOST, HOST, APPLICATION, APPLICATION, LINK], [(1, 3), (2, 4), (3, 5), (4, 5)]))
    assert lines(picture, LineKind.LINK) == [("r1", "r2")]
    assert not lines(picture, LineKind.CONNECTION)


def test_condition_points_to_the_one_that_waits():
    description = experiment([HOST, APPLICATION, APPLICATION], [(1, 2), (1, 3)])
    description.resources[3].conditions += [start_after((2, 99), "2s"), start_after((2,))]
    picture = make_picture(description)
    (line,) = picture.lines
    assert (line.first, line.second) == ("r2", "r3")
    assert line.label == "START 2s after STARTED\nSTART once STARTED"


def test_too_many_conditions_are_told_instead():
    description = experiment([HOST] * 101)
    for guid in range(2, 102):
        description.resources[guid].conditions.append(start_after((guid - 1,)))
    picture = make_picture(description)
    assert not picture.lines
    assert picture.notices == ["Conditions between 100 pairs of resources are not drawn."]


def test_resources_stand_where_the_topology_has_them():
    graph = NetGraph(topo_type="grid", rows=2, columns=3)
    order = graph.nodes()
    description = experiment([HOST] * 6, [(order.index(a) + 1, order.index(b) + 1) for a, b in graph.edges()])
    description.topology = graph.to_description()
    picture = make_picture(description)
    assert set(picture.marks) == {f"r{guid}" for guid in range(1, 7)}
    assert picture.marks["r1"].place == graph.positions()[order[0]]


def test_places_of_the_user_come_first():
    description = experiment([HOST, HOST, HOST])
    for resource, place in zip(description.resources.values(), [(0, 0), (100, 0), (0, 200)], strict=True):
        resource.layout = Layout(*place)
    places = place_marks(make_picture(description))
    assert places["r2"][0] > places["r1"][0]
    assert places["r3"][1] < places["r1"][1], "y grows downwards on the canvas, and upwards in a picture"


@pytest.mark.parametrize("number", [1, 2, 30])
def test_unconnected_resources_do_not_hide_each_other(number):
    places = place_marks(make_picture(experiment([HOST] * number)))
    assert len(set(places.values())) == number
    assert number < 3 or len({y for _, y in places.values()}) > 1, "they fill rows"


def test_long_and_unshowable_names_are_made_showable():
    description = experiment([HOST])
    description.resources[1].layout = Layout(label="a\x00b\n" + "c" * 100 + "end")
    label = make_picture(description).marks["r1"].label
    assert label.startswith("a b c")
    assert label.endswith("cend")
    assert len(label) <= 60
    assert "…" in label

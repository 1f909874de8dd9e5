"""Alignment, distribution, and what is next in a direction."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nepi_gui.document.arranging import (
    Box,
    Edge,
    Way,
    aligned,
    distributed,
    nearest_to,
    next_in,
    reading_order,
    shifted,
    snapped,
)

numbers = st.integers(-2000, 2000).map(float)
sizes = st.integers(0, 300).map(float)
boxes = st.dictionaries(st.integers(-20, 20), st.builds(Box, numbers, numbers, sizes, sizes), min_size=1, max_size=9)
places = st.dictionaries(st.integers(1, 50), st.tuples(numbers, numbers), max_size=12)

SIDES = {
    Edge.LEFT: lambda box, place: place[0] - box.width / 2,
    Edge.CENTRE: lambda box, place: place[0],
    Edge.RIGHT: lambda box, place: place[0] + box.width / 2,
    Edge.TOP: lambda box, place: place[1] - box.height / 2,
    Edge.MIDDLE: lambda box, place: place[1],
    Edge.BOTTOM: lambda box, place: place[1] + box.height / 2,
}


@given(boxes, st.sampled_from(Edge))
def test_alignment_makes_an_edge_equal_and_changes_one_direction_only(found, edge):
    result = aligned(found, edge)
    assert result.keys() == found.keys()
    sides = [SIDES[edge](found[key], place) for key, place in result.items()]
    assert max(sides) - min(sides) < 1e-6
    kept = 1 if edge in (Edge.LEFT, Edge.CENTRE, Edge.RIGHT) else 0
    assert all((found[key].x, found[key].y)[kept] == place[kept] for key, place in result.items())


@given(boxes, st.sampled_from([Edge.LEFT, Edge.RIGHT, Edge.TOP, Edge.BOTTOM]))
def test_an_outer_edge_is_that_of_the_outermost(found, edge):
    present = [SIDES[edge](box, (box.x, box.y)) for box in found.values()]
    wanted = min(present) if edge in (Edge.LEFT, Edge.TOP) else max(present)
    assert all(SIDES[edge](found[key], place) == pytest.approx(wanted) for key, place in aligned(found, edge).items())


@given(boxes, st.booleans())
def test_distribution_makes_gaps_equal_and_keeps_the_order(found, upright):
    axis = 1 if upright else 0
    result = distributed(found, upright)
    order = sorted(found, key=lambda key: ((found[key].x, found[key].y)[axis], key))
    length = {key: (box.width, box.height)[axis] for key, box in found.items()}
    ends = [(result[key][axis] - length[key] / 2, result[key][axis] + length[key] / 2) for key in order]
    if len(order) > 2:
        gaps = [after[0] - before[1] for before, after in pairwise(ends)]
        assert max(gaps) - min(gaps) < 1e-6
    for key in (order[0], order[-1]):
        assert result[key] == pytest.approx((found[key].x, found[key].y))
    assert all(result[key][1 - axis] == (found[key].x, found[key].y)[1 - axis] for key in found)


def test_nothing_is_aligned_when_there_is_nothing():
    assert aligned({}, Edge.TOP) == {}
    assert distributed({}) == {}


@given(boxes)
def test_on_the_grid_nothing_is_farther_than_half_a_step(found):
    for key, (x, y) in snapped(found, 20).items():
        assert x % 20 == y % 20 == 0
        assert max(abs(x - found[key].x), abs(y - found[key].y)) <= 10


@given(boxes, st.sampled_from(Way))
def test_there_and_back_is_no_way(found, way):
    back = {Way.LEFT: Way.RIGHT, Way.RIGHT: Way.LEFT, Way.UP: Way.DOWN, Way.DOWN: Way.UP}[way]
    there = {key: Box(*place) for key, place in shifted(found, way, 20).items()}
    assert shifted(there, back, 20) == {key: (box.x, box.y) for key, box in found.items()}


@given(places, st.tuples(numbers, numbers), st.sampled_from(Way))
def test_the_next_lies_in_that_direction(found, origin, way):
    key = next_in(way, origin, found)
    ahead = {
        Way.LEFT: lambda place: origin[0] - place[0],
        Way.RIGHT: lambda place: place[0] - origin[0],
        Way.UP: lambda place: origin[1] - place[1],
        Way.DOWN: lambda place: place[1] - origin[1],
    }[way]
    if key is None:
        assert not any(
            ahead(place) > 0 and math.dist(place, origin) <= ahead(place) for place in found.values()
        )  # nothing straight ahead
    else:
        assert ahead(found[key]) > 0


@given(places)
def test_every_place_can_be_left_in_some_direction(found):
    assume(len(found) > 1)
    for key, place in found.items():
        others = {other: at for other, at in found.items() if other != key and at != place}
        if others:
            assert any(next_in(way, place, others) is not None for way in Way)


@given(places, st.tuples(numbers, numbers))
def test_nearest_and_order(found, origin):
    nearest = nearest_to(origin, found)
    assert (nearest is None) == (not found)
    if nearest is not None:
        assert math.dist(found[nearest], origin) == min(math.dist(place, origin) for place in found.values())
    order = reading_order(found)
    assert sorted(order) == sorted(found)
    assert [found[key][1] for key in order] == sorted(place[1] for place in found.values())

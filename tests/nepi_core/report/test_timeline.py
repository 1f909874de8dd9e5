"""The time line shows each state when and as long as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.lifecycle import StateChange
from nepi_core.report.timeline import MOST_ROWS, MOST_ROWS_OF_TYPE, make_timeline
from nepi_core.states import ResourceState
from tests.nepi_core.report.recorded_runs import FAILED, NEW, READY, RELEASED, STARTED, STOPPED


def life(guid, *steps):
    olds = [NEW, *(state for state, _ in steps)]
    return [StateChange(guid, old, state, 100.0 + after, "") for old, (state, after) in zip(olds, steps, strict=False)]


def line_of(*lives, rtypes=None):
    changes = [change for each in lives for change in each]
    return make_timeline(changes, rtypes or {change.guid: "linux::Ping" for change in changes}, 100.0, 110.0)


def test_segments_are_percent_of_the_run():
    (row,) = line_of(life(1, (READY, 1.0), (STARTED, 2.0), (STOPPED, 7.0), (RELEASED, 9.0))).rows
    assert [(each.state, each.left, each.width) for each in row.segments] == [
        ("READY", 10.0, 10.0),
        ("STARTED", 20.0, 50.0),
        ("STOPPED", 70.0, 20.0),
    ]
    assert row.last == "STOPPED"
    assert row.segments[1].words.replace("\xa0", " ") == "STARTED after 2 s, for 5 s"
    assert [each.named for each in row.segments] == [False, True, True]


def test_last_state_lasts_to_the_end():
    (row,) = line_of(life(1, (FAILED, 5.0))).rows
    assert (row.segments[0].left, row.segments[0].width, row.last) == (50.0, 50.0, "FAILED")


def test_resource_that_never_changed():
    (row,) = line_of(rtypes={7: "linux::Ping"}).rows
    assert (row.guid, row.segments, row.last) == (7, (), "NEW")


def test_many_resources_are_shown_by_type_failed_ones_first():
    lives = [life(guid, (READY, 0.0), (FAILED if guid == 150 else STARTED, 5.0)) for guid in range(1, 151)]
    line = line_of(*lives)
    (group,) = line.groups
    assert not line.rows
    assert (group.number, len(group.rows), group.rows[0].guid) == (150, MOST_ROWS_OF_TYPE, 150)
    assert dict(group.lasts) == {"STARTED": 149, "FAILED": 1}
    assert {band.state for band in group.bands} == {"READY", "STARTED", "FAILED"}


def test_band_has_the_height_of_its_share():
    lives = [life(guid, (STARTED if guid % 2 else STOPPED, 0.0)) for guid in range(MOST_ROWS + 2)]
    (group,) = line_of(*lives).groups
    for band in group.bands:
        heights = {float(height) for height in re.findall(r"[ML]\d+ ([\d.]+)", band.path)}
        assert max(heights) - min(heights) == 15.0, "half of 30"


STATES = st.sampled_from([state for state in ResourceState if state is not NEW])
LIVES = st.lists(st.lists(st.tuples(STATES, st.floats(-5.0, 15.0)), max_size=5), max_size=MOST_ROWS + 5)


@given(LIVES)
def test_nothing_leaves_the_bar(lives):
    lives = [life(guid, *sorted(steps, key=lambda step: step[1])) for guid, steps in enumerate(lives, 1)]
    line = line_of(*lives, rtypes=dict.fromkeys(range(1, len(lives) + 1), "linux::Ping"))
    for row in [*line.rows, *(row for group in line.groups for row in group.rows)]:
        assert all(each.left >= 0 and each.left + each.width <= 100.01 for each in row.segments)
    for band in (band for group in line.groups for band in group.bands):
        for x, y in re.findall(r"[ML](\S+) ([^LZ]+)", band.path):
            assert 0 <= float(x) <= line.columns
            assert -0.01 <= float(y) <= line.height + 0.01


@pytest.mark.parametrize("length", [0.0, 1e-4, 0.5, 10, 59, 3600, 1e6])
def test_ticks(length):
    line = make_timeline([], {}, 100.0, 100.0 + length)
    places = [place for place, _ in line.ticks]
    assert places == sorted(set(places))
    assert all(0 <= place <= 100.1 for place in places)
    assert 1 <= len(places) <= 60

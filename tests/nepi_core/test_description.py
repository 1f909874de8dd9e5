"""Experiments as plain data: copies share nothing, connections stand on both sides, a removal leaves no trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.description import (
    AttributeChange,
    CanvasNote,
    Condition,
    ExperimentDescription,
    Foreign,
    Layout,
    ResourceDescription,
    TopologyDescription,
    TopologyNode,
    as_guids,
)
from nepi_core.errors import ConnectionNotAllowedError, UnknownResourceError
from nepi_core.states import ResourceAction, ResourceState

START, STARTED = ResourceAction.START, ResourceState.STARTED


def three() -> ExperimentDescription:
    experiment = ExperimentDescription("exp")
    for guid in (1, 2, 3):
        experiment.resources[guid] = ResourceDescription(guid, "test::Plain")
    return experiment


def test_connections_stand_on_both_sides():
    experiment = three()
    experiment.connect(1, 3)
    experiment.connect(3, 1)
    assert [experiment.resource(guid).connections for guid in (1, 2, 3)] == [{3}, set(), {1}]
    experiment.disconnect(3, 1)
    experiment.disconnect(3, 1)
    assert not any(each.connections for each in experiment.resources.values())


@pytest.mark.parametrize("guid", [4, "1", None, (1,), []])
def test_unknown_guid(guid):
    experiment = three()
    for call in (experiment.resource, experiment.remove, lambda guid: experiment.connect(1, guid)):
        with pytest.raises(UnknownResourceError, match="has no resource with guid"):
            call(guid)
    assert not experiment.resources[1].connections


def test_removal_takes_connections_and_its_place_in_conditions_and_changes():
    experiment = three()
    experiment.connect(1, 2)
    experiment.resources[1].conditions = [Condition(START, (2, 3), STARTED), Condition(START, (2,), STARTED, "1s")]
    experiment.changes = [
        AttributeChange((1, 2), "speed", 5, (3,), STARTED),
        AttributeChange((1,), "speed", 5, (2,), STARTED),
        AttributeChange((2,), "speed", 5, (3,), STARTED),
    ]
    removed = experiment.remove(2)
    assert removed.guid == 2
    assert experiment.resources[1].connections == set()
    assert experiment.resources[1].conditions == [Condition(START, (3,), STARTED)]
    assert experiment.changes == [AttributeChange((1,), "speed", 5, (3,), STARTED)]


def test_removal_of_a_resource_that_a_file_connects_to_itself():
    experiment = three()
    experiment.resources[1].connections.update({1, 2})
    experiment.resources[2].connections.add(1)
    experiment.remove(1)
    assert experiment.resources[2].connections == set()


@pytest.mark.parametrize(("given_guids", "guids"), [(3, (3,)), ([3, 1, 3], (1, 3)), ({2, 1}, (1, 2)), ((), ())])
def test_guids_in_any_form(given_guids, guids):
    assert as_guids(given_guids) == guids


def test_copy_is_equal_and_shares_nothing():
    experiment = three()
    experiment.resources[1] = ResourceDescription(
        1, "t", {"a": 1}, {2}, [], {"t": True}, Layout(1, 2), STARTED, {STARTED: "x"}, [Foreign("", "a", "b")]
    )
    experiment.topology = TopologyDescription("ring", [TopologyNode(1, annotations={"ips": ["10.0.0.1"]})])
    experiment.canvas.notes.append(CanvasNote("note", 0, 0, 1, 1))
    before = repr(experiment)
    copy = experiment.copy()
    assert repr(copy) == before
    changed = copy.resources[1]
    changed.attributes["a"] = 2
    changed.connections.clear()
    changed.conditions.append(Condition(START, (2,), STARTED))
    changed.traces.clear()
    assert changed.layout is not None
    assert changed.times is not None
    assert changed.foreign is not None
    changed.layout.x = 9
    changed.times.clear()
    changed.foreign.clear()
    assert copy.topology is not None
    copy.topology.nodes[0].annotations["ips"] = []
    copy.canvas.notes[0].text = "changed"
    copy.global_values["t", "a"] = 1
    copy.changes.append(AttributeChange((1,), "a", 1, (2,), STARTED))
    copy.foreign.append(Foreign("", "a", "b"))
    del copy.resources[3]
    assert repr(experiment) == before


@given(st.data())
def test_any_sequence_of_edits_keeps_connections_symmetric(data):
    experiment = three()
    for _ in range(data.draw(st.integers(0, 8))):
        guids = st.sampled_from(sorted(experiment.resources) or [0])
        what = data.draw(st.sampled_from(["connect", "disconnect", "remove"]))
        if not experiment.resources:
            break
        if what == "remove":
            experiment.remove(data.draw(guids))
        else:
            first, second = data.draw(guids), data.draw(guids)
            if what == "connect" and first == second:
                with pytest.raises(ConnectionNotAllowedError, match="cannot be connected to itself"):
                    experiment.connect(first, second)
            else:
                getattr(experiment, what)(first, second)
        for guid, resource in experiment.resources.items():
            assert all(guid in experiment.resources[other].connections for other in resource.connections)

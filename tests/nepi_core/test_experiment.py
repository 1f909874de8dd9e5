"""Registering resources, connections and conditions, and what they are afterwards."""

from __future__ import annotations

import itertools

import pytest

from nepi_core.description import AttributeChange, Condition
from nepi_core.errors import (
    AttributeValueError,
    ConditionError,
    ConnectionNotAllowedError,
    NepiError,
    UnknownAttributeError,
    UnknownResourceError,
    UnknownTraceError,
    UnknownTypeError,
)
from nepi_core.states import ResourceAction, ResourceState
from tests.nepi_core.resource_types import PATIENCE, Guest, Place, Scripted, in_threads

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


def add(ec, number: int = 1, rtype: str = "test::Scripted") -> list[int]:
    return [ec.register_resource(rtype) for _ in range(number)]


# -- resources -----------------------------------------------------------------------------------------


def test_guids_count_from_one_and_go_on_after_the_largest(ec):
    assert add(ec, 2) == [1, 2]
    assert ec.register_resource("test::Scripted", 7) == 7
    assert ec.register_resource("test::Scripted", guid=5) == 5
    assert add(ec) == [8]
    assert ec.resources == [1, 2, 7, 5, 8]


@pytest.mark.parametrize("guid", [0, -1, "3", 1.0, True])
def test_what_is_no_guid(ec, guid):
    with pytest.raises(NepiError, match="A guid is a whole number from 1 to"):
        ec.register_resource("test::Scripted", guid)
    assert ec.resources == []


def test_guid_that_is_taken(ec):
    add(ec)
    with pytest.raises(NepiError, match="The guid 1 is taken by a test::Scripted; the next free one is 2"):
        ec.register_resource("test::Place", 1)


def test_unknown_type(ec):
    with pytest.raises(UnknownTypeError, match=r"Did you mean 'test::Place'\?"):
        ec.register_resource("test::Plce")
    assert ec.resources == []


def test_attributes_and_connections_at_once(ec):
    place = ec.register_resource("test::Place")
    guest = ec.register_resource("test::Guest", connected_to=[place], speed="3", size=2)
    assert (ec.get(guest, "speed"), ec.get(guest, "size")) == (3.0, 2)
    assert ec.get_resource(place).connections == {guest}
    assert ec.description.resources[guest].attributes == {"speed": 3.0, "size": 2}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"speed": 11}, AttributeValueError),
        ({"sped": 1}, UnknownAttributeError),
        ({"connected_to": 99}, UnknownResourceError),
        ({"connected_to": [1, 2]}, ConnectionNotAllowedError),
        ({"connected_to": 3}, ConnectionNotAllowedError),
    ],
)
def test_what_is_refused_leaves_nothing_behind(ec, arguments, error):
    place, scripted = ec.register_resource("test::Place"), ec.register_resource("test::Scripted")
    before = repr(ec.description)
    with pytest.raises(error):
        ec.register_resource("test::Guest", **arguments)
    assert repr(ec.description) == before
    assert ec.resources == [place, scripted]


def test_error_of_a_type_leaves_nothing_behind_either(ec, monkeypatch):
    place = ec.register_resource("test::Place")
    monkeypatch.setattr(Guest, "do_connect", lambda self, guid: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ec.register_resource("test::Guest", connected_to=place)
    monkeypatch.setattr(Guest, "__init__", lambda self, *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ec.register_resource("test::Guest")
    assert ec.resources == list(ec.description.resources) == [place]
    assert not ec.get_resource(place).connections


def test_by_type(ec):
    one, place, other = *add(ec), *add(ec, 1, "test::Place"), *add(ec)
    assert ec.filter_resources("test::Scripted") == [one, other]
    assert [each.guid for each in ec.get_resources_by_type("test::Place")] == [place]
    assert ec.get_resources_by_type("Resource") == []


@pytest.mark.parametrize("guid", [99, "1", None, []])
def test_unknown_guid(ec, guid):
    add(ec)
    calls = [
        lambda: ec.get_resource(guid),
        lambda: ec.get(guid, "speed"),
        lambda: ec.set(guid, "speed", 1),
        lambda: ec.state(guid),
        lambda: ec.get_traces(guid),
        lambda: ec.register_connection(1, guid),
        lambda: ec.register_condition([guid], START, 1, STARTED) if isinstance(guid, int) else ec.remove_resource(guid),
    ]
    for call in calls:
        with pytest.raises(UnknownResourceError, match="The experiment has no resource with guid"):
            call()


def test_removal_takes_everything_with_it(ec):
    one, two, three, place = *add(ec, 3), *add(ec, 1, "test::Place")
    ec.register_connection(two, place)
    ec.register_condition(one, START, [two, three], STARTED)
    ec.register_condition(one, STOP, two, STOPPED)
    ec.set_with_conditions("speed", 5, [one, two], three, STARTED)
    ec.set_with_conditions("speed", 5, one, two, STARTED)
    ec.remove_resource(two)
    assert ec.resources == [one, three, place]
    assert ec.get_resource(one).conditions == {START: [([three], STARTED, None)]}
    assert ec.description.changes == [AttributeChange((one,), "speed", 5, (three,), STARTED)]
    assert not ec.get_resource(place).connections
    ec.register_condition(three, START, one, READY)
    assert ec.register_resource("test::Scripted", two) == two


@pytest.mark.parametrize("begun", [True, False])
def test_what_is_deployed_cannot_be_removed(ec, begun):
    (guid,) = add(ec)
    if begun:
        ec.get_resource(guid).deploy()
    else:
        ec.register_condition(guid, DEPLOY, add(ec), STARTED)
        ec.deploy(guid)
    with pytest.raises(
        NepiError, match=r"test::Scripted 1 (is READY|is being deployed) and cannot be removed; release it"
    ):
        ec.remove_resource(guid)
    ec.release(guid, timeout=PATIENCE)
    ec.remove_resource(guid)
    assert guid not in ec.resources


def test_guids_from_many_threads_are_all_different(ec):
    found: list[int] = []
    in_threads(*[lambda: found.extend([ec.register_resource("test::Place") for _ in range(100)])] * 6)
    assert sorted(found) == list(range(1, 601))
    assert sorted(ec.resources) == sorted(ec.description.resources) == sorted(found)


# -- attributes and traces -----------------------------------------------------------------------------


def test_attributes(ec):
    (guid,) = add(ec)
    assert ec.set(guid, "speed", 2) == ec.get(guid, "speed") == 2.0
    assert ec.get_attribute(guid, "speed").unit == "Mbit/s"
    assert ec.get_attributes(guid) == Scripted.get_attributes()


def test_globals_are_of_one_experiment(ec, make_ec):
    other = make_ec("other")
    (guid,), (another,) = add(ec), add(other)
    ec.set_global("test::Scripted", "shared", "b")
    assert (ec.get(guid, "shared"), other.get(another, "shared")) == ("b", "a")
    Scripted.set_global("shared", "b")
    ec.set_global("test::Scripted", "shared", "a")
    assert (ec.get(guid, "shared"), other.get(another, "shared")) == ("a", "b")
    ec.set_global("test::Scripted", "shared", None)
    assert ec.get(guid, "shared") == "b"
    assert ec.description.global_values == {}


def test_what_is_no_global(ec):
    with pytest.raises(AttributeValueError, match="not class-wide"):
        ec.set_global("test::Scripted", "speed", 1)
    with pytest.raises(AttributeValueError, match="cannot be 'c'"):
        ec.set_global("test::Scripted", "shared", "c")
    with pytest.raises(UnknownTypeError):
        ec.set_global("test::Nothing", "shared", "a")
    with pytest.raises(UnknownAttributeError):
        ec.get_global("test::Scripted", "sharde")


def test_traces(ec):
    (guid,) = add(ec)
    ec.enable_trace(guid, "output")
    assert ec.trace_enabled(guid, "output")
    ec.enable_trace(guid, "output", False)
    assert not ec.trace_enabled(guid, "output")
    assert [each.name for each in ec.get_traces(guid)] == ["output", "noise"]
    with pytest.raises(UnknownTraceError):
        ec.trace(guid, "output")


# -- connections ---------------------------------------------------------------------------------------


def test_connections_stand_on_both_sides_and_twice_is_harmless(ec):
    one, two = add(ec, 2)
    ec.register_connection(one, two)
    ec.register_connection(two, one)
    assert (ec.get_resource(one).connections, ec.get_resource(two).connections) == ({two}, {one})
    ec.unregister_connection(two, one)
    ec.unregister_connection(two, one)
    assert not ec.get_resource(one).connections | ec.get_resource(two).connections


def test_connection_to_itself(ec):
    (guid,) = add(ec)
    with pytest.raises(ConnectionNotAllowedError, match="test::Scripted 1 cannot be connected to itself"):
        ec.register_connection(guid, guid)


def test_connection_that_the_second_refuses_is_taken_back(ec, monkeypatch):
    disconnected = []
    monkeypatch.setattr(Place, "do_disconnect", lambda self, guid: disconnected.append(guid))
    monkeypatch.setattr(Guest, "connection_refusal", lambda self, guid: "No guests today.")
    place, guest = ec.register_resource("test::Place"), ec.register_resource("test::Guest")
    with pytest.raises(ConnectionNotAllowedError, match="No guests today"):
        ec.register_connection(place, guest)
    assert not ec.get_resource(place).connections
    assert disconnected == [guest]


# -- conditions ----------------------------------------------------------------------------------------


def test_conditions_of_several_resources_at_once(ec):
    one, two, three = add(ec, 3)
    ec.register_condition([one, two], START, three, STARTED, "2s")
    ec.register_condition(one, START, [three], STARTED, "2s")
    assert [ec.description.resources[guid].conditions for guid in (one, two)] == [
        [Condition(START, (three,), STARTED, "2s")]
    ] * 2


def test_condition_on_what_does_not_exist(ec):
    add(ec)
    with pytest.raises(ConditionError, match="waits for 8, which the experiment does not have"):
        ec.register_condition(1, START, [1, 8], READY)
    assert ec.get_resource(1).conditions == {}


def test_refused_condition_leaves_all_as_it_was(ec):
    one, two, three = add(ec, 3)
    ec.register_condition(three, START, two, STARTED)
    ec.register_condition(one, START, three, STARTED)
    before = repr(ec.description)
    with pytest.raises(ConditionError, match="the START of resource 2 would wait for itself"):
        ec.register_condition([one, two], START, three, STARTED)
    assert repr(ec.description) == before
    ec.register_condition(three, START, one, READY)


def test_refused_condition_does_not_hold_back_what_is_armed(ec):
    one, two, three = add(ec, 3)
    ec.register_condition(two, START, three, STARTED)
    ec.register_condition(three, START, one, STARTED)
    ec.register_condition(one, START, add(ec), STARTED)
    gate = ec.resources[-1]
    ec.deploy([one, two, three])
    with pytest.raises(ConditionError):
        ec.register_condition([two, one], START, two, STOPPED)
    ec.deploy(gate)
    assert ec.wait_started([one, two, three, gate], timeout=PATIENCE)


def test_condition_that_was_taken_back_makes_room_for_its_opposite(ec):
    one, two = add(ec, 2)
    ec.register_condition(one, START, two, STARTED)
    with pytest.raises(ConditionError):
        ec.register_condition(two, START, one, STARTED)
    ec.get_resource(one).unregister_condition(two)
    ec.register_condition(two, START, one, STARTED)


@pytest.mark.parametrize("planned", [{"value": 11}, {"name": "sped"}, {"guids1": 9}, {"guids2": 9}, {"time": "soon"}])
def test_change_that_makes_no_sense_is_refused_where_it_is_planned(ec, planned):
    one, two = add(ec, 2)
    arguments = {"name": "speed", "value": 1, "guids1": one, "guids2": two, "state": STARTED} | planned
    with pytest.raises(NepiError):
        ec.set_with_conditions(**arguments)
    assert ec.description.changes == []


def test_edits_from_many_threads_keep_everything_whole(ec):
    guids = add(ec, 12)

    def edit(first: int) -> None:
        for one, two in itertools.permutations(guids, 2):
            if (one + two) % 3 == first:
                ec.register_connection(one, two)
            if (one * two) % 5 == first:
                ec.unregister_connection(one, two)
            if one > two:
                ec.register_condition(one, START, two, STARTED)

    def remove() -> None:
        for guid in add(ec, 30):
            ec.register_condition(guid, STOP, guids, STOPPED)
            ec.remove_resource(guid)

    in_threads(*[lambda first=first: edit(first) for first in range(3)], remove)
    assert ec.resources == guids
    for guid in guids:
        resource = ec.get_resource(guid)
        assert all(guid in ec.get_resource(other).connections for other in resource.connections)
        assert resource.conditions.get(START, []) == [([other], STARTED, None) for other in guids if other < guid]


def test_nothing_is_added_after_shutdown(ec):
    add(ec)
    ec.shutdown()
    with pytest.raises(NepiError, match=r"Run \d+ of experiment exp has been shut down"):
        ec.register_resource("test::Scripted")
    with pytest.raises(NepiError, match="has been shut down"):
        ec.deploy()

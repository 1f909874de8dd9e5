"""Faults that NEPI had, each with a test that it is not here; those of running programs are tested where these are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nepi_core.controller import ECState
from nepi_core.errors import (
    ConditionError,
    ConnectionNotAllowedError,
    NepiError,
    TimeFormatError,
    UnknownResourceError,
)
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import tnow, tsformat
from nepi_core.xml_format import read_xml
from tests.nepi_core.resource_types import PATIENCE, in_threads, settle

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


@pytest.fixture
def three(ec):
    return [ec.register_resource("test::Scripted") for _ in range(3)]


def test_controller_without_exp_id(make_ec):
    ec = make_ec()
    guid = ec.register_resource("test::Scripted")
    ec.deploy()
    assert ec.wait_started(guid, timeout=PATIENCE)
    assert ec.exp_id
    assert Path(ec.run_dir).parent == Path(ec.exp_dir) == Path(ec.local_dir, ec.exp_id)


def test_deploy_into_a_group_starts_them(ec, three):
    first, *later = three
    group = ec.deploy(first)
    ec.wait_started(first, timeout=PATIENCE)
    for guid in later:
        assert ec.deploy(guid, group=group) == group
    assert ec.wait_started(later, timeout=PATIENCE)


def test_deploy_into_a_group_of_ones_own_number_starts_them(ec, three):
    ec.deploy(three, group=12)
    assert ec.wait_started(three, timeout=PATIENCE)


def test_release_of_some_and_then_shutdown_releases_all(ec, three):
    ec.deploy()
    ec.wait_started(three, timeout=PATIENCE)
    ec.release(three[:1])
    assert [ec.state(guid) for guid in three] == [RELEASED, STARTED, STARTED]
    ec.shutdown()
    assert [ec.state(guid) for guid in three] == [RELEASED] * 3


def test_absolute_date_in_schedule(ec, clock):
    number = ec.schedule(tsformat(tnow() + timedelta(seconds=30)), lambda: "done", track=True)
    clock.jump(30, ec)
    settle(ec)
    assert ec.get_task(number).result == "done"
    assert ec.ecstate is ECState.RUNNING


@pytest.mark.parametrize("state", [DISCOVERED, PROVISIONED])
def test_timed_condition_on_a_skipped_state_counts_from_the_first_later_one(ec, three, clock, state):
    waiting, other, _ = three
    ec.register_condition(waiting, START, other, state, "40s")
    ec.deploy()
    ec.wait_started(other, timeout=PATIENCE)
    settle(ec)
    assert ec.state(waiting) is READY
    clock.jump(40, ec)
    assert ec.wait_started(waiting, timeout=PATIENCE)
    assert ec.get_start_time(waiting) - ec.get_ready_time(other) >= timedelta(seconds=40)


def test_none_stays_none_in_files(ec, tmp_path):
    guid = ec.register_resource("test::Scripted", secret=None, speed=None)
    ec.set(guid, "speed", 3)
    ec.set(guid, "speed", None)
    path = Path(ec.save(tmp_path))
    assert "None" not in path.read_text()
    loaded = read_xml(path)
    assert "None" not in repr(loaded.resources[guid].attributes)
    with ec.load(path) as again:
        assert not again.get_resource(guid).has_changed("secret")
        assert again.get(guid, "speed") == 1.0


def test_guids_from_many_threads_are_never_the_same(ec):
    found: list[int] = []
    in_threads(*[lambda: found.extend([ec.register_resource("test::Place") for _ in range(200)])] * 8)
    assert len(set(found)) == len(found) == 1600


@pytest.mark.parametrize(
    "circle",
    [
        [(0, START, 1, STARTED), (1, START, 0, STARTED)],
        [(0, START, 1, STARTED), (1, START, 2, STARTED), (2, START, 0, STOPPED)],
        [(0, DEPLOY, 1, READY), (1, DEPLOY, 0, READY)],
        [(0, DEPLOY, 1, STARTED), (1, START, 0, READY)],
        [(0, START, 0, STARTED)],
        [(0, DEPLOY, 0, STARTED)],
    ],
    ids=["two", "three", "deployments", "deployment and start", "itself", "its own start"],
)
def test_cyclic_conditions_are_refused_where_they_are_made(ec, three, circle):
    *conditions, last = [(three[one], action, three[other], state) for one, action, other, state in circle]
    for condition in conditions:
        ec.register_condition(*condition)
    with pytest.raises(ConditionError, match=r"^The condition '.*' can never be met: the .* would wait for itself\."):
        ec.register_condition(*last)
    ec.deploy()
    assert ec.wait_started(three, timeout=PATIENCE)


def test_conditions_on_unknown_guids_are_refused_where_they_are_made(ec, three):
    with pytest.raises(ConditionError, match="waits for 99, which the experiment does not have"):
        ec.register_condition(three, START, [three[0], 99], READY)
    with pytest.raises(UnknownResourceError, match="has no resource with guid 99"):
        ec.register_condition(99, START, three, STARTED)
    with pytest.raises(ConditionError, match="waits for 99"):
        ec.set_with_conditions("speed", 2, three, 99, STARTED)


@pytest.mark.parametrize("time", ["2 minutes", "soon", "-1s", "", "5", -1])
def test_times_that_are_none_are_refused_where_they_are_made(ec, three, time):
    with pytest.raises(ConditionError, match="is no delay"):
        ec.register_condition(three[0], START, three[1], STARTED, time)
    with pytest.raises(ConditionError, match="is no delay"):
        ec.set_with_conditions("speed", 2, three[0], three[1], STARTED, time)
    with pytest.raises(TimeFormatError, match="is no delay"):
        ec.schedule(time, lambda: None)
    assert ec.get_resource(three[0]).conditions == {}


def test_connection_to_itself_is_refused(ec, three):
    with pytest.raises(ConnectionNotAllowedError, match="test::Scripted 1 cannot be connected to itself"):
        ec.register_connection(three[0], three[0])


def test_connections_that_make_no_sense_are_refused(ec, three):
    guest = ec.register_resource("test::Guest")
    for pair in ((guest, three[0]), (three[0], guest)):
        with pytest.raises(ConnectionNotAllowedError, match="test::Guest 4 goes to places only"):
            ec.register_connection(*pair)
    assert not any(ec.get_resource(guid).connections for guid in ec.resources)


def test_several_conditions_on_one_action_are_all_required(ec, three):
    waiting, one, two = three
    ec.register_condition(waiting, START, one, STARTED)
    ec.register_condition(waiting, START, two, STARTED)
    ec.deploy([waiting, one])
    ec.wait_started(one, timeout=PATIENCE)
    settle(ec)
    assert ec.state(waiting) is READY
    ec.deploy(two)
    assert ec.wait_started(waiting, timeout=PATIENCE)


def test_shutdown_after_a_failure_does_not_refuse(ec, three, expect_log):
    expect_log("FAILED")
    ec.deploy()
    ec.wait_started(three, timeout=PATIENCE)
    ec.get_resource(three[0]).fail("broken")
    ec.shutdown()
    assert [ec.state(guid) for guid in three] == [RELEASED] * 3


def test_every_refusal_is_one_of_ours():
    for error in (ConditionError, ConnectionNotAllowedError, TimeFormatError, UnknownResourceError):
        assert issubclass(error, NepiError)

"""Deployment groups: who waits for whom, who joins, and what would wait for ever."""

from __future__ import annotations

import pytest

from nepi_core.errors import ConditionError, DeploymentError
from nepi_core.states import ResourceAction, ResourceState
from tests.nepi_core.resource_types import PATIENCE, Hold, Place, settle

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


def add(ec, number: int, rtype: str = "test::Scripted", **attributes) -> list[int]:
    return [ec.register_resource(rtype, **attributes) for _ in range(number)]


def held(ec, guid: int, step: str = "deploy") -> Hold:
    """Have a resource take until the test lets it go."""
    hold = Hold()
    ec.get_resource(guid).script[step] = hold
    return hold


def test_none_starts_before_all_are_ready(ec):
    slow, *quick = add(ec, 4)
    hold = held(ec, slow)
    ec.deploy()
    ec.wait_deployed(quick, timeout=PATIENCE)
    settle(ec, held=1)
    assert [ec.state(guid) for guid in quick] == [READY] * 3
    hold.let_go()
    assert ec.wait_started([slow, *quick], timeout=PATIENCE)


def test_without_waiting_each_starts_when_it_is_ready(ec):
    slow, *quick = add(ec, 4)
    hold = held(ec, slow)
    ec.deploy(wait_all_ready=False)
    assert ec.wait_started(quick, timeout=PATIENCE)
    hold.let_go()
    assert ec.wait_started(slow, timeout=PATIENCE)


@pytest.mark.parametrize("critical", [True, False])
def test_group_does_not_wait_for_who_has_failed(ec, expect_log, critical):
    expect_log("FAILED: broken")
    broken, *others = add(ec, 3)
    ec.set(broken, "critical", critical)
    ec.get_resource(broken).script["deploy"] = lambda: ec.get_resource(broken).fail("broken")
    ec.deploy()
    if critical:
        assert not ec.wait_started(others, timeout=PATIENCE)
    else:
        assert ec.wait_started(others, timeout=PATIENCE)


def test_hosts_are_ready_before_their_guests_deploy(ec):
    place = ec.register_resource("test::Place")
    guests = add(ec, 3, "test::Guest", connected_to=place)
    seen: list[tuple[int, ResourceState]] = []
    for guest in guests:
        ec.get_resource(guest).script["deploy"] = lambda guest=guest: seen.append((guest, ec.state(place)))
    ec.deploy()
    ec.wait_started(guests, timeout=PATIENCE)
    assert sorted(seen) == [(guest, READY) for guest in guests]


def test_failure_of_a_host_fails_its_guests(ec, expect_log, monkeypatch):
    expect_log("test::Place 1: FAILED: no power")
    expect_log("test::Guest 2: FAILED: Its DEPLOY waited for test::Place 1, which FAILED: no power")

    def fail(self) -> None:
        raise OSError("no power")

    monkeypatch.setattr(Place, "do_deploy", fail)
    place = ec.register_resource("test::Place")
    guest = ec.register_resource("test::Guest", connected_to=place)
    ec.deploy()
    ec.wait(guest, FAILED, lambda: False, PATIENCE)
    assert ec.get_resource(guest).calls == ["fail"]


def test_returns_the_number_of_the_group_at_once(ec):
    one, two, three, four = add(ec, 4)
    hold = held(ec, one)
    first = ec.deploy(one)
    second = ec.deploy([two])
    assert first != second
    assert [ec.get_resource(guid).deployment_group for guid in (one, two, three)] == [first, second, None]
    assert ec.deploy(three, group=77) == 77
    assert ec.deploy(four) not in (first, second, 77)
    hold.let_go()


def test_joining_a_group_that_still_waits(ec):
    one, two, joining = add(ec, 3)
    hold, other_hold = held(ec, one), held(ec, joining)
    group = ec.deploy([one, two])
    assert ec.deploy(joining, group=group) == group
    hold.let_go()
    ec.wait_deployed([one, two], timeout=PATIENCE)
    settle(ec, held=1)
    assert [ec.state(guid) for guid in (one, two)] == [READY, READY]
    other_hold.let_go()
    assert ec.wait_started([one, two, joining], timeout=PATIENCE)


def test_joining_a_group_that_has_started(ec):
    first, *joining = add(ec, 3)
    group = ec.deploy(first)
    ec.wait_started(first, timeout=PATIENCE)
    hold = held(ec, joining[0])
    ec.deploy(joining, group=group)
    ec.wait_deployed(joining[1], timeout=PATIENCE)
    settle(ec, held=1)
    assert ec.state(joining[1]) is READY
    hold.let_go()
    assert ec.wait_started(joining, timeout=PATIENCE)
    assert ec.get_resource(first).calls == ["deploy", "start"]


def test_deploying_twice_does_everything_once(ec):
    quick = add(ec, 20, "test::Quick")
    scripted = add(ec, 5)
    for _ in range(5):
        ec.deploy()
        ec.deploy(quick, wait_all_ready=False)
        ec.deploy(scripted, group=3)
    assert ec.wait_started(scripted, timeout=PATIENCE)
    assert ec.wait_finished(quick, timeout=PATIENCE)
    settle(ec)
    assert {ec.get_resource(guid).life.history() for guid in quick} == {"NEW > READY > STARTED > STOPPED"}
    assert {tuple(ec.get_resource(guid).calls) for guid in scripted} == {("deploy", "start")}


@pytest.mark.parametrize("by_hand", [["discover"], ["discover", "provision"]])
def test_what_was_discovered_by_hand_is_deployed_all_the_same(ec, by_hand):
    (guid,) = add(ec, 1)
    for step in by_hand:
        getattr(ec, step)(guid)
    ec.deploy()
    assert ec.wait_started(guid, timeout=PATIENCE)


def test_what_is_ready_by_hand_starts_with_the_others(ec):
    ready, other = add(ec, 2)
    ec.get_resource(ready).deploy()
    ec.deploy()
    assert ec.wait_started([ready, other], timeout=PATIENCE)
    assert ec.get_resource(ready).calls == ["deploy", "start"]


def test_member_that_is_released_and_removed_does_not_hold_the_others_back(ec):
    slow, gone, *others = add(ec, 4)
    ec.set(gone, "hardRelease", True)
    hold = held(ec, slow)
    ec.deploy()
    ec.wait_deployed([gone, *others], timeout=PATIENCE)
    ec.release(gone, timeout=PATIENCE)
    assert gone not in ec.resources
    hold.let_go()
    assert ec.wait_started([slow, *others], timeout=PATIENCE)


# -- late ones -----------------------------------------------------------------------------------------


def test_nobody_waits_for_who_deploys_after_another_has_started(ec):
    late, later, guest, other = *add(ec, 2), *add(ec, 1, "test::Guest"), *add(ec, 1)
    place = ec.register_resource("test::Place")
    ec.register_condition(late, DEPLOY, other, STARTED)
    ec.register_condition(later, DEPLOY, late, STARTED)
    ec.register_condition(place, DEPLOY, later, READY)
    ec.register_connection(guest, place)
    ec.deploy()
    assert ec.wait_started([late, later, guest, other, place], timeout=PATIENCE)


def test_late_by_a_condition_of_an_earlier_deployment(ec):
    starting, waiting, between = add(ec, 3)
    ec.register_condition(between, DEPLOY, starting, STARTED)
    ec.register_condition(waiting, DEPLOY, between, READY)
    ec.deploy(between, wait_all_ready=False)
    ec.deploy([starting, waiting])
    assert ec.wait_started([starting, waiting, between], timeout=PATIENCE)


# -- what would wait for ever --------------------------------------------------------------------------


def test_deployment_that_would_wait_for_itself_through_a_host(ec):
    place, guest = ec.register_resource("test::Place"), ec.register_resource("test::Guest", connected_to=1)
    ec.register_condition(place, DEPLOY, guest, STARTED)
    with pytest.raises(ConditionError, match="the DEPLOY of resource 2 would wait for itself"):
        ec.deploy()
    assert [ec.get_resource(guid).deployment_group for guid in (place, guest)] == [None, None]


@pytest.mark.parametrize("together", [True, False])
def test_types_that_deploy_after_each_other_are_refused_and_can_be_released(ec, together):
    one, two = add(ec, 2, "test::Circular")
    ec.register_connection(one, two)
    with pytest.raises(ConditionError, match="would wait for itself"):
        ec.deploy(None if together else one)
    ec.shutdown()
    assert [ec.state(guid) for guid in (one, two)] == [RELEASED, RELEASED]


def test_nothing_is_deployed_once_the_experiment_is_given_up(ec, expect_log):
    expect_log("FAILED: no power")
    broken, waiting, other = add(ec, 3)
    ec.get_resource(broken).fail("no power")
    with pytest.raises(DeploymentError, match=r"exp was given up.*test::Scripted 1 FAILED: no power"):
        ec.deploy()
    assert ec.get_resource(waiting).deployment_group is None
    ec.release(other, timeout=PATIENCE)


def test_what_cannot_be_deployed_is_refused_and_nothing_is_done(ec):
    good, bad = add(ec, 1), add(ec, 1, "test::Needy")
    with pytest.raises(DeploymentError) as caught:
        ec.deploy()
    assert str(caught.value) == (
        "test::Needy 2: attribute 'address' has no value; Where it is.\n"
        "test::Needy 2: attribute 'key' has no value; Opens it."
    )
    assert not ec.has_run
    ec.set(bad[0], "address", "here")
    ec.set(bad[0], "key", "x")
    ec.deploy()
    assert ec.wait_started([*good, *bad], timeout=PATIENCE)

"""Actions wait for their conditions: for all of them, from the right moment on, and for nothing else."""

from __future__ import annotations

import itertools

import pytest

from nepi_core.states import ResourceAction, ResourceState
from tests.nepi_core.resource_types import PATIENCE, in_threads, settle

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


@pytest.fixture
def three(ec):
    return [ec.register_resource("test::Scripted", critical=False) for _ in range(3)]


def moment(ec, guid: int, state: ResourceState) -> float:
    found = ec.get_resource(guid).life.reached(state)
    assert found is not None
    return found


def test_start_waits_for_started(ec, three):
    one, two, other = three
    ec.register_condition(one, START, two, STARTED)
    ec.register_condition(two, START, other, STARTED)
    ec.deploy()
    assert ec.wait_started(three, timeout=PATIENCE)
    assert moment(ec, other, STARTED) <= moment(ec, two, STARTED) <= moment(ec, one, STARTED)


@pytest.mark.parametrize("state", [DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED])
def test_start_waits_for_any_state(ec, three, expect_log, state):
    waiting, other, _ = three
    ec.register_condition(waiting, START, other, state)
    ec.deploy()
    ec.wait_started(other, timeout=PATIENCE)
    if state <= STARTED:
        ec.wait_started(waiting, timeout=PATIENCE)
    else:
        settle(ec)
        assert ec.state(waiting) is READY
    if state is STOPPED:
        ec.stop(other)
    elif state is FAILED:
        expect_log("FAILED")
        ec.get_resource(other).fail("broken")
    elif state is RELEASED:
        ec.release(other, timeout=PATIENCE)
    assert ec.wait_started(waiting, timeout=PATIENCE)


@pytest.mark.parametrize("state", [DISCOVERED, READY, STARTED])
def test_deployment_waits_for_any_state(ec, three, state):
    waiting, other, _ = three
    ec.register_condition(waiting, DEPLOY, other, state)
    ec.deploy()
    assert ec.wait_started(three, timeout=PATIENCE)
    assert moment(ec, other, max(state, READY)) <= moment(ec, waiting, READY)


def test_several_conditions_on_one_action_are_all_required(ec, three):
    waiting, one, two = three
    late = ec.register_resource("test::Scripted")
    ec.register_condition(waiting, START, [one, two], STARTED)
    ec.register_condition(waiting, START, one, STOPPED)
    ec.register_condition(waiting, START, late, READY)
    ec.deploy([waiting, one, two])
    ec.wait_started([one, two], timeout=PATIENCE)
    for step in (lambda: ec.stop(one), lambda: ec.deploy(late)):
        settle(ec)
        assert ec.state(waiting) is READY
        step()
    assert ec.wait_started(waiting, timeout=PATIENCE)


def test_delay_counts_from_the_moment_each_member_reached_the_state(ec, three, clock):
    waiting, one, two = three
    ec.register_condition(waiting, START, one, STARTED, "100s")
    ec.register_condition(waiting, START, two, STARTED, "5s")
    ec.register_condition(two, START, one, STARTED, "99s")
    ec.deploy()
    ec.wait_started(one, timeout=PATIENCE)
    clock.jump(99, ec)
    ec.wait_started(two, timeout=PATIENCE)
    settle(ec)
    assert ec.state(waiting) is READY
    clock.jump(5, ec)
    assert ec.wait_started(waiting, timeout=PATIENCE)
    assert moment(ec, waiting, STARTED) >= moment(ec, two, STARTED) + 5 >= moment(ec, one, STARTED) + 104


def test_small_real_delay(ec, three):
    waiting, other, _ = three
    ec.register_condition(waiting, START, other, STARTED, "20ms")
    ec.deploy()
    ec.wait_started(waiting, timeout=PATIENCE)
    assert moment(ec, waiting, STARTED) - moment(ec, other, STARTED) >= 0.02


def test_delay_that_has_passed_when_the_action_is_armed_is_not_waited_for_again(ec, three, clock):
    waiting, other, _ = three
    ec.deploy(other)
    ec.wait_started(other, timeout=PATIENCE)
    clock.jump(100)
    ec.register_condition(waiting, START, other, STARTED, "60s")
    ec.deploy(waiting)
    assert ec.wait_started(waiting, timeout=PATIENCE)


def test_stop_comes_only_with_a_condition(ec, three):
    stopped, other, _ = three
    ec.register_condition(stopped, STOP, other, STARTED)
    ec.deploy()
    assert ec.wait_finished(stopped, timeout=PATIENCE)
    settle(ec)
    assert [ec.state(guid, hr=True) for guid in three] == ["STOPPED", "STARTED", "STARTED"]


def test_stop_after_ones_own_start(ec, three, clock):
    ec.register_condition(three[0], STOP, three[0], STARTED, "30s")
    ec.deploy()
    ec.wait_started(three, timeout=PATIENCE)
    settle(ec)
    assert ec.state(three[0]) is STARTED
    clock.jump(30, ec)
    assert ec.wait_finished(three[0], timeout=PATIENCE)


def test_stop_waits_for_the_start(ec, three):
    stopped, other, gate = three
    ec.register_condition(stopped, STOP, other, STARTED)
    ec.register_condition(stopped, START, gate, STARTED)
    ec.deploy([stopped, other])
    ec.wait_started(other, timeout=PATIENCE)
    settle(ec)
    assert ec.state(stopped) is READY
    ec.deploy(gate)
    ec.wait_finished(stopped, timeout=PATIENCE)
    assert ec.get_resource(stopped).life.history() == "NEW > READY > STARTED > STOPPED"


def test_stopped_may_start_again(ec, three):
    guid = three[0]
    ec.register_condition(guid, STOP, guid, STARTED)
    ec.deploy()
    ec.wait_finished(guid, timeout=PATIENCE)
    ec.start(guid)
    assert ec.state(guid) is STARTED
    ec.stop(guid)
    ec.get_resource(guid).start_with_conditions()
    settle(ec)
    assert ec.get_resource(guid).calls == ["deploy", "start", "stop", "start", "stop", "start"]


def test_start_by_hand_takes_the_place_of_the_one_that_waits(ec, three):
    guid, other, _ = three
    ec.register_condition(guid, START, other, STARTED)
    ec.deploy(guid)
    ec.wait_deployed(guid, timeout=PATIENCE)
    ec.start(guid)
    ec.stop(guid)
    ec.deploy(other)
    ec.wait_started(other, timeout=PATIENCE)
    settle(ec)
    assert ec.get_resource(guid).calls == ["deploy", "start", "stop"]


@pytest.mark.parametrize("how", ["unregister", "remove", "add"])
def test_conditions_that_change_while_the_delay_passes(ec, three, clock, how):
    waiting, other, third = three
    ec.register_condition(waiting, START, other, READY, "1h")
    ec.get_resource(other).deploy()
    ec.deploy(waiting)
    ec.wait_deployed(waiting, timeout=PATIENCE)
    settle(ec)
    if how == "unregister":
        ec.get_resource(waiting).unregister_condition(other)
    elif how == "remove":
        ec.release(other, timeout=PATIENCE)
        ec.remove_resource(other)
    else:
        ec.register_condition(waiting, START, third, STARTED)
        clock.jump(3600, ec)
        settle(ec)
        assert ec.state(waiting) is READY
        ec.deploy(third)
    assert ec.wait_started(waiting, timeout=PATIENCE)
    settle(ec)
    assert ec.get_resource(waiting).calls == ["deploy", "start"]


# -- failures ------------------------------------------------------------------------------------------


def test_critical_failure_fails_who_waits_for_it_with_a_message_that_names_both(ec, three, expect_log):
    waiting, broken, chained = three
    expect_log("FAILED: no power")
    expect_log("test::Scripted 1: FAILED: Its START waited for test::Scripted 4, which FAILED: no power")
    expect_log("test::Scripted 3: FAILED: Its STOP waited for test::Scripted 1")
    critical = ec.register_resource("test::Scripted")
    ec.set(waiting, "critical", True)
    ec.register_condition(waiting, START, critical, STARTED)
    ec.register_condition(chained, STOP, waiting, STARTED)
    ec.register_condition(critical, START, broken, STOPPED)
    ec.deploy()
    ec.wait_started([broken, chained], timeout=PATIENCE)
    ec.get_resource(critical).fail("no power")
    ec.wait([waiting, chained], FAILED, lambda: False, PATIENCE)
    assert ec.get_resource(chained).cause.endswith("which FAILED: " + ec.get_resource(waiting).cause)
    assert ec.abort


def test_failure_that_is_not_critical_is_skipped(ec, three, expect_log):
    expect_log("test::Scripted 2: FAILED: no power")
    waiting, broken, other = three
    ec.get_resource(broken).script["start"] = lambda: ec.get_resource(broken).fail("no power")
    ec.register_condition(waiting, START, [broken, other], STARTED, "0s")
    ec.deploy()
    assert ec.wait_started(waiting, timeout=PATIENCE)
    assert (ec.state(waiting), ec.state(broken), ec.abort) == (STARTED, FAILED, False)


def test_own_failure_forgets_the_actions_that_wait(ec, three, expect_log):
    expect_log("FAILED: broken")
    waiting, other, _ = three
    ec.register_condition(waiting, START, other, STARTED)
    ec.deploy(waiting)
    ec.wait_deployed(waiting, timeout=PATIENCE)
    ec.get_resource(waiting).fail("broken")
    ec.deploy(other)
    ec.wait_started(other, timeout=PATIENCE)
    settle(ec)
    assert ec.get_resource(waiting).calls == ["deploy", "fail"]


# -- changes while actions wait ------------------------------------------------------------------------


def test_condition_that_comes_while_the_action_waits_is_required_too(ec, three):
    waiting, one, two = three
    ec.register_condition(waiting, START, one, STARTED)
    ec.deploy(waiting)
    ec.wait_deployed(waiting, timeout=PATIENCE)
    ec.register_condition(waiting, START, two, STARTED)
    ec.deploy(one)
    ec.wait_started(one, timeout=PATIENCE)
    settle(ec)
    assert ec.state(waiting) is READY
    ec.deploy(two)
    assert ec.wait_started(waiting, timeout=PATIENCE)


@pytest.mark.parametrize("how", ["unregister", "remove"])
def test_condition_that_goes_while_the_action_waits_lets_it_run(ec, three, how):
    waiting, other, _ = three
    ec.register_condition(waiting, START, other, STARTED)
    ec.deploy(waiting)
    ec.wait_deployed(waiting, timeout=PATIENCE)
    settle(ec)
    assert ec.state(waiting) is READY
    if how == "remove":
        ec.remove_resource(other)
    else:
        ec.get_resource(waiting).unregister_condition(other)
    assert ec.wait_started(waiting, timeout=PATIENCE)


def test_each_action_runs_once_however_often_it_is_armed(ec, three):
    guid, other, _ = three
    ec.register_condition(guid, START, other, STARTED)
    manager = ec.get_resource(guid)
    in_threads(*[manager.deploy_with_conditions] * 3, *[manager.start_with_conditions] * 3)
    ec.deploy(other)
    ec.wait_started(guid, timeout=PATIENCE)
    settle(ec)
    assert manager.calls == ["deploy", "start"]


def test_gates_that_open_while_conditions_change_never_block_each_other(ec):
    """The lock of armed actions and that of gates were once taken in both orders."""
    movers = [ec.register_resource("test::Scripted") for _ in range(40)]
    waiting = [ec.register_resource("test::Scripted") for _ in range(40)]
    for guid, mover in itertools.product(waiting, movers):
        ec.register_condition(guid, START, mover, STARTED)
    ec.deploy(waiting)

    def change_conditions() -> None:
        for mover, guid in zip(movers * 3, waiting * 3, strict=True):
            ec.get_resource(guid).unregister_condition(mover)

    in_threads(lambda: ec.deploy(movers), change_conditions, lambda: ec.release(waiting[:10], timeout=PATIENCE))
    assert ec.wait_started(movers + waiting, timeout=PATIENCE)


# -- attributes that change during the run -------------------------------------------------------------


def test_attribute_is_set_once_the_conditions_are_met(ec, three, clock):
    one, two, other = three
    ec.set_with_conditions("speed", "5", [one, two], other, STARTED, "1m")
    ec.get_resource(other).set_with_conditions("speed", 7, one, STARTED)
    ec.deploy()
    ec.wait_started(three, timeout=PATIENCE)
    settle(ec)
    assert [ec.get(guid, "speed") for guid in three] == [1.0, 1.0, 7.0]
    clock.jump(60, ec)
    settle(ec)
    assert [ec.get(guid, "speed") for guid in three] == [5.0, 5.0, 7.0]


def test_change_that_waits_for_a_critical_failure_is_given_up_and_told(ec, three, expect_log, caplog):
    expect_log("FAILED")
    critical = ec.register_resource("test::Scripted")
    ec.set_with_conditions("speed", 5, three[0], critical, STARTED)
    ec.get_resource(critical).fail("broken")
    settle(ec)
    assert "attribute 'speed' is not set to 5: it waited for test::Scripted 4, which FAILED" in caplog.text
    assert ec.get(three[0], "speed") == 1.0


def test_change_that_is_not_allowed_any_more_is_told_and_the_others_are_made(ec, three, expect_log):
    expect_log("test::Scripted 1: attribute 'size' is not set to 3, as planned: .*only before the deployment")
    one, two, other = three
    ec.set_with_conditions("size", 3, [one, two], other, STARTED)
    ec.deploy([one, other])
    ec.wait_started([one, other], timeout=PATIENCE)
    settle(ec)
    assert [ec.get(guid, "size") for guid in (one, two)] == [1, 3]


def test_change_goes_with_the_last_resource_that_it_waits_for(ec, three):
    one, two, other = three
    ec.set_with_conditions("speed", 5, one, two, STARTED)
    ec.set_with_conditions("speed", 6, one, [two, other], STARTED)
    ec.remove_resource(two)
    settle(ec)
    assert ec.get(one, "speed") == 1.0
    ec.deploy()
    ec.wait_started(other, timeout=PATIENCE)
    settle(ec)
    assert ec.get(one, "speed") == 6.0

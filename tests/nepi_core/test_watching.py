"""States, times, subscriptions and waits: what ends a wait, and what it says when its time is up."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from nepi_core.errors import NepiError, UnknownResourceError, WaitTimeoutError
from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from tests.nepi_core.resource_types import PATIENCE, Hold, in_threads, settle

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState


def add(ec, number: int, **attributes) -> list[int]:
    return [ec.register_resource("test::Scripted", **attributes) for _ in range(number)]


class Waiting:
    """A thread that waits; ``result`` is what the wait returned or raised."""

    def __init__(self, wait) -> None:
        self.result: object = "still waiting"
        self._wait = wait
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._wait()
        except Exception as error:
            self.result = error

    def end(self) -> object:
        self._thread.join(PATIENCE)
        return self.result


# -- states and times ----------------------------------------------------------------------------------


def test_states(ec):
    (guid,) = add(ec, 1)
    assert (ec.state(guid), ec.state(guid, hr=True)) == (NEW, "NEW")
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    assert (ec.state(guid), ec.state(guid, True)) == (STARTED, "STARTED")


def test_times_are_dates_in_the_order_of_the_states(ec, expect_log):
    expect_log("FAILED")
    one, two = add(ec, 2)
    ec.discover(one)
    ec.provision(one)
    ec.deploy()
    ec.wait_started([one, two], timeout=PATIENCE)
    ec.stop(one)
    ec.get_resource(two).fail("broken")
    assert ec.get_release_time(one) is None
    ec.release()
    names = ("discover", "provision", "ready", "start", "stop", "failed", "release")
    times = {name: [getattr(ec, f"get_{name}_time")(guid) for guid in (one, two)] for name in names}
    assert [name for name in names if times[name][0] is None] == ["failed"]
    assert [name for name in names if times[name][1] is None] == ["discover", "provision", "stop"]
    for guid in (0, 1):
        dates = [times[name][guid] for name in names if times[name][guid]]
        assert all(isinstance(date, datetime) for date in dates)
        assert dates == sorted(dates)


# -- subscriptions -------------------------------------------------------------------------------------


def test_subscribers_hear_of_every_change_in_order_until_they_end_that(ec):
    seen: list[StateChange] = []
    (guid,) = add(ec, 1)
    end = ec.subscribe(seen.append)
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    settle(ec)
    end()
    ec.stop(guid)
    assert [(change.guid, change.old, change.new) for change in seen] == [(guid, NEW, READY), (guid, READY, STARTED)]


def test_subscriber_that_raises_is_told_of_with_its_traceback(ec, expect_log, caplog):
    expect_log("nepi.controller: A subscriber failed at StateChange")
    (guid,) = add(ec, 1)
    ec.subscribe(lambda change: 1 / 0)
    ec.deploy()
    assert ec.wait_started(guid, timeout=PATIENCE)
    settle(ec)
    assert all(record.exc_info for record in caplog.records)


def test_values_set_after_the_deployment_are_told_until_that_is_ended(ec):
    told: list[tuple[int, str, object]] = []
    (guid,) = add(ec, 1)
    end, other = (ec.subscribe_values(lambda *value: told.append(value)) for _ in range(2))
    ec.set(guid, "speed", 2.0)
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    ec.set(guid, "speed", 3)
    other()
    ec.set(guid, "speed", None)
    end()
    ec.set(guid, "speed", 4.0)
    assert told == [(guid, "speed", 3.0), (guid, "speed", 3.0), (guid, "speed", None)]


def test_secrets_are_told_to_nobody(ec):
    told: list[object] = []
    (guid,) = add(ec, 1)
    ec.subscribe_values(lambda *value: told.append(value))
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    ec.set(guid, "secret", "hush")
    assert told == []


def test_value_is_set_and_told_to_the_others_though_a_subscriber_raises(ec, expect_log):
    expect_log("nepi.watching: A subscriber failed at attribute 'speed' of resource 1")
    told: list[object] = []
    (guid,) = add(ec, 1)
    ec.subscribe_values(lambda *value: 1 / 0)
    ec.subscribe_values(lambda *value: told.append(value))
    ec.deploy()
    ec.wait_started(guid, timeout=PATIENCE)
    assert ec.set(guid, "speed", 3) == 3.0
    assert told == [(guid, "speed", 3.0)]


@pytest.mark.parametrize(
    "call", [lambda ec: ec.wait_started(1), lambda ec: ec.release(2), lambda ec: ec.shutdown(), lambda ec: ec.stop(1)]
)
def test_wait_inside_a_subscriber_is_refused_and_nothing_is_done(ec, call):
    guids = add(ec, 2)
    refusals: list[str] = []

    def wait(change: StateChange) -> None:
        if change == (1, READY, STARTED, change.time, ""):
            try:
                call(ec)
            except NepiError as error:
                refusals.append(str(error))

    ec.subscribe(wait)
    ec.deploy()
    ec.wait_started(guids, timeout=PATIENCE)
    settle(ec)
    assert len(refusals) == 1
    assert "must not wait for state changes: they come through it. Leave it to a worker, as in ec.sch" in refusals[0]
    assert [ec.state(guid) for guid in guids] == [STARTED, STARTED]


def test_subscriber_leaves_waiting_to_a_worker(ec):
    (guid,) = add(ec, 1)
    ec.subscribe(lambda change: ec.schedule("0s", ec.shutdown) if change.new is STARTED else None)
    ec.deploy()
    assert ec.wait(guid, RELEASED, timeout=PATIENCE)


# -- waits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wait", ["wait_deployed", "wait_started", "wait_finished", "wait_released", "wait"])
def test_each_wait_ends_with_its_state(ec, wait):
    one, two = add(ec, 2)
    waiting = Waiting(lambda: getattr(ec, wait)([one, two], timeout=PATIENCE))
    ec.deploy()
    ec.wait_started([one, two], timeout=PATIENCE)
    if wait not in ("wait_deployed", "wait_started"):
        assert waiting.result == "still waiting"
        for guid in (one, two):
            ec.stop(guid)
    if wait == "wait_released":
        assert waiting.result == "still waiting"
        ec.release()
    assert waiting.end() is True


def test_later_state_is_enough(ec):
    (guid,) = add(ec, 1)
    ec.release()
    assert ec.wait_deployed(guid)
    assert ec.wait(guid, FAILED)
    assert ec.wait([], STARTED)


@pytest.mark.parametrize(
    ("wait", "state"),
    [("wait_deployed", READY), ("wait_started", STARTED), ("wait_finished", STOPPED), ("wait_released", RELEASED)],
)
def test_time_is_up(ec, wait, state):
    guids = add(ec, 7)
    ec.get_resource(3).release()
    with pytest.raises(WaitTimeoutError) as caught:
        getattr(ec, wait)(guids, timeout=0.01)
    assert str(caught.value) == (
        f"After 0.01 s not all resources are {state.name}: test::Scripted 1 is NEW, test::Scripted 2 is NEW, "
        "test::Scripted 4 is NEW, test::Scripted 5 is NEW, test::Scripted 6 is NEW, and 1 more."
    )
    assert isinstance(caught.value, TimeoutError)


def test_release_has_a_time_limit_and_goes_on_after_it(ec):
    (guid,) = add(ec, 1)
    hold = Hold()
    ec.get_resource(guid).script["release"] = hold
    with pytest.raises(WaitTimeoutError, match=r"not all resources are RELEASED: test::Scripted 1 is NEW\."):
        ec.release(timeout=0.01)
    hold.let_go()
    assert ec.wait_released(guid, timeout=PATIENCE)


def test_unknown_guid(ec):
    with pytest.raises(UnknownResourceError):
        ec.wait_started([*add(ec, 1), 99])


def test_abort_ends_waits_that_run_and_those_to_come(ec, expect_log):
    expect_log("FAILED")
    one, two = add(ec, 2)
    waits = [Waiting(lambda: ec.wait_finished([one, two], timeout=PATIENCE)) for _ in range(5)]
    ec.get_resource(two).fail("broken")
    assert [waiting.end() for waiting in waits] == [False] * 5
    assert ec.abort
    assert ec.wait_started(one, timeout=PATIENCE) is False
    assert ec.wait_started(two) is True


def test_abort_is_known_to_who_waited_for_the_resource_that_failed(ec, expect_log):
    expect_log("FAILED")
    for _ in range(20):
        (guid,) = add(ec, 1, critical=True)
        waiting = Waiting(lambda guid=guid: (ec.wait(guid, FAILED, lambda: False, PATIENCE), ec.abort))
        ec.get_resource(guid).fail("broken")
        assert waiting.end() == (True, True)


def test_failure_that_is_not_critical_ends_no_wait(ec, expect_log):
    expect_log("FAILED")
    one, two = add(ec, 2, critical=False)
    waiting = Waiting(lambda: ec.wait_started([one, two], timeout=PATIENCE))
    ec.get_resource(two).fail("broken")
    assert waiting.result == "still waiting"
    ec.deploy(one)
    assert waiting.end() is True


def test_abort_does_not_end_the_wait_for_releases(ec, expect_log):
    expect_log("FAILED")
    one, two = add(ec, 2)
    hold = Hold()
    ec.get_resource(one).script["release"] = hold
    releasing = Waiting(lambda: ec.release(one))
    assert hold.begun.wait(PATIENCE)
    ec.get_resource(two).fail("broken")
    assert ec.abort
    assert releasing.result == "still waiting"
    hold.let_go()
    assert releasing.end() is None
    assert ec.state(one) is RELEASED


def test_quit_ends_a_wait_when_a_resource_changes(ec):
    one, two = add(ec, 2)
    enough: list[bool] = []
    waiting = Waiting(lambda: ec.wait(one, STOPPED, lambda: bool(enough), PATIENCE))
    ec.get_resource(two).deploy()
    assert waiting.result == "still waiting"
    enough.append(True)
    ec.get_resource(two).start()
    assert waiting.end() is False
    assert ec.wait(one, STOPPED, lambda: True) is False


def test_what_quit_raises_is_raised_by_the_wait(ec):
    one, two = add(ec, 2)
    enough: list[bool] = []
    waiting = Waiting(lambda: ec.wait(one, STOPPED, lambda: bool(enough and 1 / 0), PATIENCE))
    enough.append(True)
    ec.get_resource(two).deploy()
    assert isinstance(waiting.end(), ZeroDivisionError)


def test_removed_resource_is_not_waited_for_any_more(ec):
    (guid,) = add(ec, 1)
    waiting = Waiting(lambda: ec.wait_started(guid, timeout=PATIENCE))
    while not ec._waits:
        pass
    ec.remove_resource(guid)
    assert waiting.end() is True


def test_jobs_may_wait_however_few_threads_there_are(make_ec):
    ec = make_ec(nthreads=1)
    one, two, three = add(ec, 3)
    ec.get_resource(one).script["start"] = lambda: ec.wait_started(two, timeout=PATIENCE)
    ec.get_resource(two).script["start"] = lambda: ec.wait_started(three, timeout=PATIENCE)
    ec.deploy()
    assert ec.wait_started([one, two, three], timeout=PATIENCE)


def test_nothing_is_left_of_waits_that_have_ended(ec):
    guids = add(ec, 3)
    ec.deploy()
    in_threads(*[lambda: ec.wait(guids, STARTED, lambda: False, PATIENCE)] * 5)
    assert not ec._waits
    assert len(ec.announcer._subscribers) == 2

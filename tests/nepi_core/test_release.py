"""The end of resources and of the whole experiment: release, shutdown, whoever asks for them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from nepi_core.controller import ECState, ExperimentController
from nepi_core.errors import NepiError
from nepi_core.gates import Wait
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceAction, ResourceState
from tests.nepi_core.resource_types import PATIENCE, Guest, Hold, in_threads, in_turn

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


def add(ec, number: int, rtype: str = "test::Scripted", **attributes) -> list[int]:
    return [ec.register_resource(rtype, **attributes) for _ in range(number)]


def started(ec, number: int) -> list[int]:
    guids = add(ec, number)
    ec.deploy()
    ec.wait_started(guids, timeout=PATIENCE)
    return guids


def states(ec, guids) -> list[str]:
    return [ec.state(guid, hr=True) for guid in guids]


# -- release -------------------------------------------------------------------------------------------


def test_release_of_some_leaves_the_rest_running(ec):
    one, two, three = started(ec, 3)
    ec.release([one, three], timeout=PATIENCE)
    assert states(ec, (one, two, three)) == ["RELEASED", "STARTED", "RELEASED"]
    ec.release(one)
    assert not ec.abort
    (more,) = add(ec, 1)
    ec.deploy()
    assert ec.wait_started(more, timeout=PATIENCE)


def test_hosts_are_released_after_their_guests(ec):
    place = ec.register_resource("test::Place")
    guests = add(ec, 3, "test::Guest", connected_to=place)
    ec.deploy()
    ec.wait_started(guests, timeout=PATIENCE)
    ec.release()
    last = ec.get_release_time(place)
    assert all(ec.get_release_time(guest) <= last for guest in guests)


def test_release_of_a_host_alone_does_not_wait_for_its_guests(ec):
    place = ec.register_resource("test::Place")
    (guest,) = add(ec, 1, "test::Guest", connected_to=place)
    ec.deploy()
    ec.wait_started(guest, timeout=PATIENCE)
    ec.release(guest)
    ec.release(place, timeout=PATIENCE)


def test_type_that_raises_when_it_is_asked_for_its_hosts_is_released_all_the_same(ec, expect_log, monkeypatch):
    expect_log("Resources are released in no order")
    guids = [*add(ec, 2), *add(ec, 1, "test::Guest")]
    monkeypatch.setattr(Guest, "deploys_after", lambda self: 1 / 0)
    ec.shutdown()
    assert states(ec, guids) == ["RELEASED"] * 3


def test_release_while_it_waits_for_conditions(ec):
    one, two = add(ec, 2)
    ec.register_condition(one, START, two, STOPPED, "10s")
    ec.register_condition(two, DEPLOY, two, FAILED)
    ec.deploy()
    ec.wait_deployed(one, timeout=PATIENCE)
    ec.release(timeout=PATIENCE)
    assert set(ec.get_resource(one).calls) == {"deploy", "cancel", "release"}
    assert set(ec.get_resource(two).calls) == {"cancel", "release"}


def test_release_during_a_long_deployment_that_looks_whether_it_is_cancelled(ec):
    (guid,) = add(ec, 1)
    manager, begun, cancelled = ec.get_resource(guid), threading.Event(), threading.Event()

    def take_long() -> None:
        begun.set()
        assert cancelled.wait(PATIENCE)
        assert manager.cancelled

    manager.script.update(deploy=take_long, cancel=cancelled.set)
    ec.deploy()
    assert begun.wait(PATIENCE)
    ec.release(timeout=PATIENCE)
    assert manager.life.history() in ("NEW > READY > RELEASED", "NEW > RELEASED")
    assert "start" not in manager.calls


def test_resource_that_would_release_itself_inside_its_own_job_is_refused(ec, expect_log):
    expect_log("FAILED: test::Scripted 1 cannot be released from inside its own job, which the release awaits")
    one, two = add(ec, 2)
    ec.get_resource(one).script["start"] = ec.shutdown
    ec.deploy()
    ec.wait(one, FAILED, lambda: False, PATIENCE)
    assert ec.state(two) is not RELEASED


def test_hard_release_removes_results_and_resource(ec):
    gone, kept = add(ec, 2)
    ec.set(gone, "hardRelease", True)
    ec.register_condition(kept, STOP, gone, STOPPED)
    ec.deploy()
    ec.wait_started([gone, kept], timeout=PATIENCE)
    paths = [ec.get_resource(guid).trace_path("output") for guid in (gone, kept)]
    for path in paths:
        path.write_text("result")
    ec.release(timeout=PATIENCE)
    assert [path.exists() for path in paths] == [False, True]
    assert ec.resources == [kept]
    assert ec.get_resource(kept).conditions == {}


# -- shutdown ------------------------------------------------------------------------------------------


def test_shutdown_releases_everything_and_twice_is_harmless(ec):
    guids = [*started(ec, 3), *add(ec, 1)]
    ec.shutdown()
    ec.shutdown()
    assert states(ec, guids) == ["RELEASED"] * 4
    assert ec.ecstate is ECState.TERMINATED
    assert ec.wait_finished(guids)
    with RunReader(Path(ec.run_dir)) as reader:
        assert reader.facts()["outcome"] == "done"


def test_block(types, tmp_path):
    with ExperimentController("exp", tmp_path) as ec:
        (guid,) = started(ec, 1)
    assert (ec.ecstate, ec.state(guid)) == (ECState.TERMINATED, RELEASED)


@pytest.mark.parametrize(("error", "outcome"), [(ValueError, "failed"), (KeyboardInterrupt, "interrupted")])
def test_block_that_is_left_by_an_error(types, tmp_path, error, outcome):
    ec = ExperimentController("exp", tmp_path)

    def use() -> None:
        with ec:
            started(ec, 2)
            raise error

    with pytest.raises(error):
        use()
    assert ec.ecstate is ECState.TERMINATED
    with RunReader(Path(ec.run_dir)) as reader:
        assert reader.facts()["outcome"] == outcome


def test_shutdown_after_a_failure_cleans_up(ec, expect_log):
    expect_log("FAILED: broken")
    guids = started(ec, 3)
    ec.get_resource(guids[0]).fail("broken")
    assert ec.ecstate is ECState.FAILED
    ec.shutdown()
    assert states(ec, guids) == ["RELEASED"] * 3
    assert ec.get_failed_time(guids[0]) is not None
    with RunReader(Path(ec.run_dir)) as reader:
        assert reader.facts()["outcome"] == "failed"


def test_run_folder_is_kept_unless_it_is_not_to_be(make_ec):
    for persist in (True, False):
        ec = make_ec(persist=persist)
        started(ec, 1)
        assert Path(ec.run_dir).is_dir()
        ec.shutdown()
        assert Path(ec.run_dir).exists() is persist


@pytest.mark.parametrize("nthreads", [1, 20])
def test_task_may_shut_down(make_ec, nthreads):
    ec = make_ec(nthreads=nthreads)
    guids = started(ec, 3)
    ec.schedule("0s", ec.shutdown)
    assert ec.wait(guids, RELEASED, timeout=PATIENCE)
    ec.shutdown()
    assert ec.ecstate is ECState.TERMINATED


def test_task_that_shuts_down_while_another_thread_does_returns_at_once(ec):
    (guid,) = started(ec, 1)
    hold, task = Hold(), Hold()
    ec.get_resource(guid).script["release"] = hold
    ec.schedule("0s", in_turn(task, ec.shutdown))
    assert task.begun.wait(PATIENCE)
    shutdown = threading.Thread(target=ec.shutdown)
    shutdown.start()
    assert hold.begun.wait(PATIENCE)
    task.let_go()
    hold.let_go()
    shutdown.join(PATIENCE)
    assert not shutdown.is_alive()


@pytest.mark.parametrize("what", ["release", "stop", "wait_started"])
def test_task_may_wait_with_one_thread(make_ec, what):
    ec = make_ec(nthreads=1)
    one, two = started(ec, 2)
    done = threading.Event()

    def call_and_tell() -> None:
        getattr(ec, what)(one)
        done.set()

    ec.schedule("0s", call_and_tell)
    assert done.wait(PATIENCE)
    assert ec.state(two) is STARTED


def test_several_threads_may_shut_down_and_release_at_once(ec):
    guids = started(ec, 20)
    in_threads(ec.shutdown, ec.shutdown, ec.release, lambda: ec.release(guids[:10]))
    assert states(ec, guids) == ["RELEASED"] * 20


def test_interrupted_shutdown_can_be_repeated(ec, monkeypatch):
    guids = started(ec, 2)

    def interrupt(*arguments) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(ec, "_wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ec.shutdown()
    with pytest.raises(NepiError, match="has been shut down"):
        add(ec, 1)
    ec.shutdown()
    assert states(ec, guids) == ["RELEASED"] * 2


def test_interrupted_wait_leaves_everything_as_it_was(ec, monkeypatch):
    def interrupt(self, timeout) -> bool:
        raise KeyboardInterrupt

    guids = started(ec, 2)
    monkeypatch.setattr(Wait, "block", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ec.wait_finished(guids)
    monkeypatch.undo()
    assert not ec._waits
    ec.shutdown()


@pytest.mark.parametrize("turn", range(1, 8))
def test_interrupted_deployment_can_be_shut_down(ec, monkeypatch, turn):
    place = ec.register_resource("test::Place")
    guids = add(ec, 5, "test::Guest", connected_to=place)
    asked: list[int] = []

    def interrupt(self) -> list[int]:
        asked.append(self.guid)
        if len(asked) == turn:
            raise KeyboardInterrupt
        return [place]

    monkeypatch.setattr(Guest, "deploys_after", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ec.deploy()
    ec.shutdown()
    assert states(ec, [place, *guids]) == ["RELEASED"] * 6


def test_two_controllers_at_once(make_ec, expect_log):
    expect_log("FAILED: broken")
    one, other = make_ec("one"), make_ec("other")
    (guid,), (another,) = started(one, 1), started(other, 1)
    one.get_resource(guid).fail("broken")
    assert (one.abort, other.abort) == (True, False)
    one.shutdown()
    assert other.state(another) is STARTED
    other.stop(another)
    other.shutdown()
    with RunReader(Path(other.run_dir)) as reader:
        assert "broken" not in str(reader.log())

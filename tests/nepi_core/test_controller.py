"""The controller itself: what it is called, its tasks, its folders, release and shutdown."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from nepi_core.controller import ECState, ExperimentController, default_local_dir
from nepi_core.errors import IllegalMoveError, NepiError, TimeFormatError
from nepi_core.runs.reader import RunReader
from nepi_core.scheduler import TaskStatus
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import tnow, tsformat
from tests.nepi_core.resource_types import PATIENCE, Guest, Hold, in_threads, settle

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


# -- names and folders ---------------------------------------------------------------------------------


def test_names_and_folders(make_ec, tmp_path):
    ec = make_ec("mine", tmp_path / "here", run_id="first", nthreads=3)
    assert (ec.exp_id, ec.run_id, ec.nthreads, ec.persist) == ("mine", "first", 3, True)
    assert ec.local_dir == str(tmp_path / "here")
    assert ec.exp_dir == str(tmp_path / "here/mine")
    assert ec.run_dir == str(tmp_path / "here/mine/first")
    assert (ec.ecstate, ec.netgraph, ec.has_run) == (ECState.RUNNING, None, False)
    assert not Path(ec.local_dir).exists()


def test_names_are_made_up(make_ec):
    one, two = make_ec(), make_ec()
    assert re.fullmatch(r"exp-[0-9a-f]{8}", one.exp_id)
    assert one.exp_id != two.exp_id
    assert re.fullmatch(r"\d{20}", one.run_id)


@pytest.mark.parametrize("name", ["..", "a/b", "/etc", "-rf", ".hidden", "a\nb", "x" * 201, "a\0b", 5, " "])
@pytest.mark.parametrize("what", ["exp_id", "run_id"])
def test_name_that_is_none(make_ec, what, name):
    with pytest.raises(NepiError, match=f"{what} cannot be .* it names a folder"):
        make_ec(**{what: name})


@pytest.mark.parametrize("number", [-1, 1001, "many"])
def test_number_of_threads_that_is_none(make_ec, number):
    with pytest.raises(NepiError, match="a whole number from 1 to 1000"):
        make_ec(nthreads=number)


def test_number_of_threads_from_the_environment(make_ec, monkeypatch):
    monkeypatch.setenv("NEPI_NTHREADS", "7")
    assert (make_ec().nthreads, make_ec(nthreads=2).nthreads) == (7, 2)


def test_default_folder(monkeypatch):
    monkeypatch.setenv("NEPI_LOCAL_DIR", "/some/where")
    assert default_local_dir() == "/some/where"
    monkeypatch.delenv("NEPI_LOCAL_DIR")
    assert default_local_dir().endswith("nepi/experiments")


def test_made_and_dropped_it_leaves_no_thread_and_no_folder(types, tmp_path):
    before = threading.active_count()
    ec = ExperimentController(local_dir=tmp_path / "x")
    add(ec, 3)
    assert threading.active_count() == before
    assert not (tmp_path / "x").exists()


def test_topology_builds_the_experiment(make_ec):
    def add_node(ec, nid) -> None:
        ec.netgraph.annotate_node(nid, "guid", ec.register_resource("test::Scripted"))

    def add_edge(ec, nid1, nid2) -> None:
        ec.register_connection(*[ec.netgraph.node_annotation(nid, "guid") for nid in (nid1, nid2)])

    ec = make_ec(add_node_callback=add_node, add_edge_callback=add_edge, topo_type="linear", node_count=3)
    assert [len(ec.get_resource(guid).connections) for guid in ec.resources] == [1, 2, 1]


def test_error_in_a_callback_is_raised_and_leaves_no_thread(types, tmp_path):
    def add_node(ec, nid) -> None:
        ec.schedule("1h", lambda: None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ExperimentController(local_dir=tmp_path, add_node_callback=add_node, topo_type="linear", node_count=3)


# -- start and stop by hand ----------------------------------------------------------------------------


def test_start_and_stop_by_hand(ec):
    (guid,) = add(ec, 1)
    with pytest.raises(IllegalMoveError):
        ec.start(guid)
    ec.get_resource(guid).deploy()
    for _ in range(3):
        ec.start(guid)
        assert ec.state(guid) is STARTED
        ec.stop(guid)
        assert ec.state(guid) is STOPPED


def test_stop_waits_until_it_has_stopped(ec, monkeypatch):
    (guid,) = started(ec, 1)
    manager, asked = ec.get_resource(guid), threading.Event()
    monkeypatch.setattr(type(manager), "do_stop", lambda self: asked.set())
    seen: list[str] = []

    def stop() -> None:
        ec.stop(guid)
        seen.append(ec.state(guid, hr=True))

    def end() -> None:
        assert asked.wait(PATIENCE)
        assert seen == []
        ec.workers.submit(lambda: manager.life.run_or_queue(manager.set_stopped))

    in_threads(stop, end)
    assert seen == ["STOPPED"]


def test_stop_that_fails_ends_too(ec, expect_log):
    expect_log("FAILED: stuck")
    (guid,) = started(ec, 1)
    ec.get_resource(guid).script["stop"] = lambda: ec.get_resource(guid).fail("stuck")
    with pytest.raises(IllegalMoveError):
        ec.stop(guid)
    assert ec.state(guid) is FAILED


# -- tasks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date", ["0s", 0, "1ms", None, tsformat(), tnow() - timedelta(days=1), timedelta(milliseconds=1)], ids=repr
)
def test_task_runs_when_it_is_due(ec, date):
    done = threading.Event()
    ec.schedule(date, done.set)
    assert done.wait(PATIENCE)


def test_task_waits_for_its_date(ec, clock):
    done: list[str] = []
    ec.schedule(tnow() + timedelta(hours=2), lambda: done.append("date"))
    ec.schedule("1h", lambda: done.append("delay"))
    settle(ec)
    assert done == []
    clock.jump(3600, ec)
    settle(ec)
    assert done == ["delay"]
    clock.jump(3600, ec)
    settle(ec)
    assert done == ["delay", "date"]


@pytest.mark.parametrize("date", ["tomorrow", "2 minutes", "-1s", "", -5])
def test_date_that_is_none(ec, date):
    with pytest.raises(TimeFormatError):
        ec.schedule(date, lambda: None)


def test_tracked_task_keeps_its_result(ec):
    number = ec.schedule("0s", lambda: 42, track=True)
    other = ec.schedule("0s", lambda: 43)
    settle(ec)
    task = ec.get_task(number)
    assert (task.id, task.status, task.result) == (number, TaskStatus.DONE, 42)
    assert ec.get_task(other) is None
    assert ec.get_task(999) is None


@pytest.mark.parametrize("error", [ValueError("it broke"), SystemExit("it broke")])
def test_error_in_a_task_is_logged_and_kept(ec, expect_log, error):
    expect_log("nepi.controller: A scheduled task failed: it broke")

    def fail() -> None:
        raise error

    number = ec.schedule("0s", fail, track=True)
    settle(ec)
    assert (ec.get_task(number).status, ec.get_task(number).result) == (TaskStatus.ERROR, error)
    assert not ec.abort


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
    with pytest.raises(error), ExperimentController("exp", tmp_path) as ec:
        started(ec, 2)
        raise error
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
    ec.schedule("0s", lambda: (task(), ec.shutdown()))
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
    number = ec.schedule("0s", lambda: getattr(ec, what)(one), track=True)
    settle(ec)
    assert ec.get_task(number).status is TaskStatus.DONE
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

    monkeypatch.setattr(ec, "wait_released", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ec.shutdown()
    with pytest.raises(NepiError, match="has been shut down"):
        add(ec, 1)
    ec.shutdown()
    assert states(ec, guids) == ["RELEASED"] * 2


def test_interrupted_wait_leaves_everything_as_it_was(ec, monkeypatch):
    from nepi_core.gates import Wait

    def interrupt(self, timeout) -> bool:
        raise KeyboardInterrupt

    guids = started(ec, 2)
    monkeypatch.setattr(Wait, "block", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ec.wait_finished(guids)
    monkeypatch.undo()
    assert not ec._waits
    ec.shutdown()


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

"""The controller itself: what it is called, its tasks, its folders, release and shutdown."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from nepi_core.controller import ECState, ExperimentController, default_local_dir
from nepi_core.errors import IllegalMoveError, NepiError, TimeFormatError
from nepi_core.scheduler import TaskStatus
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import tnow, tsformat
from tests.nepi_core.resource_types import PATIENCE, in_threads, settle

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

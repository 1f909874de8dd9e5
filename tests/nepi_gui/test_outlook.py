from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.description import Condition
from nepi_core.states import ResourceAction, ResourceState
from nepi_gui.outlook import Outlook, ending
from tests.nepi_gui.experiments import START, STOP, Described

Build = Callable[[Described], ExperimentController]


@pytest.fixture
def build(types: None, tmp_path: Path) -> Iterator[Build]:
    made: list[ExperimentController] = []

    def make(described: Described) -> ExperimentController:
        made.append(ExperimentController(local_dir=tmp_path, description=described.description))
        return made[-1]

    yield make
    for ec in made:
        ec.shutdown()


def test_workers_end_and_servers_do_not(build: Build) -> None:
    described = Described()
    worker, server = described.add("test::Worker"), described.add("test::Server")
    ec = build(described)
    assert ending(map(ec.get_resource, ec.resources)) == {worker}
    outlook = Outlook(ec)
    assert outlook.starts(server)
    assert not outlook.stops(server)
    assert outlook.stops(worker)


def test_a_stop_condition_ends_a_server_when_it_can_be_met(build: Build) -> None:
    described = Described()
    worker, server, other = described.add("test::Worker"), described.add("test::Server"), described.add("test::Server")
    described.wait(server, STOP, worker, ResourceState.STOPPED)
    described.wait(other, STOP, server, ResourceState.STOPPED)
    outlook = Outlook(build(described))
    assert outlook.stops(server)
    assert outlook.stops(other)


def test_what_waits_for_the_end_of_a_server_never_ends(build: Build) -> None:
    described = Described()
    server, worker, later = described.add("test::Server"), described.add("test::Worker"), described.add("test::Worker")
    described.wait(worker, START, server, ResourceState.STOPPED)
    described.wait(later, START, worker, ResourceState.STARTED)
    ec = build(described)
    outlook = Outlook(ec)
    assert not outlook.stops(worker)
    assert not outlook.stops(later)
    assert "neither ends by itself nor is stopped" in outlook.tell_obstacle(worker)
    assert "test::Worker 2 will never be STARTED" in outlook.tell_obstacle(later)
    assert Outlook(ec, [server]).stops(later)


def test_servers_that_wait_for_each_other_to_stop_never_stop(build: Build) -> None:
    described = Described()
    one, two = described.add("test::Server"), described.add("test::Server")
    described.wait(one, STOP, two, ResourceState.STOPPED)
    described.wait(two, STOP, one, ResourceState.STOPPED)
    outlook = Outlook(build(described))
    assert not outlook.stops(one)
    assert not outlook.stops(two)


def test_what_waits_for_a_release_never_starts(build: Build) -> None:
    described = Described()
    one, two = described.add("test::Worker"), described.add("test::Worker")
    described.wait(two, START, one, ResourceState.RELEASED)
    outlook = Outlook(build(described))
    assert not outlook.starts(two)
    assert "only at the end of the run" in outlook.tell_obstacle(two)


def test_what_waits_for_a_failure_may_start_until_nothing_can_fail(build: Build) -> None:
    described = Described()
    one, two = described.add("test::Worker"), described.add("test::Worker")
    described.wait(two, START, one, ResourceState.FAILED)
    ec = build(described)
    assert Outlook(ec).starts(two)
    assert not Outlook(ec, failures=False).starts(two)
    ec.deploy()
    ec.wait_finished(one, timeout=30)
    assert not Outlook(ec).starts(two)


def test_a_deployment_that_waits_counts_too(build: Build) -> None:
    described = Described()
    server, worker = described.add("test::Server"), described.add("test::Worker")
    described.wait(worker, ResourceAction.DEPLOY, server, ResourceState.STOPPED)
    assert not Outlook(build(described)).stops(worker)


def test_a_chain_of_thousands_is_no_problem(build: Build) -> None:
    described = Described()
    for guid in range(1, 3001):
        described.add("test::Worker")
        if guid > 1:
            described.description.resources[guid].conditions.append(
                Condition(START, (guid - 1,), ResourceState.STOPPED)
            )
    assert Outlook(build(described)).stops(3000)

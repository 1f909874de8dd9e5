"""Random sequences of a controller's calls, from one thread and from several, with what must hold after each."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
from contextlib import suppress
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from nepi_core.controller import ECState, ExperimentController
from nepi_core.errors import NepiError, WaitTimeoutError
from nepi_core.failure import FailureManager
from nepi_core.lifecycle import MOVES, StateChange
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceAction, ResourceState
from tests.nepi_core.resource_types import PATIENCE, in_threads

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction
EXPECTED = r"FAILED: (asked to|Its \w+ waited for .*FAILED)|attribute 'speed' is not set to \d, as planned"
TYPES = ["test::Scripted", "test::Place", "test::Guest", "test::Quick"]


class Witness:
    """Hears of every change, and finds what must not be."""

    def __init__(self, ec: ExperimentController) -> None:
        self.problems: list[str] = []
        self._ec = ec
        self._reached: dict[int, set[ResourceState]] = {}
        self._last: dict[int, StateChange] = {}
        self._asked: set[int] = set()
        ec.subscribe(self._hear)

    def asked_for(self, guid: int) -> None:
        """Note that a user starts a resource by hand, whatever its conditions."""
        self._asked.add(guid)

    def forget(self, guid: int) -> None:
        """Note that a resource was removed, so that its guid may come again."""
        self._last.pop(guid, None)

    def _hear(self, change: StateChange) -> None:
        before = self._last.get(change.guid)
        if before is not None and (before.new, before.time <= change.time) != (change.old, True):
            self.problems.append(f"{change} after {before}")
        if change.new not in MOVES[change.old]:
            self.problems.append(f"{change} is no legal move")
        self._last[change.guid] = change
        self._reached.setdefault(change.guid, set()).add(change.new)
        if change.new is STARTED and change.guid not in self._asked:
            self._judge_start(change)

    def _judge_start(self, change: StateChange) -> None:
        manager = self._ec._managers.get(change.guid)
        for condition in list(manager.data.conditions) if manager else []:
            for member in condition.group if condition.action is START else ():
                reached = self._reached.get(member, set())
                met = max(reached, default=NEW) >= condition.state
                if not met and member in self._ec._managers:
                    self.problems.append(f"{change} before {member} is {condition.state.name}, but {reached}")


def check(ec: ExperimentController, witness: Witness) -> None:
    """Say what must hold at any time."""
    assert witness.problems == []
    for guid in ec.resources:
        with suppress(NepiError):  # removed by another thread
            manager = ec.get_resource(guid)
            states = [NEW, *(change.new for change in manager.life.changes)]
            assert all(new in MOVES[old] for old, new in pairwise(states))


def check_symmetry(ec: ExperimentController) -> None:
    for guid in ec.resources:
        assert all(guid in ec.get_resource(other).connections for other in ec.get_resource(guid).connections)
        assert ec.description.resources[guid] is ec.get_resource(guid).data
        for condition in ec.get_resource(guid).data.conditions:
            assert set(condition.group) <= set(ec.resources)


class Forgiving(FailureManager):
    """Never gives an experiment up, so that the sequences go on."""

    def eval_failure(self, guid: int) -> None:
        pass


def make(threads: int = 4) -> tuple[ExperimentController, str]:
    folder = tempfile.mkdtemp(prefix="nepi-machine-")
    return ExperimentController("machine", folder, fm=Forgiving(), nthreads=threads, persist=False), folder


guids = Bundle("guids")


class ControllerMachine(RuleBasedStateMachine):
    """One user of a controller."""

    @initialize(target=guids, threads=st.sampled_from([1, 2, 20]))
    def begin(self, threads):
        self.ec, self.folder = make(threads)
        self.witness = Witness(self.ec)
        self.released: set[int] = set()
        self.ec.get_resource(self.ec.register_resource("test::Place")).fail("asked to")
        return multiple(*[self.ec.register_resource(rtype) for rtype in TYPES])

    def alive(self, *chosen: int) -> bool:
        return set(chosen) <= set(self.ec.resources)

    @rule(target=guids, rtype=st.sampled_from(TYPES), critical=st.booleans())
    def register(self, rtype, critical):
        if self.ec.ecstate is ECState.TERMINATED:
            with pytest.raises(NepiError, match="has been shut down"):
                self.ec.register_resource(rtype)
            return multiple()
        return self.ec.register_resource(rtype, critical=critical)

    @rule(one=guids, other=guids)
    def connect(self, one, other):
        with suppress(NepiError):
            self.ec.register_connection(one, other)
            assert one != other

    @rule(one=guids, other=guids)
    def disconnect(self, one, other):
        if self.alive(one, other):
            self.ec.unregister_connection(one, other)

    @rule(
        chosen=st.lists(guids, min_size=1, max_size=2),
        action=st.sampled_from(ResourceAction),
        group=st.lists(guids, min_size=1, max_size=2),
        state=st.sampled_from(ResourceState),
        time=st.sampled_from([None, "0s", "1ms", "1h", "soon"]),
    )
    def condition(self, chosen, action, group, state, time):
        # A condition that comes when the resource has started already says nothing about that start.
        before = [self.ec.state(guid) for guid in chosen if self.alive(guid)]
        if self.alive(*chosen) and any(state >= READY for state in before) and action is START:
            return
        with suppress(NepiError):
            self.ec.register_condition(chosen, action, group, state, time)
            assert time != "soon"
            assert state is not NEW

    @rule(guid=guids, other=guids)
    def drop_conditions(self, guid, other):
        if self.alive(guid):
            self.ec.get_resource(guid).unregister_condition(other)

    @rule(chosen=st.none() | st.lists(guids, max_size=4), wait=st.booleans(), group=st.none() | st.integers(1, 3))
    def deploy(self, chosen, wait, group):
        with suppress(NepiError):
            number = self.ec.deploy(chosen, wait, group)
            assert number >= 1
            assert group in (None, number)
            for guid in self.ec.resources if chosen is None else chosen:
                assert self.ec.state(guid) > READY or self.ec.get_resource(guid).deployment_group is not None

    @rule(guid=guids)
    def start(self, guid):
        if self.alive(guid):
            self.witness.asked_for(guid)
            with suppress(NepiError):
                self.ec.start(guid)

    @rule(guid=guids)
    def stop(self, guid):
        with suppress(NepiError):
            self.ec.stop(guid)
            assert self.ec.state(guid) >= STOPPED or self.ec.state(guid) is STARTED

    @rule(guid=guids)
    def fail(self, guid):
        if self.alive(guid):
            self.ec.get_resource(guid).fail("asked to")
            assert self.ec.state(guid) >= FAILED

    @rule(chosen=st.lists(guids, max_size=3))
    def release(self, chosen):
        chosen = [guid for guid in chosen if self.alive(guid)]
        self.ec.release(chosen, timeout=PATIENCE)
        self.released.update(chosen)

    @rule(guid=guids)
    def remove(self, guid):
        if not self.alive(guid):
            return
        manager = self.ec.get_resource(guid)
        untouched = manager.state is NEW and manager.deployment_group is None
        if untouched or manager.state is RELEASED:
            self.ec.remove_resource(guid)
            self.released.discard(guid)
            self.witness.forget(guid)
            assert not self.alive(guid)
        else:
            with pytest.raises(NepiError, match="cannot be removed"):
                self.ec.remove_resource(guid)

    @rule(guid=guids, value=st.sampled_from([1, 3.5, "2", 99, "fast", None]))
    def set(self, guid, value):
        with suppress(NepiError):
            self.ec.set(guid, "speed", value)
            assert 0 <= self.ec.get(guid, "speed") <= 10

    @rule(guid=guids, other=guids, state=st.sampled_from(ResourceState), time=st.sampled_from([None, "1ms", "1h"]))
    def set_with_conditions(self, guid, other, state, time):
        with suppress(NepiError):
            self.ec.set_with_conditions("speed", 4, guid, other, state, time)

    @rule(date=st.sampled_from(["0s", "1ms", "1h", "never"]), guid=guids)
    def schedule(self, date, guid):
        with suppress(NepiError):
            self.ec.schedule(date, lambda: self.ec.state(guid) if self.alive(guid) else None)

    @rule(chosen=st.lists(guids, max_size=3), state=st.sampled_from(ResourceState))
    def wait(self, chosen, state):
        try:
            ended = self.ec.wait(chosen, state, timeout=0.02)
        except WaitTimeoutError:
            assert state > NEW
        except NepiError:
            assert not self.alive(*chosen)
        else:
            assert ended

    @rule()
    def describe(self):
        snapshot = self.ec.snapshot()
        assert list(snapshot.resources) == self.ec.resources

    @precondition(lambda self: len(self.ec.resources) > 6)
    @rule()
    def shutdown(self):
        self.ec.shutdown()
        self.released.update(self.ec.resources)
        assert self.ec.ecstate is ECState.TERMINATED

    @invariant()
    def holds(self):
        if hasattr(self, "ec"):
            check(self.ec, self.witness)
            check_symmetry(self.ec)
            assert all(self.ec.state(guid) is RELEASED for guid in self.released)

    def teardown(self):
        if hasattr(self, "ec"):
            self.ec.shutdown()
            assert all(self.ec.state(guid) is RELEASED for guid in self.ec.resources)
            check(self.ec, self.witness)
            assert [thread for thread in threading.enumerate() if thread.name.startswith("nepi-")] == []
            shutil.rmtree(self.folder)


@pytest.mark.usefixtures("types")
def test_one_user(expect_log):
    expect_log(EXPECTED)
    ControllerMachine.TestCase.settings = settings(
        max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    ControllerMachine.TestCase().runTest()


# -- several threads -----------------------------------------------------------------------------------


def busy_user(ec: ExperimentController, witness: Witness, seed: int, steps: int) -> None:
    """Make random calls; what is refused is refused with one of our errors."""
    chance = random.Random(seed)

    def some(number: int = 1) -> list[int]:
        return chance.choices(ec.resources or [1], k=number)

    def start(guid: int) -> None:
        witness.asked_for(guid)
        ec.start(guid)

    def condition() -> None:
        guid = chance.choice([ec.register_resource("test::Scripted"), *some()])
        action, state = chance.choice(list(ResourceAction)), chance.choice(list(ResourceState))
        with ec._editing:  # nobody deploys it meanwhile: what comes after that may come too late
            if ec.get_resource(guid).deployment_group is None:
                ec.register_condition(guid, action, some(2), state, chance.choice([None, "1ms"]))

    calls = [
        lambda: ec.register_resource(chance.choice(TYPES), connected_to=chance.choice([None, some()])),
        lambda: ec.register_connection(*some(2)),
        lambda: ec.unregister_connection(*some(2)),
        lambda: ec.deploy(chance.choice([None, some(3)]), chance.random() < 0.7, chance.choice([None, 1, 2])),
        lambda: start(*some()),
        lambda: ec.stop(*some()),
        lambda: ec.release(some(), timeout=PATIENCE),
        lambda: ec.remove_resource(*some()),
        lambda: ec.set(some()[0], "speed", chance.choice([1, 20])),
        lambda: ec.set_with_conditions("speed", 2, some(), some(), chance.choice([READY, STARTED])),
        lambda: ec.schedule("1ms", ec.snapshot),
        lambda: ec.wait(some(2), chance.choice(list(ResourceState)), timeout=0.005),
        lambda: ec.get_resource(*some()).unregister_condition(some()),
        lambda: ec.get_resource(*some()).fail("asked to") if chance.random() < 0.1 else None,
        ec.snapshot,
        condition,
    ]
    for _ in range(steps):
        with suppress(NepiError):
            chance.choice(calls)()
        check(ec, witness)


@pytest.mark.usefixtures("types")
@pytest.mark.parametrize("threads", [1, 3, 20])
def test_several_users_at_once(expect_log, threads):
    expect_log(EXPECTED)
    for seed in range(10):
        ec, folder = make(threads)
        witness = Witness(ec)
        for rtype in TYPES:
            ec.get_resource(ec.register_resource(rtype, critical=False)).fail("asked to")
        users = [partial(busy_user, ec, witness, seed * 10 + number, 60) for number in range(4)]
        try:
            in_threads(*users)
        finally:
            ec.shutdown()
        check(ec, witness)
        check_symmetry(ec)
        assert all(ec.state(guid) is RELEASED for guid in ec.resources)
        shutil.rmtree(folder)


@pytest.mark.usefixtures("types")
def test_shutdown_amid_the_calls_of_others(expect_log):
    expect_log(EXPECTED)
    for seed in range(8):
        ec, folder = make()
        witness = Witness(ec)
        for rtype in TYPES * 5:
            ec.register_resource(rtype)
        ec.get_resource(1).fail("asked to")
        ec.deploy()
        users = [partial(busy_user, ec, witness, seed * 10 + number, 15) for number in range(3)]
        in_threads(*users, ec.shutdown)
        assert all(ec.state(guid) is RELEASED for guid in ec.resources)
        assert [thread for thread in threading.enumerate() if thread.name.startswith("nepi-")] == []
        check_symmetry(ec)
        shutil.rmtree(folder)


# -- large ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("types")
@pytest.mark.parametrize("seed", range(3))
def test_five_thousand_resources_with_random_conditions_come_to_an_end(seed):
    chance = random.Random(seed)
    ec, folder = make(8)
    number = 5000
    for guid in range(1, number + 1):
        ec.register_resource("test::Quick" if guid % 3 else "test::Place")
        for _ in range(chance.randrange(3) if guid > 1 else 0):
            group = chance.sample(range(1, guid), min(guid - 1, chance.randrange(1, 4)))
            action, state = chance.choice([(START, STARTED), (START, READY), (DEPLOY, READY), (DEPLOY, STARTED)])
            ec.register_condition(guid, action, group, state, chance.choice([None, None, None, "1ms"]))
    quick = [guid for guid in ec.resources if guid % 3]
    ec.deploy()
    assert ec.wait_started(ec.resources, timeout=60)
    assert ec.wait_finished(quick, timeout=60)
    for manager in map(ec.get_resource, ec.resources):
        assert isinstance(manager, ResourceManager)
        for condition in manager.data.conditions:
            reached = manager.life.reached(STARTED if condition.action is START else READY)
            for member in condition.group:
                assert reached is not None
                assert reached >= (ec.get_resource(member).life.reached(condition.state) or 0.0)
    ec.shutdown()
    assert ec.wait_released(ec.resources, timeout=1)
    shutil.rmtree(folder)

"""Gates: who waits for whom; nothing that happened is missed, nothing that did not is made up."""

from __future__ import annotations

import random
import threading

import pytest

from nepi_core.gates import Gate, Gatekeeper, Member, Requirement, Wait
from nepi_core.lifecycle import Announcer, LifeCycle
from nepi_core.states import ResourceState
from tests.nepi_core.resource_types import PATIENCE, in_threads

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState


class Someone:
    """A member of gates."""

    def __init__(self, guid: int, announcer: Announcer) -> None:
        self.life = LifeCycle(guid, announcer)
        self.name = f"someone {guid}"
        self.cause = "a cause"
        self.is_critical = True

    def go(self, *states: ResourceState, time: float | None = None) -> None:
        for state in states:
            self.life.move(state, time=time)


class Yard:
    """Four members, their gatekeeper, and what came of the gates."""

    def __init__(self) -> None:
        self.announcer = Announcer(lambda message: pytest.fail(message))
        self.members = {guid: Someone(guid, self.announcer) for guid in (1, 2, 3, 4)}
        self.keeper = Gatekeeper(self.members)
        self.announcer.subscribe(self.keeper.state_changed)
        self.opened: list[float] = []
        self.broken: list[Member] = []

    def gate(self, *requirements: Requirement, patient: bool = False) -> Gate:
        gate = Gate(self.opened.append, None if patient else self.broken.append)
        return self.keeper.watch(gate, requirements)


@pytest.fixture
def yard():
    return Yard()


def test_opens_with_the_last_member(yard):
    yard.gate(Requirement([1, 2], STARTED))
    yard.members[1].go(READY, STARTED)
    yard.members[2].go(READY)
    assert yard.opened == []
    yard.members[2].go(STARTED)
    assert len(yard.opened) == 1


def test_opens_at_once_when_all_is_as_it_should_be_and_with_no_members(yard):
    yard.members[1].go(READY, STARTED, time=50.0)
    yard.gate(Requirement([1], READY))
    yard.gate()
    yard.gate(Requirement([], STARTED))
    assert yard.opened == [50.0, 0.0, 0.0]


def test_all_requirements_are_required(yard):
    yard.gate(Requirement([1], STARTED), Requirement([2], READY), Requirement([1], STOPPED))
    yard.members[1].go(READY, STARTED)
    yard.members[2].go(READY)
    assert yard.opened == []
    yard.members[1].go(STOPPED)
    assert len(yard.opened) == 1


def test_opens_once(yard):
    yard.gate(Requirement([1], STARTED))
    yard.members[1].go(READY, STARTED, STOPPED, STARTED, STOPPED)
    assert len(yard.opened) == 1


@pytest.mark.parametrize("state", [DISCOVERED, PROVISIONED, READY])
def test_skipped_state_counts_from_the_first_later_one(yard, state):
    yard.gate(Requirement([1], state, 2.0))
    yard.members[1].go(READY, time=100.0)
    yard.members[1].go(STARTED, time=200.0)
    yard.gate(Requirement([1], state, 2.0))
    assert yard.opened == [102.0, 102.0]


def test_delay_counts_from_the_moment_each_member_reached_the_state(yard):
    yard.members[1].go(READY, time=10.0)
    yard.members[1].go(STARTED, time=100.0)
    yard.gate(Requirement([1], READY, 50.0), Requirement([2, 3], READY, 5.0))
    yard.members[2].go(READY, time=70.0)
    yard.members[3].go(READY, time=40.0)
    assert yard.opened == [75.0]


def test_critical_failure_breaks_the_gate_once_and_tells_who(yard):
    yard.gate(Requirement([1, 2], STARTED))
    yard.members[2].go(FAILED)
    yard.members[1].go(FAILED)
    assert yard.broken == [yard.members[2]]
    yard.gate(Requirement([1], STARTED))
    assert yard.broken == [yard.members[2], yard.members[1]]
    assert yard.opened == []


def test_failure_that_is_not_critical_counts_as_arrived_without_its_delay(yard):
    yard.members[1].is_critical = False
    yard.gate(Requirement([1], STARTED, 1000.0), Requirement([2], STARTED))
    yard.members[1].go(FAILED)
    yard.members[2].go(READY, STARTED, time=20.0)
    assert (yard.opened, yard.broken) == ([20.0], [])


def test_gate_that_only_waits_takes_a_failure_as_arrived(yard):
    yard.gate(Requirement([1], STARTED), patient=True)
    yard.members[1].go(FAILED)
    assert len(yard.opened) == 1


def test_failed_as_the_state_to_wait_for(yard):
    yard.gate(Requirement([1], FAILED, 3.0))
    yard.members[1].go(READY, STARTED, STOPPED)
    assert yard.opened == []
    yard.members[1].go(FAILED, time=7.0)
    yard.members[1].go(RELEASED, time=9.0)
    yard.gate(Requirement([1], FAILED, 3.0))
    assert (yard.opened, yard.broken) == ([10.0, 10.0], [])


def test_release_without_a_failure_never_counts_as_one(yard):
    yard.gate(Requirement([1], FAILED))
    yard.members[1].go(READY, RELEASED)
    yard.gate(Requirement([1], FAILED))
    assert (yard.opened, yard.broken) == ([], [])
    yard.gate(Requirement([1], FAILED), patient=True)
    assert len(yard.opened) == 1


def test_released_as_the_state_to_wait_for(yard):
    yard.gate(Requirement([1], RELEASED))
    yard.members[1].go(READY, FAILED)
    assert (yard.opened, yard.broken) == ([], [])
    yard.members[1].go(RELEASED)
    assert len(yard.opened) == 1


def test_release_opens_what_waits_for_an_earlier_state(yard):
    yard.gate(Requirement([1], STARTED))
    yard.members[1].go(RELEASED)
    assert len(yard.opened) == 1


def test_cancelled_gate_never_opens_and_never_breaks(yard):
    yard.keeper.cancel(yard.gate(Requirement([1], STARTED)))
    yard.keeper.cancel(yard.gate(Requirement([2], STARTED)))
    yard.members[1].go(READY, STARTED)
    yard.members[2].go(FAILED)
    assert (yard.opened, yard.broken) == ([], [])


def test_extended_gate_waits_for_the_new_ones_too(yard):
    gate = yard.gate(Requirement([1], STARTED))
    assert yard.keeper.extend(gate, [Requirement([2], STARTED), Requirement([3], NEW)])
    yard.members[1].go(READY, STARTED)
    assert yard.opened == []
    yard.members[2].go(READY, STARTED)
    assert len(yard.opened) == 1
    assert not yard.keeper.extend(gate, [Requirement([4], STARTED)])


def test_gate_that_sets_up_the_next_one(yard):
    chain: list[int] = []

    def step(guid: int) -> None:
        chain.append(guid)
        if guid < 4:
            yard.keeper.watch(Gate(lambda due: step(guid + 1)), [Requirement([guid, 1], READY)])

    step(1)
    for guid in (3, 2, 1):
        yard.members[guid].go(READY)
    assert chain == [1, 2, 3, 4]


def test_members_that_do_not_exist_are_not_waited_for(yard):
    yard.gate(Requirement([1, 99], STARTED))
    yard.members[1].go(READY, STARTED)
    assert len(yard.opened) == 1


def test_removed_member_is_not_waited_for_any_more(yard):
    yard.gate(Requirement([1, 2], STARTED))
    del yard.members[1]
    yard.keeper.forget(1)
    yard.keeper.forget(1)
    assert yard.opened == []
    yard.members[2].go(READY, STARTED)
    assert len(yard.opened) == 1


def test_change_that_is_told_after_the_removal_of_the_member_reaches_who_waited(yard):
    yard.gate(Requirement([1], RELEASED))
    member = yard.members.pop(1)
    member.go(RELEASED)
    assert len(yard.opened) == 1


def test_no_wake_up_is_lost_when_members_change_while_gates_are_set_up():
    yard = Yard()
    yard.members.update({guid: Someone(guid, yard.announcer) for guid in range(200)})
    count = threading.Semaphore(0)

    def set_up(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            wanted = chance.sample(range(200), 3)
            gate = Gate(lambda due: count.release())
            yard.keeper.watch(
                gate, [Requirement(wanted[:2], chance.choice([READY, STARTED])), Requirement(wanted, STOPPED)]
            )
            yard.keeper.extend(gate, [Requirement([chance.randrange(200)], STARTED)])

    def change(first: int) -> None:
        for state in (READY, STARTED, STOPPED):
            for guid in range(first, 200, 4):
                yard.members[guid].go(state)

    in_threads(
        *[lambda seed=seed: set_up(seed) for seed in range(4)],
        *[lambda first=first: change(first) for first in range(4)],
    )
    assert all(count.acquire(timeout=PATIENCE) for _ in range(1200))
    assert not count.acquire(blocking=False)
    assert not any(yard.keeper._waiting.values())


# -- waits ---------------------------------------------------------------------------------------------


def test_wait_ends_with_its_gate(yard):
    wait = Wait(lambda: False)
    yard.keeper.watch(wait.gate, [Requirement([1], READY)])
    assert not wait.block(0)
    in_threads(lambda: wait.block(PATIENCE), lambda: yard.members[1].go(READY))
    assert wait.block(PATIENCE)


def test_wait_that_is_given_up():
    given_up: list[bool] = []
    wait = Wait(lambda: bool(given_up))
    wait.look()
    assert not wait.block(0)
    given_up.append(True)
    wait.look()
    assert wait.block(PATIENCE)
    assert not wait.gate.closed


def test_wait_raises_what_its_reason_to_give_up_raises():
    wait = Wait(lambda: bool(1 / 0))
    with pytest.raises(ZeroDivisionError):
        wait.block(PATIENCE)

"""The life cycle: the table of moves, one job at a time, announcements in order, under many threads."""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from contextlib import suppress

import pytest

from nepi_core.errors import IllegalMoveError
from nepi_core.lifecycle import MOVES, Announcer, LifeCycle, StateChange
from nepi_core.states import ResourceState, ResourceState2str
from tests.nepi_core.resource_types import PATIENCE, Hold, in_threads

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState

# One way from NEW to each state.
WAYS = {
    NEW: (),
    DISCOVERED: (DISCOVERED,),
    PROVISIONED: (DISCOVERED, PROVISIONED),
    READY: (READY,),
    STARTED: (READY, STARTED),
    STOPPED: (READY, STARTED, STOPPED),
    FAILED: (FAILED,),
    RELEASED: (RELEASED,),
}


def life_in(state: ResourceState, announcer: Announcer | None = None) -> LifeCycle:
    life = LifeCycle(7, announcer or Announcer(print))
    for step in WAYS[state]:
        life.move(step)
    return life


@pytest.mark.parametrize(
    ("old", "new"), list(itertools.product(ResourceState, ResourceState)), ids=lambda each: each.name
)
def test_every_pair_of_states(old, new):
    seen: list[StateChange] = []
    announcer = Announcer(print)
    life = life_in(old, announcer)
    announcer.subscribe(seen.append)
    if new is old:
        assert life.move(new) is False
        assert (life.state, seen) == (old, [])
    elif new in MOVES[old]:
        assert life.move(new, "because", 12.5) is True
        assert (life.state, seen) == (new, [StateChange(7, old, new, 12.5, "because")])
    else:
        with pytest.raises(IllegalMoveError) as caught:
            life.move(new)
        assert (life.state, seen) == (old, [])
        for word in (new.name, old.name, life.history(), "7"):
            assert word in str(caught.value)


def test_table_says_what_the_design_says():
    assert all(FAILED in MOVES[state] for state in ResourceState if state < FAILED)
    assert all(RELEASED in MOVES[state] for state in ResourceState if state is not RELEASED)
    assert not MOVES[RELEASED]
    assert STARTED in MOVES[STOPPED]
    backwards = {(old, new) for old, states in MOVES.items() for new in states if new < old}
    assert backwards == {(STOPPED, STARTED)}
    assert ResourceState2str[READY] == "READY"


def test_message_of_an_illegal_move():
    with pytest.raises(IllegalMoveError) as caught:
        life_in(STOPPED).move(READY)
    assert str(caught.value) == (
        "Resource 7 cannot become READY: it is STOPPED (so far: NEW > READY > STARTED > STOPPED), "
        "after which it may become STARTED, FAILED, RELEASED."
    )
    with pytest.raises(IllegalMoveError, match="may become nothing more"):
        life_in(RELEASED).move(READY)


def test_times():
    life = LifeCycle(1, Announcer(print))
    for state, time in ((READY, 5.0), (STARTED, 6.0), (STOPPED, 7.0), (STARTED, 8.0)):
        life.move(state, time=time)
    assert [life.reached(state) for state in (NEW, READY, STARTED, STOPPED)] == [None, 5.0, 8.0, 7.0]
    assert life.reached_or_passed(PROVISIONED) == 5.0
    assert life.reached_or_passed(STARTED) == 8.0


def test_what_a_resource_remembers_is_bounded_and_includes_its_way_to_ready():
    life = life_in(PROVISIONED)
    life.move(READY, time=1.0)
    for _ in range(500):
        life.move(STARTED)
        life.move(STOPPED)
    assert len(life.changes) < 100
    assert life.reached(READY) == 1.0
    assert life.reached(PROVISIONED) is not None
    assert life.changes[-1].new is STOPPED


# -- announcements -------------------------------------------------------------------------------------


def test_subscribers_hear_of_each_change_in_order_until_they_unsubscribe():
    announcer = Announcer(print)
    life = LifeCycle(1, announcer)
    first: list[ResourceState] = []
    second: list[ResourceState] = []
    end_first = announcer.subscribe(lambda change: first.append(change.new))
    announcer.subscribe(lambda change: second.append(change.new))
    life.move(READY)
    end_first()
    end_first()
    life.move(STARTED)
    assert (first, second) == ([READY], [READY, STARTED])


def test_who_subscribes_twice_hears_twice_and_ends_one_by_one():
    announcer = Announcer(print)
    life = LifeCycle(1, announcer)
    seen: list[StateChange] = []
    end_one, end_other = announcer.subscribe(seen.append), announcer.subscribe(seen.append)
    life.move(READY)
    end_one()
    life.move(STARTED)
    end_other()
    life.move(STOPPED)
    assert [change.new for change in seen] == [READY, READY, STARTED]


def test_subscriptions_from_many_threads_are_all_kept():
    announcer = Announcer(print)
    seen: Counter[int] = Counter()

    def subscribe_many(number: int) -> None:
        for _ in range(100):
            announcer.subscribe(lambda change: seen.update([number]))

    in_threads(*[lambda number=number: subscribe_many(number) for number in range(8)])
    LifeCycle(1, announcer).move(READY)
    assert seen == Counter(dict.fromkeys(range(8), 100))


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3)])
def test_subscriber_that_raises_is_told_of_and_keeps_nobody_from_hearing(error):
    told: list[str] = []
    announcer = Announcer(told.append)
    seen: list[StateChange] = []

    def fail(change: StateChange) -> None:
        raise error

    announcer.subscribe(fail)
    announcer.subscribe(seen.append)
    life_in(STARTED, announcer)
    assert [change.new for change in seen] == [READY, STARTED]
    assert len(told) == 2
    assert repr(error) in told[0]


def test_move_inside_a_subscriber_is_delivered_after_the_one_that_is_being_delivered():
    announcer = Announcer(print)
    first, second = LifeCycle(1, announcer), LifeCycle(2, announcer)
    seen: list[tuple[int, str, bool]] = []

    def follow(change: StateChange) -> None:
        seen.append((change.guid, "in", announcer.delivering_here))
        if change.guid == 1:
            second.move(READY)
        seen.append((change.guid, "out", announcer.delivering_here))

    announcer.subscribe(follow)
    first.move(READY)
    assert seen == [(1, "in", True), (1, "out", True), (2, "in", True), (2, "out", True)]
    assert not announcer.delivering_here


def test_hammering_threads_make_legal_moves_only_and_all_are_announced_in_order():
    announcer = Announcer(print)
    lives = [LifeCycle(guid, announcer) for guid in range(20)]
    seen: dict[int, list[StateChange]] = {life.guid: [] for life in lives}
    inside = threading.Semaphore(1)

    def note(change: StateChange) -> None:
        assert inside.acquire(blocking=False), "two subscribers at once"
        seen[change.guid].append(change)
        inside.release()

    announcer.subscribe(note)

    def hammer(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(400):
            with suppress(IllegalMoveError):
                chance.choice(lives).move(chance.choice([READY, READY, STARTED, STOPPED, STARTED, STOPPED, FAILED]))

    in_threads(*[lambda seed=seed: hammer(seed) for seed in range(8)])
    for life in lives:
        changes = seen[life.guid]
        states = [NEW, *(change.new for change in changes)]
        assert states[-1] is life.state
        assert [change.old for change in changes] == states[:-1]
        assert all(change.new in MOVES[change.old] for change in changes)
        assert [change.time for change in changes] == sorted(change.time for change in changes)
        assert tuple(changes[-len(life.changes) :]) == life.changes or len(changes) > len(life.changes)


# -- jobs ----------------------------------------------------------------------------------------------


def test_jobs_are_never_two_at_once_and_none_is_lost():
    life = LifeCycle(1, Announcer(print))
    running = threading.Semaphore(1)
    done: list[int] = []

    def job(number: int) -> None:
        assert running.acquire(blocking=False), "two jobs at once"
        assert life.inside
        done.append(number)
        running.release()

    def hammer(number: int) -> None:
        for turn in range(200):
            (life.run if (turn + number) % 2 else life.run_or_queue)(lambda: job(number))

    in_threads(*[lambda number=number: hammer(number) for number in range(8)])
    assert Counter(done) == Counter(dict.fromkeys(range(8), 200))
    assert not life.inside


def test_job_inside_a_job():
    life = LifeCycle(1, Announcer(print))
    order: list[str] = []

    def outer() -> None:
        order.append("outer")
        life.run(lambda: order.append("inner"))
        life.run_or_queue(lambda: order.append("queued inner"))
        order.append("outer again")

    life.run(outer)
    assert order == ["outer", "inner", "queued inner", "outer again"]


def test_run_or_queue_never_waits_and_the_running_thread_takes_the_job_over():
    life, hold = LifeCycle(1, Announcer(print)), Hold()
    threads: list[str] = []
    other = threading.Thread(target=lambda: life.run(hold), name="other")
    other.start()
    assert hold.begun.wait(PATIENCE)
    life.run_or_queue(lambda: threads.append(threading.current_thread().name))
    assert threads == []
    hold.let_go()
    other.join(PATIENCE)
    assert threads == ["other"]


def test_run_waits_for_the_running_job_and_those_that_queue():
    life, hold = LifeCycle(1, Announcer(print)), Hold()
    order: list[str] = []
    first = threading.Thread(target=lambda: life.run(hold))
    first.start()
    assert hold.begun.wait(PATIENCE)
    life.run_or_queue(lambda: order.append("queued"))
    last = threading.Thread(target=lambda: life.run(lambda: order.append("waited")))
    last.start()
    assert order == []
    hold.let_go()
    first.join(PATIENCE)
    last.join(PATIENCE)
    assert sorted(order) == ["queued", "waited"]
    assert order[0] == "queued"


def test_job_that_raises_gives_its_turn_back():
    life = LifeCycle(1, Announcer(print))
    with pytest.raises(ZeroDivisionError):
        life.run(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        life.run_or_queue(lambda: 1 / 0)
    assert not life.inside
    life.run(lambda: life.move(READY))


def test_queued_job_that_raises_keeps_none_behind_it_from_running():
    life, hold = LifeCycle(1, Announcer(print)), Hold()
    order: list[str] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            life.run(hold)
        except ZeroDivisionError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert hold.begun.wait(PATIENCE)
    life.run_or_queue(lambda: 1 / 0)
    life.run_or_queue(lambda: order.append("behind"))
    hold.let_go()
    thread.join(PATIENCE)
    assert order == ["behind"]
    assert len(errors) == 1
    life.run(lambda: order.append("later"))
    assert order == ["behind", "later"]

"""Tasks in the order in which they are due, and the one thread that waits for them."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.scheduler import HeapScheduler, Task, TaskStatus, Timer
from nepi_core.times import now
from tests.nepi_core.resource_types import PATIENCE, in_threads


def nothing() -> None:
    pass


@pytest.fixture
def stopped():
    return threading.Event()


@given(st.lists(st.integers(0, 5)))
def test_due_first_and_then_in_the_order_in_which_they_came(dates):
    scheduler = HeapScheduler()
    tasks = [scheduler.schedule(Task(date, nothing)) for date in dates]
    found = [scheduler.next() for _ in tasks]
    assert found == sorted(tasks, key=lambda task: task.timestamp)
    assert scheduler.next() is None


@given(st.lists(st.integers(0, 5), max_size=20), st.sets(st.integers(0, 19)))
def test_removed_tasks_never_come(dates, removed):
    scheduler = HeapScheduler()
    tasks = [scheduler.schedule(Task(date, nothing)) for date in dates]
    for place in removed:
        for _ in range(2):
            scheduler.remove(tasks[place].id or 0 if place < len(tasks) else 12345)
    kept = [task for place, task in enumerate(tasks) if place not in removed]
    assert sorted(scheduler.pending, key=id) == sorted(kept, key=id)
    assert [scheduler.next() for _ in kept] == sorted(kept, key=lambda task: task.timestamp)
    assert scheduler.next() is None


def test_removal_of_what_has_run_does_nothing():
    scheduler = HeapScheduler()
    first = scheduler.schedule(Task(1, nothing))
    assert scheduler.next() is first
    assert first.id is not None
    scheduler.remove(first.id)
    second = scheduler.schedule(Task(2, nothing))
    assert scheduler.next() is second


def test_next_due_waits_for_the_date(stopped, clock):
    scheduler = HeapScheduler()
    far, near = scheduler.schedule(Task(now() + 2000, nothing)), scheduler.schedule(Task(now() + 1000, nothing))
    found: list[Task | None] = []
    thread = threading.Thread(target=lambda: found.append(scheduler.next_due(stopped)))
    thread.start()
    assert found == []
    clock.jump(1500)
    scheduler.wake()
    thread.join(PATIENCE)
    assert found == [near]
    assert scheduler.pending == [far]


def test_earlier_task_wakes_who_waits_for_a_later_one(stopped):
    scheduler = HeapScheduler()
    scheduler.schedule(Task(now() + 1000, nothing))
    found: list[Task | None] = []
    thread = threading.Thread(target=lambda: found.append(scheduler.next_due(stopped)))
    thread.start()
    sooner = scheduler.schedule(Task(now(), nothing))
    thread.join(PATIENCE)
    assert found == [sooner]


def test_next_due_ends_when_it_is_stopped(stopped):
    scheduler = HeapScheduler()
    thread = threading.Thread(target=lambda: scheduler.next_due(stopped))
    thread.start()
    stopped.set()
    scheduler.wake()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_date_beyond_what_a_thread_can_wait_for(stopped):
    scheduler = HeapScheduler()
    scheduler.schedule(Task(1e300, nothing))
    thread = threading.Thread(target=lambda: scheduler.next_due(stopped))
    thread.start()
    stopped.set()
    scheduler.wake()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_task_keeps_its_result():
    task = Task(0, lambda: 42)
    assert (task.status, task.result, task.id) == (TaskStatus.NEW, None, None)
    task.run()
    assert (task.status, task.result) == (TaskStatus.DONE, 42)


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(1)])
def test_task_keeps_its_error(error):
    def fail() -> None:
        raise error

    task = Task(0, fail)
    with pytest.raises(type(error)):
        task.run()
    assert (task.status, task.result) == (TaskStatus.ERROR, error)


# -- timer ---------------------------------------------------------------------------------------------


@pytest.fixture
def handed():
    return threading.Semaphore(0)


@pytest.fixture
def timer(handed):
    timer = Timer(lambda task: handed.release(), "test-timer")
    yield timer
    timer.stop()


def timer_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "test-timer"]


def test_thread_begins_with_the_first_task_and_ends_with_stop(timer, handed):
    assert timer_threads() == []
    timer.schedule(Task(now() + 1000, nothing))
    timer.schedule(Task(0, nothing))
    assert handed.acquire(timeout=PATIENCE)
    assert len(timer_threads()) == 1
    timer.stop()
    timer.stop()
    assert timer_threads() == []


def test_what_comes_after_stop_is_never_handed_over(timer, handed):
    timer.stop()
    timer.schedule(Task(0, nothing))
    assert timer_threads() == []
    assert not handed.acquire(blocking=False)


def test_removed_task_is_not_handed_over(timer, handed, clock):
    removed, kept = timer.schedule(Task(now() + 100, nothing)), timer.schedule(Task(now() + 200, nothing))
    timer.remove(removed)
    timer.remove(Task(0, nothing))
    clock.jump(300)
    timer._scheduler.wake()
    assert handed.acquire(timeout=PATIENCE)
    assert timer._scheduler.pending == []
    assert not handed.acquire(blocking=False)
    assert kept.id != removed.id


def test_tasks_from_many_threads_all_come(timer, handed):
    def schedule() -> None:
        for _ in range(50):
            timer.schedule(Task(now() + 0.001, nothing))

    in_threads(*[schedule] * 8)
    assert all(handed.acquire(timeout=PATIENCE) for _ in range(400))


def test_timer_may_be_stopped_by_what_it_hands_over_to():
    stopped = threading.Event()

    def stop(task: Task) -> None:
        own.stop()
        stopped.set()

    own = Timer(stop, "test-timer")
    own.schedule(Task(0, nothing))
    assert stopped.wait(PATIENCE)
    own.stop()
    assert timer_threads() == []

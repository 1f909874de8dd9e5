"""ParallelRun: results as the calls end, the first error, what is dropped and what is waited for."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from nepi_core.parallel import ParallelRun
from tests.nepi_core.resource_types import PATIENCE, Hold, in_threads, in_turn


@pytest.fixture
def make_run():
    runs = []

    def make(*arguments, **named) -> ParallelRun:
        runs.append(ParallelRun(*arguments, **named))
        return runs[-1]

    yield make
    for run in runs:
        run.destroy()


def double(number: int) -> int:
    return 2 * number


def fail(error: BaseException) -> None:
    raise error


def test_results(make_run):
    run = make_run(4)
    run.start()
    for number in range(50):
        run.put(double, number)
    assert sorted(run) == [2 * number for number in range(50)]


def test_results_come_in_the_order_in_which_the_calls_end(make_run):
    run, slow = make_run(2), Hold()
    run.start()
    run.put(in_turn(slow, lambda: "slow"))
    run.put(lambda: "quick")
    results = iter(run)
    assert next(results) == "quick"
    slow.let_go()
    assert list(results) == ["slow"]


def test_iteration_without_results_or_calls(make_run):
    assert list(make_run()) == []
    run = make_run(results=False)
    run.start()
    run.put(double, 1)
    run.sync()
    assert list(run) == []


def test_arguments_by_name(make_run):
    run = make_run(1)
    run.start()
    run.put(int, "11", base=2)
    assert list(run) == [3]


def test_calls_before_start_begin_with_it(make_run):
    run = make_run(1)
    run.put(double, 1)
    run.put(double, 2)
    assert list(run) == []
    run.start()
    assert list(run) == [2, 4]


def test_sync_raises_the_first_error_once(make_run):
    run, first = make_run(1), ValueError("first")
    run.start()
    for call in (lambda: fail(first), lambda: fail(ValueError("second")), lambda: double(1)):
        run.put(call)
    with pytest.raises(ValueError, match="first") as caught:
        run.sync()
    assert caught.value is first
    run.sync()
    assert list(run) == [2]


def test_sync_raises_what_is_no_ordinary_error_too(make_run):
    run = make_run(1)
    run.start()
    run.put(fail, SystemExit(3))
    with pytest.raises(SystemExit):
        run.sync()


def test_sync_waits_for_all(make_run):
    run, hold = make_run(2), Hold()
    done: list[int] = []
    run.start()
    run.put(hold)
    run.put(done.append, 1)
    in_threads(run.sync, hold.let_go)
    assert done == [1]


def test_most_threads(make_run):
    run, holds = make_run(2), [Hold() for _ in range(3)]
    run.start()
    for hold in holds:
        run.put(hold)
    assert holds[0].begun.wait(PATIENCE)
    assert holds[1].begun.wait(PATIENCE)
    assert not holds[2].begun.is_set()
    for hold in holds:
        hold.let_go()
    run.sync()


def test_full_queue(make_run):
    run, hold = make_run(1, 2), Hold()
    run.start()
    run.put(hold)
    run.put(double, 1)
    with pytest.raises(queue.Full):
        run.put_nowait(double, 2)
    put = threading.Thread(target=lambda: run.put(double, 3))
    put.start()
    assert put.is_alive()
    hold.let_go()
    put.join(PATIENCE)
    assert sorted(each for each in run if each) == [2, 6]
    run.put_nowait(double, 4)


def test_full_queue_before_start_is_refused_since_nothing_would_empty_it(make_run):
    run = make_run(1, 1)
    run.put(double, 1)
    with pytest.raises(queue.Full):
        run.put(double, 2)
    run.start()
    assert list(run) == [2]


def test_empty_drops_what_has_not_begun(make_run):
    run, hold = make_run(1, 3), Hold()
    done: list[int] = []
    run.start()
    run.put(hold)
    assert hold.begun.wait(PATIENCE)
    run.put(done.append, 1)
    run.put(done.append, 2)
    run.empty()
    run.put_nowait(done.append, 3)
    hold.let_go()
    run.sync()
    assert done == [3]


def test_empty_before_start(make_run):
    run = make_run(1, 1)
    done: list[int] = []
    run.put(done.append, 1)
    run.empty()
    run.put_nowait(done.append, 2)
    run.start()
    run.sync()
    assert done == [2]


def test_destroy_drops_what_has_not_begun_and_waits_for_what_has(make_run):
    run, hold = make_run(1), Hold()
    done: list[str] = []
    run.start()
    run.put(in_turn(hold, lambda: done.append("begun")))
    run.put(done.append, "waiting")
    assert hold.begun.wait(PATIENCE)
    destroying = threading.Thread(target=run.destroy)
    destroying.start()
    while len(run._open) > 1:
        time.sleep(0.001)
    hold.let_go()
    destroying.join(PATIENCE)
    assert done == ["begun"]
    run.destroy()
    with pytest.raises(RuntimeError):
        run.put(double, 1)


def test_join_waits_ends_the_threads_and_raises(make_run):
    run = make_run(2)
    run.start()
    run.put(fail, KeyError("gone"))
    with pytest.raises(KeyError):
        run.join()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("nepi-parallel")]


def test_block_joins(make_run):
    with make_run(2) as run:
        run.put(double, 4)
    assert list(run) == [8]


def test_block_that_fails_destroys(make_run):
    hold = Hold()
    done: list[int] = []

    def use(run: ParallelRun) -> None:
        with run:
            run.put(hold)
            assert hold.begun.wait(PATIENCE)
            run.put(done.append, 1)
            run.empty()
            hold.let_go()
            raise ZeroDivisionError

    run = make_run(1)
    with pytest.raises(ZeroDivisionError):
        use(run)
    assert done == []
    with pytest.raises(RuntimeError):
        run.put(double, 1)


def test_calls_from_many_threads(make_run):
    run = make_run(4, 10)
    run.start()
    in_threads(*[lambda: [run.put(double, number) for number in range(50)]] * 6)
    assert len(list(run)) == 300

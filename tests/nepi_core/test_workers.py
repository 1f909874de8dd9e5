"""The pool of workers: bounded, in order, nothing lost, and no deadlock when jobs wait for jobs."""

from __future__ import annotations

import threading
import time

import pytest

from nepi_core.workers import WorkerPool
from tests.nepi_core.resource_types import PATIENCE, Hold, in_threads


@pytest.fixture
def errors():
    return []


@pytest.fixture
def make_pool(errors):
    pools = []

    def make(size: int) -> WorkerPool:
        pools.append(WorkerPool(size, errors.append, "test-worker"))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def worker_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("test-worker")]


class Count:
    """Counts how many jobs run at once, and waits until enough are done."""

    def __init__(self) -> None:
        self.most = self.now = 0
        self._lock = threading.Lock()
        self._done = threading.Semaphore(0)

    def __call__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        with self._lock:
            self.now -= 1
        self._done.release()

    def await_jobs(self, number: int) -> None:
        assert all(self._done.acquire(timeout=PATIENCE) for _ in range(number)), "jobs were lost"


def test_no_threads_before_the_first_job(make_pool):
    make_pool(4)
    assert worker_threads() == []


def test_order_with_one_thread(make_pool):
    pool, done, last = make_pool(1), [], Hold()
    pool.submit_all([lambda number=number: done.append(number) for number in range(100)])
    pool.submit(last)
    assert last.begun.wait(PATIENCE)
    assert done == list(range(100))
    last.let_go()


@pytest.mark.parametrize("size", [1, 2, 5])
def test_never_more_at_once_than_allowed_and_none_is_lost(make_pool, size):
    pool, count = make_pool(size), Count()

    def submit() -> None:
        for turn in range(100):
            if turn % 3:
                pool.submit(count)
            else:
                pool.submit_all([count, count])

    in_threads(*[submit] * 8)
    count.await_jobs(8 * (66 + 2 * 34))
    assert count.most <= size
    assert len(worker_threads()) <= size


def test_as_many_at_once_as_allowed(make_pool):
    pool, holds = make_pool(3), [Hold() for _ in range(4)]
    pool.submit_all(holds)
    assert all(hold.begun.wait(PATIENCE) for hold in holds[:3])
    assert not holds[3].begun.is_set()
    holds[0].let_go()
    assert holds[3].begun.wait(PATIENCE)
    for hold in holds:
        hold.let_go()


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(1)])
def test_job_that_raises_is_told_of_and_the_others_run(make_pool, errors, error):
    def fail() -> None:
        raise error

    pool, count = make_pool(1), Count()
    pool.submit_all([fail, count])
    count.await_jobs(1)
    assert errors == [error]


def test_close_drops_what_waits_and_waits_for_what_runs(make_pool):
    pool, hold, count = make_pool(1), Hold(), Count()
    pool.submit_all([hold, count])
    assert hold.begun.wait(PATIENCE)
    closing = threading.Thread(target=pool.close)
    closing.start()
    while not pool._closed:
        time.sleep(0.001)
    hold.let_go()
    closing.join(PATIENCE)
    pool.submit(count)
    pool.submit_all([count])
    assert worker_threads() == []
    assert not count._done.acquire(blocking=False)


def test_close_without_any_job(make_pool):
    pool = make_pool(1)
    pool.close()
    pool.close()


def test_close_inside_a_job(make_pool):
    pool, closed = make_pool(2), threading.Event()

    def close() -> None:
        pool.close()
        closed.set()

    pool.submit(close)
    assert closed.wait(PATIENCE)
    pool.close()
    assert worker_threads() == []


@pytest.mark.parametrize("size", [1, 3])
def test_jobs_that_wait_for_jobs_end_however_small_the_pool_is(make_pool, size):
    pool, count = make_pool(size), Count()
    depth = 20

    def wait_for_the_next(level: int) -> None:
        if level < depth:
            done = threading.Event()

            def job() -> None:
                wait_for_the_next(level + 1)
                done.set()

            pool.submit(job)
            with pool.lend():
                assert done.wait(PATIENCE)
        count()

    pool.submit(lambda: wait_for_the_next(0))
    count.await_jobs(depth + 1)


def test_waiting_job_lends_its_place_once_and_takes_it_back(make_pool):
    pool, hold, during, after = make_pool(1), Hold(), Hold(), Hold()

    def wait() -> None:
        with pool.lend():
            hold()

    pool.submit(wait)
    assert hold.begun.wait(PATIENCE)
    pool.submit_all([during, after])
    assert during.begun.wait(PATIENCE)
    assert not after.begun.is_set()
    hold.let_go()
    during.let_go()
    assert after.begun.wait(PATIENCE)
    after.let_go()


def test_lending_outside_of_the_pool_does_nothing(make_pool):
    pool = make_pool(1)
    assert not pool.inside
    with pool.lend():
        assert (pool._working, pool._lent) == (0, 0)


def test_inside(make_pool):
    pool, found, count = make_pool(1), [], Count()
    pool.submit_all([lambda: found.append(pool.inside), count])
    count.await_jobs(1)
    assert found == [True]


def test_threads_do_not_keep_the_program_from_ending(make_pool):
    pool, count = make_pool(1), Count()
    pool.submit(count)
    count.await_jobs(1)
    assert all(thread.daemon for thread in worker_threads())


def test_where_no_more_threads_can_be_made_those_there_are_do_all(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = WorkerPool(5, lambda error: None, "test")
    begun, go_on, done = threading.Event(), threading.Event(), threading.Semaphore(0)

    def first() -> None:
        begun.set()
        go_on.wait(30)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pool.submit(first)
    assert begun.wait(30)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        pool.submit_all([done.release] * 3)
    go_on.set()
    for _ in range(3):
        assert done.acquire(timeout=30)
    pool.close()


def test_where_no_thread_can_be_made_at_all_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pool = WorkerPool(5, lambda error: None, "test")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            pool.submit(lambda: None)
    pool.close()

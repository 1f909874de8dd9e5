"""Other engines at the same work: a chain of 1,000 steps that do nothing, and 10,000 steps side by side."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

CHAIN, FAN = 1_000, 10_000


def nothing(*_: object) -> None:
    """Do nothing."""


def executor() -> tuple[float, float]:
    """Return the seconds of chain and fan for a bare thread pool, the floor."""
    with ThreadPoolExecutor(20) as pool:
        begin = time.perf_counter()
        done: Future[None] = Future()

        def step(left: int) -> None:
            if left:
                pool.submit(step, left - 1)
            else:
                done.set_result(None)

        pool.submit(step, CHAIN)
        done.result()
        chain = time.perf_counter() - begin
        begin = time.perf_counter()
        for future in [pool.submit(nothing) for _ in range(FAN)]:
            future.result()
        return chain, time.perf_counter() - begin


def asynciojobs() -> tuple[float, float]:
    """Return the seconds for asynciojobs, the engine of NEPI's successor."""
    from asynciojobs import Job, Scheduler

    async def step() -> None:
        pass

    def measure(chained: bool, number: int) -> float:
        asyncio.set_event_loop(asyncio.new_event_loop())
        jobs = [Job(step()) for _ in range(number)]
        for job, needed in zip(jobs[1:], jobs, strict=False) if chained else ():
            job.requires(needed)
        scheduler = Scheduler(*jobs)
        begin = time.perf_counter()
        asyncio.get_event_loop().run_until_complete(scheduler.co_run())
        return time.perf_counter() - begin

    return measure(True, CHAIN), measure(False, FAN)


def doit() -> tuple[float, float]:
    """Return the seconds for doit."""
    from doit.cmd_base import ModuleTaskLoader
    from doit.doit_cmd import DoitMain

    def measure(chained: bool, number: int) -> float:
        def task_step() -> object:
            for index in range(number):
                needed = [f"step:{index - 1}"] if chained and index else []
                yield {"name": str(index), "actions": [nothing], "task_dep": needed}

        with tempfile.TemporaryDirectory() as folder:
            settings = {"dep_file": f"{folder}/state", "verbosity": 0, "reporter": "zero"}
            main = DoitMain(ModuleTaskLoader({"task_step": task_step, "DOIT_CONFIG": settings}))
            begin = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                main.run(["run"])
            return time.perf_counter() - begin

    return measure(True, CHAIN), measure(False, FAN)


def dask() -> tuple[float, float]:
    """Return the seconds for Dask distributed, in one process."""
    from distributed import Client

    with Client(processes=False, n_workers=1, threads_per_worker=20, dashboard_address=None) as client:
        graph = {f"step-{index}": (nothing, f"step-{index - 1}" if index else 0) for index in range(CHAIN)}
        begin = time.perf_counter()
        client.get(graph, f"step-{CHAIN - 1}")
        chain = time.perf_counter() - begin
        begin = time.perf_counter()
        client.gather(client.map(nothing, range(FAN), pure=False))
        return chain, time.perf_counter() - begin


def luigi() -> tuple[float, float]:
    """Return the seconds for Luigi; its fan does not end in a sensible time and is left out (infinite)."""
    import luigi as engine

    done: set[int] = set()

    class Step(engine.Task):
        """A step of the chain."""

        number = engine.IntParameter()

        def requires(self) -> list[Step]:
            """Return the step before."""
            return [Step(number=self.number - 1)] if self.number else []

        def run(self) -> None:
            """Be done."""
            done.add(self.number)

        def complete(self) -> bool:
            """Tell whether it was run."""
            return self.number in done

    begin = time.perf_counter()
    engine.build([Step(number=300)], local_scheduler=True, log_level="CRITICAL", no_lock=True)
    return (time.perf_counter() - begin) * CHAIN / 300, float("inf")


PEERS: dict[str, tuple[str, Callable[[], tuple[float, float]]]] = {
    "ThreadPoolExecutor": ("concurrent.futures", executor),
    "asynciojobs": ("asynciojobs", asynciojobs),
    "doit": ("doit", doit),
    "Dask": ("distributed", dask),
    "Luigi (chain from 300 steps)": ("luigi", luigi),
}


def installed(module: str) -> bool:
    """Tell whether a peer is here."""
    return importlib.util.find_spec(module.partition(".")[0]) is not None

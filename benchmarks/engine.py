"""The engine's own work: registering, deploying, conditions, files, local programs, start-up."""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import peers, resource_types
from benchmarks.table import Table, seconds
from benchmarks.timing import ROOT, median, script, timed
from nepi_core import ExperimentController, ResourceAction, ResourceState

COLUMNS = ("work", "NEPI 6", "reach", "here", "beside it")


def run(quick: bool) -> Table:
    """Measure everything and return the table."""
    resource_types.register()
    table = Table(COLUMNS)
    times = 3 if quick else 7
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NEPI_LOCAL_DIR"] = folder
        for part in (_registration, _deployment, _authors, _conditions, _shutdown, _files, _programs, _start_up):
            part(table, times, quick)
    _peers(table)
    return table


@contextmanager
def experiment(rtype: str = "benchmark::Nothing", number: int = 0) -> Iterator[tuple[ExperimentController, list[int]]]:
    """Give a controller with some resources of one type."""
    with ExperimentController("benchmark") as ec:
        yield ec, [ec.register_resource(rtype) for _ in range(number)]


# -- registration and deployment --------------------------------------------------------------------


def _registration(table: Table, times: int, quick: bool) -> None:
    number = 10_000

    def register() -> float:
        with experiment() as (ec, _):
            return timed(lambda: [ec.register_resource("benchmark::Nothing") for _ in range(number)]) / number

    floor = median(lambda: timed(lambda: [_Plain(each) for each in range(number)]) / number, times)
    here = seconds(median(register, times))
    table.add("register_resource, 14 attributes", "0.13 to 0.18 ms", "0.03 ms", here, f"plain object {seconds(floor)}")


class _Plain:
    """What a resource would cost at the least: an object with a few values."""

    def __init__(self, guid: int) -> None:
        self.guid = guid
        self.attributes: dict[str, object] = {}
        self.connections: set[int] = set()
        self.conditions: list[object] = []


def _deployment(table: Table, times: int, quick: bool) -> None:
    reach = {1_000: ("1.02 s", "30 ms"), 10_000: ("", "0.4 s"), 100_000: ("", "5 s")}
    for number, (nepi, goal) in reach.items():
        if quick and number == 100_000:
            continue
        here = median(partial(_deploy, number), 3 if number == 100_000 else times)
        floor = median(partial(_submit, number), 3)
        table.add(
            f"deploy() until all STARTED, {number:,}",
            nepi,
            goal,
            seconds(here),
            f"two jobs each in a pool {seconds(floor)}",
        )
    table.add("memory of a resource, deployed", "", "5 kB", f"{_memory():.1f} kB", "")


def _deploy(number: int) -> float:
    with experiment(number=number) as (ec, guids):
        begin = time.perf_counter()
        ec.deploy(guids)
        ec.wait_started(guids)
        return time.perf_counter() - begin


def _submit(number: int) -> float:
    with ThreadPoolExecutor(20) as pool:
        begin = time.perf_counter()
        for _ in range(2):
            for future in [pool.submit(peers.nothing) for _ in range(number)]:
                future.result()
        return time.perf_counter() - begin


def _memory() -> float:
    """Return the kilobytes that the process grows by for each resource."""
    code = """
import gc, os, tempfile
from benchmarks import resource_types
from benchmarks.engine import experiment
from nepi_core import ExperimentController
def resident():
    gc.collect()
    return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGESIZE')
resource_types.register()
os.environ['NEPI_LOCAL_DIR'] = tempfile.mkdtemp()
with experiment(number=10) as (ec, guids):
    ec.deploy(guids); ec.wait_started(guids)
with ExperimentController('memory') as ec:
    before = resident()
    guids = [ec.register_resource('benchmark::Nothing') for _ in range(50_000)]
    ec.deploy(guids); ec.wait_started(guids); ec.run.store.flush()
    print((resident() - before) / 50_000 / 1000)
"""
    return float(script(code))


def _authors(table: Table, times: int, quick: bool) -> None:
    for applications, reach in ((10, "1.2 s"), (50, "6 s")):
        if quick and applications == 50:
            continue
        number = 1000 * (applications + 2) + 1
        nepi = {10: "2.4 s", 50: "45 s to deployed (123 s with 10 threads)"}[applications]
        runs = [_authors_experiment(1000, applications) for _ in range(3)]
        deployed, whole = (statistics.median(each) for each in zip(*runs, strict=True))
        table.add(
            f"NEPI's authors' benchmark, {number:,} resources",
            nepi,
            reach,
            seconds(whole),
            f"deployed {seconds(deployed)}",
        )


def _authors_experiment(nodes: int, applications: int) -> tuple[float, float]:
    """Return the seconds until deployed, and until deployed, finished and released."""
    with experiment() as (ec, _):
        channel = ec.register_resource("benchmark::Nothing")
        everything = [channel]
        for _ in range(nodes):
            node = ec.register_resource("benchmark::Node")
            interface = ec.register_resource("benchmark::Interface", connected_to=[node, channel])
            ends = [ec.register_resource("benchmark::Application", connected_to=node) for _ in range(applications)]
            everything += [node, interface, *ends]
        finishing = ec.filter_resources("benchmark::Application")
        begin = time.perf_counter()
        ec.deploy(everything)
        ec.wait_deployed(everything)
        deployed = time.perf_counter() - begin
        ec.wait_finished(finishing)
        ec.release()
        return deployed, time.perf_counter() - begin


# -- conditions -------------------------------------------------------------------------------------


def _conditions(table: Table, times: int, quick: bool) -> None:
    gaps = [gap for _ in range(times) for gap in _chain_gaps(20)]
    pool = median(lambda: peers.executor()[0] / peers.CHAIN, times)
    middle, worst = statistics.median(gaps), statistics.quantiles(gaps, n=100)[98]
    table.add(
        "START condition: from A STARTED to B STARTED",
        "0.25 to 0.5 s",
        "0.3 ms; 99th percentile 2 ms",
        f"{seconds(middle)}; 99th percentile {seconds(worst)}",
        f"job that submits a job {seconds(pool)}",
    )
    for number, nepi, reach in ((20, "9.5 s", "5 ms"), (1_000, "", "0.06 s")):
        here = median(partial(_chain, number), times)
        table.add(
            f"chain of {number:,} START conditions",
            nepi,
            reach,
            seconds(here),
            f"the same jobs {seconds(pool * number)}",
        )


def _chain(number: int) -> float:
    """Return the seconds from the first START of a chain to the last."""
    return sum(_chain_gaps(number))


def _chain_gaps(number: int) -> list[float]:
    """Return the seconds from each START in a chain to the next."""
    with experiment(number=number) as (ec, guids):
        for first, second in itertools.pairwise(guids):
            ec.register_condition(second, ResourceAction.START, first, ResourceState.STARTED)
        ec.deploy(guids)
        ec.wait_started(guids)
        moments = [ec.get_resource(guid).life.reached(ResourceState.STARTED) or 0.0 for guid in guids]
        return [second - first for first, second in itertools.pairwise(moments)]


def _shutdown(table: Table, times: int, quick: bool) -> None:
    def measure() -> float:
        with experiment(number=20) as (ec, guids):
            ec.deploy(guids)
            ec.wait_started(guids)
            return timed(ec.shutdown)

    table.add("shutdown, 20 resources", "0.5 s", "20 ms", seconds(median(measure, times)), "")


# -- files ------------------------------------------------------------------------------------------


def _files(table: Table, times: int, quick: bool) -> None:
    from lxml import etree

    with tempfile.TemporaryDirectory() as folder, experiment() as (ec, _):
        _describe(ec, 10_000)
        path = Path(folder, "large.xml")
        save = median(lambda: timed(lambda: ec.save(path)), times)
        tree = etree.parse(path)
        serialized = median(lambda: timed(lambda: tree.write(os.fspath(path), encoding="UTF-8")), times)
        parsed = median(lambda: timed(lambda: etree.parse(path)), times)
        load = median(lambda: _load(path), times)
    size = "XML, 10,000 resources, 5 attributes, 2 connections:"
    table.add(f"{size} save", "2.4 s", "0.4 s", seconds(save), f"lxml serializes {seconds(serialized)}")
    table.add(f"{size} load", "3.4 s of CPU", "0.6 s", seconds(load), f"lxml parses {seconds(parsed)}")


def _describe(ec: ExperimentController, number: int) -> None:
    values: dict[str, Any] = {
        "count": 5,
        "interval": 0.5,
        "target": "10.0.0.1",
        "command": "ping -c 5 10.0.0.1",
        "verbose": True,
    }
    guids = [ec.register_resource("benchmark::Nothing", **values) for _ in range(number)]
    for first, second in zip(guids, guids[1:] + guids[:1], strict=True):
        ec.register_connection(first, second)


def _load(path: Path) -> float:
    begin = time.perf_counter()
    ec = ExperimentController.load(path)
    took = time.perf_counter() - begin
    ec.shutdown()
    return took


# -- programs on this machine -----------------------------------------------------------------------


def _programs(table: Table, times: int, quick: bool) -> None:
    for number, nepi, reach in ((1, "3.1 s", "0.05 s"), (50, "3.5 s", "0.5 s")):
        here = median(partial(_run_programs, number), times)
        floor = median(partial(_spawn, number), times)
        table.add(
            f"local linux::Application running true: {number} at once, until finished",
            nepi,
            reach,
            seconds(here),
            f"subprocess {seconds(floor)}",
        )


def _run_programs(number: int) -> float:
    begin = time.perf_counter()
    with ExperimentController("programs") as ec:
        node = ec.register_resource("linux::Node")
        guids = [ec.register_resource("linux::Application", command="true", connected_to=node) for _ in range(number)]
        ec.deploy()
        ec.wait_finished(guids)
        return time.perf_counter() - begin


def _spawn(number: int) -> float:
    begin = time.perf_counter()
    for process in [subprocess.Popen(["sh", "-c", "true"]) for _ in range(number)]:
        process.wait()
    return time.perf_counter() - begin


def _start_up(table: Table, times: int, quick: bool) -> None:
    bare = median(lambda: timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)), times)
    here = median(_until_deployed, times)
    table.add(
        "nepi-gui --run: from the start of the process until the first resource deploys",
        "0.08 to 0.15 s for the core's import alone",
        "0.25 s",
        seconds(here),
        f"python -c pass {seconds(bare)}",
    )


_PLUGIN = """
import time
from nepi_core import ResourceManager
class Told(ResourceManager, rtype="benchmark::Told"):
    "Tells when it is deployed."
    def do_deploy(self):
        open(__file__ + ".time", "w").write(str(time.time()))
        super().do_deploy()
    def do_start(self):
        super().do_start()
        self.set_stopped()
    def ends_by_itself(self):
        return True
"""


def _until_deployed() -> float:
    with tempfile.TemporaryDirectory() as folder:
        plugin, path = Path(folder, "told_plugin.py"), Path(folder, "told.xml")
        plugin.write_text(_PLUGIN)
        path.write_text(
            '<experiment exp_id="told"><rms><rm guid="1" rtype="benchmark::Told" state="0"/></rms></experiment>'
        )
        begin = time.time()
        subprocess.run(
            [sys.executable, "-m", "nepi_gui", "--run", path, "--quiet", "--no-report", "--local-dir", folder],
            env=os.environ | {"NEPI_SEARCH_PATH": folder, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        return float(Path(f"{plugin}.time").read_text()) - begin


# -- peers ------------------------------------------------------------------------------------------


def _peers(table: Table) -> None:
    """Print other engines at a chain and a fan, beside ours."""

    def show(name: str, measure: Callable[[], tuple[float, float]]) -> None:
        chain, fan = measure()
        side_by_side = seconds(fan) if fan != float("inf") else "not finished"
        table.add(
            f"chain of {peers.CHAIN:,}; {peers.FAN:,} side by side", "", "", f"{seconds(chain)}; {side_by_side}", name
        )

    show("this engine, with its life cycle and run store", lambda: (_chain(peers.CHAIN), _deploy(peers.FAN)))
    for name, (module, measure) in peers.PEERS.items():
        if peers.installed(module):
            show(name, measure)
        else:
            table.add("chain; side by side", "", "", "not installed", name)

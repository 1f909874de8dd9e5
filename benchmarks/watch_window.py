"""Rows of ``python -m benchmarks watch``: plots, of a run that goes on and of ten million samples, and states."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.table import Table, seconds
from benchmarks.timing import ROOT

_ROUNDS = 5
_PAUSE = 300  # seconds after which a measurement is given up


def measure(table: Table, quick: bool) -> None:
    """Add the rows of the window."""
    _plots(table, quick)
    _burst(table)
    _steady(table)


def _plots(table: Table, quick: bool) -> None:
    for curves, of in ((6, "one series in each"), (100, "all 100 series on them")):
        here, floor = (
            _script("watch_plots", "live", str(curves), which, "4" if quick else "10") for which in ("here", "floor")
        )
        work = f"100 series x 100 samples/s arrive, 6 plots visible, {of}"
        table.add(work, "30 frames/s, GUI thread below 60 %", _live(here), f"bare pyqtgraph: {_live(floor)}")
    samples = 1_000_000 if quick else 10_000_000
    long, floor = (_script("watch_plots", "long", str(samples), which) for which in ("here", "floor"))
    name = f"1 series with {samples:,} samples from the run store"
    beside = "bare pyqtgraph, from memory: {0}"
    table.add(f"{name}: first paint", "1 s", seconds(long["first"]), beside.format(seconds(floor["first"])))
    table.add(f"{name}: zoom, worst of 20", "100 ms", seconds(long["zoom"]), beside.format(seconds(floor["zoom"])))


def _live(measured: dict[str, Any]) -> str:
    return f"{measured['frames']:.1f} frames/s, {measured['share']:.0%}"


def _burst(table: Table) -> None:
    here, floor = (_script("watch_states", "burst", which, str(_ROUNDS)) for which in ("here", "floor"))
    work = "1,000 RMs change state within a second"
    gap, bare = (_and_worst(each["gaps"]) for each in (here, floor))
    worked = _and_worst(here["works"])
    table.add(f"{work}: longest gap of the event loop", "50 ms", gap, f"bare widget {bare}")
    table.add(f"{work}: the GUI thread's work in one go", "", worked, "")
    stored = f"{here['recorded']:,} of {here['wanted']:,}; {here['wrong']} wrong"
    table.add(f"{work}: changes in the run store; last state painted", "all; 0 wrong", stored, "")
    table.add(f"{work}: until painted", "", _delays(here), f"bare widget {_delays(floor)}")
    table.add(
        "window that watches them: memory", "", f"{here['memory']:.0f} MB", f"bare widget {floor['memory']:.0f} MB"
    )
    work = "the same run, from the wish to run it until all are STARTED: longest gap"
    table.add(work, "", seconds(here["deployment"]), f"bare widget {seconds(floor['deployment'])}")


def _steady(table: Table) -> None:
    here, floor = (_script("watch_states", "steady", which, "1") for which in ("here", "floor"))
    work = "state change in the engine until painted, 20 a second among 1,000 RMs"
    table.add(work, "median 50 ms, 99th percentile 150 ms", _delays(here), f"bare widget {_delays(floor)}")


def _and_worst(values: list[float]) -> str:
    return f"{seconds(statistics.median(values))}, at most {seconds(max(values))}"


def _delays(measured: dict[str, Any]) -> str:
    values = sorted(measured["delays"])
    last = values[min(len(values) - 1, int(0.99 * len(values)))]
    return f"median {seconds(statistics.median(values))}, 99th percentile {seconds(last)}"


def _script(module: str, *arguments: str) -> dict[str, Any]:
    """Run a part of this benchmark in a process of its own, with settings of its own; return what it has measured."""
    with tempfile.TemporaryDirectory(prefix="nepi-benchmark-") as folder:
        apart = {f"XDG_{each}_HOME": folder for each in ("CONFIG", "STATE", "DATA")}
        types = {"NEPI_SEARCH_PATH": str(Path(__file__).parent / "watch_types"), "NEPI_LOCAL_DIR": f"{folder}/runs"}
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", folder, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | apart | types,
            cwd=ROOT,
            timeout=_PAUSE,
        )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed: {done.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured

"""Rows of ``python -m benchmarks watch``: plots of a run that goes on, and of ten million samples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.table import Table, seconds
from benchmarks.timing import ROOT

_PAUSE = 300  # seconds after which a measurement is given up


def measure(table: Table, quick: bool) -> None:
    """Add the rows of the window."""
    for curves, of in ((6, "one series in each"), (100, "all 100 series on them")):
        here, floor = (_script("live", str(curves), which, "4" if quick else "10") for which in ("here", "floor"))
        work = f"100 series x 100 samples/s arrive, 6 plots visible, {of}"
        table.add(work, "30 frames/s, GUI thread below 60 %", _live(here), f"bare pyqtgraph: {_live(floor)}")
    samples = 1_000_000 if quick else 10_000_000
    long, floor = (_script("long", str(samples), which) for which in ("here", "floor"))
    name = f"1 series with {samples:,} samples from the run store"
    beside = "bare pyqtgraph, from memory: {0}"
    table.add(f"{name}: first paint", "1 s", seconds(long["first"]), beside.format(seconds(floor["first"])))
    table.add(f"{name}: zoom, worst of 20", "100 ms", seconds(long["zoom"]), beside.format(seconds(floor["zoom"])))


def _live(measured: dict[str, Any]) -> str:
    return f"{measured['frames']:.1f} frames/s, {measured['share']:.0%}"


def _script(*arguments: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="nepi-benchmark-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.watch_plots", folder, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            cwd=ROOT,
            timeout=_PAUSE,
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured

"""The window: how fast the canvas is with many nodes, and how long users wait for this and that."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from benchmarks.table import Table, seconds
from benchmarks.timing import ROOT

COLUMNS = ("work", "reach", "here", "floor", "GNS3", "NodeGraphQt")

_SUBJECTS = ("here", "floor", "gns3", "nodegraphqt")
_PEERS = ("gns3", "nodegraphqt")

# The peers have an environment of their own: their packages bring another Qt, and types of Qt that mypy would take.
_PEERS_PYTHON = os.environ.get("NEPI_PEERS_PYTHON", "")
_BYTECODE = tempfile.TemporaryDirectory(prefix="nepi-benchmark-")
_PAUSE = 600  # seconds after which a canvas is given up


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the first table: what is measured, its unit, and what it should reach by number of nodes."""

    work: str
    name: str
    unit: str
    reach: dict[int, str]


_ROWS = (
    Row("create and paint", "create", "s", {1_000: "0.25 s", 5_000: "1.2 s"}),
    Row("memory above an empty window", "memory", "MB", {1_000: "25 MB", 5_000: "100 MB"}),
    Row("pan at 1:1", "pan", "ms", {1_000: "4 ms", 5_000: "4 ms"}),
    Row("pan at 1:1, 95th percentile", "pan95", "ms", {1_000: "8 ms", 5_000: "8 ms"}),
    Row("everything visible, a frame", "fit", "ms", {1_000: "12 ms", 5_000: "40 ms"}),
    Row("drag a node with 10 edges, a step", "drag", "ms", {1_000: "2 ms", 5_000: "2 ms"}),
    Row("all nodes change their looks, all visible", "colours", "ms", {1_000: "15 ms"}),
)

_WAITS = {
    "start until the first painted window, with an example": ("start", "0.6 s"),
    "file with 5,000 resources, opened and painted": ("open", "2.5 s"),
    "undo of a paste of 1,000 resources": ("undo", "0.3 s"),
    "attribute form of another resource": ("form", "30 ms"),
}


def run(quick: bool) -> Table:
    """Measure everything and return the table."""
    table = Table(COLUMNS)
    for nodes in (1_000,) if quick else (1_000, 5_000):
        measured = {which: _canvas(which, nodes, 1 if quick else 5) for which in _SUBJECTS}
        for row in _ROWS:
            if nodes in row.reach:
                cells = [_cell(measured[which], row) for which in _SUBJECTS]
                table.add(f"{nodes:,} nodes: {row.work}", row.reach[nodes], *cells)
    _wait("start")
    bare = {"start": statistics.median(_wait("bare") for _ in range(1 if quick else 5))}
    for work, (name, reach) in _WAITS.items():
        took = statistics.median(_wait(name) for _ in range(1 if quick else 5))
        beside = f"bare window {seconds(bare[name])}" if name in bare else ""
        table.add(work, reach, seconds(took), beside, "", "")
    return table


def _canvas(which: str, nodes: int, times: int) -> dict[str, float] | None:
    """Return the medians of a canvas's measurements, None when it is not there."""
    if which in _PEERS and not _PEERS_PYTHON:
        return None
    times = min(times, 2) if which in _PEERS else times  # the peers take minutes
    runs = [_script("benchmarks.window_drive", which, str(nodes)) for _ in range(times)]
    return {
        name: statistics.median(each[name] for each in runs) for name, value in runs[0].items() if value is not None
    }


def _cell(measured: dict[str, float] | None, row: Row) -> str:
    if measured is None:
        return "not measured"
    if row.name not in measured:
        return ""
    return f"{measured[row.name]:.3g} {row.unit}"


def _wait(name: str) -> float:
    """Return the seconds that a user waits for something."""
    return float(_script("benchmarks.window_waits", name)["seconds"])


def _script(module: str, *arguments: str) -> dict[str, Any]:
    """Run a part of this benchmark in a process of its own, and return what it has measured."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_PREFERRED_BINDING": "PySide6"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = _BYTECODE.name  # a warm start has it, as after an installation
    done = subprocess.run(
        [_PEERS_PYTHON if arguments[0] in _PEERS else sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
        timeout=_PAUSE,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed: {done.stderr[-2000:]}")
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured

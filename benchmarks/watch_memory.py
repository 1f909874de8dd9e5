"""What memory a run of eight hours takes: written and followed at 100 times its rate."""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.table import Table
from nepi_core.runs.database import FILE_NAME
from nepi_core.runs.reader import RunReader
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample

_BEGIN = 1_790_000_000.0
_SERIES = 100
_RATE = 10  # samples a second of each series, in the run
_TIMES = 100  # so much faster it goes here
_HOURS = 8
_FRAME = 1 / 30
_PLOTS = 6
_BUCKETS = 1000  # across a plot

_SPAWN = multiprocessing.get_context("spawn")


def measure(table: Table, quick: bool) -> None:
    """Add the rows about memory."""
    hours = _HOURS / 12 if quick else _HOURS
    with tempfile.TemporaryDirectory(prefix="nepi-benchmark-") as folder:
        _add_rows(table, Path(folder, "run"), hours)


def _add_rows(table: Table, folder: Path, hours: float) -> None:
    lines = round(hours * 3600 * _RATE)
    writer = _SPAWN.Process(target=_write, args=(folder, lines))
    reader = _SPAWN.Process(target=_follow, args=(folder,))
    watched = {"writer": _Memory(writer), "reader, 6 plots": _Memory(reader)}
    writer.start()
    reader.start()
    largest_log = 0
    begin = time.monotonic()
    while reader.is_alive() or writer.is_alive():
        for memory in watched.values():
            memory.look()
        log = folder / f"{FILE_NAME}-wal"
        largest_log = max(largest_log, log.stat().st_size if log.exists() else 0)
        reader.join(0.2)
    took = time.monotonic() - begin
    samples = lines * _SERIES
    what = f"{hours:.3g} hours, {samples / 1e6:.3g} million samples, in {took:.0f} s"
    for who, memory in watched.items():
        table.add(f"{what}: memory of the {who}", "bounded", memory.told(), f"all samples {16 * samples / 1e6:.0f} MB")
    size = (folder / FILE_NAME).stat().st_size
    table.add(f"{what}: file, and its largest log", "bounded", f"{size / 1e6:.0f} MB, {largest_log / 1e6:.0f} MB", "")


@dataclass
class _Memory:
    """The resident memory of a process, in MB, over its life."""

    process: BaseProcess
    seen: list[float] = field(default_factory=list)

    def look(self) -> None:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except FileNotFoundError:
            return
        resident = [line for line in status.splitlines() if line.startswith("VmRSS:")]  # a process that ends has none
        self.seen += [int(line.split()[1]) / 1024 for line in resident]

    def told(self) -> str:
        """Return what it was after a quarter, after half and all of the time, and at most."""
        marks = [self.seen[len(self.seen) * quarters // 4 - 1] for quarters in (1, 2, 4)]
        return " - ".join(f"{mark:.0f}" for mark in marks) + f" MB (at 1/4, 1/2, end); at most {max(self.seen):.0f} MB"


def _write(folder: Path, lines: int) -> None:
    """Write a run; when the store is not quick enough, this waits for it."""
    chance = random.Random(1)
    values = [round(20 + abs(chance.gauss(0, 0.8)), 1) for _ in range(9973)]
    store = RunStore(folder)
    store.facts(outcome="running")
    begin = time.monotonic()
    for line in range(lines):
        at = round(_BEGIN + line / _RATE + chance.random() * 1e-3, 4)
        place = line * _SERIES
        numbers = range(_SERIES)
        store.samples([Sample(at, each, "stdout", "rtt", values[(place + each) % len(values)]) for each in numbers])
        ahead = begin + line / (_RATE * _TIMES) - time.monotonic()
        if ahead > _FRAME:
            time.sleep(ahead)
    store.facts(outcome="done")
    store.close()


def _follow(folder: Path) -> None:
    """Read a run while it is written, and look at six of its series 30 times a second, as plots of all of it do."""
    while not (folder / FILE_NAME).exists():
        time.sleep(_FRAME)
    with RunReader(folder) as reader:
        samples = reader.run_samples()
        while reader.facts().get("outcome") != "done":
            samples.news()
            for guid in range(_PLOTS):
                samples.series(guid, "stdout", "rtt").envelope(buckets=_BUCKETS)
            time.sleep(_FRAME)

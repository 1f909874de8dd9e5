"""The run store's part of the benchmark: what samples cost that come in, and how fast they are read again."""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Table, seconds
from nepi_core.runs.database import FILE_NAME, RunDatabase
from nepi_core.runs.database import Table as StoreTable
from nepi_core.runs.reader import RunReader
from nepi_core.runs.series_reader import SeriesReader
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

_BEGIN = 1_790_000_000.0
_RATE = 100  # samples a second of each series
_BATCH = 0.05  # seconds between two readings of the traces
_FRAME = 1 / 30
_BUCKETS = 2000  # across a plot
_KEY = (1, "stdout", "rtt")
_ZOOMS = (0.5, 0.1, 0.025, 0.01, 0.001)


def measure(table: Table, quick: bool) -> None:
    """Add the rows of the run store."""
    with tempfile.TemporaryDirectory(prefix="nepi-benchmark-") as folder:
        _writing(table, Path(folder, "writing"), 60 if quick else 600)
        _live(table, Path(folder, "live"), 10 if quick else 30)
        _reading(table, Path(folder, "reading"), 1_000_000 if quick else 10_000_000)


# -- what comes in ----------------------------------------------------------------------------------------------------


class _Traces:
    """100 series that look like those of a network: 20 pings, 4 links with 10 counters each, 20 rates.

    Args:
        alike: whether they are plausible; otherwise all numbers and times are random, each series with its own times.
    """

    def __init__(self, alike: bool = True) -> None:
        self._chance = random.Random(1)
        self._alike = alike
        self._counters = [0.0] * 40
        self._line = 0

    def batch(self) -> list[Sample]:
        """Return what comes within 50 ms."""
        lines = range(self._line, self._line + round(_RATE * _BATCH))
        self._line = lines.stop
        make = self._plausible if self._alike else self._random
        return [sample for line in lines for sample in make(_BEGIN + line / _RATE)]

    def _plausible(self, at: float) -> Iterator[Sample]:
        chance = self._chance
        for guid in range(20):
            when = round(at + chance.gauss(0, 1e-4), 4)
            yield Sample(when, guid, "stdout", "rtt", round(20 + abs(chance.gauss(0, 0.8)), 1))
            yield Sample(when, guid, "stdout", "loss", 0.0)
        for link in range(4):
            when = round(at + abs(chance.gauss(0, 8e-5)), 6)
            for column in range(10):
                number = 10 * link + column
                self._counters[number] += chance.randrange(9) * (1, 1514, 0)[column % 3]
                yield Sample(when, 20 + link, "counters", f"column{column}", self._counters[number])
        for guid in range(24, 44):
            when = round(at + chance.gauss(0, 1e-4), 4)
            yield Sample(when, guid, "stdout", "throughput", round(94 + chance.gauss(0, 0.6), 1))

    def _random(self, at: float) -> Iterator[Sample]:
        for guid in range(100):
            yield Sample(at + self._chance.random() / _RATE, guid, "stdout", "noise", self._chance.random())


def _writing(table: Table, folder: Path, duration: int) -> None:
    folder.mkdir()
    used, size = _written(folder / FILE_NAME, _Traces(), duration)
    floor_used, floor_size = _inserted(folder / "floor.sqlite", _Traces(), duration)
    hour = 3600 / duration / 1e6
    reach = "100 series x 100 samples/s, written"
    floor = f"bare rows {_percent(floor_used, duration)}"
    table.add(f"{reach}: share of a core", "10 %", _percent(used, duration), floor)
    raw = 16 * 100 * _RATE * 3600 / 1e6
    floor = f"bare rows {floor_size * hour:.0f} MB, two floats a sample {raw:.0f} MB"
    table.add(f"{reach}: an hour", "40 MB", f"{size * hour:.1f} MB", floor)
    short = min(duration, 60)
    _, size = _written(folder / "random.sqlite", _Traces(alike=False), short)
    table.add("the same, of random numbers at random times", "", f"{size * 3600 / short / 1e6:.0f} MB", "")
    table.add("writer's largest memory", "", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", "")


def _written(path: Path, traces: _Traces, duration: int) -> tuple[float, int]:
    """Return the seconds of a processor and the bytes that a stretch of a run takes, without what makes the samples."""
    database = RunDatabase(path)
    used = 0.0
    for _ in range(round(duration / _BATCH)):
        batch = traces.batch()
        used += _processor(lambda: database.write({StoreTable.SAMPLES: batch}, lambda: False))  # noqa: B023 - at once
    used += _processor(database.close)
    return used, path.stat().st_size


def _inserted(path: Path, traces: _Traces, duration: int) -> tuple[float, int]:
    """The same for rows in a table, without more: a floor."""
    used = 0.0
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        database.execute("CREATE TABLE readings (time REAL, series INTEGER, value REAL)")
        for _ in range(round(duration / _BATCH)):
            rows = [(sample.time, sample.guid, sample.value) for sample in traces.batch()]
            used += _processor(lambda: _insert(database, rows))  # noqa: B023 - at once
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return used, path.stat().st_size


def _insert(database: sqlite3.Connection, rows: list[tuple[float, int, float]]) -> None:
    database.execute("BEGIN")
    database.executemany("INSERT INTO readings VALUES (?, ?, ?)", rows)
    database.execute("COMMIT")


# -- a run that goes on ---------------------------------------------------------------------------------------------


def _live(table: Table, folder: Path, duration: int) -> None:
    """Read 30 times a second what has come, while another thread writes."""
    store, traces = RunStore(folder), _Traces()
    store.flush()
    over = threading.Event()

    def give() -> None:
        while not over.wait(_BATCH):
            store.samples(traces.batch())

    writer = threading.Thread(target=give)
    writer.start()
    try:
        with RunReader(folder) as reader:
            used, count = _followed(reader, duration)
    finally:
        over.set()
        writer.join()
        store.close()
    work = f"news of 100 series, {count / duration:,.0f} samples/s, 30 times a second: share of a core"
    table.add(work, "3 %", _percent(used, duration), "")


def _followed(reader: RunReader, duration: int) -> tuple[float, int]:
    samples = reader.run_samples()
    used, count, until = 0.0, 0, time.monotonic() + duration
    while time.monotonic() < until:
        begin = time.thread_time()
        count += sum(len(news.times) for news in samples.news().values())
        used += time.thread_time() - begin
        time.sleep(_FRAME)
    return used, count


# -- a long series ------------------------------------------------------------------------------------------------


def _reading(table: Table, folder: Path, number: int) -> None:
    folder.mkdir()
    times, values = _long_series(number)
    _write(folder / FILE_NAME, times, values)
    _forget(folder / FILE_NAME)
    begin = time.perf_counter()
    with RunReader(folder) as reader:
        series = reader.run_samples().series(*_KEY)
        series.envelope(buckets=_BUCKETS)
        first = time.perf_counter() - begin
        floor = _timed(lambda: _reduced(values))
        what = f"series of {number:,} samples"
        table.add(f"{what}: opened, and seen whole", "0.5 s", seconds(first), f"numpy, from memory {seconds(floor)}")
        for share in _ZOOMS:
            took = [_timed(lambda: _look(series, times, share)) for _ in range(9)]  # noqa: B023 - called at once
            cell = f"{seconds(statistics.median(took))}, at most {seconds(max(took))}"
            table.add(f"{what}: {share:.1%} of it, anywhere", "60 ms", cell, "")
        table.add(f"{what}: all of it as columns", "", seconds(_timed(series.columns)), "")
        size = (folder / FILE_NAME).stat().st_size
        table.add(f"{what}: on the disk", "", f"{size / 1e6:.1f} MB", f"two floats a sample {16 * number / 1e6:.0f} MB")


def _long_series(number: int) -> tuple[Column, Column]:
    import numpy as np

    chance = np.random.default_rng(1)
    times = np.round(_BEGIN + np.arange(number) / 1000 + chance.random(number) * 1e-4, 4)
    return times, np.round(20 + chance.gamma(3, 0.4, number), 2)


def _write(path: Path, times: Column, values: Column) -> None:
    database = RunDatabase(path)
    for place in range(0, len(times), 10_000):
        pairs = zip(times[place : place + 10_000].tolist(), values[place : place + 10_000].tolist(), strict=True)
        database.write({StoreTable.SAMPLES: [(at, *_KEY, value) for at, value in pairs]}, lambda: False)
    database.close()


def _forget(path: Path) -> None:
    """Have the file read from the disk again, as far as this system does that when it is asked to."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _look(series: SeriesReader, times: Column, share: float) -> None:
    span = float(times[-1] - times[0])
    begin = float(times[0]) + random.random() * (1 - share) * span
    series.envelope(begin, begin + share * span, _BUCKETS)


def _reduced(values: Column) -> None:
    import numpy as np

    starts = np.arange(0, len(values), max(1, len(values) // _BUCKETS))
    np.minimum.reduceat(values, starts)
    np.maximum.reduceat(values, starts)


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _processor(work: Callable[[], object]) -> float:
    """Return the seconds of a processor that a call takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _percent(used: float, duration: float) -> str:
    return f"{100 * used / duration:.1f} %"

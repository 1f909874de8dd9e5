"""Runs that were recorded for tests: a store with a few series of known values."""

from __future__ import annotations

from pathlib import Path

from nepi_core.runs.store import RunStore
from nepi_core.series import Sample, Series
from nepi_gui.plots.series import SeriesKey

BEGAN = 1_790_000_000.0
LENGTH = 60.0
RTT = SeriesKey(2, "stdout", "rtt")
OTHER_RTT = SeriesKey(3, "stdout", "rtt")
LOSS = SeriesKey(2, "stdout", "loss")
RATE = SeriesKey(4, "stdout", "throughput")
SLOW_RATE = SeriesKey(4, "stdout", "slow")
QUEUE = SeriesKey(5, "counters", "queue")

_UNITS = {RTT: "ms", OTHER_RTT: "ms", LOSS: "%", RATE: "Mbit/s", SLOW_RATE: "kbit/s", QUEUE: "packets"}
_NAMES = {2: "ping", 3: "other ping", 4: "bulk", 5: "line"}


class Recording:
    """A run that is being recorded.

    Args:
        folder: of the run; its exp_id and run_id are the last parts of it.
    """

    def __init__(self, folder: Path, began: float = BEGAN) -> None:
        self.folder = folder
        self.began = began
        self.store = RunStore(folder)
        self.store.facts(exp_id=folder.parent.name, run_id=folder.name, began=began, outcome="running")
        for guid, name in _NAMES.items():
            self.store.resource(guid, "linux::Ping", name)
        for key, unit in _UNITS.items():
            self.store.series(key.guid, key.trace, [Series(key.series, unit)])
        self.store.flush()

    def add(self, key: SeriesKey, *samples: tuple[float, float]) -> None:
        """Record samples: seconds since the begin, and values."""
        self.store.samples([Sample(self.began + time, *key, value) for time, value in samples])
        self.store.flush()

    def end(self) -> Path:
        """End the run, and return its folder."""
        self.store.facts(outcome="done", ended=self.began + LENGTH)
        self.store.close()
        return self.folder


def recorded(folder: Path, factor: float = 1.0) -> Path:
    """Record a run with a sample of most series each second, from 0 to 59 times a factor; return its folder."""
    run = Recording(folder)
    for key in (RTT, OTHER_RTT, RATE, SLOW_RATE, QUEUE):
        run.add(key, *((float(second), second * factor) for second in range(60)))
    return run.end()

"""The numbers of the run that is watched: its record, and what comes while somebody looks."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nepi_gui.plots.curve_data import CurveData
from nepi_gui.plots.curves import RunCurve
from nepi_gui.plots.series import SeriesInfo, SeriesKey
from nepi_gui.plots.source import RunSource
from nepi_gui.plots.tail import Tail

_RESTS = 20  # times as long as it has taken to read which series there are, until that is read again


class RunData:
    """Reads a run and feeds the curves that show it.

    Args:
        folder: of the run.
        origin: when it began, in seconds since 1970.
        is_live: whether more may come.

    Attributes:
        series: all series that are known so far.
        last: the last value of each series that has got one since.
        newest: the time of the latest sample that has come; minus infinity for none.
    """

    def __init__(self, folder: Path, origin: float, is_live: bool) -> None:
        self._folder = folder
        self.source = RunSource(folder)
        self.origin = origin
        self.is_live = is_live
        self.series: dict[SeriesKey, SeriesInfo] = {}
        self.last: dict[SeriesKey, float] = {}
        self.newest = float("-inf")
        self._tails: dict[SeriesKey, Tail] = {}
        self._data: list[CurveData] = []
        self._next_look = 0.0
        self._look_for_series()

    def close(self) -> None:
        """Give back the file."""
        self.source.close()

    def _look_for_series(self) -> bool:
        """Read which series there are; tell whether there are more than before."""
        if self.source.series_number == len(self.series) or time.monotonic() < self._next_look:
            return False
        begun, before = time.monotonic(), len(self.series)
        self.series = {each.key: each for each in self.source.catalogue()}
        self._next_look = begun + (time.monotonic() - begun) * _RESTS  # with thousands it takes long, and more come
        return len(self.series) > before

    def pull(self) -> bool:
        """Take in what has come; tell whether there are more series than before."""
        if not self.series and self.source.notices:
            self._open_again()
        for key, (times, values) in self.source.news().items():
            self.last[key] = float(values[-1])
            self.newest = max(self.newest, float(times[-1]))
            if (tail := self._tails.get(key)) is not None:
                tail.take(times, values)
        return self._look_for_series()

    def _open_again(self) -> None:
        """Have another look at a record that could not be read: at the start of a run it is still to be made."""
        self.source.close()
        self.source = RunSource(self._folder)

    def last_value(self, key: SeriesKey) -> float:
        """Return the last value of a series; NaN when it has none."""
        if key not in self.last:
            found = self.source.last(key)
            self.last[key] = found[1] if found is not None else float("nan")
        return self.last[key]

    def curve(self, key: SeriesKey) -> RunCurve:
        """Return a curve of a series that is known."""
        data = CurveData(self.source, key, self._tail(key) if self.is_live else None)
        self._data.append(data)
        return RunCurve(self.series[key], data, self.source, self.origin)

    def forget(self, curves: Iterable[object]) -> None:
        """Feed no others than these curves any more."""
        kept = {id(each.data) for each in curves if isinstance(each, RunCurve)}
        self._data = [each for each in self._data if id(each) in kept]
        used = {each.key for each in self._data}
        self._tails = {key: tail for key, tail in self._tails.items() if key in used}

    def end(self) -> None:
        """Take note that nothing will come any more."""
        self._next_look = 0.0
        self.pull()
        self.is_live = False
        for each in self._data:
            each.close_end()
        self._tails.clear()

    def _tail(self, key: SeriesKey) -> Tail:
        """Return what gathers the samples of a series; it begins with the latest that there is."""
        if key not in self._tails:
            tail = self._tails[key] = Tail()
            if (found := self.source.last(key)) is not None:
                tail.take(np.array([found[0]]), np.array([found[1]]))
                tail.lost = found[0]
        return self._tails[key]

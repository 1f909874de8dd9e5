"""The newest samples of a series, in memory: what has come since a plot was begun, as many as there is room for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nepi_gui.plots.series import Column, Columns

MOST = 16_384
"""Samples that are kept at least, of those that came; twice as many at most."""

_LEAST = 512


class Tail:
    """Takes in samples in any order, and has them in ascending order of their times.

    Attributes:
        lost: the time of the latest sample that was dropped for want of room; minus infinity for none.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._times = np.empty(_LEAST)
        self._values = np.empty(_LEAST)
        self._count = 0
        self.lost = -math.inf

    @property
    def last_time(self) -> float:
        """The time of the latest sample; minus infinity for none."""
        return float(self._times[self._count - 1]) if self._count else -math.inf

    @property
    def last_value(self) -> float:
        """The value of the latest sample; NaN for none."""
        return float(self._values[self._count - 1]) if self._count else math.nan

    def take(self, times: Column, values: Column) -> None:
        """Take in samples."""
        number = len(times)
        if not number:
            return
        if number > self._most:
            self.lost = max(self.lost, float(np.max(times[: -self._most])), self.last_time)
            times, values, number, self._count = times[-self._most :], values[-self._most :], self._most, 0
        in_order = float(times[0]) >= self.last_time and not (np.diff(times) < 0).any()
        self._make_room(number)
        self._times[self._count : self._count + number] = times
        self._values[self._count : self._count + number] = values
        self._count += number
        if not in_order:
            self._sort()

    def after(self, time: float) -> Columns:
        """Return what is later than a time."""
        times = self._times[: self._count]
        first = int(np.searchsorted(times, time, side="right"))
        return times[first:], self._values[first : self._count]

    def _make_room(self, number: int) -> None:
        if self._count + number <= len(self._times):
            return
        kept = min(self._count, self._most)
        size = min(max(2 * (kept + number), _LEAST), 2 * self._most)
        if dropped := self._count - kept:
            self.lost = max(self.lost, float(self._times[dropped - 1]))
        for name in ("_times", "_values"):
            before = getattr(self, name)
            column = np.empty(size)
            column[:kept] = before[self._count - kept : self._count]
            setattr(self, name, column)
        self._count = kept

    def _sort(self) -> None:
        order = np.argsort(self._times[: self._count], kind="stable")
        self._times[: self._count] = self._times[order]
        self._values[: self._count] = self._values[order]

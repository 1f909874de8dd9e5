"""When to take the next sample: on a fixed grid, less often when samples cost too much. No I/O here."""

from __future__ import annotations

import math

_MOST = 0.2  # part of the time that samples may take
_JUDGED = 3  # samples, of which the cheapest counts: that one took long may have other reasons


class Pace:
    """The grid ``k * interval``, on whatever clock is used.

    Args:
        interval: seconds between samples, as wanted.

    Attributes:
        interval: as it is, a multiple of what is wanted.
        cost: seconds of processor time that a sample takes.
    """

    def __init__(self, interval: float) -> None:
        self._wanted = interval
        self.interval = interval
        self.cost = 0.0
        self._costs: list[float] = []

    def after(self, now: float) -> float:
        """Return the time of the next sample, at least half an interval away; those that were missed are left out."""
        return (math.floor(now / self.interval + 0.5) + 1) * self.interval

    def judge(self, cost: float) -> bool:
        """Take in what a sample cost, and return whether the interval had to become longer."""
        self._costs = [*self._costs, cost][-_JUDGED:]
        self.cost = min(self._costs) if len(self._costs) == _JUDGED else 0.0
        too_short = self.cost > self.interval * _MOST
        while self.cost > self.interval * _MOST:
            self.interval += self._wanted
        return too_short

    def relax(self) -> None:
        """Begin anew with the wanted interval, as there is less to do now."""
        self.interval, self.cost, self._costs = self._wanted, 0.0, []

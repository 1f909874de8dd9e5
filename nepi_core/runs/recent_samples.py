"""The newest samples of a series, in memory: those that the run store has not put into blocks yet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]


class Samples(NamedTuple):
    """Samples as two columns of the same length, in the order in which they were recorded.

    Attributes:
        times: in seconds since 1970.
    """

    times: Column
    values: Column

    def within(self, begin: float, end: float) -> Samples:
        """Return those between two times, both included; those without a time only when there is no limit."""
        if begin == -math.inf and end == math.inf:
            return self
        inside = (self.times >= begin) & (self.times <= end)
        return self if inside.all() else Samples(self.times[inside], self.values[inside])


class Recent:
    """Samples that only come in at the end and go away at the front.

    Attributes:
        number: id of the series in the run store; 0 while it is not there.
        start: how many samples of the series came before them.
        end: how many samples the series has with them.
    """

    def __init__(self) -> None:
        self.number = 0
        self.start = 0
        self.end = 0
        self._ascending = 0  # place of a sample up to which no time is smaller than one before it; -1 when one is
        self._room: NDArray[np.float64] | None = None
        self._first = 0

    def samples(self) -> Samples:
        """Return them; what is returned stays as it is when more come."""
        import numpy as np

        if self._room is None:
            return Samples(np.empty(0), np.empty(0))
        last = self._first + self.end - self.start
        return Samples(self._room[0, self._first : last], self._room[1, self._first : last])

    def within(self, begin: float, end: float) -> Samples:
        """Return those between two times, both included."""
        import numpy as np

        samples = self.samples()
        if not self._are_ascending():
            return samples.within(begin, end)
        inside = slice(np.searchsorted(samples.times, begin, "left"), np.searchsorted(samples.times, end, "right"))
        return Samples(samples.times[inside], samples.values[inside])

    def _are_ascending(self) -> bool:
        """Tell whether no time is smaller than one before it, having looked at those that are new."""
        import numpy as np

        if 0 <= self._ascending < self.end:
            new = self.samples().times[max(0, self._ascending - 1 - self.start) :]
            in_order = bool((new[:-1] <= new[1:]).all()) and not np.isnan(new).any()
            self._ascending = self.end if in_order else -1
        return self._ascending >= 0

    def append(self, columns: NDArray[np.float64]) -> None:
        """Take in samples: an array of two rows, times and values."""
        import numpy as np

        more = columns.shape[1]
        last = self._first + self.end - self.start
        if self._room is None or last + more > self._room.shape[1]:
            held, last = self.samples(), self.end - self.start
            self._room, self._first = np.empty((2, 2 * (last + more))), 0
            self._room[:, :last] = held
        self._room[:, last : last + more] = columns
        self.end += more

    def leave_out(self, until: int) -> None:
        """Forget the first samples of the series, so many, which may be more than there are."""
        if until > self.start:
            self._first += min(until, self.end) - self.start
            self.start = until
            self.end = max(self.end, until)

"""What a plot draws of one series: from the record as far as it was read, from memory what has come since."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nepi_gui.plots.buckets import Buckets, bucketed, empty, joined, merged, step_for
from nepi_gui.plots.series import SeriesKey, SeriesSource
from nepi_gui.plots.tail import Tail

_FOLDED = 256  # samples: from here on what has come is put into buckets for good, and not again in each frame
_ASIDE = 0.5  # of what is seen, that is read beside it
_WIDER = 8.0
_FARTHEST = 1e8  # seconds
_NEAR = 64  # stretches in which what is beside is looked for
_MOST = 8192  # buckets that are read, and kept of a picture that goes along with the run


@dataclass(slots=True)
class _Past:
    """What was read: buckets of a step for a range of time, to which an open one adds what comes later.

    Attributes:
        until: what is later than this is in the tail, when it is open.
    """

    step: float
    begin: float
    end: float
    until: float
    is_open: bool
    buckets: Buckets


class CurveData:
    """A series of a run, thinned to the columns of pixels that it is shown on.

    Attributes:
        key: which one.
        tail: what has come since the curve was made, filled by who reads the news; None when the run is over. It holds
            the latest sample from the beginning, when there is any.
    """

    def __init__(self, source: SeriesSource, key: SeriesKey, tail: Tail | None = None) -> None:
        self.key = key
        self.tail = tail
        self._source = source
        self._past: _Past | None = None

    def close_end(self) -> None:
        """Take note that nothing will come any more: all is in the record."""
        self.tail = None
        self._past = None

    def seen(self, begin: float, end: float, columns: int) -> Buckets:
        """Return the series between two times, for so many columns of pixels."""
        step = step_for(end - begin, columns)
        past = self._past
        if past is None or not self._serves(past, step, begin, end):
            past = self._past = self._read(step, begin, end)
        seen = past.buckets.between(begin, end)
        if self.tail is None or not past.is_open:
            return seen
        return joined(seen, self._since(past, self.tail), past.step)

    def _serves(self, past: _Past, step: float, begin: float, end: float) -> bool:
        if past.step != step or begin < past.begin:
            return False
        if past.is_open and self.tail is not None:
            return self.tail.lost <= past.until
        return end <= past.end

    def _since(self, past: _Past, tail: Tail) -> Buckets:
        """Return what has come since the record was read, and keep most of it thinned."""
        times, values = tail.after(past.until)
        fresh = bucketed(times, values, past.step)
        if len(times) >= _FOLDED:
            past.buckets = joined(past.buckets, fresh, past.step)
            past.until = float(times[-1])
            if len(past.buckets.times) > 2 * _MOST:
                past.buckets = Buckets(*(column[-_MOST:].copy() for column in past.buckets))
                past.begin = float(past.buckets.times[0])
        return fresh

    def _read(self, step: float, begin: float, end: float) -> _Past:
        """Read what is seen, and more at each side, so that moving a little reads nothing."""
        aside = (end - begin) * _ASIDE
        first, last = begin - aside, end + aside
        is_open = self.tail is not None and last >= self.tail.last_time
        until = self.tail.last_time if self.tail is not None and is_open else last
        buckets = self._envelope(step, first, until)
        if not len(buckets.times) or buckets.times[0] > begin:
            buckets = joined(self._earlier(first, aside), buckets, step)
        if not is_open and (not len(buckets.times) or buckets.times[-1] < end):
            buckets = joined(buckets, self._later(last, aside), step)
        return _Past(step, first, last, until, is_open, buckets)

    def _envelope(self, step: float, begin: float, end: float) -> Buckets:
        if not begin < end < math.inf:
            return empty()
        found = self._source.envelope(self.key, begin, end, min(max(round((end - begin) / step), 1), _MOST))
        return merged(Buckets(found.times, found.minima, found.maxima), step)

    def _earlier(self, time: float, wide: float) -> Buckets:
        """Return what comes before a time, however far away: lines go on to it."""
        while wide < _FARTHEST:
            found = self._envelope(wide / _NEAR, time - wide, time)
            if len(found.times):
                return Buckets(*(column[-1:] for column in found))
            wide *= _WIDER
        return empty()

    def _later(self, time: float, wide: float) -> Buckets:
        """Return what comes after a time, however far away."""
        while wide < _FARTHEST:
            found = self._envelope(wide / _NEAR, time, time + wide)
            if len(found.times):
                return Buckets(*(column[:1] for column in found))
            wide *= _WIDER
        return empty()

"""Where the moments of a run are on its time line, and how times are written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nepi_gui.number_text import number_text
from nepi_gui.translation import translate

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
_ROOM = 64.0  # pixels between two numbers, at least


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A part of a run's time, across some pixels.

    Attributes:
        began: when the run began; the numbers at the axis count from there.
        begin, end: what is seen, in seconds since 1970.
        left, width: pixels.
    """

    began: float
    begin: float
    end: float
    left: float
    width: float

    @property
    def second(self) -> float:
        """Pixels of a second."""
        return self.width / (self.end - self.begin)

    def x(self, time: float) -> float:
        """Return where a moment is; far outside it is only said on which side."""
        return self.left + min(max((time - self.begin) * self.second, -1e6), 1e6)

    def time(self, x: float) -> float:
        """Return the moment at a place."""
        return self.begin + (x - self.left) / self.second

    @property
    def step(self) -> float:
        """Seconds between two numbers at the axis."""
        wanted = _ROOM / self.second
        if wanted <= 1.0:
            power = 10.0 ** math.floor(math.log10(wanted))
            return next((each * power for each in (1.0, 2.0, 5.0) if each * power >= wanted * 0.999), 10.0 * power)
        days = _STEPS[-1] * math.ceil(wanted / _STEPS[-1])
        return float(next((each for each in _STEPS if each >= wanted), days))

    def ticks(self) -> Iterator[tuple[float, float]]:
        """Yield the seconds since the begin of the run that are written at the axis, each with its place."""
        step = self.step
        first = math.ceil((self.begin - self.began) / step - 1e-6)
        last = math.floor((self.end - self.began) / step + 1e-6)
        for number in range(first, last + 1):
            yield number * step, self.x(self.began + number * step)


def axis_text(seconds: float, step: float) -> str:
    """Return seconds since the begin of a run as they stand at the axis, as exactly as a step needs it.

    It is "12.5 s" below two minutes, and 2:05 or 1:02:05 above.
    """
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(seconds) < 120:
        return translate("RunTimeline", "{0} s").format(f"{seconds:.{digits}f}")
    sign, whole = ("-" if seconds < 0 else ""), round(abs(seconds), digits)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:0{digits + 3 if digits else 2}.{digits}f}"
    return f"{sign}{hours}:{minutes:02}:{tail}" if hours else f"{sign}{minutes}:{tail}"


def length_text(seconds: float) -> str:
    """Return how long something took: 35 ms, 4.2 s, 3 min 5 s, 2 h 10 min."""
    if abs(seconds) < 1:
        return translate("RunTimeline", "{0} ms").format(number_text(round(seconds * 1000, 1)))
    if abs(seconds) < 120:
        return translate("RunTimeline", "{0} s").format(number_text(round(seconds, 2)))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 120:
        return translate("RunTimeline", "{0} min {1} s").format(minutes, rest)
    return translate("RunTimeline", "{0} h {1} min").format(*divmod(minutes, 60))


def clock_text(time: float) -> str:
    """Return a moment as a clock on the wall shows it, with milliseconds."""
    try:
        return datetime.fromtimestamp(time).astimezone().strftime("%H:%M:%S.%f")[:-3]
    except (ValueError, OverflowError, OSError):  # a damaged record may hold anything
        return ""

"""Series seen from afar: the smallest, largest and mean value in each of some hundred stretches of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

PART = 256
"""Samples that a part stands for in what the run store keeps of each block."""

PART_BYTES = 40
"""What a part takes as bytes."""

_FIELDS = [("time", "<f8"), ("minimum", "<f8"), ("maximum", "<f8"), ("total", "<f8"), ("numbers", "<f8")]


class Envelope(NamedTuple):
    """A series in stretches of time that have samples; four columns of the same length.

    Attributes:
        times: of the first sample in each stretch, in seconds since 1970.
        minima, maxima, means: of the values in it; NaN when it holds none but NaN.
    """

    times: Column
    minima: Column
    maxima: Column
    means: Column


class Parts(NamedTuple):
    """Parts of a series, each of some samples.

    Attributes:
        times: of the first sample of each part.
        minima, maxima, totals: of its values that are numbers.
        numbers: how many those are.
    """

    times: Column
    minima: Column
    maxima: Column
    totals: Column
    numbers: NDArray[Any]

    def within(self, begin: float, end: float) -> Parts:
        """Return the parts that have to do with a range of time, one that has begun before it included."""
        import numpy as np

        if not len(self.times):
            return self
        until = np.append(self.times[1:], np.inf)
        inside = (self.times <= end) & (np.fmax(self.times, until) >= begin)
        return self if inside.all() else Parts(*(column[inside] for column in self))


def of_samples(times: Column, values: Column) -> Parts:
    """Return each sample as a part of its own."""
    import numpy as np

    numbers = ~np.isnan(values)
    return Parts(times, values, values, values if numbers.all() else np.where(numbers, values, 0.0), numbers)


def of_stretches(times: Column, values: Column, size: int = PART) -> Parts:
    """Return parts of so many samples each; the last may have fewer."""
    return _merged(of_samples(times, values), range(0, len(times), size))


def joined(some: list[Parts]) -> Parts:
    """Return parts behind each other."""
    import numpy as np

    if not some:
        return Parts(*(np.empty(0) for _ in Parts._fields))
    return some[0] if len(some) == 1 else Parts(*(np.concatenate(columns) for columns in zip(*some, strict=True)))


def seen(parts: Parts, begin: float, end: float, buckets: int) -> Envelope:
    """Return parts in at most so many stretches of equal length between two times.

    Args:
        parts: in the range, in any order; those without a time are left out.
        begin, end: in seconds since 1970; infinite for as far as there are parts.
        buckets: 1 at least.
    """
    import numpy as np

    known = np.isfinite(parts.times)
    if not known.all():
        parts = Parts(*(column[known] for column in parts))
    times = parts.times
    if (times[1:] < times[:-1]).any():
        order = np.argsort(times, kind="stable")
        parts = Parts(*(column[order] for column in parts))
    if len(times) > buckets:
        parts = _merged(parts, _starts(parts.times, begin, end, buckets))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = parts.totals / parts.numbers
    return Envelope(parts.times, parts.minima, parts.maxima, means)


def to_bytes(parts: Parts) -> bytes:
    """Return parts as bytes, for the run store."""
    import numpy as np

    table = np.empty(len(parts.times), _FIELDS)
    for (name, _), column in zip(_FIELDS, parts, strict=True):
        table[name] = column
    return table.tobytes()


def from_bytes(content: bytes) -> Parts:
    """Return parts of bytes.

    Raises:
        ValueError: the bytes are no parts.
    """
    import numpy as np

    table = np.frombuffer(content, _FIELDS)
    return Parts(*(np.ascontiguousarray(table[name]) for name, _ in _FIELDS))


def _starts(times: Column, begin: float, end: float, buckets: int) -> NDArray[np.int64]:
    """Return where a new bucket begins in ascending times."""
    import numpy as np

    first, last = max(begin, float(times[0])), min(end, float(times[-1]))
    edges = first + (last - first) / buckets * np.arange(1, buckets)
    starts = np.unique(np.concatenate(([0], np.searchsorted(times, edges))))
    return starts[starts < len(times)]


def _merged(parts: Parts, starts: NDArray[np.int64] | range) -> Parts:
    import numpy as np

    if not len(starts):
        return joined([])
    at = np.asarray(starts)
    with np.errstate(invalid="ignore"):  # infinities of both signs have no total
        totals = np.add.reduceat(parts.totals, at)
    return Parts(
        parts.times[at],
        np.fmin.reduceat(parts.minima, at),
        np.fmax.reduceat(parts.maxima, at),
        totals,
        np.add.reduceat(parts.numbers, at, dtype=np.float64),
    )

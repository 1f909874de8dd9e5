"""One series of a run as columns of numbers: all of it, a part, or seen from afar."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nepi_core.runs import envelope
from nepi_core.runs.column_cache import ColumnCache
from nepi_core.runs.envelope import PART, Envelope, Parts
from nepi_core.runs.recent_samples import Recent, Samples

if TYPE_CHECKING:
    from nepi_core.runs.run_file import RunFile
    from nepi_core.runs.sample_blocks import Column

_BLOCKS = """
SELECT start, count, times, data, earliest, latest, numbers, minimum, maximum, total, final, parts
FROM blocks WHERE series = ? AND start >= ? ORDER BY start
"""

_END = """
SELECT series.id, max(start + count) FROM blocks JOIN series ON series.id = blocks.series
WHERE guid = ? AND trace = ? AND series.series = ? GROUP BY series.id
"""

# Samples that are decoded for one look at most; of more, what blocks say about their parts is taken.
_MOST_DECODED = 1 << 18


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """What a series comes to; its numbers are NaN when it has no samples.

    Attributes:
        count: number of its samples.
        first, last: times of the earliest and of the latest, in seconds since 1970.
        minimum, maximum, mean: of its values, without those that are no number.
        final: the value that was recorded last.
    """

    count: int
    first: float
    last: float
    minimum: float
    maximum: float
    mean: float
    final: float


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    count: int
    times: int
    data: int
    earliest: float
    latest: float
    numbers: float
    minimum: float
    maximum: float
    total: float
    final: float


class SeriesReader:
    """A series of a run, as of the last `RunSamples.refresh`, which hands it out.

    Where a block is damaged its samples are missing, and a notice of the run says so.

    Args:
        file: the run's file.
        recent: the samples that are not in blocks.
        cache: reads columns of blocks.
    """

    def __init__(self, file: RunFile, recent: Recent, cache: ColumnCache) -> None:
        self._file = file
        self._recent = recent
        self._cache = cache
        self._blocks: list[_Block] = []
        self._parts = envelope.joined([])
        self._recent_parts = (0, 0, self._parts)

    @property
    def count(self) -> int:
        """How many samples the series has."""
        return self._recent.end

    def summary(self) -> SeriesSummary:
        """Return count, times, and smallest, largest, mean and last value; no block is decoded for it."""
        import numpy as np

        blocks, recent = self._known_blocks(), self._recent.samples()
        parts = envelope.of_stretches(*recent, size=max(1, len(recent.times)))
        numbers = sum(block.numbers for block in blocks) + parts.numbers.sum()
        total = sum(block.total for block in blocks) + parts.totals.sum()
        final = recent.values[-1] if len(recent.values) else blocks[-1].final if blocks else math.nan
        return SeriesSummary(
            self.count,
            _least([block.earliest for block in blocks], recent.times),
            _most([block.latest for block in blocks], recent.times),
            _least([block.minimum for block in blocks], parts.minima),
            _most([block.maximum for block in blocks], parts.maxima),
            float(np.divide(total, numbers)) if numbers else math.nan,
            float(final),
        )

    def columns(self, begin: float = -math.inf, end: float = math.inf) -> Samples:
        """Return the samples between two times (both included), in the order in which they were recorded."""
        return self._decoded(self._overlapping(begin, end), begin, end)

    def pieces(self) -> Iterator[Samples]:
        """Yield all samples in the order in which they were recorded, some thousand at a time."""
        yield from map(self._samples, self._known_blocks())
        yield self._recent.samples()

    def since(self, position: int) -> Samples:
        """Return the samples after the first so many of the series (see `count`)."""
        if position >= self._recent.start:
            return _from(self._recent.samples(), position - self._recent.start)
        older = [
            _from(self._samples(block), max(0, position - block.start))
            for block in self._known_blocks()
            if block.start + block.count > position
        ]
        return _joined([*older, self._recent.samples()])

    def envelope(self, begin: float = -math.inf, end: float = math.inf, buckets: int = 2000) -> Envelope:
        """Return what the series looks like between two times, which takes about as long however many samples it has.

        Of few samples each is returned. Of very many, the stretches end where the store's own parts of 256 samples do.

        Args:
            begin, end: in seconds since 1970; infinite for its first and last sample.
            buckets: how many stretches of equal length, 1 at least.
        """
        blocks = self._overlapping(begin, end)
        recent = self._recent.within(begin, end)
        if sum(block.count for block in blocks) + len(recent.times) <= min(buckets * PART, _MOST_DECODED):
            samples = self._decoded(blocks, begin, end)
            return envelope.seen(envelope.of_samples(*samples), begin, end, buckets)
        return envelope.seen(self.parts().within(begin, end), begin, end, buckets)

    def _overlapping(self, begin: float, end: float) -> list[_Block]:
        """Return the blocks that may have samples between two times."""
        blocks = self._known_blocks()
        if begin == -math.inf and end == math.inf:
            return blocks
        return [block for block in blocks if block.latest >= begin and block.earliest <= end]

    def parts(self) -> Parts:
        """Return all of the series in parts of 256 samples at most, for putting several series together."""
        self._known_blocks()
        return envelope.joined([self._parts, self._parts_of_recent()])

    def _known_blocks(self) -> list[_Block]:
        """Return the blocks of before the recent samples, having read those that are new."""
        read = self._blocks[-1].start + self._blocks[-1].count if self._blocks else 0
        if self._recent.start > read:
            found = self._file.rows(_block, _BLOCKS, self._recent.number, read)
            new = [(block, parts) for block, parts in found if block.start < self._recent.start]
            self._blocks += [block for block, _ in new]
            self._parts = envelope.joined([self._parts, envelope.from_bytes(b"".join(parts for _, parts in new))])
        return self._blocks

    def _decoded(self, blocks: list[_Block], begin: float, end: float) -> Samples:
        """Return the samples of blocks, and the recent ones, between two times."""
        older = (self._samples(block) for block in blocks)
        inside = [
            samples if begin <= block.earliest and block.latest <= end else samples.within(begin, end)
            for block, samples in zip(blocks, older, strict=True)
        ]
        return _joined([*inside, self._recent.within(begin, end)])

    def _samples(self, block: _Block) -> Samples:
        times, values = self._cache.column(block.times), self._cache.column(block.data)
        if times is None or values is None or len(times) != len(values):
            return _joined([])
        return Samples(times, values)

    def _parts_of_recent(self) -> Parts:
        start, end, parts = self._recent_parts
        if (start, end) != (self._recent.start, self._recent.end):
            parts = envelope.of_stretches(*self._recent.samples())
            self._recent_parts = (self._recent.start, self._recent.end, parts)
        return parts


def older_samples(file: RunFile, guid: int, trace: str, series: str) -> tuple[list[float], list[float]]:
    """Return times and values of the samples of a series that are in blocks."""
    found = file.rows(_recent, _END, guid, trace, series) if file.has_blocks else []
    if not found:
        return [], []
    times, values = SeriesReader(file, found[0], ColumnCache(file, 0)).columns()
    return times.tolist(), values.tolist()


def _recent(number: int, end: int) -> Recent:
    recent = Recent()
    recent.number = int(number)
    recent.leave_out(int(end))
    return recent


def _block(*row: Any) -> tuple[_Block, bytes]:
    *about, parts = row
    if len(parts) % envelope.PART_BYTES:
        raise ValueError(f"the parts of a block have {len(parts)} bytes")
    numbers = (math.nan if each is None else float(each) for each in about[4:])
    return _Block(*map(int, about[:4]), *numbers), parts


def _joined(some: list[Samples]) -> Samples:
    import numpy as np

    some = [samples for samples in some if len(samples.times)] or [Samples(np.empty(0), np.empty(0))]
    if len(some) == 1:
        return some[0]
    return Samples(*(np.concatenate(columns) for columns in zip(*some, strict=True)))


def _from(samples: Samples, place: int) -> Samples:
    return Samples(samples.times[place:], samples.values[place:])


def _least(of_blocks: list[float], recent: Column) -> float:
    """Return the smallest of some numbers that are no NaN; NaN when there are none."""
    import numpy as np

    return float(np.fmin.reduce([math.nan, *of_blocks, np.fmin.reduce(recent, initial=math.nan)]))


def _most(of_blocks: list[float], recent: Column) -> float:
    import numpy as np

    return float(np.fmax.reduce([math.nan, *of_blocks, np.fmax.reduce(recent, initial=math.nan)]))

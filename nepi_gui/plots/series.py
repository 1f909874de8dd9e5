"""What a series is called, and what is asked of the record of a run for plotting it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from nepi_core.structure import short_type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nepi_core.runs.envelope import Envelope
    from nepi_core.runs.reader import RecordedResource

    Column = NDArray[np.float64]


class SeriesKey(NamedTuple):
    """Says which series of a run is meant."""

    guid: int
    trace: str
    series: str


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """What is known of a series.

    Attributes:
        key: which one it is.
        owner: what the resource is called.
        unit: of its values, "" for none.
        help: what it tells.
        last: its last value; NaN when it has none yet.
    """

    key: SeriesKey
    owner: str
    unit: str = ""
    help: str = ""
    last: float = float("nan")

    @property
    def name(self) -> str:
        """What it is called where people read, such as "ping-h1 rtt"."""
        return f"{self.owner} {self.key.series}"


Columns = tuple["Column", "Column"]
"""Times, in seconds since 1970, and values."""


class SeriesSource(Protocol):
    """The numbers that a run has recorded; for one thread at a time."""

    @property
    def run_id(self) -> str:
        """The run, by the name of its folder."""

    def catalogue(self) -> list[SeriesInfo]:
        """Return all series that there are so far."""

    def columns(self, key: SeriesKey, begin: float, end: float) -> Columns:
        """Return the samples of a series between two times, in ascending order of their times."""

    def envelope(self, key: SeriesKey, begin: float, end: float, buckets: int) -> Envelope:
        """Return a series between two times as seen from afar."""

    def count(self, key: SeriesKey) -> int:
        """Return how many samples a series has."""

    def last(self, key: SeriesKey) -> tuple[float, float] | None:
        """Return time and value of the latest sample of a series; None when it has none."""

    def news(self) -> Mapping[SeriesKey, Columns]:
        """Return the samples that have come since the last call; the first call only marks where to begin."""

    def close(self) -> None:
        """Give back the file; twice is harmless."""


def owners(resources: Iterable[RecordedResource]) -> dict[int, str]:
    """Return what the resources of a record are called, in one line each."""
    return {each.guid: " ".join(each.label.split()) or f"{short_type(each.rtype)} {each.guid}" for each in resources}

"""Which plots an experiment had, kept for its next run; and which it gets when nobody has chosen any yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nepi_gui.plots.series import SeriesInfo, SeriesKey

FIRST = 4
"""Series of a kind that are plotted at most when nothing was chosen."""

_FAVOURITES = ("rtt", "throughput")


@dataclass(frozen=True, slots=True)
class KeptSeries:
    """A series that was plotted: of which resource, by label and guid."""

    owner: str
    guid: int
    trace: str
    series: str

    def find(self, series: Mapping[SeriesKey, SeriesInfo]) -> SeriesKey | None:
        """Return which of some series this is: of the resource with the same name, or else with the same guid."""
        alike = [key for key in series if (key.trace, key.series) == (self.trace, self.series)]
        by_name = [key for key in alike if series[key].owner == self.owner]
        return next(iter([*by_name, *(key for key in alike if key.guid == self.guid)]), None)


@dataclass(slots=True)
class KeptPlot:
    """A plot that there was; ``kind`` as in `Kind`."""

    series: list[KeptSeries] = field(default_factory=list)
    kind: str = "time"
    is_log: bool = False
    shows_bands: bool = False


def kept(info: SeriesInfo) -> KeptSeries:
    """Return a series as it is kept."""
    return KeptSeries(info.owner, *info.key)


def to_text(plots: Iterable[KeptPlot]) -> str:
    """Return plots as they are kept in the settings."""
    return json.dumps(
        [
            {
                "series": [[each.owner, each.guid, each.trace, each.series] for each in plot.series],
                "kind": plot.kind,
                "log": plot.is_log,
                "bands": plot.shows_bands,
            }
            for plot in plots
        ]
    )


def from_text(text: str) -> list[KeptPlot] | None:
    """Return plots that were kept; None when nothing was, or nothing that can be understood."""
    try:
        told = json.loads(text) if text else None
        return None if told is None else [_plot(each) for each in told]
    except (ValueError, TypeError, KeyError, AttributeError):  # the file of settings may be edited by hand
        return None


def _plot(told: Mapping[str, Any]) -> KeptPlot:
    series = [KeptSeries(str(owner), int(guid), str(trace), str(name)) for owner, guid, trace, name in told["series"]]
    kind = told.get("kind")
    known = kind if kind in ("time", "histogram", "cdf") else "time"
    return KeptPlot(series, known, bool(told.get("log")), bool(told.get("bands")))


def first_plots(series: Iterable[SeriesInfo]) -> list[KeptPlot]:
    """Return what is plotted when nobody has chosen: round-trip times and throughput, or else what there is."""
    listed = list(series)
    favourites = [[each for each in listed if each.key.series == name][:FIRST] for name in _FAVOURITES]
    chosen = [each for each in favourites if each]
    if not chosen and listed:
        first = listed[0]
        same = [each for each in listed if (each.key.series, each.unit) == (first.key.series, first.unit)]
        chosen = [same[:FIRST]]
    return [KeptPlot([kept(each) for each in group]) for group in chosen]

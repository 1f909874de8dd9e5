"""Metric: whether what was measured is within bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import suggestion
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState

from ._check import called
from ._judge import Judge
from ._words import allowed, outside, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

_STATISTICS: Mapping[str, Callable[[Column], float]] = {
    "mean": lambda values: float(values.mean()),
    "median": lambda values: _percentile(values, 50.0),
    "minimum": lambda values: float(values.min()),
    "maximum": lambda values: float(values.max()),
    "last": lambda values: float(values[-1]),
    "count": len,
}

_PERCENTILE = "percentile"


class Metric(Judge, rtype="check::Metric", drawn=Drawn.BADGE, icon="check-metric"):
    """Judge whether a series of numbers is within bounds, by its mean, a percentile, or another statistic.

    It judges when the resource that it is connected to has ended, or at ``until``; at the end of the run when neither
    comes; with a START condition, when that is met.
    """

    series = Attribute(
        help="Series to look at; not set: the only one of the trace", type=Types.String, flags=Flags.Design
    )
    statistic = Attribute(
        help="What of the values is compared", default="mean", allowed=(*_STATISTICS, _PERCENTILE), flags=Flags.Design
    )
    percentile = Attribute(
        help="Which percentile, when that is the statistic: the value that so many percent do not exceed",
        default=95.0,
        range=(0, 100),
        unit="%",
        flags=Flags.Design,
    )
    atLeast = Attribute(
        help="Smallest value that passes, in the unit of the series", type=Types.Double, flags=Flags.Design
    )
    atMost = Attribute(
        help="Largest value that passes, in the unit of the series", type=Types.Double, flags=Flags.Design
    )
    since = Attribute(
        help="Leave out values from before that long after the start of the resource",
        type=Types.Double,
        range=(0, 1e9),
        unit="s",
        flags=Flags.Design,
    )
    until = Attribute(
        help="Leave out values from after that long after the start of the resource, and judge then",
        type=Types.Double,
        range=(0, 1e9),
        unit="s",
        flags=Flags.Design,
    )

    def judged_at(self) -> float | None:
        """Return the end of the time that is looked at."""
        until: float | None = self.get("until")
        return until

    def is_fit(self, subject: ResourceManager, trace: str) -> bool:
        """Tell whether numbers are read from a trace."""
        return subject.trace_parser(trace) is not None or bool(subject.get_trace(trace).series)

    def chosen_series(self, subject: ResourceManager, trace: str) -> str:
        """Return the series to look at, "" when it cannot be told."""
        known = [each.name for each in subject.get_trace(trace).series]
        return str(self.get("series") or (known[0] if len(known) == 1 else ""))

    def deployment_refusal(self) -> str:
        """Say so when there is no such series, or no bound."""
        subject = self.subject
        if (problem := super().deployment_refusal()) or subject is None:
            return problem
        least, most = self.get("atLeast"), self.get("atMost")
        if least is None and most is None:
            return "has no bounds; set 'atLeast', 'atMost', or both."
        if least is not None and most is not None and least > most:
            return f"no value can pass: 'atLeast' {shown(least)} is more than 'atMost' {shown(most)}."
        since, until = self.get("since"), self.get("until")
        if since is not None and until is not None and since >= until:
            return f"looks at no time: 'since' {shown(since)} s is not before 'until' {shown(until)} s."
        return self._series_refusal(subject, self.chosen_trace(subject))

    def _series_refusal(self, subject: ResourceManager, trace: str) -> str:
        declared = subject.get_trace(trace)
        known = [each.name for each in declared.series]
        series = self.chosen_series(subject, trace)
        if not series:
            has = f"has several series ({', '.join(known)})" if known else "names no series itself"
            return f"needs attribute 'series': trace '{trace}' of {subject.name} {has}."
        by_the_type = subject.trace_parser(trace) is declared.parser and declared.series
        if by_the_type and series not in known:
            where = f"trace '{trace}' of {subject.name}"
            return f"attribute 'series': {where} has no series {series!r}.{suggestion(series, known)}"
        return ""

    def judge(self, subject: ResourceManager, trace: str) -> None:
        """Compare."""
        series = self.chosen_series(subject, trace)
        what, period = f"{series} of {called(subject)}", self._period()
        values = self._samples(subject, trace, series)
        details = [f"{len(values)} values of {what}{period}"]
        if not len(values) and self.get("statistic") != "count":
            why = f", which FAILED: {subject.cause}" if subject.state is ResourceState.FAILED else ""
            self.conclude(False, f"There are no values of {what}{period}{why}.", details)
            return
        least, most = self.get("atLeast"), self.get("atMost")
        value = self._statistic(values)
        unit = self._unit(subject, trace, series)
        bound = outside(value, least, most)
        sentence = f"The {self._statistic_in_words()} of {what}{period} is {shown(value, unit, bound)}"
        self.conclude(bound is None, f"{sentence}; {allowed(least, most, unit, value)}.", details)

    def _samples(self, subject: ResourceManager, trace: str, series: str) -> Column:
        import numpy as np  # takes long, and is seldom needed

        self.ec.run.store.flush(self.get("timeLimit"))
        begun = subject.life.reached(ResourceState.STARTED)
        since, until = self.get("since") or 0.0, self.get("until")
        begin = -math.inf if begun is None or not since else begun + since
        end = math.inf if begun is None or until is None else begun + until
        with RunReader(Path(self.ec.run_dir)) as reader:
            values = reader.run_samples().series(subject.guid, trace, series).columns(begin, end).values
        known: Column = values[~np.isnan(values)]
        return known

    def _statistic(self, values: Column) -> float:
        import numpy as np

        with np.errstate(invalid="ignore"):  # infinities of both signs have no mean: NaN is within no bounds
            if self.get("statistic") == _PERCENTILE:
                return _percentile(values, self.get("percentile"))
            return _STATISTICS[self.get("statistic")](values)

    def _statistic_in_words(self) -> str:
        statistic: str = self.get("statistic")
        if statistic == _PERCENTILE:
            return f"{_ordinal(self.get('percentile'))} percentile"
        return {"last": "last value", "count": "number of values"}.get(statistic, statistic)

    def _unit(self, subject: ResourceManager, trace: str, series: str) -> str:
        if self.get("statistic") == "count":
            return ""
        return next((each.unit for each in subject.get_trace(trace).series if each.name == series), "")

    def _period(self) -> str:
        since, until = self.get("since"), self.get("until")
        if since and until is not None:
            return f" from {shown(since)} to {shown(until)} s"
        if until is not None:
            return f" until {shown(until)} s"
        return f" from {shown(since)} s on" if since else ""


def _percentile(values: Column, percent: float) -> float:
    import numpy as np

    return float(np.percentile(values, percent))


def _ordinal(number: float) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    whole = number.is_integer() and int(number) % 100 not in (11, 12, 13)
    return f"{number:g}{endings.get(int(number) % 10, 'th') if whole else 'th'}"

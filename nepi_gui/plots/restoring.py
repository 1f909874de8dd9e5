"""The plots that an experiment had before, or gets at first: made as their series come up in its run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nepi_gui.plots.curves import RunCurve
from nepi_gui.plots.remembering import KeptPlot, KeptSeries, first_plots, kept

if TYPE_CHECKING:
    from nepi_gui.plots.plot import Plot
    from nepi_gui.plots.series import SeriesInfo
    from nepi_gui.plots.stack import PlotStack


@dataclass(slots=True)
class _Wanted:
    """A plot that is to be there.

    Attributes:
        missing: series that have not come up yet, with their place among all of the plot.
        plot: what shows it; None as long as none of its series has come up.
    """

    told: KeptPlot
    missing: list[tuple[int, KeptSeries]] = field(default_factory=list)
    plot: Plot | None = None

    @property
    def topic(self) -> str:
        """What its first series is called."""
        return self.told.series[0].series if self.told.series else ""


class Restoring:
    """Makes plots for one run.

    Args:
        plots: that were kept; None when the user has never chosen any.
    """

    def __init__(self, plots: list[KeptPlot] | None = None) -> None:
        self._is_default = plots is None
        self._wanted = [_Wanted(each, list(enumerate(each.series))) for each in plots or []]

    def fill(self, stack: PlotStack) -> None:
        """Plot what is wanted of the series that there are by now."""
        assert stack.data is not None
        if self._is_default:
            self._choose(stack, stack.data.series.values())
        for place, wanted in enumerate(self._wanted):
            if wanted.missing:
                self._fill_one(stack, wanted, place)

    def leave_to_user(self) -> None:
        """Add nothing of our own any more: the user has chosen."""
        if self._is_default:
            self._is_default, self._wanted = False, []

    def kept(self, stack: PlotStack) -> list[KeptPlot]:
        """Return the plots as they are to be kept, with series that have not come up yet."""
        waiting = {id(each.plot): each for each in self._wanted if each.plot is not None}
        made = []
        for plot in stack.plots:
            series = [kept(each.info) for each in plot.curves if isinstance(each, RunCurve) and not each.of_run]
            if id(plot) in waiting:
                series += [each for _, each in waiting[id(plot)].missing]
            if series:
                made.append(KeptPlot(series, plot.kind, plot.is_log, plot.shows_bands))
        return [*made, *(each.told for each in self._wanted if each.plot is None)]

    def _choose(self, stack: PlotStack, series: Iterable[SeriesInfo]) -> None:
        """Want what most people want to see of the series that there are; what was second best goes."""
        best = {plot.series[0].series: plot for plot in first_plots(series)}
        before = {each.topic: each for each in self._wanted}
        self._wanted = [_continued(before.get(topic), plot) for topic, plot in best.items()]
        for wanted in before.values():
            if wanted.plot is not None and not any(each is wanted for each in self._wanted):
                stack.remove_plot(wanted.plot)

    def _fill_one(self, stack: PlotStack, wanted: _Wanted, place: int) -> None:
        assert stack.data is not None
        if wanted.plot is not None and wanted.plot not in stack.plots:  # the user has closed it
            wanted.missing = []
        missing = []
        for number, each in wanted.missing:
            key = each.find(stack.data.series)
            if key is None:
                missing.append((number, each))
                continue
            wanted.plot = wanted.plot or self._make(stack, wanted.told, place)
            if not wanted.plot.shows(key):
                wanted.plot.add(stack.data.curve(key), number)
        wanted.missing = missing

    def _make(self, stack: PlotStack, told: KeptPlot, place: int) -> Plot:
        """Add a plot below those that come before it."""
        from nepi_gui.plots.contents import Kind

        before = [stack.plots.index(each.plot) for each in self._wanted[:place] if each.plot in stack.plots]
        plot = stack.add_plot(max(before, default=-1) + 1)
        plot.show_kind(Kind(told.kind))
        plot.show_log(told.is_log)
        plot.show_bands(told.shows_bands)
        return plot


def _continued(wanted: _Wanted | None, best: KeptPlot) -> _Wanted:
    """Return what becomes of a plot that is wanted: it goes on, or begins anew when something has come in between.

    Series come in another order in each run; this way they have the same places and colours in the end.
    """
    if wanted is None or wanted.told.series != best.series[: len(wanted.told.series)]:
        return _Wanted(best, list(enumerate(best.series)))
    wanted.missing += list(enumerate(best.series))[len(wanted.told.series) :]
    wanted.told = best
    return wanted

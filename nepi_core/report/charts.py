"""Draws the plots of a report, one small figure each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nepi_core.plot.style import INK, MUTED, fonts
from nepi_core.report.figures import Curve, Plot
from nepi_core.report.words import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#3b7ddd", "#d9730d", "#0d9488", "#a855c7")
_MARKED = 60
_GRID = "#80808055"


def draw_plot(plot: Plot) -> Figure:
    """Return the figure of a plot, for a column of half a page."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"text.parse_math": False, "font.family": fonts(), "font.size": 8.5}):
        figure = Figure(figsize=(4.9, 2.3))
        axes = figure.add_axes((0.125, 0.19, 0.855, _height(len(plot.curves))))
        for curve, colour in zip(plot.curves, _COLOURS, strict=False):
            _draw_curve(axes, curve, colour)
        _style(axes, plot)
        return figure


def _height(curves: int) -> float:
    """Return the part of the figure's height that is left below the legend: none, one row, or two."""
    return 0.73 if curves == 1 else 0.66 if _columns(curves) == curves else 0.59


def _columns(curves: int) -> int:
    """Return how many names of curves stand side by side: more would cover the unit."""
    return curves if curves < 3 else (curves + 1) // 2


def _draw_curve(axes: Axes, curve: Curve, colour: str) -> None:
    if curve.low is not None and curve.high is not None:
        axes.fill_between(curve.times, curve.low, curve.high, color=colour, alpha=0.3, linewidth=0)
    marker = "o" if len(curve.times) <= _MARKED else ""
    axes.plot(
        curve.times,
        curve.values,
        color=colour,
        linewidth=1.3,
        marker=marker,
        markersize=2.8,
        clip_on=False,
        label=str(clean(curve.name)),
    )


def _set_limits(axes: Axes, plot: Plot) -> None:
    """Begin at 0 where that wastes little of the height: elsewhere, small changes look large."""
    low = min(float((curve.values if curve.low is None else curve.low).min()) for curve in plot.curves)
    high = max(float((curve.values if curve.high is None else curve.high).max()) for curve in plot.curves)
    if low >= 0 and (low < 0.6 * high or low == high):
        axes.set_ylim(0, 1.06 * high or 1.0)


def _style(axes: Axes, plot: Plot) -> None:
    axes.patch.set_visible(False)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(MUTED)
    axes.tick_params(length=0, labelcolor=INK, labelsize=8, pad=5)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.locator_params(axis="both", nbins=6)
    axes.set_xlabel("seconds since the run began", color=MUTED, fontsize=8)
    axes.ticklabel_format(useOffset=False, style="plain", axis="x")
    _set_limits(axes, plot)
    unit = str(clean(plot.unit))
    axes.text(0, 1.03, unit, transform=axes.transAxes, color=MUTED, fontsize=8, ha="left", va="bottom")
    if len(plot.curves) > 1:
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 0.99),
            ncols=_columns(len(plot.curves)),
            frameon=False,
            fontsize=8,
            labelcolor=INK,
            handlelength=1.2,
            columnspacing=1.2,
            borderaxespad=0,
        )

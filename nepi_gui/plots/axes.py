"""The axes of plots: time since the begin of the run or on the clock, and values with their unit."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from datetime import datetime

import pyqtgraph
from PySide6.QtGui import QColor, QFont, QPen

from nepi_gui.appearance import Theme
from nepi_gui.number_text import number_text
from nepi_gui.plots.curves import Curve
from nepi_gui.plots.shapes import Scale

SIDE_WIDTH = 56
HEIGHT, LABEL_HEIGHT = 20, 12
"""Pixels that an axis takes at the side, and below, and there for a label."""

_BETWEEN = 70.0  # pixels between the marks of the axis of time
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_FROM_HOURS = 3600.0


class TimeAxis(pyqtgraph.AxisItem):  # type: ignore[misc]  # it has no types
    """Time from left to right.

    Attributes:
        origin: the begin of the run, in seconds since 1970.
        shows_clock: whether the time of day is shown instead of seconds since the begin.
    """

    def __init__(self) -> None:
        super().__init__("bottom", maxTickLength=-4)
        self.origin = 0.0
        self.shows_clock = False
        self.enableAutoSIPrefix(False)
        self.setHeight(HEIGHT)
        self.setStyle(tickTextOffset=3)

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:  # noqa: N803
        wanted = (maxVal - minVal) / max(size / _BETWEEN, 1.0)
        spacing = next((float(each) for each in _STEPS if each >= wanted), 86400.0 * math.ceil(wanted / 86400.0))
        if wanted < 0.5:
            power = 10.0 ** math.floor(math.log10(max(wanted, 1e-9)))
            spacing = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted)
        return [(spacing, -(self._clock(0.0) % spacing) if self.shows_clock else 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.shows_clock:
            return [_clock_text(self.origin + each, spacing) for each in values]
        return [time_text(each, spacing) for each in values]

    def _clock(self, since: float) -> float:
        """Return the seconds of a place since midnight or so, by the user's clock."""
        moment = self.origin + since
        return moment + (time.localtime(moment).tm_gmtoff if 0 < moment < 1e11 else 0)


class ValueAxis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """Values from bottom to top, or on the other axis of a distribution."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self.enableAutoSIPrefix(False)
        if orientation == "bottom":
            self.setHeight(HEIGHT)
        else:
            self.setWidth(SIDE_WIDTH)
        self.setStyle(tickTextOffset=3, autoReduceTextSpace=False)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [number_text(10.0**each) for each in values]
        places = min(max(0, math.ceil(-math.log10(spacing))), 9)
        return [f"{each:.{places}f}" if abs(each) < 1e4 else number_text(each) for each in values]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return self.tickStrings(values, scale, spacing)


def paint_axis(axis: pyqtgraph.AxisItem, theme: Theme, font: QFont) -> None:
    """Give an axis the colours and the font of the window."""
    small = QFont(font)
    small.setPointSizeF(max(font.pointSizeF() * 0.88, 6.0))
    axis.setTickFont(small)
    axis.setPen(QPen(QColor(theme.border)))
    axis.setTextPen(QPen(QColor(theme.muted)))
    axis.labelStyle = {"color": theme.muted, "font-size": f"{small.pointSizeF():.1f}pt"}
    axis.label.setFont(small)


def axis_name(curves: Iterable[Curve], side: int, unit: str | None) -> str:
    """Return what an axis is called, such as "rtt, ms": without a name when its curves have different ones."""
    names = {each.key.series for each in curves if each.side == side}
    return ", ".join(each for each in (*(names if len(names) == 1 else ()), unit) if each)


def major_ticks(axis: pyqtgraph.AxisItem, scale: Scale, size: float) -> list[float]:
    """Return where the lines of the grid are that an axis of some pixels asks for."""
    if size < 1 or scale.high <= scale.low:
        return []
    levels = axis.tickValues(scale.low, scale.high, size)
    return [float(each) for each in levels[0][1]] if levels else []


def time_text(since: float, spacing: float = 0.1) -> str:
    """Return a time since the begin of the run, such as "12.5 s" or "1:02:30"."""
    places = min(max(0, math.ceil(-math.log10(max(spacing, 1e-6)) - 1e-9)), 6)
    if abs(since) < _FROM_HOURS:
        return f"{since:.{places}f} s"
    whole = int(abs(since))
    return f"{'-' if since < 0 else ''}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _clock_text(moment: float, spacing: float) -> str:
    try:
        date = datetime.fromtimestamp(moment)
    except (ValueError, OverflowError, OSError):  # a record may tell of any time
        return ""
    return f"{date:%H:%M:%S}" + (f".{date.microsecond // 1000:03}" if spacing < 1 else "")


def clock_text(moment: float) -> str:
    """Return a moment as the time of day, with milliseconds."""
    return _clock_text(moment, 0.1)

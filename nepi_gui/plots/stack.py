"""The plots of a run under each other: one time for all, one cursor, drawn as the run goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from nepi_core.description import Value
from nepi_core.structure import shown_name
from nepi_gui.appearance import Appearance
from nepi_gui.panels.run_timeline.marks import Marks
from nepi_gui.plots.axes import major_ticks
from nepi_gui.plots.contents import Kind
from nepi_gui.plots.curves import Curve, RunCurve
from nepi_gui.plots.dragging import take_series
from nepi_gui.plots.field import Mark
from nepi_gui.plots.frames import Frames
from nepi_gui.plots.plot import Plot
from nepi_gui.plots.run_data import RunData
from nepi_gui.plots.seen_time import SeenTime
from nepi_gui.plots.series import SeriesKey
from nepi_gui.plots.shapes import Scale
from nepi_gui.watching.watched_run import WatchedRun

_STATISTICS = 0.5  # seconds between two computations of distributions and percentiles, while the run goes on
_VALUES = 0.2  # likewise of the values in the legends
_SLOWEST = 0.25  # seconds between two frames at most, while the end of the run is followed
_LINES = 14_000  # columns of pixels of all curves together, from which several are taken as one
_STEP = 1.25


class PlotStack(QWidget):
    """Plots of the run that is watched.

    Signals:
        changed: other series are plotted, or in another way.
        pulled: what has come since was read, and whether there are more series than before.
        exporting: the user wants a plot as a file: the plot, and "png", "svg" or "csv".
        told: a sentence for the user.
        dropped: series were dropped, as keys, on a plot, or beside them (None).

    Attributes:
        plots: from top to bottom.
        time: which part of the time is seen, and which moment is looked at.
        data: the numbers of the run that is watched; None for none.
        shows_clock: whether the time of day is shown instead of seconds since the begin.
        marks: what happened when.
    """

    changed = Signal()
    pulled = Signal(bool)
    exporting = Signal(object, str)
    told = Signal(str)
    dropped = Signal(object, object)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        """Make it.

        Args:
            appearance: of the window.
            parent: while this is visible, what comes is read.
        """
        super().__init__(parent)
        self._appearance = appearance
        self.plots: list[Plot] = []
        self.data: RunData | None = None
        self.shows_clock = False
        self.marks: list[Mark] = []
        self._run: WatchedRun | None = None
        self._marks: Marks | None = None
        self._hover: float | None = None
        self._chosen: tuple[float, float] | None = None
        self._last_statistics = self._last_values = 0.0
        self._has_grown = False
        self._others: list[RunCurve] = []
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._scroller = QScrollArea(self)
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroller.setWidget(self._splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroller)
        self.frames = Frames(parent, self._draw)  # not this widget: it is hidden as long as it has no plots
        self.time = SeenTime(self)
        self.time.changed.connect(self.refresh)
        self.time.moved.connect(self._on_moment)
        appearance.changed.connect(self._show_theme)
        self.setAcceptDrops(True)

    # -- the run ---------------------------------------------------------------------------------------

    def watch(self, run: WatchedRun | None) -> None:
        """Plot another run; the plots of the one before go."""
        self.clear()
        if self.data is not None:
            self.data.close()
        self._run, self._marks, self.marks, self.data = run, None, [], None
        self.time.watch(run)
        if run is None:
            return
        self.data = RunData(run.folder, self.time.origin, run.is_live)
        self.time.read(self.data)
        self._marks = Marks(run)
        self._show_marks()
        run.grew.connect(self._on_growth)
        run.values_set.connect(self._on_values)
        run.ended.connect(self._on_end)
        self.frames.soon()

    def close_data(self) -> None:
        """Give back what is open; the window closes."""
        self.clear()
        if self.data is not None:
            self.data.close()
            self.data = None

    def _on_growth(self) -> None:
        if self.sender() is self._run:
            self._has_grown = True
            self.frames.soon(self._pause())

    def _on_end(self) -> None:
        if self.sender() is self._run and self.data is not None:
            self.data.end()
            self.pulled.emit(True)
            self.refresh()

    def _on_values(self, values: list[tuple[int, str, Value | None]]) -> None:
        if self.sender() is self._run and self._marks is not None:
            self._marks.take(values)
            self._show_marks()

    def _show_marks(self) -> None:
        """Note what was set when, to be drawn as lines with a name."""
        if self._run is None or self._marks is None:
            return
        self.marks = [
            Mark(each.time - self.time.origin, f"{shown_name(resource)}: {each.name} = {each.value}")
            for resource in self._run.description.resources.values()
            for each in self._marks.of(resource.guid)
            if not each.problem
        ]
        self.marks.sort(key=lambda mark: mark.time)
        self.frames.soon()

    def _on_moment(self) -> None:
        self._last_values = 0.0
        self.frames.soon()

    # -- plots -----------------------------------------------------------------------------------------

    def add_plot(self, place: int | None = None) -> Plot:
        """Add an empty plot at a place, 0 for the uppermost; None for below the others."""
        plot = Plot(self._appearance, self)
        place = len(self.plots) if place is None else place
        self.plots.insert(place, plot)
        self._splitter.insertWidget(place, plot)
        plot.changed.connect(self._on_plot)
        plot.refreshed.connect(self.refresh)
        plot.closed.connect(self._on_closed)
        plot.dropped.connect(self._on_dropped)
        plot.told.connect(self.told)
        plot.exporting.connect(self._on_export)
        view = plot.view
        view.hovered.connect(self._hover_at)
        view.looked.connect(self.time.look_at)
        view.moved.connect(self.time.move_by)
        view.chosen.connect(self._choose)
        view.zoomed.connect(self.time.zoom)
        view.fitted.connect(self.fit)
        view.pressed_key.connect(self._press)
        view.painted.connect(self.frames.note_painting)
        self._arrange()
        return plot

    def remove_plot(self, plot: Plot) -> None:
        """Take a plot away."""
        if plot in self.plots:
            self.plots.remove(plot)
            plot.setParent(None)  # the splitter makes room at once
            plot.deleteLater()
            self._forget()
            self._arrange()
            self.changed.emit()
            self.refresh()

    def clear(self) -> None:
        """Take all plots away."""
        for plot in self.plots:
            plot.blockSignals(True)
            plot.setParent(None)
            plot.deleteLater()
        self.plots = []
        self._forget()

    def curves(self) -> list[Curve]:
        """Return the curves of all plots."""
        return [curve for plot in self.plots for curve in plot.curves]

    def _forget(self) -> None:
        """Give back what belonged to curves that are gone."""
        curves = self.curves()
        if self.data is not None:
            self.data.forget(curves)
        for curve in [each for each in self._others if not any(each is own for own in curves)]:
            self._others.remove(curve)
            curve.source.close()

    def add_other(self, curve: RunCurve) -> Plot:
        """Plot a series of another run; its file is closed when the curve goes. Return the plot that it is on."""
        self._others.append(curve)
        return self.add_compared(curve)

    def add_compared(self, curve: Curve) -> Plot:
        """Plot something of several runs on the plot that compares this series, or a new one; return the plot."""
        plot = next((each for each in self.plots if each.compares(curve.key)), None) or self.add_plot()
        plot.add(curve)
        QTimer.singleShot(0, self, self._show_lowest)  # when it has its place
        return plot

    def _show_lowest(self) -> None:
        if self.plots:
            self._scroller.ensureWidgetVisible(self.plots[-1])

    def _arrange(self) -> None:
        """Leave the axis of time to the lowest plot that has one."""
        lowest = next((each for each in reversed(self.plots) if each.kind is Kind.TIME), None)
        has_right = any(each.units[1] is not None for each in self.plots)
        for plot in self.plots:
            plot.show_lowest(plot is lowest, has_right)

    def _on_plot(self) -> None:
        self._forget()
        self._arrange()
        self.changed.emit()
        self.refresh()

    def _on_closed(self) -> None:
        plot = self.sender()
        if isinstance(plot, Plot):
            self.remove_plot(plot)

    def _on_dropped(self, keys: list[SeriesKey]) -> None:
        self.dropped.emit(keys, self.sender())

    def _on_export(self, kind: str) -> None:
        self.exporting.emit(self.sender(), kind)

    def _show_theme(self) -> None:
        for plot in self.plots:
            plot.show_theme()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._show_theme()

    # -- the time that is seen ---------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole run, and all values."""
        for plot in self.plots:
            plot.fit_values()
        self.time.range.follow()
        self.refresh()

    def _choose(self, begin: float, end: float, is_over: bool) -> None:
        self._chosen = None if is_over else (begin, end)
        if is_over:
            self.time.show(min(begin, end), max(begin, end))
        self.frames.soon()

    def _hover_at(self, place: float | None) -> None:
        if place != self._hover:
            self._hover, self._last_values = place, 0.0
            self.frames.soon()

    def _press(self, event: QKeyEvent) -> None:
        begin, end = self.time.seen()
        step = (end - begin) / 100 * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        place = self.time.looked_at if self.time.looked_at is not None else end
        key = event.key()
        doing: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Left: lambda: self.time.look_at(place - step),
            Qt.Key.Key_Right: lambda: self.time.look_at(place + step),
            Qt.Key.Key_Escape: lambda: self.time.look_at(None),
            Qt.Key.Key_Plus: lambda: self.time.zoom(place, _STEP),
            Qt.Key.Key_Minus: lambda: self.time.zoom(place, 1 / _STEP),
            Qt.Key.Key_Home: self.fit,
            Qt.Key.Key_Space: lambda: self.time.pause(self.time.range.is_following),
        }
        if Qt.Key(key) in doing:
            doing[Qt.Key(key)]()
            event.accept()

    # -- frames ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Compute and draw everything anew."""
        self._last_statistics = self._last_values = 0.0
        self.frames.soon()

    def _pause(self) -> float:
        """Return the seconds after which something is seen that was not seen before."""
        begin, end = self.time.seen()
        columns = max((plot.view.columns for plot in self.plots), default=1000)
        return min((end - begin) / columns, _SLOWEST)

    def _draw(self) -> None:
        if self.data is not None and (self._has_grown or self.time.is_live):
            self._has_grown = False
            self.pulled.emit(self.data.pull())
        self.draw_plots()
        if self.time.is_live and self.time.range.is_following:
            self.frames.soon(self._pause())

    def draw_plots(self) -> None:
        """Compute and draw all plots as they are to be seen now."""
        begin, end = self.time.seen()
        instant = time.perf_counter()
        with_statistics = instant - self._last_statistics >= _STATISTICS
        with_values = instant - self._last_values >= _VALUES
        self._last_statistics = instant if with_statistics else self._last_statistics
        self._last_values = instant if with_values else self._last_values
        together = sum(plot.view.columns * len(plot.curves) for plot in self.plots)
        coarseness = max(1, math.ceil(together / _LINES))
        lines = sum(
            plot.compute(begin, end, max(plot.view.columns // coarseness, 50), with_statistics) for plot in self.plots
        )
        across = Scale(begin, end)
        wordless = [replace(mark, text="") for mark in self.marks]  # one plot tells the names
        ticks = self._ticks(across)
        for plot in self.plots:
            self._place_cursors(plot)
            plot.show_frame(across, ticks, lines, self.marks if plot is self.plots[0] else wordless)
            if with_values:
                plot.show_values(self._value_time())

    def _place_cursors(self, plot: Plot) -> None:
        picture = plot.view.field.picture
        picture.cursor, picture.hover, picture.chosen = self.time.looked_at, self._hover, self._chosen

    def _value_time(self) -> float:
        if self._hover is not None:
            return self._hover
        return self.time.looked_at if self.time.looked_at is not None else math.inf

    def _ticks(self, across: Scale) -> list[float]:
        """Return where the grid has lines, which are those of the lowest plot's axis."""
        if not self.plots:
            return []
        view = self.plots[-1].view
        view.time_axis.origin, view.time_axis.shows_clock = self.time.origin, self.shows_clock
        return major_ticks(view.time_axis, across, view.columns)

    # -- drops -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        take_series(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        take_series(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if keys := take_series(event):
            self.dropped.emit(keys, None)

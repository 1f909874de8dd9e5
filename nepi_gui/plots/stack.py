"""The plots of a run under each other: one time for all, one cursor, drawn as the run goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from nepi_core.description import Value
from nepi_core.structure import shown_name
from nepi_core.times import now
from nepi_gui.appearance import Appearance
from nepi_gui.panels.run_timeline.marks import Marks
from nepi_gui.plots.contents import Kind
from nepi_gui.plots.curves import Curve, RunCurve
from nepi_gui.plots.dragging import dragged_series
from nepi_gui.plots.field import Mark
from nepi_gui.plots.frames import Frames
from nepi_gui.plots.plot import Plot
from nepi_gui.plots.run_data import RunData
from nepi_gui.plots.series import SeriesKey
from nepi_gui.plots.shapes import Scale
from nepi_gui.watching.time_range import SHORTEST, TimeRange
from nepi_gui.watching.watched_run import WatchedRun

_STATISTICS = 0.5  # seconds between two computations of distributions and percentiles, while the run goes on
_VALUES = 0.2  # likewise of the values in the legends
_SLOWEST = 0.25  # seconds between two frames at most, while the end of the run is followed
_LINES = 20_000  # columns of pixels of all curves together, from which several are taken as one
_STEP = 1.25


class PlotStack(QWidget):
    """Plots of the run that is watched.

    Signals:
        changed: other series are plotted, or in another way.
        pulled: what has come since was read, and whether there are more series than before.
        exporting: the user wants a plot as a file: the plot, and "png", "svg" or "csv".
        told: a sentence for the user.
        dropped: series were dropped, as keys, on a plot, or beside them (None).
        range_changed: another time is seen, or it is followed or linked in another way.

    Attributes:
        plots: from top to bottom.
        data: the numbers of the run that is watched; None for none.
        shows_clock: whether the time of day is shown instead of seconds since the begin.
        marks: what happened when.
    """

    changed = Signal()
    pulled = Signal(bool)
    exporting = Signal(object, str)
    told = Signal(str)
    dropped = Signal(object, object)
    range_changed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.plots: list[Plot] = []
        self.data: RunData | None = None
        self.shows_clock = False
        self.marks: list[Mark] = []
        self._run: WatchedRun | None = None
        self._marks: Marks | None = None
        self._own_range = TimeRange(self)
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
        self.frames = Frames(self, self._draw)
        self._own_range.changed.connect(self._on_range)
        appearance.changed.connect(self._show_theme)
        self.setAcceptDrops(True)

    # -- the run ---------------------------------------------------------------------------------------

    def watch(self, run: WatchedRun | None) -> None:
        """Plot another run; the plots of the one before go."""
        self.clear()
        if self.data is not None:
            self.data.close()
        self._run, self._marks, self.marks, self.data = run, None, [], None
        self._own_range.follow()
        if run is None:
            return
        self.data = RunData(run.folder, self.origin, run.is_live)
        self._marks = Marks(run)
        self._show_marks()
        run.grew.connect(self._on_growth)
        run.values_set.connect(self._on_values)
        run.ended.connect(self._on_end)
        run.moment_changed.connect(self._on_moment)
        run.range.changed.connect(self._on_range)
        run.range.linked_changed.connect(self._on_range)
        self.frames.soon()

    def close_data(self) -> None:
        """Give back what is open; the window closes."""
        self.clear()
        if self.data is not None:
            self.data.close()
            self.data = None

    @property
    def origin(self) -> float:
        """When the run began, in seconds since 1970."""
        if self._run is None:
            return 0.0
        return self._run.began if self._run.began is not None else self._run.span[0]

    @property
    def range(self) -> TimeRange:
        """Which part of the time is seen."""
        return self._run.range if self._run is not None and self._run.range.is_linked else self._own_range

    @property
    def is_linked(self) -> bool:
        """Whether the time line shows the same time."""
        return self._run is not None and self._run.range.is_linked

    def link(self, is_linked: bool) -> None:
        """Show the same time as the time line, or not."""
        if self._run is None:
            return
        seen = self._run.range
        if not is_linked and seen.begin is not None and seen.end is not None:
            self._own_range.show(seen.begin, seen.end)
        elif not is_linked:
            self._own_range.follow(seen.length)
        seen.link(is_linked)

    @property
    def is_live(self) -> bool:
        """Whether the run goes on."""
        return self.data is not None and self.data.is_live

    def seen(self) -> tuple[float, float]:
        """Return begin and end of what is seen, in seconds since the begin of the run."""
        first, last = self.whole()
        begin, end = self.range.within(first, last, self.is_live)
        return begin - self.origin, end - self.origin

    def whole(self) -> tuple[float, float]:
        """Return begin and end of the run so far, in seconds since 1970."""
        if self._run is None or self.data is None:
            return 0.0, 1.0
        newest = self.data.newest if self.data.newest > 0 else 0.0
        last = max(now() if self.is_live else self._run.span[1], newest)
        return self.origin, max(last, self.origin + SHORTEST)

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
            Mark(each.time - self.origin, f"{shown_name(resource)}: {each.name} = {each.value}")
            for resource in self._run.description.resources.values()
            for each in self._marks.of(resource.guid)
            if not each.problem
        ]
        self.marks.sort(key=lambda mark: mark.time)
        self.frames.soon()

    def _on_moment(self) -> None:
        self._last_values = 0.0
        self.frames.soon()

    def _on_range(self) -> None:
        self.range_changed.emit()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # -- plots -----------------------------------------------------------------------------------------

    def add_plot(self) -> Plot:
        """Add an empty plot below the others."""
        plot = Plot(self._appearance, self)
        self.plots.append(plot)
        self._splitter.addWidget(plot)
        plot.changed.connect(self._on_plot)
        plot.refreshed.connect(self.refresh)
        plot.closed.connect(self._on_closed)
        plot.dropped.connect(self._on_dropped)
        plot.told.connect(self.told)
        plot.exporting.connect(self._on_export)
        view = plot.view
        view.hovered.connect(self._hover_at)
        view.looked.connect(self.look_at)
        view.moved.connect(self.move_by)
        view.chosen.connect(self._choose)
        view.zoomed.connect(self.zoom)
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
        return self.add_curve(curve)

    def add_curve(self, curve: Curve) -> Plot:
        """Plot something on the first plot with an axis of the same unit, or a new one; return the plot."""
        plot = next((each for each in self.plots if curve.unit in each.units), None) or self.add_plot()
        plot.add(curve)
        return plot

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

    def show_range(self, begin: float, end: float) -> None:
        """Show what is between two times, in seconds since the begin."""
        if end - begin >= SHORTEST:
            self.range.show(begin + self.origin, end + self.origin)

    def move_by(self, seconds: float) -> None:
        """Show what is earlier or later by some seconds."""
        begin, end = self.seen()
        self.show_range(begin + seconds, end + seconds)

    def zoom(self, around: float, factor: float) -> None:
        """Show the time around a moment larger; a moment at the end goes on to be followed."""
        begin, end = self.seen()
        if self.range.is_following and self.is_live:
            self.range.follow((end - begin) / factor)
        else:
            self.show_range(*(around + (each - around) / factor for each in (begin, end)))

    def fit(self) -> None:
        """Show the whole run, and all values."""
        for plot in self.plots:
            plot.fit_values()
        self.range.follow()
        self.refresh()

    def pause(self, is_paused: bool) -> None:
        """Stand still, or go along with the run again."""
        begin, end = self.seen()
        if is_paused:
            self.show_range(begin, end)
        else:
            self.range.follow(None if begin <= 0 else end - begin)

    def _choose(self, begin: float, end: float, is_over: bool) -> None:
        self._chosen = None if is_over else (begin, end)
        if is_over:
            self.show_range(min(begin, end), max(begin, end))
        self.frames.soon()

    # -- cursors -----------------------------------------------------------------------------------------

    def look_at(self, place: float | None) -> None:
        """Look at a moment, in seconds since the begin; None for now."""
        if self._run is not None:
            self._run.look_at(None if place is None else place + self.origin)

    def _hover_at(self, place: float | None) -> None:
        if place != self._hover:
            self._hover, self._last_values = place, 0.0
            self.frames.soon()

    @property
    def looked_at(self) -> float | None:
        """The moment that is looked at, in seconds since the begin; None for now."""
        return self._run.moment - self.origin if self._run is not None and self._run.moment is not None else None

    def _press(self, event: QKeyEvent) -> None:
        begin, end = self.seen()
        step = (end - begin) / 100 * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        place = self.looked_at if self.looked_at is not None else end
        key = event.key()
        doing: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Left: lambda: self.look_at(place - step),
            Qt.Key.Key_Right: lambda: self.look_at(place + step),
            Qt.Key.Key_Escape: lambda: self.look_at(None),
            Qt.Key.Key_Plus: lambda: self.zoom(place, _STEP),
            Qt.Key.Key_Minus: lambda: self.zoom(place, 1 / _STEP),
            Qt.Key.Key_Home: self.fit,
            Qt.Key.Key_Space: lambda: self.pause(self.range.is_following),
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
        begin, end = self.seen()
        columns = max((plot.view.columns for plot in self.plots), default=1000)
        return min((end - begin) / columns, _SLOWEST)

    def _draw(self) -> None:
        if self.data is not None and (self._has_grown or self.is_live):
            self._has_grown = False
            self.pulled.emit(self.data.pull())
        self.draw_plots()
        if self.is_live and self.range.is_following:
            self.frames.soon(self._pause())

    def draw_plots(self) -> None:
        """Compute and draw all plots as they are to be seen now."""
        begin, end = self.seen()
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
        ticks = self._ticks(across)
        for plot in self.plots:
            self._place_cursors(plot)
            plot.show_frame(across, ticks, lines, self.marks)
            if with_values:
                plot.show_values(self._value_time())

    def _place_cursors(self, plot: Plot) -> None:
        picture = plot.view.field.picture
        picture.cursor, picture.hover, picture.chosen = self.looked_at, self._hover, self._chosen

    def _value_time(self) -> float:
        if self._hover is not None:
            return self._hover
        return self.looked_at if self.looked_at is not None else math.inf

    def _ticks(self, across: Scale) -> list[float]:
        """Return where the grid has lines, which are those of the lowest plot's axis."""
        if not self.plots:
            return []
        view = self.plots[-1].view
        view.time_axis.origin, view.time_axis.shows_clock = self.origin, self.shows_clock
        levels = view.time_axis.tickValues(across.low, across.high, view.columns)
        return [float(each) for each in levels[0][1]] if levels else []

    # -- drops -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if dragged_series(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        if keys := dragged_series(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(keys, None)

"""One plot: its curves, their axes and legend, and what can be done with them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from nepi_gui import icons
from nepi_gui.appearance import Appearance, Theme
from nepi_gui.plots.axes import HEIGHT, LABEL_HEIGHT, SIDE_WIDTH, axis_name, major_ticks
from nepi_gui.plots.colours import blended, curve_colour
from nepi_gui.plots.contents import Contents, Kind, along_time, bands, distributions
from nepi_gui.plots.curves import Curve, RunCurve, factor_between
from nepi_gui.plots.dragging import take_series
from nepi_gui.plots.field import Mark
from nepi_gui.plots.head import PlotHead
from nepi_gui.plots.legend import value_text
from nepi_gui.plots.series import SeriesKey
from nepi_gui.plots.shapes import Scale, scale_of
from nepi_gui.plots.view import PlotView

_PALE = 0.55
_LOWEST = 116
_SHRINKS = 2.0  # times that a range may be longer than what is seen, before it is made shorter


class Plot(QWidget):
    """Shows curves below each other or as distributions.

    Signals:
        changed: it shows other curves, or in another way.
        refreshed: it must be drawn anew.
        closed: the user has closed it.
        dropped: series were dropped here, as keys.
        told: a sentence for the user.
        exporting: the user wants it as a file: "png", "svg" or "csv".

    Attributes:
        curves: all that it holds, also hidden ones.
        kind: how it shows them.
        units: of the axis at the left and at the right; None for an axis that nothing stands on.
        is_log: whether values are shown on a logarithmic scale.
        shows_bands: whether means and percentiles are shown.
        view: what is on the screen.
    """

    changed = Signal()
    refreshed = Signal()
    closed = Signal()
    dropped = Signal(object)
    told = Signal(str)
    exporting = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._theme = appearance.theme
        self.curves: list[Curve] = []
        self.kind = Kind.TIME
        self.units: list[str | None] = [None, None]
        self.is_log = False
        self.shows_bands = False
        self.is_lowest = True
        self._has_right = False
        self._contents = Contents()
        self._bands = Contents()
        self._kept: list[Scale | None] = [None, None]  # the user's own ranges of values
        self._scales = (Scale(0, 1), Scale(0, 1))
        self._ticks_of: tuple[Scale, float] | None = None  # what the lines of the grid were computed for
        self.view = PlotView(self)
        self.head = PlotHead(self)
        self.legend = self.head.legend
        self._lay_out()
        self.setMinimumHeight(_LOWEST)
        self.setAcceptDrops(True)
        self.view.setAcceptDrops(False)  # so that what is dropped there comes here
        self.view.viewport().setAcceptDrops(False)
        self._listen()
        self.show_theme()

    def _listen(self) -> None:
        self.head.kind_box.currentIndexChanged.connect(self._choose_kind)
        self.head.log_button.toggled.connect(self.show_log)
        self.head.band_button.toggled.connect(self.show_bands)
        self.head.close_button.clicked.connect(self.closed)
        self.legend.removed.connect(self.remove)
        self.legend.picked.connect(self.refreshed)
        self.legend.asked.connect(self._open_menu)
        self.legend.curves.switched.connect(self.refreshed)
        self.view.stretched.connect(self._stretch)
        self.view.asked.connect(self._open_own_menu)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.view, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.head.fit_legend()
        self._name_axes()  # where there is little room only with the unit

    # -- curves ----------------------------------------------------------------------------------------

    def place_for(self, unit: str) -> tuple[int, float] | None:
        """Return the axis that values of a unit can stand on, and their factor there; None when there is none left."""
        for side, own in enumerate(self.units):
            if own is not None and (factor := factor_between(unit, own)) is not None:
                return side, factor
        return (self.units.index(None), 1.0) if None in self.units else None

    def refusal(self, unit: str) -> str:
        """Return why values of a unit cannot be shown here; "" when they can."""
        if self.place_for(unit) is not None:
            return ""
        left, right = (_unit_text(each) for each in self.units)
        text = self.tr("This plot has axes for {0} and {1}; values in {2} need a plot of their own.")
        return text.format(left, right, _unit_text(unit))

    def shows(self, key: SeriesKey) -> bool:
        """Tell whether a series of the run that is watched is among the curves."""
        own = (each for each in self.curves if isinstance(each, RunCurve) and not each.of_run)
        return any(each.info.key == key for each in own)

    def compares(self, key: SeriesKey) -> bool:
        """Tell whether it shows nothing but a series of other runs, and means over runs."""
        own = any(isinstance(each, RunCurve) and not each.of_run for each in self.curves)
        return bool(self.curves) and not own and all(each.key == key for each in self.curves)

    def add(self, curve: Curve, number: int = 0) -> bool:
        """Show one more curve; tell whether there is an axis for it.

        Args:
            number: for its colour and its place; when another curve has it, the next free one is taken.
        """
        place = self.place_for(curve.unit)
        if place is None:
            return False
        curve.side, curve.factor = place
        if self.units[curve.side] is None:
            self.units[curve.side] = curve.unit
        used = {each.number for each in self.curves}
        curve.number = next(each for each in itertools.count(number) if each not in used)
        self.curves.append(curve)
        self.curves.sort(key=_number)
        self._show_curves()
        return True

    def remove(self, curves: Iterable[Curve]) -> None:
        """Take curves away; the plot goes with the last."""
        gone = [id(each) for each in curves]
        self.curves = [each for each in self.curves if id(each) not in gone]
        for side in (0, 1):
            if not any(each.side == side for each in self.curves):
                self.units[side], self._kept[side] = None, None
        if self.curves:
            self._show_curves()
        else:
            self.closed.emit()

    def _show_curves(self) -> None:
        self.legend.curves.show(self.curves, self.colours())
        self._name_axes()
        self.changed.emit()

    def colours(self) -> list[QColor]:
        """Return the colours of all curves."""
        return [curve_colour(each.number, self._theme.is_dark) for each in self.curves]

    def _shown(self) -> list[tuple[Curve, QColor]]:
        """Return the curves that are drawn, with their colours: of some that are selected, the others are pale."""
        chosen = {id(each) for each in self.legend.chosen()}
        ground = QColor(self._theme.plate)
        pairs, strong = [], []
        for curve, colour in zip(self.curves, self.colours(), strict=True):
            if curve.is_visible:
                pale = bool(chosen) and id(curve) not in chosen
                if pale:
                    pairs.append((curve, blended(colour, ground, _PALE)))
                else:
                    strong.append((curve, colour))
        return pairs + strong

    # -- how it is shown -------------------------------------------------------------------------------

    def _choose_kind(self) -> None:
        self.kind = Kind(self.head.kind_box.currentData())
        self._kept = [None, None]
        self._name_axes()
        self.changed.emit()

    def show_kind(self, kind: Kind) -> None:
        """Show the series along the time, or their distribution."""
        self.head.kind_box.setCurrentIndex(self.head.kind_box.findData(kind))

    def show_log(self, is_on: bool) -> None:
        """Show values on a logarithmic scale, or not."""
        self.is_log = is_on
        self._kept = [None, None]
        self.head.log_button.setChecked(is_on)
        self._name_axes()
        self.changed.emit()

    def show_bands(self, is_on: bool) -> None:
        """Show means and percentiles, or not."""
        self.shows_bands = is_on
        self.head.band_button.setChecked(is_on)
        self.changed.emit()

    def fit_values(self) -> None:
        """Have the range of values follow what is seen."""
        self._kept = [None, None]
        self.refreshed.emit()

    def show_theme(self, theme: Theme | None = None) -> None:
        """Take the font and the colours of the window, or those of a theme, such as that for paper."""
        self._theme = theme or self._appearance.theme
        self.view.show_theme(self._theme, self.font())
        self.legend.curves.show(self.curves, self.colours())
        self.refreshed.emit()

    def show_lowest(self, is_lowest: bool, has_right: bool) -> None:
        """Show the axis of time, or leave it to the plot below; leave room at the right when any plot needs it."""
        self.is_lowest = is_lowest
        self._has_right = has_right
        self._name_axes()

    def _name_axes(self) -> None:
        along_time = self.kind is Kind.TIME
        view = self.view
        view.time_axis.setVisible(along_time and self.is_lowest)
        view.value_axis.setVisible(not along_time)
        view.value_axis.setLogMode(self.is_log)
        names = [axis_name(self.curves, side, self.units[side]) for side in (0, 1)]
        view.value_axis.setLabel(None if along_time else names[0] or None)
        view.show_room(has_axis_below=self.is_lowest or not along_time)
        self.head.band_button.setEnabled(along_time)
        for side, axis in enumerate(view.sides):
            axis.setLogMode(self.is_log and along_time)
            unit = self.units[side] if along_time else "%" if side == 0 else None
            has_room = view.fontMetrics().horizontalAdvance(names[side]) < self.height() - self.head.height() - HEIGHT
            axis.setLabel((names[side] if along_time and has_room else unit) or None)
            axis.setOpacity(0.0 if unit is None else 1.0)
            axis.setVisible(side == 0 or self._has_right)
            axis.setWidth(SIDE_WIDTH)  # after it is shown: hidden ones forget how wide they are
            axis.resizeEvent()  # another text is put into the middle
        view.value_axis.setHeight(HEIGHT + LABEL_HEIGHT if names[0] else HEIGHT)

    def _stretch(self, place: float, factor: float) -> None:
        """Show the values around a place (0 below to 1 above) larger."""
        for side, scale in enumerate(self._scales):
            if self.units[side] is not None:
                middle = scale.low + place * (scale.high - scale.low)
                low, high = (middle + (each - middle) / factor for each in (scale.low, scale.high))
                if high - low > max(abs(high), abs(low)) * 1e-9:
                    self._kept[side] = Scale(low, high, scale.is_log)
        self.refreshed.emit()

    # -- a frame ---------------------------------------------------------------------------------------

    def compute(self, begin: float, end: float, columns: int, with_statistics: bool) -> int:
        """Compute what is seen between two times; return how many lines it takes to draw.

        Args:
            begin, end: in seconds since the begin of the run.
            columns: of pixels that are told apart.
            with_statistics: whether means, percentiles and distributions are computed anew, too.
        """
        curves = self._shown()
        if self.kind is not Kind.TIME:
            if with_statistics:
                alike = [(curve, colour) for curve, colour in curves if curve.side == 0]
                self._contents = distributions(alike, begin, end, self.kind, self.is_log)
            return self._lines()
        ground = QColor(self._theme.plate)
        if self.shows_bands and with_statistics:
            self._bands = bands(curves, begin, end)
        drawn = [(each, blended(colour, ground, 0.5)) for each, colour in curves] if self.shows_bands else curves
        self._contents = along_time(drawn, begin, end, columns)
        if self.shows_bands:
            self._contents.shapes += self._bands.shapes
        return self._lines()

    def _lines(self) -> int:
        return sum(each.lines for each in self._contents.shapes)

    def show_frame(self, across: Scale, lines_across: Sequence[float], all_lines: int, marks: list[Mark]) -> None:
        """Draw what was computed.

        Args:
            across: the range of time.
            lines_across: where the grid has lines, in seconds since the begin of the run.
            all_lines: that all plots draw together.
        """
        picture, view, along_time = self.view.field.picture, self.view, self.kind is Kind.TIME
        self._scales = (self._scale(0), self._scale(1))
        picture.across = across if along_time else self._contents.across or Scale(0, 1)
        picture.up, picture.shapes, picture.all_lines = self._scales, self._contents.shapes, all_lines
        picture.marks = marks if along_time else []
        if along_time:
            picture.lines_across = list(lines_across)
            if self.is_lowest:
                view.time_axis.setRange(across.low, across.high)
        else:
            picture.cursor = picture.hover = picture.chosen = None
            picture.lines_across = []
            view.value_axis.setRange(picture.across.low, picture.across.high)
        for scale, axis in zip(self._scales, view.sides, strict=True):
            if axis.range != [scale.low, scale.high]:
                axis.setRange(scale.low, scale.high)
        ticks_of = (self._scales[0], view.field.size().height())
        if ticks_of != self._ticks_of:
            self._ticks_of, picture.lines_up = ticks_of, major_ticks(view.sides[0], *ticks_of)
        picture.words = "" if any(len(each.x) for each in picture.shapes) else self._words()
        view.field.update()

    def _words(self) -> str:
        return self.tr("No samples in this time yet.") if self.curves else self.tr("Drop a series here.")

    def _scale(self, side: int) -> Scale:
        """Return the range of values: the user's own, or what is seen, which does not follow every twitch."""
        is_log = self.is_log and self.kind is Kind.TIME
        if (kept := self._kept[side]) is not None:
            return kept
        low, high = self._contents.bounds[side]
        wanted, before = scale_of(low, high, is_log), self._scales[side]
        if math.isnan(low):
            return wanted
        if is_log:
            low, high = wanted.low, wanted.high
        covers = before.is_log == is_log and before.low <= low and before.high >= high
        is_close = before.high - before.low <= _SHRINKS * (wanted.high - wanted.low)
        return before if covers and is_close else wanted

    def show_values(self, time: float) -> None:
        """Show the values at a time in the legend."""
        if self.kind is not Kind.TIME:
            other = self.tr("other unit")
            self.legend.curves.show_values(["" if each.side == 0 else other for each in self.curves])
            return
        self.legend.curves.show_values([value_text(each.at(time), each.unit) for each in self.curves])

    # -- menus and drops -------------------------------------------------------------------------------

    def _open_own_menu(self, place: QPoint) -> None:
        self._open_menu([], place)

    def _open_menu(self, curves: list[Curve], place: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("plot.menu")
        menu.aboutToHide.connect(menu.deleteLater)
        if curves:
            menu.addAction(self.tr("&Take away")).triggered.connect(self._remove_chosen)
            menu.addSeparator()
        menu.addAction(self.tr("&Fit the values")).triggered.connect(self.fit_values)
        for kind, title in (("png", self.tr("Save as &PNG…")), ("svg", self.tr("Save as &SVG…"))):
            menu.addAction(title).triggered.connect(partial(self.exporting.emit, kind))
        menu.addAction(self.tr("Save the numbers as &CSV…")).triggered.connect(partial(self.exporting.emit, "csv"))
        menu.addSeparator()
        menu.addAction(icons.icon("close"), self.tr("&Close this plot")).triggered.connect(self.closed)
        menu.popup(place)

    def _remove_chosen(self) -> None:
        self.remove(self.legend.chosen())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        take_series(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        take_series(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if keys := take_series(event):
            self.dropped.emit(keys)


def _number(curve: Curve) -> int:
    return curve.number


def _unit_text(unit: str | None) -> str:
    return unit or "1"

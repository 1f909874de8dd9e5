"""The dock of the plots: series at the left, plots at the right, what is seen above them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from nepi_gui.editor import Editor
from nepi_gui.icons import icon_of_type
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.plots.controls import Controls
from nepi_gui.plots.dragging import dragged_series
from nepi_gui.plots.remembering import from_text, to_text
from nepi_gui.plots.restoring import Restoring
from nepi_gui.plots.series import SeriesInfo, SeriesKey
from nepi_gui.plots.tree import SeriesTree
from nepi_gui.watching.watched_run import WatchedRun

if TYPE_CHECKING:
    from nepi_gui.plots.plot import Plot
    from nepi_gui.plots.stack import PlotStack

_TREE_WIDTH = 260
_ROOM = 900  # pixels of width from which the list of series is there by itself
_LIST = "plots_list"  # the setting: whether the list is there
_LISTINGS = 500  # ms between two listings of all series, while more of them come up
_VALUES = 250  # ms between two looks at the last values


class PlotsPanel(QWidget):
    """Plots the series of the run that is watched. What draws is loaded when it is shown with a run for the first time.

    Attributes:
        tree: all series.
        controls: what is seen of the time, and how.
        stack: the plots; None until it is needed.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.stack: PlotStack | None = None
        self._restoring = Restoring()
        self._is_restoring = False
        self._is_stale = True
        self.tree = SeriesTree(self)
        self.controls = Controls(self)
        self._words = QLabel(self)
        self._values = QTimer(self, singleShot=True, interval=_VALUES)
        self._listing = Refreshing(self.tree, self._list_series, _LISTINGS)
        self._values.timeout.connect(self.tree.show_values)
        self._lay_out()
        self._show_list()
        self.setAcceptDrops(True)
        self.tree.chosen.connect(self.plot)
        self.tree.asked.connect(self._open_menu)
        self.controls.list.clicked.connect(self._choose_list)
        editor.run_changed.connect(self._on_run)
        self._show_words()

    def _lay_out(self) -> None:
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setContentsMargins(24, 12, 24, 12)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._words)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.controls)
        column.addWidget(self._pages, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.addWidget(self.tree)
        self._splitter.addWidget(right)
        self._splitter.setSizes([_TREE_WIDTH, _ROOM])
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def _choose_list(self, is_shown: bool) -> None:
        self._editor.settings.keep(_LIST, is_shown)
        self._show_list()

    def _show_list(self) -> None:
        """Show the list of series as the user has chosen, or else when there is room."""
        is_shown = self._editor.settings.is_on(_LIST, self.width() >= _ROOM)
        self.tree.setVisible(is_shown)
        if is_shown and self.isVisible():
            self._listing.catch_up()
        self.controls.list.setChecked(is_shown)
        self.setFocusProxy(self.tree if is_shown else self.controls.list)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_list()

    # -- the run ---------------------------------------------------------------------------------------

    @property
    def run(self) -> WatchedRun | None:
        """The run that is watched."""
        return self._editor.run

    def _on_run(self) -> None:
        self._is_stale = True
        if self.stack is not None:
            self._is_restoring = True
            self.stack.watch(None)  # the run before goes now
            self._is_restoring = False
        if self.isVisible():
            self._catch_up()
        self._show_words()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._catch_up()
        self._show_list()
        if self.stack is not None:
            self.stack.refresh()

    def _catch_up(self) -> None:
        """Plot the run that is watched, if that is another one than before."""
        if not self._is_stale:
            return
        self._is_stale = False
        self.tree.show_series([], self._icon_of, _no_value)
        if self.run is not None:
            stack = self._make_stack()
            self._is_restoring = True
            stack.watch(self.run)
            self._is_restoring = False
            self.controls.watch(stack)
            self._restoring = Restoring(from_text(self._editor.settings.text(self._setting())))
            self._take_in(True)
            if self.tree.isVisible():
                self._listing.at_once()
        self._show_words()

    def _list_series(self) -> None:
        data = self.stack.data if self.stack is not None else None
        if data is not None:
            self.tree.show_series(data.series.values(), self._icon_of, data.last_value)

    def _make_stack(self) -> PlotStack:
        if self.stack is None:
            from nepi_gui.plots.stack import PlotStack  # it brings pyqtgraph, which takes a third of a second

            self.stack = PlotStack(self._editor.appearance, self)
            self._pages.addWidget(self.stack)
            self.stack.changed.connect(self._on_changed)
            self.stack.pulled.connect(self._take_in)
            self.stack.dropped.connect(self._on_dropped)
            self.stack.told.connect(self._editor.tell)
            self.stack.exporting.connect(self._export)
        return self.stack

    def ready(self) -> PlotStack | None:
        """Return the plots of the run that is watched, visible or not; None when none is."""
        self._catch_up()
        return self.stack if self.run is not None else None

    def close_plots(self) -> None:
        """Give back what is open."""
        if self.stack is not None:
            self.stack.close_data()

    def _take_in(self, has_more: bool) -> None:
        """Show what has come since."""
        data = self.stack.data if self.stack is not None else None
        if data is None:
            return
        if has_more:
            self._listing.soon()
            self._fill()
            self._show_words()
        elif self.tree.isVisible() and not self._values.isActive():
            self._values.start()

    def _icon_of(self, guid: int) -> str:
        resource = self.run.description.resources.get(guid) if self.run is not None else None
        return icon_of_type(resource.rtype) if resource is not None else "resource"

    def _show_words(self) -> None:
        self.controls.setEnabled(self.run is not None)
        if self.stack is not None and self.run is not None and self.stack.plots:
            self._pages.setCurrentWidget(self.stack)
            return
        if self.run is None:
            text = self.tr("Nothing runs yet. Press Run, or open a run of before: its numbers are plotted here.")
        elif self.stack is None or self.stack.data is None or not self.stack.data.series:
            text = self.tr("This run has no numbers yet: they come with the traces of its applications and links.")
        else:
            text = self.tr(
                "Double-click a series in the list, or drag it here. A resource of the canvas can be dragged here, too."
            )
        self._words.setText(text)
        self._pages.setCurrentWidget(self._words)

    # -- plotting ----------------------------------------------------------------------------------------

    def series_of(self, guids: Iterable[int]) -> list[SeriesInfo]:
        """Return the series of some resources in the run that is watched."""
        stack = self.ready()
        wanted = set(guids)
        return [each for each in stack.data.series.values() if each.key.guid in wanted] if stack and stack.data else []

    def plot(self, keys: Sequence[SeriesKey], plot: Plot | None = None, anew: bool = False) -> None:
        """Plot series of the run that is watched.

        Args:
            keys: those that the run does not have are left out.
            plot: where; None for the first that has an axis for each.
            anew: on a new plot.
        """
        stack = self.ready()
        if stack is None or stack.data is None:
            self._editor.tell(self.tr("No run is watched, so there is nothing to plot."))
            return
        refusals = []
        for key in keys:
            if key in stack.data.series and (refusal := self._plot_one(stack, key, plot, anew)):
                refusals.append(refusal)
            if anew and stack.plots:
                plot, anew = stack.plots[-1], False
        if refusals:
            self._editor.tell(refusals[0])
        self._show_words()

    def _plot_one(self, stack: PlotStack, key: SeriesKey, plot: Plot | None, anew: bool) -> str:
        """Plot a series; return why it cannot be."""
        assert stack.data is not None
        unit = stack.data.series[key].unit
        if plot is not None and not anew and (refusal := plot.refusal(unit)):
            return refusal
        info, places = stack.data.series[key], [plot] if plot is not None else stack.plots
        if not anew and any(each.shows(key) for each in places):
            return self.tr("{0} is plotted already.").format(info.name)
        target = None if anew else plot or next((each for each in stack.plots if unit in each.units), None)
        (target or stack.add_plot()).add(stack.data.curve(key))
        return ""

    def _on_dropped(self, keys: list[SeriesKey], plot: Plot | None) -> None:
        self.plot(keys, plot, anew=plot is None)

    def _open_menu(self, keys: list[SeriesKey], place: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("plots.series")
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(self.tr("&Plot")).triggered.connect(partial(self._plot_from_menu, keys, None, False))
        menu.addAction(self.tr("Plot &apart")).triggered.connect(partial(self._plot_from_menu, keys, None, True))
        for number, plot in enumerate(self.stack.plots if self.stack else (), 1):
            names = ", ".join(each.name for each in plot.curves)
            text = self.tr("On plot {0}: {1}").format(f"&{number}", names.replace("&", "&&")[:60])
            menu.addAction(text).triggered.connect(partial(self._plot_from_menu, keys, plot, False))
        menu.popup(place)

    def _plot_from_menu(self, keys: list[SeriesKey], plot: Plot | None, anew: bool, *_: object) -> None:
        self.plot(keys, plot, anew)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        is_over_list = self.tree.geometry().contains(event.position().toPoint())
        if dragged_series(event.mimeData()) and not is_over_list:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.plot(dragged_series(event.mimeData()), anew=True)

    # -- other runs ----------------------------------------------------------------------------------------

    def overlay(self, folder: Path, key: SeriesKey, name: str = "") -> bool:
        """Plot a series of a run where it is compared with those of others, as if all runs had begun at the same time.

        Args:
            folder: of that run.
            name: of that run in the legend; its folder's when it is not given.

        Returns:
            Whether that run has such a series.
        """
        from nepi_gui.plots.overlays import overlay

        stack = self.ready() or self._make_stack()
        curve = overlay(folder, key, name or folder.name)
        if curve is None:
            return False
        stack.add_other(curve)
        self._show_words()
        return True

    def overlay_mean(self, folders: Sequence[Path], key: SeriesKey, confidence: float = 0.95) -> bool:
        """Plot the mean of a series over several runs, aligned at their begins, with its band of confidence.

        Returns:
            Whether any of the runs has such a series.
        """
        from nepi_gui.plots.overlays import mean_curve

        stack = self.ready() or self._make_stack()
        curve = mean_curve(folders, key, confidence)
        if curve is None:
            return False
        stack.add_compared(curve)
        self._show_words()
        return True

    # -- what is remembered ------------------------------------------------------------------------------

    def _setting(self) -> str:
        return f"plots/{quote(self.run.exp_id, safe='')}" if self.run is not None else ""

    def _fill(self) -> None:
        """Plot what the experiment had before, of the series that there are by now."""
        if self.stack is not None and self.stack.data is not None:
            self._is_restoring = True
            self._restoring.fill(self.stack)
            self._is_restoring = False

    def _on_changed(self) -> None:
        if not self._is_restoring and self.run is not None and self.stack is not None and self.stack.data is not None:
            self._restoring.leave_to_user()
            self._editor.settings.keep(self._setting(), to_text(self._restoring.kept(self.stack)))
        self._show_words()

    # -- files ---------------------------------------------------------------------------------------------

    def _export(self, plot: Plot | None, kind: str) -> None:
        """Save a plot, or all of them (None)."""
        from nepi_gui.plots.saving import save

        if self.stack is None or not self.stack.plots:
            self.say(self.tr("There is no plot to save."))
        else:
            save(self, self.stack, [plot] if plot is not None else self.stack.plots, kind)

    def ask_where(self, kind: str) -> Path | None:
        """Ask for a file to write; None when the user has thought better of it. Tests put an answer in its place."""
        from nepi_gui.plots.saving import ask_for_file

        return ask_for_file(self, f"{self.run.exp_id}-{self.run.run_id}" if self.run is not None else "plots", kind)

    def say(self, sentence: str) -> None:
        """Say something to the user."""
        self._editor.tell(sentence)


def _no_value(key: SeriesKey) -> float:
    return float("nan")

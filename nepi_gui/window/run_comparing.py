"""Chosen runs beside each other: all their numbers in a table, some of their series on a plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from nepi_gui.panels.runs.comparison_dialog import ComparisonDialog
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.panels.runs.series_dialog import SeriesDialog
from nepi_gui.panels.runs.words import name_text
from nepi_gui.plots.panel import PlotsPanel
from nepi_gui.plots.series import SeriesKey
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.files import FilesFeature
from nepi_gui.window.run_archives import runs_menu
from nepi_gui.window.running import RunningFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow


class RunComparingFeature(Feature):
    """Compares the runs that are chosen in the panel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        panel = window.docks["runs"].widget()
        assert isinstance(panel, RunsPanel)
        self._panel = panel

    def commands(self) -> Iterable[Command]:
        """Yield the commands that compare."""
        yield Command(
            "runs.compare",
            self.tr("&Compare…"),
            self.compare,
            runs_menu(),
            ("Ctrl+Alt+R",),
            self.tr("Compare all numbers of the chosen runs in a table."),
            "compare",
            self._has_several,
            separated=True,
        )
        yield Command(
            "runs.plot",
            self.tr("Compare on a &plot…"),
            self.choose_series,
            runs_menu(),
            help=self.tr("Show series of the chosen runs over each other, with mean and 95 % interval."),
            icon="compare-plot",
            enabled=self._has_chosen,
        )

    def closed(self) -> None:
        """End what the windows beside this one do in the background."""
        for kind in (ComparisonDialog, SeriesDialog):
            for dialog in self.window.findChildren(kind):
                dialog.reject()

    def _has_chosen(self) -> bool:
        return bool(self._panel.chosen())

    def _has_several(self) -> bool:
        return len(self._panel.chosen()) > 1

    # -- the table ---------------------------------------------------------------------------------

    def compare(self) -> ComparisonDialog | None:
        """Compare the chosen runs in a table; return its window, None when there are too few."""
        chosen = self._panel.chosen()
        if len(chosen) < 2:
            return None
        dialog = ComparisonDialog(self.editor, chosen, self.window)
        folders = [run.folder for run in chosen]
        dialog.csv_wanted.connect(partial(self._save_csv, dialog))
        dialog.plot_wanted.connect(partial(self._plot_compared, folders))
        dialog.show()
        return dialog

    def _plot_compared(self, folders: Sequence[Path], keys: Sequence[SeriesKey]) -> None:
        self.plot(folders, keys, wants_mean=len(folders) > 2)

    def _save_csv(self, dialog: ComparisonDialog) -> None:
        path = self.ask_where(FilesFeature.of(self.window).suggested(".csv", "-runs"))
        if path is None:
            return
        try:
            dialog.write_csv(path)
        except OSError as error:
            self.editor.tell(self.tr("{0} cannot be written: {1}.").format(path, error.strerror))
        else:
            self.editor.tell(self.tr("{0} was written.").format(path.name))

    def ask_where(self, suggested: Path) -> Path | None:
        """Ask for a file to write; None when the user has thought better of it. Tests put an answer in its place."""
        kinds = self.tr("Tables (*.csv)")
        chosen, _ = QFileDialog.getSaveFileName(self.window, self.tr("Save the comparison"), str(suggested), kinds)
        return Path(chosen if Path(chosen).suffix else f"{chosen}.csv") if chosen else None

    # -- the plot ----------------------------------------------------------------------------------

    def choose_series(self) -> SeriesDialog | None:
        """Ask which series of the chosen runs come onto a plot; return the dialog, None when no run is chosen."""
        folders = [run.folder for run in self._panel.chosen()]
        if not folders:
            return None
        dialog = SeriesDialog(folders, self.window)
        dialog.chosen.connect(partial(self.plot, folders))
        dialog.open()
        return dialog

    def plot(self, folders: Sequence[Path], keys: Sequence[SeriesKey], wants_mean: bool) -> None:
        """Show series of some runs over each other.

        Args:
            wants_mean: show their mean with its 95 % interval as well.
        """
        if self.editor.run is None:
            RunningFeature.of(self.window).watch(folders[-1])  # plots are of the run that is watched, and others beside
        self.window.show_panel("plots")
        plots = self.window.docks["plots"].widget()
        assert isinstance(plots, PlotsPanel)
        for key in keys:
            for folder in folders:
                plots.overlay(folder, key, self._names.get(folder, folder.name))
            if wants_mean:
                plots.overlay_mean(folders, key)

    @property
    def _names(self) -> dict[Path, str]:
        return {run.folder: name_text(run) for run in self._panel.model.runs}

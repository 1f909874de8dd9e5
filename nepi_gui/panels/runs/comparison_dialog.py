"""The comparison of chosen runs: a table of all their series, which can be plotted, or written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from nepi_core.atomic_file import write_atomically
from nepi_gui.background import Background
from nepi_gui.editor import Editor
from nepi_gui.panels.row_table import RowTable
from nepi_gui.panels.runs.comparison_model import Column, ComparisonModel
from nepi_gui.panels.runs.words import name_text
from nepi_gui.plots.series import SeriesKey
from nepi_gui.runs.comparing import ComparedSeries, compare, to_csv
from nepi_gui.runs.listing import ListedRun

_WIDTHS = (24, 20, 9, 9, 18, 11, 11, 11, 34)  # letters


class ComparisonDialog(QDialog):
    """Compares runs; the first is the one that the others are compared with.

    Signals:
        csv_wanted: the user wants the table as a file; see `write_csv`.
        plot_wanted: with a list of `SeriesKey`: the user wants to see them on a plot.
    """

    csv_wanted = Signal()
    plot_wanted = Signal(list)

    def __init__(self, editor: Editor, runs: Sequence[ListedRun], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Comparison of {0} runs").format(len(runs)))
        self.setSizeGripEnabled(True)
        self.resize(1240, 640)
        self._runs = runs
        self._found: Sequence[ComparedSeries] = ()
        self.model = ComparisonModel(editor.appearance, _names(runs), self)
        self.table = self._make_table()
        self.words = QLineEdit(self)
        self._state = QLabel(self.tr("Reading…"), self)
        self._state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._pages = QStackedWidget(self)
        self._background = Background(self)
        self._lay_out()
        self._listen()
        self._background.run(partial(compare, [run.folder for run in runs]))

    def _make_table(self) -> RowTable:
        """Return the table, in which the names of series get the room that is left."""
        table = RowTable(self.model, self)
        table.setAccessibleName(self.tr("Comparison"))
        table.setSelectionMode(RowTable.SelectionMode.ExtendedSelection)
        table.set_widths(*_WIDTHS)
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.SERIES, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        told = self.tr(
            "Each mean is compared with that of the run of {0}. Intervals of 95 % come from the means of 30 batches, "
            "so that samples which follow each other need not be independent."
        )
        about = QLabel(told.format(name_text(self._runs[0])), self)
        about.setWordWrap(True)
        about.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setPlaceholderText(self.tr("Words in the name of a series"))
        self.words.setAccessibleName(self.tr("Words in the name of a series"))
        self.words.setClearButtonEnabled(True)
        for page in (self._state, self.table):
            self._pages.addWidget(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.plot_button = buttons.addButton(self.tr("&Plot the chosen"), QDialogButtonBox.ButtonRole.ActionRole)
        self.plot_button.setEnabled(False)
        self.csv_button = buttons.addButton(self.tr("Save as &CSV…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.csv_button.setEnabled(False)
        buttons.rejected.connect(self.reject)
        self.csv_button.clicked.connect(self.csv_wanted)
        self.plot_button.clicked.connect(self._plot)
        rows = QVBoxLayout(self)
        for each in (about, self.words, self._pages, buttons):
            rows.addWidget(each)

    def _listen(self) -> None:
        self.words.textChanged.connect(self._filter)
        self.table.selectionModel().selectionChanged.connect(self._refresh)
        self.table.confirmed.connect(self._plot)
        self.table.doubleClicked.connect(self._plot)
        self._background.finished.connect(self._take)
        self._background.failed.connect(self._state.setText)
        self.finished.connect(self._background.close)

    def _take(self, found: list[ComparedSeries]) -> None:
        self._found = found
        self.csv_button.setEnabled(bool(found))
        self._filter()

    def _filter(self) -> None:
        words = self.words.text().casefold().split()
        shown = [each for each in self._found if all(word in _text_of(each) for word in words)]
        self.model.show(shown)
        none = self.tr("No series has these words in its name.") if self._found else self.tr("They measured nothing.")
        self._state.setText(none)
        self._pages.setCurrentWidget(self.table if shown else self._state)
        self._refresh()

    def _chosen(self) -> list[SeriesKey]:
        """Return the series of the chosen rows, in their order."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return list(dict.fromkeys(self.model.rows[row].key for row in rows))

    def _refresh(self) -> None:
        self.plot_button.setEnabled(bool(self._chosen()))

    def _plot(self) -> None:
        if keys := self._chosen():
            self.plot_wanted.emit(keys)

    def write_csv(self, path: Path) -> None:
        """Write all that was compared to a file.

        Raises:
            OSError: it cannot be written; a file that was there is as it was.
        """
        write_atomically(path, to_csv(self._found).encode("utf-8", "replace"))


def _names(runs: Sequence[ListedRun]) -> dict[str, str]:
    """Return what runs are called, by their folders: copies of a run began at the same time."""
    names = [name_text(run) for run in runs]
    return {
        run.run_id: name if names.count(name) == 1 else f"{name} ({run.run_id})"
        for run, name in zip(runs, names, strict=True)
    }


def _text_of(each: ComparedSeries) -> str:
    return f"{each.label} {each.key.trace} {each.key.series}".casefold()

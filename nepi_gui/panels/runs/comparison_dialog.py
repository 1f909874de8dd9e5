"""The comparison of chosen runs: a table of all their series, which can be written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from nepi_core.atomic_file import write_atomically
from nepi_gui.background import Background
from nepi_gui.editor import Editor
from nepi_gui.panels.row_table import RowTable
from nepi_gui.panels.runs.comparison_model import ComparisonModel
from nepi_gui.panels.runs.words import name_text
from nepi_gui.runs.comparing import ComparedSeries, compare, to_csv
from nepi_gui.runs.listing import ListedRun


class ComparisonDialog(QDialog):
    """Compares runs; the first is the one that the others are compared with.

    Signals:
        csv_wanted: the user wants the table as a file; see `write_csv`.
    """

    csv_wanted = Signal()

    def __init__(self, editor: Editor, runs: Sequence[ListedRun], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Comparison of {0} runs").format(len(runs)))
        self.resize(980, 520)
        self._runs = runs
        self._found: Sequence[ComparedSeries] = ()
        names = {run.run_id: name_text(run) for run in runs}
        self.model = ComparisonModel(editor.appearance, names, self)
        self.table = RowTable(self.model, self)
        self.table.setAccessibleName(self.tr("Comparison"))
        self.table.set_widths(28, 20, 9, 20, 10, 10, 10)
        self.words = QLineEdit(self)
        self._state = QLabel(self.tr("Reading…"), self)
        self._state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._pages = QStackedWidget(self)
        self._background = Background(self)
        self._lay_out()
        self._listen()
        self._background.run(partial(compare, [run.folder for run in runs]))

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
        self.csv_button = buttons.addButton(self.tr("Save as &CSV…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.csv_button.setEnabled(False)
        buttons.rejected.connect(self.reject)
        self.csv_button.clicked.connect(self.csv_wanted)
        rows = QVBoxLayout(self)
        for each in (about, self.words, self._pages, buttons):
            rows.addWidget(each)

    def _listen(self) -> None:
        self.words.textChanged.connect(self._filter)
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

    def write_csv(self, path: Path) -> None:
        """Write all that was compared to a file.

        Raises:
            OSError: it cannot be written; a file that was there is as it was.
        """
        write_atomically(path, to_csv(self._found).encode("utf-8", "replace"))


def _text_of(each: ComparedSeries) -> str:
    return f"{each.label} {each.key.trace} {each.key.series}".casefold()

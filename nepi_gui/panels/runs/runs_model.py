"""The runs of an experiment as Qt's tables take them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont

from nepi_core.times import now
from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.runs.words import length_text, moment_text, outcome_text, short_moment, tool_tip
from nepi_gui.runs.listing import ListedRun, Outcome
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_MOST_STEPS = 50  # rows that come and go one by one; more of them are shown anew


class Column(IntEnum):
    """A column of the table."""

    BEGAN = 0
    OUTCOME = 1
    DURATION = 2
    DIFFERENCE = 3
    NOTE = 4


class RunsModel(QAbstractTableModel):
    """Runs in rows, the newest first unless the user wants another order.

    Signals:
        asked: the differences of some rows are wanted; see `take_wanted`.
        noted: with folder and text: the user has written a note.
    """

    asked = Signal()
    noted = Signal(object, str)

    def __init__(self, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._runs: dict[Path, ListedRun] = {}
        self._before: dict[Path, Path] = {}
        self._shown: list[Path] = []
        self._rows: dict[Path, int] = {}
        self._differences: dict[tuple[Path, Path], str] = {}
        self._wanted: dict[tuple[Path, Path], None] = {}
        self._watched: Path | None = None
        self._words: tuple[str, ...] = ()
        self._order = (Column.BEGAN, Qt.SortOrder.DescendingOrder)

    # -- what is listed ----------------------------------------------------------------------------------

    def show(self, runs: Iterable[ListedRun]) -> None:
        """List these runs instead of others."""
        before, present = self._runs, {run.folder: run for run in runs}
        in_order = sorted(present.values(), key=_beginning)
        self._before = {later.folder: earlier.folder for earlier, later in pairwise(in_order)}
        pairs = {(folder, self._before.get(folder, folder)) for folder in present}
        self._differences = {pair: told for pair, told in self._differences.items() if pair in pairs}
        self._runs = before | present  # until the rows of those that have gone are gone as well
        self._arrange(present)
        self._runs = present
        self._want_again(before)
        for folder in self._shown:
            if (known := before.get(folder)) not in (None, present[folder]):
                # Not without need: a note that is being written would be lost.
                self._tell(
                    folder, Column.BEGAN, Column.DIFFERENCE if known.note == present[folder].note else Column.NOTE
                )

    def _want_again(self, before: Mapping[Path, ListedRun]) -> None:
        """Have differences looked for again where a run has gone on: somebody may have set something in it."""
        for folder, before_it in self._differences:
            if self._runs[folder] != before.get(folder) or self._runs[folder].is_live:
                self._wanted[folder, before_it] = None
        if self._wanted:
            self.asked.emit()

    def _arrange(self, runs: Mapping[Path, ListedRun]) -> None:
        """Put what passes the filter into its order."""
        column, order = self._order
        passing = [run for run in runs.values() if self._passes(run)]
        passing.sort(key=_beginning, reverse=True)
        if column is not Column.BEGAN or order is not Qt.SortOrder.DescendingOrder:
            passing.sort(key=_KEYS[column], reverse=order is Qt.SortOrder.DescendingOrder)
        shown = [run.folder for run in passing]
        present, known = set(shown), set(self._shown)
        gone = [row for row, folder in enumerate(self._shown) if folder not in present]
        come = [row for row, folder in enumerate(shown) if folder not in known]
        stays = [folder for folder in self._shown if folder in present]
        if len(gone) + len(come) > _MOST_STEPS or stays != [folder for folder in shown if folder in known]:
            self.beginResetModel()
            self._shown = shown
            self._number()
            self.endResetModel()
        else:
            self._step(gone, come, shown)

    def _step(self, gone: Iterable[int], come: Iterable[int], shown: Sequence[Path]) -> None:
        """Take some rows away and add others, so that selection and what is being edited stay."""
        for row in sorted(gone, reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._shown[row]
            self._number()
            self.endRemoveRows()
        for row in sorted(come):
            self.beginInsertRows(QModelIndex(), row, row)
            self._shown.insert(row, shown[row])
            self._number()
            self.endInsertRows()

    def _number(self) -> None:
        self._rows = {folder: row for row, folder in enumerate(self._shown)}

    def filter(self, words: str) -> None:
        """Show only runs in which each of some words stands."""
        self._words = tuple(words.casefold().split())
        self._arrange(self._runs)

    def _passes(self, run: ListedRun) -> bool:
        if not self._words:
            return True
        told = self._differences.get((run.folder, self._before.get(run.folder, run.folder)), "")
        text = " ".join((run.run_id, moment_text(run.began), run.outcome, run.cause, run.note, told)).casefold()
        return all(word in text for word in self._words)

    def watch(self, folder: Path | None) -> None:
        """Mark the run that the window shows."""
        changed, self._watched = {self._watched, folder}, folder
        for each in changed:
            if each is not None:
                self._tell(each, Column.BEGAN, Column.DIFFERENCE)

    @property
    def runs(self) -> list[ListedRun]:
        """All runs, in no order, also those that do not pass the filter."""
        return list(self._runs.values())

    def run(self, row: int) -> ListedRun:
        """Return the run in a row."""
        return self._runs[self._shown[row]]

    def row_of(self, folder: Path) -> int:
        """Return the row of a run, -1 when it is not shown."""
        return self._rows.get(folder, -1)

    def before(self, folder: Path) -> Path | None:
        """Return the run that began before a run; None for the first one."""
        return self._before.get(folder)

    def tick(self) -> None:
        """Show anew how long the runs take that go on."""
        for folder, run in self._runs.items():
            if run.is_live:
                self._tell(folder, Column.DURATION, Column.DURATION)

    def _tell(self, folder: Path, first: Column, last: Column) -> None:
        row = self.row_of(folder)
        if row >= 0:
            self.dataChanged.emit(self.index(row, first), self.index(row, last))

    # -- differences, which are worked out elsewhere -----------------------------------------------------

    def take_wanted(self, most: int) -> list[tuple[Path, Path]]:
        """Return pairs of a run and the one before it whose differences are wanted, the latest to be asked for."""
        pairs = [pair for pair in reversed(self._wanted) if self._before.get(pair[0], pair[0]) == pair[1]][:most]
        for pair in pairs:
            del self._wanted[pair]
        if not pairs:
            self._wanted.clear()
        return pairs

    def set_differences(self, found: Mapping[tuple[Path, Path], str]) -> None:
        """Take in differences in words, by pairs of a run and the one before it."""
        self._differences.update(found)
        for folder, _ in found:
            self._tell(folder, Column.DIFFERENCE, Column.DIFFERENCE)

    def _difference(self, run: ListedRun) -> str:
        pair = run.folder, self._before.get(run.folder, run.folder)
        told = self._differences.get(pair)
        if told is None:
            self._wanted.pop(pair, None)
            self._wanted[pair] = None
            self.asked.emit()
        return told if told is not None else "…"

    # -- for Qt ------------------------------------------------------------------------------------------

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == Column.NOTE else flags

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run, column = self.run(index.row()), Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(run, column)
        if role == Qt.ItemDataRole.EditRole and column is Column.NOTE:
            return run.note
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(run, column)
        if role == Qt.ItemDataRole.FontRole and run.folder == self._watched:
            return self._bold()
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self._difference(run) if column is Column.DIFFERENCE else tool_tip(run)
            return plain_tool_tip(text)
        return None

    def setData(self, index: _AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run = self.run(index.row())
        if role != Qt.ItemDataRole.EditRole or index.column() != Column.NOTE or str(value).strip() == run.note:
            return False
        self.noted.emit(run.folder, str(value))
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = (Column(column), order)
        self._arrange(self._runs)

    def _text(self, run: ListedRun, column: Column) -> str:
        match column:
            case Column.BEGAN:
                return run.run_id if math.isnan(run.began) else short_moment(run.began)
            case Column.OUTCOME:
                return outcome_text(run.outcome)
            case Column.DURATION:
                return length_text(run, now())
            case Column.NOTE:
                return " ".join(run.note.split())
        return self._difference(run)

    def _colour(self, run: ListedRun, column: Column) -> QColor | None:
        theme = self._appearance.theme
        if column is Column.OUTCOME:
            colours = {
                Outcome.RUNNING: theme.accent,
                Outcome.DONE: theme.good,
                Outcome.FAILED: theme.danger,
                Outcome.CUT_SHORT: theme.warning,
            }
            return QColor(colours.get(run.outcome, theme.muted))
        if column is Column.DIFFERENCE and self._difference(run) in _quiet_words():
            return QColor(theme.muted)
        return None

    def _bold(self) -> QFont:
        font = QFont()
        font.setBold(True)
        return font

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (
            translate("Runs", "Began"),
            translate("Runs", "Outcome"),
            translate("Runs", "Duration"),
            translate("Runs", "Changed since the run before"),
            translate("Runs", "Note"),
        )[section]


def _quiet_words() -> tuple[str, ...]:
    return ("…", translate("Runs", "the same"), translate("Runs", "the first run"))


def _beginning(run: ListedRun) -> tuple[float, str]:
    return run.placed, run.run_id


def _length(run: ListedRun) -> float:
    duration = run.duration(now())
    return -1.0 if math.isnan(duration) else duration


_KEYS: dict[Column, Callable[[ListedRun], Any]] = {
    Column.BEGAN: _beginning,
    Column.OUTCOME: lambda run: str(run.outcome),
    Column.DURATION: _length,
    Column.NOTE: lambda run: run.note.casefold(),
    Column.DIFFERENCE: _beginning,
}

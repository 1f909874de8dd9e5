"""The log as Qt's tables take it: the lines that are kept, and of those the ones that pass the filter."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import islice
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from nepi_gui.appearance import Appearance
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.log_bridge import MOST_LINES, LogLine
from nepi_gui.panels.names import without_name
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

STATES = "states"
"""The topic of lines that tell which state a resource has come to."""

_MOST_LATE = 1_000  # lines that may have come before one that is older; the order of further ones is not mended


class Column(IntEnum):
    """A column of the table."""

    TIME = 0
    LEVEL = 1
    RESOURCE = 2
    TEXT = 3


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines are shown.

    Attributes:
        level: the lowest, as of `logging`.
        guids: resources that they are about; None for all, and what is about none.
        words: casefolded; each has to stand in the line.
        has_states: also those that tell of states.
    """

    level: int = logging.INFO
    guids: Collection[int] | None = None
    words: tuple[str, ...] = ()
    has_states: bool = True

    def passes(self, line: LogLine) -> bool:
        """Tell whether a line is shown, as far as its words do not matter."""
        is_wanted = line.level >= self.level and (self.guids is None or line.guid in self.guids)
        return is_wanted and (self.has_states or line.topic != STATES)


class LogModel(QAbstractTableModel):
    """The last lines, filtered.

    Args:
        name_of: tells what a resource is called; "" for none.
        most: how many lines are kept; `MOST_LINES` when it is not given.
    """

    def __init__(
        self, name_of: Callable[[int], str], appearance: Appearance, parent: QObject, most: int | None = None
    ) -> None:
        super().__init__(parent)
        self._most = most or MOST_LINES
        self._moment: float | None = None
        self._name_of = name_of
        self._appearance = appearance
        self._filter = LogFilter()
        self._kept: deque[LogLine] = deque()
        self._texts: deque[str] = deque()  # of the lines that are kept, casefolded
        self._shown: list[LogLine] = []

    @property
    def kept(self) -> int:
        """How many lines are kept, shown or not."""
        return len(self._kept)

    def line(self, row: int) -> LogLine:
        """Return what stands in a row."""
        return self._shown[row]

    def take(self, lines: Iterable[LogLine]) -> None:
        """Add lines, which stand in the order of their times; the oldest go when there are too many."""
        new = list(lines)[-self._most :]
        if new and self._kept and new[0].time < self._kept[-1].time:
            new = sorted([*self._take_back(new[0].time), *new], key=attrgetter("time"))
        texts = [f"{line.topic} {line.text}".casefold() for line in new]
        self._drop(len(self._kept) + len(new) - self._most)
        self._kept.extend(new)
        self._texts.extend(texts)
        passing = self._passing(new, texts)
        if passing:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(passing) - 1)
            self._shown.extend(passing)
            self.endInsertRows()

    def _take_back(self, time: float) -> list[LogLine]:
        """Forget the last lines, as far as they are of later than a time, and return them."""
        later: list[LogLine] = []
        while self._kept and self._kept[-1].time > time and len(later) < _MOST_LATE:
            later.append(self._kept.pop())
            self._texts.pop()
        back = {id(line) for line in later}
        shown = next((row for row in range(len(self._shown), 0, -1) if id(self._shown[row - 1]) not in back), 0)
        if shown < len(self._shown):
            self.beginRemoveRows(QModelIndex(), shown, len(self._shown) - 1)
            del self._shown[shown:]
            self.endRemoveRows()
        return later[::-1]

    def _drop(self, number: int) -> None:
        if number <= 0:
            return
        gone = {id(line) for line in islice(self._kept, number)}
        shown = next((row for row, line in enumerate(self._shown) if id(line) not in gone), len(self._shown))
        if shown:
            self.beginRemoveRows(QModelIndex(), 0, shown - 1)
            del self._shown[:shown]
            self.endRemoveRows()
        for _ in range(number):
            self._kept.popleft()
            self._texts.popleft()

    def clear(self) -> None:
        """Forget all lines."""
        self.beginResetModel()
        self._kept.clear()
        self._texts.clear()
        self._shown = []
        self.endResetModel()

    def set_filter(self, wanted: LogFilter) -> None:
        """Show other lines."""
        if wanted != self._filter:
            self.beginResetModel()
            self._filter = wanted
            self._shown = self._passing(self._kept, self._texts)
            self.endResetModel()

    def _passing(self, lines: Iterable[LogLine], texts: Iterable[str]) -> list[LogLine]:
        passes, words = self._filter.passes, self._filter.words
        if not words:
            return [line for line in lines if passes(line)]
        names, (first, *rest) = _Names(self._name_of), words
        return [  # the first word alone leaves most lines out, and costs least
            line
            for line, text in zip(lines, texts, strict=True)
            if (first in text or first in names[line.guid])
            and passes(line)
            and (not rest or all(word in text or word in names[line.guid] for word in rest))
        ]

    def set_moment(self, moment: float | None) -> None:
        """Dim the lines after a moment (seconds since 1970); None for none. The view is to be painted again."""
        self._moment = moment

    def row_at(self, moment: float) -> int:
        """Return the row of the last line until a moment, -1 when there is none."""
        return bisect_right(self._shown, moment, key=attrgetter("time")) - 1

    def text(self, rows: Iterable[int]) -> str:
        """Return rows as text, with all lines of messages that have several."""
        told = []
        for line in (self._shown[row] for row in rows):
            name = self._name_of(line.guid) or line.topic
            told.append(f"{_clock(line.time)}  {level_word(line.level)}  {name}  {line.text}\n")
        return "".join(told)

    # -- for Qt ----------------------------------------------------------------------------------------

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, column = self._shown[index.row()], Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(line, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(line, column)
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.TEXT:
            return plain_tool_tip(line.text)
        if role == Qt.ItemDataRole.ToolTipRole and column is Column.RESOURCE and self._name_of(line.guid):
            return translate("Log", "Click to see it on the canvas")
        return None

    def _text(self, line: LogLine, column: Column) -> str:
        match column:
            case Column.TIME:
                return _clock(line.time)
            case Column.LEVEL:
                return level_word(line.level)
            case Column.RESOURCE:
                return self._name_of(line.guid) or line.topic
        return without_name(line.text, line.guid).partition("\n")[0]

    def _colour(self, line: LogLine, column: Column) -> QColor | None:
        theme = self._appearance.theme
        if self._moment is not None and line.time > self._moment:
            return QColor(theme.line)
        if column is Column.RESOURCE:
            return QColor(theme.accent if self._name_of(line.guid) else theme.muted)
        if line.level >= logging.WARNING and column is not Column.TIME:
            return QColor(theme.danger if line.level >= logging.ERROR else theme.warning)
        return QColor(theme.muted) if column is not Column.TEXT or line.level < logging.INFO else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (
            translate("Log", "Time"),
            translate("Log", "Level"),
            translate("Log", "Resource"),
            translate("Log", "Message"),
        )[section]


class _Names(dict[int, str]):
    """Names of resources, casefolded, each asked for once."""

    def __init__(self, name_of: Callable[[int], str]) -> None:
        super().__init__()
        self._name_of = name_of

    def __missing__(self, guid: int) -> str:
        self[guid] = name = self._name_of(guid).casefold()
        return name


def level_word(level: int) -> str:
    """Return what a level of `logging` is called."""
    if level >= logging.ERROR:
        return translate("Log", "Error")
    if level >= logging.WARNING:
        return translate("Log", "Warning")
    return translate("Log", "Info") if level >= logging.INFO else translate("Log", "Detail")


def _clock(time: float) -> str:
    return datetime.fromtimestamp(time).isoformat(sep=" ", timespec="milliseconds")[11:]

"""Protocols and conversations of a capture as Qt's tables take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nepi_gui.captures.tally import Conversation, Count, Summary
from nepi_gui.number_text import number_text, number_with_unit
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

SORTED_BY = Qt.ItemDataRole.UserRole
"""The role of what a column is sorted by."""

Cell = tuple[str, object]
"""What a cell shows, and what it is sorted by."""


class CountsModel(QAbstractTableModel):
    """A table of texts and numbers that is replaced as a whole."""

    def __init__(self, titles: Sequence[str], numbers_from: int, parent: QObject) -> None:
        super().__init__(parent)
        self._titles = titles
        self._numbers_from = numbers_from
        self._rows: list[list[Cell]] = []

    def show(self, rows: list[list[Cell]]) -> None:
        """Show other rows; those that were there before keep being chosen, by their number."""
        before, now = len(self._rows), len(rows)
        if now > before:
            self.beginInsertRows(_NOWHERE, before, now - 1)
            self._rows = rows
            self.endInsertRows()
        elif now < before:
            self.beginRemoveRows(_NOWHERE, now, before - 1)
            self._rows = rows
            self.endRemoveRows()
        else:
            self._rows = rows
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(now - 1, len(self._titles) - 1))

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(self._titles)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._rows[index.row()][index.column()][0]
        if role == SORTED_BY:
            return self._rows[index.row()][index.column()][1]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= self._numbers_from:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return self._titles[section]


def protocols_model(parent: QObject) -> CountsModel:
    """Return an empty table of protocols."""
    titles = (translate("Captures", "Protocol"), translate("Captures", "Packets"), translate("Captures", "Bytes"))
    return CountsModel(titles, 1, parent)


def conversations_model(parent: QObject) -> CountsModel:
    """Return an empty table of conversations."""
    titles = (
        translate("Captures", "Protocol"),
        translate("Captures", "From"),
        translate("Captures", "To"),
        translate("Captures", "Packets →"),
        translate("Captures", "Bytes →"),
        translate("Captures", "Packets ←"),
        translate("Captures", "Bytes ←"),
        translate("Captures", "Begin"),
        translate("Captures", "Duration"),
    )
    return CountsModel(titles, 3, parent)


def protocol_rows(summary: Summary) -> list[list[Cell]]:
    """Return the rows for the protocols of a capture, each below the one that it is in."""
    indent = "\u2003"
    return [[(indent * (len(names) - 1) + names[-1], names), *_counts(count)] for names, count in summary.protocols]


def conversation_rows(summary: Summary) -> list[list[Cell]]:
    """Return the rows for the conversations of a capture."""
    return [_conversation(each, summary.begin) for each in summary.conversations]


def _conversation(talk: Conversation, began: float) -> list[Cell]:
    begin, duration = max(0.0, talk.begin - began), max(0.0, talk.end - talk.begin)
    return [
        (talk.protocol, talk.protocol),
        (_place(talk.first, talk.first_port), (talk.first, talk.first_port)),
        (_place(talk.second, talk.second_port), (talk.second, talk.second_port)),
        *_counts(talk.there),
        *_counts(talk.back),
        (f"{begin:.3f} s", begin),
        (f"{duration:.3f} s", duration),
    ]


def _place(address: str, port: int) -> str:
    if not port:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _counts(count: Count) -> list[Cell]:
    return [(f"{count.packets:,}", count.packets), (number_with_unit(count.bytes, "B"), count.bytes)]


def summary_text(summary: Summary) -> str:
    """Return a capture in one line, such as "1,204 packets, 1.3 MB in 12.1 s (860 kbit/s)"."""
    duration = summary.end - summary.begin
    text = translate("Captures", "{0} packets, {1}").format(
        f"{summary.packets:,}", number_with_unit(summary.bytes, "B")
    )
    if duration > 0:
        rate = number_with_unit(8 * summary.bytes / duration, "bit/s")
        text += translate("Captures", " in {0} s ({1})").format(number_text(duration), rate)
    return text

"""All differences between the experiment of a run and another one, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nepi_core.description import ExperimentDescription
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.runs.words import content_text, resource_text, what_text
from nepi_gui.runs.descriptions import Descriptions
from nepi_gui.runs.differences import Difference
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """A column of the table."""

    RESOURCE = 0
    WHAT = 1
    THEN = 2
    NOW = 3


class Row(NamedTuple):
    """A difference in words."""

    guid: int
    texts: tuple[str, str, str, str]


def rows_between(descriptions: Descriptions, then: Path, now: Path) -> list[Row] | None:
    """Return what differs between two runs; None when the experiment of one is missing or damaged."""
    found, before, after = descriptions.between(then, now), descriptions.of(then), descriptions.of(now)
    return _rows(found, before, after) if found is not None and before and after else None


def rows_against(descriptions: Descriptions, then: Path, now: ExperimentDescription) -> list[Row] | None:
    """Return what differs between a run and the present experiment; None when that of the run is missing or damaged."""
    found, before = descriptions.against(then, now), descriptions.of(then)
    return _rows(found, before, now) if found is not None and before else None


def _rows(found: Sequence[Difference], then: ExperimentDescription, now: ExperimentDescription) -> list[Row]:
    return [
        Row(
            each.guid,
            (
                resource_text(each),
                what_text(each),
                content_text(each, each.then, then),
                content_text(each, each.now, now),
            ),
        )
        for each in found
    ]


class DifferenceModel(QAbstractTableModel):
    """Differences in rows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """List these instead of others."""
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def guid(self, row: int) -> int:
        """Return the resource that a row is about, 0 for the experiment."""
        return self._rows[row].guid

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        text = self._rows[index.row()].texts[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return " ".join(text.split())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(text)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (
            translate("Runs", "Resource"),
            translate("Runs", "What"),
            translate("Runs", "Then"),
            translate("Runs", "Now"),
        )[section]

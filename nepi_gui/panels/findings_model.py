"""The findings as Qt's tables take them, and how they are told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nepi_core.loading import Finding, Severity
from nepi_gui import icons
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.panels.names import without_name
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """A column of the table."""

    SEVERITY = 0
    RESOURCE = 1
    ATTRIBUTE = 2
    MESSAGE = 3


class FindingsModel(QAbstractTableModel):
    """Findings in rows.

    Args:
        name_of: tells what a resource is called; "" for none.
    """

    def __init__(self, name_of: Callable[[int], str], parent: QObject) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._findings: Sequence[Finding] = ()

    def show(self, findings: Sequence[Finding]) -> None:
        """List these instead of others."""
        self.beginResetModel()
        self._findings = findings
        self.endResetModel()

    def finding(self, row: int) -> Finding:
        """Return what stands in a row."""
        return self._findings[row]

    def row_of(self, finding: Finding) -> int:
        """Return the row of a finding, -1 when it is not listed."""
        return next((row for row, each in enumerate(self._findings) if each == finding), -1)

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._findings)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        finding, column = self._findings[index.row()], Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(finding, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(finding.message)
        if role == Qt.ItemDataRole.DecorationRole and column is Column.SEVERITY:
            return icons.icon("error" if is_error(finding) else "warning")
        return None

    def _text(self, finding: Finding, column: Column) -> str:
        match column:
            case Column.SEVERITY:
                error, warning = translate("Findings", "Error"), translate("Findings", "Warning")
                return error if is_error(finding) else warning
            case Column.RESOURCE:
                return self._name_of(finding.guid) or translate("Findings", "Experiment")
            case Column.ATTRIBUTE:
                return finding.attribute
        return " ".join(without_name(finding.message, finding.guid).split())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (
            translate("Findings", "Kind"),
            translate("Findings", "Resource"),
            translate("Findings", "Attribute"),
            translate("Findings", "What is wrong"),
        )[section]


def is_error(finding: Finding) -> bool:
    """Tell whether a finding keeps the experiment from being deployed."""
    return finding.severity is not Severity.WARNING


def count(findings: Iterable[Finding]) -> tuple[int, int]:
    """Return the numbers of errors and of warnings."""
    kinds = [is_error(each) for each in findings]
    return sum(kinds), len(kinds) - sum(kinds)


def summary(findings: Iterable[Finding]) -> str:
    """Return how much was found, such as "2 errors, 1 warning"; "" for nothing."""
    errors, warnings = count(findings)
    parts = []
    if errors:
        one, several = translate("Findings", "1 error"), translate("Findings", "{0} errors")
        parts.append(one if errors == 1 else several.format(errors))
    if warnings:
        one, several = translate("Findings", "1 warning"), translate("Findings", "{0} warnings")
        parts.append(one if warnings == 1 else several.format(warnings))
    return ", ".join(parts)

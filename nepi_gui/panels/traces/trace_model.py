"""The traces of a run as Qt's trees take them: resources, and below each its traces with their sizes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication

from nepi_gui import icons
from nepi_gui.canvas.items import plain_tool_tip
from nepi_gui.number_text import number_with_unit
from nepi_gui.panels.traces.trace_files import TraceFile, size_of
from nepi_gui.translation import translate

_AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROOM = 8


class Column(IntEnum):
    """A column of the tree."""

    NAME = 0
    SIZE = 1


class Group(NamedTuple):
    """A resource with its traces."""

    guid: int
    name: str
    files: tuple[TraceFile, ...]


class TraceModel(QAbstractItemModel):
    """Lists traces; sizes are looked up for what is painted."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._groups: Sequence[Group] = ()
        self._row_size = QSize(0, QFontMetrics(QGuiApplication.font()).height() + _ROOM)

    @property
    def groups(self) -> Sequence[Group]:
        """What is listed."""
        return self._groups

    def show(self, groups: Sequence[Group]) -> bool:
        """List these; tell whether they are others than before, so that indexes do not hold any more."""
        if groups == self._groups:
            sizes = self.index(0, Column.SIZE), self.index(len(groups) - 1, Column.SIZE)
            if groups:
                self.dataChanged.emit(*sizes)  # Qt's views paint all that they show when a range has changed
            return False
        self.beginResetModel()
        self._groups = groups
        self.endResetModel()
        return True

    def file(self, index: _AnyIndex) -> TraceFile | None:
        """Return the trace in a row; None for that of a resource."""
        if not index.isValid() or not index.internalId():
            return None
        return self._groups[index.internalId() - 1].files[index.row()]

    def group(self, index: _AnyIndex) -> Group | None:
        """Return the resource of a row."""
        if not index.isValid():
            return None
        return self._groups[(index.internalId() or index.row() + 1) - 1]

    def index_of(self, path: Path | None) -> QModelIndex:
        """Return where a trace is listed; an invalid index when it is not."""
        for number, group in enumerate(self._groups):
            for row, file in enumerate(group.files):
                if file.path == path:
                    return self.createIndex(row, 0, number + 1)
        return QModelIndex()

    # -- for Qt ----------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: _AnyIndex = _NOWHERE) -> QModelIndex:
        if row < 0 or row >= self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: _AnyIndex) -> QModelIndex:  # type: ignore[override]  # QObject has another one of the name
        if not index.isValid() or not index.internalId():
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        if not parent.isValid():
            return len(self._groups)
        return 0 if parent.internalId() or parent.column() else len(self._groups[parent.row()].files)

    def columnCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return len(Column)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        group, file = self.group(index), self.file(index)
        if group is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if index.column() == Column.NAME:
                return file.name if file else group.name
            sizes = [size_of(each.path) for each in ([file] if file else group.files)]
            return number_with_unit(sum(sizes), "B")
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(str(file.path) if file else group.name)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == Column.SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.SizeHintRole:
            return self._row_size
        if role == Qt.ItemDataRole.DecorationRole and index.column() == Column.NAME and file:
            return icons.icon("capture" if "cap" in file.path.suffix else "log")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (translate("Traces", "Trace"), translate("Traces", "Size"))[section]


def grouped(
    found: Mapping[int, Sequence[TraceFile]],
    name_of: Callable[[int], str],
    guids: Collection[int] | None = None,
    words: Sequence[str] = (),
) -> list[Group]:
    """Return the traces that are wanted, by resource.

    Args:
        found: all traces.
        name_of: tells what a resource is called.
        guids: of these resources; None for all.
        words: casefolded; each has to stand in the name of the resource or the trace.
    """
    groups = []
    for guid, files in found.items():
        if guids is not None and guid not in guids:
            continue
        name = name_of(guid) or (translate("Traces", "Resource {0}").format(guid) if guid else "…")
        chosen = [each for each in files if all(word in f"{name} {each.name}".casefold() for word in words)]
        if chosen:
            groups.append(Group(guid, name, tuple(chosen)))
    return groups

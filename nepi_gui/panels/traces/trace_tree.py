"""The list of a run's traces: of what is selected or of all, found by words."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView, QWidget

from nepi_gui.panels.traces.trace_files import TraceFile, size_of
from nepi_gui.panels.traces.trace_model import Column, Group, TraceModel

_AnyIndex = QModelIndex | QPersistentModelIndex

_FEW = 30  # resources whose traces are all unfolded


def _bytes(file: TraceFile) -> int:
    return size_of(file.path)


class TraceTree(QTreeView):
    """Resources, and below each its traces.

    Signals:
        chosen: with a `TraceFile` that the user wants to see.
        confirmed: with the guid of a resource that was double clicked, or on which Enter was pressed.
    """

    chosen = Signal(object)
    confirmed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.traces = TraceModel(self)
        self.setModel(self.traces)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Traces"))
        self.setUniformRowHeights(True)
        self.setIndentation(12)
        self.setExpandsOnDoubleClick(False)
        self.setHeaderHidden(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.SIZE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(Column.SIZE, self.fontMetrics().horizontalAdvance("1,023.4 MB") + 12)
        self.activated.connect(self._confirm)
        self._unfolded: set[int] = set()
        self._is_changing = False
        self.expanded.connect(self._note_unfolded)
        self.collapsed.connect(self._note_folded)

    def show_groups(self, groups: list[Group], shown: Path | None) -> None:
        """List these; the trace that is shown stays the present one."""
        self._is_changing = True
        if self.traces.show(groups):
            for row, group in enumerate(groups):
                if len(groups) <= _FEW or group.guid in self._unfolded:
                    self.expand(self.traces.index(row, 0))
            self.mark(shown)
        self._is_changing = False

    def mark(self, path: Path | None) -> None:
        """Have a trace be the present one, without telling."""
        was_changing, self._is_changing = self._is_changing, True
        self.setCurrentIndex(self.traces.index_of(path))
        self._is_changing = was_changing

    def first(self, guids: Collection[int] = ()) -> TraceFile | None:
        """Return the trace that most want to see first, of some resources if they have any."""
        groups = [each for each in self.traces.groups if each.guid in guids] or self.traces.groups
        if not groups:
            return None
        files = groups[0].files
        return next((each for each in files if each.name == "stdout"), max(files, key=_bytes))

    def currentChanged(self, current: _AnyIndex, previous: _AnyIndex) -> None:
        super().currentChanged(current, previous)
        file = self.traces.file(current)
        if file is not None and not self._is_changing:
            self.chosen.emit(file)

    def _confirm(self, index: QModelIndex) -> None:
        group = self.traces.group(index)
        if group is None:
            return
        if self.traces.file(index) is None and not self.isExpanded(index):
            self.expand(index)
        self.confirmed.emit(group.guid)

    def _note_unfolded(self, index: QModelIndex) -> None:
        if not self._is_changing and (group := self.traces.group(index)):
            self._unfolded.add(group.guid)

    def _note_folded(self, index: QModelIndex) -> None:
        if not self._is_changing and (group := self.traces.group(index)):
            self._unfolded.discard(group.guid)

    def sizeHintForColumn(self, column: int) -> int:
        return self.columnWidth(column)  # Qt would look at every size

"""The list of all series at the left of the plots, with a field to find some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLineEdit, QTreeView, QVBoxLayout, QWidget

from nepi_gui.plots.series import SeriesInfo, SeriesKey
from nepi_gui.plots.tree_model import Role, SeriesModel

_INDENT = 14
_VALUE_WIDTH = 104
_UNFOLDED = 40  # series up to which all is open at first


class SeriesTree(QWidget):
    """Lists series.

    Signals:
        chosen: series are to be plotted, as keys: Return, or a double click.
        asked: the menu is to open for some, as keys, at a point of the screen.

    Attributes:
        search: what is typed here is looked for.
        list: the entries.
    """

    chosen = Signal(object)
    asked = Signal(object, QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search series"))
        self.search.setAccessibleName(self.tr("Search series"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self._model = SeriesModel(self)
        self._fitting = QSortFilterProxyModel(self)
        self._fitting.setSourceModel(self._model)
        self._fitting.setRecursiveFilteringEnabled(True)
        self._fitting.setAutoAcceptChildRows(True)
        self._fitting.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QTreeView(self)
        self._prepare(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 0, 6)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self._filter)

    def _prepare(self, tree: QTreeView) -> None:
        tree.setModel(self._fitting)
        tree.setAccessibleName(self.tr("Series of the run"))
        tree.setHeaderHidden(True)
        tree.setIndentation(_INDENT)
        tree.setFrameShape(QFrame.Shape.NoFrame)
        tree.setUniformRowHeights(True)
        tree.setDragEnabled(True)
        tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setExpandsOnDoubleClick(False)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._ask)
        tree.doubleClicked.connect(self._choose)
        tree.installEventFilter(self)

    def show_series(
        self, series: Iterable[SeriesInfo], icon_of: Callable[[int], str], last_value: Callable[[SeriesKey], float]
    ) -> None:
        """List other series; see `SeriesModel.show`."""
        listed = list(series)
        opened = self._opened()
        self._model.show(listed, icon_of, last_value)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, _VALUE_WIDTH)
        if len(listed) <= _UNFOLDED or self.search.text():
            self.list.expandAll()
        else:
            self._open_again(opened)

    def _opened(self) -> set[object]:
        """Return what is unfolded, by its series' resources and traces."""
        return {_branch(index) for index in self._branches() if self.list.isExpanded(index)}

    def _open_again(self, opened: set[object]) -> None:
        for index in self._branches() if opened else ():
            if _branch(index) in opened:
                self.list.expand(index)

    def _branches(self) -> Iterator[QModelIndex]:
        """Yield resources and, where they are unfolded, their traces."""
        for row in range(self._fitting.rowCount()):
            heading = self._fitting.index(row, 0)
            yield heading
            if self.list.isExpanded(heading):
                for below in range(self._fitting.rowCount(heading)):
                    yield self._fitting.index(below, 0, heading)

    def show_values(self) -> None:
        """Show the last values anew, of what is seen."""
        self.list.viewport().update()

    def keys(self) -> list[SeriesKey]:
        """Return what is selected."""
        rows = self.list.selectionModel().selectedRows()
        return list(dict.fromkeys(SeriesKey(*key) for row in rows for key in row.data(Role.KEYS) or ()))

    def _filter(self, text: str) -> None:
        self._fitting.setFilterFixedString(text.strip())
        if text.strip():
            self.list.expandAll()

    def _choose(self, index: QModelIndex) -> None:
        keys = index.siblingAtColumn(0).data(Role.KEYS)
        if keys and index.siblingAtColumn(0).data(Role.INFO) is not None:
            self.chosen.emit([SeriesKey(*key) for key in keys])
        else:
            self.list.setExpanded(index.siblingAtColumn(0), not self.list.isExpanded(index.siblingAtColumn(0)))

    def _ask(self, place: QPoint) -> None:
        if keys := self.keys():
            self.asked.emit(keys, self.list.viewport().mapToGlobal(place))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if watched is self.search and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self.list.setFocus()
                return True
            if watched is self.search and event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
            if watched is self.list and is_return and self.keys():
                self.chosen.emit(self.keys())
                return True
        return super().eventFilter(watched, event)


def _branch(index: QModelIndex) -> object:
    """Return what a resource or a trace of the list is told by: its depth, guid and trace."""
    guid, trace, _ = index.data(Role.KEYS)[0]
    return (guid, trace) if index.parent().isValid() else guid

"""What the run that is watched has logged, or the program itself, filtered by level, resource and words."""

from __future__ import annotations

import logging
from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_gui import icons
from nepi_gui.editor import Editor
from nepi_gui.panels.log_bridge import LogBridge
from nepi_gui.panels.log_model import Column, LogFilter, LogModel, level_word
from nepi_gui.panels.names import name_in
from nepi_gui.panels.row_table import RowTable
from nepi_gui.panels.run_log import RunLog
from nepi_gui.panels.run_names import RunNames
from nepi_gui.watching.watched_run import WatchedRun

_WIDTHS = (14, 9, 18)  # letters
_STATES = "log/states"
_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)


class LogPanel(QWidget):
    """Shows the log; what is logged while it is hidden waits."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._run: WatchedRun | None = None
        self._names = RunNames(None)
        self._only = 0  # the resource that alone is shown; 0 for none
        self._is_scrolling = False
        self.bridge = LogBridge(self)
        self.model = LogModel(partial(name_in, editor.document), editor.appearance, self)
        self.run_log = RunLog(self._name_in_run, editor.appearance, self)
        self.table = _LogTable(self.model, self)
        self.source = self._make_source()
        self.levels = self._make_levels()
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Words"))
        self.words.setAccessibleName(self.tr("Words that have to be in the line"))
        self.words.setClearButtonEnabled(True)
        tip = self.tr("Only what is about the selected resources")
        self.selected = self._switch("filter", tip, self.tr("Selected only"))
        self.states = self._switch("eye", self.tr("Also which states resources have come to"), self.tr("States"))
        self.states.setChecked(editor.settings.is_on(_STATES, True))
        self.states.hide()
        self.only = self._button("close", self.tr("Show what is about other resources, too"))
        self.only.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.only.hide()
        self.follow = self._switch("align-bottom", self.tr("Follow: keep the last line in view"))
        self.follow.setChecked(True)
        self.copying = self._button("copy", self.tr("Copy the chosen lines, or all that are shown"))
        self.clearing = self._button("delete", self.tr("Forget all lines"))
        self._nothing = QLabel(self)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._nothing)
        self._lay_out()
        self._listen()
        self.setFocusProxy(self.table)
        self._show_page()

    def _make_levels(self) -> QComboBox:
        levels = QComboBox(self)
        levels.setAccessibleName(self.tr("Lowest level"))
        levels.setToolTip(self.tr("Lowest level that is shown"))
        for level in _LEVELS:
            levels.addItem(level_word(level), level)
        levels.setCurrentIndex(_LEVELS.index(logging.INFO))
        return levels

    def _make_source(self) -> QComboBox:
        source = QComboBox(self)
        source.setAccessibleName(self.tr("Whose log"))
        source.addItem(self.tr("Run"), True)
        source.addItem(self.tr("Program"), False)
        source.setToolTip(self.tr("The log of the run that is watched, or of this window"))
        source.setCurrentIndex(1)
        source.hide()
        return source

    def _button(self, icon: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(icon))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _switch(self, icon: str, tip: str, text: str = "") -> QToolButton:
        switch = self._button(icon, tip)
        switch.setCheckable(True)
        switch.setText(text)
        styles = Qt.ToolButtonStyle
        switch.setToolButtonStyle(styles.ToolButtonTextBesideIcon if text else styles.ToolButtonIconOnly)
        return switch

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        for each in (self.source, self.levels, self.states, self.selected, self.only):
            bar.addWidget(each)
        bar.addWidget(self.words, 1)
        for button in (self.follow, self.copying, self.clearing):
            bar.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addLayout(bar)
        layout.addWidget(self._pages)

    def _listen(self) -> None:
        self.bridge.came.connect(self._take)
        self.levels.currentIndexChanged.connect(self._filter)
        self.words.textChanged.connect(self._filter)
        self.selected.toggled.connect(self._filter)
        self.states.toggled.connect(self._on_states)
        self.only.clicked.connect(self._show_others)
        self.source.currentIndexChanged.connect(self._on_source)
        self.run_log.came.connect(self._on_lines)
        self._editor.run_changed.connect(self._on_run)
        self._editor.selection.changed.connect(self._on_selection)
        self._editor.appearance.changed.connect(self.table.viewport().update)
        self.follow.toggled.connect(self._scroll)
        self.copying.clicked.connect(self.copy)
        self.clearing.clicked.connect(self.clear)
        self.table.clicked.connect(self._click)
        self.table.confirmed.connect(self._reveal)
        self.table.doubleClicked.connect(self._reveal)
        self.table.copied.connect(self.copy)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scroll)

    # -- what is shown -----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take()
        self.run_log.read()
        self._filter()

    @property
    def shown(self) -> LogModel:
        """The lines of the log that is shown: the run's or the program's."""
        return self.run_log.model if self.source.currentData() else self.model

    def _take(self) -> None:
        if not self.isVisible():
            return
        if lines := self.bridge.take():
            self._is_scrolling = True
            self.model.take(lines)
            self._is_scrolling = False
            self._on_lines()

    def _on_lines(self) -> None:
        self._show_page()
        self._scroll()

    def _filter(self) -> None:
        level = _LEVELS[self.levels.currentIndex()]
        if self.shown is self.model:
            self.bridge.want(level)
        guids = frozenset(self._editor.selection.guids) if self.selected.isChecked() else None
        if self._only:
            guids = frozenset((self._only,))
        self._is_scrolling = True
        words = tuple(self.words.text().casefold().split())
        self.shown.set_filter(LogFilter(level, guids, words, self.states.isChecked()))
        self._is_scrolling = False
        self._on_lines()

    def _on_selection(self) -> None:
        if self.selected.isChecked() and self.isVisible():
            self._filter()

    def _on_states(self, is_on: bool) -> None:
        self._editor.settings.keep(_STATES, is_on)
        self._filter()

    def _show_page(self) -> None:
        if self.shown.rowCount():
            self._pages.setCurrentWidget(self.table)
            return
        is_program = self.shown is self.model
        nothing = self.tr("Nothing was logged so far.") if is_program else self.tr("The run has logged nothing so far.")
        told = self.tr("No line passes the filter.") if self.shown.kept else nothing
        self._nothing.setText(told)
        self._pages.setCurrentWidget(self._nothing)

    # -- the run ---------------------------------------------------------------------------------------

    def _on_run(self) -> None:
        self._run = run = self._editor.run
        self._names = RunNames(run)
        self.run_log.watch(run)
        if run is not None:
            run.grew.connect(self._on_growth)
            run.happened.connect(self._read_on)
            run.moment_changed.connect(self._on_moment)
        self._only = 0 if run is None else self._only
        self.source.setVisible(run is not None)
        self.source.setCurrentIndex(self.source.findData(run is not None))
        self._show_only()
        self._read_on()

    def _on_growth(self) -> None:
        self._names.expect_news()
        self._read_on()

    def _read_on(self) -> None:
        if self.isVisible():
            self.run_log.read()

    def _on_moment(self) -> None:
        if self._run is None:
            return
        self.run_log.model.set_moment(self._run.moment)
        self.table.viewport().update()
        self._scroll()

    def _on_source(self) -> None:
        """Show the other log."""
        self.table.setModel(self.shown)
        self.table.set_widths(*_WIDTHS)
        self.clearing.setVisible(self.shown is self.model)
        self.states.setVisible(self.shown is not self.model)
        self._filter()

    def _name_in_run(self, guid: int) -> str:
        return self._names(guid)

    def show_log_of(self, guid: int) -> None:
        """Show nothing but what is about a resource."""
        self._only = guid
        self.selected.setChecked(False)
        self.words.clear()
        self._show_only()

    def _show_others(self) -> None:
        self._only = 0
        self._show_only()

    def _show_only(self) -> None:
        name = self._names(self._only) or name_in(self._editor.document, self._only)
        self.only.setText(name)
        self.only.setVisible(bool(self._only))
        self._filter()

    # -- following ---------------------------------------------------------------------------------------

    def _scroll(self) -> None:
        moment = self._run.moment if self._run is not None and self.shown is self.run_log.model else None
        self._is_scrolling = True
        if moment is not None:
            self.table.scrollTo(self.shown.index(max(0, self.shown.row_at(moment)), 0))
        elif self.follow.isChecked():
            self.table.scrollToBottom()
        self._is_scrolling = False

    def _on_scroll(self, value: int) -> None:
        """Follow when the user has scrolled to the end, and not when elsewhere."""
        if not self._is_scrolling and self.table.isVisible():
            self.follow.setChecked(value == self.table.verticalScrollBar().maximum())

    # -- what can be done --------------------------------------------------------------------------------

    def copy(self) -> None:
        """Put the chosen lines on the clipboard, or all that are shown when none is chosen."""
        chosen = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText(self.shown.text(chosen or range(self.shown.rowCount())))

    def clear(self) -> None:
        """Forget all lines."""
        self.bridge.take()
        self.model.clear()
        self._show_page()

    def close_log(self) -> None:
        """Listen to the log no more."""
        self.bridge.close()

    def _click(self, index: QModelIndex) -> None:
        if index.column() == Column.RESOURCE:
            self._reveal(index)

    def _reveal(self, index: QModelIndex) -> None:
        guid = self.shown.line(index.row()).guid
        if guid in self._editor.document.description.resources:
            self._editor.reveal(guid)


class _LogTable(RowTable):
    """The lines.

    Signals:
        copied: the user has pressed the keys for copying.
    """

    copied = Signal()

    def __init__(self, model: LogModel, parent: QWidget) -> None:
        super().__init__(model, parent)
        self.setAccessibleName(self.tr("Log"))
        self.setSelectionMode(RowTable.SelectionMode.ExtendedSelection)
        self.set_widths(*_WIDTHS)
        self.setMouseTracking(True)

    def copy(self) -> None:
        self.copied.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_link = index.column() == Column.RESOURCE and bool(index.data(Qt.ItemDataRole.ToolTipRole))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

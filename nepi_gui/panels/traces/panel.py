"""The panel of a run's traces: their list, and the one that is chosen, as text or as a summary of packets."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_core.structure import shown_name
from nepi_gui import icons
from nepi_gui.editor import Editor
from nepi_gui.number_text import number_with_unit
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.panels.run_names import RunNames
from nepi_gui.panels.traces.capture_view import CaptureView
from nepi_gui.panels.traces.find_bar import FindBar
from nepi_gui.panels.traces.saving import TraceSaving
from nepi_gui.panels.traces.trace_bar import TraceBar
from nepi_gui.panels.traces.trace_files import TraceFile, TraceFolder, is_capture, size_of
from nepi_gui.panels.traces.trace_model import grouped
from nepi_gui.panels.traces.trace_text import TraceText
from nepi_gui.panels.traces.trace_tree import TraceTree

_PAUSE = 500  # ms between two looks at what grows: what is listed and what is shown then agree
_SELECTED, _WRAP = "traces/selected", "traces/wrap"


class TracesPanel(QWidget):
    """Shows the traces of the run that is watched.

    Signals:
        wireshark_wanted: with the path of a capture.
    """

    wireshark_wanted = Signal(object)

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._names = RunNames(None)
        self._file: TraceFile | None = None
        self._size_told = -1  # bytes of the trace that is shown; -1 for none
        self._folder: TraceFolder | None = None
        self._refreshing = Refreshing(self, self.refresh)
        self._looking = QTimer(self, singleShot=True, interval=_PAUSE)
        self._looking.timeout.connect(self._refreshing.soon)
        self.saving = TraceSaving(self)
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Filter"))
        self.words.setAccessibleName(self.tr("Words in the name of resource or trace"))
        self.words.setClearButtonEnabled(True)
        self.selected = QToolButton(self)
        self.selected.setIcon(icons.icon("filter"))
        self.selected.setAutoRaise(True)
        self.selected.setCheckable(True)
        self.selected.setChecked(editor.settings.is_on(_SELECTED, True))
        self.selected.setToolTip(self.tr("Only the traces of the selected resources, if any is selected"))
        self.selected.setAccessibleName(self.selected.toolTip())
        self.tree = TraceTree(self)
        self.bar = TraceBar(self)
        self.text = TraceText(self)
        self.find_bar = FindBar(self.text, self)
        self.capture = CaptureView(self)
        self.nothing = QLabel(self)
        self.nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self._pages = QStackedWidget(self)
        for page in (self.nothing, self.text, self.capture):
            self._pages.addWidget(page)
        self._lay_out()
        self._listen()
        self.setFocusProxy(self.tree)
        self.bar.show_kind(False, False)
        self.bar.wrap.setChecked(editor.settings.is_on(_WRAP))

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        filters.setContentsMargins(0, 0, 0, 0)
        filters.addWidget(self.selected)
        filters.addWidget(self.words)
        self._list, shown = QWidget(self), QWidget(self)
        for side, parts in ((self._list, (self.tree,)), (shown, (self.bar, self._pages, self.find_bar))):
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            if side is self._list:
                column.addLayout(filters)
            for part in parts:
                column.addWidget(part)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._list)
        splitter.addWidget(shown)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([260, 760])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(splitter)

    def _listen(self) -> None:
        self._editor.run_changed.connect(self._on_run)
        self._editor.selection.changed.connect(self._on_selection)
        self.selected.toggled.connect(self._on_filter)
        self.words.textChanged.connect(self._on_filter)
        self.tree.chosen.connect(self.show_trace)
        self.tree.confirmed.connect(self._editor.reveal)
        self.text.moved.connect(self._note_moved)
        self.capture.reader.counted.connect(self._look_soon)
        self.text.following_changed.connect(self._show_following)
        self.text.find_wanted.connect(self.find_bar.open)
        self.bar.follow.clicked.connect(self.text.follow)
        self.bar.wrap.toggled.connect(self._wrap)
        self.bar.finding.clicked.connect(self.find_bar.open)
        self.bar.wireshark.clicked.connect(self._want_wireshark)
        self.bar.open_outside.triggered.connect(self.open_outside)
        self.bar.show_folder.triggered.connect(self.show_folder)
        self.bar.copy_path.triggered.connect(self.copy_path)
        self.bar.save_as.triggered.connect(self.save_as)
        self.saving.done.connect(self._editor.tell)

    # -- the list --------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.soon()
        self.text.wake()
        self.capture.wake()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looking.stop()
        self.find_bar.stop()
        self.text.rest()
        self.capture.rest()

    def _on_run(self) -> None:
        run = self._editor.run
        self._names = RunNames(run)
        self._folder = TraceFolder(run.folder) if run is not None else None
        self.show_trace(None)
        if run is not None:
            run.grew.connect(self._on_growth)
        self._refreshing.soon()

    def _on_growth(self) -> None:
        self._names.expect_news()
        self._look_soon()

    def _note_moved(self) -> None:
        """Show at once where the user looks now; that the file has grown waits for the list to say so as well."""
        part = self.text.window_on
        is_news = part is not None and part.size != self._size_told
        if is_news:
            self._look_soon()
        if not is_news or not self.text.is_following or self.text.problem:
            self._show_part()

    def _look_soon(self) -> None:
        if self.isVisible() and not self._looking.isActive():
            self._looking.start()

    def _on_selection(self) -> None:
        if self.selected.isChecked():
            self._refreshing.soon()

    def _on_filter(self) -> None:
        self._editor.settings.keep(_SELECTED, self.selected.isChecked())
        self._refreshing.soon()

    def refresh(self) -> None:
        """List the traces that there are."""
        found = self._folder.traces() if self._folder is not None else {}
        guids = self._wanted(found) if self.selected.isChecked() else None
        words = self.words.text().casefold().split()
        groups = grouped(found, self._names, guids, words)
        shown = self._file.path if self._file is not None else None
        self.tree.show_groups(groups, shown)
        self._list.setVisible(self._folder is not None)
        if not self.tree.traces.index_of(shown).isValid():
            self.show_trace(self.tree.first() if groups and (guids or len(groups) == 1) else None)
        if self._file is None:
            self._tell(self._what_is_missing(bool(found), bool(groups)))
        else:
            self._show_part()

    def _wanted(self, found: Collection[int]) -> set[int] | None:
        """Return the selected resources, and what hangs at those that have no traces themselves; None for all."""
        chosen = set(self._editor.selection.guids)
        resources = self._editor.document.description.resources
        near = {each for guid in chosen - set(found) if guid in resources for each in resources[guid].connections}
        return (chosen | near) or None

    def _what_is_missing(self, has_traces: bool, has_listed: bool) -> str:
        if self._folder is None:
            return self.tr("No run is watched. What resources write while they run can be read here.")
        if not has_traces:
            return self.tr("No trace has been written so far.")
        if has_listed:
            return self.tr("Choose a trace on the left.")
        chosen = self._editor.selection.guids
        if len(chosen) == 1 and not self.words.text() and chosen[0] in self._editor.document.description.resources:
            name = shown_name(self._editor.document.description.resources[chosen[0]])
            return self.tr("{0} has written no trace.").format(name)
        return self.tr("No trace passes the filter.")

    # -- the trace -------------------------------------------------------------------------------------

    def show_trace(self, file: TraceFile | None) -> None:
        """Show a trace, or none."""
        if file is self._file and file is not None:
            return
        self._file = file
        is_packets = file is not None and is_capture(file.path)
        is_text = file is not None and not is_packets
        path = file.path if file is not None else None
        self.find_bar.stop()
        self.find_bar.setVisible(self.find_bar.isVisible() and is_text)
        self._pages.setCurrentWidget(self.text if is_text else self.capture if is_packets else self.nothing)
        self.text.show_file(path if is_text else None)
        self.capture.show_file(path if is_packets else None)
        if not self.isVisible():
            self.text.rest()
        self.bar.show_kind(is_text, is_packets)
        self.bar.title.setText(f"{self._names(file.guid)} · {file.name}" if file is not None else "")
        self.bar.title.setToolTip(str(path or ""))
        self.tree.mark(path)
        self._show_following()
        self._show_part()

    def show_traces_of(self, guid: int) -> None:
        """Show the first trace of a resource."""
        self._refreshing.catch_up()
        file = self.tree.first([guid])
        if file is not None:
            self.show_trace(file)

    def _tell(self, sentence: str) -> None:
        self.nothing.setText(sentence)
        self._pages.setCurrentWidget(self.nothing)

    def _show_part(self) -> None:
        """Say which part of the file is shown."""
        part = self.text.window_on
        self._size_told = part.size if part is not None else -1
        if part is None:
            self.bar.part.clear()
            return
        if self.text.problem and self.text.document().isEmpty():
            self._tell(self.text.problem)
            return
        self._pages.setCurrentWidget(self.text)
        size = number_with_unit(part.size, "B")
        told = size
        if part.begin > 0 or part.end < part.size:
            begin, end = number_with_unit(part.begin, "B"), number_with_unit(part.end, "B")
            told = self.tr("{0} to {1} of {2}").format(begin, end, size)
        if self.text.skipped and self.text.is_following:
            skipped = number_with_unit(self.text.skipped, "B")
            told = self.tr("too fast, {0} left out (scroll up to read it) · {1}").format(skipped, told)
        self.bar.part.setText(self.text.problem or told)

    def _show_following(self) -> None:
        self.bar.follow.setChecked(self.text.is_following)

    def _wrap(self, wanted: bool) -> None:
        modes = QPlainTextEdit.LineWrapMode
        self.text.setLineWrapMode(modes.WidgetWidth if wanted else modes.NoWrap)
        self._editor.settings.keep(_WRAP, wanted)

    # -- what can be done with it ----------------------------------------------------------------------

    def _want_wireshark(self) -> None:
        if self._file is not None:
            self.wireshark_wanted.emit(self._file.path)

    def open_outside(self) -> None:
        """Open the trace in the desktop's program for such files."""
        if self._file is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file.path))):
            self._editor.tell(self.tr("No program is known that opens {0}.").format(self._file.path))

    def show_folder(self) -> None:
        """Show the folder of the trace in the desktop's file manager."""
        if self._file is not None:
            folder = self._file.path.parent
            if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
                self._editor.tell(self.tr("No program is known that shows the folder {0}.").format(folder))

    def copy_path(self) -> None:
        """Put the path of the trace on the clipboard."""
        if self._file is not None:
            QGuiApplication.clipboard().setText(str(self._file.path))

    def save_as(self) -> None:
        """Save a copy of the trace where the user wants it."""
        if self._file is None:
            return
        target = self.ask_where(self._file)
        if target is not None:
            size = number_with_unit(size_of(self._file.path), "B")
            self._editor.tell(self.tr("Saving {0}…").format(size))
            self.saving.save(self._file.path, target)

    def ask_where(self, file: TraceFile) -> Path | None:
        """Ask where to save a copy of a trace; tests put an answer in its place."""
        name = f"{self._names(file.guid) or file.guid}.{file.name}".replace("/", "_")
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the trace as"), name)
        return Path(chosen) if chosen else None

    def close_traces(self) -> None:
        """End what goes on beside the window."""
        self.saving.close()
        self.capture.rest()
        self.text.rest()

"""Lists the runs of the experiment, and what differed between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nepi_core.errors import NepiError
from nepi_gui.background import Background
from nepi_gui.editor import Editor
from nepi_gui.panels.refreshing import Refreshing
from nepi_gui.panels.runs.difference_pane import DifferencePane
from nepi_gui.panels.runs.runs_model import Column, RunsModel
from nepi_gui.panels.runs.runs_table import RunsTable
from nepi_gui.panels.runs.runs_watch import RunsWatch
from nepi_gui.panels.runs.words import by_hand_text, summary
from nepi_gui.runs.by_hand import changes_by_hand
from nepi_gui.runs.descriptions import Descriptions
from nepi_gui.runs.listing import ListedRun, RunList
from nepi_gui.runs.notes import write_note
from nepi_gui.translation import translate

_AT_ONCE = 100  # runs that are read before those read so far are shown
_COMPARED_AT_ONCE = 25
_WIDE = 900  # pixels: from here on there is room for what differed as well
_EXPANDED = "runs/differences"

Pair = tuple[Path, Path]


class RunsPanel(QWidget):
    """Shows the runs in one folder, and keeps up with it while it is visible.

    Signals:
        chosen_changed: other runs are chosen in the list.
        opened: the user wants to see a run: with its `ListedRun`.
        removal_wanted: the user has pressed Delete.

    Attributes:
        model: the runs.
        table: shows them.
        details: what differed, of the run that the cursor is on.
    """

    chosen_changed = Signal()
    opened = Signal(object)
    removal_wanted = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._runs = RunList(Path())
        self._folder: Path | None = None
        self._coming: Iterator[ListedRun] = iter(())
        self._came: list[ListedRun] = []
        self._to_choose: Path | None = None
        self._actions: Sequence[QAction | None] = ()
        self.model = RunsModel(editor.appearance, self)
        self.table = RunsTable(self.model, self)
        self.details = DifferencePane(editor, self)
        self.words = QLineEdit(self)
        self.expand = QToolButton(self)
        self._watch = RunsWatch(self)
        self._reading, self._comparing = Background(self), Background(self)
        self._descriptions = Descriptions()
        self._asking = QTimer(self, singleShot=True, interval=0)
        self._ticking = QTimer(self, interval=1000)
        self._refreshing = Refreshing(self, self.refresh)
        self._lay_out()
        self._listen()
        self.setFocusProxy(self.table)

    def _lay_out(self) -> None:
        self.words.setPlaceholderText(self.tr("Words"))
        self.words.setAccessibleName(self.tr("Words that have to stand in the line of a run"))
        self.words.setClearButtonEnabled(True)
        self._nothing = QLabel(self)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.addWidget(self.table)
        self._split.addWidget(self.details)
        self.details.hide()
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._split)
        self._pages.addWidget(self._nothing)
        self.expand.setText(self.tr("Differences"))
        self.expand.setToolTip(self.tr("Show all that differed for the chosen run"))
        self.expand.setCheckable(True)
        self.expand.setAutoRaise(True)
        self._bar = QHBoxLayout()
        self._bar.addWidget(self.words, 1)
        self._bar.addWidget(self.expand)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addLayout(self._bar)
        layout.addWidget(self._pages)
        self._show_page()

    def _listen(self) -> None:
        self.words.textChanged.connect(self._filter)
        self.expand.toggled.connect(self.details.setVisible)
        self.expand.clicked.connect(self._keep_expanded)
        self.model.asked.connect(self._asking.start)
        self.model.noted.connect(self._keep_note)
        for rows_changed in (self.model.modelReset, self.model.rowsInserted, self.model.rowsRemoved):
            rows_changed.connect(self._show_page)
        self._asking.timeout.connect(self._compare)
        self._ticking.timeout.connect(self.model.tick)
        self._watch.changed.connect(self._refreshing.soon)
        self._reading.finished.connect(self._take)
        self._reading.failed.connect(self._editor.tell)
        self._comparing.finished.connect(self._take_differences)
        self._comparing.failed.connect(self._editor.tell)
        self._editor.run_changed.connect(self._follow_run)
        self._editor.appearance.changed.connect(self.table.viewport().update)
        self.table.doubleClicked.connect(self._open)
        self.table.confirmed.connect(self._open)
        self.table.removal_wanted.connect(self.removal_wanted)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.selectionModel().selectionChanged.connect(self.chosen_changed)
        self.table.selectionModel().currentRowChanged.connect(self._show_details)

    def set_actions(self, actions: Sequence[QAction | None]) -> None:
        """Offer what can be done with runs: as buttons, and in the context menu; None is a line between."""
        self._actions = actions
        for action in actions:
            if action is not None and not action.icon().isNull():
                button = QToolButton(self)
                button.setDefaultAction(action)
                button.setAutoRaise(True)
                button.setAccessibleName(action.text().replace("&", ""))
                self._bar.addWidget(button)

    # -- what is listed ----------------------------------------------------------------------------------

    def show_folder(self, folder: Path | None) -> None:
        """List the runs in another folder; None when the experiment has none yet."""
        if folder == self._folder:
            return
        self._folder = folder
        self._reading.cancel()
        self._runs = RunList(folder or Path())
        self.model.show(())
        self._refreshing.soon()
        self._show_page()

    @property
    def folder(self) -> Path | None:
        """The folder whose runs are listed."""
        return self._folder

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refreshing.soon()  # notes may have been written, and the kernel does not tell of all file systems
        self._tick_if_live()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        kept = self._editor.settings.text(_EXPANDED)
        self.expand.setChecked(kept == "yes" if kept else self.width() >= _WIDE)

    def _keep_expanded(self, is_on: bool) -> None:
        self._editor.settings.keep(_EXPANDED, "yes" if is_on else "no")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticking.stop()
        self._watch.close()

    def refresh(self) -> None:
        """Read the folder again, in the background."""
        if self._folder is None:
            self._show_page()
            return
        self._watch.follow(self._folder)
        self._coming, self._came = self._runs.read(), []
        self._read_on()
        self._show_page()

    def _read_on(self) -> None:
        self._reading.run(partial(_some, self._coming, _AT_ONCE))

    def _take(self, found: Sequence[ListedRun]) -> None:
        self._came.extend(found)
        is_all = len(found) < _AT_ONCE
        if is_all or len(self._came) > len(self.model.runs):
            self._list(self._came)
        if is_all:
            self._came = []
            self._watch.attend(self.model.runs)
            self._show_page()
        else:
            self._read_on()

    def _list(self, runs: Iterable[ListedRun]) -> None:
        """Show runs, and have those chosen that were chosen before."""
        chosen = [run.folder for run in self.chosen()]
        current = self._current()
        self.model.show(runs)
        if self._to_choose is not None and self.model.row_of(self._to_choose) >= 0:
            chosen, current, self._to_choose = [self._to_choose], self._to_choose, None
        self.table.choose(chosen, current)
        self._tick_if_live()
        self._show_details()

    def _tick_if_live(self) -> None:
        if self.isVisible() and any(run.is_live for run in self.model.runs):
            self._ticking.start()
        else:
            self._ticking.stop()

    def _filter(self, words: str) -> None:
        chosen, current = [run.folder for run in self.chosen()], self._current()
        self.model.filter(words)
        self.table.choose(chosen, current)
        self._show_page()

    def _show_page(self) -> None:
        if self.model.rowCount():
            self._pages.setCurrentWidget(self._split)
            return
        if self.model.runs:
            text = self.tr("No run has these words in its line.")
        elif self._reading.is_busy or self._refreshing.is_stale:
            text = self.tr("Reading…")
        else:
            text = self.tr("No runs yet: press Run.")
        self._nothing.setText(text)
        self._pages.setCurrentWidget(self._nothing)

    def _follow_run(self) -> None:
        """Take note of another run being watched; its end is news, whether the kernel tells of it or not."""
        run = self._editor.run
        self.model.watch(run.folder if run is not None else None)
        if run is not None and run.is_live:
            run.ended.connect(self._refreshing.soon)

    # -- what is chosen ----------------------------------------------------------------------------------

    def chosen(self) -> list[ListedRun]:
        """Return the runs that are chosen, the oldest first."""
        rows = self.table.selectionModel().selectedRows()
        return sorted((self.model.run(index.row()) for index in rows), key=lambda run: (run.placed, run.run_id))

    def choose(self, folder: Path) -> None:
        """Choose a run, as soon as it is listed."""
        self._to_choose = folder
        self._refreshing.at_once()

    def look_again(self) -> None:
        """List what there is now."""
        self._refreshing.soon()

    def edit_note(self) -> None:
        """Have the user write the note of the run that the cursor is on."""
        index = self.table.currentIndex()
        if index.isValid():
            self.table.edit(index.siblingAtColumn(Column.NOTE))

    def _current(self) -> Path | None:
        index = self.table.currentIndex()
        return self.model.run(index.row()).folder if index.isValid() else None

    def _open(self, index: QModelIndex) -> None:
        if index.column() != Column.NOTE:
            self.opened.emit(self.model.run(index.row()))

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._actions:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _keep_note(self, folder: Path, text: str) -> None:
        try:
            write_note(folder, text)
        except NepiError as error:
            self._editor.tell(str(error))
        self._refreshing.at_once()

    # -- differences -------------------------------------------------------------------------------------

    def _show_details(self) -> None:
        folder = self._current()
        self.details.show_run(folder, self.model.before(folder) if folder is not None else None)

    def _compare(self) -> None:
        if self._comparing.is_busy:
            return
        if pairs := self.model.take_wanted(_COMPARED_AT_ONCE):
            self._comparing.run(partial(_compared, self._descriptions, pairs))

    def _take_differences(self, found: dict[Pair, str]) -> None:
        self.model.set_differences(found)
        self._asking.start()

    # -- the end -----------------------------------------------------------------------------------------

    def close_runs(self) -> None:
        """End what goes on in the background."""
        self._watch.close()
        self._ticking.stop()
        for each in (self._reading, self._comparing):
            each.close()
        self.details.close_differences()


def _some(runs: Iterator[ListedRun], number: int) -> list[ListedRun]:
    return list(islice(runs, number))


def _compared(descriptions: Descriptions, pairs: Sequence[Pair]) -> dict[Pair, str]:
    return {(now, then): _told(descriptions, then, now) for now, then in pairs}


def _told(descriptions: Descriptions, then: Path, now: Path) -> str:
    """Return what differed in a run from the one before it, which is itself for the first one."""
    same = translate("Runs", "the first run") if then == now else summary(())
    found = same if then == now else summary(descriptions.between(then, now))
    by_hand = by_hand_text(changes_by_hand(now, descriptions.of(now)))
    return "; ".join(part for part in (found if found != same or not by_hand else "", by_hand) if part)

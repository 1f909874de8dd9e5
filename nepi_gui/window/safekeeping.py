"""That no work is lost: the autosave, what earlier windows have left, and what other programs do to the file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nepi_core.description import ExperimentDescription
from nepi_core.errors import FormatError, NepiError
from nepi_gui.document import files, recovery
from nepi_gui.document.autosave import Autosave
from nepi_gui.document.file_watch import FileWatch, News
from nepi_gui.document.recovery import Autosaved
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Choice, NoticeBar, Tone

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_DISK = "disk"


class SafekeepingFeature(Feature):
    """Watches over the work of a window.

    Attributes:
        autosave, watch: of the document and its file.
        notices: the bar above the canvas.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.autosave = Autosave(self.document, self)
        self.watch = FileWatch(self)
        self.notices = NoticeBar(self.editor.appearance)
        self._followed: Path | None = None

    def opened(self) -> None:
        """Put the bar above the canvas, and begin to watch."""
        self.window.takeCentralWidget()  # or else the next one would have it deleted
        frame = QWidget(self.window)
        rows = QVBoxLayout(frame)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.notices)
        rows.addWidget(self.window.pages, 1)
        self.window.setCentralWidget(frame)
        self.autosave.failed.connect(self._tell_unsafe)
        self.watch.changed.connect(self._show_news)
        self.document.path_changed.connect(self._follow)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_activity)
        self._follow()

    def closed(self) -> None:
        """Take the autosave away, unless the program is being ended from outside."""
        self.autosave.close(keep=self.window.application.is_ending)
        self.watch.follow(None)

    # -- the file ----------------------------------------------------------------------------------

    @property
    def is_overtaken(self) -> bool:
        """Whether another program has changed the file since it was opened or saved."""
        self.watch.look()
        return self.watch.news is News.ALTERED

    def _follow(self) -> None:
        path = self.document.path
        self.watch.follow(path)
        self.autosave.digest = self.watch.digest
        if path is not None and path != self._followed:
            self.look_for_left(path)
        self._followed = path

    def _on_activity(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.watch.look()

    def _name(self) -> str:
        return self.document.path.name if self.document.path else self.tr("Untitled")

    def _show_news(self) -> None:
        if self.watch.news is News.SAME:
            self.notices.remove(_DISK)
        elif self.watch.news is News.GONE:
            self.document.history.set_unclean()
            text = self.tr("{0} was deleted or moved by another program. It is still here; save it to have it again.")
            choices = [Choice(self.tr("Save"), self._save_again)]
            self.notices.show_notice(_DISK, text.format(self._name()), choices, Tone.WARNING)
        else:
            self._offer_reload()

    def _save_again(self) -> None:
        self.window.commands["file.save"].trigger()

    def _offer_reload(self) -> None:
        text = self.tr("{0} was changed by another program.").format(self._name())
        if self.document.is_modified:
            text += " " + self.tr("It also has changes here that are not saved; after a reload, Undo brings them back.")
        keep_help = self.tr("Go on with what is here; saving then replaces the other program's file.")
        choices = [Choice(self.tr("Reload"), self.reload), Choice(self.tr("Keep mine"), self.keep_mine, keep_help)]
        self.notices.show_notice(_DISK, text, choices, Tone.WARNING)

    def reload(self) -> bool:
        """Make the document what is in its file, as one step; tell whether that is done."""
        path = self.document.path
        if path is None:
            return False
        try:
            description = self.window.application.read_file(path, over=self.window)
        except NepiError as error:
            self.window.application.say_unreadable(path, error, self.window)
            return False
        if description is None:
            return False
        files.put_in_place(self.document, description, self.tr("Reload {0}").format(path.name))
        self.document.history.set_clean()
        self.watch.accept()
        self.autosave.digest = self.watch.digest
        return True

    def keep_mine(self) -> None:
        """Go on with the document as it is; the file is no longer the same."""
        self.watch.accept()
        self.document.history.set_unclean()

    def _tell_unsafe(self, reason: str) -> None:
        text = self.tr("Changes that are not saved cannot be kept in case of a crash: {0}.")
        self.notices.show_notice("unsafe", text.format(reason.rstrip(".")), tone=Tone.WARNING)

    # -- what was left ---------------------------------------------------------------------------------

    def look_for_left(self, file: Path | None) -> None:
        """Offer what an earlier window has left of a file, or of experiments that have none."""
        found = recovery.find(file)
        for left in found.orphans:
            self._offer(left)
        for other in found.open_elsewhere if file is not None else ():
            self._warn_of(other)
        for damaged in found.damaged:
            self._show_damaged(damaged)

    def _offer(self, left: Autosaved) -> None:
        try:
            description = left.read()
        except FormatError as error:
            self._show_damaged(error)
            return
        if self._is_of_this(left) and _seen_alike(description) == _seen_alike(self.document.description):
            self._discard(left.path)  # it was saved just before the end
            return
        choices = [
            Choice(self.tr("Restore"), partial(self.restore, left, description)),
            Choice(self.tr("Discard"), partial(self._discard, left.path)),
            Choice(self.tr("Decide later"), _do_nothing),
        ]
        self.notices.show_notice(str(left.path), self._offering(left, description), choices)

    def _is_of_this(self, left: Autosaved) -> bool:
        return left.file is not None and files.same_file(left.file, self.document.path)

    def _offering(self, left: Autosaved, description: ExperimentDescription) -> str:
        if left.file is None:
            text = self.tr("An experiment that was never saved was left at {0}, with {1} resources. Restore it?")
            return text.format(left.head.time, len(description.resources))
        text = self.tr("Restore unsaved changes to {0} of {1} (newer by {2} steps)?")
        if not left.is_based_on(left.file):
            text += " " + self.tr("The file itself was changed since.")
        return text.format(left.file.name, left.head.time, left.head.steps)

    def offer_to_open(self, file: Path) -> None:
        """Tell that something was left of a file which is not open."""
        if not file.is_file():
            for left in recovery.find(file).orphans:
                self._offer(left)
            return
        text = self.tr("There are changes to {0} that were not saved when a window ended unexpectedly.")
        choices = [Choice(self.tr("Open"), partial(self.window.application.show_file, file, None, self.window))]
        self.notices.show_notice(str(file), text.format(file.name), choices)

    def restore(self, left: Autosaved, description: ExperimentDescription) -> None:
        """Take up the work that was left: here, as one step, or in another window when this one has other work."""
        if not self._is_of_this(left) and not self.window.application.is_untouched(self.window):
            window = self.window.application.open_window()
            SafekeepingFeature.of(window).restore(left, description)
            return
        files.put_in_place(self.document, description, self.tr("Restore unsaved changes"))
        self.window.view.fit()
        if self.autosave.flush():  # now it is safe in a new place
            self._discard(left.path)

    def _discard(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self.editor.tell(self.tr("{0} cannot be deleted: {1}.").format(path, error.strerror))

    def _show_damaged(self, error: FormatError) -> None:
        text = self.tr("Unsaved changes were left, but cannot be read: {0}").format(error)
        choices = [Choice(self.tr("Delete them"), partial(self._discard, Path(error.path)))]
        self.notices.show_notice(error.path, text, choices, Tone.WARNING)

    def _warn_of(self, other: Autosaved) -> None:
        if other.head.writer.is_elsewhere:
            text = self.tr("{0} may be open on another machine, with changes of {1} that are not saved.")
        else:
            text = self.tr("{0} is open in another window (process {2}), with changes of {1} that are not saved.")
        text = text.format(self._name(), other.head.time, other.head.writer.pid)
        self.notices.show_notice(str(other.path), text, tone=Tone.WARNING)


def _seen_alike(description: ExperimentDescription) -> ExperimentDescription:
    """Return an experiment without the part of the canvas that was looked at last."""
    return replace(description, canvas=replace(description.canvas, viewport=None))


def _do_nothing() -> None:
    """Leave it: it is offered again the next time."""

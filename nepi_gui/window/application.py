"""The desktop program: starts Qt, opens a window for each experiment, ends with the last one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.runs.reader import RunReader
from nepi_gui.appearance import Appearance
from nepi_gui.document import files
from nepi_gui.document.document import Document
from nepi_gui.document.files import Reading
from nepi_gui.document.recovery import find
from nepi_gui.editor import Editor
from nepi_gui.exit_status import ExitStatus
from nepi_gui.runs.archive_format import is_archive
from nepi_gui.settings import Settings
from nepi_gui.watching.watched_run import read_deployed
from nepi_gui.window.ending import Ending
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.opening import DialectDialog, make_refusal
from nepi_gui.window.running import RunningFeature
from nepi_gui.window.runs import open_archive
from nepi_gui.window.safekeeping import SafekeepingFeature
from nepi_gui.window.starting import StartingFeature
from nepi_gui.window.viewing import ViewingFeature


class Application(QObject):
    """The windows of this process, and what they share.

    Attributes:
        is_ending: the program is being ended from outside: nobody can be asked any more.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.appearance = Appearance(self.settings.text("appearance", "system"))
        self.windows: list[MainWindow] = []
        self.is_ending = False

    # -- windows -----------------------------------------------------------------------------------

    def open_window(self, document: Document | None = None) -> MainWindow:
        """Open a window with a document, or with an empty one."""
        editor = Editor(document or Document(), self.appearance, self.settings)
        window = MainWindow(editor, self)
        self.windows.append(window)
        window.closed.connect(lambda: self._forget(window))
        window.show()
        return window

    def _forget(self, window: MainWindow) -> None:
        self.windows.remove(window)
        window.deleteLater()

    def window_of(self, path: Path) -> MainWindow | None:
        """Return the window in which a file is open."""
        return next((each for each in self.windows if files.same_file(path, each.editor.document.path)), None)

    def is_untouched(self, window: MainWindow) -> bool:
        """Tell whether a window holds nothing, and never did."""
        document = window.editor.document
        is_empty = document.path is None and not len(document.history) and not document.description.resources
        return is_empty and window.editor.run is None

    def quit(self) -> bool:
        """Close all windows, each of which may ask and refuse; tell whether all are closed."""
        return all(window.close() for window in list(self.windows))

    def end(self) -> None:
        """End now, as a signal has asked for: what is not saved is kept for the next start."""
        self.is_ending = True
        for window in list(self.windows):
            window.editor.settling.emit()
            SafekeepingFeature.of(window).autosave.flush()
        for window in list(self.windows):
            window.close()

    # -- files -------------------------------------------------------------------------------------

    def open_file(self, path: Path, dialect: str | None = None) -> MainWindow:
        """Show the experiment in a file: in the window that has it already, in an untouched one, or in a new one.

        Nobody is asked; `show_file` is for files that a user has chosen.

        Raises:
            NepiError: the file cannot be read; nothing has changed.
        """
        present = self._raised(path)
        return present if present is not None else self._show(path, files.read(path, dialect).likely)

    def show_file(self, path: Path, dialect: str | None = None, over: MainWindow | None = None) -> MainWindow | None:
        """Show the experiment in a file as `open_file`; ask about it, and say what is wrong with it.

        Args:
            over: the window from which it is opened.
        """
        try:
            return self._raised(path) or self._ask_and_show(path, dialect, over)
        except NepiError as error:
            self.say_unreadable(path, error, over)
            return None

    def read_file(
        self, path: Path, dialect: str | None = None, over: MainWindow | None = None
    ) -> ExperimentDescription | None:
        """Return the experiment in a file; None when the user was asked which NEPI wrote it, and did not say so.

        Raises:
            NepiError: the file cannot be read.
        """
        reading = files.read(path, dialect)
        if reading.is_certain:
            return reading.likely
        answer = self.ask_dialect(path, reading, over)
        return reading.meanings[answer] if answer else None

    def _ask_and_show(self, path: Path, dialect: str | None, over: MainWindow | None) -> MainWindow | None:
        if is_archive(path):
            return open_archive(self, path, over)
        description = self.read_file(path, dialect, over)
        return self._show(path, description) if description is not None else None

    def _raised(self, path: Path) -> MainWindow | None:
        window = self.window_of(path)
        if window is not None:
            window.come_forward()
        return window

    def _show(self, path: Path, description: ExperimentDescription) -> MainWindow:
        path = path.absolute()
        window = next(filter(self.is_untouched, self.windows), None)
        if window is None:
            window = self.open_window(Document(description, path))
        else:
            window.editor.document.replace(description, path)
            ViewingFeature.of(window).look_first()
        self.settings.note_file(path)
        return window

    def attach(self, folder: Path) -> MainWindow:
        """Show a run, live or over, with its experiment: its file, or else the experiment as it was deployed."""
        with RunReader(folder) as reader:
            file = reader.facts().get("file")
        deployed = read_deployed(folder)
        # What was never saved has only the copy in the run's folder; it is part of the record, and not for editing.
        has_file = file is not None and not Path(str(file)).is_relative_to(folder)
        window = self._window_with(Path(str(file)), deployed) if has_file else None
        if window is None:
            window = self._show_copy(deployed)
        RunningFeature.of(window).watch(folder)
        return window

    def _window_with(self, path: Path, deployed: ExperimentDescription) -> MainWindow | None:
        """Show the experiment in a file, when it still has the resources that were deployed."""
        try:
            present = files.read(path).likely
        except NepiError:
            return None
        if any(present.resources.get(guid, each).rtype != each.rtype for guid, each in deployed.resources.items()):
            return None
        return self._raised(path) or self._show(path, present)

    def _show_copy(self, description: ExperimentDescription) -> MainWindow:
        """Show an experiment that has no file."""
        return self.open_window(Document(description))

    # -- questions; tests put answers in their place -----------------------------------------------

    def ask_dialect(self, path: Path, reading: Reading, over: MainWindow | None) -> str:
        """Ask which NEPI wrote a file; return "" when the user does not want to open it any more."""
        dialog = DialectDialog(path, reading, over)
        dialog.exec()
        dialog.deleteLater()
        return dialog.dialect

    def say_unreadable(self, path: Path, error: NepiError, over: MainWindow | None) -> None:
        """Say what is wrong with a file."""
        make_refusal(path, error, self.tr("{0} cannot be opened."), over).open()

    # -- the start ---------------------------------------------------------------------------------

    def start(self, paths: Iterable[Path], dialect: str | None = None) -> None:
        """Open the first windows: one for each file, or an empty one; offer what an earlier start has left.

        Raises:
            NepiError: there are files, but not one that can be read.
        """
        given = list(paths)
        wrong = list(self._open_all(given, dialect))
        if self.is_ending:
            return
        if wrong and not self.windows:
            raise NepiError("\n".join(str(why) for _, why in wrong))
        for path, why in wrong:
            self.say_unreadable(path, why, self.windows[0])
        if not given:
            StartingFeature.of(self.open_window()).show_page()
        if self.windows:
            SafekeepingFeature.of(self.windows[0]).look_for_left(None)
            self._offer_others()

    def _open_all(self, paths: Iterable[Path], dialect: str | None) -> Iterator[tuple[Path, NepiError]]:
        """Open files; yield those that cannot be read, and why."""
        for path in paths:
            if self.is_ending:  # as somebody has asked for while a question was open
                return
            try:
                self._raised(path) or self._ask_and_show(path, dialect, None)
            except NepiError as error:
                yield path, error

    def _offer_others(self) -> None:
        """Tell of files that are not open and of which something was left."""
        for path in map(Path, self.settings.texts("recent")):
            if self.window_of(path) is None and find(path).orphans:
                SafekeepingFeature.of(self.windows[0]).offer_to_open(path)


def has_screen() -> bool:
    """Tell whether there is something to show a window on."""
    return bool(os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_qt() -> QApplication:
    """Return Qt's application object, made on first use, as this program wants it."""
    present = QApplication.instance()
    made = present if isinstance(present, QApplication) else QApplication(sys.argv[:1])
    made.setApplicationName("nepi-gui")
    made.setApplicationDisplayName("NEPI-GUI")
    made.setDesktopFileName("nepi-gui")
    made.setStyle("Fusion")
    return made


class _Start:
    """Says what Qt says when it cannot show windows at all; it would abort the process next."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def hear(self, kind: QtMsgType, _: object, message: str) -> None:
        self._said.append(" ".join(message.split()))
        if kind is QtMsgType.QtFatalMsg:
            sys.stderr.write("The window cannot be shown: " + "\n  ".join(self._said) + "\n")
            sys.stderr.flush()
            os._exit(ExitStatus.WRONG)


def start_qt() -> QApplication:
    """Return Qt's application object; end the process with a sentence when Qt finds no way to show windows."""
    start = _Start()
    before = qInstallMessageHandler(start.hear)
    try:
        return make_qt()
    finally:
        qInstallMessageHandler(before)


def _end(application: Application) -> None:
    application.end()
    QCoreApplication.exit(ExitStatus.INTERRUPTED)  # even if a window has refused to close


def show_windows(paths: Sequence[Path], dialect: str | None = None, run: Path | None = None) -> int:
    """Show the window, with the experiments of these files or an empty one, until it is closed; return the exit status.

    Args:
        dialect: which NEPI wrote the files.
        run: folder of a run to show.

    Raises:
        NepiError: no file can be read, or there is no screen.
    """
    if not has_screen():
        raise NepiError("There is no screen to show the window on: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    qt = start_qt()
    application = Application()
    with Ending(partial(_end, application)):
        if run is not None:
            application.attach(run)
        else:
            application.start(paths, dialect)
        if application.is_ending:
            return ExitStatus.INTERRUPTED
        return int(qt.exec()) if application.windows else ExitStatus.DONE

"""Runs as single files, for another machine or for later: written and taken in, in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from nepi_core.errors import NepiError
from nepi_gui.background import Background
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.runs.archive_format import SUFFIX, Progress
from nepi_gui.runs.exporting import archive_name, export_run
from nepi_gui.runs.importing import import_run
from nepi_gui.translation import translate
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.files import FilesFeature
from nepi_gui.window.notices import Choice, NoticeBar, Tone
from nepi_gui.window.running import RunningFeature
from nepi_gui.window.safekeeping import SafekeepingFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_NOTICE = "archive"


class _GivenUpError(NepiError):
    """The user does not want it any more."""


class RunArchivesFeature(Feature):
    """Writes and takes in archives, one piece of work at a time.

    Signals:
        taken_in: with the folder of a run that was brought here.
    """

    taken_in = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        panel = window.docks["runs"].widget()
        assert isinstance(panel, RunsPanel)
        self._panel = panel
        self._giving_up = threading.Event()
        self._done: Callable[[object], None] = self._tell
        self._background = Background(self)
        self._background.finished.connect(self._finish)
        self._background.failed.connect(self._refuse)

    def commands(self) -> Iterable[Command]:
        """Yield the commands about archives."""
        menu = runs_menu()
        yield Command(
            "runs.export",
            self.tr("&Export…"),
            self.export,
            menu,
            help=self.tr("Write each of the chosen runs into a file that another machine opens."),
            icon="export",
            enabled=self._has_chosen,
            separated=True,
        )
        yield Command(
            "runs.import",
            self.tr("&Import…"),
            self.ask_and_take_in,
            menu,
            help=self.tr("Take in a run that was exported, here or on another machine."),
            icon="import",
        )

    def closed(self) -> None:
        """Give up what goes on; nothing is left of it."""
        self._giving_up.set()
        self._background.close()

    def _has_chosen(self) -> bool:
        return bool(self._panel.chosen())

    # -- out ---------------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask for a file, or a folder for several, and write the chosen runs there."""
        folders = [run.folder for run in self._panel.chosen()]
        if len(folders) == 1:
            suggested = FilesFeature.of(self.window).suggested().with_name(archive_name(folders[0]))
            path = self.ask_where(suggested)
            self.export_to([(folders[0], path)] if path else [])
        elif folders:
            place = self.ask_folder()
            self.export_to([(each, place / archive_name(each)) for each in folders] if place else [])

    def export_to(self, runs: Sequence[tuple[Path, Path]]) -> None:
        """Write runs into archives; given with the file of each."""
        if runs:
            names = ", ".join(output.name for _, output in runs[:3]) + (", …" if len(runs) > 3 else "")
            self._begin(self.tr("Writing {0}…").format(names), partial(self._export_all, runs), self._tell)

    def _export_all(self, runs: Sequence[tuple[Path, Path]], progress: Progress) -> str:
        """Write archives; in the background."""
        for folder, output in runs:
            export_run(folder, output, progress=progress)
        if len(runs) == 1:
            return self.tr("{0} was written.").format(runs[0][1].name)
        return self.tr("{0} archives were written to {1}.").format(len(runs), runs[0][1].parent)

    # -- in ----------------------------------------------------------------------------------------

    def ask_and_take_in(self) -> None:
        """Ask for an archive, and take in its run."""
        path = self.ask_what_to_import()
        if path is not None:
            self.take_in(path)

    def take_in(self, path: Path) -> None:
        """Take in the run of an archive; what comes of it is told by `taken_in`, or in a notice."""
        local_dir = RunningFeature.of(self.window).local_dir

        def work(progress: Progress) -> object:
            return import_run(path, local_dir, progress=progress)

        self._begin(self.tr("Taking in {0}…").format(path.name), work, self.taken_in.emit)

    # -- one after the other -----------------------------------------------------------------------

    def _begin(self, text: str, work: Callable[[Progress], object], done: Callable[[object], None]) -> None:
        if self._background.is_busy:
            self.editor.tell(self.tr("Another archive is still being written or taken in."))
            return
        self._done = done
        self._giving_up = giving_up = threading.Event()

        def mind(done: int, total: int) -> None:
            if giving_up.is_set():
                raise _GivenUpError("It was given up.")

        self._notices.show_notice(_NOTICE, text, [Choice(self.tr("Cancel"), giving_up.set)])
        self._background.run(partial(work, mind))

    def _finish(self, result: object) -> None:
        self._notices.remove(_NOTICE)
        self._done(result)

    def _tell(self, sentence: object) -> None:
        self.editor.tell(str(sentence))

    def _refuse(self, fault: str) -> None:
        if self._giving_up.is_set():
            self._notices.remove(_NOTICE)
            return
        self._notices.show_notice(_NOTICE, fault, tone=Tone.WARNING)

    @property
    def _notices(self) -> NoticeBar:
        return SafekeepingFeature.of(self.window).notices

    # -- questions; tests put answers in their place -----------------------------------------------

    def ask_where(self, suggested: Path) -> Path | None:
        """Ask for a file to write; None when the user has thought better of it."""
        chosen, _ = QFileDialog.getSaveFileName(self.window, self.tr("Export a run"), str(suggested), _kinds())
        return Path(chosen if Path(chosen).suffix else chosen + SUFFIX) if chosen else None

    def ask_folder(self) -> Path | None:
        """Ask for a folder to write to."""
        chosen = QFileDialog.getExistingDirectory(self.window, self.tr("Export runs to a folder"))
        return Path(chosen) if chosen else None

    def ask_what_to_import(self) -> Path | None:
        """Ask for an archive."""
        chosen, _ = QFileDialog.getOpenFileName(self.window, self.tr("Import a run"), "", _kinds())
        return Path(chosen) if chosen else None


def runs_menu() -> str:
    """Return the place of the menu about runs, within the menu Run."""
    return translate("RunningFeature", "&Run") + "/" + translate("RunsFeature", "Runs of t&his experiment")


def _kinds() -> str:
    return translate("RunArchivesFeature", "Runs") + f" (*{SUFFIX})"

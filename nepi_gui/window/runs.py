"""The runs of the experiment: seen again, run again, compared, kept as files, removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from nepi_core.controller import default_local_dir
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.runs.reader import is_running
from nepi_core.xml_format import read_xml
from nepi_gui.background import Background
from nepi_gui.document.change import Change
from nepi_gui.document.document import Document
from nepi_gui.document.layouts import place_unplaced
from nepi_gui.panels.runs.panel import RunsPanel
from nepi_gui.panels.runs.words import name_text, summary
from nepi_gui.runs.descriptions import Compared, Descriptions
from nepi_gui.runs.importing import import_run
from nepi_gui.runs.listing import EXPERIMENT_NAME, ListedRun
from nepi_gui.runs.removing import remove_run
from nepi_gui.runs.reporting import write_report_apart
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Choice, NoticeBar, Tone
from nepi_gui.window.run_archives import RunArchivesFeature, runs_menu
from nepi_gui.window.running import RunningFeature
from nepi_gui.window.safekeeping import SafekeepingFeature

if TYPE_CHECKING:
    from nepi_gui.window.application import Application
    from nepi_gui.window.main_window import MainWindow

_NOTICE = "other-experiment"
_NOT_REMOVED = "runs-not-removed"


class RunsFeature(Feature):
    """What can be done with the runs in the panel.

    Attributes:
        panel: the list of runs.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        panel = window.docks["runs"].widget()
        assert isinstance(panel, RunsPanel)
        self.panel = panel
        self._told_of: Path | None = None  # the run that the notice is about
        self._comparing, self._again, self._reporting, self._removing = (Background(self) for _ in range(4))

    def commands(self) -> Iterable[Command]:
        """Yield the commands about runs."""
        menu = runs_menu()
        texts = (
            ("open", self.tr("&Open"), self.open_chosen, self.tr("Show the chosen run: states, values, log."), "eye"),
            ("again", self.tr("Run &again"), self.run_again, self.tr("Run its experiment again as it was."), "run"),
            ("report", self.tr("&Report"), self.open_report, self.tr("Show its report in the browser."), "report"),
            ("note", self.tr("&Note"), self.panel.edit_note, self.tr("Write a note about the run."), "note"),
        )
        for name, text, run, help_text, icon in texts:
            yield Command(f"runs.{name}", text, run, menu, help=help_text, icon=icon, enabled=self._has_one)
        yield Command(
            "runs.remove",
            self.tr("Re&move…"),
            self.remove,
            menu,
            help=self.tr("Remove the chosen runs from the disk."),
            icon="delete",
            enabled=self._has_chosen,
        )

    def opened(self) -> None:
        """Follow the document and the run that is watched."""
        names = ("open", "again", "report", "note", "", "compare", "plot", "export", "import", "", "remove")
        self.panel.set_actions([self.window.commands[f"runs.{name}"] if name else None for name in names])
        self.panel.opened.connect(self.open_run)
        self.panel.removal_wanted.connect(self.remove)
        self.panel.chosen_changed.connect(self.window.commands.refresh_soon)
        RunArchivesFeature.of(self.window).taken_in.connect(self.show_taken_in)
        self._comparing.finished.connect(self._tell_other)
        self._again.finished.connect(self._start_again)
        self._reporting.finished.connect(self._show_page)
        self._removing.finished.connect(self._tell_removed)
        for each in (self._comparing, self._again, self._reporting, self._removing):
            each.failed.connect(self.editor.tell)
        self.document.changed.connect(self._on_change)
        self.document.path_changed.connect(self._follow)
        self.editor.run_changed.connect(self._follow)
        self._follow()

    def closed(self) -> None:
        """End what goes on in the background."""
        for each in (self._comparing, self._again, self._reporting, self._removing):
            each.close()
        self.panel.close_runs()

    def _on_change(self, change: Change) -> None:
        if change.anew or not change.parts.isdisjoint(("exp_id", "local_dir")):
            self._follow()

    def _follow(self) -> None:
        """List the runs of the experiment; those beside the run that is watched while it is of another one."""
        running, run = RunningFeature.of(self.window), self.editor.run
        if run is None or run.folder != self._told_of:
            self._notices.remove(_NOTICE)
        folder = running.local_dir / running.exp_id
        if run is not None and run.folder.parent.resolve() != folder.resolve():
            folder = run.folder.parent
        self.panel.show_folder(folder)

    # -- which are chosen --------------------------------------------------------------------------

    def _has_chosen(self) -> bool:
        return bool(self.panel.chosen())

    def _has_one(self) -> bool:
        return len(self.panel.chosen()) == 1

    def _one(self) -> ListedRun | None:
        chosen = self.panel.chosen()
        return chosen[0] if len(chosen) == 1 else None

    # -- seeing and running again ------------------------------------------------------------------

    def open_chosen(self) -> None:
        """Show the run that is chosen."""
        if run := self._one():
            self.open_run(run)

    def open_run(self, run: ListedRun) -> None:
        """Show a run in this window, and say so when its experiment was another one."""
        self._notices.remove(_NOTICE)
        RunningFeature.of(self.window).watch(run.folder)
        self._comparing.run(partial(_compare, run.folder, self.document.freeze()))

    def _tell_other(self, compared: tuple[Path, Compared | None]) -> None:
        folder, found = compared
        watched = self.editor.run
        if not found or watched is None or watched.folder != folder:
            return
        text = self.tr("This run was of another version of the experiment. Since then: {0}.").format(summary(found))
        choices = [Choice(self.tr("Open as it was"), partial(self.open_as_it_was, folder))]
        self._told_of = folder
        self._notices.show_notice(_NOTICE, text, choices)

    def open_as_it_was(self, folder: Path) -> MainWindow | None:
        """Show a run with its experiment as it was then, in a window of its own; say why when that cannot be."""
        return self._shown_as_it_was(folder)

    def _shown_as_it_was(self, folder: Path, watch: bool = True) -> MainWindow | None:
        try:
            return show_as_it_was(self.window.application, folder, watch)
        except NepiError as error:
            self.editor.tell(str(error))
            return None

    def run_again(self) -> None:
        """Run the experiment of the chosen run as it was: here when it is the same still, else in another window."""
        if run := self._one():
            self._again.run(partial(_compare, run.folder, self.document.freeze()))

    def _start_again(self, compared: tuple[Path, Compared | None]) -> None:
        folder, found = compared
        window = self.window if found == () else self._shown_as_it_was(folder, watch=False)
        if window is None:
            return
        running = RunningFeature.of(window)
        if running.may_run():
            running.run()
        else:
            self.editor.tell(self.tr("A run goes on in this window; end it first."))

    # -- reports -----------------------------------------------------------------------------------

    def open_report(self) -> None:
        """Show the report of the chosen run, which is written before when there is none, or the run goes on."""
        if run := self._one():
            self.editor.tell(self.tr("The report is opened…"))
            self._reporting.run(partial(_report, run.folder))

    def _show_page(self, path: Path) -> None:
        if not self.show_in_browser(path):
            self.editor.tell(self.tr("There is no program that shows {0}.").format(path))

    # -- runs that were brought here ---------------------------------------------------------------

    def show_taken_in(self, folder: Path) -> None:
        """Show a run that was brought here: beside others of this experiment, or in a window of its own."""
        self.editor.tell(self.tr("The run was taken in as {0}.").format(folder))
        if self.panel.folder is not None and folder.parent.resolve() == self.panel.folder.resolve():
            self.window.show_panel("runs")
            self.panel.choose(folder)
        else:
            self.open_as_it_was(folder)

    # -- removing ----------------------------------------------------------------------------------

    def remove(self) -> None:
        """Ask, and remove the chosen runs from the disk; one that goes on is not."""
        chosen = self.panel.chosen()
        live = [run for run in chosen if is_running(run.folder)]
        if live:
            text = self.tr("The run of {0} goes on; end it before you remove it.")
            self.editor.tell(text.format(name_text(live[0])))
            return
        if not chosen or not self.ask_to_remove(chosen):
            return
        folders = [run.folder for run in chosen]
        watched = self.editor.run
        if watched is not None and watched.folder in folders:
            RunningFeature.of(self.window).leave()
        self._removing.run(partial(_remove_all, folders))

    def _tell_removed(self, sentences: list[str]) -> None:
        if sentences:
            self._notices.show_notice(_NOT_REMOVED, " ".join(sentences), tone=Tone.WARNING)
        self.panel.look_again()

    @property
    def _notices(self) -> NoticeBar:
        return SafekeepingFeature.of(self.window).notices

    # -- questions; tests put answers in their place -----------------------------------------------

    def ask_to_remove(self, runs: Sequence[ListedRun]) -> bool:
        """Ask whether runs are to be removed."""
        one, several = self.tr("Remove the run of {0}?"), self.tr("Remove {1} runs?")
        text = (one if len(runs) == 1 else several).format(name_text(runs[0]), len(runs))
        box = QMessageBox(QMessageBox.Icon.Warning, self.tr("NEPI-GUI"), text, parent=self.window)
        box.setInformativeText(self.tr("Its values, traces and log are deleted from the disk. That cannot be undone."))
        removing = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is removing

    def show_in_browser(self, path: Path) -> bool:
        """Show a page in the desktop's browser; tell whether there is one."""
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _compare(folder: Path, present: ExperimentDescription) -> tuple[Path, Compared | None]:
    """Return what differs between the experiment of a run and another; in the background."""
    return folder, Descriptions().against(folder, present)


def _remove_all(folders: Sequence[Path]) -> list[str]:
    """Remove runs in the background; return what went wrong."""
    wrong = []
    for folder in folders:
        try:
            remove_run(folder, folder.parent)
        except NepiError as error:
            wrong.append(str(error))
    return wrong


def _report(folder: Path) -> Path:
    """Return the report of a run, which is written when there is none, or the run goes on."""
    path = folder / "report.html"
    return write_report_apart(folder) if is_running(folder) or not path.is_file() else path


def show_as_it_was(application: Application, folder: Path, watch: bool = True) -> MainWindow:
    """Show the experiment of a run as it was then, which has no file of its own, in another window.

    Args:
        watch: show the run as well.

    Raises:
        NepiError: the experiment is missing or damaged.
    """
    description = read_xml(folder / EXPERIMENT_NAME)
    place_unplaced(description)
    description.exp_id = folder.parent.name
    if folder.parent.parent != Path(default_local_dir()).expanduser().absolute():
        description.local_dir = str(folder.parent.parent)
    window = application.open_window(Document(description))
    if watch:
        RunningFeature.of(window).watch(folder)
    return window


def open_archive(application: Application, path: Path, over: MainWindow | None) -> MainWindow | None:
    """Take in a run that was exported, and show it: in the background from a window, at once when there is none yet.

    Raises:
        NepiError: it is no such archive, or a damaged one.
    """
    if over is not None:
        RunArchivesFeature.of(over).take_in(path)
        return over
    return show_as_it_was(application, import_run(path, Path(default_local_dir())))

"""Running the experiment from the window: run, stop, keep up, watch a run that goes on already."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox

from nepi_core.description import ExperimentDescription
from nepi_core.loading import Severity
from nepi_core.runs.database import FILE_NAME
from nepi_gui.document import files
from nepi_gui.document.change import Change
from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.watching.live_edits import LiveEdits
from nepi_gui.watching.run_folders import find_live, folder_name, local_dir_of
from nepi_gui.watching.run_start import LOG_NAME, RunStart
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Choice, NoticeBar, Tone
from nepi_gui.window.run_stopping import RunStopping
from nepi_gui.window.safekeeping import SafekeepingFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_NO_NOTICE = ("run", "live", "edit", "drive", "link")
"""Notices that are about the run that was watched before."""


class WhenClosing(Enum):
    """What is to become of a run when its window closes."""

    STOP = auto()
    KEEP = auto()
    CANCEL = auto()


class RunningFeature(Feature):
    """Starts runs, watches and ends them.

    Attributes:
        edits: takes edits of the document over into the live run of it that is watched; None without one.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.edits: LiveEdits | None = None
        self._start: RunStart | None = None
        self._is_given_up = False
        self._holds = False
        self._stopping = RunStopping(window)

    def commands(self) -> Iterable[Command]:
        """Yield the commands about a run as a whole."""
        menu = self.tr("&Run")
        yield Command(
            "run.run",
            self.tr("&Run"),
            self.run,
            menu,
            ("F5",),
            self.tr("Run the experiment; it goes on in a process of its own."),
            "run",
            self.may_run,
        )
        yield Command(
            "run.stop",
            self.tr("&Stop"),
            self.stop,
            menu,
            ("Shift+F5",),
            self.tr("End the run in good order; once more ends it at once."),
            "stop",
            lambda: self._is_live() or self._start is not None,
        )
        yield Command(
            "run.hold",
            self.tr("&Keep up when everything has ended"),
            self.toggle_hold,
            menu,
            (),
            self.tr("The run goes on until it is stopped, so that its network can be looked at and used."),
            checked=self.is_held,
        )
        yield Command(
            "run.watch",
            self.tr("&Watch a run…"),
            self.choose_and_watch,
            menu,
            (),
            self.tr("Show a run that goes on, or one that is over."),
        )
        yield Command(
            "run.leave",
            self.tr("&Back to editing"),
            self.leave,
            menu,
            (),
            self.tr("Watch the run no longer; if it goes on, it does so by itself."),
            enabled=lambda: self.editor.run is not None,
        )

    def opened(self) -> None:
        """Look for runs of the experiment that go on, now and when it gets a file."""
        self.document.path_changed.connect(self._look_for_live)
        self._look_for_live()
        self.document.changed.connect(self._on_change)

    def _on_change(self, change: Change) -> None:
        if change.anew:  # another experiment
            self._holds = False

    # -- what there is -----------------------------------------------------------------------------

    @property
    def local_dir(self) -> Path:
        """The folder for all experiments."""
        return local_dir_of(self.document.description.local_dir)

    @property
    def exp_id(self) -> str:
        """What the folder of the experiment's runs is called."""
        return folder_name(self.document.description.exp_id, self.document.path)

    def is_of_this(self, run: WatchedRun) -> bool:
        """Tell whether a run is one of the experiment in this window, at least by name."""
        return run.exp_id == self.exp_id or (run.file is not None and files.same_file(run.file, self.document.path))

    def may_run(self) -> bool:
        """Tell whether a run can be started."""
        return self._start is None and not self._is_live() and bool(self.document.description.resources)

    def _is_live(self) -> bool:
        return self.editor.run is not None and self.editor.run.is_live

    def is_held(self) -> bool:
        """Tell whether the run goes on when everything in it has ended; without a run, whether the next one will."""
        run = self.editor.run
        return run.is_held if run is not None and run.is_live else self._holds

    # -- run and stop ------------------------------------------------------------------------------

    def run(self) -> None:
        """Run the experiment as it is drawn."""
        if not self.may_run() or self._tell_obstacles():
            return
        self._notices.remove("run")
        hold = ["--hold", "always" if self._holds else "endless"]
        self._is_given_up = False
        self._start = RunStart(self.document.freeze(), self.local_dir, self.exp_id, self.document.path, hold, self)
        self._start.live.connect(self._watch_started)
        self._start.refused.connect(self._tell_refused)
        self.editor.tell(self.tr("Starting…"))
        self.window.commands.refresh_soon()

    def _tell_obstacles(self) -> bool:
        """Say what keeps the experiment from being deployed, as far as that is known already."""
        wrong = [each for each in self.editor.findings.all if each.severity is not Severity.WARNING]
        if not wrong or not self.editor.findings.is_current:
            return False
        text = self.tr("This cannot be run: {0}").format(wrong[0].message)
        if len(wrong) > 1:
            text += " " + self.tr("({0} more)").format(len(wrong) - 1)
        choices = [Choice(self.tr("Show"), partial(self.window.show_panel, "findings"))]
        self._notices.show_notice("run", text, choices, Tone.WARNING)
        return True

    def _watch_started(self) -> None:
        if start := self._end_start():
            self.watch(start.folder, start.description)

    def _tell_refused(self, reason: str) -> None:
        self._end_start()
        self.window.commands.refresh_soon()
        if self._is_given_up:
            self.editor.tell(self.tr("The run was not started."))
            return
        text = self.tr("The run was not started. {0}").format(reason)
        self._notices.show_notice("run", text, tone=Tone.WARNING)

    def _end_start(self) -> RunStart | None:
        start, self._start = self._start, None
        self.window.take_back(self.tr("Starting…"))
        if start is not None:
            start.cancel()
            start.deleteLater()
        return start

    def stop(self) -> None:
        """End the run in good order, or at once when that has been asked for already; give up one that starts."""
        if self._start is not None:
            self._is_given_up = True
            self._start.abandon()
        elif self.editor.run is not None and self.editor.run.is_live:
            self._stopping.stop(self.editor.run)

    def toggle_hold(self) -> None:
        """Have the run go on, or not, when everything in it has ended; without a run, the next one."""
        self._holds = held = not self.is_held()
        if self.editor.run is not None and self.editor.run.is_driven:
            self.editor.run.hold(held)

    # -- watching ----------------------------------------------------------------------------------

    def watch(self, folder: Path, description: ExperimentDescription | None = None) -> None:
        """Watch the run in a folder, live or over.

        Args:
            description: its experiment, for who has it.
        """
        self._forget_run()
        run = WatchedRun(folder, self.editor, description)
        run.ended.connect(self._tell_end)
        run.ending.connect(self.window.commands.refresh_soon)
        run.held_changed.connect(self.window.commands.refresh_soon)
        run.driven_changed.connect(self._tell_trouble)
        self.editor.watch(run)
        if run.is_live and self.is_of_this(run):
            self.edits = LiveEdits(self.document, run, self)
            self.edits.refused.connect(self._tell_edit_refused)
            self.edits.locked.connect(self._refresh_form)
        if run.is_live:
            self._tell_trouble()
        elif run.reader.notices:
            self._notices.show_notice("run", " ".join(run.reader.notices), tone=Tone.WARNING)
        else:
            self._tell_failure(run)
        self.window.commands.refresh_soon()

    def _forget_run(self) -> None:
        """Take away what was said about the run that was watched, and what it has locked."""
        for name in _NO_NOTICE:
            self._notices.remove(name)
        self._stopping.forget()
        edits, self.edits = self.edits, None
        if edits is not None:
            edits.close()
            edits.deleteLater()

    def leave(self) -> None:
        """Watch no run any more."""
        self._forget_run()
        self.editor.watch(None)
        self.window.commands.refresh_soon()

    def choose_and_watch(self) -> None:
        """Ask for the folder of a run, and watch it."""
        folder = self.ask_which_run()
        if folder is None:
            return
        if not (folder / FILE_NAME).is_file():
            text = self.tr("{0} is not the folder of a run: it has no {1}.")
            self._notices.show_notice("run", text.format(folder, FILE_NAME), tone=Tone.WARNING)
            return
        run = WatchedRun(folder)
        is_ours = self.is_of_this(run)
        run.close()
        if is_ours or self.window.application.is_untouched(self.window):
            self.watch(folder)
        else:
            self.window.application.attach(folder)

    def _look_for_live(self) -> None:
        """Offer to watch a run of this experiment that goes on, such as after a crash of the window."""
        if self.editor.run is not None or (self.document.path is None and not self.document.description.exp_id):
            return
        live = find_live(self.local_dir / self.exp_id)
        if live is None:
            self._notices.remove("live")
            return
        text = self.tr("A run of this experiment is going on ({0}).").format(live.name)
        self._notices.show_notice("live", text, [Choice(self.tr("Watch it"), partial(self.watch, live))])

    def _tell_end(self) -> None:
        run = self.editor.run
        if run is None:
            return
        self._stopping.forget()
        self._notices.remove("link")
        self.window.commands.refresh_soon()
        if run.outcome in ("running", ""):
            self._tell_cut_short(run)
        else:
            self._tell_failure(run)

    def _tell_failure(self, run: WatchedRun) -> None:
        if run.outcome == "failed":
            text = self.tr("The run has failed. {0}").format(run.problem).strip()
            choices = [Choice(self.tr("Report"), partial(open_report, run))]
            self._notices.show_notice("run", text, choices, Tone.WARNING)

    def _tell_cut_short(self, run: WatchedRun) -> None:
        text = self.tr("The run is over, but could not be recorded.")
        if run.outcome == "running":
            text = self.tr("The run was cut short: its process has ended without a word. Its end may be missing.")
        log = run.folder / LOG_NAME
        choices = [Choice(self.tr("What it said"), partial(_open, log))] if log.is_file() else []
        self._notices.show_notice("run", text, choices, Tone.WARNING)

    def _tell_trouble(self) -> None:
        """Say why the run cannot be driven, as long as it cannot."""
        self.window.commands.refresh_soon()
        trouble = self.editor.run.trouble if self.editor.run is not None else ""
        if trouble:
            self._notices.show_notice("link", trouble, tone=Tone.WARNING)
        else:
            self._notices.remove("link")

    def _tell_edit_refused(self, sentence: str) -> None:
        self._notices.show_notice("edit", sentence, tone=Tone.WARNING)

    def _refresh_form(self, guids: Collection[int]) -> None:
        if not self.selection.guids or not set(self.selection.guids).isdisjoint(guids):
            panel = self.window.docks["attributes"].widget()
            assert isinstance(panel, AttributesPanel)
            panel.refresh()

    @property
    def _notices(self) -> NoticeBar:
        return SafekeepingFeature.of(self.window).notices

    # -- closing -----------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Ask what is to become of a run that goes on."""
        folder = self._folder_that_goes_on()
        if folder is None or self.window.application.is_ending:
            return True
        self.window.come_forward()
        answer = self.ask_what_becomes_of(folder)
        return self._stop_for_closing() if answer is WhenClosing.STOP else answer is WhenClosing.KEEP

    def _stop_for_closing(self) -> bool:
        """End the run, which nobody watches any more; tell whether that can be done from here."""
        run = self.editor.run
        if self._start is not None:
            self._start.abandon()
        elif run is not None and run.trouble:
            self._stopping.stop(run)  # it says so
            return False
        elif run is not None:
            run.end()
        return True

    def _folder_that_goes_on(self) -> Path | None:
        """Return the folder of the run that is started, or that is watched and goes on."""
        run = self.editor.run
        if self._start is not None:
            return self._start.folder
        return run.folder if run is not None and run.is_live and not run.is_ending else None

    def closed(self) -> None:
        """Wait no longer for a run that was just started; it goes on."""
        self._end_start()

    # -- questions; tests put answers in their place -----------------------------------------------

    def ask_what_becomes_of(self, folder: Path) -> WhenClosing:
        """Ask whether the run in a folder is to be stopped, since its window closes."""
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("NEPI-GUI"), "", parent=self.window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("The run {0} is still going on. Stop it?").format(folder.name))
        again = f"nepi-gui --attach {shlex.quote(str(folder))}"
        box.setInformativeText(
            self.tr("If it is kept running, it goes on without the window. Watch it again with\n{0}").format(again)
        )
        stop = box.addButton(self.tr("Stop it"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Keep it running"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(keep)
        box.exec()
        clicked = box.clickedButton()
        return WhenClosing.STOP if clicked is stop else WhenClosing.KEEP if clicked is keep else WhenClosing.CANCEL

    def ask_which_run(self) -> Path | None:
        """Ask for the folder of a run."""
        start = self.local_dir / self.exp_id
        chosen = QFileDialog.getExistingDirectory(
            self.window, self.tr("The folder of a run"), str(start if start.is_dir() else self.local_dir)
        )
        return Path(chosen) if chosen else None


def open_report(run: WatchedRun) -> None:
    """Show the report of a run in the desktop's browser."""
    if run.report is not None:
        _open(run.report)


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

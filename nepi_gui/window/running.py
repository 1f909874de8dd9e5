"""Running the experiment from the window: run, stop, keep up, watch a run that goes on already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox

from nepi_core.controller import default_local_dir
from nepi_core.errors import NepiError
from nepi_core.loading import Severity
from nepi_core.runs.database import FILE_NAME
from nepi_core.runs.reader import is_running
from nepi_gui.panels.attributes import AttributesPanel
from nepi_gui.watching.live_edits import LiveEdits
from nepi_gui.watching.run_start import RunStart
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature
from nepi_gui.window.notices import Choice, NoticeBar, Tone
from nepi_gui.window.safekeeping import SafekeepingFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_HOLD = "run/hold"
_MOST_LOOKED_AT = 20  # newest runs of an experiment among which one that goes on is looked for


class WhenClosing(Enum):
    """What is to become of a run when its window closes."""

    STOP = auto()
    KEEP = auto()
    CANCEL = auto()


class RunningFeature(Feature):
    """Starts runs, watches and ends them.

    Attributes:
        edits: takes edits of the document over into the live run that is watched; None without one.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.edits: LiveEdits | None = None
        self._start: RunStart | None = None
        self._is_stopping = False

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
            self._is_live,
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

    # -- what there is -----------------------------------------------------------------------------

    @property
    def local_dir(self) -> Path:
        """The folder for all experiments."""
        return Path(self.document.description.local_dir or default_local_dir()).expanduser().absolute()

    @property
    def exp_id(self) -> str:
        """What the folder of the experiment's runs is called."""
        path = self.document.path
        name = self.document.description.exp_id or (path.stem if path is not None else "untitled")
        return re.sub(r"^[^\w+=,@]+|[^\w+=,@. -]", "_", name)[:200] or "untitled"

    def may_run(self) -> bool:
        """Tell whether a run can be started."""
        return self._start is None and not self._is_live() and bool(self.document.description.resources)

    def _is_live(self) -> bool:
        return self.editor.run is not None and self.editor.run.is_live

    def is_held(self) -> bool:
        """Tell whether the run goes on when everything in it has ended; without a run, whether the next one will."""
        run = self.editor.run
        return run.is_held if run is not None and run.is_live else self.editor.settings.is_on(_HOLD)

    # -- run and stop ------------------------------------------------------------------------------

    def run(self) -> None:
        """Run the experiment as it is drawn."""
        if not self.may_run() or self._tell_obstacles():
            return
        self._notices.remove("run")
        description = self.document.freeze()
        hold = "always" if self.editor.settings.is_on(_HOLD) else "endless"
        try:
            self._start = RunStart(description, self.local_dir, self.exp_id, self.document.path, ["--hold", hold], self)
        except NepiError as error:
            self._notices.show_notice("run", str(error), tone=Tone.WARNING)
            return
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
        folder = self._end_start()
        if folder is not None:
            self.watch(folder)

    def _tell_refused(self, reason: str) -> None:
        self._end_start()
        text = self.tr("The run was not started. {0}").format(reason)
        self._notices.show_notice("run", text, tone=Tone.WARNING)
        self.window.commands.refresh_soon()

    def _end_start(self) -> Path | None:
        start, self._start = self._start, None
        if start is None:
            return None
        start.cancel()
        start.deleteLater()
        return start.folder

    def stop(self) -> None:
        """End the run in good order, or at once when that has been asked for already."""
        run = self.editor.run
        if run is None or not run.is_live:
            return
        if run.is_ending or self._is_stopping:
            run.hurry()
            self.editor.tell(self.tr("Ending everything at once…"))
        else:
            self._is_stopping = True
            run.end()
            self.editor.tell(self.tr("Stopping; press Stop once more to end everything at once."))

    def toggle_hold(self) -> None:
        """Have the run go on, or not, when everything in it has ended; without a run, the next one."""
        held = not self.is_held()
        self.editor.settings.keep(_HOLD, held)
        if self.editor.run is not None and self.editor.run.is_driven:
            self.editor.run.hold(held)

    # -- watching ----------------------------------------------------------------------------------

    def watch(self, folder: Path) -> None:
        """Watch the run in a folder, live or over."""
        self._notices.remove("run")
        self._notices.remove("live")
        self._is_stopping = False
        run = WatchedRun(folder, self.editor)
        run.ended.connect(self._tell_end)
        run.ending.connect(self.window.commands.refresh_soon)
        run.held_changed.connect(self.window.commands.refresh_soon)
        if self.edits is not None:
            self.edits.deleteLater()
            self.edits = None
        self.editor.watch(run)
        if run.is_live:
            self.edits = LiveEdits(self.document, run, self)
            self.edits.refused.connect(self._tell_edit_refused)
            self.edits.locked.connect(self._refresh_form)
        elif run.outcome != "running":
            self._tell_end()
        self.window.commands.refresh_soon()

    def leave(self) -> None:
        """Watch no run any more."""
        self._notices.remove("run")
        if self.edits is not None:
            self.edits.deleteLater()
            self.edits = None
        self.document.deployed = frozenset()
        self._refresh_form()
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
        self.watch(folder)

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
        self.window.commands.refresh_soon()
        if run.outcome != "failed":
            return
        text = self.tr("The run has failed. {0}").format(run.problem).strip()
        choices = [Choice(self.tr("Report"), partial(open_report, run))]
        self._notices.show_notice("run", text, choices, Tone.WARNING)

    def _tell_edit_refused(self, sentence: str) -> None:
        self._notices.show_notice("edit", sentence, tone=Tone.WARNING)

    def _refresh_form(self) -> None:
        panel = self.window.docks["attributes"].widget()
        assert isinstance(panel, AttributesPanel)
        panel.refresh()

    @property
    def _notices(self) -> NoticeBar:
        return SafekeepingFeature.of(self.window).notices

    # -- closing -----------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Ask what is to become of a run that goes on."""
        run = self.editor.run
        if run is None or not run.is_live or run.is_ending or self.window.application.is_ending:
            return True
        self.window.come_forward()
        answer = self.ask_what_becomes_of(run)
        if answer is WhenClosing.STOP and run.is_driven:
            run.end()
        return answer is not WhenClosing.CANCEL

    def closed(self) -> None:
        """Wait no longer for a run that was just started; it goes on."""
        self._end_start()

    # -- questions; tests put answers in their place -----------------------------------------------

    def ask_what_becomes_of(self, run: WatchedRun) -> WhenClosing:
        """Ask whether a run is to be stopped, since its window closes."""
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("NEPI-GUI"), "", parent=self.window)
        box.setText(self.tr("The run {0} is still going on. Stop it?").format(run.run_id))
        again = f"nepi-gui --attach {run.folder}"
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


def find_live(folder: Path) -> Path | None:
    """Return the newest run in an experiment's folder that goes on; None when none of the newest does."""
    try:
        runs = sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    except OSError:
        return None
    return next((run for run in reversed(runs[-_MOST_LOOKED_AT:]) if is_running(run)), None)


def open_report(run: WatchedRun) -> None:
    """Show the report of a run in the desktop's browser."""
    if run.report is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.report)))

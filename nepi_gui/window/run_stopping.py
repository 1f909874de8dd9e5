"""Ending the run that is watched: in good order, at once, or by force when it does not answer."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QApplication

from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.notices import Choice, Tone
from nepi_gui.window.safekeeping import SafekeepingFeature

if TYPE_CHECKING:
    from nepi_gui.window.main_window import MainWindow

_PATIENCE = 5000  # ms that a run may take to answer that it will end
_NOTICE = "stop"


class RunStopping(QObject):
    """What Stop does, each time that it is asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._asked: WatchedRun | None = None
        self._told = ""
        self._since = QElapsedTimer()
        self._waiting = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._waiting.timeout.connect(self._tell_silence)

    def forget(self) -> None:
        """Have nothing to do any more with the run that was ended; another one is watched, or it is over."""
        self._asked = None
        self._waiting.stop()
        self._window.take_back(self._told)
        SafekeepingFeature.of(self._window).notices.remove(_NOTICE)

    def stop(self, run: WatchedRun) -> None:
        """End a run that goes on in good order; at once when that has been asked for already."""
        if run.trouble:
            self._tell_out_of_reach(run)
        elif run is not self._asked and not run.is_ending:
            self._asked = run
            self._since.start()
            self._waiting.start()
            run.end(self._take_answer)
            self._tell(self.tr("Stopping; press Stop once more to end everything at once."))
        elif run is not self._asked or self._since.hasExpired(QApplication.doubleClickInterval()):
            run.hurry()
            self._tell(self.tr("Ending everything at once…"))

    def _tell(self, sentence: str) -> None:
        self._told = sentence
        self._window.editor.tell(sentence)

    def _take_answer(self, _: Sequence[str]) -> None:
        self._waiting.stop()
        SafekeepingFeature.of(self._window).notices.remove(_NOTICE)

    def _tell_out_of_reach(self, run: WatchedRun) -> None:
        text = self.tr("{0} End it where it was started, with Ctrl-C.").format(run.trouble)
        SafekeepingFeature.of(self._window).notices.show_notice(_NOTICE, text, tone=Tone.WARNING)

    def _tell_silence(self) -> None:
        """Say that the run does not answer, and offer to kill it."""
        run = self._asked
        if run is None or not run.is_live or not run.pid:
            return
        text = self.tr("The run does not answer. Its process ({0}) is suspended, or very busy.").format(run.pid)
        help = self.tr("End its process at once; what was measured last may be lost.")
        choices = [Choice(self.tr("Kill it"), partial(self._kill, run), help)]
        SafekeepingFeature.of(self._window).notices.show_notice(_NOTICE, text, choices, Tone.WARNING)

    def _kill(self, run: WatchedRun) -> None:
        if not run.is_live or not run.pid:
            return
        try:
            os.kill(run.pid, signal.SIGKILL)
        except OSError as error:
            self._window.editor.tell(self.tr("It cannot be killed: {0}.").format(error.strerror))

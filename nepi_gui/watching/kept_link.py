"""The link to a run that goes on: made again when it is lost, until the run's program has ended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.runs.reader import is_running
from nepi_gui.control.protocol import VERSION, Message, connect
from nepi_gui.watching.run_link import Answered, RunLink

_LOOK_AGAIN = 250  # ms between looks at a run without a link: whether it can be reached now, whether its program lives


def goes_on(folder: Path) -> bool:
    """Tell whether the run in a folder goes on, on this machine; also one that has no record, its disk being full."""
    if is_running(folder):
        return True
    try:
        connect(folder).close()
    except OSError:
        return False
    return True


class KeptLink(QObject):
    """A connection to a live run, and what is known when there is none.

    Signals:
        received: with a message of the run.
        changed: the run takes requests, or does not any more.
        missed: there is no link just now, so that only the record tells what happens; four times a second.
        ended: the run has said so, or its program has gone.

    Attributes:
        trouble: a sentence: why the run cannot be driven; "" when it can, or that is not known yet.
    """

    received = Signal(object)
    changed = Signal()
    missed = Signal()
    ended = Signal()

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.trouble = ""
        self._folder = folder
        self._link: RunLink | None = None
        self._is_strange = False
        self._is_over = False
        self._looking = QTimer(self, interval=_LOOK_AGAIN)
        self._looking.timeout.connect(self._look)
        self._connect()
        if self._link is None:
            self._looking.start()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._link is not None and self._link.is_open

    @property
    def pid(self) -> int:
        """The process of the run; 0 when it is not known."""
        return self._link.pid if self._link is not None else 0

    def ask(self, do: str, answered: Answered | None = None, **more: object) -> None:
        """Send a request, as `RunLink.ask` does; without a connection the answer says so, at once."""
        if self._link is not None:
            self._link.ask(do, answered, **more)
        elif answered is not None:
            answered([self.trouble or self.tr("The connection to the run is lost.")])

    def close(self) -> None:
        """Have nothing to do any more with the run, which goes on."""
        self._looking.stop()
        self._drop()

    def _connect(self) -> None:
        try:
            self._link = RunLink(self._folder, self)
        except OSError as error:
            self._tell(self.tr("it cannot be reached ({0})").format(error.strerror or error))
            return
        self._link.received.connect(self._receive)
        self._link.lost.connect(self._lose)

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link.deleteLater()
            self._link = None

    def _lose(self) -> None:
        """Find out whether the run has ended, or only does not want to talk to this window any more."""
        self._drop()
        if self._is_over or not goes_on(self._folder):
            self.ended.emit()
        else:
            self._looking.start()
            self.changed.emit()

    def _look(self) -> None:
        self.missed.emit()
        if not self._looking.isActive():  # who was told has closed this
            return
        if not goes_on(self._folder):
            self._looking.stop()
            self.ended.emit()
            return
        if not self._is_strange:
            self._connect()
        if self._link is not None:
            self._looking.stop()

    def _receive(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "hello" and message.get("version") != VERSION:
            self.refuse(self.tr("it was started by another version of NEPI-GUI"))
            return
        self._is_over = self._is_over or kind == "ended"
        self.received.emit(message)
        if kind == "hello" and self._link is not None:
            self.trouble = ""
            self.changed.emit()

    def refuse(self, reason: str) -> None:
        """Have nothing to do any more with the other side, which does not speak as a run does; see when it ends."""
        self._is_strange = True
        self._drop()
        self._looking.start()
        self._tell(reason)

    def _tell(self, reason: str) -> None:
        text = self.tr("This run goes on, but can only be watched: {0}.").format(reason) if reason else ""
        if text != self.trouble:
            self.trouble = text
            self.changed.emit()

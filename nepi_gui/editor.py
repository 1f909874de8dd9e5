"""What the parts of a window share: document, selection, findings, looks, settings; they know each other through it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from nepi_gui.appearance import Appearance
from nepi_gui.canvas.selection import Key, Selection
from nepi_gui.document.document import Document
from nepi_gui.document.findings import Findings
from nepi_gui.document.live_schedule import LiveSchedule
from nepi_gui.settings import Settings
from nepi_gui.watching.watched_run import WatchedRun


class Editor(QObject):
    """One for each window.

    Signals:
        revealed: somebody wants a resource or note to be seen; it was selected.
        told: a sentence for the user that needs no answer, such as why something cannot be done.
        settling: a command is about to be done: what is being typed is to be taken in before.
        run_changed: another run is watched, or none.

    Attributes:
        run: the run that is watched, live or recorded; None for none.
    """

    revealed = Signal(int)
    told = Signal(str)
    settling = Signal()
    run_changed = Signal()

    def __init__(self, document: Document, appearance: Appearance, settings: Settings) -> None:
        super().__init__()
        self.document = document
        document.setParent(self)
        self.appearance = appearance
        self.settings = settings
        self.selection = Selection(document, self)
        self.findings = Findings(document, self)
        self.schedule = LiveSchedule(document, self)
        self.run: WatchedRun | None = None

    def reveal(self, key: Key) -> None:
        """Select a resource or note, and have it seen; nothing happens when it has gone, such as that of a finding."""
        described = self.document.description
        if key not in described.resources and not -len(described.canvas.notes) <= key < 0:
            return
        self.selection.set([key])
        self.revealed.emit(key)

    def tell(self, sentence: str) -> None:
        """Say something to the user that needs no answer."""
        self.told.emit(sentence)

    def watch(self, run: WatchedRun | None) -> None:
        """Watch another run, or none; the one that was watched goes on by itself."""
        before, self.run = self.run, run
        if run is not None:
            run.setParent(self)
        self.run_changed.emit()
        if before is not None:
            before.close()
            before.deleteLater()

    def close(self) -> None:
        """End what goes on in the background; a run goes on."""
        if self.run is not None:
            self.run.close()
        self.findings.close()
        self.schedule.close()

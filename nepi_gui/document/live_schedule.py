"""The schedule of the document while it is edited, worked out in the background for those who show it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.description import ExperimentDescription
from nepi_gui.background import Background
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.document import Document
from nepi_gui.document.nature import Nature, ask_nature
from nepi_gui.document.schedule import Schedule, make_schedule

_PAUSE = 80  # ms without a change, after which it is worked out
_OF_NATURE = Aspect.ATTRIBUTES | Aspect.CONNECTIONS | Aspect.OTHER


class LiveSchedule(QObject):
    """What follows from the document; a moment behind it, and only as long as somebody looks.

    Signals:
        changed: there is another schedule.
    """

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._schedule = Schedule()
        self._nature: Nature | None = None
        self._number = 0  # of the document's states that were seen
        self._shown = -1
        self._viewers: set[str] = set()
        self._background = Background(self)
        self._background.finished.connect(self._take)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._work)
        document.changed.connect(self._on_change)

    @property
    def now(self) -> Schedule:
        """The schedule that was found last."""
        return self._schedule

    @property
    def is_current(self) -> bool:
        """Whether it is that of the document as it is."""
        return self._shown == self._number

    def look(self, viewer: str, looks: bool) -> None:
        """Note who shows the schedule just now, by name; for nobody nothing is worked out."""
        (self._viewers.add if looks else self._viewers.discard)(viewer)
        self._work_soon()

    def close(self) -> None:
        """Work no more; wait for what goes on."""
        self._timer.stop()
        self._viewers.clear()
        self._background.close()

    def _work_soon(self) -> None:
        if not self._viewers:
            self._timer.stop()
        elif not self.is_current:
            self._timer.start()

    def _on_change(self, change: Change) -> None:
        of_nature = change.concerns(_OF_NATURE) or "global_values" in change.parts
        if of_nature:
            self._nature = None
        if of_nature or change.concerns(Aspect.CONDITIONS) or "changes" in change.parts:
            self._number += 1
            self._work_soon()

    def _work(self) -> None:
        self._background.run(partial(_make, self._number, self._document.freeze(), self._nature))

    def _take(self, made: tuple[int, Nature, Schedule]) -> None:
        number, nature, schedule = made
        if number == self._number:
            self._nature, self._schedule, self._shown = nature, schedule, number
            self.changed.emit()
        else:
            self._work_soon()


def _make(number: int, description: ExperimentDescription, nature: Nature | None) -> tuple[int, Nature, Schedule]:
    nature = nature or ask_nature(description)
    return number, nature, make_schedule(description, nature)

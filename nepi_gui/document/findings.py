"""What is wrong with the document while it is edited: the checks of ``nepi-gui --validate``, in the background."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.description import ExperimentDescription
from nepi_core.loading import Finding, Severity
from nepi_gui.background import wait_for
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.checker import Checker
from nepi_gui.document.document import Document

_PAUSE = 250  # ms without a change, after which it is looked at

_CHECKED = ~(Aspect.PLACE | Aspect.OTHER)


class Findings(QObject):
    """The findings about a document; a moment behind it.

    A check runs beside the window on a frozen picture of the document; what is changed meanwhile is checked after it.

    Signals:
        changed: there are other findings.
        current_changed: the findings are those of the document as it is, or no longer; see `is_current`.
    """

    changed = Signal()
    current_changed = Signal()
    _checked = Signal(int, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._found: tuple[Finding, ...] = ()
        self._wanted = 0
        self._thread: threading.Thread | None = None
        self._checker = Checker()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._check)
        self._checked.connect(self._take)
        document.changed.connect(self._on_change)
        self.check_soon()

    @property
    def all(self) -> tuple[Finding, ...]:
        """What was found, the worst first."""
        return self._found

    @property
    def is_current(self) -> bool:
        """Whether the findings are those of the document as it is."""
        return not self._timer.isActive() and self._thread is None

    def worst(self) -> dict[int, Severity]:
        """Return for each resource with findings how bad the worst is."""
        worst: dict[int, Severity] = {}
        for finding in reversed(self._found):
            worst[finding.guid] = finding.severity
        worst.pop(0, None)
        return worst

    def about(self, guid: int) -> list[Finding]:
        """Return the findings about a resource, those about the experiment for 0."""
        return [finding for finding in self._found if finding.guid == guid]

    def check_soon(self) -> None:
        """Look at the document again, when it has not been changed for a moment."""
        self._timer.start()
        self.current_changed.emit()

    def close(self) -> None:
        """Look no more; end the check that is going on."""
        self._timer.stop()
        self._wanted += 1
        self._checker.close()
        if self._thread is not None:
            wait_for(self._thread)
            self._thread = None

    def _on_change(self, change: Change) -> None:
        if change.concerns(_CHECKED) or change.parts - {"notes"}:
            self.check_soon()

    def _check(self) -> None:
        if self._thread is not None:
            self.check_soon()  # after the one that is going on
            return
        self._wanted += 1
        task = (self._wanted, self._document.freeze())
        self._thread = threading.Thread(target=self._run, args=task, name="nepi-findings", daemon=True)
        self._thread.start()

    def _run(self, number: int, description: ExperimentDescription) -> None:
        found = self._checker.check(description)
        if not self._checker.is_closed:  # what is left behind must not tell its result to nobody
            self._checked.emit(number, found)

    def _take(self, number: int, found: tuple[Finding, ...]) -> None:
        if self._thread is not None:
            self._thread.join()  # it has nothing left to do
            self._thread = None
        if number == self._wanted and found != self._found:
            self._found = found
            self.changed.emit()
        self.current_changed.emit()

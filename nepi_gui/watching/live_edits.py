"""Edits of the document that concern a run which goes on: what may change is set there, too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from nepi_core.description import Value
from nepi_core.states import ResourceState
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.document import Document
from nepi_gui.watching.watched_run import WatchedRun


class LiveEdits(QObject):
    """Keeps the attributes of a run's resources as they are in the document, and its resources locked there.

    Signals:
        refused: with a sentence: an attribute was not set in the run.
        locked: other resources of the document are deployed.
    """

    refused = Signal(str)
    locked = Signal()

    def __init__(self, document: Document, run: WatchedRun, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._run = run
        self._applied: dict[int, dict[str, Value]] = {}
        document.changed.connect(self._apply)
        run.states_changed.connect(self._lock)
        run.ended.connect(self._unlock)
        for guid, resource in run.description.resources.items():
            self._applied[guid] = dict(resource.attributes)
        self._lock()

    def holds(self, guid: int) -> bool:
        """Tell whether the run has this resource of the document."""
        return guid in self._applied

    def forget(self, guid: int) -> None:
        """Take a resource for one that the run does not have."""
        self._applied.pop(guid, None)

    def note(self, guid: int) -> None:
        """Take a resource for one that the run has as it is in the document."""
        self._applied[guid] = dict(self._document.description.resources[guid].attributes)

    def _apply(self, change: Change) -> None:
        if not self._run.is_driven or change.anew:
            return
        for guid in change.touched(Aspect.ATTRIBUTES) & self._applied.keys():
            resource = self._document.description.resources.get(guid)
            if resource is None:
                self._remove(guid)
            else:
                self._set(guid, resource.attributes)

    def _set(self, guid: int, values: dict[str, Value]) -> None:
        before = self._applied[guid]
        for name in sorted(before.keys() | values.keys()):
            if before.get(name) != values.get(name):
                self._run.set(guid, name, values.get(name), partial(self._take_answer))
        self._applied[guid] = dict(values)

    def _remove(self, guid: int) -> None:
        self.forget(guid)
        if self._run.state(guid) not in (ResourceState.NEW, ResourceState.RELEASED):
            self._run.release([guid], self._take_answer)

    def _take_answer(self, errors: Sequence[str]) -> None:
        for error in errors:
            self.refused.emit(self.tr("In the run: {0}").format(error))

    def _lock(self) -> None:
        states = ((guid, self._run.lives.state(guid)) for guid in self._applied)
        deployed = frozenset(guid for guid, state in states if ResourceState.NEW < state < ResourceState.RELEASED)
        self._put(deployed if self._run.is_live else frozenset())

    def _unlock(self) -> None:
        self._put(frozenset())

    def _put(self, deployed: frozenset[int]) -> None:
        if deployed != self._document.deployed:
            self._document.deployed = deployed
            self.locked.emit()

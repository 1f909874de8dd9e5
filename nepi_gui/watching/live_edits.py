"""Edits of the document that concern a run which goes on: what may change is set there, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, Signal

from nepi_core.description import Value
from nepi_core.states import ResourceState
from nepi_gui.document.change import Aspect, Change
from nepi_gui.document.document import Document
from nepi_gui.watching.watched_run import WatchedRun


class LiveEdits(QObject):
    """Takes edits of resources that are in the run over into it, and keeps those locked that are deployed there.

    What was edited before is not taken over: the run may have been started of another version of the document.

    Signals:
        refused: with a sentence: an attribute was not set in the run.
        locked: with the guids that are deployed now and were not, or the other way round.
    """

    refused = Signal(str)
    locked = Signal(object)

    def __init__(self, document: Document, run: WatchedRun, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._run = run
        self._applied: dict[int, dict[str, Value]] = {}
        document.changed.connect(self._apply)
        run.states_changed.connect(self._look_at)
        run.ended.connect(self.close)
        self._meet()

    def _meet(self) -> None:
        """Find out which resources of the document are in the run."""
        resources = self._document.description.resources
        self._applied = {
            guid: dict(resources[guid].attributes)
            for guid, rtype in self._run.types().items()
            if guid in resources and resources[guid].rtype == rtype
        }
        self._put(frozenset(guid for guid in self._applied if self._is_deployed(guid)))

    def holds(self, guid: int) -> bool:
        """Tell whether the run has this resource of the document."""
        return guid in self._applied

    def forget(self, guid: int) -> None:
        """Take a resource for one that the run does not have."""
        self._applied.pop(guid, None)

    def note(self, guid: int) -> None:
        """Take a resource for one that the run has as it is in the document."""
        self._applied[guid] = dict(self._document.description.resources[guid].attributes)

    def close(self) -> None:
        """Take nothing over any more, and lock nothing. Twice is harmless."""
        self._applied.clear()
        self._put(frozenset())

    def _apply(self, change: Change) -> None:
        if not self._run.is_live or self._run.is_ending:
            return
        if change.anew:
            self._meet()
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
                self._run.set(guid, name, values.get(name), self._take_answer)
        self._applied[guid] = dict(values)

    def _remove(self, guid: int) -> None:
        self.forget(guid)
        if self._is_deployed(guid):
            self._run.release([guid], self._take_answer)
        self._put(self._document.deployed - {guid})

    def _take_answer(self, errors: Sequence[str]) -> None:
        for error in errors:
            self.refused.emit(self.tr("In the run: {0}").format(error))

    def _is_deployed(self, guid: int) -> bool:
        return ResourceState.NEW < self._run.lives.state(guid) < ResourceState.RELEASED

    def _look_at(self, guids: Iterable[int]) -> None:
        ours = self._applied.keys() & guids
        deployed = {guid for guid in ours if self._is_deployed(guid)}
        self._put((self._document.deployed - ours) | deployed)

    def _put(self, deployed: frozenset[int]) -> None:
        before, self._document.deployed = self._document.deployed, deployed
        if changed := before ^ deployed:
            self.locked.emit(changed)

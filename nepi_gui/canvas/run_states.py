"""Shows the states of a run on the canvas: of those resources that the run and the document have in common."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.document.change import Change
from nepi_gui.watching.run_members import RunMembers
from nepi_gui.watching.watched_run import WatchedRun

_FAILED = ResourceState.FAILED
_MANY = 2000  # resources: to draw more takes longer than until the next changes come
_FOLD = 150  # ms


class RunStates(QObject):
    """Keeps a scene in accord with a run, at the moment that is looked at.

    A resource of the document is one of the run when the run has one of the same guid and type.

    Signals:
        changed: with a set of guids: these are shown in another state now.
        shown_anew: another run is shown, or none, or the document has other resources.
        failures_changed: others are FAILED now.

    Attributes:
        run: the run that is shown, None for none.
        states: what is shown, by guid.
    """

    changed = Signal(object)
    shown_anew = Signal()
    failures_changed = Signal()

    def __init__(self, scene: CanvasScene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._document = scene.document
        self.run: WatchedRun | None = None
        self.states: dict[int, ResourceState] = {}
        self._members: RunMembers | None = None
        self._failed: set[int] = set()
        self._touched: set[int] = set()
        self._folding = QTimer(self, singleShot=True, interval=_FOLD)
        self._folding.timeout.connect(self._show_touched)
        self._document.changed.connect(self._on_change)

    def watch(self, run: WatchedRun | None) -> None:
        """Show another run, or none."""
        self.run = run
        if run is not None:
            run.states_changed.connect(self._on_states)
        self._members = RunMembers(run) if run is not None else None
        self._show_all()

    def has(self, guid: int) -> bool:
        """Tell whether a resource of the document is one of the run."""
        resource = self._document.description.resources.get(guid)
        return resource is not None and self._members is not None and self._members.has(guid, resource.rtype)

    def _on_change(self, change: Change) -> None:
        if self._members is not None and (change.anew or change.added or change.removed):
            self._show_all()

    def change(self, guid: int) -> StateChange | None:
        """Return the change that led to the state that is shown; see `RunMembers.change`."""
        return self._members.change(guid) if self._members is not None and self.has(guid) else None

    def _state(self, guid: int) -> ResourceState:
        change = self.change(guid)
        return change.new if change is not None else ResourceState.NEW

    def failed(self) -> list[int]:
        """Return what is FAILED, in the order in which it happened."""
        changes = [(change.time, guid) for guid in self._failed if (change := self.change(guid)) is not None]
        return [guid for _, guid in sorted(changes)]

    def _show_all(self) -> None:
        resources = self._document.description.resources
        shown = [guid for guid in resources if self.has(guid)]
        drafts = resources.keys() - set(shown) if self._members is not None and self._members.types else ()
        self.states = {guid: self._state(guid) for guid in shown}
        self._scene.show_run(self.states, drafts)
        self._note_failures(set(self._failed | self.states.keys()))
        self.shown_anew.emit()

    def _on_states(self, guids: Iterable[int]) -> None:
        self._touched.update(guids)
        if len(self.states) <= _MANY:
            self._show_touched()
        elif not self._folding.isActive():
            self._folding.start()

    def _show_touched(self) -> None:
        touched, self._touched = self._touched, set()
        if self._members is None:
            return
        if touched - self._members.types.keys():
            self._members.learn()
            self._show_all()  # what has looked like a draft has joined the run
            return
        news = {guid: self._state(guid) for guid in touched if self.has(guid)}
        self.states.update(news)
        self._scene.show_states(news)
        self._note_failures(touched)
        self.changed.emit(news.keys())

    def _note_failures(self, touched: set[int]) -> None:
        failed = {guid for guid in touched if self.states.get(guid) is _FAILED}
        if failed != self._failed & touched:
            self._failed = self._failed - touched | failed
            self.failures_changed.emit()

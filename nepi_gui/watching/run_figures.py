"""How far a run has come, in figures that are kept up while it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum, auto

from nepi_core.states import ResourceAction, ResourceState
from nepi_gui.watching.watched_run import WatchedRun

_FAILED = ResourceState.FAILED


class Phase(Enum):
    """What goes on in a run."""

    DEPLOYING = auto()
    RUNNING = auto()
    ENDING = auto()
    OVER = auto()
    REPLAY = auto()
    """A moment of the past is looked at."""


class RunFigures:
    """Counts the resources of a run by state, at the moment that is looked at.

    Args:
        run: the run; `take` is to be called when states in it have changed.

    Attributes:
        counts: number of resources in each state.
        started: when the first one was STARTED, None as long as none was.
    """

    def __init__(self, run: WatchedRun) -> None:
        self._run = run
        self.counts: Counter[ResourceState] = Counter()
        self._states: dict[int, ResourceState] = {}
        self._awaited: dict[int, None] = {}
        self._later: set[int] = set()
        self.started: float | None = None
        self._known_changes = 0
        self.take({*run.description.resources, *run.lives.guids()})

    def take(self, guids: Iterable[int]) -> None:
        """Count resources anew whose states may have changed, or that have come in."""
        described = self._run.description.resources
        for guid in {*guids, *(described if len(self._states) < len(described) else ())}:
            self._take(guid)
        self._note_changes()

    def _take(self, guid: int) -> None:
        state, before = self._run.state(guid), self._states.get(guid)
        if before is None:
            self._meet(guid)
        if state is before:
            return
        if before is not None:
            self.counts[before] -= 1
        self.counts[state] += 1
        self._states[guid] = state
        if state < ResourceState.READY and guid not in self._later:
            self._awaited[guid] = None
        else:
            self._awaited.pop(guid, None)

    def _meet(self, guid: int) -> None:
        """Note whether a resource is not to be deployed at once: it waits for others, perhaps until the end."""
        described = self._run.description.resources.get(guid)
        if described is not None and any(each.action is ResourceAction.DEPLOY for each in described.conditions):
            self._later.add(guid)

    def _note_changes(self) -> None:
        changes = self._run.lives.changes
        if len(changes) < self._known_changes:
            self._known_changes, self.started = 0, None
        if self.started is None:
            new = changes[self._known_changes :]
            self.started = next((each.time for each in new if each.new is ResourceState.STARTED), None)
        self._known_changes = len(changes)

    @property
    def last(self) -> float | None:
        """When the last change happened that is known; None for none."""
        changes = self._run.lives.changes
        return changes[-1].time if changes else None

    @property
    def total(self) -> int:
        """Number of all resources."""
        return len(self._states)

    @property
    def ready(self) -> int:
        """Number of resources that have become READY, or more, and have not FAILED."""
        states = (ResourceState.READY, ResourceState.STARTED, ResourceState.STOPPED)
        return sum(self.counts[state] for state in states)

    @property
    def expected(self) -> int:
        """Number of resources that are to be deployed at once."""
        return self.total - len(self._later)

    @property
    def awaited(self) -> list[int]:
        """Resources that have still to become READY, those first of which something is known already."""
        return sorted(self._awaited, key=lambda guid: (self._states[guid] is ResourceState.NEW, guid))

    def state(self, guid: int) -> ResourceState:
        """Return the state in which a resource was counted."""
        return self._states.get(guid, ResourceState.NEW)

    def failed(self) -> list[int]:
        """Return the resources that have FAILED."""
        return [guid for guid, state in self._states.items() if state is _FAILED] if self.counts[_FAILED] else []

    @property
    def phase(self) -> Phase:
        """What goes on."""
        run = self._run
        if run.moment is not None:
            return Phase.REPLAY
        if not run.is_live:
            return Phase.OVER
        if run.is_ending:
            return Phase.ENDING
        has_begun = self.started is not None or self.counts[ResourceState.STOPPED]
        return Phase.RUNNING if has_begun or not self._awaited else Phase.DEPLOYING

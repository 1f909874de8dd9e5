"""What the state changes of a run add up to: counts for the display, and what has still to start or to end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nepi_core.lifecycle import StateChange
from nepi_core.states import ENDED, ResourceState

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController


class RunWatch:
    """Folds state changes: they come in by the thread that made them, and the main thread is woken once for a burst.

    Args:
        wake: has the main thread look; called from other threads.

    Attributes:
        counts: number of resources in each state, by resource type; a list's index is the state.
        alive: resources that have not ended, as keys in the order of their registration.
        unended: those that the run waits for.
        unstarted: those from whose start on the duration of the run counts; READY has to do for what never starts.
        recent: changes that the display has not taken yet; None when it does not want them.
        ended: number of ends so far.
    """

    def __init__(self, ec: ExperimentController, wake: Callable[[], None]) -> None:
        self._ec = ec
        self._rtypes = {guid: ec.get_resource(guid).data.rtype for guid in ec.resources}
        self.counts = {rtype: [0] * len(ResourceState) for rtype in self._rtypes.values()}
        for rtype in self._rtypes.values():
            self.counts[rtype][ResourceState.NEW] += 1
        self.alive = dict.fromkeys(ec.resources)
        self.unended: set[int] = set()
        self.unstarted: dict[int, ResourceState] = {}
        self.recent: deque[StateChange] | None = None
        self.ended = 0
        self._wake = wake
        self._told = False
        self.close = ec.subscribe(self._changed)

    def take_in(self, guid: int) -> None:
        """Watch a resource that was added while the run goes on, or that took the place of another."""
        manager = self._ec.get_resource(guid)
        rtype = self._rtypes.get(guid)
        if rtype is not None:
            self.counts[rtype][ResourceState.RELEASED] -= 1
        self._rtypes[guid] = manager.data.rtype
        self.counts.setdefault(manager.data.rtype, [0] * len(ResourceState))[ResourceState.NEW] += 1
        self.alive[guid] = None

    def await_ends(self, guids: Iterable[int]) -> None:
        """Wait for the ends of these resources, too."""
        for guid in guids:
            self.unended.add(guid)
            if self._ec.get_resource(guid).state in ENDED:  # looked at after the addition: an end cannot slip through
                self.unended.discard(guid)

    def totals(self) -> dict[ResourceState, int]:
        """Return the number of resources in each state that there is."""
        sums = [sum(column) for column in zip(*self.counts.values(), strict=True)]
        return {state: sums[state] for state in ResourceState if sums and sums[state]}

    def look(self) -> None:
        """Be told of the next change again; called before what is here is looked at."""
        self._told = False

    def _changed(self, change: StateChange) -> None:
        guid, old, new, *_ = change
        rtype = self._rtypes.get(guid)
        if rtype is None:
            return  # registered by another resource while the run goes on
        self.counts[rtype][old] -= 1
        self.counts[rtype][new] += 1
        if new in ENDED:
            self.alive.pop(guid, None)
            self.unended.discard(guid)
            self.ended += 1
        if new >= self.unstarted.get(guid, ResourceState.NEW):
            self.unstarted.pop(guid, None)
        if self.recent is not None:
            self.recent.append(change)
        if not self._told:
            self._told = True
            self._wake()

"""Which resources a run consists of, and what has become of each."""

from __future__ import annotations

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui.watching.watched_run import WatchedRun

_FAILED, _RELEASED = ResourceState.FAILED, ResourceState.RELEASED


class RunMembers:
    """The resources of a run, by guid and type, as of the last time that this was looked up.

    Attributes:
        types: the type of each resource, by guid.
    """

    def __init__(self, run: WatchedRun) -> None:
        self._run = run
        self.types = run.types()

    def learn(self) -> None:
        """Look it up again: while a run goes on it may get more."""
        self.types = self._run.types(anew=True)

    def has(self, guid: int, rtype: str) -> bool:
        """Tell whether a resource of an experiment that was edited since is one of the run."""
        return self.types.get(guid) == rtype

    def change(self, guid: int) -> StateChange | None:
        """Return the change that led to the state that is to be shown; its cause says why a resource FAILED.

        What was RELEASED after it had FAILED is still told as FAILED: that is what became of it.
        """
        change = self._run.change(guid)
        if change is not None and change.new is _RELEASED and change.old is _FAILED:
            own = self._run.lives.of(guid)
            return own[max(0, own.index(change) - 1)]
        return change

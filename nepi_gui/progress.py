"""What a person sees while a run goes on, in plain lines; see `nepi_gui.live_progress` for terminals."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_gui.run_watch import RunWatch
from nepi_gui.terminal import Terminal

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager

_MOST_TOLD = 50
"""With more resources than that in an experiment, only their numbers are told."""

_COUNTS_SECONDS = 5.0


class Progress:
    """Shows a run; this one shows nothing. All methods are for the main thread."""

    def begin(self) -> None:
        """Begin; the deployment goes on already."""

    def refresh(self) -> float | None:
        """Show what is new; return the seconds after which to be called again even if nothing happens."""
        return None

    def close(self) -> None:
        """Show no more; calling it twice is harmless."""


def make_progress(ec: ExperimentController, watch: RunWatch, terminal: Terminal) -> Progress:
    """Return what suits the place where it is shown; called before the deployment, so it must be quick."""
    if terminal.quiet:
        return Progress()
    if sys.stderr.isatty() and os.environ.get("TERM") not in (None, "", "dumb"):
        return _Live(ec, watch, terminal)
    return PlainProgress(ec, watch, terminal)


class _Live(Progress):
    """Imports the live display when the deployment goes on already: rich takes a while to import."""

    def __init__(self, ec: ExperimentController, watch: RunWatch, terminal: Terminal) -> None:
        self._given = (ec, watch, terminal)
        self._shown = Progress()

    def begin(self) -> None:
        from nepi_gui.live_progress import LiveProgress

        self._shown = LiveProgress(*self._given)
        self._shown.begin()

    def refresh(self) -> float | None:
        return self._shown.refresh()

    def close(self) -> None:
        self._shown.close()


class PlainProgress(Progress):
    """A line for each start and end of a resource that does something; for many resources, their numbers.

    Failures are left to the log, which tells them with their cause.
    """

    def __init__(self, ec: ExperimentController, watch: RunWatch, terminal: Terminal) -> None:
        self._ec = ec
        self._watch = watch
        self._terminal = terminal
        self._active = {each.guid for each in map(ec.get_resource, ec.resources) if _is_active(each)}
        self._each = len(self._active) <= _MOST_TOLD
        self._told_at = time.monotonic()
        self._told = ""
        if self._each:
            watch.recent = deque()

    def begin(self) -> None:
        """Tell what is deployed."""
        number = len(self._ec.resources)
        what = f"{number} resource{'' if number == 1 else 's'} of {self._ec.exp_id}, run {self._ec.run_id}"
        self._terminal.event(f"Deploying {what}")

    def refresh(self) -> float | None:
        """Tell what has changed."""
        if not self._each:
            return self._tell_numbers()
        recent = self._watch.recent
        while recent:
            self._tell(recent.popleft())
        return None

    def close(self) -> None:
        """Tell the rest."""
        self.refresh()

    def _tell(self, change: StateChange) -> None:
        if change.guid in self._active and change.new in (ResourceState.STARTED, ResourceState.STOPPED):
            cause = f" ({change.cause})" if change.cause else ""
            name = self._ec.get_resource(change.guid).name
            self._terminal.event(f"{name} {change.new.name}{cause}", change.time)

    def _tell_numbers(self) -> float | None:
        """Tell how many resources are in each state, when that is new; not too often."""
        numbers = numbers_in_words(self._watch.totals())
        if numbers == self._told:
            return None
        wait = self._told_at + _COUNTS_SECONDS - time.monotonic()
        if wait > 0:
            return wait
        self._told_at, self._told = time.monotonic(), numbers
        self._terminal.event(numbers)
        return None


def numbers_in_words(numbers: dict[ResourceState, int]) -> str:
    """Return how many resources are in each state, such as "3 STARTED, 1 STOPPED"."""
    return ", ".join(f"{number} {state.name}" for state, number in numbers.items())


def _is_active(manager: ResourceManager) -> bool:
    """Tell whether a resource does something, unlike a host, which others do something on."""
    return manager.ends_by_itself() or bool(manager.data.conditions) or any(manager.deploys_after())

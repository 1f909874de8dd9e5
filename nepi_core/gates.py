"""Gates: what opens once resources have reached states. Conditions, waits and deployment groups all stand on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from nepi_core.lifecycle import LifeCycle, StateChange
from nepi_core.states import ResourceState
from nepi_core.times import now


class Requirement(NamedTuple):
    """Members that must reach a state, and the seconds that must pass from the moment each of them did."""

    members: Iterable[int]
    state: ResourceState
    delay: float = 0.0


class Member(Protocol):
    """What a gate must know about a resource."""

    life: LifeCycle

    @property
    def is_critical(self) -> bool:
        """Whether its failure is the failure of who waits for it."""


class Gate:
    """Counts the members it still waits for; the last one opens it. It opens, breaks or is cancelled once.

    Args:
        opened: called with the time (seconds since 1970) at which all delays have passed.
        broken: called with the guid of a critical member that FAILED; None when a failure counts as having arrived.
    """

    __slots__ = ("_broken", "_opened", "closed", "due", "missing")

    def __init__(self, opened: Callable[[float], None], broken: Callable[[int], None] | None = None) -> None:
        self._opened = opened
        self._broken = broken
        self.missing = 1  # the registration itself holds the gate until all members are counted
        self.due = 0.0
        self.closed = False

    @property
    def fails_with_members(self) -> bool:
        """Whether a critical member that FAILED breaks the gate."""
        return self._broken is not None

    def arrive(self, due: float) -> None:
        """Count one member that has arrived; ``due`` is when its delay has passed."""
        self.due = max(self.due, due)
        self.missing -= 1
        if not self.missing and not self.closed:
            self.closed = True
            self._opened(self.due)

    def fail(self, guid: int) -> None:
        """Break, because a critical member FAILED."""
        if not self.closed and self._broken is not None:
            self.closed = True
            self._broken(guid)

    def cancel(self) -> None:
        """Never open."""
        self.closed = True


class Gatekeeper:
    """Knows who waits for whom; a subscriber of state changes. The cost of a gate is its number of members, once."""

    def __init__(self, members: Mapping[int, Member]) -> None:
        self._members = members
        self._waiting: dict[int, list[tuple[ResourceState, float, Gate]]] = {}
        # Guards _waiting and all gates. Reentrant: what a gate calls may set up the next gate.
        self._lock = threading.RLock()

    def watch(self, gate: Gate, requirements: Iterable[Requirement]) -> Gate:
        """Have a gate open when all requirements are met, which may be at once, inside this call."""
        with self._lock:
            for requirement in requirements:
                for guid in requirement.members:
                    self._watch_member(gate, guid, requirement.state, requirement.delay)
            gate.arrive(0.0)
        return gate

    def extend(self, gate: Gate, requirements: Iterable[Requirement]) -> bool:
        """Add requirements to a gate; False when it is too late for that."""
        with self._lock:
            if gate.closed:
                return False
            gate.missing += 1
            self.watch(gate, requirements)
            return True

    def cancel(self, gate: Gate) -> None:
        """Have a gate never open."""
        with self._lock:
            gate.cancel()

    def state_changed(self, change: StateChange) -> None:
        """Count the member that changed in all gates that wait for it."""
        with self._lock:
            entries = self._waiting.pop(change.guid, None)
            if entries is None:
                return
            left = [entry for entry in entries if not self._settle(change, *entry)]
            if left:
                self._waiting.setdefault(change.guid, []).extend(left)

    def _watch_member(self, gate: Gate, guid: int, state: ResourceState, delay: float) -> None:
        # The state is read under the lock that state_changed takes: a change that is not seen here comes there.
        gate.missing += 1
        present = self._members[guid].life.state
        if not self._settle(StateChange(guid, present, present, 0.0, ""), state, delay, gate):
            self._waiting.setdefault(guid, []).append((state, delay, gate))

    def _settle(self, change: StateChange, state: ResourceState, delay: float, gate: Gate) -> bool:
        """Count the member if it has arrived; tell whether the gate need not hear of it any more."""
        if gate.closed:
            return True
        new, life = change.new, self._members[change.guid].life
        if new is ResourceState.FAILED and state < ResourceState.FAILED and gate.fails_with_members:
            if self._members[change.guid].is_critical:
                gate.fail(change.guid)
            else:
                gate.arrive(0.0)
            return True
        if new < state:
            return False
        never_failed = state is ResourceState.FAILED and life.reached(ResourceState.FAILED) is None
        if never_failed and gate.fails_with_members:
            return True  # released without a failure: the gate stays closed for ever
        gate.arrive((change.time or life.reached_or_passed(state)) + delay)
        return True


class Wait:
    """A thread that waits for a gate."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.gate = Gate(self._open)

    def _open(self, due: float) -> None:
        self._event.set()

    def interrupt(self) -> None:
        """End the wait without the gate."""
        self._event.set()

    def block(self, timeout: float | None) -> bool:
        """Wait; return False after ``timeout`` seconds."""
        return self._event.wait(timeout)


def seconds_until(due: float) -> float:
    """Return the seconds from now until a time, 0 when it has passed."""
    return max(0.0, due - now())

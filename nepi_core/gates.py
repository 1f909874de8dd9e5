"""Gates: what opens once resources have reached states. Conditions, waits and deployment groups all stand on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from nepi_core.lifecycle import LifeCycle, StateChange
from nepi_core.states import ResourceState


class Requirement(NamedTuple):
    """Members that must reach a state, and the seconds that must pass from the moment each of them did."""

    members: Iterable[int]
    state: ResourceState
    delay: float = 0.0


class Member(Protocol):
    """What a gate must know about a resource."""

    life: LifeCycle

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def cause(self) -> str:
        """Why it is in its present state."""

    @property
    def is_critical(self) -> bool:
        """Whether its failure is the failure of who waits for it."""


class Gate:
    """Counts the members it still waits for; the last one opens it. It opens, breaks or is cancelled once.

    Args:
        opened: called with the time (seconds since 1970) at which all delays have passed.
        broken: called with a critical member that FAILED; None when a failure counts as having arrived.

    Both are called under the gatekeeper's lock, by whoever made the change; they must return at once.
    """

    __slots__ = ("_broken", "_opened", "closed", "due", "missing")

    def __init__(self, opened: Callable[[float], None], broken: Callable[[Member], None] | None = None) -> None:
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

    def fail(self, member: Member) -> None:
        """Break, because a critical member FAILED."""
        if not self.closed and self._broken is not None:
            self.closed = True
            self._broken(member)

    def cancel(self) -> None:
        """Never open."""
        self.closed = True


class _Entry(NamedTuple):
    """A gate that waits for a member."""

    member: Member
    state: ResourceState
    delay: float
    gate: Gate


class Gatekeeper:
    """Knows who waits for whom; a subscriber of state changes. The cost of a gate is its number of members, once.

    Members that do not exist (any more) are not waited for.

    Attributes:
        lock: guards all gates, and what others keep about gates: one lock, so that no two can be taken in two orders.
            Reentrant: what a gate calls may set up the next gate.
    """

    def __init__(self, members: Mapping[int, Member]) -> None:
        self._members = members
        self._waiting: dict[int, list[_Entry]] = {}
        self.lock = threading.RLock()

    def watch(self, gate: Gate, requirements: Iterable[Requirement]) -> Gate:
        """Have a gate open when all requirements are met, which may be at once, inside this call."""
        with self.lock:
            for requirement in requirements:
                for guid in requirement.members:
                    if guid in self._members:
                        self._watch_member(guid, requirement.state, requirement.delay, gate)
            gate.arrive(0.0)
        return gate

    def extend(self, gate: Gate, requirements: Iterable[Requirement]) -> bool:
        """Add requirements to a gate; False when it is too late for that."""
        with self.lock:
            if gate.closed:
                return False
            gate.missing += 1
            self.watch(gate, requirements)
            return True

    def cancel(self, gate: Gate) -> None:
        """Have a gate never open."""
        with self.lock:
            gate.cancel()

    def forget(self, guid: int) -> None:
        """Have nobody wait for a member any more, which is removed from the experiment."""
        with self.lock:
            for entry in self._waiting.pop(guid, ()):
                entry.gate.arrive(0.0)

    def state_changed(self, change: StateChange) -> None:
        """Count the member that changed in all gates that wait for it."""
        with self.lock:
            entries = self._waiting.pop(change.guid, None)
            if entries is None:
                return
            left = [entry for entry in entries if not _settle(entry, change.new, change.time)]
            if left:
                self._waiting.setdefault(change.guid, []).extend(left)

    def _watch_member(self, guid: int, state: ResourceState, delay: float, gate: Gate) -> None:
        # The state is read under the lock that state_changed takes: a change that is not seen here comes there.
        gate.missing += 1
        entry = _Entry(self._members[guid], state, delay, gate)
        if not _settle(entry, entry.member.life.state, None):
            self._waiting.setdefault(guid, []).append(entry)


def _settle(entry: _Entry, present: ResourceState, since: float | None) -> bool:
    """Count a member that is in a state now if it has arrived; tell whether the gate need not hear of it any more."""
    member, state, delay, gate = entry
    if gate.closed:
        return True
    if present is ResourceState.FAILED and state < ResourceState.FAILED and gate.fails_with_members:
        if member.is_critical:
            gate.fail(member)
        else:
            gate.arrive(0.0)
        return True
    if present < state:
        return False
    never_failed = state is ResourceState.FAILED and member.life.reached(ResourceState.FAILED) is None
    if never_failed and gate.fails_with_members:
        return True  # released without a failure: the gate stays closed for ever
    gate.arrive((member.life.reached_or_passed(state) if since is None else since) + delay)
    return True


class Wait:
    """A thread that waits for a gate.

    Args:
        give_up: tells whether the wait is to end although the gate is not open; what it raises ends the wait, too.
    """

    def __init__(self, give_up: Callable[[], bool]) -> None:
        self._give_up = give_up
        self._event = threading.Event()
        self._error: Exception | None = None
        self.gate = Gate(self._open)

    def _open(self, due: float) -> None:
        self._event.set()

    def look(self) -> None:
        """End the wait if it is to be given up."""
        try:
            if self._give_up():
                self._event.set()
        except Exception as error:
            self._error = error
            self._event.set()

    def block(self, timeout: float | None) -> bool:
        """Wait; return False after ``timeout`` seconds."""
        self.look()
        ended = self._event.wait(timeout)
        if self._error is not None:
            raise self._error
        return ended

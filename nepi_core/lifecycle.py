"""The life cycle of a resource: the table of legal state moves, and the one object that makes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, NoReturn

from nepi_core.errors import IllegalMoveError
from nepi_core.states import ResourceState
from nepi_core.times import now

_NEW, _DISCOVERED, _PROVISIONED, _READY, _STARTED, _STOPPED, _FAILED, _RELEASED = ResourceState

# FAILED is reached from every live state and RELEASED from all. Forward moves of a deployment may skip states: a
# resource that needs no discovery goes from NEW to READY. A resource that has STOPPED may start again.
MOVES: dict[ResourceState, frozenset[ResourceState]] = {
    _NEW: frozenset({_DISCOVERED, _PROVISIONED, _READY, _FAILED, _RELEASED}),
    _DISCOVERED: frozenset({_PROVISIONED, _READY, _FAILED, _RELEASED}),
    _PROVISIONED: frozenset({_READY, _FAILED, _RELEASED}),
    _READY: frozenset({_STARTED, _FAILED, _RELEASED}),
    _STARTED: frozenset({_STOPPED, _FAILED, _RELEASED}),
    _STOPPED: frozenset({_STARTED, _FAILED, _RELEASED}),
    _FAILED: frozenset({_RELEASED}),
    _RELEASED: frozenset(),
}

# What a resource that is started again and again forgets is in the middle: its way to READY comes once, at first.
_FIRST_CHANGES = 4
_LAST_CHANGES = 60


class StateChange(NamedTuple):
    """A state change that has happened.

    Attributes:
        time: seconds since 1970, by `nepi_core.times.now`.
        cause: why, in words; "" when it is the ordinary course.
    """

    guid: int
    old: ResourceState
    new: ResourceState
    time: float
    cause: str


class Announcer:
    """Tells state changes to subscribers, each change once, in the order in which they happened.

    The thread that made a change delivers it, unless another thread is delivering just then, which takes it over: so
    subscribers never run twice at once and need no locks among themselves, and no thread waits for them. They must
    return soon, and must not wait for state changes.

    Args:
        on_error: called with a message when a subscriber has raised, while its error is being handled.
    """

    def __init__(self, on_error: Callable[[str], None]) -> None:
        self._waiting: deque[StateChange] = deque()
        self._delivering = threading.Lock()
        self._subscribing = threading.Lock()
        self._subscribers: tuple[Callable[[StateChange], None], ...] = ()  # replaced under _subscribing, never changed
        self._thread = 0
        self._on_error = on_error
        self.publish = self._waiting.append
        """Take a change in; called under the lock of the resource that changed, so that the order is kept."""

    def subscribe(self, subscriber: Callable[[StateChange], None]) -> Callable[[], None]:
        """Have ``subscriber`` called with every change from now on; return what ends that."""
        own = partial(subscriber)  # so that who subscribes twice can end the one and keep the other
        with self._subscribing:
            self._subscribers = (*self._subscribers, own)

        def unsubscribe() -> None:
            with self._subscribing:
                self._subscribers = tuple(each for each in self._subscribers if each is not own)

        return unsubscribe

    @property
    def delivering_here(self) -> bool:
        """Whether the calling thread is just inside a subscriber."""
        return self._thread == threading.get_ident()

    def deliver(self) -> None:
        """Deliver what waits. Called after a change, with no lock held."""
        # The outer loop looks again after the lock is given back: a change that came in between, whose own thread
        # found the lock taken, would wait for ever otherwise.
        while self._waiting:
            if not self._delivering.acquire(blocking=False):
                return
            try:
                self._thread = threading.get_ident()
                self._deliver_all()
            finally:
                self._thread = 0
                self._delivering.release()

    def _deliver_all(self) -> None:
        waiting = self._waiting
        while waiting:
            change = waiting.popleft()
            for subscriber in self._subscribers:
                try:
                    subscriber(change)
                except BaseException as error:  # one that ends threads must not end the delivery to others either
                    self._on_error(f"A subscriber failed at {change}: {error!r}")


class LifeCycle:
    """State of one resource, its history, and the order of its jobs.

    Two rules: a state changes only by `move`, only along `MOVES`; and jobs of one resource (deploy, start, an exit to
    be handled ...) run one after the other, never two at once.
    """

    __slots__ = (
        "_announcer",
        "_depth",
        "_jobs",
        "_lock",
        "_owner",
        "_turn",
        "cancelled",
        "changes",
        "guid",
        "state",
    )

    def __init__(self, guid: int, announcer: Announcer) -> None:
        self.guid = guid
        self.state = _NEW
        self.changes: tuple[StateChange, ...] = ()
        """The first and the last changes, oldest first."""
        self.cancelled = False
        """Set before a release waits for the running job; long work looks at it."""
        self._announcer = announcer
        self._lock = threading.Lock()
        self._owner = 0  # thread that runs a job, 0 for none; guarded by _lock
        self._depth = 0
        self._jobs: deque[Callable[[], object]] | None = None  # jobs that came while another ran; guarded by _lock
        self._turn: threading.Condition | None = None  # made only when a thread has to wait for its turn

    # -- states ------------------------------------------------------------------------------------

    def move(self, new: ResourceState, cause: str = "", time: float | None = None) -> bool:
        """Make a state change; return False when the resource is there already.

        Raises:
            IllegalMoveError: the table has no such move; the message tells what the resource did so far.
        """
        with self._lock:
            old = self.state
            if new is old:
                return False
            if new not in MOVES[old]:
                self.refuse(new)
            change = StateChange(self.guid, old, new, now() if time is None else time, cause)
            self.state = new
            self._remember(change)
            self._announcer.publish(change)
        self._announcer.deliver()
        return True

    def _remember(self, change: StateChange) -> None:
        known = self.changes
        if len(known) >= _FIRST_CHANGES + _LAST_CHANGES:
            known = known[:_FIRST_CHANGES] + known[_FIRST_CHANGES + 1 :]
        self.changes = (*known, change)

    def reached(self, state: ResourceState) -> float | None:
        """Return the time of the last change to ``state``, or None."""
        return next((change.time for change in reversed(self.changes) if change.new is state), None)

    def reached_or_passed(self, state: ResourceState) -> float:
        """Return the time at which the resource last came to ``state``, or to the first later state it went to instead.

        Only for a resource whose state is ``state`` or a later one.
        """
        exact = self.reached(state)
        if exact is not None:
            return exact
        return next((change.time for change in self.changes if change.new >= state), now())

    def history(self) -> str:
        """Return in one line what the resource did so far."""
        return " > ".join(["NEW", *(change.new.name for change in self.changes)])

    def refuse(self, new: ResourceState) -> NoReturn:
        """Say why the resource cannot come to a state.

        Raises:
            IllegalMoveError: always.
        """
        allowed = ", ".join(state.name for state in sorted(MOVES[self.state])) or "nothing more"
        raise IllegalMoveError(
            f"Resource {self.guid} cannot become {new.name}: it is {self.state.name} (so far: {self.history()}), "
            f"after which it may become {allowed}."
        )

    # -- jobs --------------------------------------------------------------------------------------

    @property
    def inside(self) -> bool:
        """Whether the calling thread runs a job of this resource."""
        return self._owner == threading.get_ident()

    def run(self, job: Callable[[], object]) -> None:
        """Run a job now, in this thread, after those that run or wait; a job may run others inside itself."""
        self._enter()
        try:
            job()
        finally:
            self._leave()

    def run_or_queue(self, job: Callable[[], object]) -> None:
        """Run a job in this thread, or leave it to the thread that runs another one just now; never wait."""
        me = threading.get_ident()
        with self._lock:
            if self._owner and self._owner != me:
                if self._jobs is None:
                    self._jobs = deque()
                self._jobs.append(job)
                return
            self._owner = me
            self._depth += 1
        try:
            job()
        finally:
            self._leave()

    def _enter(self) -> None:
        me = threading.get_ident()
        with self._lock:
            if self._owner == 0 or self._owner == me:
                self._owner = me
                self._depth += 1
                return
            if self._turn is None:
                self._turn = threading.Condition(self._lock)
            while self._owner:
                self._turn.wait()
            self._owner = me
            self._depth = 1

    def _leave(self) -> None:
        while True:
            with self._lock:
                if self._depth > 1 or not self._jobs:
                    self._depth -= 1
                    if not self._depth:
                        self._owner = 0
                        if self._turn is not None:
                            self._turn.notify()
                    return
                job = self._jobs.popleft()
            try:
                job()
            except BaseException:
                self._leave()  # the jobs behind it have their turn all the same
                raise

"""States, times and waits of an experiment: the half of the controller that watches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Literal, overload

from nepi_core.conditions import known_state
from nepi_core.description import ExperimentDescription, Value, as_guids
from nepi_core.errors import NepiError, WaitTimeoutError
from nepi_core.experiment import Experiment
from nepi_core.gates import Gatekeeper, Requirement, Wait
from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceState
from nepi_core.workers import WorkerPool

_logger = logging.getLogger("nepi.watching")

Guids = int | Iterable[int]

ValueListener = Callable[[int, str, Value | None], None]
"""Takes guid, name of an attribute, and its new value; None stands for the default."""


class WatchedExperiment(Experiment):
    """Tells the states and times of resources, and waits for them.

    Attributes:
        gatekeeper: knows who waits for whom.
        workers: the threads that carry out the jobs of the experiment.
    """

    gatekeeper: Gatekeeper
    workers: WorkerPool

    def __init__(self, description: ExperimentDescription) -> None:
        super().__init__(description)
        self._waits: set[Wait] = set()
        self._value_subscribing = threading.Lock()
        self._value_listeners: tuple[ValueListener, ...] = ()  # replaced under _value_subscribing, never changed

    @property
    def abort(self) -> bool:
        """Whether the experiment is given up."""
        return False

    def inform_failure(self, guid: int) -> None:
        """Have it judged that a resource FAILED, unless that has been done."""

    def subscribe(self, callback: Callable[[StateChange], None]) -> Callable[[], None]:
        """Have ``callback`` called with every state change from now on; return what ends that.

        It is called in the thread that made the change, one call at a time, in the order of the changes; it must
        return soon, and must not wait for state changes.
        """
        return self.announcer.subscribe(callback)

    def subscribe_values(self, callback: ValueListener) -> Callable[[], None]:
        """Have ``callback`` called whenever an attribute of a deployed resource was set; return what ends that.

        It is called in the thread that set it, and must return soon. What it raises is logged.
        """
        own: ValueListener = partial(callback)
        with self._value_subscribing:
            self._value_listeners = (*self._value_listeners, own)

        def unsubscribe() -> None:
            with self._value_subscribing:
                self._value_listeners = tuple(each for each in self._value_listeners if each is not own)

        return unsubscribe

    def tell_value(self, guid: int, name: str, value: Value | None) -> None:
        """Tell who subscribed that an attribute was set."""
        for listener in self._value_listeners:
            try:
                listener(guid, name, value)
            except Exception:
                _logger.exception("A subscriber failed at attribute '%s' of resource %s.", name, guid)

    @overload
    def state(self, guid: int, hr: Literal[False] = False) -> ResourceState: ...
    @overload
    def state(self, guid: int, hr: Literal[True]) -> str: ...
    def state(self, guid: int, hr: bool = False) -> ResourceState | str:
        """Return the state of a resource; its name with ``hr`` (human readable)."""
        state = self.get_resource(guid).state
        return state.name if hr else state

    def get_discover_time(self, guid: int) -> datetime | None:
        """Return when a resource became DISCOVERED, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.DISCOVERED)

    def get_provision_time(self, guid: int) -> datetime | None:
        """Return when a resource became PROVISIONED, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.PROVISIONED)

    def get_ready_time(self, guid: int) -> datetime | None:
        """Return when a resource became READY, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.READY)

    def get_start_time(self, guid: int) -> datetime | None:
        """Return when a resource last became STARTED, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.STARTED)

    def get_stop_time(self, guid: int) -> datetime | None:
        """Return when a resource last became STOPPED, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.STOPPED)

    def get_failed_time(self, guid: int) -> datetime | None:
        """Return when a resource became FAILED, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.FAILED)

    def get_release_time(self, guid: int) -> datetime | None:
        """Return when a resource became RELEASED, None if it never did."""
        return self.get_resource(guid).time_of(ResourceState.RELEASED)

    def wait(
        self,
        guids: Guids,
        state: ResourceState = ResourceState.STOPPED,
        quit: Callable[[], bool] | None = None,
        timeout: float | None = None,
    ) -> bool:
        """Block until all resources have reached ``state`` or a later one, or the experiment aborts.

        A resource that is removed meanwhile is not waited for any more. A job of the experiment may wait, too: another
        thread then works in its place.

        Args:
            quit: ends the wait when it returns True; looked at whenever a resource changes its state. Without it the
                wait ends when the experiment aborts. What it raises is raised here.

        Returns:
            Whether all resources have reached the state.

        Raises:
            UnknownResourceError: a guid does not exist.
            ConditionError: there is no such state, or nothing can wait for it.
            WaitTimeoutError: after ``timeout`` seconds.
            NepiError: a subscriber of state changes has called this.
        """
        members = as_guids(guids)
        for guid in members:
            if self.get_resource(guid).state is ResourceState.FAILED:
                self.inform_failure(guid)  # so that the caller finds the experiment given up, if it is going to be
        return self._wait(members, state if state is ResourceState.NEW else known_state(state), quit, timeout)

    def _wait(
        self, members: Sequence[int], state: ResourceState, quit: Callable[[], bool] | None, timeout: float | None
    ) -> bool:
        self._refuse_in_subscriber()
        wait = Wait(quit if quit is not None else lambda: self.abort)
        self._waits.add(wait)
        stop_looking = self.announcer.subscribe(lambda change: wait.look()) if quit is not None else None
        try:
            self.gatekeeper.watch(wait.gate, [Requirement(members, state)])
            if not wait.gate.closed and not self._block(wait, timeout):
                raise WaitTimeoutError(self._tell_missing(members, state, timeout))
            return wait.gate.closed
        finally:
            self.gatekeeper.cancel(wait.gate)
            self._waits.discard(wait)
            if stop_looking is not None:
                stop_looking()

    def _block(self, wait: Wait, timeout: float | None) -> bool:
        with self.workers.lend():
            return wait.block(timeout)

    def _refuse_in_subscriber(self) -> None:
        if self.announcer.delivering_here:
            raise NepiError(
                "A subscriber of state changes must not wait for state changes: they come through it. Leave it to a "
                'worker, as in ec.schedule("0s", ec.shutdown).'
            )

    def _tell_missing(self, members: Iterable[int], state: ResourceState, timeout: float | None) -> str:
        missing = [each for each in map(self._managers.get, members) if each is not None and each.state < state]
        shown = ", ".join(f"{each.name} is {each.state.name}" for each in missing[:5])
        more = f", and {len(missing) - 5} more" if len(missing) > 5 else ""
        return f"After {timeout:g} s not all resources are {state.name}: {shown}{more}."

    def wait_deployed(self, guids: Guids, timeout: float | None = None) -> bool:
        """Block until all resources are READY or further; see `wait`."""
        return self.wait(guids, ResourceState.READY, timeout=timeout)

    def wait_started(self, guids: Guids, timeout: float | None = None) -> bool:
        """Block until all resources are STARTED or further; see `wait`."""
        return self.wait(guids, ResourceState.STARTED, timeout=timeout)

    def wait_finished(self, guids: Guids, timeout: float | None = None) -> bool:
        """Block until all resources are STOPPED or further; see `wait`."""
        return self.wait(guids, ResourceState.STOPPED, timeout=timeout)

    def wait_released(self, guids: Guids, timeout: float | None = None) -> bool:
        """Block until all resources are RELEASED, even when the experiment aborts."""
        return self.wait(guids, ResourceState.RELEASED, lambda: False, timeout)

    def look_at_waits(self) -> None:
        """Have all waits see whether they are to be given up, since the experiment may have been."""
        for wait in list(self._waits):
            wait.look()

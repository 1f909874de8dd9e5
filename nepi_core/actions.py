"""Actions that wait for their conditions, and the jobs that carry them out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from nepi_core.conditions import requirements
from nepi_core.errors import DeploymentError
from nepi_core.gates import Gate, Gatekeeper, Member, Requirement
from nepi_core.scheduler import Task, Timer
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import now
from nepi_core.workers import Job, WorkerPool

if TYPE_CHECKING:
    from nepi_core.resource import ResourceManager

_OWN_STATE = {ResourceAction.START: ResourceState.READY, ResourceAction.STOP: ResourceState.STARTED}
"""State that a resource must have itself before an action."""


class _Armed:
    """An action that waits: for its gate to open, and then for the delay to pass."""

    __slots__ = ("gate", "task")

    def __init__(self) -> None:
        self.gate: Gate | None = None
        self.task: Task | None = None


class Actions:
    """Arms actions: each runs once, as soon as all that it waits for has happened."""

    def __init__(self, gatekeeper: Gatekeeper, workers: WorkerPool, timer: Timer) -> None:
        self._gatekeeper = gatekeeper
        self._workers = workers
        self._timer = timer
        # What was not handed to the workers yet; guarded by the gatekeeper's lock.
        self._armed: dict[tuple[int, ResourceAction], _Armed] = {}

    def arm(self, resource: ResourceManager, action: ResourceAction) -> None:
        """Have an action run once its conditions allow it; nothing happens when it is armed already."""
        self.arm_all([resource], action)

    def arm_all(self, resources: Iterable[ResourceManager], action: ResourceAction, unstarted: bool = False) -> None:
        """Arm an action of several resources; those that wait for nothing go to the workers at once.

        Args:
            unstarted: leave out those that have STARTED already, by hand.
        """
        jobs: list[Job] = []
        for resource in resources:
            hosts = tuple(resource.deploys_after()) if action is ResourceAction.DEPLOY else ()
            # Under the lock: conditions that come after they were looked at find the gate, and have it look again.
            with self._gatekeeper.lock:
                if unstarted and resource.state > ResourceState.READY:
                    continue
                needed = list(_needed(resource, action, hosts))
                if needed:
                    self._arm_gate(resource, action, needed)
                else:
                    jobs.append(_job(resource, action))
        self._workers.submit_all(jobs)

    def rearm(self, resource: ResourceManager) -> None:
        """Have the armed actions of a resource look at its conditions anew, which have changed."""
        with self._gatekeeper.lock:
            for action in ResourceAction:
                if self._disarm(resource.guid, action):
                    self.arm(resource, action)

    def disarm(self, guids: Iterable[int], actions: Iterable[ResourceAction] = tuple(ResourceAction)) -> None:
        """Forget the armed actions of resources."""
        with self._gatekeeper.lock:
            for guid in guids:
                for action in actions:
                    self._disarm(guid, action)

    def _disarm(self, guid: int, action: ResourceAction) -> bool:
        """Forget an armed action; return whether there was one."""
        armed = self._armed.pop((guid, action), None)
        if armed is not None and armed.gate is not None:
            armed.gate.cancel()
        if armed is not None and armed.task is not None:
            self._timer.remove(armed.task)
        return armed is not None

    def after(
        self,
        needed: Iterable[Requirement],
        opened: Callable[[], object],
        broken: Callable[[Member], None] | None = None,
    ) -> Gate:
        """Have a worker call ``opened`` once all requirements are met, or ``broken`` when a critical member FAILED."""

        def open_at(due: float) -> None:
            if due > now():
                self._timer.schedule(Task(due, opened))
            else:
                self._workers.submit(opened)

        def break_by(member: Member) -> None:
            if broken is not None:
                self._workers.submit(partial(broken, member))

        return self._gatekeeper.watch(Gate(open_at, break_by if broken else None), needed)

    def _arm_gate(self, resource: ResourceManager, action: ResourceAction, needed: list[Requirement]) -> None:
        key = (resource.guid, action)
        if key not in self._armed:
            armed = self._armed[key] = _Armed()
            armed.gate = Gate(partial(self._open, armed, resource, action), partial(self._break, resource, action))
            self._gatekeeper.watch(armed.gate, needed)

    def _open(self, armed: _Armed, resource: ResourceManager, action: ResourceAction, due: float) -> None:
        if due > now():
            armed.task = self._timer.schedule(Task(due, partial(self._begin, armed, resource, action)))
        else:
            self._armed.pop((resource.guid, action), None)
            self._workers.submit(_job(resource, action))

    def _begin(self, armed: _Armed, resource: ResourceManager, action: ResourceAction) -> None:
        """Carry an action out whose delay has passed, unless it was disarmed meanwhile."""
        with self._gatekeeper.lock:
            if self._armed.get((resource.guid, action)) is not armed:
                return
            del self._armed[resource.guid, action]
        _job(resource, action)()

    def _break(self, resource: ResourceManager, action: ResourceAction, failed: Member) -> None:
        self._armed.pop((resource.guid, action), None)
        if failed is not resource:
            cause = f"Its {action.name} waited for {failed.name}, which FAILED: {failed.cause}"
            self._workers.submit(partial(resource.fail, cause, DeploymentError(cause)))


def _needed(resource: ResourceManager, action: ResourceAction, hosts: tuple[int, ...]) -> Iterable[Requirement]:
    if hosts:
        yield Requirement(hosts, ResourceState.READY)
    if action is not ResourceAction.DEPLOY and resource.state is not _OWN_STATE[action]:
        yield Requirement((resource.guid,), _OWN_STATE[action])
    if resource.data.conditions:
        yield from requirements(resource.data.conditions, action)


def _job(resource: ResourceManager, action: ResourceAction) -> Job:
    return partial(resource.life.run_or_queue, partial(_perform, resource, action))


def _perform(resource: ResourceManager, action: ResourceAction) -> None:
    """Carry an action out, unless the resource has ended meanwhile. What it raises has become its failure already."""
    if resource.state >= ResourceState.FAILED or resource.cancelled:
        return
    if action is ResourceAction.STOP and resource.state is ResourceState.STOPPED:
        return
    with contextlib.suppress(BaseException):
        (resource.deploy, resource.start, resource.stop)[action]()

"""Deployment groups: resources that are deployed together, and start once all of them are READY."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from nepi_core.gates import Gate, Gatekeeper, Requirement
from nepi_core.states import ResourceAction, ResourceState

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager


class Batch:
    """Resources that wait for each other: none starts before all are READY (or have failed)."""

    def __init__(self, members: Sequence[ResourceManager], gate: Gate) -> None:
        self.members = list(members)
        self.gate = gate


class Deployment:
    """Deploys groups of resources and starts them."""

    def __init__(self, ec: ExperimentController, gatekeeper: Gatekeeper) -> None:
        self._ec = ec
        self._gatekeeper = gatekeeper
        self._numbers = itertools.count(1)
        self._batches: dict[int, Batch | None] = {}
        self._lock = threading.Lock()

    def deploy(self, resources: Sequence[ResourceManager], late: Set[int], group: int | None) -> int:
        """Deploy resources; return the number of their group, to which more can be added.

        Args:
            late: guids of those that nobody waits for (see `late`).

        Resources that join a group whose members still wait for each other wait with them; those that come later
        wait for each other only.
        """
        together = [each for each in resources if each.guid not in late]
        alone = [each for each in resources if each.guid in late]
        with self._lock:
            number = next(each for each in self._numbers if each not in self._batches) if group is None else group
            for resource in resources:
                resource.deployment_group = number
            self._gather(number, together)
        self._ec.actions.arm_all(resources, ResourceAction.DEPLOY)
        self._start(alone)
        return number

    def _gather(self, number: int, members: Sequence[ResourceManager]) -> None:
        """Add resources to the batch of a group that still waits, or to a new one."""
        batch = self._batches.setdefault(number, None)
        needed = [Requirement([each.guid for each in members], ResourceState.READY)]
        if batch is not None:
            with self._gatekeeper.lock:  # the gate must not open after one of the two steps
                if self._gatekeeper.extend(batch.gate, needed):
                    batch.members.extend(members)
                    return
        if members:
            new = Batch(members, Gate(lambda due: self._ec.workers.submit(partial(self._start_batch, new))))
            self._batches[number] = new
            self._gatekeeper.watch(new.gate, needed)

    def _start_batch(self, batch: Batch) -> None:
        if not self._ec.abort:
            self._start(batch.members)

    def _start(self, resources: Sequence[ResourceManager]) -> None:
        # What has started by hand meanwhile is not started again, should it have stopped.
        self._ec.actions.arm_all(resources, ResourceAction.START, unstarted=True)
        # Without a condition on it, STOP is nobody's wish: the resource ends by itself or with the experiment.
        stopped = [
            each
            for each in resources
            if any(condition.action is ResourceAction.STOP for condition in each.data.conditions)
        ]
        self._ec.actions.arm_all(stopped, ResourceAction.STOP)

    def late(self, resources: Sequence[ResourceManager]) -> set[int]:
        """Return those whose deployment waits for the START of another: nobody may wait for them to be READY.

        Raises:
            ConditionError: a deployment would wait for itself.
        """
        order = self._ec.step_order()
        some_may_be_late = order.holds_deployments
        for resource in map(self._ec.get_resource, self._ec.resources):
            if resource.state < ResourceState.READY:
                for host in resource.deploys_after():
                    order.add_deployment(resource.guid, host)
        return order.late(resource.guid for resource in resources) if some_may_be_late else set()

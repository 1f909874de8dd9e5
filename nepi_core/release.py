"""The order in which resources are released: what runs on a host before the host, and whoever asks to come later."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from nepi_core.actions import Actions
from nepi_core.gates import Requirement
from nepi_core.states import ResourceState
from nepi_core.workers import WorkerPool

if TYPE_CHECKING:
    from nepi_core.resource import ResourceManager

logger = logging.getLogger("nepi.release")


def release_in_order(chosen: Sequence[ResourceManager], workers: WorkerPool, actions: Actions) -> None:
    """Have workers release resources, each as soon as those that come before it are RELEASED; does not wait."""
    jobs = {each.guid: partial(each.life.run_or_queue, each.release) for each in chosen}
    earlier = _release_order(chosen)
    workers.submit_all(job for guid, job in jobs.items() if guid not in earlier)
    for guid, others in earlier.items():
        if guid in jobs:
            actions.after([Requirement(others, ResourceState.RELEASED)], jobs[guid])


def _release_order(chosen: Sequence[ResourceManager]) -> dict[int, list[int]]:
    """Return for each resource those that are released before it: all go without order when they are in a circle."""
    earlier: dict[int, list[int]] = {}
    guids = {manager.guid for manager in chosen}
    try:
        for manager in chosen:
            for host in manager.deploys_after():
                earlier.setdefault(host, []).append(manager.guid)
            for other in guids.intersection(manager.releases_after()):
                earlier.setdefault(manager.guid, []).append(other)
        if not earlier.keys().isdisjoint(itertools.chain.from_iterable(earlier.values())):
            TopologicalSorter(earlier).prepare()
    except CycleError:
        return {}
    except Exception:  # nothing that a resource type does wrong may keep the others from being released
        logger.exception("Resources are released in no order, since one cannot tell what it comes after")
        return {}
    return earlier

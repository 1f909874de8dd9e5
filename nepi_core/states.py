"""States and actions of a resource, by the numbers that NEPI 3 gave them."""

from __future__ import annotations

from enum import IntEnum


class ResourceState(IntEnum):
    """What a resource has become; a later state has a higher number."""

    NEW = 0
    DISCOVERED = 1
    PROVISIONED = 2
    READY = 3
    STARTED = 4
    STOPPED = 5
    FAILED = 6
    RELEASED = 7


class ResourceAction(IntEnum):
    """What is done to a resource, and what a condition holds back."""

    DEPLOY = 0
    START = 1
    STOP = 2


ResourceState2str = {state: state.name for state in ResourceState}
"""Name of each state, as NEPI's users look it up."""

ENDED = frozenset({ResourceState.STOPPED, ResourceState.FAILED, ResourceState.RELEASED})
"""States of a resource that does nothing any more."""

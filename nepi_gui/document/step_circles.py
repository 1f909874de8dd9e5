"""Whether a new condition would close a circle, found quickly among thousands; what is said then is the engine's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from nepi_core.conditions import Step, StepOrder
from nepi_core.conditions import sentence as engine_sentence
from nepi_core.description import Condition, ExperimentDescription
from nepi_core.errors import ConditionError
from nepi_core.states import ResourceAction, ResourceState

_MOST_TOLD = 12

_Waiting = tuple[int, Condition]
"""A resource, and a condition of it."""


def refuse_circle(description: ExperimentDescription, guid: int, new: Condition, without: int | None = None) -> None:
    """Check a condition of a resource that is to take the place of the one with the number ``without``.

    Raises:
        ConditionError: the resource would wait for itself.
    """
    circle = _circle(description, guid, new, without)
    if circle is None:
        return
    if len(circle) > _MOST_TOLD:
        words = engine_sentence(guid, new)
        raise ConditionError(
            f"The condition '{words}' can never be met: the {new.action.name} of resource {guid} would wait for "
            f"itself, by way of {len(circle)} other conditions."
        )
    order = StepOrder()
    for other, condition in circle:
        order.add(other, condition)
    order.add(guid, new)


def _circle(
    description: ExperimentDescription, guid: int, new: Condition, without: int | None
) -> list[_Waiting] | None:
    """Return the conditions by which a new one would wait for itself, on the shortest way; None when it would not."""
    if new.action is ResourceAction.STOP:
        return None  # what is to be stopped may as well end by itself
    wanted = (guid, new.action)
    came_from: dict[Step, tuple[Step | None, _Waiting | None]] = dict.fromkeys(_awaited(new), (None, None))
    pending = deque(came_from)
    while pending:
        step = pending.popleft()
        if step == wanted:
            return list(_way_back(came_from, step))
        for needed, condition in _needs(description, step, (guid, without)):
            if needed not in came_from:
                came_from[needed] = step, (step[0], condition) if condition else None
                pending.append(needed)
    return None


def _way_back(came_from: dict[Step, tuple[Step | None, _Waiting | None]], step: Step | None) -> Iterator[_Waiting]:
    while step is not None:
        step, waiting = came_from[step]
        if waiting:
            yield waiting


def _needs(
    description: ExperimentDescription, step: Step, without: tuple[int, int | None]
) -> Iterator[tuple[Step, Condition | None]]:
    """Yield the steps that a step waits for, each with the condition that says so."""
    guid, action = step
    if action is ResourceAction.START:
        yield (guid, ResourceAction.DEPLOY), None
    for index, condition in enumerate(description.resources[guid].conditions):
        if condition.action is action and (guid, index) != without:
            yield from ((each, condition) for each in _awaited(condition) if each[0] in description.resources)


def _awaited(condition: Condition) -> list[Step]:
    """Return the steps without which the members of a group do not reach the state that is waited for."""
    if condition.state >= ResourceState.FAILED:
        return []
    action = ResourceAction.DEPLOY if condition.state <= ResourceState.READY else ResourceAction.START
    return [(member, action) for member in condition.group]

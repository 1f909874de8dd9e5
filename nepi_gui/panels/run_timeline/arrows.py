"""Conditions as they came true: from the change that fulfilled one to the change that it allowed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from nepi_core.description import Condition, ExperimentDescription
from nepi_core.errors import TimeFormatError
from nepi_core.lifecycle import StateChange
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import parse_delay
from nepi_gui.watching.lives import Lives

FEW = 60
"""So many arrows are shown all at once; of more, only those of the selected resources."""

_MOST = 2000  # arrows at once; more say nothing


class Arrow(NamedTuple):
    """A condition that came true.

    Attributes:
        key: guid of who waited, and which of its conditions it is.
        member: who was waited for.
        begins: when that reached the state, in seconds since 1970.
        due: when the delay had passed.
        ends: when what waited was done.
        is_last: whether nothing else of the condition took longer.
    """

    key: tuple[int, int]
    member: int
    begins: float
    due: float
    ends: float
    is_last: bool

    @property
    def guid(self) -> int:
        """Who waited."""
        return self.key[0]


def arrows_of(
    description: ExperimentDescription, lives: Lives, guids: Collection[int], alone: bool = False
) -> list[Arrow]:
    """Return the arrows that begin or end at some resources; those of all when the experiment has only a few.

    Args:
        alone: only what these resources waited for themselves.
    """
    conditions = list(_conditions(description))
    wanted = set(guids)
    if not alone and sum(len(each.group) for _, each in conditions) <= FEW:
        wanted = set(description.resources)
    found: list[Arrow] = []
    for key, condition in conditions:
        if key[0] in wanted:
            members: Iterable[int] = condition.group
        else:
            members = () if alone else _common(condition.group, wanted)
        if members:
            found.extend(_arrows(lives, key, condition, members))
        if len(found) >= _MOST:
            break
    return found


def _conditions(description: ExperimentDescription) -> Iterator[tuple[tuple[int, int], Condition]]:
    for guid, resource in description.resources.items():
        for index, condition in enumerate(resource.conditions):
            yield (guid, index), condition


def _common(group: tuple[int, ...], wanted: Collection[int]) -> list[int]:
    if len(group) <= len(wanted):
        return [guid for guid in group if guid in wanted]
    return [guid for guid in wanted if _holds(group, guid)]


def _holds(group: tuple[int, ...], guid: int) -> bool:
    place = bisect_left(group, guid)
    return place < len(group) and group[place] == guid


def _arrows(lives: Lives, key: tuple[int, int], condition: Condition, members: Iterable[int]) -> Iterator[Arrow]:
    reached = {guid: fulfilled(lives.of(guid), condition.state) for guid in condition.group}
    times = {guid: change.time for guid, change in reached.items() if change is not None}
    if not times:
        return
    latest = max(times.values())
    delay = _seconds(condition.time)
    ended = allowed(lives.of(key[0]), condition.action, latest)
    if ended is None:
        return
    for member in members:
        if member in times and member != key[0]:
            begins = times[member]
            yield Arrow(key, member, begins, begins + delay, ended.time, begins == latest)


def _seconds(delay: str | None) -> float:
    try:
        return parse_delay(delay)
    except TimeFormatError:
        return 0.0  # which the engine has told already


def fulfilled(changes: Iterable[StateChange], state: ResourceState) -> StateChange | None:
    """Return the change by which a condition on a state was met; a state that was skipped counts from the next one."""
    if state is ResourceState.FAILED:
        return next((change for change in changes if change.new is state), None)
    return next((change for change in changes if change.new >= state), None)


def allowed(changes: Iterable[StateChange], action: ResourceAction, since: float) -> StateChange | None:
    """Return the change that a condition allowed; None when it has not come, or came before and of something else."""
    wanted = {
        ResourceAction.DEPLOY: range(ResourceState.DISCOVERED, ResourceState.FAILED),
        ResourceAction.START: (ResourceState.STARTED,),
        ResourceAction.STOP: (ResourceState.STOPPED,),
    }[action]
    first = next((change for change in changes if change.new in wanted), None)
    return first if first is not None and first.time >= since else None

"""What can still happen in a run: which resources will start and which will end, by their types and conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from nepi_core.conditions import sentence
from nepi_core.description import Condition
from nepi_core.states import ENDED, ResourceAction, ResourceState

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager

_Fact = tuple[int, ResourceState]
"""A resource reaches READY, STARTED or STOPPED."""

_NEVER: _Fact = (0, ResourceState.RELEASED)
"""What nothing leads to: no guid is 0."""


def ending(managers: Iterable[ResourceManager]) -> set[int]:
    """Return the resources that are meant to end: by themselves, or because a condition stops them."""
    return {each.guid for each in managers if each.ends_by_itself() or _has_stop_condition(each)}


class Outlook:
    """What will happen from now on, if all that runs goes on to its end.

    It is found from what is certain: a resource becomes READY when its hosts and conditions allow it, STARTED after
    that, and STOPPED after that when it ends. What no chain of such steps leads to will never happen, also because it
    waits in a circle. The cost is proportional to the number of conditions and their members.

    Args:
        stopped: resources that are stopped by someone, whatever their conditions.
        failures: what waits for a failure may happen.
    """

    def __init__(self, ec: ExperimentController, stopped: Collection[int] = (), *, failures: bool = True) -> None:
        self._managers = {guid: ec.get_resource(guid) for guid in ec.resources}
        self._failures = failures
        self._stopped = set(stopped)
        self._ending = {each.guid for each in self._managers.values() if each.ends_by_itself()} | self._stopped
        self._missing: dict[_Fact, int] = {}
        self._dependants: defaultdict[_Fact, list[_Fact]] = defaultdict(list)
        self._true: set[_Fact] = set()
        self._find()

    def is_deployed(self, guid: int) -> bool:
        """Tell whether a resource is READY, has been, or will be."""
        return (guid, ResourceState.READY) in self._true

    def starts(self, guid: int) -> bool:
        """Tell whether a resource is STARTED, has been, or will be."""
        return (guid, ResourceState.STARTED) in self._true

    def stops(self, guid: int) -> bool:
        """Tell whether a resource has ended or will end."""
        return (guid, ResourceState.STOPPED) in self._true

    def tell_obstacle(self, guid: int) -> str:
        """Return in words why a resource will never end."""
        name = self._managers[guid].name
        for condition, member in self._obstacles(guid):
            words = sentence(guid, condition).replace(f" of {guid}:", " comes")
            other = self._managers[member].name
            return f"{name}: its {words}, but {other} {self._reason(member, condition.state)}"
        return f"{name} waits for what will never happen"

    def _obstacles(self, guid: int) -> Iterator[tuple[Condition, int]]:
        for condition in self._managers[guid].data.conditions:
            if condition.action is ResourceAction.STOP and guid in self._ending:
                continue
            for member in condition.group:
                fact = self._awaited(member, condition.state)
                if fact is not None and fact not in self._true:
                    yield condition, member

    def _reason(self, member: int, state: ResourceState) -> str:
        if state is ResourceState.RELEASED:
            return "is RELEASED only at the end of the run"
        if state is ResourceState.STOPPED and self.starts(member) and member not in self._ending:
            return "neither ends by itself nor is stopped"
        return f"will never be {state.name}"

    def _find(self) -> None:
        certain: list[_Fact] = []
        for manager in self._managers.values():
            for fact, needs in self._steps(manager):
                awaited = [need for need in needs if need is not None]
                if not awaited:
                    certain.append(fact)
                self._missing[fact] = len(awaited)
                for need in awaited:
                    self._dependants[need].append(fact)
        while certain:
            fact = certain.pop()
            self._true.add(fact)
            for dependant in self._dependants[fact]:
                self._missing[dependant] -= 1
                if not self._missing[dependant]:
                    certain.append(dependant)

    def _steps(self, manager: ResourceManager) -> Iterator[tuple[_Fact, Iterable[_Fact | None]]]:
        """Yield what a resource may reach, each with what that needs; what is reached already needs nothing."""
        guid, state = manager.guid, manager.state
        for goal in (ResourceState.READY, ResourceState.STARTED, ResourceState.STOPPED):
            fact = (guid, goal)
            if state >= goal:
                yield fact, ()
            elif state in ENDED:
                yield fact, (_NEVER,)
            else:
                yield fact, self._needs(manager, goal)

    def _needs(self, manager: ResourceManager, goal: ResourceState) -> Iterator[_Fact | None]:
        if goal is ResourceState.READY:
            yield from ((host, ResourceState.READY) for host in manager.deploys_after())
            yield from self._conditions(manager, ResourceAction.DEPLOY)
        elif goal is ResourceState.STARTED:
            yield manager.guid, ResourceState.READY
            yield from self._conditions(manager, ResourceAction.START)
        else:
            yield manager.guid, ResourceState.STARTED
            if manager.guid in self._ending:
                waited = () if manager.guid in self._stopped else manager.ends_after()
                yield from (self._awaited(*each) for each in waited)
            else:
                yield from self._conditions(manager, ResourceAction.STOP) if _has_stop_condition(manager) else (_NEVER,)

    def _conditions(self, manager: ResourceManager, action: ResourceAction) -> Iterator[_Fact | None]:
        for condition in manager.data.conditions:
            if condition.action is action:
                for member in condition.group:
                    yield self._awaited(member, condition.state)

    def _awaited(self, member: int, state: ResourceState) -> _Fact | None:
        """Return what a condition waits for; None when that has happened or may happen at any time."""
        present = self._managers[member].state
        if state in (ResourceState.FAILED, ResourceState.RELEASED):
            may_fail = self._failures and state is ResourceState.FAILED and present not in ENDED
            return None if present is state or may_fail else _NEVER
        return member, max(state, ResourceState.READY)


def _has_stop_condition(manager: ResourceManager) -> bool:
    return any(condition.action is ResourceAction.STOP for condition in manager.data.conditions)

"""Conditions: checked where they are made, and the order that follows from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from nepi_core.description import Condition, as_guids
from nepi_core.errors import ConditionError, TimeFormatError, suggestion
from nepi_core.gates import Requirement
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import Delay, format_delay, parse_delay

Step = tuple[int, ResourceAction]
"""An action on a resource, as something that others wait for."""

_MOST_TOLD = 10


def make_condition(
    action: ResourceAction | int, group: int | Iterable[int], state: ResourceState | int, time: Delay = None
) -> Condition:
    """Return a checked condition.

    Raises:
        ConditionError: no such action or state, an empty group, or a time that is none.
    """
    guids = as_guids(group)
    if not guids:
        raise ConditionError("A condition needs at least one resource to wait for; the group is empty.")
    try:
        parse_delay(time)
    except TimeFormatError as error:
        raise ConditionError(f"The time of a condition: {error}") from None
    return Condition(_action(action), guids, known_state(state), format_delay(time))


def _action(action: ResourceAction | int) -> ResourceAction:
    try:
        return ResourceAction(action)
    except ValueError:
        allowed = ", ".join(f"{each.name} ({each.value})" for each in ResourceAction)
        raise ConditionError(f"{action!r} is no action; allowed are {allowed}.") from None


def known_state(state: ResourceState | int) -> ResourceState:
    """Return a state that can be waited for.

    Raises:
        ConditionError: there is no such state, or it is NEW.
    """
    try:
        known = ResourceState(state)
    except ValueError:
        known = ResourceState.NEW
    if known is ResourceState.NEW:
        allowed = ", ".join(f"{each.name} ({each.value})" for each in ResourceState if each)
        raise ConditionError(f"Nothing can wait for the state {state!r}; allowed are {allowed}.")
    return known


def requirements(conditions: Iterable[Condition], action: ResourceAction) -> list[Requirement]:
    """Return what the conditions on an action ask for."""
    return [
        Requirement(condition.group, condition.state, parse_delay(condition.time))
        for condition in conditions
        if condition.action is action
    ]


def sentence(guid: int, condition: Condition) -> str:
    """Return a condition in words, such as "START of 3: 2s after 4, 5 are STARTED"."""
    members = ", ".join(map(str, condition.group))
    verb = "are" if len(condition.group) > 1 else "is"
    delay = f"{condition.time} after" if parse_delay(condition.time) else "once"
    return f"{condition.action.name} of {guid}: {delay} {members} {verb} {condition.state.name}"


class StepOrder:
    """Which steps wait for which: finds circles before anybody waits in one.

    A step is the DEPLOY or the START of a resource. A STOP is none: a resource may also end by itself, so that two
    resources that are each stopped after the other has STOPPED make sense.
    """

    def __init__(self) -> None:
        self._needs: dict[Step, list[tuple[Step, Condition | None]]] = {}
        self._awaited: set[int] = set()

    def add(self, guid: int, condition: Condition) -> None:
        """Take a condition in.

        Raises:
            ConditionError: the resource would wait for itself; nothing was taken in.
        """
        if condition.action is ResourceAction.STOP:
            return
        step = (guid, condition.action)
        needed = [(member, awaited) for member in condition.group for awaited in _awaited_step(condition.state)]
        for other in needed:
            self._refuse_circle(step, other, condition)
        self._needs.setdefault(step, []).extend((other, condition) for other in needed)
        self._awaited.update(member for member, _ in needed)

    def copy(self) -> StepOrder:
        """Return an order that can be added to without a change of this one."""
        copied = StepOrder()
        copied._needs = {step: list(needed) for step, needed in self._needs.items()}
        copied._awaited = set(self._awaited)
        return copied

    def add_deployment(self, guid: int, host: int) -> None:
        """Note that a resource deploys after another, such as an application after its host."""
        step, other = (guid, ResourceAction.DEPLOY), (host, ResourceAction.DEPLOY)
        self._refuse_circle(step, other, None)
        self._needs.setdefault(step, []).append((other, None))
        self._awaited.add(host)

    def late(self, guids: Iterable[int]) -> set[int]:
        """Return those whose deployment waits, directly or through others, for the START of a resource."""
        return {guid for guid in guids if self._waits_for_a_start((guid, ResourceAction.DEPLOY))}

    @property
    def holds_deployments(self) -> bool:
        """Whether the deployment of any resource waits for something."""
        return any(action is ResourceAction.DEPLOY for _, action in self._needs)

    def _waits_for_a_start(self, step: Step) -> bool:
        return any(action is ResourceAction.START for _, action in self._reachable(step))

    def _refuse_circle(self, step: Step, needed: Step, condition: Condition | None) -> None:
        guid, action = step
        # Most experiments are described so that the new waits for the old; then nobody waits for the new one yet.
        if needed[0] != guid and guid not in self._awaited:
            return
        if needed == step or step in self._reachable(needed):
            words = sentence(guid, condition) if condition else f"DEPLOY of {guid}: once {needed[0]} is READY"
            raise ConditionError(
                f"The condition '{words}' can never be met: the {action.name} of resource {guid} would wait for itself."
                f"{self._others(needed, step)}"
            )

    def _others(self, start: Step, end: Step) -> str:
        """Return the other conditions of a circle, in words; of a long one the first."""
        inside = {start: None} | dict.fromkeys(sorted(self._reachable(start), reverse=True))
        leading = self._leading(end, inside)
        found = dict.fromkeys(
            (step[0], condition)
            for step in inside
            for needed, condition in self._needs.get(step, ())
            if condition and needed in leading
        )
        if not found:
            return ""
        words = [sentence(*each) for each in islice(found, _MOST_TOLD)]
        if len(found) > len(words):
            words.append(f"and {len(found) - len(words)} more")
        return f" It already holds: {'; '.join(words)}."

    def _leading(self, end: Step, inside: Iterable[Step]) -> set[Step]:
        """Return which of some steps wait for another one, directly or by way of each other, and that one."""
        waiting: defaultdict[Step, list[Step]] = defaultdict(list)
        for step in inside:
            for needed in self._direct(step):
                waiting[needed].append(step)
        found, pending = {end}, [end]
        while pending:
            fresh = [step for step in waiting[pending.pop()] if step not in found]
            found.update(fresh)
            pending.extend(fresh)
        return found

    def _reachable(self, start: Step) -> set[Step]:
        """Return all steps that a step waits for, without itself unless it is in a circle."""
        seen: set[Step] = set()
        pending = [start]
        while pending:
            for step in self._direct(pending.pop()):
                if step not in seen:
                    seen.add(step)
                    pending.append(step)
        return seen

    def _direct(self, step: Step) -> Iterator[Step]:
        guid, action = step
        if action is ResourceAction.START:
            yield guid, ResourceAction.DEPLOY
        for needed, _ in self._needs.get(step, ()):
            yield needed


def _awaited_step(state: ResourceState) -> tuple[ResourceAction, ...]:
    """Return the action without which a resource does not reach a state; none for FAILED and RELEASED."""
    if state <= ResourceState.READY:
        return (ResourceAction.DEPLOY,)
    return (ResourceAction.START,) if state <= ResourceState.STOPPED else ()


def unknown_guids(group: Iterable[int], known: Collection[int]) -> str:
    """Return a sentence about members that do not exist, "" when all do."""
    missing = [guid for guid in group if guid not in known]
    if not missing:
        return ""
    names = ", ".join(map(str, missing))
    return f"The condition waits for {names}, which the experiment does not have.{suggestion(missing[0], known)}"

"""The resources of an experiment and what is said about them; the half of the controller that describes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from nepi_core.actions import Actions
from nepi_core.attribute import Attribute
from nepi_core.changes import give_up, make_change
from nepi_core.conditions import StepOrder, make_condition, unknown_guids
from nepi_core.description import (
    LARGEST_GUID,
    AttributeChange,
    Condition,
    ExperimentDescription,
    ResourceDescription,
    Value,
    as_guids,
)
from nepi_core.errors import (
    ConditionError,
    ConnectionNotAllowedError,
    DeploymentError,
    NepiError,
    UnknownResourceError,
    suggestion,
)
from nepi_core.factory import ResourceFactory
from nepi_core.gates import Gatekeeper, Requirement
from nepi_core.lifecycle import Announcer
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import Delay, parse_delay
from nepi_core.trace import Trace, TraceAttr

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController


class Experiment:
    """Registers resources, connections and conditions, and answers what they are. Thread-safe.

    Attributes:
        description: the data of the experiment.
        announcer: tells the state changes of all resources.
        gatekeeper: knows who waits for whom.
        actions: the actions that wait for their conditions.
    """

    description: ExperimentDescription
    announcer: Announcer
    gatekeeper: Gatekeeper
    actions: Actions

    def __init__(self, description: ExperimentDescription) -> None:
        self.description = description
        self._managers: dict[int, ResourceManager] = {}
        self._editing = threading.RLock()
        self._last_guid = 0
        self._closed = ""  # why nothing can be added or deployed any more
        self._order = StepOrder()

    # -- resources ---------------------------------------------------------------------------------

    @property
    def resources(self) -> list[int]:
        """The guids of all resources, in the order of their registration."""
        return list(self._managers)

    def register_resource(
        self,
        rtype: str,
        guid: int | None = None,
        connected_to: int | Iterable[int] | None = None,
        **attributes: Value | None,
    ) -> int:
        """Add a resource and return its guid.

        Args:
            guid: its number; the next free one when it is not given.
            connected_to: guids to connect it to.
            attributes: values of its attributes.

        Raises:
            UnknownTypeError: there is no such resource type.
            NepiError: as `set` and `register_connection` raise it, or the guid is none; nothing is added then.
            DeploymentError: the experiment has been shut down.
        """
        rclass = ResourceFactory.get_resource_type(rtype)
        with self._editing:
            self._refuse_when_closed()
            guid = self._free_guid(guid)
            manager = self.adopt(ResourceDescription(guid, rtype), rclass)
            try:
                for name, value in attributes.items():
                    manager.set(name, value)
                for other in as_guids(() if connected_to is None else connected_to):
                    self.register_connection(guid, other)
            except BaseException:
                self._drop(guid)
                raise
        return guid

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise DeploymentError(self._closed)

    def _free_guid(self, guid: int | None) -> int:
        if guid is None:
            self._last_guid += 1
            return self._last_guid
        if not isinstance(guid, int) or isinstance(guid, bool) or not 1 <= guid <= LARGEST_GUID:
            raise NepiError(f"A guid is a whole number from 1 to {LARGEST_GUID:,}, not {guid!r}.")
        if guid in self.description.resources:
            taken = self.description.resources[guid].rtype
            raise NepiError(f"The guid {guid} is taken by a {taken}; the next free one is {self._last_guid + 1}.")
        self._last_guid = max(self._last_guid, guid)
        return guid

    def adopt(self, data: ResourceDescription, rclass: type[ResourceManager]) -> ResourceManager:
        """Make the resource manager of a resource that is described already, and add both."""
        self.description.resources[data.guid] = data
        self._last_guid = max(self._last_guid, data.guid)
        try:
            manager = rclass(cast("ExperimentController", self), data.guid)
        except Exception:
            del self.description.resources[data.guid]
            raise
        self._managers[data.guid] = manager
        return manager

    def remove_resource(self, guid: int) -> None:
        """Remove a resource, with its connections and its place in conditions.

        Raises:
            UnknownResourceError: there is no such guid.
            NepiError: it is deployed, or is going to be; release it first.
        """
        with self._editing:
            manager = self.get_resource(guid)
            untouched = manager.state is ResourceState.NEW and manager.deployment_group is None
            if not untouched and manager.state is not ResourceState.RELEASED:
                deployed = "is being deployed" if manager.state is ResourceState.NEW else f"is {manager.state.name}"
                raise NepiError(f"{manager.name} {deployed} and cannot be removed; release it first.")
            self._drop(guid)

    def _drop(self, guid: int) -> None:
        waiting = [each for each in self._managers.values() if _waits_for(each.data.conditions, guid)]
        for other in list(self._managers[guid].data.connections):
            self.unregister_connection(guid, other)
        self.actions.disarm([guid])
        self.description.remove(guid)
        del self._managers[guid]
        self.gatekeeper.forget(guid)
        if waiting:
            self._order_anew()
            for manager in waiting:
                self.actions.rearm(manager)

    def get_resource(self, guid: int) -> ResourceManager:
        """Return the resource manager of a guid.

        Raises:
            UnknownResourceError: there is no such guid.
        """
        try:
            return self._managers[guid]
        except (KeyError, TypeError):
            known = suggestion(guid, self.resources) if isinstance(guid, int) else " A guid is a whole number."
            raise UnknownResourceError(f"The experiment has no resource with guid {guid!r}.{known}") from None

    def get_resources_by_type(self, rtype: str) -> list[ResourceManager]:
        """Return the resource managers of exactly this type."""
        return [manager for manager in list(self._managers.values()) if manager.get_rtype() == rtype]

    def filter_resources(self, rtype: str) -> list[int]:
        """Return the guids of the resources of exactly this type."""
        return [manager.guid for manager in self.get_resources_by_type(rtype)]

    # -- attributes and traces ---------------------------------------------------------------------

    def get_attributes(self, guid: int) -> list[Attribute]:
        """Return the attributes that a resource has."""
        return self.get_resource(guid).get_attributes()

    def get_attribute(self, guid: int, name: str) -> Attribute:
        """Return the declaration of an attribute of a resource."""
        return self.get_resource(guid).get_attribute(name)

    def get(self, guid: int, name: str) -> Any:
        """Return the value of an attribute of a resource.

        Raises:
            UnknownResourceError, UnknownAttributeError: there is no such thing.
            AttributeValueError: it may not be read.
        """
        return self.get_resource(guid).get(name)

    def set(self, guid: int, name: str, value: Value | None) -> Value | None:
        """Set an attribute of a resource; None gives it its default back. Returns the value as it was kept.

        Raises:
            UnknownResourceError, UnknownAttributeError: there is no such thing.
            AttributeValueError: the value is not allowed, or may not be changed (now).
        """
        return self.get_resource(guid).set(name, value)

    def get_global(self, rtype: str, name: str) -> Value | None:
        """Return the value that a class-wide attribute of a resource type has in this experiment.

        Raises:
            UnknownTypeError, UnknownAttributeError: there is no such thing.
            AttributeValueError: the attribute is not class-wide.
        """
        own = self.description.global_values.get((rtype, name))
        rclass = ResourceFactory.get_resource_type(rtype)
        rclass.check_global(name)
        return rclass.get_global(name) if own is None else own

    def set_global(self, rtype: str, name: str, value: Value | None) -> None:
        """Set a class-wide attribute of a resource type for this experiment; None gives the default back.

        Raises:
            UnknownTypeError, UnknownAttributeError: there is no such thing.
            AttributeValueError: the attribute is not class-wide, or the value is not allowed.
        """
        attribute = ResourceFactory.get_resource_type(rtype).check_global(name)
        if value is None:
            self.description.global_values.pop((rtype, name), None)
        else:
            self.description.global_values[rtype, name] = attribute.check(value, rtype)

    def get_traces(self, guid: int) -> list[Trace]:
        """Return the traces that a resource has."""
        return self.get_resource(guid).get_traces()

    def enable_trace(self, guid: int, name: str, enabled: bool = True) -> None:
        """Have a trace of a resource collected, or not."""
        self.get_resource(guid).enable_trace(name, enabled)

    def trace_enabled(self, guid: int, name: str) -> bool:
        """Tell whether a trace of a resource is collected."""
        return self.get_resource(guid).trace_enabled(name)

    def trace(
        self, guid: int, name: str, attr: TraceAttr | str = TraceAttr.ALL, block: int = 512, offset: int = 0
    ) -> Any:
        """Return a trace of a resource: see `ResourceManager.trace`."""
        return self.get_resource(guid).trace(name, attr, block, offset)

    # -- connections -------------------------------------------------------------------------------

    def register_connection(self, guid1: int, guid2: int) -> None:
        """Connect two resources; nothing happens when they are connected.

        Raises:
            UnknownResourceError: one does not exist.
            ConnectionNotAllowedError: the connection makes no sense; the message says why.
        """
        with self._editing:
            first, second = self.get_resource(guid1), self.get_resource(guid2)
            if first is second:
                raise ConnectionNotAllowedError(f"{first.name} cannot be connected to itself.")
            if guid2 in first.data.connections:
                return
            first.register_connection(guid2)
            try:
                second.register_connection(guid1)
            except Exception:
                first.unregister_connection(guid2)
                raise

    def unregister_connection(self, guid1: int, guid2: int) -> None:
        """Take a connection back; nothing happens when there is none."""
        with self._editing:
            first, second = self.get_resource(guid1), self.get_resource(guid2)
            first.unregister_connection(guid2)
            second.unregister_connection(guid1)

    # -- conditions --------------------------------------------------------------------------------

    def register_condition(
        self,
        guids1: int | Iterable[int],
        action: ResourceAction,
        guids2: int | Iterable[int],
        state: ResourceState,
        time: Delay = None,
    ) -> None:
        """Hold ``action`` of all ``guids1`` back until all of ``guids2`` have reached ``state``, and then for ``time``.

        Raises:
            UnknownResourceError: one of ``guids1`` does not exist.
            ConditionError: the condition names what does not exist, or can never be met. Then none was registered.
        """
        condition = make_condition(action, guids2, state, time)
        with self._editing:
            managers = [self.get_resource(guid) for guid in as_guids(guids1)]
            before = [(manager, list(manager.data.conditions)) for manager in managers]
            try:
                for manager in managers:
                    self.add_condition(manager.guid, condition)
            except ConditionError:
                for manager, conditions in before:
                    manager.data.conditions = conditions
                    self.actions.rearm(manager)
                self._order_anew()
                raise

    def add_condition(self, guid: int, condition: Condition) -> None:
        """Add a condition to a resource.

        Raises:
            ConditionError: it names what does not exist, or can never be met.
        """
        with self._editing:
            manager = self.get_resource(guid)
            if missing := unknown_guids(condition.group, self._managers):
                raise ConditionError(missing)
            if condition in manager.data.conditions:
                return
            self._order.add(guid, condition)
            manager.data.conditions.append(condition)
            self.actions.rearm(manager)

    def change_conditions(self, guid: int, change: Callable[[Condition], Condition | None]) -> None:
        """Put ``change(condition)`` in the place of each condition of a resource; None takes it away."""
        with self._editing:
            manager = self.get_resource(guid)
            manager.data.conditions = [kept for each in manager.data.conditions if (kept := change(each))]
            self._order_anew()
            self.actions.rearm(manager)

    def step_order(self) -> StepOrder:
        """Return which deployments and starts wait for which, as the conditions say."""
        with self._editing:
            return self._order.copy()

    def _order_anew(self) -> None:
        self._order = StepOrder()
        for guid, manager in self._managers.items():
            for condition in manager.data.conditions:
                self._order.add(guid, condition)

    def set_with_conditions(
        self,
        name: str,
        value: Value | None,
        guids1: int | Iterable[int],
        guids2: int | Iterable[int],
        state: ResourceState,
        time: Delay = None,
    ) -> None:
        """Set an attribute of all ``guids1`` once all of ``guids2`` have reached ``state``, and then after ``time``.

        Raises:
            UnknownResourceError, UnknownAttributeError, AttributeValueError: as for `set`.
            ConditionError: the condition names what does not exist.
        """
        condition = make_condition(ResourceAction.START, guids2, state, time)
        self.add_change(
            AttributeChange(as_guids(guids1), name, value, condition.group, condition.state, condition.time)
        )

    def add_change(self, change: AttributeChange) -> None:
        """Plan a change of attributes: what `set_with_conditions` does with its arguments.

        Raises:
            UnknownResourceError, UnknownAttributeError, AttributeValueError: as for `set`.
            ConditionError: the change waits for what does not exist.
        """
        needed = [Requirement(change.group, change.state, parse_delay(change.time))]
        with self._editing:
            if missing := unknown_guids(change.group, self._managers):
                raise ConditionError(missing)
            for guid in change.guids:
                manager = self.get_resource(guid)
                attribute = manager.get_attribute(change.name)
                if change.value is not None:
                    attribute.check(change.value, manager.name)
            self.description.changes.append(change)
            made, given_up = partial(make_change, self._managers, change), partial(give_up, self._managers, change)
            self.actions.after(needed, made, given_up)


def _waits_for(conditions: Iterable[Condition], guid: int) -> bool:
    return any(guid in condition.group for condition in conditions)

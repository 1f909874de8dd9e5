"""The resource manager: controls one resource through its life."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from nepi_core.attribute import Attribute, Flags
from nepi_core.conditions import make_condition
from nepi_core.description import Condition, ResourceDescription, Value, as_guids
from nepi_core.errors import (
    AttributeValueError,
    ConnectionNotAllowedError,
    IllegalMoveError,
    NepiError,
    UnknownTraceError,
)
from nepi_core.lifecycle import LifeCycle
from nepi_core.resource_type import ResourceType
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.times import Delay
from nepi_core.trace import TraceAttr
from nepi_core.trace_file import read_trace

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
AnyResource = TypeVar("AnyResource", bound="ResourceManager")

logger = logging.getLogger("nepi.resource")

_BEFORE_DEPLOYMENT = Flags.Design | Flags.Construct
_GUARDED = _BEFORE_DEPLOYMENT | Flags.NoWrite | Flags.Reserved

_BEFORE = {
    ResourceState.READY: (ResourceState.NEW, ResourceState.DISCOVERED, ResourceState.PROVISIONED),
    ResourceState.STARTED: (ResourceState.READY, ResourceState.STOPPED),
    ResourceState.STOPPED: (ResourceState.STARTED,),
}
"""States in which a resource can be taken to another by deploy, start and stop."""


def failtrap(
    method: Callable[Concatenate[AnyResource, Parameters], Result],
) -> Callable[Concatenate[AnyResource, Parameters], Result]:
    """Have a resource whose method raises become FAILED, with the error as its cause; the error is raised on.

    An IllegalMoveError that comes out of a whole job, and not of work inside one, is no failure: the job was asked for
    at the wrong time, which is the caller's fault, and the resource is as well as before.
    """

    @functools.wraps(method)
    def trapped(self: AnyResource, /, *arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        try:
            return method(self, *arguments, **named)
        except BaseException as error:
            if self.life.inside or not isinstance(error, IllegalMoveError):
                self.fail(str(error) or type(error).__name__, error)
            raise

    return trapped


class ResourceManager(ResourceType, rtype="Resource"):
    """Controls one resource: checks its attributes, and takes it from NEW to RELEASED.

    A type overrides ``do_*`` methods for what is to be done, and calls the overridden one at the end, which makes the
    state change: `do_deploy` ends READY, `do_start` STARTED, `do_stop` STOPPED. What is only known later (a program
    that ends) is told by calling `set_stopped` or `fail` then. An error that a ``do_*`` raises makes it FAILED.

    Attributes:
        ec: the controller.
        guid: its number in the experiment.
        data: what was said about it; the part of the experiment's description that this resource is.
        life: its state and history.
    """

    __slots__ = ("_cause", "_failure", "_values", "data", "deployment_group", "ec", "guid", "life")

    reschedule_delay = "0.5s"
    """Delay that plug-ins in NEPI's way give to `ExperimentController.schedule` when they must try again."""

    critical = Attribute(
        help="A failure of this resource ends the experiment, and fails the resources that wait for it",
        default=True,
        flags=Flags.Construct,
    )
    hardRelease = Attribute(  # noqa: N815  NEPI's name
        help="Remove the result files of the resource, and the resource itself, when it is released",
        default=False,
        flags=Flags.Design,
    )

    def __init__(self, ec: ExperimentController, guid: int) -> None:
        self.ec = ec
        self.guid = guid
        self.data: ResourceDescription = ec.description.resources[guid]
        self.life = LifeCycle(guid, ec.announcer)
        self.deployment_group: int | None = None
        self._values = self.data.attributes
        self._failure: BaseException | None = None
        self._cause = ""

    def __repr__(self) -> str:
        return f"<{self._rtype} {self.guid} {self.state.name}>"

    @property
    def name(self) -> str:
        """What messages call the resource, such as ``linux::Ping 3``."""
        label = self.data.label
        return f"{self._rtype} {self.guid} ({label})" if label else f"{self._rtype} {self.guid}"

    # -- state and times ---------------------------------------------------------------------------

    @property
    def state(self) -> ResourceState:
        """The present state."""
        return self.life.state

    @property
    def cause(self) -> str:
        """Why the resource is in its present state; for a FAILED one what went wrong."""
        return self.life.changes[-1].cause if self.life.changes else ""

    @property
    def failure(self) -> BaseException | None:
        """The error that made the resource FAILED, if it was one."""
        return self._failure

    @property
    def cancelled(self) -> bool:
        """Whether the resource is being released; long work looks at it and gives up."""
        return self.life.cancelled

    @property
    def is_critical(self) -> bool:
        """Whether its failure ends the experiment."""
        return bool(self._values.get("critical", True))

    def time_of(self, state: ResourceState) -> datetime | None:
        """Return when the resource last came to a state, None if it never did."""
        moment = self.life.reached(state)
        return None if moment is None else datetime.fromtimestamp(moment)

    discover_time = property(lambda self: self.time_of(ResourceState.DISCOVERED))
    provision_time = property(lambda self: self.time_of(ResourceState.PROVISIONED))
    ready_time = property(lambda self: self.time_of(ResourceState.READY))
    start_time = property(lambda self: self.time_of(ResourceState.STARTED))
    stop_time = property(lambda self: self.time_of(ResourceState.STOPPED))
    failed_time = property(lambda self: self.time_of(ResourceState.FAILED))
    release_time = property(lambda self: self.time_of(ResourceState.RELEASED))

    def set_discovered(self, time: datetime | None = None) -> None:
        """Become DISCOVERED, now or at a given time."""
        self._become(ResourceState.DISCOVERED, time)

    def set_provisioned(self, time: datetime | None = None) -> None:
        """Become PROVISIONED."""
        self._become(ResourceState.PROVISIONED, time)

    def set_ready(self, time: datetime | None = None) -> None:
        """Become READY."""
        self._become(ResourceState.READY, time)

    def set_started(self, time: datetime | None = None) -> None:
        """Become STARTED."""
        self._become(ResourceState.STARTED, time)

    def set_stopped(self, time: datetime | None = None, cause: str = "") -> None:
        """Become STOPPED; ``cause`` says in words what has come of it, where that is more than an end."""
        self._become(ResourceState.STOPPED, time, cause)

    def set_failed(self, time: datetime | None = None) -> None:
        """Become FAILED; `fail` does that, and says why."""
        self._become(ResourceState.FAILED, time, self._cause)

    def set_released(self, time: datetime | None = None) -> None:
        """Become RELEASED."""
        self._become(ResourceState.RELEASED, time)

    def _become(self, state: ResourceState, time: datetime | None, cause: str = "") -> None:
        self.life.move(state, cause, None if time is None else time.timestamp())

    # -- life --------------------------------------------------------------------------------------

    @failtrap
    def discover(self) -> None:
        """Find what the resource stands for."""
        self.life.run(self.do_discover)

    @failtrap
    def provision(self) -> None:
        """Make what the resource stands for usable."""
        self.life.run(self.do_provision)

    @failtrap
    def deploy(self) -> None:
        """Take the resource to READY; nothing happens when it is that or has been."""
        self.life.run(lambda: self._act(self.do_deploy, ResourceState.READY))

    @failtrap
    def start(self) -> None:
        """Take the resource to STARTED; nothing happens when it is that."""
        self.life.run(lambda: self._act(self.do_start, ResourceState.STARTED))

    @failtrap
    def stop(self) -> None:
        """Take the resource to STOPPED; nothing happens when it is that."""
        self.life.run(lambda: self._act(self.do_stop, ResourceState.STOPPED))

    def _act(self, work: Callable[[], None], goal: ResourceState) -> None:
        state = self.state
        if state is goal or self.cancelled:
            return
        if goal is ResourceState.READY and ResourceState.READY <= state <= ResourceState.STOPPED:
            return
        if state not in _BEFORE[goal]:
            self.life.refuse(goal)
        self._carry_out(work)

    @failtrap
    def _carry_out(self, work: Callable[[], None]) -> None:
        work()

    def release(self) -> None:
        """Give back all that the resource holds. Always ends RELEASED: errors are logged; twice is harmless."""
        self.cancel()
        self.life.run(self._release)

    def cancel(self) -> None:
        """Have all work on the resource come to an end soon, since it is going to be released; does not wait."""
        self.life.cancelled = True
        try:
            self.do_cancel()
        except BaseException as error:
            self.error(f"could not be cancelled cleanly: {error}", exc_info=True)

    def _release(self) -> None:
        if self.state is ResourceState.RELEASED:
            return
        try:
            self.do_release()
        except BaseException as error:
            self.error(f"could not be released cleanly: {error}", exc_info=True)
        self.set_released()

    def fail(self, cause: str = "", error: BaseException | None = None) -> None:
        """Become FAILED, which the failure manager judges; nothing happens when it is FAILED or RELEASED.

        Work that gives up because the resource is being released is no failure either.

        Args:
            cause: what went wrong, in words.
            error: what was raised.
        """
        if self.state >= ResourceState.FAILED:
            return
        if self.cancelled:
            self.info(f"gave up, since it is being released: {cause}")
            return
        self._cause = cause or str(error or "") or "no cause was given"
        self._failure = error if error is not None else RuntimeError(self._cause)
        # Before the state says so: who waits for that finds the reason in the log.
        self.error(f"FAILED: {self._cause}", exc_info=error if _unexpected(error) else None)
        try:
            with contextlib.suppress(IllegalMoveError):  # released meanwhile by another thread
                self.do_fail()
        except Exception as problem:
            self.error(f"could not fail cleanly: {problem}", exc_info=True)
        if self.state < ResourceState.FAILED:  # whatever `do_fail` did
            with contextlib.suppress(IllegalMoveError):
                self.set_failed()
        if self.life.reached(ResourceState.FAILED) is not None:
            self.ec.inform_failure(self.guid)

    def do_discover(self) -> None:
        """Find what the resource stands for; ends DISCOVERED."""
        self.set_discovered()

    def do_provision(self) -> None:
        """Make it usable; ends PROVISIONED."""
        self.set_provisioned()

    def do_deploy(self) -> None:
        """Take the resource from NEW to READY; who needs `do_discover` and `do_provision` calls them here."""
        self.set_ready()

    def do_start(self) -> None:
        """Start; ends STARTED."""
        self.set_started()

    def do_stop(self) -> None:
        """Stop; ends STOPPED."""
        self.set_stopped()

    def do_release(self) -> None:
        """Give back all that the resource holds, in whatever state it is."""

    def do_cancel(self) -> None:
        """Ask what runs to end, without waiting for it; may be called at any time, from any thread, more than once."""

    def do_fail(self) -> None:
        """Become FAILED."""
        self.set_failed()

    def deploys_after(self) -> Iterable[int]:
        """Return the guids that must be READY before this resource is deployed, beside its conditions."""
        return ()

    def releases_after(self) -> Iterable[int]:
        """Return the guids that must be RELEASED before this resource is, if they are released together."""
        return ()

    def ends_by_itself(self) -> bool:
        """Tell whether the resource, once STARTED, becomes STOPPED without being told."""
        return False

    def ends_after(self) -> Iterable[tuple[int, ResourceState]]:
        """Return what must have happened before a resource that ends by itself does: guids and their states."""
        return ()

    def stopped_last(self) -> bool:
        """Tell whether the resource, should it be STARTED still when all else of a run is over, is stopped then.

        The run waits for what comes of that. So a check judges what goes on until the end of the run.
        """
        return False

    def activity(self) -> str:
        """Return in a few words what the resource is doing just now, such as the command it runs; "" for nothing."""
        return ""

    def deployment_refusal(self) -> str:
        """Return in a sentence why the resource cannot be deployed as it is described, "" when it can."""
        return ""

    # -- attributes --------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """Return the value of an attribute, its default when it has none.

        Raises:
            UnknownAttributeError: the type has no such attribute.
            AttributeValueError: it may not be read.
        """
        attribute = self._attributes.get(name) or self.get_attribute(name)
        if attribute.flags & Flags.NoRead and not self.life.inside:
            raise AttributeValueError(f"{self.name}: attribute '{name}' cannot be read.")
        return self.value(attribute)

    def value(self, attribute: Attribute) -> Any:
        """Return the value of an attribute, whether or not users may read it."""
        if attribute.flags & Flags.Global:
            return self.ec.get_global(self._rtype, attribute.name)
        return self._values.get(attribute.name, attribute.default)

    def set(self, name: str, value: Value | None) -> Value | None:
        """Set an attribute; None gives it its default back. Returns the value as it was kept.

        Raises:
            UnknownAttributeError: the type has no such attribute.
            AttributeValueError: the value is not allowed, or may not be changed (now).
        """
        attribute = self._attributes.get(name) or self.get_attribute(name)
        if attribute.flags & Flags.Global:
            self.ec.set_global(self._rtype, name, value)
            return self.ec.get_global(self._rtype, name)
        if attribute.flags & _GUARDED and not self.life.inside:
            self._refuse_change(attribute)
        checked = None if value is None else attribute.check(value, self.name)
        if attribute.set_hook is not None:
            checked = attribute.set_hook(self._values.get(name, attribute.default), checked)
        before = self._values.get(name)
        self._keep(name, checked)
        try:
            self.do_set(name)
        except BaseException:
            self._keep(name, before)
            raise
        if self.state is not ResourceState.NEW and not attribute.flags & Flags.Credential:
            self.ec.tell_value(self.guid, name, checked)
        return checked

    def _keep(self, name: str, value: Value | None) -> None:
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value

    def do_set(self, name: str) -> None:
        """Do what the new value of an attribute needs, in whatever state; an error gives the old value back."""

    def _refuse_change(self, attribute: Attribute) -> None:
        if attribute.flags & (Flags.NoWrite | Flags.Reserved):
            raise AttributeValueError(f"{self.name}: attribute '{attribute.name}' cannot be set; the resource sets it.")
        if attribute.flags & _BEFORE_DEPLOYMENT and self.state is not ResourceState.NEW:
            raise AttributeValueError(
                f"{self.name}: attribute '{attribute.name}' can be set only before the deployment, and the resource is "
                f"{self.state.name}."
            )

    def has_attribute(self, name: str) -> bool:
        """Tell whether the type has an attribute."""
        return name in self._attributes

    def has_changed(self, name: str) -> bool:
        """Tell whether an attribute has another value than its default."""
        attribute = self.get_attribute(name)
        return bool(self.value(attribute) != attribute.default)

    def has_flag(self, name: str, flag: Flags | int) -> bool:
        """Tell whether an attribute has a flag."""
        return self.get_attribute(name).has_flag(flag)

    # -- traces ------------------------------------------------------------------------------------

    def enable_trace(self, name: str, enabled: bool = True) -> None:
        """Collect a trace, or do not.

        Raises:
            UnknownTraceError: the type has no such trace.
        """
        self.get_trace(name)
        self.data.traces[name] = enabled

    def trace_enabled(self, name: str) -> bool:
        """Tell whether a trace is collected."""
        trace = self.get_trace(name)
        return self.data.traces.get(name, trace.enabled)

    def trace_path(self, name: str) -> Path:
        """Return where a trace is kept, whether or not there is anything yet."""
        return self.ec.trace_folder / f"{self.guid}.{name}{self.get_trace(name).suffix}"

    def trace_parser(self, name: str) -> Any:
        """Return what reads numbers from a trace (see `Trace`), or None."""
        return self.get_trace(name).parser

    def trace(self, name: str, attr: TraceAttr | str = TraceAttr.ALL, block: int = 512, offset: int = 0) -> Any:
        """Return a trace: its text, path, size in bytes, or ``block`` bytes of it after ``offset`` blocks.

        Raises:
            UnknownTraceError: the type has no such trace, it is switched off, or nothing was written to it.
            AttributeValueError: what is asked for makes no sense.
        """
        path = self.trace_path(name)
        if not path.is_file():
            reason = f"no file {path}" if self.trace_enabled(name) else "it is switched off"
            raise UnknownTraceError(f"{self.name} has written nothing to its trace '{name}' ({reason}).")
        if attr not in tuple(TraceAttr) or block < 1 or offset < 0:
            raise AttributeValueError(
                f"{self.name}: trace '{name}' cannot be asked for {attr!r} with block {block} and offset {offset}; it "
                f"takes one of {', '.join(TraceAttr)}, a block from 1 and an offset from 0."
            )
        return read_trace(path, TraceAttr(attr), block, offset)

    # -- connections -------------------------------------------------------------------------------

    @property
    def connections(self) -> AbstractSet[int]:
        """The guids of the resources that are connected now."""
        return frozenset(self.data.connections)  # a copy, since other threads may connect and disconnect

    def get_connected(self, rtype: str | type[AnyResource] | None = None) -> list[Any]:
        """Return the connected resources, all or those of a type (its name, or a class; with what derives from it)."""
        connected = [self.ec.get_resource(guid) for guid in sorted(self.connections)]
        return connected if rtype is None else [each for each in connected if each.is_rm_instance(rtype)]

    @classmethod
    def is_rm_instance(cls, rtype: str | type[ResourceManager]) -> bool:
        """Tell whether the type is this one or derives from it."""
        if isinstance(rtype, type):
            return issubclass(cls, rtype)
        return any(issubclass(base, ResourceType) and base.get_rtype() == rtype for base in cls.__mro__)

    def register_connection(self, guid: int) -> None:
        """Connect to another resource; one side of what `ExperimentController.register_connection` does.

        Raises:
            ConnectionNotAllowedError: such a connection makes no sense.
        """
        if not self.valid_connection(guid):
            other = self.ec.get_resource(guid).name
            raise ConnectionNotAllowedError(
                self.connection_refusal(guid) or f"{self.name} cannot be connected to {other}."
            )
        self.do_connect(guid)
        self.data.connections.add(guid)

    def unregister_connection(self, guid: int) -> None:
        """Take one side of a connection back; nothing happens when there is none."""
        if guid in self.data.connections:
            self.do_disconnect(guid)
            self.data.connections.discard(guid)

    def connection_refusal(self, guid: int) -> str:
        """Return in a sentence why this resource cannot be connected to another, "" when it can."""
        return ""

    def valid_connection(self, guid: int) -> bool:
        """Tell whether this resource can be connected to another."""
        return not self.connection_refusal(guid)

    def do_connect(self, guid: int) -> None:
        """Do what a new connection needs."""

    def do_disconnect(self, guid: int) -> None:
        """Undo what a connection needed."""

    # -- conditions --------------------------------------------------------------------------------

    @property
    def conditions(self) -> dict[ResourceAction, list[tuple[list[int], ResourceState, str | None]]]:
        """The conditions by action, as NEPI has them: group, state, time."""
        found: dict[ResourceAction, list[tuple[list[int], ResourceState, str | None]]] = {}
        for condition in self.data.conditions:
            found.setdefault(condition.action, []).append((list(condition.group), condition.state, condition.time))
        return found

    def register_condition(
        self, action: ResourceAction, group: int | Iterable[int], state: ResourceState, time: Delay = None
    ) -> None:
        """Hold an action back until all of a group have reached a state, and then for a time.

        Raises:
            ConditionError: the condition names what does not exist, or can never be met.
        """
        self.ec.add_condition(self.guid, make_condition(action, group, state, time))

    def unregister_condition(self, group: int | Iterable[int], action: ResourceAction | None = None) -> None:
        """Take the resources of ``group`` out of all conditions, or out of those on one action."""
        gone = as_guids(group)

        def without(condition: Condition) -> Condition | None:
            if action is not None and condition.action != action:
                return condition
            members = tuple(guid for guid in condition.group if guid not in gone)
            return replace(condition, group=members) if members else None

        self.ec.change_conditions(self.guid, without)

    def deploy_with_conditions(self) -> None:
        """Deploy once the conditions on it, and the resources that it needs, allow that."""
        self.ec.actions.arm(self, ResourceAction.DEPLOY)

    def start_with_conditions(self) -> None:
        """Start once the resource is READY and the conditions allow it."""
        self.ec.actions.arm(self, ResourceAction.START)

    def stop_with_conditions(self) -> None:
        """Stop once the resource is STARTED and the conditions allow it."""
        self.ec.actions.arm(self, ResourceAction.STOP)

    def set_with_conditions(
        self, name: str, value: Value | None, group: int | Iterable[int], state: ResourceState, time: Delay = None
    ) -> None:
        """Set an attribute once all of a group have reached a state, and then a time has passed.

        Raises:
            ConditionError: the condition names what does not exist.
            UnknownAttributeError: the type has no such attribute.
        """
        self.ec.set_with_conditions(name, value, self.guid, group, state, time)

    # -- log ---------------------------------------------------------------------------------------

    def log_message(self, message: str) -> str:
        """Return a message as the log shows it."""
        return f"{self.name}: {message}"

    def _log(self, level: int, message: str, exc_info: Any = None) -> None:
        if logger.isEnabledFor(level):
            extra = {"guid": self.guid, "rtype": self._rtype, "run_id": self.ec.run_id}
            logger.log(level, self.log_message(message), exc_info=exc_info, extra=extra)

    def debug(self, message: str) -> None:
        """Log what only a developer of the type wants to know."""
        self._log(logging.DEBUG, message)

    def info(self, message: str) -> None:
        """Log what a user may want to know."""
        self._log(logging.INFO, message)

    def warning(self, message: str) -> None:
        """Log what a user should know."""
        self._log(logging.WARNING, message)

    warn = warning

    def error(self, message: str, exc_info: Any = None) -> None:
        """Log what went wrong."""
        self._log(logging.ERROR, message, exc_info)


def _unexpected(error: BaseException | None) -> bool:
    """Tell whether an error deserves its traceback in the log: one that nobody raised on purpose."""
    return error is not None and not isinstance(error, NepiError)

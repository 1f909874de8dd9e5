"""From description to resource managers and back: what is wrong with a description, and what is written of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from nepi_core.attribute import Attribute, Flags
from nepi_core.description import AttributeChange, ExperimentDescription, ResourceDescription, Value
from nepi_core.errors import AttributeValueError, DeploymentError, FormatError, NepiError, suggestion
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceState
from nepi_core.times import tsformat

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.experiment import Experiment


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """The experiment is no experiment like that."""
    UNDEPLOYABLE = "undeployable"
    """The experiment can be loaded, edited and saved, but not deployed."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a description.

    Attributes:
        guid: the resource, 0 for the experiment.
        line: line of the file, 0 when it did not come from a file.
        attribute: the attribute, "" for the resource as a whole.
    """

    severity: Severity
    guid: int
    line: int
    attribute: str
    message: str


class UnknownResource(ResourceManager):
    """Stands for a resource whose type no plug-in provides: it keeps its data, and cannot be deployed."""

    @property
    def name(self) -> str:
        """What messages call the resource."""
        return f"{self.data.rtype} {self.guid}"


def take_in(
    experiment: Experiment, resources: Iterable[ResourceDescription], changes: Iterable[AttributeChange]
) -> None:
    """Make the resource managers of a description.

    Raises:
        FormatError: the description has errors; the message tells all of them.
    """
    found = [each for each in _take_in(experiment, list(resources), list(changes)) if each.severity is Severity.ERROR]
    if found:
        shown = [found[0].message, *(f"line {each.line}: {each.message}" for each in found[1:])]
        more = f"\n... and {len(shown) - 20} more errors" if len(shown) > 20 else ""
        raise FormatError(experiment.description.path or "description", found[0].line, "\n".join(shown[:20]) + more)


def examine(experiment: Experiment, description: ExperimentDescription) -> list[Finding]:
    """Make the resource managers of a description as far as it goes; return what is wrong with it.

    The description becomes a part of the experiment: give a copy. A type's own error while it is asked is a finding,
    too: who edits an experiment goes on without that type.
    """
    return list(_take_in(experiment, list(description.resources.values()), description.changes, Exception))


def _take_in(
    experiment: Experiment,
    resources: list[ResourceDescription],
    changes: list[AttributeChange],
    faults: type[Exception] = NepiError,
) -> Iterator[Finding]:
    """Add resources, then connections, then conditions, since each names those before; yield what cannot be added.

    Args:
        faults: what counts as a finding; other errors are raised.
    """
    given = [(data, data.connections, data.conditions) for data in resources]
    for data in resources:
        data.connections, data.conditions = set(), []
        manager = experiment.adopt(data, ResourceFactory.find(data.rtype) or UnknownResource)
        yield from check_values(manager)
    tried: set[tuple[int, int]] = set()
    for data, connections, _ in given:
        for other in connections:
            if (other, data.guid) not in tried:  # each stands on both sides
                tried.add((data.guid, other))
                with _Caught(data, faults) as caught:
                    experiment.register_connection(data.guid, other)
                yield from caught.findings
    for data, _, conditions in given:
        for each in conditions:
            with _Caught(data, faults) as caught:
                experiment.register_condition(data.guid, each.action, each.group, each.state, each.time)
            yield from caught.findings
    for change in changes:
        with _Caught(None, faults) as caught:
            experiment.set_with_conditions(
                change.name, change.value, change.guids, change.group, change.state, change.time
            )
        yield from caught.findings


class _Caught:
    """Turns an error into a finding about a resource (or the experiment)."""

    def __init__(self, data: ResourceDescription | None, faults: type[Exception]) -> None:
        self._data = data
        self._faults = faults
        self.findings: tuple[Finding, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, self._faults):
            return False
        guid, line = (self._data.guid, self._data.line) if self._data else (0, 0)
        self.findings = (Finding(Severity.ERROR, guid, line, "", self._words(error)),)
        return True

    def _words(self, error: Exception) -> str:
        if isinstance(error, NepiError):
            return str(error)
        owner = f"{self._data.rtype} {self._data.guid}: " if self._data else ""
        return f"{owner}an error of the plug-in, {type(error).__name__}: {error}"


def check_values(manager: ResourceManager) -> Iterator[Finding]:
    """Bring the values of a description into the types of the attributes; yield those that are not allowed."""
    values = manager.data.attributes
    for name, value in list(values.items()):
        attribute = manager._attributes.get(name)
        if attribute is None:
            continue  # kept as it is; told when the experiment is deployed or validated
        try:
            values[name] = attribute.check(value, manager.name)
        except AttributeValueError as error:
            yield Finding(Severity.ERROR, manager.guid, manager.data.line, name, str(error))


def undeployable(manager: ResourceManager) -> Iterator[Finding]:
    """Yield why a resource cannot be deployed."""
    data = manager.data
    if isinstance(manager, UnknownResource):
        known = suggestion(data.rtype, ResourceFactory.resource_types())
        message = f"{manager.name}: there is no resource type {data.rtype!r}.{known}"
        yield Finding(Severity.UNDEPLOYABLE, data.guid, data.line, "", message)
        return
    for name in data.attributes.keys() - manager._attributes.keys():
        known = suggestion(name, manager._attributes)
        message = f"{manager.name}: {manager.get_rtype()} has no attribute {name!r}.{known}"
        yield Finding(Severity.UNDEPLOYABLE, data.guid, data.line, name, message)
    for name in data.traces.keys() - manager._traces.keys():
        known = suggestion(name, manager._traces)
        message = f"{manager.name}: {manager.get_rtype()} has no trace {name!r}.{known}"
        yield Finding(Severity.UNDEPLOYABLE, data.guid, data.line, "", message)
    for name in manager._required:
        if manager.value(manager.get_attribute(name)) in (None, ""):
            message = f"{manager.name}: attribute '{name}' has no value; {manager.get_attribute(name).help}."
            yield Finding(Severity.UNDEPLOYABLE, data.guid, data.line, name, message)
    if problem := manager.deployment_refusal():
        yield Finding(Severity.UNDEPLOYABLE, data.guid, data.line, "", f"{manager.name}: {problem}")


def undeployable_together(experiment: Experiment, managers: Iterable[ResourceManager]) -> Iterator[Finding]:
    """Yield why resources cannot be deployed in this experiment, as their backends see it as a whole."""
    chosen = {manager.guid: manager for manager in managers}
    for name in sorted({manager.get_backend() for manager in chosen.values()}):
        backend = ResourceFactory.backend(name)
        for guid, problem in (backend.refusals(experiment) if backend else {}).items():
            if manager := chosen.get(guid):
                message = f"{manager.name}: {problem}"
                yield Finding(Severity.UNDEPLOYABLE, guid, manager.data.line, "", message)


def refuse_undeployable(experiment: Experiment, managers: Sequence[ResourceManager]) -> None:
    """Refuse resources that cannot be deployed.

    Raises:
        DeploymentError: the message tells all that is wrong with them.
    """
    messages = [finding.message for manager in managers for finding in undeployable(manager)]
    messages += [finding.message for finding in undeployable_together(experiment, managers)]
    if messages:
        more = f"\n... and {len(messages) - 20} more" if len(messages) > 20 else ""
        raise DeploymentError("\n".join(messages[:20]) + more)


def validate(description: ExperimentDescription, *more: Callable[[Experiment], Iterable[Finding]]) -> list[Finding]:
    """Return all that is wrong with a description, without running anything.

    Args:
        more: what else looks at the experiment, as far as that could be made of the description.
    """
    from nepi_core.controller import ExperimentController
    from nepi_core.lab import doubts
    from nepi_core.xml_format import unknown_parts

    empty = replace(description, resources={}, changes=[])
    copied = description.copy()
    # Not shut down: a controller that deploys nothing has neither threads nor files, only what backends share.
    ec = ExperimentController(description=empty, persist=False)
    try:
        found = examine(ec, copied)
        managers = [ec.get_resource(guid) for guid in ec.resources]
        for manager in managers:
            found.extend(undeployable(manager))
        found.extend(_judged(ec, managers))
        for look in more:
            found.extend(look(ec))
    finally:
        ec.close_shared()
    about = [*unknown_parts(description), *doubts(description)]
    found.extend(Finding(Severity.WARNING, 0, 0, "", message) for message in about)
    return found


def _judged(experiment: Experiment, managers: Iterable[ResourceManager]) -> Iterator[Finding]:
    """Yield what backends say of the experiment as a whole: what they refuse, and what they doubt."""
    for name in sorted({manager.get_backend() for manager in managers}):
        if backend := ResourceFactory.backend(name):
            refusals, warnings = backend.judge(experiment)
            yield from _told(experiment, Severity.UNDEPLOYABLE, refusals)
            yield from _told(experiment, Severity.WARNING, warnings)


def _told(experiment: Experiment, severity: Severity, problems: Mapping[int, str]) -> Iterator[Finding]:
    for guid, problem in problems.items():
        manager = experiment.get_resource(guid)
        yield Finding(severity, guid, manager.data.line, "", f"{manager.name}: {problem}")


def snapshot(ec: ExperimentController) -> ExperimentDescription:
    """Return a copy of a controller's description with the present states and times, and without secrets."""
    present = ec.description
    return replace(
        present,
        run_id=ec.run_id if ec.has_run else present.run_id,
        resources={guid: _present(ec.get_resource(guid)) for guid in ec.resources},
        topology=ec.netgraph.to_description() if ec.netgraph is not None else present.topology,
        global_values={key: each for key, each in present.global_values.items() if not _is_global_secret(*key, each)},
        changes=[change for change in present.changes if not _changes_secret(ec, change)],
    )


def as_deployed(ec: ExperimentController) -> ExperimentDescription:
    """Return a copy of a controller's description that tells nothing of the run: the same each time it is run."""
    present = snapshot(ec)
    for resource in present.resources.values():
        resource.state, resource.times = ResourceState.NEW, None
    return replace(present, run_id="", local_dir="")


def _present(manager: ResourceManager) -> ResourceDescription:
    data = manager.data
    changes = manager.life.changes
    return ResourceDescription(  # not by `replace`, which would take half of the time of saving
        data.guid,
        data.rtype,
        _without_secrets(manager, dict(data.attributes)),
        set(data.connections),
        list(data.conditions),
        {trace.name: True for trace in manager.get_traces() if trace.enabled} | data.traces,
        data.layout,
        manager.state,
        {each.new: tsformat(datetime.fromtimestamp(each.time)) for each in changes} if changes else None,
        data.foreign,
        data.line,
    )


def _without_secrets(manager: ResourceManager, values: dict[str, Value]) -> dict[str, Value]:
    """Leave out credentials that are given as they are, instead of by reference."""
    for name in manager._credentials:
        if name in values and _is_secret(manager._attributes.get(name), values[name]):
            manager.warning(f"attribute '{name}' is a secret and is not written; refer to it as env:NAME or file:PATH")
            del values[name]
    return values


def _is_secret(attribute: Attribute | None, value: Value | None) -> bool:
    """Tell whether a value is a secret itself, and not a reference to one."""
    known = attribute is not None and attribute.has_flag(Flags.Credential) and value not in (None, "")
    return known and not str(value).startswith(("env:", "file:"))


def _is_global_secret(rtype: str, name: str, value: Value) -> bool:
    known = ResourceFactory.find(rtype)
    return known is not None and _is_secret(known._attributes.get(name), value)


def _changes_secret(ec: ExperimentController, change: AttributeChange) -> bool:
    return any(_is_secret(ec.get_resource(guid)._attributes.get(change.name), change.value) for guid in change.guids)

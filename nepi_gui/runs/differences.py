"""What differs between two descriptions of an experiment, as far as a run could be another one for it.

Resources are the same when they have the same guid and type. Where things stand on the canvas, colours, notes, the name
of the experiment, states and what this program does not know make no difference; nor does it whether a default was set
or left out, since a run behaves the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, ResourceDescription, Value
from nepi_core.factory import ResourceFactory
from nepi_core.structure import shown_name


class Kind(StrEnum):
    """What is different."""

    ADDED = "added"
    """A resource."""
    REMOVED = "removed"
    LABEL = "label"
    ATTRIBUTE = "attribute"
    TRACE = "trace"
    CONNECTION = "connection"
    CONDITION = "condition"
    CHANGE = "change"
    """A planned change of an attribute."""
    GLOBAL = "global"
    """A value for all resources of a type."""
    EXPERIMENT = "experiment"
    """Something of the experiment as a whole."""


Content = Value | Condition | AttributeChange | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        guid: the resource that it is about; 0 for the experiment.
        name: of that resource, or type that has the value for all.
        what: attribute, trace, or resource that it is connected to; type of a resource that was added or removed.
        then, now: what it was, and what it is; None for what was not there, or has no value.
    """

    kind: Kind
    guid: int
    name: str
    what: str
    then: Content
    now: Content


class Differences(NamedTuple):
    """Two descriptions beside each other."""

    then: ExperimentDescription
    now: ExperimentDescription

    def all(self) -> Iterator[Difference]:
        """Yield all differences, by resource."""
        yield from self._of_experiment()
        then, now = self.then.resources, self.now.resources
        for guid in sorted(then.keys() | now.keys()):
            before, after = then.get(guid), now.get(guid)
            if before is not None and after is not None and before.rtype == after.rtype:
                yield from self._of_resource(before, after)
                continue
            for kind, resource in ((Kind.REMOVED, before), (Kind.ADDED, after)):
                if resource is not None:
                    told = (resource.rtype, None) if kind is Kind.REMOVED else (None, resource.rtype)
                    yield Difference(kind, guid, shown_name(resource), resource.rtype, *told)

    def _of_experiment(self) -> Iterator[Difference]:
        then, now = self.then, self.now
        if then.nthreads != now.nthreads:
            yield Difference(Kind.EXPERIMENT, 0, "", "nthreads", then.nthreads, now.nthreads)
        for key in sorted(then.global_values.keys() | now.global_values.keys()):
            before, after = then.global_values.get(key), now.global_values.get(key)
            if not _same(before, after):
                yield Difference(Kind.GLOBAL, 0, *key, before, after)
        for what, one, other in _paired(_named(then.changes), _named(now.changes)):
            yield Difference(Kind.CHANGE, 0, "", what, one, other)

    def _of_resource(self, before: ResourceDescription, after: ResourceDescription) -> Iterator[Difference]:
        if before is after:
            return
        guid, name = after.guid, shown_name(after)
        if _label(before) != _label(after):
            yield Difference(Kind.LABEL, guid, name, "", _label(before), _label(after))
        for attribute in sorted(before.attributes.keys() | after.attributes.keys()):
            then, now = value_of(before, attribute), value_of(after, attribute)
            if not _same(then, now):
                yield Difference(Kind.ATTRIBUTE, guid, name, attribute, then, now)
        for trace in sorted(before.traces.keys() | after.traces.keys()):
            was, is_on = _is_on(before, trace), _is_on(after, trace)
            if was != is_on:
                yield Difference(Kind.TRACE, guid, name, trace, was, is_on)
        yield from self._connections(before, after)
        for what, one, other in _paired(_by_action(before.conditions), _by_action(after.conditions)):
            yield Difference(Kind.CONDITION, guid, name, what, one, other)

    def _connections(self, before: ResourceDescription, after: ResourceDescription) -> Iterator[Difference]:
        """Yield connections that came or went between resources that stayed; each is told once."""
        for other in sorted(before.connections ^ after.connections):
            stays = self.then.resources.get(other), self.now.resources.get(other)
            if other > after.guid and stays[0] and stays[1] and stays[0].rtype == stays[1].rtype:
                told = (other in before.connections, other in after.connections)
                yield Difference(Kind.CONNECTION, after.guid, shown_name(after), shown_name(stays[1]), *told)


def differences(then: ExperimentDescription, now: ExperimentDescription) -> tuple[Difference, ...]:
    """Return what differs between an experiment as it was and as it is."""
    return tuple(Differences(then, now).all())


def _label(resource: ResourceDescription) -> str:
    return resource.layout.label if resource.layout else ""  # the attribute `name` is told as an attribute


def value_of(resource: ResourceDescription, attribute: str) -> Value | None:
    """Return the value of an attribute in an experiment, its default when none was set."""
    value = resource.attributes.get(attribute)
    if value is not None:
        return value
    known = ResourceFactory.find(resource.rtype)
    declared = {each.name: each for each in known.get_attributes()} if known else {}
    return declared[attribute].default if attribute in declared else None


def _is_on(resource: ResourceDescription, trace: str) -> bool:
    is_on = resource.traces.get(trace)
    if is_on is not None:
        return is_on
    known = ResourceFactory.find(resource.rtype)
    return any(each.name == trace and each.enabled for each in (known.get_traces() if known else ()))


def _same(then: Value | None, now: Value | None) -> bool:
    """Tell whether two values are the same; a file of another program may have written 10 as a text."""
    return then == now or (then is not None and now is not None and str(then) == str(now))


_Listed = TypeVar("_Listed", bound=Hashable)


def _named(changes: Iterable[AttributeChange]) -> Iterator[tuple[str, AttributeChange]]:
    return ((each.name, each) for each in changes)


def _by_action(conditions: Iterable[Condition]) -> Iterator[tuple[str, Condition]]:
    return ((each.action.name, each) for each in conditions)


def _paired(
    then: Iterable[tuple[str, _Listed]], now: Iterable[tuple[str, _Listed]]
) -> Iterator[tuple[str, _Listed | None, _Listed | None]]:
    """Yield what is in one of two lists only, the one beside the other when both are about the same."""
    before, after = Counter(then), Counter(now)
    gone, come = _grouped((before - after).elements()), _grouped((after - before).elements())
    for what in sorted(gone.keys() | come.keys()):
        for one, other in zip_longest(gone.get(what, ()), come.get(what, ())):
            yield what, one, other


def _grouped(listed: Iterable[tuple[str, _Listed]]) -> Mapping[str, Collection[_Listed]]:
    groups: dict[str, list[_Listed]] = {}
    for what, each in listed:
        groups.setdefault(what, []).append(each)
    return groups

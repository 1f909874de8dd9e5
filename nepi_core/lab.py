"""Which changes of an experiment its lab forbids; for the window while a student edits, and for who grades what came.

All functions are pure. Where a lab is None nothing is forbidden. Always free are places, sizes, colours and notes, the
name of the experiment, and what concerns this machine only. Whether the lab itself may be edited is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from nepi_core.description import AttributeChange, ExperimentDescription, Lab, ResourceDescription, Value
from nepi_core.errors import AttributeValueError, suggestion
from nepi_core.factory import ResourceFactory
from nepi_core.structure import shown_name

Resources = Mapping[int, ResourceDescription | None]
"""Resources by guid; None stands for one that does not exist."""

_CHECKS = "check"  # the backend


class Violation(NamedTuple):
    """Something that a lab forbids.

    Attributes:
        guid: the resource, 0 for the experiment.
        attribute: the attribute, "" for the resource as a whole.
        sentence: for who did it.
    """

    guid: int
    attribute: str
    sentence: str


def is_check(rtype: str) -> bool:
    """Tell whether resources of a type judge an experiment, instead of being a part of what is judged."""
    return rtype.partition("::")[0] == _CHECKS


def is_kept(lab: Lab, guid: int) -> bool:
    """Tell whether a resource must be there as what it is: who may remove it could add it again without its locks."""
    return guid in lab.locked or guid in lab.locked_attributes


def value_of(resource: ResourceDescription, name: str) -> Value | None:
    """Return the value of an attribute: what is given by its default, or as a text, is the same as given otherwise."""
    found = ResourceFactory.find(resource.rtype)
    attribute = found._attributes.get(name) if found else None
    value = resource.attributes.get(name)
    if attribute is None:
        return value
    try:
        return attribute.default if value is None else attribute.check(value)
    except AttributeValueError:
        return value


# -- what may not be done ----------------------------------------------------------------------------------------------


def attribute_refusal(lab: Lab | None, resource: ResourceDescription, name: str) -> str:
    """Return in a sentence why an attribute of a resource may not be changed, "" when it may."""
    if lab is None or not _is_locked(lab, resource.guid, name):
        return ""
    return f"Attribute '{name}' of {shown_name(resource)} is locked by the lab."


def resource_refusal(lab: Lab | None, resource: ResourceDescription) -> str:
    """Return in a sentence why conditions and traces of a resource may not be changed, "" when they may."""
    return f"{shown_name(resource)} is locked by the lab." if lab and resource.guid in lab.locked else ""


def rename_refusal(lab: Lab | None, resource: ResourceDescription) -> str:
    """Return in a sentence why a resource may not get another name or type, "" when it may."""
    return f"The name of {shown_name(resource)} is locked by the lab." if lab and is_kept(lab, resource.guid) else ""


def removal_refusal(lab: Lab | None, resource: ResourceDescription) -> str:
    """Return in a sentence why a resource may not be removed, "" when it may."""
    if lab is None or _is_own(lab, resource):
        return ""
    return f"{shown_name(resource)} cannot be removed: the lab needs it."


def addition_refusal(lab: Lab | None, rtype: str) -> str:
    """Return in a sentence why no resource of a type may be added, "" when it may."""
    if lab is None or not lab.structure_locked or rtype in lab.allowed_types:
        return ""
    if not lab.allowed_types:
        return f"{rtype} cannot be added: the lab does not allow resources to be added."
    return f"{rtype} cannot be added: the lab allows only {', '.join(sorted(lab.allowed_types))} to be added."


def connection_refusal(lab: Lab | None, one: ResourceDescription, other: ResourceDescription) -> str:
    """Return in a sentence why two resources may be neither connected nor disconnected, "" when they may."""
    if lab is None:
        return ""
    both_locked = {one.guid, other.guid} <= lab.locked
    if both_locked or (lab.structure_locked and not _is_own(lab, one) and not _is_own(lab, other)):
        return f"How {shown_name(one)} and {shown_name(other)} are connected is locked by the lab."
    return ""


def _is_locked(lab: Lab, guid: int, name: str) -> bool:
    if guid in lab.locked:
        return name not in lab.open_attributes.get(guid, ())
    return name in lab.locked_attributes.get(guid, ())


def _is_own(lab: Lab, resource: ResourceDescription) -> bool:
    """Tell whether a resource is one that students may add and remove."""
    allowed = not lab.structure_locked or resource.rtype in lab.allowed_types
    return allowed and not is_kept(lab, resource.guid)


def _locks_anything(lab: Lab) -> bool:
    return bool(lab.structure_locked or lab.locked or lab.locked_attributes)


def doubts(description: ExperimentDescription) -> Iterator[str]:
    """Yield in sentences what a lab says without effect, such as a lock on what does not exist."""
    lab = description.lab
    if lab is None:
        return
    for guid in sorted({*lab.locked, *lab.locked_attributes, *lab.open_attributes} - description.resources.keys()):
        yield f"The lab speaks of resource {guid}, which does not exist.{suggestion(guid, description.resources)}"
    for guid in sorted(lab.open_attributes.keys() - lab.locked):
        yield f"The lab opens attributes of resource {guid}, which is not locked."
    for guid, names in sorted([*lab.locked_attributes.items(), *lab.open_attributes.items()]):
        resource = description.resources.get(guid)
        found = ResourceFactory.find(resource.rtype) if resource else None
        for name in sorted(names) if found else ():
            if resource and found and name not in found._attributes:
                known = suggestion(name, found._attributes)
                yield f"The lab speaks of attribute '{name}' of {shown_name(resource)}, which has none such.{known}"
    for rtype in sorted(lab.allowed_types):
        if ResourceFactory.find(rtype) is None:
            known = suggestion(rtype, ResourceFactory.resource_types())
            yield f"The lab allows {rtype} to be added, which is no resource type.{known}"
    if lab.allowed_types and not lab.structure_locked:
        yield "The lab allows types to be added, which has no effect: its structure is not locked."


# -- what was done -----------------------------------------------------------------------------------------------------


def refusal(
    lab: Lab | None,
    before: Resources,
    after: Resources,
    parts_before: Mapping[str, Any] | None = None,
    parts_after: Mapping[str, Any] | None = None,
) -> str:
    """Return in a sentence why a lab forbids a change, "" when it does not; arguments as for `violations`."""
    found = violations(lab, before, after, parts_before, parts_after)
    more = f" ({len(found) - 1} more of its changes are not allowed either.)" if len(found) > 1 else ""
    return found[0].sentence + more if found else ""


def violations(
    lab: Lab | None,
    before: Resources,
    after: Resources,
    parts_before: Mapping[str, Any] | None = None,
    parts_after: Mapping[str, Any] | None = None,
) -> list[Violation]:
    """Return what a lab forbids of a change.

    Args:
        before, after: the resources that may have changed; those that are in neither are as they were.
        parts_before, parts_after: the same for fields of `ExperimentDescription`, by name.
    """
    if lab is None:
        return []
    found: list[Violation] = []
    for guid in sorted({*before, *after}):
        found += _of_resource(lab, guid, before.get(guid), after.get(guid))
    found += _of_connections(lab, before, after)
    old, new = parts_before or {}, parts_after or {}
    for name in sorted({*old, *new}):
        found += _of_part(lab, name, old.get(name), new.get(name))
    return found


def differences(original: ExperimentDescription, submitted: ExperimentDescription) -> list[Violation]:
    """Return what the lab of an experiment forbids of what somebody made of it.

    Checks are left out, since they are taken from the original anyway.
    """
    parts = ("global_values", "changes", "topology")
    return violations(
        original.lab,
        _without_checks(original),
        _without_checks(submitted),
        {name: getattr(original, name) for name in parts},
        {name: getattr(submitted, name) for name in parts},
    )


def _without_checks(description: ExperimentDescription) -> dict[int, ResourceDescription]:
    return {guid: each for guid, each in description.resources.items() if not is_check(each.rtype)}


def _of_resource(
    lab: Lab, guid: int, old: ResourceDescription | None, new: ResourceDescription | None
) -> Iterator[Violation]:
    sentence = ""
    if old is not None and new is None:
        sentence = removal_refusal(lab, old)
    elif old is None and new is not None and (sentence := addition_refusal(lab, new.rtype)):
        sentence = f"{shown_name(new)}: {sentence}"
    elif old is not None and new is not None:
        yield from _of_changed(lab, old, new)
    if sentence:
        yield Violation(guid, "", sentence)


def _of_changed(lab: Lab, old: ResourceDescription, new: ResourceDescription) -> Iterator[Violation]:
    guid, name = old.guid, shown_name(old)
    if old.rtype != new.rtype:
        sentence = _of_type(lab, old, new)
        if sentence:
            yield Violation(guid, "", sentence)
        return
    labels = [each.layout.label if each.layout else "" for each in (old, new)]
    if labels[0] != labels[1] and (sentence := rename_refusal(lab, old)):
        yield Violation(guid, "", f"{sentence[:-1]}: it is not '{labels[1]}'.")
    for attribute in sorted({*old.attributes, *new.attributes}):
        values = [value_of(each, attribute) for each in (old, new)]
        if not _same(*values) and (sentence := attribute_refusal(lab, old, attribute)):
            yield Violation(guid, attribute, f"{sentence[:-1]}: it is {_shown(values[0])}, not {_shown(values[1])}.")
    if guid in lab.locked and old.conditions != new.conditions:
        yield Violation(guid, "", f"The conditions of {name} are locked by the lab.")
    if guid in lab.locked and any(_collects(old, each) != _collects(new, each) for each in {*old.traces, *new.traces}):
        yield Violation(guid, "", f"The traces of {name} are locked by the lab.")


def _of_type(lab: Lab, old: ResourceDescription, new: ResourceDescription) -> str:
    if is_kept(lab, old.guid):
        return f"{shown_name(old)} is locked by the lab: it is a {old.rtype}, not a {new.rtype}."
    return removal_refusal(lab, old) or addition_refusal(lab, new.rtype)


def _of_connections(lab: Lab, before: Resources, after: Resources) -> Iterator[Violation]:
    """Yield changed connections between resources that were there and still are; those of others follow from that."""
    there = {guid: old for guid, old in before.items() if old is not None and after.get(guid) is not None}
    for guid, old in sorted(there.items()):
        new = after[guid]
        assert new is not None
        for other in sorted(old.connections ^ new.connections):
            if guid < other and other in there and (sentence := connection_refusal(lab, old, there[other])):
                yield Violation(guid, "", sentence)


def _of_part(lab: Lab, name: str, old: Any, new: Any) -> Iterator[Violation]:
    if name == "global_values" and _locks_anything(lab):
        for rtype, attribute in sorted({*old, *new}):
            if not _same(old.get((rtype, attribute)), new.get((rtype, attribute))):
                yield Violation(0, attribute, f"Attribute '{attribute}' of all {rtype} is locked by the lab.")
    elif name == "changes" and _locked_changes(lab, old) != _locked_changes(lab, new):
        yield Violation(0, "", "When attributes change that the lab locks is locked, too.")
    elif name == "topology" and lab.structure_locked and old != new:
        yield Violation(0, "", "The topology is locked by the lab.")


def _locked_changes(lab: Lab, changes: list[AttributeChange]) -> list[AttributeChange]:
    return [each for each in changes if any(_is_locked(lab, guid, each.name) for guid in each.guids)]


def _collects(resource: ResourceDescription, name: str) -> bool:
    found = ResourceFactory.find(resource.rtype)
    trace = found._traces.get(name) if found else None
    return resource.traces.get(name, trace is not None and trace.enabled)


def _same(one: Value | None, other: Value | None) -> bool:
    return one == other or (one != one and other != other)  # NaN is like no number, not even itself


def _shown(value: Value | None) -> str:
    if value in (None, ""):
        return "empty"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."

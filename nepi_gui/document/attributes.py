"""Steps that a user takes with attribute values: set, return to the default; and what there is to be set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.description import ExperimentDescription, ResourceDescription, Value
from nepi_core.errors import AttributeValueError, UnknownAttributeError
from nepi_core.factory import ResourceFactory
from nepi_core.lab import attribute_refusal
from nepi_core.resource_type import ResourceType
from nepi_core.structure import shown_name
from nepi_gui.document.document import Document
from nepi_gui.document.edit import Edit
from nepi_gui.document.host_names import follow, host_name
from nepi_gui.document.texts import refuse_unwritable
from nepi_gui.document.units import in_unit
from nepi_gui.document.values import with_unit
from nepi_gui.translation import translate

REFERENCES = ("env:", "file:")
"""How a credential begins: it says where the secret is, and is never the secret itself."""

_LOCKED = Flags.Design | Flags.Construct
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """What an attribute is in one or several resources.

    Attributes:
        value: their value, or else the default; None for no value, and when they differ.
        is_set: whether one of them has another value than the default.
        is_mixed: whether they differ.
        default: the default, None when the types of the resources have different ones.
    """

    value: Value | None = None
    is_set: bool = False
    is_mixed: bool = False
    default: Value | None = None


# -- what there is ---------------------------------------------------------------------------------


def types_of(description: ExperimentDescription, guids: Iterable[int]) -> list[str]:
    """Return the types of resources, each once, in alphabetical order."""
    return sorted({description.resources[guid].rtype for guid in guids})


def common_attributes(rtypes: Iterable[str]) -> list[Attribute]:
    """Return the attributes that all of some types have, alike in name, type and allowed values.

    They are those of the first type; none when nobody knows one of the types.
    """
    declared = [ResourceFactory.find(rtype) for rtype in rtypes]
    if not declared or None in declared:
        return []
    first, *others = [_by_name(each) for each in declared if each]
    return [each for each in first.values() if all(_is_like(each, other.get(each.name)) for other in others)]


def _by_name(declared: type[ResourceType]) -> dict[str, Attribute]:
    return {each.name: each for each in declared.get_attributes()}


def _is_like(first: Attribute, second: Attribute | None) -> bool:
    return second is not None and (first.type, first.allowed, first.flags) == (
        second.type,
        second.allowed,
        second.flags,
    )


def is_special(rtype: str, attribute: Attribute) -> bool:
    """Tell whether an attribute makes a type what it is; the others come from a more general type."""
    declared = ResourceFactory.find(rtype)
    if declared is None or attribute.required:
        return True
    own = declared.get_attribute(attribute.name)  # another type, selected together with this one, may have one like it
    bases = [each for each in declared.__mro__ if issubclass(each, ResourceType)]
    origin = next(each for each in reversed(bases) if own in each.get_attributes())
    return origin.get_rtype() == declared.get_rtype()


def shown(description: ExperimentDescription, guids: Collection[int], name: str) -> Shown:
    """Return what an attribute is in some resources, which all have it."""
    declared = {rtype: attribute_of(rtype, name) for rtype in types_of(description, guids)}
    first = next(iter(declared.values()))
    if first.has_flag(Flags.Global):
        found = [(_shared(description, rtype, each), each.default) for rtype, each in declared.items()]
    elif len(declared) == 1:
        resources, default = description.resources, first.default
        found = [(resources[guid].attributes.get(name, default), default) for guid in guids]
    else:
        found = [_own(description.resources[guid], declared) for guid in guids]
    value, default = found[0]
    is_mixed = any(given != value for given, _ in found)
    is_set = any(given != usual for given, usual in found)
    has_one_default = all(usual == default for _, usual in found)
    return Shown(None if is_mixed else value, is_set, is_mixed, default if has_one_default else None)


def _own(resource: ResourceDescription, declared: Mapping[str, Attribute]) -> tuple[Value | None, Value | None]:
    attribute = declared[resource.rtype]
    return resource.attributes.get(attribute.name, attribute.default), attribute.default


def _shared(description: ExperimentDescription, rtype: str, attribute: Attribute) -> Value | None:
    return description.global_values.get((_declared_name(rtype), attribute.name), attribute.default)


def _declared_name(rtype: str) -> str:
    """Return the name of a type that is given by its name, or by another one that a plug-in has for it."""
    return ResourceFactory.get_resource_type(rtype).get_rtype()


def attribute_of(rtype: str, name: str) -> Attribute:
    """Return an attribute of a type.

    Raises:
        UnknownTypeError, UnknownAttributeError: there is no such thing.
    """
    return ResourceFactory.get_resource_type(rtype).get_attribute(name)


def unknown_values(resource: ResourceDescription) -> dict[str, Value]:
    """Return the values that a resource keeps from its file though its type has no such attributes."""
    declared = ResourceFactory.find(resource.rtype)
    known = {each.name for each in declared.get_attributes()} if declared else set()
    return {name: value for name, value in resource.attributes.items() if name not in known}


def lock_reason(document: Document, guids: Collection[int], attribute: Attribute) -> str:
    """Return in a sentence why an attribute cannot be set (now), "" when it can."""
    if attribute.flags & (Flags.NoWrite | Flags.Reserved):
        return translate("Attributes", "The resource sets it itself.")
    if attribute.flags & _LOCKED and not document.deployed.isdisjoint(guids):
        return translate("Attributes", "It can be set only before the resource is deployed.")
    resources = (document.description.resources[guid] for guid in guids)
    return next(filter(None, (attribute_refusal(document.lab, each, attribute.name) for each in resources)), "")


# -- steps -----------------------------------------------------------------------------------------


def set_values(document: Document, guids: Collection[int], name: str, value: object) -> None:
    """Give an attribute of some resources a value; the default, when it is that or None.

    What names them as hosts, such as the target of a ping, goes with their attribute ``name``.
    Steps with the same attribute and resources that follow each other closely are one.

    Args:
        value: in the attribute's type, or as a text with or without unit.

    Raises:
        AttributeValueError: the value is not allowed, or the attribute may not be set (now); nothing was changed.
        UnknownResourceError, UnknownAttributeError: there is no such thing.
    """
    resources = [document.description.resource(guid) for guid in guids]
    checked = {rtype: _checked(document, rtype, resources, name, value) for rtype in types_of_all(resources)}
    if not checked:
        return
    text = _told(resources, name, checked)
    before = {each.guid: host_name(each) for each in resources} if name == "name" else {}
    with document.edit(text, ("attribute", name, frozenset(guids))) as edit:
        for resource in resources:
            _put(edit, resource, attribute_of(resource.rtype, name), checked[resource.rtype])
        follow(edit, before)


def types_of_all(resources: Iterable[ResourceDescription]) -> list[str]:
    """Return the types of resources, each once."""
    return list(dict.fromkeys(each.rtype for each in resources))


def reset(document: Document, guids: Collection[int], name: str) -> None:
    """Return an attribute of some resources to its default.

    Raises:
        as for `set_values`.
    """
    set_values(document, guids, name, None)


def remove_unknown(document: Document, guid: int, name: str) -> None:
    """Throw a value away that a resource keeps though its type has no such attribute.

    Raises:
        UnknownAttributeError: it keeps no such value.
    """
    resource = document.description.resource(guid)
    if name not in unknown_values(resource):
        raise UnknownAttributeError(f"{shown_name(resource)} keeps no value of an unknown attribute {name!r}.")
    text = translate("Steps", "Remove {0} of {1}").format(name, shown_name(resource))
    with document.edit(text) as edit:
        del edit.resource(guid).attributes[name]


def _checked(
    document: Document, rtype: str, resources: Collection[ResourceDescription], name: str, value: object
) -> Value | None:
    """Return a value as resources of a type take it, None for the default."""
    attribute = attribute_of(rtype, name)
    guids = [each.guid for each in resources if each.rtype == rtype]
    owner = f"{rtype} {guids[0]}" if len(guids) == 1 else rtype
    if reason := lock_reason(document, guids, attribute):
        raise AttributeValueError(f"{owner}: attribute '{name}' cannot be set. {reason}")
    return check(attribute, value, owner)


def check(attribute: Attribute, value: object, owner: str = "") -> Value | None:
    """Return what a user has given as a value, None when that is the default.

    Raises:
        AttributeValueError: the value is not allowed; the message never shows what may be a secret.
    """
    where = f"{owner}: " if owner else ""
    if attribute.required and attribute.default is None and value in (None, ""):
        raise AttributeValueError(f"{where}attribute '{attribute.name}' needs a value: {attribute.expectation()}.")
    if value is None:
        return None
    if attribute.has_flag(Flags.Credential) and value != "" and not str(value).startswith(REFERENCES):
        raise AttributeValueError(
            f"{where}attribute '{attribute.name}' says where the secret is, env:NAME or file:PATH; "
            "the secret itself is never written."
        )
    if attribute.type in (Types.Integer, Types.Double) and isinstance(value, str):
        value = in_unit(value, attribute.unit)
    checked = attribute.check(value, owner)
    refuse_unwritable(checked, attribute.name, owner)
    return None if checked == attribute.default else checked


def _put(edit: Edit, resource: ResourceDescription, attribute: Attribute, value: Value | None) -> None:
    if attribute.has_flag(Flags.Global):
        values, key = dict(edit.description.global_values), (_declared_name(resource.rtype), attribute.name)
        if values.pop(key, None) != value:
            edit.set_part("global_values", values if value is None else values | {key: value})
    elif resource.attributes.get(attribute.name) != value:
        kept = edit.resource(resource.guid).attributes
        if value is None:
            del kept[attribute.name]
        else:
            kept[attribute.name] = value


def _told(resources: list[ResourceDescription], name: str, checked: Mapping[str, Value | None]) -> str:
    """Return what a step is called, such as "Set delay of link1 to 10 ms"."""
    attribute, value = attribute_of(resources[0].rtype, name), next(iter(checked.values()))
    whose = _whose(resources, attribute)
    if all(each is None for each in checked.values()):
        default = attribute.default
        if default is None:
            return translate("Steps", "Clear {0} of {1}").format(name, whose)
        value = default
    text = with_unit(value, attribute)
    text = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
    return translate("Steps", "Set {0} of {1} to {2}").format(name, whose, text.replace("\n", " ") or '""')


def _whose(resources: list[ResourceDescription], attribute: Attribute) -> str:
    if attribute.has_flag(Flags.Global):
        return translate("Steps", "all {0}").format(", ".join(types_of_all(resources)))
    if len(resources) == 1:
        return shown_name(resources[0])
    return translate("Steps", "{0} resources").format(len(resources))

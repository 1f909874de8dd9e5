"""Steps that a user takes with conditions and planned changes: add, alter, remove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from nepi_core.attribute import Attribute, Flags
from nepi_core.conditions import make_condition, unknown_guids
from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Value, as_guids
from nepi_core.errors import AttributeValueError, ConditionError, NepiError, UnknownAttributeError
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.structure import Structure, drawn_as
from nepi_gui.document.document import Document
from nepi_gui.document.schedule import ConditionKey
from nepi_gui.document.sentences import change_sentence, condition_sentence, find, sentence
from nepi_gui.document.step_circles import refuse_circle
from nepi_gui.document.texts import refuse_unwritable
from nepi_gui.translation import translate

_LOCKED = Flags.NoWrite | Flags.Design | Flags.Construct | Flags.Credential | Flags.Reserved
"""Flags of attributes that users cannot set while a resource runs."""

# -- conditions --------------------------------------------------------------------------------------------


def add_condition(document: Document, guid: int, condition: Condition) -> ConditionKey:
    """Have a resource wait for something; return the condition's key.

    Raises:
        ConditionError: it names what does not exist, or the resource would wait for itself; nothing was added.
    """
    checked = _checked(document.description, guid, condition)
    text = condition_sentence(document.description, guid, checked)
    with document.edit(translate("Steps", "Condition: {0}").format(text)) as edit:
        conditions = edit.resource(guid).conditions
        conditions.append(checked)
        return guid, len(conditions) - 1


def replace_condition(document: Document, key: ConditionKey, condition: Condition) -> None:
    """Put a condition in the place of another one.

    Raises:
        ConditionError: as for `add_condition`; nothing was changed.
    """
    _present(document.description, key)
    guid, index = key
    checked = _checked(document.description, guid, condition, without=index)
    text = condition_sentence(document.description, guid, checked)
    with document.edit(translate("Steps", "Condition: {0}").format(text)) as edit:
        edit.resource(guid).conditions[index] = checked


def give_condition(document: Document, key: ConditionKey, guid: int) -> ConditionKey:
    """Have another resource wait instead; return the condition's new key.

    Raises:
        ConditionError: as for `add_condition`; nothing was changed.
    """
    condition = _present(document.description, key)
    if guid == key[0] or not isinstance(condition, Condition):
        return key
    text = condition_sentence(document.description, guid, condition)
    with document.edit(translate("Steps", "Condition: {0}").format(text)) as edit:
        del edit.resource(key[0]).conditions[key[1]]
        return add_condition(document, guid, condition)


def remove_conditions(document: Document, keys: Collection[ConditionKey]) -> None:
    """Take conditions and planned changes away."""
    indices: defaultdict[int, set[int]] = defaultdict(set)
    for guid, index in keys:
        indices[guid].add(index)
    with document.edit(_removal_text(document.description, keys)) as edit:
        if gone := indices.pop(0, None):
            kept = [each for index, each in enumerate(edit.description.changes) if index not in gone]
            edit.set_part("changes", kept)
        for guid, gone in indices.items():
            resource = edit.resource(guid)
            resource.conditions = [each for index, each in enumerate(resource.conditions) if index not in gone]


def duplicate(document: Document, key: ConditionKey) -> ConditionKey:
    """Add a condition or planned change once more, to be altered then; return its key."""
    found = _present(document.description, key)
    return add_condition(document, key[0], found) if isinstance(found, Condition) else add_change(document, found)


def _present(description: ExperimentDescription, key: ConditionKey) -> Condition | AttributeChange:
    """Return a condition or planned change, which may have been taken away since somebody was asked about it."""
    found = find(description, key)
    if found is None:
        raise ConditionError(translate("Conditions", "There is no such condition any more."))
    return found


def _removal_text(description: ExperimentDescription, keys: Collection[ConditionKey]) -> str:
    if len(keys) == 1:
        return translate("Steps", "Remove condition: {0}").format(sentence(description, next(iter(keys))))
    return translate("Steps", "Remove {0} conditions").format(len(keys))


def condition_refusal(description: ExperimentDescription, guid: int, condition: Condition) -> str:
    """Return in a sentence why a condition cannot be added, "" when it can."""
    try:
        _checked(description, guid, condition)
    except NepiError as error:
        return str(error)
    return ""


def _checked(
    description: ExperimentDescription, guid: int, condition: Condition, without: int | None = None
) -> Condition:
    """Return a condition as the engine would take it, in the place of the one with the number ``without``."""
    description.resource(guid)
    made = make_condition(condition.action, condition.group, condition.state, condition.time)
    if missing := unknown_guids(made.group, description.resources):
        raise ConditionError(missing)
    refuse_circle(description, guid, made, without)
    return made


# -- planned changes ---------------------------------------------------------------------------------------


def add_change(document: Document, change: AttributeChange) -> ConditionKey:
    """Plan that attributes get another value during the run; return the change's key.

    Raises:
        ConditionError, UnknownAttributeError, AttributeValueError: it cannot be done like that; nothing was added.
    """
    checked = _checked_change(document.description, change)
    text = change_sentence(document.description, checked)
    with document.edit(translate("Steps", "Change: {0}").format(text)) as edit:
        edit.set_part("changes", [*edit.description.changes, checked])
        return 0, len(edit.description.changes) - 1


def replace_change(document: Document, key: ConditionKey, change: AttributeChange) -> None:
    """Put a planned change in the place of another one.

    Raises:
        ConditionError, UnknownAttributeError, AttributeValueError: as for `add_change`; nothing was changed.
    """
    _present(document.description, key)
    checked = _checked_change(document.description, change)
    text = change_sentence(document.description, checked)
    with document.edit(translate("Steps", "Change: {0}").format(text)) as edit:
        changes = list(edit.description.changes)
        changes[key[1]] = checked
        edit.set_part("changes", changes)


def changeable(description: ExperimentDescription, guids: Iterable[int]) -> list[str]:
    """Return the names of the attributes that all of some resources have and that may be set during a run."""
    found: list[str] | None = None
    for guid in guids:
        own = [each.name for each in _attributes(description, guid) if not each.has_flag(_LOCKED)]
        found = own if found is None else [name for name in found if name in own]
    return found or []


def _checked_change(description: ExperimentDescription, change: AttributeChange) -> AttributeChange:
    made = make_condition(ResourceAction.START, change.group, change.state, change.time)
    guids = as_guids(change.guids)
    if not guids:
        raise ConditionError("A planned change needs at least one resource whose attribute is set.")
    if missing := unknown_guids((*made.group, *guids), description.resources):
        raise ConditionError(missing)
    values = [_checked_value(description, guid, change.name, change.value) for guid in guids]
    return AttributeChange(guids, change.name, values[0], made.group, made.state, made.time)


def _attributes(description: ExperimentDescription, guid: int) -> list[Attribute]:
    resource = description.resources.get(guid)
    found = ResourceFactory.find(resource.rtype) if resource else None
    return list(found.get_attributes()) if found else []


def attribute_of(description: ExperimentDescription, guid: int, name: str) -> Attribute | None:
    """Return the declaration of an attribute; None when the type does not have it, or is not known."""
    return next((each for each in _attributes(description, guid) if each.name == name), None)


def _checked_value(description: ExperimentDescription, guid: int, name: str, value: Value | None) -> Value | None:
    resource = description.resources[guid]
    if ResourceFactory.find(resource.rtype) is None:
        return value  # what nobody knows can be anything
    attribute, owner = attribute_of(description, guid, name), f"{resource.rtype} {guid}"
    if attribute is None:
        raise UnknownAttributeError(f"{owner} has no attribute '{name}'.")
    if attribute.has_flag(_LOCKED):
        raise AttributeValueError(f"{owner}: attribute '{name}' cannot be set while the resource runs.")
    if value is None:
        return None
    checked = attribute.check(value, owner)
    refuse_unwritable(checked, name, owner)
    return checked


# -- guesses -----------------------------------------------------------------------------------------------


def guess_condition(description: ExperimentDescription, chosen: Sequence[int]) -> tuple[int, Condition] | None:
    """Return what a user may want who asks for a condition: a resource that waits, and for what.

    With several resources chosen, the last starts after the others; with one, it starts after another program, and
    if there is none a while after its host, or it is stopped a while after its start. None when there is nothing to
    choose from.
    """
    programs = [guid for guid, each in description.resources.items() if drawn_as(each.rtype) is Drawn.BADGE]
    guids = list(chosen) or programs[-2:] or list(description.resources)[-2:]
    if not guids:
        return None
    *others, waiter = guids
    others = others or [guid for guid in programs if guid != waiter][:1]
    for group, time in ((others, None), (_hosts(description, waiter), "2s"), ([waiter], "10s")):
        action = ResourceAction.STOP if group == [waiter] else ResourceAction.START
        condition = Condition(action, as_guids(group), ResourceState.STARTED, time)
        if group and not condition_refusal(description, waiter, condition):
            return waiter, condition
    return None


def _hosts(description: ExperimentDescription, guid: int) -> list[int]:
    """Return what a resource hangs at."""
    host = Structure(description.resources).hosts.get(guid, guid)
    return [] if host == guid else [host]


def guess_change(description: ExperimentDescription, chosen: Sequence[int]) -> AttributeChange | None:
    """Return a planned change that a user may want: an attribute of a resource, 5 s after its start.

    None when no resource has an attribute that may be set during a run.
    """
    for guid in (*chosen, *sorted(description.resources, key=lambda each: not _is_line(description, each))):
        resource = description.resources[guid]
        for name in changeable(description, [guid]):
            attribute = attribute_of(description, guid, name)
            value = resource.attributes.get(name, attribute.default if attribute else None)
            return AttributeChange((guid,), name, value, (guid,), ResourceState.STARTED, "5s")
    return None


def _is_line(description: ExperimentDescription, guid: int) -> bool:
    return drawn_as(description.resources[guid].rtype) is Drawn.EDGE

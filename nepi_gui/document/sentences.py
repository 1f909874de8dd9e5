"""Conditions and planned changes as sentences, whose parts can be told from each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from nepi_core.description import AttributeChange, Condition, ExperimentDescription
from nepi_core.errors import TimeFormatError
from nepi_core.structure import shown_name
from nepi_core.times import parse_delay
from nepi_gui.document.schedule import ConditionKey, Doubt, Moment, Reason
from nepi_gui.document.schedule import EventKind as Kind
from nepi_gui.number_text import number_text
from nepi_gui.translation import translate

_MOST_NAMES = 3


class Part(StrEnum):
    """A part of a sentence that can be chosen."""

    ACTION = "action"
    RESOURCE = "resource"
    """What waits, or what is changed."""
    NAME = "name"
    VALUE = "value"
    DELAY = "delay"
    GROUP = "group"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a sentence; ``part`` is what they stand for, None for those between."""

    text: str
    part: Part | None = None


def find(description: ExperimentDescription, key: ConditionKey) -> Condition | AttributeChange | None:
    """Return a condition or planned change; None when there is none (any more)."""
    guid, index = key
    found = description.resources.get(guid)
    listed = (found.conditions if found else []) if guid else description.changes
    return listed[index] if 0 <= index < len(listed) else None


def words_of(description: ExperimentDescription, key: ConditionKey) -> list[Words]:
    """Return a condition or planned change as a sentence in the user's language; nothing when there is none."""
    found = find(description, key)
    if isinstance(found, Condition):
        return _fill(_condition_template(found), _condition_parts(description, key[0], found))
    return _fill(_change_template(found), _change_parts(description, found)) if found else []


def sentence(description: ExperimentDescription, key: ConditionKey) -> str:
    """Return a condition or planned change as one text."""
    return "".join(words.text for words in words_of(description, key))


def condition_sentence(description: ExperimentDescription, guid: int, condition: Condition) -> str:
    """Return a condition that need not be one of the experiment, as one text."""
    parts = _condition_parts(description, guid, condition)
    return "".join(words.text for words in _fill(_condition_template(condition), parts))


def change_sentence(description: ExperimentDescription, change: AttributeChange) -> str:
    """Return a planned change that need not be one of the experiment, as one text."""
    return "".join(words.text for words in _fill(_change_template(change), _change_parts(description, change)))


def names(description: ExperimentDescription, guids: Collection[int], most: int = _MOST_NAMES) -> str:
    """Return what resources are called, the first few of many."""
    listed = list(guids)
    shown = listed if len(listed) <= most + 1 else listed[:most]
    text = ", ".join(name_of(description, guid) for guid in shown)
    more = len(listed) - len(shown)
    return translate("Conditions", "{0} and {1} more").format(text, more) if more else text


def name_of(description: ExperimentDescription, guid: int) -> str:
    """Return what a resource is called, its number when there is no such."""
    found = description.resources.get(guid)
    return shown_name(found) if found else f"#{guid}"


# -- times -------------------------------------------------------------------------------------------------


def shown_delay(time: str | None) -> str:
    """Return a delay as it is read: "2 min 30 s" for ``2m30s``; "" for none."""
    try:
        if not parse_delay(time):
            return ""
    except TimeFormatError:
        return str(time)
    parts = re.findall(r"([\d.]+)([a-z]+)", str(time))
    return " ".join(f"{number} {'min' if unit == 'm' else unit}" for number, unit in parts)


def read_delay(text: str) -> str | None:
    """Return what a user has typed as a delay as the file has it; None for none. A number without a unit is seconds.

    Raises:
        TimeFormatError: it is no delay.
    """
    compact = re.sub(r"(?<=\d)min", "m", text.replace(" ", "").lower())
    if re.fullmatch(r"\d+(\.\d*)?|\.\d+", compact):
        compact += "s"
    return compact if parse_delay(compact or None) else None


def moment_text(description: ExperimentDescription, moment: Moment) -> str:
    """Return a moment in few words, such as "+2 s" or "2 s after the end of ping"."""
    event, offset = moment
    seconds = translate("Conditions", "{0} s").format(number_text(offset))
    if event.kind is Kind.BEGINNING:
        return f"+{seconds}"
    if event.kind is Kind.LATEST:
        told = [_part_text(description, each) for each in event.after[:_MOST_NAMES]]
        last = translate("Conditions", "the last of: {0}").format("; ".join(told))
        return translate("Conditions", "{0} after {1}").format(seconds, last) if offset else last
    name = name_of(description, event.guid)
    if event.kind is Kind.FAILURE:
        after, at_once = translate("Conditions", "{0} after {1} fails"), translate("Conditions", "when {0} fails")
    else:
        after, at_once = translate("Conditions", "{0} after {1} ends"), translate("Conditions", "when {0} ends")
    return after.format(seconds, name) if offset else at_once.format(name)


def _part_text(description: ExperimentDescription, moment: Moment) -> str:
    """Return one of several moments in few words; one that is itself one of several is only hinted at."""
    return "…" if moment.event.kind is Kind.LATEST else moment_text(description, moment)


# -- doubts ------------------------------------------------------------------------------------------------


def doubt_text(description: ExperimentDescription, doubt: Doubt) -> str:
    """Return in a sentence why a condition may never be met."""
    condition = find(description, doubt.key)
    state = condition.state.name if condition else ""
    texts = {
        Reason.CIRCLE: translate("Conditions", "Can never be met: {0} waits for this itself, in a circle."),
        Reason.NEVER_ENDS: translate(
            "Conditions", "Can never be met: {0} does not end by itself, and no condition stops it."
        ),
        Reason.NEVER_REACHED: translate("Conditions", "Can never be met: {0} will never be {1}."),
        Reason.RELEASED: translate("Conditions", "Can never be met: {0} is RELEASED only at the end of the run."),
        Reason.FAILURE: translate("Conditions", "Happens only if {0} fails."),
    }
    return texts[doubt.reason].format(name_of(description, doubt.member), state)


# -- templates ---------------------------------------------------------------------------------------------


def _condition_template(condition: Condition) -> str:
    if len(condition.group) == 1:
        if _is_delayed(condition):
            return translate("Conditions", "{action} {resource} {delay} after {group} is {state}")
        return translate("Conditions", "{action} {resource} {delay} {group} is {state}")
    if _is_delayed(condition):
        return translate("Conditions", "{action} {resource} {delay} after {group} are {state}")
    return translate("Conditions", "{action} {resource} {delay} {group} are {state}")


def _change_template(change: AttributeChange) -> str:
    if len(change.group) == 1:
        if _is_delayed(change):
            return translate("Conditions", "SET {name} of {resource} to {value} {delay} after {group} is {state}")
        return translate("Conditions", "SET {name} of {resource} to {value} {delay} {group} is {state}")
    if _is_delayed(change):
        return translate("Conditions", "SET {name} of {resource} to {value} {delay} after {group} are {state}")
    return translate("Conditions", "SET {name} of {resource} to {value} {delay} {group} are {state}")


def _is_delayed(condition: Condition | AttributeChange) -> bool:
    return bool(shown_delay(condition.time))


def _condition_parts(description: ExperimentDescription, guid: int, condition: Condition) -> dict[Part, str]:
    return {
        Part.ACTION: condition.action.name,
        Part.RESOURCE: name_of(description, guid),
        **_waiting_parts(description, condition),
    }


def _change_parts(description: ExperimentDescription, change: AttributeChange) -> dict[Part, str]:
    value = translate("Conditions", "its default") if change.value is None else str(change.value)
    return {
        Part.NAME: change.name,
        Part.RESOURCE: names(description, change.guids),
        Part.VALUE: value or '""',
        **_waiting_parts(description, change),
    }


def _waiting_parts(description: ExperimentDescription, condition: Condition | AttributeChange) -> dict[Part, str]:
    at_once = translate("Conditions", "as soon as")
    return {
        Part.DELAY: shown_delay(condition.time) or at_once,
        Part.GROUP: names(description, condition.group),
        Part.STATE: condition.state.name,
    }


def _fill(template: str, parts: Mapping[Part, str]) -> list[Words]:
    """Put parts in their places; a translation may have them in another order."""
    words: list[Words] = []
    for between, name, _, _ in Formatter().parse(template):
        if between:
            words.append(Words(between))
        if name:
            part = Part(name)
            words.append(Words(parts[part], part))
    return words

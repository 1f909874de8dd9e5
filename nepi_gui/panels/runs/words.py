"""Runs, and what differs between them, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Value
from nepi_core.structure import short_type
from nepi_gui.document.sentences import change_sentence, condition_sentence
from nepi_gui.number_text import duration_text
from nepi_gui.runs.by_hand import HandChange
from nepi_gui.runs.differences import Content, Difference, Kind
from nepi_gui.runs.listing import ListedRun, Outcome
from nepi_gui.translation import translate

_MOST_TOLD = 2
_LONGEST_VALUE = 24
_MOST_VALUES = 3

SIGNS = {
    Outcome.RUNNING: "▶",
    Outcome.DONE: "✓",
    Outcome.FAILED: "✕",
    Outcome.INTERRUPTED: "■",
    Outcome.CUT_SHORT: "⚠",
    Outcome.UNKNOWN: "?",
}
"""A sign for each outcome, so that colours are not all that tells them apart."""


def outcome_text(outcome: Outcome) -> str:
    """Return an outcome with its sign, such as "✓ done"."""
    words = {
        Outcome.RUNNING: translate("Runs", "running"),
        Outcome.DONE: translate("Runs", "done"),
        Outcome.FAILED: translate("Runs", "failed"),
        Outcome.INTERRUPTED: translate("Runs", "interrupted"),
        Outcome.CUT_SHORT: translate("Runs", "cut short"),
        Outcome.UNKNOWN: translate("Runs", "unknown"),
    }
    return f"{SIGNS[outcome]} {words[outcome]}"


def moment_text(moment: float) -> str:
    """Return a date and time; "-" when it is not known."""
    if math.isnan(moment):
        return "-"
    return datetime.fromtimestamp(moment).isoformat(sep=" ", timespec="seconds")


def short_moment(moment: float) -> str:
    """Return a date and time without what goes without saying: the date of today, and the year of this year."""
    if math.isnan(moment):
        return "-"
    date, today = datetime.fromtimestamp(moment), datetime.now()
    if date.date() == today.date():
        return translate("Runs", "today {0}").format(f"{date:%H:%M:%S}")
    if date.year == today.year:
        return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(moment)), "d MMM HH:mm:ss")
    return f"{date:%Y-%m-%d %H:%M}"


def name_text(run: ListedRun) -> str:
    """Return what a run is called in sentences: when it began, or else the name of its folder."""
    return run.run_id if math.isnan(run.began) else moment_text(run.began)


def length_text(run: ListedRun, now: float) -> str:
    """Return how long a run took, or takes so far; "-" when that is not known."""
    duration = run.duration(now)
    return "-" if math.isnan(duration) else duration_text(duration)


def tool_tip(run: ListedRun) -> str:
    """Return what more there is to say about a run, in lines."""
    lines = [run.run_id, moment_text(run.began), run.cause, *run.notices, run.note]
    return "\n".join(line for line in lines if line)


# -- differences ---------------------------------------------------------------------------------------------------


def summary(found: Sequence[Difference] | None) -> str:
    """Return differences in few words, such as "h1-r1 queue 100 → 20; 1 resource more"."""
    if found is None:
        return translate("Runs", "its experiment is missing or damaged")
    if not found:
        return translate("Runs", "the same")
    told = [_attribute_words(each) for each in found if each.kind in (Kind.ATTRIBUTE, Kind.GLOBAL)]
    parts = [*told[:_MOST_TOLD], *_counted(found)]
    rest = len(found) - min(len(told), _MOST_TOLD) - sum(each.kind in (Kind.ADDED, Kind.REMOVED) for each in found)
    if rest:
        one, several = translate("Runs", "1 other difference"), translate("Runs", "{0} other differences")
        parts.append(one if rest == 1 else several.format(rest))
    return "; ".join(parts)


def _attribute_words(each: Difference) -> str:
    return f"{each.name} {each.what} {_short(value_text(each.then))} → {_short(value_text(each.now))}"


def by_hand_text(changes: Sequence[HandChange]) -> str:
    """Return what was set by hand, such as "changed while it ran: h1-r1 queue 200 → 20"; "" for nothing."""
    if not changes:
        return ""
    parts = [f"{each.name} {each.what} {_steps(each.values)}" for each in changes[:_MOST_TOLD]]
    if rest := len(changes) - len(parts):
        parts.append(translate("Runs", "{0} more").format(rest))
    return translate("Runs", "changed while it ran: {0}").format(", ".join(parts))


def _steps(values: Sequence[Value | None]) -> str:
    texts = [_short(value_text(value)) for value in values]
    return " → ".join(texts if len(texts) <= _MOST_VALUES else [texts[0], "…", texts[-1]])


def _counted(found: Sequence[Difference]) -> list[str]:
    kinds = [each.kind for each in found]
    texts = (
        (Kind.ADDED, translate("Runs", "1 resource more"), translate("Runs", "{0} resources more")),
        (Kind.REMOVED, translate("Runs", "1 resource less"), translate("Runs", "{0} resources less")),
    )
    counts = ((kinds.count(kind), one, several) for kind, one, several in texts)
    return [one if number == 1 else several.format(number) for number, one, several in counts if number]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def resource_text(each: Difference) -> str:
    """Return what a difference is about: a resource, a type, or the experiment."""
    return each.name or translate("Runs", "Experiment")


def what_text(each: Difference) -> str:
    """Return which part of it is different."""
    texts = {
        Kind.ADDED: translate("Runs", "resource"),
        Kind.REMOVED: translate("Runs", "resource"),
        Kind.LABEL: translate("Runs", "label"),
        Kind.TRACE: translate("Runs", "trace {0}"),
        Kind.CONNECTION: translate("Runs", "connection to {0}"),
        Kind.CONDITION: translate("Runs", "condition of {0}"),
        Kind.CHANGE: translate("Runs", "planned change of {0}"),
        Kind.GLOBAL: translate("Runs", "{0}, of all"),
    }
    return texts.get(each.kind, "{0}").format(each.what)


def content_text(each: Difference, content: Content, description: ExperimentDescription) -> str:
    """Return what was, or is, in one of the two experiments.

    Args:
        description: the experiment that it is of.
    """
    if isinstance(content, Condition):
        return condition_sentence(description, each.guid, content)
    if isinstance(content, AttributeChange):
        return change_sentence(description, content)
    if each.kind in (Kind.ADDED, Kind.REMOVED):
        return short_type(str(content)) if content is not None else translate("Runs", "not there")
    if each.kind is Kind.TRACE:
        return translate("Runs", "on") if content else translate("Runs", "off")
    if each.kind is Kind.CONNECTION:
        return translate("Runs", "connected") if content else translate("Runs", "not connected")
    if each.kind in (Kind.CONDITION, Kind.CHANGE):
        return translate("Runs", "none")
    return value_text(content)


def value_text(value: Content) -> str:
    """Return a value; "-" for none."""
    return "-" if value is None or value == "" else str(value)

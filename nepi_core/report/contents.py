"""What a report says of a run in words: its outcome, its resources and conditions, its log and files."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nepi_core.description import AttributeChange, Condition, ExperimentDescription
from nepi_core.errors import FormatError
from nepi_core.lifecycle import StateChange
from nepi_core.report.samples import ReportReader
from nepi_core.report.timeline import last_state
from nepi_core.report.words import is_number, shortened, size
from nepi_core.states import ResourceState
from nepi_core.times import parse_delay
from nepi_core.xml_format import read_xml

DESCRIPTION_NAME = "experiment.xml"
_MOST_CHARACTERS = 600
_MOST_OF_CAUSE = 3_000
_MOST_OF_NAME = 80
_MOST_MEMBERS = 12

_VERDICTS = {
    "done": ("Done", "The run came to its end."),
    "failed": ("Failed", "The run failed."),
    "interrupted": ("Interrupted", "The run was interrupted before its end."),
    "running": ("Running", "The run still goes on; this page shows it as it was when the page was written."),
    "cut short": ("Cut short", "The program or the machine that ran it ended before the run did."),
    "unknown": ("Unknown", "Nothing tells how the run ended."),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A resource that failed, when (seconds since 1970), and why."""

    guid: int
    time: float
    cause: str


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """A resource with all that was said about it; ``last`` is its last state before it was released."""

    guid: int
    rtype: str
    last: str
    attributes: tuple[tuple[str, str], ...] = ()
    connected: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TraceFile:
    """A file that a resource wrote; ``guid`` is None when its name does not tell which one."""

    guid: int | None
    path: str
    link: str
    size: str


@dataclass(slots=True)
class Contents:
    """A run as it was recorded and described, each part as far as it could be read."""

    description: ExperimentDescription
    facts: dict[str, object]
    changes: list[StateChange]
    rtypes: dict[int, str]
    labels: dict[int, str]
    notices: list[str]
    outcome: str
    began: float
    ended: float
    failures: list[Failure] = field(default_factory=list)

    def name(self, guid: int) -> str:
        """Return what a resource is called: its label, or else its type and number."""
        short = self.rtypes.get(guid, "resource").rpartition("::")[2]
        return shortened(self.labels.get(guid) or f"{short} {guid}", _MOST_OF_NAME)

    def verdict(self) -> tuple[str, str]:
        """Return the outcome in a word, and in a sentence."""
        word, sentence = _VERDICTS[self.outcome]
        number = len(self.failures)
        if self.outcome == "done" and number:
            word = "Done, with failures"
            sentence = f"The run came to its end, although {number} resource{'s' * (number > 1)} failed."
        return word, sentence

    def resources(self) -> list[ResourceLine]:
        """Return all resources in the order of their guids."""
        histories: dict[int, list[StateChange]] = {guid: [] for guid in self.rtypes}
        for change in self.changes:
            histories.setdefault(change.guid, []).append(change)
        return [self._line(guid, history) for guid, history in sorted(histories.items())]

    def _line(self, guid: int, history: list[StateChange]) -> ResourceLine:
        rtype, last = self.rtypes.get(guid, ""), last_state(history).name
        described = self.description.resources.get(guid)
        if described is None:
            return ResourceLine(guid, rtype, last)
        attributes = tuple((name, shortened(value, _MOST_CHARACTERS)) for name, value in described.attributes.items())
        note = shortened(described.layout.note, _MOST_CHARACTERS) if described.layout else ""
        return ResourceLine(guid, rtype, last, attributes, tuple(sorted(described.connections)), note)

    def conditions(self) -> list[str]:
        """Return all conditions, and changes of attributes while the experiment runs, in words."""
        resources = self.description.resources.items()
        said = [self._condition(guid, each) for guid, resource in sorted(resources) for each in resource.conditions]
        return said + [self._change(change) for change in self.description.changes]

    def _condition(self, guid: int, condition: Condition) -> str:
        delay = f"{condition.time} after" if parse_delay(condition.time) else "once"
        verb = "are" if len(condition.group) > 1 else "is"
        members = self._names(condition.group)
        return f"{condition.action.name} of {self.name(guid)}: {delay} {members} {verb} {condition.state.name}"

    def _change(self, change: AttributeChange) -> str:
        delay = f"{change.time} after" if change.time else "once"
        verb = "are" if len(change.group) > 1 else "is"
        value = shortened(change.value, _MOST_CHARACTERS)
        what = f"{change.name} = {value} for {self._names(change.guids)}"
        return f"{what}: {delay} {self._names(change.group)} {verb} {change.state.name}"

    def _names(self, guids: tuple[int, ...]) -> str:
        more = f" and {len(guids) - _MOST_MEMBERS} more" if len(guids) > _MOST_MEMBERS else ""
        return ", ".join(map(self.name, guids[:_MOST_MEMBERS])) + more


def read_contents(reader: ReportReader) -> Contents:
    """Return what a run folder holds, beside samples, log and files."""
    description, notices = _description(reader.folder)
    facts, changes = reader.facts(), [change for change in reader.state_changes() if is_number(change.time)]
    recorded = reader.resources()
    rtypes = {guid: each.rtype for guid, each in description.resources.items()}
    labels = {guid: each.label for guid, each in description.resources.items() if each.label}
    rtypes |= {each.guid: str(each.rtype) for each in recorded}
    labels |= {each.guid: str(each.label) for each in recorded if each.label}
    began, ended = _limits(facts, changes)
    return Contents(
        description=description,
        facts=facts,
        changes=changes,
        rtypes=rtypes,
        labels=labels,
        notices=notices,
        outcome=_outcome(facts.get("outcome"), reader.running),
        began=began,
        ended=ended,
        failures=_failures(changes),
    )


def _description(folder: Path) -> tuple[ExperimentDescription, list[str]]:
    path = folder / DESCRIPTION_NAME
    if not path.exists():
        return ExperimentDescription(), []  # the reader tells
    try:
        return read_xml(path), []
    except FormatError as error:
        return ExperimentDescription(), [f"{DESCRIPTION_NAME} cannot be read: {error.message}"]


def _outcome(recorded: object, running: Callable[[], bool]) -> str:
    if recorded == "running":
        return "running" if running() else "cut short"
    return str(recorded) if recorded in ("done", "failed", "interrupted") else "unknown"


def _limits(facts: Mapping[str, object], changes: list[StateChange]) -> tuple[float, float]:
    """Return when a run began and ended, as far as anything tells."""
    times = [change.time for change in changes]
    times += [float(str(facts[name])) for name in ("began", "ended") if is_number(facts.get(name))]
    return (min(times), max(times)) if times else (0.0, 0.0)


def _failures(changes: Iterable[StateChange]) -> list[Failure]:
    """Return the resources that failed; the one that failed first is the likely reason of the others."""
    failed = (change for change in changes if change.new is ResourceState.FAILED)
    causes = [Failure(change.guid, change.time, shortened(change.cause, _MOST_OF_CAUSE)) for change in failed]
    return sorted(causes, key=lambda failure: failure.time)


def trace_files(reader: ReportReader, rtypes: Mapping[int, str]) -> list[TraceFile]:
    """Return the files that the resources wrote, in the order of their guids and names."""
    found = list(_trace_files(reader, rtypes))
    return sorted(found, key=lambda file: (file.guid is None, file.guid or 0, file.path))


def _trace_files(reader: ReportReader, rtypes: Mapping[int, str]) -> Iterator[TraceFile]:
    for path in reader.traces():
        relative = path.relative_to(reader.folder)
        guid = path.name.partition(".")[0]
        owner = int(guid) if guid.isdecimal() and int(guid) in rtypes else None
        try:
            length = size(path.stat().st_size)
        except OSError:  # it went away since
            continue
        shown = os.fsencode(relative).decode("utf-8", "replace")
        yield TraceFile(owner, shown, urllib.parse.quote(os.fsencode(relative)), length)

"""What students hand in for a lab, before it is run: whether it may be, and with the checks of the lab put into it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from nepi_core.description import (
    AttributeChange,
    Condition,
    ExperimentDescription,
    ResourceDescription,
    Value,
    changes_without,
    conditions_without,
)
from nepi_core.errors import FormatError, NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.host_resource import HostResource
from nepi_core.lab import differences, is_check, is_kept, value_of
from nepi_core.structure import shown_name
from nepi_core.xml_format import read_xml
from nepi_gui.run_result import CheckResult

MOST_BYTES = 10_000_000
"""Longest submission that is read: some 10,000 resources."""

MOST_MORE = 500
"""Resources that a submission may have beyond those of the lab: each may take memory and time of the machine."""


class RefusedError(NepiError):
    """A submission that is not run.

    Args:
        reasons: why, in sentences.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Trust:
    """What submissions may do on this machine, beyond what the lab does.

    Attributes:
        types: resource types that they may have although the lab has none of them.
        commands: whether they may run commands of their own, and name files of this machine.
    """

    types: frozenset[str] = frozenset()
    commands: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A submission that can be run.

    Attributes:
        checks: the checks in it: guids that they have there to guids in the lab.
        missing: checks that are not in it, because what they look at is not there.
    """

    description: ExperimentDescription
    checks: Mapping[int, int]
    missing: list[CheckResult]


def prepare(lab: ExperimentDescription, path: Path, trust: Trust) -> Prepared:
    """Read a submission, and put the checks of the lab in the place of its own.

    Raises:
        RefusedError: it cannot be read, it changes what the lab locks, or it would do what is not trusted.
    """
    submitted = _read(path)
    if len(submitted.resources) > len(lab.resources) + MOST_MORE:
        allowed = f"the lab has {len(lab.resources):,}, and {MOST_MORE} more are allowed"
        raise RefusedError([f"It has {len(submitted.resources):,} resources; {allowed}."])
    reasons = [each.sentence for each in differences(lab, submitted)]
    reasons += _borrowed_names(lab, submitted)
    reasons += _distrusted(lab, submitted, trust)
    if reasons:
        raise RefusedError(reasons)
    return with_checks_of(lab, submitted)


def _read(path: Path) -> ExperimentDescription:
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise RefusedError([f"It is longer than {MOST_BYTES:,} bytes, the most that is read of a submission."])
        return read_xml(path)
    except FormatError as error:
        raise RefusedError([_sentence(error)]) from None
    except OSError as error:
        raise RefusedError([f"It cannot be read: {error.strerror}."]) from None


def _sentence(error: FormatError) -> str:
    """Return what is wrong with a file; of the whole of it the message says what it "is", "has" or "cannot"."""
    if error.message.split(" ", 1)[0] in ("is", "has", "cannot"):
        return f"It {error.message}" + (f" (Line {error.line}.)" if error.line else "")
    return f"Line {error.line}: {error.message}"


def _borrowed_names(lab: ExperimentDescription, submitted: ExperimentDescription) -> Iterator[str]:
    """Yield which hosts bear the name of a locked one: a check that names that would look at them instead."""
    kept = {guid for guid in lab.resources if lab.lab is not None and is_kept(lab.lab, guid)}
    names = {lab.resources[guid].label for guid in kept if _is_host(lab.resources[guid].rtype)} - {""}
    for guid, each in submitted.resources.items():
        if each.label in names and guid not in kept and _is_host(each.rtype):
            yield f"{each.rtype} {guid} has the name of {each.label}, which the lab locks; give it another."


def _is_host(rtype: str) -> bool:
    found = ResourceFactory.find(rtype)
    return found is not None and issubclass(found, HostResource)


# -- what it may do on this machine ------------------------------------------------------------------------------------


def _distrusted(lab: ExperimentDescription, submitted: ExperimentDescription, trust: Trust) -> Iterator[str]:
    allowed = {_true_type(each.rtype) for each in lab.resources.values()} | trust.types
    allowed |= lab.lab.allowed_types if lab.lab else frozenset()
    for resource in submitted.resources.values():
        if is_check(resource.rtype):
            continue
        if _true_type(resource.rtype) not in allowed:
            option = f"--allow-type {resource.rtype} accepts it"
            yield f"{shown_name(resource)} is a {resource.rtype}, which the lab has none of; {option}."
        if not trust.commands:
            yield from _untrusted_values(lab.resources.get(resource.guid), resource)
    if not trust.commands:
        yield from _untrusted_plans(lab, submitted)


_TRUSTED = "which can run commands or use files of this machine; --allow-commands accepts it"


def _untrusted_values(original: ResourceDescription | None, submitted: ResourceDescription) -> Iterator[str]:
    same = original is not None and original.rtype == submitted.rtype
    for name in submitted.attributes:
        if _is_trusted(submitted.rtype, name):
            plain = replace(submitted, attributes={}) if original is None or not same else original
            if value_of(submitted, name) != value_of(plain, name):
                yield f"{shown_name(submitted)} sets attribute '{name}', {_TRUSTED}."


def _untrusted_plans(lab: ExperimentDescription, submitted: ExperimentDescription) -> Iterator[str]:
    for change in submitted.changes:
        if change not in lab.changes and _is_untrusted_change(submitted, change):
            yield f"A planned change sets attribute '{change.name}', {_TRUSTED}."
    for (rtype, name), value in submitted.global_values.items():
        if _is_trusted(rtype, name) and lab.global_values.get((rtype, name)) != value:
            yield f"Attribute '{name}' of all {rtype} is set, {_TRUSTED}."


def _is_untrusted_change(submitted: ExperimentDescription, change: AttributeChange) -> bool:
    return any(_is_trusted(submitted.resources[guid].rtype, change.name) for guid in change.guids)


def _is_trusted(rtype: str, name: str) -> bool:
    found = ResourceFactory.find(rtype)
    attribute = found._attributes.get(name) if found else None
    return attribute is not None and attribute.trusted


def _true_type(rtype: str) -> str:
    """Return the name of a type that may be given by another one."""
    found = ResourceFactory.find(rtype)
    return found.get_rtype() if found else rtype


# -- the checks of the lab ---------------------------------------------------------------------------------------------


def with_checks_of(lab: ExperimentDescription, submitted: ExperimentDescription) -> Prepared:
    """Return a submission with the checks of the lab instead of its own.

    What a check is connected to, or waits for, is found by its guid where the lab locks it, and otherwise by its type
    and name, or else by type and guid.
    """
    made = replace(submitted.copy(), exp_id=lab.exp_id, run_id="", local_dir="", nthreads=lab.nthreads, foreign=[])
    checks = {guid: each for guid, each in lab.resources.items() if is_check(each.rtype)}
    for guid in [guid for guid, each in made.resources.items() if is_check(each.rtype) and guid not in checks]:
        made.remove(guid)
    guids = _counterparts(lab, made)
    free = (guid for guid in count(1) if guid not in made.resources and guid not in checks)
    for guid in checks:
        present = made.resources.get(guid)
        guids[guid] = guid if present is None or is_check(present.rtype) else next(free)
    missing = _missing(lab, checks, guids)
    for guid, check in checks.items():
        if guid in missing:
            _take_out_wholly(made, guid)
        else:
            _take_out(made, guids[guid])
            made.resources[guids[guid]] = _moved(check, guids)
    for guid in checks.keys() - missing.keys():
        for other in checks[guid].connections:
            made.connect(guids[guid], guids[other])
    _restore_conditions(lab, made, guids)
    made.changes = [*_changes_beside_checks(made), *_changes_of_checks(lab, guids)]
    made.global_values = _global_values(submitted, of_checks=False) | _global_values(lab, of_checks=True)
    made.lab = lab.lab
    return Prepared(made, {guids[guid]: guid for guid in checks.keys() - missing.keys()}, list(missing.values()))


def _counterparts(lab: ExperimentDescription, made: ExperimentDescription) -> dict[int, int]:
    """Return for resources of the lab the guids that they have in a submission."""
    names: dict[tuple[str, str], list[int]] = {}
    for guid, each in made.resources.items():
        names.setdefault((each.rtype, each.label), []).append(guid)
    found = {}
    for guid, each in lab.resources.items():
        present = made.resources.get(guid)
        same_type = present is not None and present.rtype == each.rtype
        named = names.get((each.rtype, each.label), []) if each.label else []
        kept = lab.lab is not None and is_kept(lab.lab, guid)
        if same_type and (kept or guid in named or len(named) != 1):
            found[guid] = guid
        elif len(named) == 1 and not kept:
            found[guid] = named[0]
    return {guid: other for guid, other in found.items() if not is_check(lab.resources[guid].rtype)}


def _missing(
    lab: ExperimentDescription, checks: Mapping[int, ResourceDescription], guids: dict[int, int]
) -> dict[int, CheckResult]:
    """Return the checks that look at what a submission does not have, or wait for it; take their guids away."""
    missing: dict[int, CheckResult] = {}
    found = True
    while found:
        found = False
        for guid in checks.keys() - missing.keys():
            lost = [lab.resources[each] for each in sorted(_mentioned(checks[guid])) if each not in guids]
            if lost:
                found = True
                what = ", ".join(f"{shown_name(each)} ({each.rtype})" for each in lost)
                sentence = f"It needs {what}, which the submission does not have."
                missing[guid] = CheckResult(guid, shown_name(checks[guid]), False, sentence)
    for guid in missing:
        guids.pop(guid, None)
    return missing


def _mentioned(resource: ResourceDescription) -> set[int]:
    return resource.connections.union(*(condition.group for condition in resource.conditions))


def _take_out(made: ExperimentDescription, guid: int) -> None:
    """Take a check of a submission out; what waits for it goes on to wait for the one that takes its place."""
    if guid in made.resources:
        for other in set(made.resources[guid].connections):
            made.disconnect(guid, other)
        del made.resources[guid]


def _take_out_wholly(made: ExperimentDescription, guid: int) -> None:
    if guid in made.resources and is_check(made.resources[guid].rtype):
        made.remove(guid)


def _moved(resource: ResourceDescription, guids: Mapping[int, int]) -> ResourceDescription:
    conditions = [_waiting(each, guids) for each in resource.conditions]
    return replace(resource.copy(), guid=guids[resource.guid], connections=set(), conditions=conditions)


def _restore_conditions(lab: ExperimentDescription, made: ExperimentDescription, guids: Mapping[int, int]) -> None:
    """Have what the lab locks wait for what it waits for in the lab, checks included."""
    for guid in lab.lab.locked if lab.lab else ():
        if guid in lab.resources and guid in made.resources and not is_check(lab.resources[guid].rtype):
            known: Collection[int] = lab.resources.keys() - guids.keys()
            conditions = conditions_without(known, lab.resources[guid].conditions)
            made.resources[guid].conditions = [_waiting(each, guids) for each in conditions]


def _changes_beside_checks(made: ExperimentDescription) -> Iterator[AttributeChange]:
    """Yield what a submission plans for the run, without what it plans for checks."""
    for change in made.changes:
        guids = tuple(guid for guid in change.guids if not is_check(made.resources[guid].rtype))
        if guids:
            yield replace(change, guids=guids)


def _changes_of_checks(lab: ExperimentDescription, guids: Mapping[int, int]) -> Iterator[AttributeChange]:
    """Yield what the lab plans for its checks, as far as what that waits for is in the submission."""
    for change in changes_without(lab.resources.keys() - guids.keys(), lab.changes):
        checks = (guids[guid] for guid in change.guids if is_check(lab.resources[guid].rtype))
        if chosen := tuple(sorted(checks)):
            yield replace(change, guids=chosen, group=tuple(sorted(guids[each] for each in change.group)))


def _global_values(given: ExperimentDescription, of_checks: bool) -> dict[tuple[str, str], Value]:
    return {about: value for about, value in given.global_values.items() if is_check(about[0]) == of_checks}


def _waiting(condition: Condition, guids: Mapping[int, int]) -> Condition:
    return replace(condition, group=tuple(sorted(guids[each] for each in condition.group)))

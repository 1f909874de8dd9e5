"""Looking at an experiment file without running it: ``--validate``, and the meaning of files that do not tell it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from nepi_core.conditions import sentence
from nepi_gui.exit_status import ExitStatus
from nepi_gui.terminal import printable

if TYPE_CHECKING:
    from nepi_core.description import ExperimentDescription

_MOST_CONDITIONS = 10
_MOST_FINDINGS = 50


def validate_file(path: str, dialect: str | None) -> ExitStatus:
    """Print what is wrong with a file, one finding in a line; with errors the file counts as wrong.

    Raises:
        FormatError: the file cannot be read at all, or not as an experiment.
    """
    from nepi_core.loading import Severity
    from nepi_core.xml_format import read_xml
    from nepi_gui.validating import find_all

    description = read_xml(path, dialect)
    findings = sorted(find_all(description), key=lambda each: each.line)
    for finding in findings[:_MOST_FINDINGS]:
        place = f"{path}:{finding.line}" if finding.line else path
        kind = "warning" if finding.severity is Severity.WARNING else "error"
        sys.stdout.write(printable(f"{place}: {kind}: {finding.message}\n"))
    if len(findings) > _MOST_FINDINGS:
        sys.stdout.write(f"... and {len(findings) - _MOST_FINDINGS} more\n")
    for line in doubtful_conditions(description, dialect):
        sys.stdout.write(printable(f"{line}\n"))
    if not findings:
        number = len(description.resources)
        sys.stdout.write(printable(f"{path}: {number} resource{'' if number == 1 else 's'}, nothing is wrong\n"))
    wrong = any(finding.severity is not Severity.WARNING for finding in findings)
    return ExitStatus.WRONG if wrong else ExitStatus.DONE


def doubtful_conditions(description: ExperimentDescription, dialect: str | None) -> list[str]:
    """Return the conditions in words when a file does not tell whose state numbers it has: a wrong guess must show."""
    if description.marked or dialect:
        return []
    total = sum(len(resource.conditions) for resource in description.resources.values())
    if not total:
        return []
    path = description.path
    lines = [f"{path} does not tell which NEPI wrote it. Its conditions, as they were read:"]
    lines += [f"  {words}" for words in islice(_sentences(description), _MOST_CONDITIONS)]
    if total > _MOST_CONDITIONS:
        lines.append(f"  ... and {total - _MOST_CONDITIONS} more")
    return [*lines, "If that is not what they mean, say --dialect nepi3 or --dialect nepi6."]


def _sentences(description: ExperimentDescription) -> Iterator[str]:
    for resource in description.resources.values():
        for condition in resource.conditions:
            yield sentence(resource.guid, condition)

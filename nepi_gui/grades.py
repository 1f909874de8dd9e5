"""What came of submissions: a table for the terminal, and CSV and JSON for who keeps the marks."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from nepi_gui.run_result import CheckResult
from nepi_gui.terminal import printable, show

_MOST_REASONS = 5
_LONGEST = 300

# Where a spreadsheet may see the beginning of a cell, also one that takes ";" or tabs for what stands between cells.
_FORMULA = re.compile(r"""((?:^|[;\t\r\n])[\s"]*)(?=[=+@\uff1d\uff0b\uff20\uff0d-])""")


class Result(StrEnum):
    """What came of a submission."""

    PASSED = "passed"
    """All checks have passed."""
    NOT_PASSED = "not passed"
    """It ran, but not all checks have passed."""
    REFUSED = "refused"
    """It was not run: it cannot be read, or is not what the lab allows."""
    FAILED = "failed"
    """Its run failed, or did not end in time."""
    INTERRUPTED = "interrupted"
    """It has not been graded, because somebody ended the grading."""


@dataclass(slots=True)
class Grade:
    """What came of one submission.

    Attributes:
        checks: what the checks found; empty when it has not run to its end.
        reasons: what is wrong with it, in sentences.
        seconds: what its run took.
        folder: of its run; None when it was not run.
    """

    path: Path
    result: Result
    checks: list[CheckResult] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    seconds: float = 0.0
    folder: Path | None = None

    @property
    def passed(self) -> int:
        """How many checks have passed."""
        return sum(bool(each.passed) for each in self.checks)

    @property
    def told(self) -> list[str]:
        """What is wrong with it, checks that have not passed included."""
        return [*self.reasons, *(f"{each.name}: {each.sentence}" for each in self.checks if not each.passed)]

    def in_words(self, total: int) -> str:
        """Return the result in a few words; ``total`` is the number of checks that the lab has."""
        return f"{self.result}, {self.passed} of {total} checks" if self.checks else str(self.result)


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Return what to call submissions: the names of their files, with as many folders as tell them from each other."""
    names = [path.name for path in paths]
    for length in range(2, max((len(path.parts) for path in paths), default=0) + 1):
        shared = {name for name, number in Counter(names).items() if number > 1}
        names = [
            str(Path(*path.parts[-length:])) if name in shared else name
            for name, path in zip(names, paths, strict=True)
        ]
    return names


def print_table(grades: Sequence[Grade], total: int, stream: TextIO) -> None:
    """Write a table of all submissions."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for title in ("submission", "result", "checks", "what is wrong"):
        table.add_column(title, no_wrap=title != "what is wrong", overflow="fold")
    for each, name in zip(grades, distinct_names([each.path for each in grades]), strict=True):
        result = Text(each.result, style="green" if each.result is Result.PASSED else "red")
        checks = f"{each.passed} of {total}" if each.checks else ""
        table.add_row(printable(name), result, checks, Text(_in_lines(each.told)))
    show(table, stream)
    passed = sum(each.result is Result.PASSED for each in grades)
    style = "bold green" if passed == len(grades) else "bold red"
    show(Text(f"{passed} of {len(grades)} submissions passed", style=style), stream)


def _in_lines(sentences: Sequence[str]) -> str:
    lines = [_shortened(each) for each in sentences[:_MOST_REASONS]]
    if len(sentences) > _MOST_REASONS:
        lines.append(f"and {len(sentences) - _MOST_REASONS} more")
    return "\n".join(lines)


def _shortened(sentence: str) -> str:
    line = printable(" ".join(sentence.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def as_csv(grades: Sequence[Grade], checks: Sequence[tuple[int, str]]) -> bytes:
    """Return a table for spreadsheets: a row for each submission, a column for each check.

    Args:
        checks: guid and name of all checks of the lab.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    names = [f"{name} ({guid})" for guid, name in checks]
    writer.writerow(
        map(_harmless, ["submission", "result", "passed", "checks", *names, "what is wrong", "seconds", "run"])
    )
    for each, name in zip(grades, distinct_names([each.path for each in grades]), strict=True):
        found = {check.guid: "passed" if check.passed else "not passed" for check in each.checks}
        results = [found.get(guid, "") for guid, _ in checks]
        told, folder = " ".join(map(_shortened, each.told)), str(each.folder or "")
        row = [name, each.result, str(each.passed), str(len(checks)), *results]
        writer.writerow(map(_harmless, [*row, told, f"{each.seconds:.1f}", folder]))
    return text.getvalue().encode("utf-8-sig", "replace")  # with a mark by which spreadsheets see that it is UTF-8


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: names and sentences come from students."""
    return _FORMULA.sub(r"\1'", cell)


def print_json(grades: Sequence[Grade], stream: TextIO) -> None:
    """Write one JSON document."""
    json.dump({"submissions": list(map(_document, grades))}, stream, indent=2)
    stream.write("\n")


def _document(each: Grade) -> dict[str, Any]:
    return {
        "file": str(each.path),
        "result": str(each.result),
        "checks": [check._asdict() for check in each.checks],
        "reasons": each.reasons,
        "seconds": round(each.seconds, 3),
        "folder": str(each.folder) if each.folder else None,
    }

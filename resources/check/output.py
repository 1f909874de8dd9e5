"""Output: whether what a resource wrote matches a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import AttributeValueError
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.series import BoundedPattern
from nepi_core.states import ResourceState

from ._check import called
from ._judge import Judge

_MATCH, _NO_MATCH = "match", "no match"

_AT_ONCE = 65_536
_SHOWN = 100
_MOST_DETAILS = 20


class Output(Judge, rtype="check::Output", drawn=Drawn.BADGE, icon="check-output"):
    """Judge whether lines of a trace match a regular expression, or whether none does.

    It judges when the resource that it is connected to has ended, at the end of the run when that goes on for ever, and
    with a START condition when that is met. Each line is searched in its first 2,000 characters.
    """

    pattern = Attribute(
        help="Regular expression that is searched in each line", type=Types.String, flags=Flags.Design, required=True
    )
    expect = Attribute(
        help="Whether lines are to match, or none",
        default=_MATCH,
        allowed=(_MATCH, _NO_MATCH),
        flags=Flags.Design,
    )
    atLeast = Attribute(
        help="Lines that must match at least; not set: 1", type=Types.Integer, range=(0, 1e12), flags=Flags.Design
    )
    atMost = Attribute(
        help="Lines that may match at most; not set: any number",
        type=Types.Integer,
        range=(0, 1e12),
        flags=Flags.Design,
    )

    def is_fit(self, subject: ResourceManager, trace: str) -> bool:
        """Take what is no format of other programs."""
        return not subject.get_trace(trace).suffix

    def deployment_refusal(self) -> str:
        """Say so when the pattern is none, or when no output could pass."""
        if problem := super().deployment_refusal():
            return problem
        if not self.get("pattern"):
            return ""  # told already
        try:
            BoundedPattern(self.get("pattern"))
        except AttributeValueError as error:
            return f"attribute 'pattern': {error}"
        least, most = self.get("atLeast"), self.get("atMost")
        if self.get("expect") == _NO_MATCH and (least is not None or most is not None):
            return f"'atLeast' and 'atMost' make no sense when 'expect' is '{_NO_MATCH}'."
        if least is not None and most is not None and least > most:
            return f"no output can pass: 'atLeast' {least} is more than 'atMost' {most}."
        return ""

    def judge(self, subject: ResourceManager, trace: str) -> None:
        """Search."""
        path, what = subject.trace_path(trace), f"'{trace}' of {called(subject)}"
        if not path.is_file():
            why = f"; it FAILED: {subject.cause}" if subject.state is ResourceState.FAILED else ""
            self.conclude(False, f"There is no {what}: nothing was written{why}.")
            return
        try:
            total, matching = self._search(path)
        except TimeoutError as error:
            self.conclude(False, f"{what[:1].upper()}{what[1:]} could not be searched to its end: {error}.")
            return
        passed, sentence = self._verdict(what, total, matching)
        self.conclude(passed, sentence, [f"matches: {line}" for line in matching[:_MOST_DETAILS]])

    def _search(self, path: Path) -> tuple[int, list[str]]:
        """Return how many lines a file has, and those that match, shortened.

        Raises:
            TimeoutError: it takes too long.
        """
        pattern, limit = BoundedPattern(self.get("pattern")), self.get("timeLimit")
        total, give_up_at = 0, monotonic() + limit
        matching: list[str] = []
        with path.open("rb") as file:
            for line in _lines(file):
                total += 1
                if pattern.search(line) is not None:
                    matching.append(line[:_SHOWN] if len(matching) < _MOST_DETAILS else "")
                if monotonic() > give_up_at:
                    raise TimeoutError(f"after {limit:g} s, {total:,} lines had been searched")
                if self.cancelled:
                    break
        return total, matching

    def _verdict(self, what: str, total: int, matching: list[str]) -> tuple[bool, str]:
        found, pattern = len(matching), self.get("pattern")
        if self.get("expect") == _NO_MATCH:
            least, most, wish = 0, 0, "none is allowed"
        else:
            least, most = self.get("atLeast"), self.get("atMost")
            least = 1 if least is None and most is None else least or 0
            wish = _wish(least, most)
        passed = found >= least and (most is None or found <= most)
        which = f' such as "{matching[0].strip()}"' if matching else ""
        lines = "lines matches" if found == 1 else "lines match"
        return passed, f"{found:,} of {total:,} {lines} '{pattern}' in {what}{',' if which else ''}{which}; {wish}."


def _wish(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least:,} {'is' if least == 1 else 'are'} needed"
    if least == 0:
        return f"at most {most:,} {'is' if most == 1 else 'are'} allowed"
    return (
        f"{least:,} {'is' if least == 1 else 'are'} needed" if least == most else f"{least:,} to {most:,} are allowed"
    )


def _lines(file: BinaryIO) -> Iterator[str]:
    """Yield the lines of a file, each with its beginning only, however long it is."""
    inside = False  # of a line whose beginning has been given
    while piece := file.readline(_AT_ONCE):
        if not inside:
            yield piece.decode(errors="replace").rstrip("\r\n")
        inside = not piece.endswith(b"\n")

"""Attributes that were set during a run: as planned, or by somebody who watched."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nepi_core.description import Value
from nepi_core.times import now
from nepi_gui.watching.watched_run import WatchedRun

_LOGGER = "nepi.changes"
_SET = re.compile(r"attribute '([^']+)' is now (.*?)(, as planned|, set by hand)?$", re.DOTALL)
_NOT_SET = re.compile(r"attribute '([^']+)' is not set to (.*?)(?:, as planned)?: (.*)$", re.DOTALL)
_SAME = 1.0  # seconds within which what the run said and what its log says are one
_LOOKED_BACK = 4  # marks of a resource among which the same one is looked for


class Mark(NamedTuple):
    """A value of an attribute from a moment on.

    Attributes:
        time: seconds since 1970.
        value: as text.
        is_planned: the experiment says so; otherwise somebody has set it.
        problem: why it was not set; "" when it was.
    """

    time: float
    guid: int
    name: str
    value: str
    is_planned: bool
    problem: str = ""


class Marks:
    """All such values of a run, by resource, in the order of their times."""

    def __init__(self, run: WatchedRun) -> None:
        self._of: dict[int, list[Mark]] = {}
        self._planned = {
            (guid, change.name): change.value for change in run.description.changes for guid in change.guids
        }
        self.read(run)

    def read(self, run: WatchedRun) -> None:
        """Take in what has been recorded."""
        for mark in recorded(run):
            self._add(mark)

    def of(self, guid: int) -> Sequence[Mark]:
        """Return those of a resource."""
        return self._of.get(guid, ())

    def take(self, values: Iterable[tuple[int, str, Value | None]]) -> set[int]:
        """Take in what was set just now; return the guids."""
        time, guids = now(), set()
        for guid, name, value in values:
            is_planned = (guid, name) in self._planned and self._planned[guid, name] == value
            self._add(Mark(time, guid, name, repr(value), is_planned))
            guids.add(guid)
        return guids

    def _add(self, mark: Mark) -> None:
        own = self._of.setdefault(mark.guid, [])
        if not any(_are_one(each, mark) for each in own[-_LOOKED_BACK:]):
            own.append(mark)


def recorded(run: WatchedRun) -> list[Mark]:
    """Return what the log of a run says about attributes that were set, or could not be."""
    found = []
    for entry in run.reader.log(logging.INFO, logger=_LOGGER):
        match = _SET.search(entry.message)
        if match and entry.guid is not None:
            found.append(Mark(entry.time, entry.guid, match[1], match[2], match[3] == ", as planned"))
    for guid in sorted({guid for change in run.description.changes for guid in change.guids}):
        for entry in run.reader.log(logging.WARNING, guid):
            if match := _NOT_SET.search(entry.message):
                found.append(Mark(entry.time, guid, match[1], match[2], True, match[3]))
    return sorted(found)


def _are_one(first: Mark, second: Mark) -> bool:
    is_same = first.name == second.name and abs(first.time - second.time) < _SAME
    return is_same and (first.value == second.value or _number(first.value) == _number(second.value))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan  # which equals nothing

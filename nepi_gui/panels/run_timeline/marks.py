"""Attributes that were set during a run: as planned, or by somebody who watched."""

from __future__ import annotations

import logging
import math
import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from nepi_core.description import Value
from nepi_core.times import now
from nepi_gui.watching.watched_run import WatchedRun

_LOGGER = "nepi.changes"
_SET = re.compile(r"attribute '([^']+)' is now (.*?)(, as planned|, set by hand)?$", re.DOTALL)
_NOT_SET = re.compile(r"attribute '([^']+)' is not set to (.*?)(?:, as planned)?: (.*)$", re.DOTALL)
_SAME = 1.0  # seconds within which what the run said and what its log says are one
_DEFAULT = repr(None)  # as what is told live: the record says what the default is

_time = attrgetter("time")


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
        self._planned: defaultdict[tuple[int, str], list[Value | None]] = defaultdict(list)
        for change in run.description.changes:
            for guid in change.guids:
                self._planned[guid, change.name].append(change.value)
        self.read(run)

    def read(self, run: WatchedRun) -> None:
        """Take in what has been recorded, which is more exact than what was told live."""
        told, self._of = self._of, {}
        for mark in (*recorded(run), *(mark for own in told.values() for mark in own)):
            self._add(mark)

    def of(self, guid: int) -> Sequence[Mark]:
        """Return those of a resource."""
        return self._of.get(guid, ())

    def take(self, values: Iterable[tuple[int, str, Value | None]]) -> set[int]:
        """Take in what was set just now; return the guids."""
        time, guids = now(), set()
        for guid, name, value in values:
            is_planned = value in self._planned.get((guid, name), ())
            self._add(Mark(time, guid, name, repr(value), is_planned))
            guids.add(guid)
        return guids

    def _add(self, mark: Mark) -> None:
        own = self._of.setdefault(mark.guid, [])
        first = bisect_left(own, mark.time - _SAME, key=_time)
        last = bisect_right(own, mark.time + _SAME, key=_time)
        if not any(_are_one(each, mark) for each in own[first:last]):
            insort(own, mark)


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
    if first.name != second.name:
        return False
    values = {first.value, second.value}
    return len(values) == 1 or _DEFAULT in values or _number(first.value) == _number(second.value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan  # which equals nothing

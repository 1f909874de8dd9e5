"""The rows of a run's time line: grouped, in the order in which things started, filtered."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nepi_gui.panels.run_timeline.cast import Cast

LINES = "lines"
"""Group of the links when there are groups for hosts."""


class Grouping(StrEnum):
    """What stands together."""

    HOST = "host"
    """Each host with what runs on it; the links together."""
    BACKEND = "backend"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """A resource, or the heading of a group.

    Attributes:
        guid: 0 for a heading that is no resource.
        heads: name of the group that it heads; "" for no heading.
        depth: 1 for what stands below a heading.
        members: what stands below this heading, whether it is folded or not.
    """

    guid: int
    heads: str = ""
    depth: int = 0
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows, and where each resource is: in its own, or in the heading of the group that is folded."""

    rows: tuple[Row, ...] = ()
    places: Mapping[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Row:
        return self.rows[number]


Begin = Callable[[int], tuple[float, float]]
"""Returns when a resource was first STARTED, and when something happened to it first; infinite for never."""


def make_rows(
    cast: Cast,
    begin: Begin,
    grouping: Grouping,
    folded: Collection[str] = (),
    fits: Callable[[int], bool] | None = None,
) -> Rows:
    """Arrange the resources of a run.

    Args:
        folded: names of the groups of which only the heading is wanted.
        fits: tells whether a resource is wanted; all are when it is not given. Headings of wanted ones are there, too.
    """
    wanted = [guid for guid in cast.names if fits is None or fits(guid)]
    order = {guid: (*begin(guid), guid) for guid in cast.names}
    if grouping is Grouping.NONE:
        return _numbered([Row(guid) for guid in sorted(wanted, key=order.__getitem__)])
    heads = _by_host(cast, wanted) if grouping is Grouping.HOST else _by_backend(cast, wanted)
    rows: list[Row] = []
    # The links come last: they are started first, and would stand before everything that one looks for.
    for name, (head, members) in sorted(heads.items(), key=lambda each: (each[0] == LINES, *_first(order, *each[1]))):
        members.sort(key=order.__getitem__)
        is_group = bool(members)
        rows.append(Row(head, name if is_group else "", 0, tuple(members)))
        if name not in folded:
            rows.extend(Row(guid, depth=1) for guid in members)
    return _numbered(rows)


_Heads = dict[str, tuple[int, list[int]]]


def _by_host(cast: Cast, wanted: Iterable[int]) -> _Heads:
    heads: _Heads = {}
    for guid in wanted:
        host = cast.hosts.get(guid, guid)
        if host in cast.lines:
            heads.setdefault(LINES, (0, []))[1].append(guid)
        else:
            members = heads.setdefault(str(host), (host, []))[1]
            if guid != host:
                members.append(guid)
    return heads


def _by_backend(cast: Cast, wanted: Iterable[int]) -> _Heads:
    heads: _Heads = {}
    for guid in wanted:
        heads.setdefault(cast.backend(guid), (0, []))[1].append(guid)
    return heads


def _first(order: Mapping[int, tuple[float, float, int]], head: int, members: Sequence[int]) -> tuple[float, ...]:
    """Return the place of a group: that of its first member; a heading that is no resource has no own."""
    return min((order[guid] for guid in ([head] if head else []) + list(members)), default=(math.inf,))


def _numbered(rows: Sequence[Row]) -> Rows:
    places: dict[int, int] = {}
    for number, row in enumerate(rows):
        for guid in row.members:
            places[guid] = number  # its own row, which comes later, is better
        if row.guid:
            places[row.guid] = number
    return Rows(tuple(rows), places)

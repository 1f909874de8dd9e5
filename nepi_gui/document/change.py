"""What a step of editing has changed, as told to everything that shows the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag

from nepi_core.description import ResourceDescription


class Aspect(IntFlag):
    """A side of a resource."""

    ATTRIBUTES = 1
    CONNECTIONS = 2
    CONDITIONS = 4
    TRACES = 8
    PLACE = 16
    """Position and size on the canvas."""
    LOOK = 32
    """Label, colour and note."""
    OTHER = 64


@dataclass(frozen=True, slots=True)
class Change:
    """What one step has changed.

    Attributes:
        added, removed: guids of resources.
        altered: what has changed of resources that were there and still are.
        parts: names of the fields of `ExperimentDescription` and `Canvas` that have changed, such as ``exp_id``,
            ``topology``, ``notes``.
        anew: everything may be different: another experiment has taken the place.
    """

    added: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    altered: Mapping[int, Aspect] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    anew: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.altered or self.parts or self.anew)

    def concerns(self, aspects: Aspect) -> bool:
        """Tell whether resources came or went, or some have changed in one of these aspects."""
        return bool(self.anew or self.added or self.removed or any(each & aspects for each in self.altered.values()))

    def touched(self, aspects: Aspect) -> set[int]:
        """Return the resources that came, went, or have changed in one of these aspects."""
        return {*self.added, *self.removed, *(guid for guid, each in self.altered.items() if each & aspects)}


def compare(
    before: Mapping[int, ResourceDescription | None], after: Mapping[int, ResourceDescription | None]
) -> Change:
    """Return what has changed of resources; None stands for one that does not exist."""
    added, removed, altered = set(), set(), {}
    for guid, old in before.items():
        new = after[guid]
        if old is None and new is not None:
            added.add(guid)
        elif old is not None and new is None:
            removed.add(guid)
        elif old is not None and new is not None and (aspects := _differences(old, new)):
            altered[guid] = aspects
    return Change(frozenset(added), frozenset(removed), altered)


def _differences(old: ResourceDescription, new: ResourceDescription) -> Aspect:
    found = Aspect(0)
    if old.attributes != new.attributes:
        found |= Aspect.ATTRIBUTES
    if old.connections != new.connections:
        found |= Aspect.CONNECTIONS
    if old.conditions != new.conditions:
        found |= Aspect.CONDITIONS
    if old.traces != new.traces:
        found |= Aspect.TRACES
    if old.layout != new.layout:
        found |= _layout_differences(old, new)
    if (old.rtype, old.state, old.times, old.foreign) != (new.rtype, new.state, new.times, new.foreign):
        found |= Aspect.OTHER
    return found


def _layout_differences(old: ResourceDescription, new: ResourceDescription) -> Aspect:
    first, second = old.layout, new.layout
    if first is None or second is None:
        return Aspect.PLACE | Aspect.LOOK
    found = Aspect(0)
    if (first.x, first.y, first.width, first.height) != (second.x, second.y, second.width, second.height):
        found |= Aspect.PLACE
    if (first.label, first.colour, first.note) != (second.label, second.colour, second.note):
        found |= Aspect.LOOK
    return found

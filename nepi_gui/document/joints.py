"""What may be joined to what in which way, for one moment of an experiment."""

from __future__ import annotations

from dataclasses import dataclass

from nepi_core.description import ExperimentDescription
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn
from nepi_core.structure import Structure, drawn_as, shown_name
from nepi_gui.document.legality import Legality
from nepi_gui.translation import translate


@dataclass(frozen=True, slots=True)
class Joint:
    """How two resources may be joined.

    Attributes:
        rtypes: types whose resources may join them as a line; without any they are connected directly.
        refusal: why they cannot be joined, "" when they can.
        is_useful: one of them gains something by it, as far as one can tell.
    """

    rtypes: tuple[str, ...] = ()
    refusal: str = ""
    is_useful: bool = False


class Joints:
    """Answers what may be joined, for one moment of an experiment.

    Two things that are drawn as nodes are joined by a line; a badge and a node, a badge and a line, and whatever no
    line can join, are connected directly.
    """

    def __init__(self, description: ExperimentDescription) -> None:
        self._resources = dict(description.resources)
        self.legality = Legality(description)
        self.structure = Structure(self._resources)

    def between(self, first: int, second: int) -> Joint:
        """Return how two resources may be joined."""
        if first == second:
            return Joint(refusal=translate("Linking", "A resource cannot be joined to itself."))
        if second in self._resources[first].connections:
            told = translate("Linking", "{0} and {1} are connected already.")
            return Joint(refusal=told.format(self._name(first), self._name(second)))
        if self._is_node(first) and self._is_node(second):
            return self._between_nodes(first, second)
        refusal = self._full(first, second) or self._full(second, first) or self.legality.refusal(first, second)
        return Joint(refusal=refusal, is_useful=not refusal and self._is_useful(first, second))

    def hanging(self, badge: int, host: int) -> Joint:
        """Return how a badge, which hangs at nothing, may hang at a resource."""
        joint = self.between(badge, host)
        gains = not joint.refusal and self.legality.gains(badge, host) is not False
        return Joint(refusal=joint.refusal, is_useful=gains)

    def _is_useful(self, first: int, second: int) -> bool:
        gains = {self.legality.gains(first, second), self.legality.gains(second, first)}
        # Where nothing is lacking, what hangs at nothing is still to be hung somewhere.
        return True in gains or (False not in gains and any(map(self._is_loose, (first, second))))

    def _is_loose(self, guid: int) -> bool:
        if guid in self.structure.joined or self._is_node(guid):
            return False
        return self.structure.hosts.get(guid, guid) == guid

    def _between_nodes(self, first: int, second: int) -> Joint:
        fitting, refusals = self.legality.joining_types(first, second)
        if fitting:
            return Joint(tuple(fitting), is_useful=True)
        refusal = self.legality.refusal(first, second)
        if not refusal and self._is_useful(first, second):
            return Joint(is_useful=True)
        ends = (first, second)
        expected = [why for rtype, why in refusals.items() if any(self.accepts(rtype, end) for end in ends)]
        return Joint(refusal=expected[0] if expected else refusal)

    def accepts(self, rtype: str, guid: int) -> bool:
        """Tell whether a new resource of a type may be connected to a resource."""
        return not self.legality.new_refusal(rtype, guid)

    def with_new(self, rtype: str, host: int) -> Joint:
        """Return how a new badge of a type may be connected to a resource."""
        refusal = self.legality.new_refusal(rtype, host)
        return Joint(refusal=refusal, is_useful=not refusal and self.legality.new_gains(rtype, host) is not False)

    def host_for(self, rtype: str, guid: int) -> int:
        """Return what a new badge of a type hangs at when it is given to a resource: another badge hands it on."""
        host = self.structure.hosts.get(guid, guid)
        return host if host != guid and not self.with_new(rtype, guid).is_useful else guid

    def splice_refusal(self, line: int, rtype: str) -> str:
        """Return why a new resource of a type cannot stand in the middle of a line, "" when it can."""
        kind, new = self._resources[line].rtype, self.legality.imagined(rtype)
        ends = self.structure.joined[line]
        return next((why for end in ends if (why := self.legality.link_refusal(kind, end, new))), "")

    def far_ends(self, start: int) -> dict[str, tuple[str, ...]]:
        """Return the types of what may stand at the other end of a line from here, with the types of the lines.

        For what is no node those that it may be connected to directly, and would gain from, with none.
        """
        found: dict[str, tuple[str, ...]] = {}
        for rtype in new_types(Drawn.NODE):
            if not self._is_node(start):
                new = self.legality.imagined(rtype)
                if not self.legality.refusal(new, start) and self._lifts(new, start):
                    found[rtype] = ()
            elif fitting := self.legality.joining_types(start, self.legality.imagined(rtype))[0]:
                found[rtype] = tuple(fitting)
        return found

    def _lifts(self, new: int, start: int) -> bool:
        gains = {self.legality.gains(start, new), self.legality.gains(new, start)}
        return True in gains or (False not in gains and self._is_loose(start))

    def useful_badges(self, host: int) -> list[str]:
        """Return the types of badges that may hang at a resource, and have a use there."""
        return [rtype for rtype in new_types(Drawn.BADGE) if self.with_new(rtype, host).is_useful]

    def _full(self, line: int, other: int) -> str:
        """Return why a line cannot take another end: it has two."""
        ends = self.structure.joined.get(line)
        host = self.structure.hosts.get(other, other)
        if ends is None or host in ends or (self._drawn(other) is Drawn.BADGE and not self._is_node(host)):
            return ""
        told = translate("Linking", "{0} has two ends already: {1} and {2}.")
        return told.format(self._name(line), *map(self._name, ends))

    def _is_node(self, guid: int) -> bool:
        return self._drawn(guid) is Drawn.NODE

    def _drawn(self, guid: int) -> Drawn:
        return drawn_as(self._resources[guid].rtype)

    def _name(self, guid: int) -> str:
        return shown_name(self._resources[guid])


def new_types(drawn: Drawn) -> list[str]:
    """Return the types that are drawn in a way, without those that are there for old files only."""
    every = map(ResourceFactory.get_resource_type, ResourceFactory.resource_types())
    return [each.get_rtype() for each in every if each.drawn is drawn and not each.legacy]

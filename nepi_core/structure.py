"""How the resources of an experiment hang together in a drawing: what stands, what joins, what hangs at something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nepi_core.description import ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.resource_type import Drawn


class Structure:
    """The resources of an experiment, sorted by how they are drawn, as of the moment when this is made.

    Attributes:
        nodes: guids of what is drawn as a node, in ascending order.
        hosts: for each resource the guid of what it is drawn at: of itself when it stands alone.
        joined: for each resource that is drawn as a line, its two ends.
        attached: for each resource at which badges hang, those.
    """

    def __init__(self, resources: Mapping[int, ResourceDescription]) -> None:
        self._resources = resources
        drawn = {rtype: drawn_as(rtype) for rtype in {each.rtype for each in resources.values()}}
        shapes = {guid: drawn[resources[guid].rtype] for guid in sorted(resources)}
        self.nodes = [guid for guid, how in shapes.items() if how is Drawn.NODE]
        self._badges = {guid for guid, how in shapes.items() if how is Drawn.BADGE}
        self.hosts = {guid: guid for guid in self.nodes}
        self._attach(self.nodes)
        self.joined = self._join([guid for guid, how in shapes.items() if how is Drawn.EDGE])
        self._attach(self.joined)
        for guid in shapes:
            self.hosts.setdefault(guid, guid)
        self.attached: dict[int, list[int]] = {}
        for guid, host in sorted(self.hosts.items()):
            if guid != host:
                self.attached.setdefault(host, []).append(guid)

    def connections(self, guid: int) -> list[int]:
        """Return what a resource is connected to, in ascending order, without what does not exist."""
        return sorted(other for other in self._resources[guid].connections if other in self._resources)

    def _attach(self, hosts: Iterable[int]) -> None:
        """Find the host of each badge: what it is connected to, or else the host of a badge that it is connected to."""
        wave = list(hosts)
        for guid in wave:
            for other in self.connections(guid):
                if other in self._badges and other not in self.hosts:
                    self.hosts[other] = self.hosts.get(guid, guid)
                    wave.append(other)

    def _join(self, edges: list[int]) -> dict[int, tuple[int, int]]:
        """Return the ends of the resources that are drawn as lines; such a one without two ends stands by itself."""
        joined: dict[int, tuple[int, int]] = {}
        for guid in edges:
            ends = sorted({self.hosts[other] for other in self.connections(guid) if other in self.hosts})
            if len(ends) == 2:
                joined[guid] = (ends[0], ends[1])
        return joined

    def standing(self) -> list[int]:
        """Return what has a place of its own: nodes, lines without two ends, and badges that hang at nothing."""
        return [guid for guid, host in self.hosts.items() if guid == host and guid not in self.joined]

    def line_at(self, badge: int) -> int | None:
        """Return the line at whose end a badge sits, such as an interface: one that joins the badge's host."""
        host = self.hosts[badge]
        return next((each for each in self.connections(badge) if host in self.joined.get(each, ())), None)

    def other_connections(self) -> Iterator[tuple[int, int]]:
        """Yield the connections that are not shown by a line's ends or by a badge at its host."""
        for guid in sorted(self._resources):
            for other in self.connections(guid):
                if guid < other and self.hosts[guid] != self.hosts[other] and not {guid, other} & self.joined.keys():
                    yield guid, other


def drawn_as(rtype: str) -> Drawn:
    """Return how resources of a type are drawn; one that no plug-in provides is drawn as a node."""
    found = ResourceFactory.find(rtype)
    return found.drawn if found else Drawn.NODE


def short_type(rtype: str) -> str:
    """Return the type's name without its backend, such as "Ping" for "linux::Ping"."""
    return rtype.rpartition("::")[2] or rtype


def shown_name(resource: ResourceDescription) -> str:
    """Return what a resource is called where people read: its label, or type and guid, such as "Ping 4"."""
    return resource.label or f"{short_type(resource.rtype)} {resource.guid}"

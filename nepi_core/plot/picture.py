"""What a picture of an experiment shows: marks, lines between them, and words; not where, nor with which tool."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from nepi_core.description import Condition, ExperimentDescription, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.states import ResourceState
from nepi_core.structure import Structure, short_type
from nepi_core.times import parse_delay
from nepi_core.topology import NetGraph

Place = tuple[float, float]

# More than these make a picture of nothing but arrows, or of nothing but words.
_MOST_CONDITIONS = 80
_MOST_WORDS = 16
_MOST_LINE_LABELS = 40
_MOST_CHARACTERS = 60
_FARTHEST = 1e9

# What neither XML nor a terminal can show: control characters, halves of characters, and marks that turn the order of
# letters around (with which a name can pretend to be another).
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class LineKind(StrEnum):
    """What a line between two marks says."""

    CONNECTION = "connection"
    LINK = "link"
    CONDITION = "condition"
    """An arrow to the one that waits."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A node, or something small that is attached to one.

    Attributes:
        kind: the backend of a resource; node, source or target of a topology.
        host: key of the mark that it is attached to; "" when it stands by itself.
        colour: ``#rrggbb`` that the user has chosen, or "".
        place: where the user or the topology has it, x to the right and y upwards, in a scale of its own.
    """

    key: str
    label: str
    kind: str
    host: str = ""
    failed: bool = False
    colour: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line from the mark ``first`` to the mark ``second``."""

    first: str
    second: str
    kind: LineKind
    label: str = ""
    failed: bool = False


@dataclass(slots=True)
class Picture:
    """All that a picture shows; ``notices`` say in sentences what it leaves out."""

    title: str
    marks: dict[str, Mark] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def standing(self) -> list[Mark]:
        """Return the marks that stand by themselves."""
        return [mark for mark in self.marks.values() if not mark.host]

    def attached(self) -> dict[str, list[Mark]]:
        """Return the marks attached to each mark that has any."""
        attached: dict[str, list[Mark]] = {}
        for mark in self.marks.values():
            if mark.host:
                attached.setdefault(mark.host, []).append(mark)
        return attached


def make_picture(description: ExperimentDescription, failed: Iterable[int] = ()) -> Picture:
    """Return what a picture of an experiment shows.

    Args:
        failed: guids of resources that are shown as failed, beside those that the description has as FAILED.
    """
    picture = Picture(showable(description.exp_id) or "experiment")
    resources = _Resources(description, frozenset(failed))
    topology = description.topology
    places = resources.own_places()
    if topology and topology.nodes:
        graph = NetGraph.from_description(topology)
        if resources.cover(graph):
            places = places or dict(zip(resources.nodes, graph.positions().values(), strict=True))
        else:
            _add_topology(picture, graph)
    resources.add_to(picture, places)
    return picture


def showable(text: object, most: int = _MOST_CHARACTERS) -> str:
    """Return a text that every format can hold, on one line, and shortened in its middle when it is long."""
    clean = _UNSHOWABLE.sub(" ", str(text)).strip()
    if len(clean) <= most:
        return clean
    return f"{clean[: most // 2]}…{clean[len(clean) - most // 2 + 1 :]}"


def condition_words(condition: Condition) -> str:
    """Return what an arrow says, such as "START 2s after STARTED"."""
    delay = f"{condition.time} after" if parse_delay(condition.time) else "once"
    return f"{condition.action.name} {delay} {condition.state.name}"


def _add_topology(picture: Picture, graph: NetGraph) -> None:
    keys = {nid: f"t{number}" for number, nid in enumerate(graph.nodes())}
    places = graph.positions()
    for nid, key in keys.items():
        kind = "source" if graph.is_source(nid) else "target" if graph.is_target(nid) else "topology node"
        given = (graph.node_annotation(nid, name) for name in ("name", "label"))
        label = next((each for each in given if isinstance(each, str) and each), nid)
        picture.marks[key] = Mark(key, showable(label), kind, place=places[nid])
    labelled = graph.size() <= _MOST_LINE_LABELS
    for nid1, nid2 in graph.edges():
        net = graph.edge_net_annotation(nid1, nid2) if labelled else {}
        network = showable(f"{net['network']}/{net['prefix']}") if {"network", "prefix"} <= net.keys() else ""
        picture.lines.append(Line(keys[nid1], keys[nid2], LineKind.LINK, network))


class _Resources:
    """The resources of an experiment, sorted by how they are drawn."""

    def __init__(self, description: ExperimentDescription, failed: frozenset[int]) -> None:
        self._resources = description.resources
        self._failed = failed
        types = {rtype: ResourceFactory.find(rtype) for rtype in {each.rtype for each in self._resources.values()}}
        self._backends = {rtype: found.get_backend() if found else _prefix(rtype) for rtype, found in types.items()}
        structure = Structure(self._resources)
        self.nodes, self._joined = structure.nodes, structure.joined
        # What hangs at a line is drawn at the line's first end.
        firsts = {guid: ends[0] for guid, ends in structure.joined.items()}
        self._hosts = {guid: firsts.get(host, host) for guid, host in structure.hosts.items()}
        self._connections = structure.connections

    def cover(self, graph: NetGraph) -> bool:
        """Tell whether the nodes are those of a topology, in the same order, as callbacks for each node make them."""
        nid = dict(zip(self.nodes, graph.nodes(), strict=False))
        connected = {(guid, other) for guid in self.nodes for other in self._connections(guid) if other in nid}
        pairs = connected.union(self._joined.values())
        edges = {frozenset(edge) for edge in graph.edges()}
        return len(self.nodes) == graph.order and all(
            frozenset((nid.get(first), nid.get(second))) in edges for first, second in pairs
        )

    def own_places(self) -> dict[int, Place]:
        """Return where the user has put the resources; nothing when that is known of less than half of the nodes."""
        layouts = {guid: each.layout for guid, each in self._resources.items() if each.layout}
        places = {
            guid: (layout.x, -layout.y)
            for guid, layout in layouts.items()
            if layout.x is not None and layout.y is not None and max(abs(layout.x), abs(layout.y)) < _FARTHEST
        }
        return places if 2 * sum(guid in places for guid in self.nodes) >= len(self.nodes) else {}

    def add_to(self, picture: Picture, places: dict[int, Place]) -> None:
        """Put marks and lines of all resources into a picture."""
        for guid, resource in sorted(self._resources.items()):
            if guid not in self._joined:
                mark = self._mark(resource, places)
                picture.marks[mark.key] = mark
        picture.lines.extend(self._links())
        picture.lines.extend(self._other_connections())
        self._add_conditions(picture)

    def _mark(self, resource: ResourceDescription, places: dict[int, Place]) -> Mark:
        guid = resource.guid
        host = self._hosts.get(guid, guid)
        return Mark(
            key=_key(guid),
            label=self._label(resource),
            kind=self._backends[resource.rtype],
            host=_key(host) if host != guid else "",
            failed=self._has_failed(resource),
            colour=_colour(resource),
            place=places.get(guid),
        )

    def _label(self, resource: ResourceDescription) -> str:
        named = showable(resource.label)
        return named or showable(f"{short_type(resource.rtype)} {resource.guid}")

    def _has_failed(self, resource: ResourceDescription) -> bool:
        return resource.state is ResourceState.FAILED or resource.guid in self._failed

    def _links(self) -> Iterator[Line]:
        labelled = len(self._joined) <= _MOST_LINE_LABELS
        for guid, (first, second) in self._joined.items():
            resource = self._resources[guid]
            label = self._label(resource) if labelled else ""
            yield Line(_key(first), _key(second), LineKind.LINK, label, self._has_failed(resource))

    def _other_connections(self) -> Iterator[Line]:
        """Yield the connections that are not shown by a line's ends or by a badge at its host."""
        for guid in sorted(self._resources):
            for other in self._connections(guid):
                hosts = {self._hosts.get(guid, guid), self._hosts.get(other, other)}
                if guid < other and len(hosts) == 2 and not {guid, other} & self._joined.keys():
                    yield Line(_key(guid), _key(other), LineKind.CONNECTION)

    def _add_conditions(self, picture: Picture) -> None:
        words = self._condition_words()
        if len(words) > _MOST_CONDITIONS:
            picture.notices.append(f"Conditions between {len(words)} pairs of resources are not drawn.")
            return
        for (member, guid), texts in words.items():
            label = "\n".join(texts) if len(words) <= _MOST_WORDS else ""
            picture.lines.append(Line(_key(member), _key(guid), LineKind.CONDITION, label))
        if len(words) > _MOST_WORDS:
            picture.notices.append(f"The {len(words)} arrows of conditions are drawn without their words.")

    def _condition_words(self) -> dict[tuple[int, int], list[str]]:
        """Return what is to be written at each arrow, by the resource that is waited for and the one that waits."""
        words: dict[tuple[int, int], list[str]] = {}
        for guid, resource in sorted(self._resources.items()):
            for condition in resource.conditions:
                for member in sorted(self._resources.keys() & condition.group):
                    texts = words.setdefault((self._shown(member), self._shown(guid)), [])
                    if condition_words(condition) not in texts:
                        texts.append(condition_words(condition))
        return words

    def _shown(self, guid: int) -> int:
        """Return the resource whose mark stands for another one that is drawn as a line."""
        return self._hosts[guid] if guid in self._joined else guid


def _key(guid: int) -> str:
    return f"r{guid}"


def _colour(resource: ResourceDescription) -> str:
    colour = resource.layout.colour if resource.layout else ""
    return colour if re.fullmatch("#[0-9a-fA-F]{6}", colour) else ""


def _prefix(rtype: str) -> str:
    return rtype.split("::", 1)[0] if "::" in rtype else "all"


__all__ = ["Line", "LineKind", "Mark", "Picture", "condition_words", "make_picture", "showable"]

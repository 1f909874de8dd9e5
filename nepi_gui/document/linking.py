"""Steps that join resources and part them: attach, link, splice, take out, cut."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.errors import ConnectionNotAllowedError
from nepi_core.structure import Structure, short_type, shown_name
from nepi_gui.document import resources
from nepi_gui.document.document import Document
from nepi_gui.document.legality import Legality
from nepi_gui.document.resources import Place
from nepi_gui.translation import translate

Pair = tuple[int, int]

_COLUMNS = 3


def add_many(document: Document, rtype: str, place: Place, number: int, distance: float) -> list[int]:
    """Add several resources of a type side by side, in rows of three; return their guids."""
    text = translate("Steps", "Add {0} {1}").format(number, short_type(rtype))
    with document.edit(text):
        return [
            resources.add_resource(document, rtype, (place[0] + column * distance, place[1] + row * distance))
            for row, column in (divmod(each, _COLUMNS) for each in range(number))
        ]


def attach(document: Document, rtype: str, hosts: Collection[int], legality: Legality | None = None) -> list[int]:
    """Add a badge of a type to each of some resources, and return their guids.

    Raises:
        ConnectionNotAllowedError: one cannot have it; nothing was added.
    """
    legality = legality or Legality(document.description)
    for host in hosts:
        if refusal := legality.new_refusal(rtype, host):
            raise ConnectionNotAllowedError(refusal)
    with document.edit(_attach_text(document, rtype, hosts)) as edit:
        added = []
        for host in hosts:
            added.append(resources.add_resource(document, rtype))
            edit.connect(added[-1], host)
        return added


def _attach_text(document: Document, rtype: str, hosts: Collection[int]) -> str:
    if len(hosts) == 1:
        host = document.description.resource(next(iter(hosts)))
        return translate("Steps", "Add {0} to {1}").format(short_type(rtype), shown_name(host))
    return translate("Steps", "Add {0} {1}").format(len(hosts), short_type(rtype))


def join(document: Document, rtype: str, first: int, second: int, legality: Legality | None = None) -> int:
    """Join two resources by a new one that is drawn as a line, and return its guid.

    Args:
        rtype: type of the line; "" connects the two directly, and returns 0.

    Raises:
        ConnectionNotAllowedError: the types do not allow it; the message says why.
    """
    if rtype:
        return resources.add_link(document, rtype, first, second, legality)
    resources.connect(document, first, second, legality)
    return 0


def add_joined(document: Document, rtype: str, place: Place, start: int, line_rtype: str = "") -> int:
    """Add a resource and join it to another in one step; return its guid.

    Args:
        line_rtype: type of the line; "" connects the two directly.

    Raises:
        ConnectionNotAllowedError: the types do not allow it; nothing was added.
    """
    at = shown_name(document.description.resource(start))
    with document.edit(translate("Steps", "Add {0} at {1}").format(short_type(rtype), at)):
        guid = resources.add_resource(document, rtype, place)
        join(document, line_rtype, start, guid)
    return guid


def reattach(document: Document, badges: Iterable[int], host: int) -> None:
    """Hang badges at another resource than before.

    Raises:
        ConnectionNotAllowedError: one cannot hang there; nothing has changed.
    """
    moved = list(badges)
    without = detached(document.description, moved)
    legality = Legality(without)
    for badge in moved:
        if refusal := legality.refusal(badge, host):
            raise ConnectionNotAllowedError(refusal)
    name, there = shown_name(without.resource(moved[0])), shown_name(without.resource(host))
    text = translate("Steps", "Move {0} to {1}") if len(moved) == 1 else translate("Steps", "Move {2} items to {1}")
    with document.edit(text.format(name, there, len(moved))) as edit:
        for badge in moved:
            for other in holds(document.description, badge) - {host}:
                edit.disconnect(badge, other)
            edit.connect(badge, host)


def detached(description: ExperimentDescription, badges: Iterable[int]) -> ExperimentDescription:
    """Return a copy of an experiment in which badges hang at nothing."""
    taken = description.copy()
    for badge, others in {badge: holds(description, badge) for badge in badges}.items():
        for other in others:
            taken.disconnect(badge, other)
    return taken


def holds(description: ExperimentDescription, badge: int) -> set[int]:
    """Return the resources by which a badge hangs: its host, or the badge of the host that it is connected to."""
    structure = Structure(description.resources)
    host, others = structure.hosts[badge], structure.connections(badge)
    if host == badge:
        return set()
    if host in others:
        return {host}
    wave, seen = [host], {host}
    for guid in wave:
        for other in structure.connections(guid):
            if other == badge:
                return {guid}
            if other not in seen and structure.hosts[other] == host:
                seen.add(other)
                wave.append(other)
    return set()


def splice(document: Document, line: int, node: int) -> int:
    """Put a node into a line, which ends there from now on; another one like it goes on; return its guid.

    Raises:
        ConnectionNotAllowedError: such lines cannot end there; nothing has changed.
    """
    present = document.description.resource(line)
    structure, legality = Structure(document.description.resources), Legality(document.description)
    near, far = _ends(structure, line)
    for end in (near, far):
        if refusal := legality.link_refusal(present.rtype, end, node):
            raise ConnectionNotAllowedError(refusal)
    name = shown_name(document.description.resource(node))
    with document.edit(translate("Steps", "Put {0} into {1}").format(name, shown_name(present))) as edit:
        guid = document.new_guid()
        edit.add(_another(present, guid))
        for other in _at(structure, line, far):
            edit.disconnect(line, other)
            edit.connect(guid, other)
        edit.connect(line, node)
        edit.connect(guid, node)
    return guid


def add_spliced(document: Document, rtype: str, place: Place, line: int) -> int:
    """Add a resource, and put it into a line, in one step; return its guid.

    Raises:
        ConnectionNotAllowedError: such lines cannot end there; nothing has changed.
    """
    name = shown_name(document.description.resource(line))
    with document.edit(translate("Steps", "Add {0} into {1}").format(short_type(rtype), name)):
        guid = resources.add_resource(document, rtype, place)
        splice(document, line, guid)
    return guid


def move_end(document: Document, line: int, old: int, new: int) -> None:
    """Have a line end at another node.

    Raises:
        ConnectionNotAllowedError: it cannot end there; nothing has changed.
    """
    present = document.description.resource(line)
    structure, legality = Structure(document.description.resources), Legality(document.description)
    near, far = _ends(structure, line)
    kept = far if near == old else near
    if refusal := legality.link_refusal(present.rtype, kept, new):
        raise ConnectionNotAllowedError(refusal)
    name = shown_name(document.description.resource(new))
    with document.edit(translate("Steps", "Move {0} to {1}").format(shown_name(present), name)) as edit:
        for other in _at(structure, line, old):
            edit.disconnect(line, other)
        edit.connect(line, new)


def take_out(document: Document, node: int) -> None:
    """Remove a node from between two others, and one of its two lines, with their badges; the other line joins these.

    Raises:
        ConnectionNotAllowedError: it has not two lines to two others, or these cannot be joined; nothing has changed.
    """
    structure, legality = Structure(document.description.resources), Legality(document.description)
    lines = [line for line, ends in structure.joined.items() if node in ends]
    far = [_other(structure, line, node) for line in lines]
    name = shown_name(document.description.resource(node))
    if len(lines) != 2 or far[0] == far[1]:
        told = translate("Linking", "{0} does not stand between two others: it has {1} lines to {2} others.")
        raise ConnectionNotAllowedError(told.format(name, len(lines), len(set(far))))
    refusals = [legality.link_refusal(document.description.resource(line).rtype, *far) for line in lines]
    if all(refusals):
        raise ConnectionNotAllowedError(refusals[0])
    kept, gone = lines if not refusals[0] else lines[::-1]
    with document.edit(translate("Steps", "Take {0} out").format(name)) as edit:
        for other in _at(structure, gone, _other(structure, gone, node)):
            edit.connect(kept, other)
        edit.remove({node, gone, *structure.attached.get(node, ()), *structure.attached.get(gone, ())})


def cut(
    document: Document, lines: Collection[int], pairs: Collection[Pair] = (), freed: Mapping[int, Place] | None = None
) -> None:
    """Remove lines, with the badges that hang at them, and plain connections in one step.

    Args:
        freed: where badges stand that hang at nothing any more.
    """
    freed = freed or {}
    attached = Structure(document.description.resources).attached
    hanging = {badge for line in lines for badge in attached.get(line, ())} - freed.keys()
    number = len(lines) + len(pairs)
    text = translate("Steps", "Cut a link") if number == 1 else translate("Steps", "Cut {0} links").format(number)
    with document.edit(text) as edit:
        for first, second in pairs:
            edit.disconnect(first, second)
        edit.remove({*lines, *hanging})
        for badge, (x, y) in freed.items():
            layout = edit.layout(badge)
            layout.x, layout.y = x, y


def _ends(structure: Structure, line: int) -> Pair:
    if line not in structure.joined:
        raise ConnectionNotAllowedError(translate("Linking", "This is no line between two ends."))
    return structure.joined[line]


def _other(structure: Structure, line: int, end: int) -> int:
    first, second = structure.joined[line]
    return second if end == first else first


def _at(structure: Structure, line: int, end: int) -> list[int]:
    """Return by what a line is connected at one of its ends: the node, or badges of it such as an interface."""
    return [other for other in structure.connections(line) if structure.hosts.get(other) == end]


def _another(line: ResourceDescription, guid: int) -> ResourceDescription:
    """Return a line that has the same values, traces and colour, and neither connections nor conditions."""
    copied = line.copy()
    copied.guid, copied.connections, copied.conditions = guid, set(), []
    if copied.layout:
        copied.layout.label = ""
    return copied

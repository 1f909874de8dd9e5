"""Steps that a user takes with resources: add, link, connect, remove, move, name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nepi_core.description import LARGEST_GUID, Layout, ResourceDescription
from nepi_core.errors import ConnectionNotAllowedError
from nepi_core.resource_type import Drawn
from nepi_core.structure import Structure, drawn_as, short_type, shown_name
from nepi_gui.document.document import Document
from nepi_gui.document.host_names import follow, host_name
from nepi_gui.document.legality import Legality
from nepi_gui.document.texts import writable
from nepi_gui.translation import translate

Place = tuple[float, float]
"""A centre on the canvas, y downwards."""


def add_resource(document: Document, rtype: str, place: Place | None = None, connected_to: Iterable[int] = ()) -> int:
    """Add a resource and return its guid; what is drawn as a node gets a name that no other has.

    Raises:
        ConnectionNotAllowedError: it cannot be connected to one of those; nothing was added.
    """
    others = list(connected_to)
    label = unused_name(document, short_type(rtype).lower()) if drawn_as(rtype) is Drawn.NODE else ""
    text = translate("Steps", "Add {0}").format(label or short_type(rtype))
    with document.edit(text) as edit:
        guid = document.new_guid()
        layout = Layout(*place, label=label) if place else Layout(label=label)
        edit.add(ResourceDescription(guid, rtype, layout=layout if place or label else None))
        for other in others:
            connect(document, guid, other)
    return guid


def unused_name(document: Document, stem: str) -> str:
    """Return the first of stem1, stem2, ... that no resource is called."""
    taken = {resource.label.lower() for resource in document.description.resources.values()}
    return next(name for number in range(1, LARGEST_GUID) if (name := f"{stem}{number}").lower() not in taken)


def connect(document: Document, guid1: int, guid2: int, legality: Legality | None = None) -> None:
    """Connect two resources.

    Args:
        legality: what is known about this moment already.

    Raises:
        ConnectionNotAllowedError: their types do not allow it; the message says why.
    """
    refusal = (legality or Legality(document.description)).refusal(guid1, guid2)
    if refusal:
        raise ConnectionNotAllowedError(refusal)
    names = _names(document, (guid1, guid2))
    with document.edit(translate("Steps", "Connect {0}").format(names)) as edit:
        edit.connect(guid1, guid2)


def disconnect(document: Document, guid1: int, guid2: int) -> None:
    """Take a connection away."""
    names = _names(document, (guid1, guid2))
    with document.edit(translate("Steps", "Disconnect {0}").format(names)) as edit:
        edit.disconnect(guid1, guid2)


def add_link(document: Document, rtype: str, guid1: int, guid2: int, legality: Legality | None = None) -> int:
    """Add a resource that joins two others, and return its guid.

    Args:
        legality: what is known about this moment already.

    Raises:
        ConnectionNotAllowedError: the types do not allow it; the message says why.
    """
    refusal = (legality or Legality(document.description)).link_refusal(rtype, guid1, guid2)
    if refusal:
        raise ConnectionNotAllowedError(refusal)
    names = _names(document, (guid1, guid2))
    with document.edit(translate("Steps", "Link {0}").format(names)) as edit:
        guid = document.new_guid()
        edit.add(ResourceDescription(guid, rtype))
        edit.connect(guid, guid1)
        edit.connect(guid, guid2)
    return guid


def remove(document: Document, guids: Collection[int]) -> None:
    """Remove resources, with what makes no sense without them: lines that lose an end, and badges that hang there."""
    chosen = set(guids)
    text = _told(document, chosen, translate("Steps", "Delete {0}"), translate("Steps", "Delete {0} items"))
    with document.edit(text) as edit:
        edit.remove(_with_dependents(document, chosen))


def _with_dependents(document: Document, chosen: set[int]) -> set[int]:
    present = document.description.resources
    structure = Structure(present)
    lines = {guid for guid, ends in structure.joined.items() if not chosen.isdisjoint(ends)}
    lines |= {
        guid
        for guid, resource in present.items()
        if not chosen.isdisjoint(resource.connections) and drawn_as(resource.rtype) is Drawn.EDGE
    }
    gone = (chosen | lines).union(*(structure.attached.get(guid, ()) for guid in chosen | lines))
    left = {guid: resource for guid, resource in present.items() if guid not in gone}
    # What hung by something that is no host itself, such as a capture by an interface.
    return gone | {guid for guid, host in Structure(left).hosts.items() if guid == host != structure.hosts[guid]}


def move(document: Document, places: Mapping[int, Place], merge: object = None) -> None:
    """Put resources and notes somewhere else.

    Args:
        places: centres by guid, and for notes by minus their number, from 1.
        merge: as for `Document.edit`.
    """
    text = _told(document, places, translate("Steps", "Move {0}"), translate("Steps", "Move {0} items"))
    with document.edit(text, None if merge is None else ("move", merge)) as edit:
        notes = edit.notes() if any(key < 0 for key in places) else []
        for key, (x, y) in places.items():
            target = edit.layout(key) if key > 0 else notes[-key - 1]
            target.x, target.y = x, y


def rename(document: Document, guid: int, label: str) -> None:
    """Give a resource another name on the canvas; "" takes it away.

    What names it as a host, such as the target of a ping, has the new name from then on.
    """
    name, resource = writable(label).strip(), document.description.resource(guid)
    before = {guid: host_name(resource)}
    with document.edit(translate("Steps", "Rename to {0}").format(name or '""')) as edit:
        edit.layout(guid).label = name
        follow(edit, before)


def set_note(document: Document, guid: int, note: str) -> None:
    """Write a note of the user at a resource; "" takes it away."""
    with document.edit(translate("Steps", "Note"), ("note", guid)) as edit:
        edit.layout(guid).note = writable(note)


def _names(document: Document, guids: Iterable[int]) -> str:
    return " – ".join(shown_name(document.description.resource(guid)) for guid in guids)  # noqa: RUF001 - a dash


def _told(document: Document, keys: Collection[int], one: str, several: str) -> str:
    """Return what a step with some things is called, such as "Move node1" or "Move 3 items"."""
    only = document.description.resources.get(next(iter(keys))) if len(keys) == 1 else None
    return one.format(shown_name(only)) if only else several.format(len(keys))

"""Parts of an experiment that are copied: cut out of one document, put into another one or the same again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from string import digits

from nepi_core.description import AttributeChange, Canvas, Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.resource_type import Drawn
from nepi_core.states import ResourceState
from nepi_core.structure import Structure, drawn_as
from nepi_gui.document.document import Document
from nepi_gui.document.host_names import host_name, put_names
from nepi_gui.document.legality import Legality
from nepi_gui.document.resources import Place
from nepi_gui.translation import translate

SHIFT = 40.0
"""How far, to the right and down, a copy stands beside its original."""


def with_dependents(structure: Structure, keys: Iterable[int]) -> set[int]:
    """Return things with what belongs to them: badges that hang at them, and lines between two of them."""
    chosen = set(keys)
    chosen |= {guid for guid, ends in structure.joined.items() if chosen.issuperset(ends)}
    return chosen.union(*(structure.attached.get(key, ()) for key in chosen))


def part_of(description: ExperimentDescription, keys: Collection[int], faithful: bool = False) -> ExperimentDescription:
    """Return an experiment that holds only some resources and notes of another one, and what is among them.

    Args:
        keys: guids, and for notes minus their number, from 1.
        faithful: keep what conditions wait for outside, for a copy that stays in the same experiment.
    """
    inside = {key for key in keys if key > 0}
    kept = set(description.resources) if faithful else inside
    notes = [replace(note) for number, note in enumerate(description.canvas.notes, 1) if -number in keys]
    return ExperimentDescription(
        resources={guid: _cut_out(description.resources[guid], inside, kept) for guid in sorted(inside)},
        changes=list(_changes_among(description.changes, inside, kept)),
        canvas=Canvas(notes),
    )


def _cut_out(resource: ResourceDescription, inside: set[int], kept: set[int]) -> ResourceDescription:
    copied = resource.copy()
    copied.connections &= inside
    copied.conditions = [
        replace(condition, group=group)
        for condition in resource.conditions
        if (group := tuple(guid for guid in condition.group if guid in kept))
    ]
    return copied


def _changes_among(changes: Iterable[AttributeChange], inside: set[int], kept: set[int]) -> Iterator[AttributeChange]:
    for change in changes:
        guids = tuple(guid for guid in change.guids if guid in inside)
        group = tuple(guid for guid in change.group if guid in kept)
        if guids and group:
            yield replace(change, guids=guids, group=group)


@dataclass(frozen=True, slots=True)
class Insertion:
    """What was put into a document: keys of all, and for resources the new guid of each in the part."""

    keys: frozenset[int]
    guids: Mapping[int, int]


def insert(
    document: Document, part: ExperimentDescription, way: Place = (0.0, 0.0), text: str | None = None
) -> Insertion:
    """Put copies of a part's resources and notes into a document, in one step.

    They get new guids, and names that nothing else has.

    Args:
        part: it stays as it is.
        way: how far from their places in the part.
        text: what the step is called.
    """
    number = len(part.resources) + len(part.canvas.notes)
    guids = dict(zip(part.resources, document.new_guids(len(part.resources)), strict=True))
    with document.edit(text or translate("Steps", "Paste {0} items").format(number)) as edit:
        new_name = _namer(document.description.resources.values())
        copies = [_renewed(resource, guids, way, new_name) for resource in part.resources.values()]
        for each in copies:
            edit.add(each)
        names = {host_name(part.resources[guid]): host_name(edit.description.resources[guids[guid]]) for guid in guids}
        put_names(edit, copies, names)
        if part.changes:
            changes = [_renewed_change(each, guids) for each in part.changes]
            edit.set_part("changes", [*edit.description.changes, *changes])
        keys = set(guids.values())
        if part.canvas.notes:
            notes = edit.notes()
            for note in part.canvas.notes:
                notes.append(replace(note, x=note.x + way[0], y=note.y + way[1]))
                keys.add(-len(notes))
    return Insertion(frozenset(keys), guids)


def duplicate(document: Document, keys: Collection[int], way: Place = (SHIFT, SHIFT)) -> Insertion:
    """Put copies of things beside them, with what belongs to them; badges hang where their originals hang.

    Args:
        keys: guids, and for notes minus their number, from 1.
    """
    structure = Structure(document.description.resources)
    chosen = with_dependents(structure, keys)
    part = part_of(document.description, chosen, faithful=True)
    with document.edit(translate("Steps", "Duplicate {0} items").format(len(chosen))):
        inserted = insert(document, part, way)
        present = document.description.resources
        attach(document, {inserted.guids[guid]: present[guid].connections for guid in lone_badges(part)})
    return inserted


def lone_badges(part: ExperimentDescription) -> Iterator[int]:
    """Yield the resources of a part that ought to hang at something and do not."""
    structure = Structure(part.resources)
    for guid, resource in part.resources.items():
        if structure.hosts[guid] == guid and drawn_as(resource.rtype) is Drawn.BADGE:
            yield guid


def attach(document: Document, wanted: Mapping[int, Collection[int]]) -> None:
    """Connect resources to those of some others that allow it, in one step.

    Where it is not allowed they stay without, such as the copy of an interface, whose link has two already.
    """
    if not wanted:
        return
    legality = Legality(document.description)
    with document.edit(translate("Steps", "Connect {0} items").format(len(wanted))) as edit:
        for guid, others in wanted.items():
            for other in sorted(others):
                if not legality.connect(guid, other):
                    edit.connect(guid, other)


def places_in(part: ExperimentDescription) -> list[Place]:
    """Return where the resources and notes of a part stand, as far as that is known."""
    known = [each.layout for each in part.resources.values() if each.layout]
    places = [(each.x, each.y) for each in known if each.x is not None and each.y is not None]
    return [*places, *((note.x, note.y) for note in part.canvas.notes)]


# -- copies ----------------------------------------------------------------------------------------------


def _renewed(
    resource: ResourceDescription, guids: Mapping[int, int], way: Place, new_name: Callable[[str], str]
) -> ResourceDescription:
    """Return a copy with other guids, at another place; what is drawn as a node with a name of its own."""
    made = resource.copy()
    made.guid, made.line = guids[resource.guid], 0
    made.state, made.times = ResourceState.NEW, None  # of a run that the copy was not in
    made.connections = {guids[other] for other in resource.connections}
    made.conditions = [_renewed_condition(each, guids) for each in resource.conditions]
    if made.layout is not None:
        _shift(made.layout, way)
    if drawn_as(made.rtype) is Drawn.NODE:
        _rename(made, new_name)
    return made


def _shift(layout: Layout, way: Place) -> None:
    if layout.x is not None and layout.y is not None:
        layout.x, layout.y = layout.x + way[0], layout.y + way[1]


def _rename(resource: ResourceDescription, new_name: Callable[[str], str]) -> None:
    name = resource.attributes.get("name")
    if name and isinstance(name, str):
        resource.attributes["name"] = new_name(name)
    if resource.layout is not None and resource.layout.label and resource.layout.label != name:
        resource.layout.label = new_name(resource.layout.label)
    elif resource.layout is not None and resource.layout.label:
        resource.layout.label = str(resource.attributes["name"])


def _renewed_condition(condition: Condition, guids: Mapping[int, int]) -> Condition:
    return replace(condition, group=_renewed_guids(condition.group, guids))


def _renewed_change(change: AttributeChange, guids: Mapping[int, int]) -> AttributeChange:
    group = _renewed_guids(change.group, guids)
    return replace(change, guids=_renewed_guids(change.guids, guids), group=group)


def _renewed_guids(group: tuple[int, ...], guids: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sorted(guids.get(guid, guid) for guid in group))


def _namer(present: Iterable[ResourceDescription]) -> Callable[[str], str]:
    """Return what makes names that nothing is called: the name itself, or its stem with the next free number."""
    taken = {name.lower() for each in present for name in (each.label, str(each.attributes.get("name") or ""))}
    last: dict[str, int] = {}

    def new_name(name: str) -> str:
        made, stem = name, name.rstrip(digits)
        count = last.get(stem.lower(), int(name[len(stem) :][-9:] or 1))
        while made.lower() in taken:
            count += 1
            made = f"{stem}{count}"
        last[stem.lower()] = count
        taken.add(made.lower())
        return made

    return new_name

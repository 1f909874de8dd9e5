"""A step of editing: what it touches is noted, so that it can be taken back, and done again, as a whole.

Nothing in a document is ever changed in place: a step works on copies, which take the place of the originals. So undo
puts the originals back, a picture of any moment costs nothing, and other threads may read it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from nepi_core.description import (
    CanvasNote,
    ExperimentDescription,
    Layout,
    ResourceDescription,
    changes_without,
    conditions_without,
)
from nepi_gui.document.change import Change, compare

PARTS = ("exp_id", "nthreads", "local_dir", "topology", "global_values", "changes", "lab", "foreign", "notes")
"""What an experiment has beside its resources and can be edited; ``notes`` are those on the canvas."""

_TOGETHER = 2.0  # seconds in which steps of the same kind are one, such as a turn of the mouse wheel over a number


@dataclass(slots=True)
class Step:
    """What a step has changed: resources by guid and parts by name, before and after.

    Attributes:
        text: what the undo history calls it, such as "Move 3 resources".
        merge: steps one after the other that have an equal one are taken back together; None never.
    """

    text: str
    merge: Hashable = None
    before: dict[int, ResourceDescription | None] = field(default_factory=dict)
    after: dict[int, ResourceDescription | None] = field(default_factory=dict)
    parts_before: dict[str, Any] = field(default_factory=dict)
    parts_after: dict[str, Any] = field(default_factory=dict)
    ended: float = field(default_factory=monotonic)

    @property
    def changes_nothing(self) -> bool:
        """Whether everything is as it was."""
        return self.before == self.after and self.parts_before == self.parts_after

    def absorb(self, later: Step) -> bool:
        """Take a step in that follows this one, if both belong together."""
        if self.merge is None or self.merge != later.merge or later.ended - self.ended > _TOGETHER:
            return False
        self.before = later.before | self.before
        self.after = self.after | later.after
        self.parts_before = later.parts_before | self.parts_before
        self.parts_after = self.parts_after | later.parts_after
        self.text, self.ended = later.text, later.ended
        return True


def put(
    description: ExperimentDescription, resources: dict[int, ResourceDescription | None], parts: dict[str, Any]
) -> Change:
    """Put resources (None: none) and parts in the place of those that are there; return what has changed."""
    found = {guid: description.resources.get(guid) for guid in resources}
    for guid, data in resources.items():
        if data is None:
            description.resources.pop(guid, None)
        else:
            description.resources[guid] = data
    names = frozenset(name for name, value in parts.items() if part(description, name) != value)
    for name, value in parts.items():
        set_part(description, name, value)
    return replace(compare(found, resources), parts=names)


def part(description: ExperimentDescription, name: str) -> Any:
    """Return a part of an experiment, one of `PARTS`."""
    return description.canvas.notes if name == "notes" else getattr(description, name)


def set_part(description: ExperimentDescription, name: str, value: Any) -> None:
    """Put a part of an experiment, one of `PARTS`, in the place of what is there."""
    setattr(description.canvas if name == "notes" else description, name, value)


class Edit:
    """The hands of a step that is being done.

    What it hands out for change are copies; the step's end keeps them, its failure throws them away.
    """

    def __init__(self, description: ExperimentDescription, text: str, merge: Hashable = None) -> None:
        self._description = description
        self.step = Step(text, merge)

    @property
    def description(self) -> ExperimentDescription:
        """The experiment as this step has it so far, to be read."""
        return self._description

    # -- resources ---------------------------------------------------------------------------------

    def resource(self, guid: int) -> ResourceDescription:
        """Return a resource that may be changed until the step ends.

        Raises:
            UnknownResourceError: there is no such guid.
        """
        present = self._description.resource(guid)
        if guid not in self.step.before:
            self.step.before[guid] = present
            present = self._description.resources[guid] = present.copy()
        return present

    def layout(self, guid: int) -> Layout:
        """Return the layout of a resource, made if there is none, that may be changed until the step ends."""
        resource = self.resource(guid)
        if resource.layout is None:
            resource.layout = Layout()
        return resource.layout

    def add(self, resource: ResourceDescription) -> None:
        """Add a resource, whose guid is free."""
        self.step.before.setdefault(resource.guid, None)
        self._description.resources[resource.guid] = resource

    def remove(self, guids: Collection[int]) -> None:
        """Remove resources, their connections, and their guids from all conditions, planned changes and locks.

        A condition or change whose group is empty afterwards is removed as well.
        """
        gone = set(guids)
        for guid in gone:
            self.resource(guid)
            del self._description.resources[guid]
        for guid, resource in list(self._description.resources.items()):
            if not gone.isdisjoint(resource.connections):
                self.resource(guid).connections -= gone
            if any(not gone.isdisjoint(condition.group) for condition in resource.conditions):
                self.resource(guid).conditions = list(conditions_without(gone, resource.conditions))
        changes = list(changes_without(gone, self._description.changes))
        if changes != self._description.changes:
            self.set_part("changes", changes)
        lab = self._description.lab.without(gone) if self._description.lab else None
        if lab != self._description.lab:
            self.set_part("lab", lab)

    def connect(self, guid1: int, guid2: int) -> None:
        """Connect two resources; whether they may be, `Legality` knows.

        Raises:
            UnknownResourceError: one does not exist.
            ConnectionNotAllowedError: they are the same.
        """
        for guid in (guid1, guid2):
            self.resource(guid)  # a copy takes its place
        self._description.connect(guid1, guid2)

    def disconnect(self, guid1: int, guid2: int) -> None:
        """Remove a connection on both sides; nothing happens when there is none."""
        for guid in (guid1, guid2):
            self.resource(guid)
        self._description.disconnect(guid1, guid2)

    # -- the rest ----------------------------------------------------------------------------------

    def set_part(self, name: str, value: Any) -> None:
        """Put a part of the experiment, one of `PARTS`, in the place of what is there."""
        self.step.parts_before.setdefault(name, part(self._description, name))
        set_part(self._description, name, value)

    def notes(self) -> list[CanvasNote]:
        """Return the notes and areas of the canvas, which may be changed until the step ends."""
        if "notes" not in self.step.parts_before:
            self.set_part("notes", copy.deepcopy(self._description.canvas.notes))
        return self._description.canvas.notes

    # -- the end -----------------------------------------------------------------------------------

    def finish(self) -> Step:
        """Return what was changed; nothing that this edit has handed out may be changed any more."""
        step = self.step
        step.after = {guid: self._description.resources.get(guid) for guid in step.before}
        for guid, present in step.after.items():
            before = step.before[guid]
            if before and present and before.layout is None and present.layout == Layout():
                present.layout = None  # it was made, and nothing was said in it
        step.parts_after = {name: part(self._description, name) for name in step.parts_before}
        step.ended = monotonic()
        return step

    def take_back(self) -> None:
        """Make everything as it was before."""
        put(self._description, self.step.before, self.step.parts_before)

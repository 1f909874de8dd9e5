"""The document: an experiment, the steps that made it so, and the news about them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from nepi_core.description import LARGEST_GUID, ExperimentDescription, Lab
from nepi_core.errors import LabError
from nepi_core.lab import refusal
from nepi_gui.document.change import Change, compare
from nepi_gui.document.edit import Edit, Step, part, put
from nepi_gui.document.history import History


class Document(QObject):
    """An experiment that is edited; scene and panels only listen to it.

    Every change goes through `edit`, so every change can be undone.

    Signals:
        changed: with a `Change`, after each step, undo and redo.
        path_changed: the document has another file, or none.
        refused: with a sentence: a step was taken back, since the lab forbids it.

    Attributes:
        path: the file it was read from or saved to last; None as long as there is none.
        history: the steps that can be taken back.
        deployed: guids of resources that are deployed, whose `Design` attributes are locked.
        heeds_lab: what the lab forbids cannot be done; False is for who makes the lab.
    """

    changed = Signal(object)
    path_changed = Signal()
    refused = Signal(str)

    def __init__(self, description: ExperimentDescription | None = None, path: Path | None = None) -> None:
        super().__init__()
        self._description = description if description is not None else ExperimentDescription()
        self.path = path
        self.deployed: frozenset[int] = frozenset()
        self.heeds_lab = True
        self.history = History(self._put, self)
        self._editing: Edit | None = None

    @property
    def description(self) -> ExperimentDescription:
        """The experiment; to be read only."""
        return self._description

    @property
    def is_modified(self) -> bool:
        """Whether there is something that is not in the file."""
        return not self.history.is_clean

    def freeze(self) -> ExperimentDescription:
        """Return the experiment as it is at this moment, which any thread may read; it costs next to nothing."""
        present = self._description
        return replace(present, resources=dict(present.resources), canvas=replace(present.canvas))

    @contextmanager
    def edit(self, text: str, merge: Hashable = None) -> Iterator[Edit]:
        """Change the experiment in one step, which is undone as a whole, and taken back as a whole when it fails.

        An edit within another one is part of that.

        Args:
            text: what the undo history calls the step.
            merge: steps one after the other that have an equal one are undone together; None never.

        Raises:
            LabError: the lab forbids it; nothing was changed, and `refused` has told it.
        """
        if self._editing is not None:
            yield self._editing
            return
        self._editing = edit = Edit(self._description, text, merge)
        try:
            yield edit
        except BaseException:
            edit.take_back()
            raise
        finally:
            self._editing = None
        step = edit.finish()
        if sentence := self._refusal(step):
            edit.take_back()
            self.refused.emit(sentence)
            raise LabError(sentence)
        if not step.changes_nothing:
            self.history.note(step, partial(self.changed.emit, self._change_of(step)))

    def complete(self, name: str, value: Any) -> None:
        """Set a part of the experiment (see `edit.PARTS`) so that it goes with the last step, if there is one.

        It is for what follows from something else than a step, and would be no use as a step of its own.
        """
        step = Step("", parts_before={name: part(self._description, name)}, parts_after={name: value})
        if change := put(self._description, {}, step.parts_after):
            self.history.complete(step)
            self.changed.emit(change)

    @property
    def lab(self) -> Lab | None:
        """The lab whose rules are to be heeded; None when there is none, or who edits is its maker."""
        return self._description.lab if self.heeds_lab else None

    def _refusal(self, step: Step) -> str:
        lab = self.lab
        return refusal(lab, step.before, step.after, step.parts_before, step.parts_after) if lab is not None else ""

    def replace(self, description: ExperimentDescription, path: Path | None) -> None:
        """Put another experiment in the place of this one; there is nothing to undo then."""
        self._description = description
        self.deployed = frozenset()
        self.history.clear()
        self.changed.emit(Change(anew=True))
        self.set_path(path)

    def set_path(self, path: Path | None) -> None:
        """Say which file the document belongs to."""
        self.path = path
        self.path_changed.emit()

    def new_guid(self) -> int:
        """Return a guid that no resource has."""
        return self.new_guids(1)[0]

    def new_guids(self, number: int) -> list[int]:
        """Return guids that no resource has, in ascending order: the next ones, or gaps when those are too large.

        What the topology calls its nodes stays theirs when they are removed: others would get their addresses.
        """
        topology = self._description.topology
        named = [node.annotations.get("guid") for node in topology.nodes] if topology is not None else []
        present = {*self._description.resources, *(guid for guid in named if isinstance(guid, int))}
        highest = max(present, default=0)
        if highest + number <= LARGEST_GUID:
            return list(range(highest + 1, highest + number + 1))
        return list(islice((guid for guid in count(1) if guid not in present), number))

    def _change_of(self, step: Step) -> Change:
        names = frozenset(name for name, value in step.parts_before.items() if value != step.parts_after[name])
        return replace(compare(step.before, step.after), parts=names)

    def _put(self, step: Step, back: bool) -> None:
        if back:
            change = put(self._description, step.before, step.parts_before)
        else:
            change = put(self._description, step.after, step.parts_after)
        if change:
            self.changed.emit(change)

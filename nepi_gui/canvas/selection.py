"""What is selected: the same for canvas, panels and commands."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QObject, Signal

from nepi_core.description import CanvasNote
from nepi_gui.document.change import Change
from nepi_gui.document.document import Document

Key = int
"""Something on the canvas: the guid of a resource, or for a note or area minus its number, counted from 1."""


class Selection(QObject):
    """The selected resources and notes of a document; what is removed is no longer selected.

    Signals:
        changed: something else is selected.
    """

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._keys: frozenset[Key] = frozenset()
        self._notes = document.description.canvas.notes
        document.changed.connect(self._forget)

    @property
    def keys(self) -> frozenset[Key]:
        """All that is selected."""
        return self._keys

    @property
    def guids(self) -> list[int]:
        """The selected resources, in ascending order."""
        return sorted(key for key in self._keys if key > 0)

    @property
    def notes(self) -> list[int]:
        """The selected notes and areas, as numbers from 0, in ascending order."""
        return sorted(-key - 1 for key in self._keys if key < 0)

    def __contains__(self, key: Key) -> bool:
        return key in self._keys

    def __bool__(self) -> bool:
        return bool(self._keys)

    def set(self, keys: Iterable[Key]) -> None:
        """Select this and nothing else; what does not exist (any more) is left out."""
        present = self._document.description
        chosen = frozenset(key for key in keys if key in present.resources or 0 < -key <= len(present.canvas.notes))
        if chosen != self._keys:
            self._keys = chosen
            self.changed.emit()

    def add(self, keys: Iterable[Key]) -> None:
        """Select this as well."""
        self.set(self._keys.union(keys))

    def toggle(self, keys: Collection[Key]) -> None:
        """Select what is not selected, and the other way round."""
        self.set(self._keys.symmetric_difference(keys))

    def clear(self) -> None:
        """Select nothing."""
        self.set(())

    def everything(self) -> None:
        """Select all resources, notes and areas."""
        notes = self._document.description.canvas.notes
        self.set([*self._document.description.resources, *(-number - 1 for number in range(len(notes)))])

    def _forget(self, change: Change) -> None:
        before, self._notes = self._notes, self._document.description.canvas.notes
        if len(before) != len(self._notes) and not change.anew:
            self.set([*self.guids, *(self._key_now(before[number]) for number in self.notes)])
        elif change.removed or change.anew:
            self.set(self._keys)

    def _key_now(self, note: CanvasNote) -> Key:
        """Return the key of a note that may have another number now, because others came or went; 0 when it is gone."""
        return -self._notes.index(note) - 1 if note in self._notes else 0

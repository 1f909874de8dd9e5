"""Steps that a user takes with the notes and areas of the canvas: put there, write, resize, colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nepi_core.description import CanvasNote
from nepi_gui.document.document import Document
from nepi_gui.document.texts import writable
from nepi_gui.translation import translate

NOTE_SIZE = (200.0, 80.0)
AREA_SIZE = (360.0, 240.0)
SMALLEST_SIDE = 40.0
"""Of a note or area, so that it can still be found and grabbed."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands and how large it is, by its edges; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, size: tuple[float, float]) -> Box:
        """Return a box by its centre."""
        return cls(x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)

    def give_to(self, note: CanvasNote) -> None:
        """Have a note stand there."""
        note.x, note.y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        note.width, note.height = self.right - self.left, self.bottom - self.top


def size_of(kind: str) -> tuple[float, float]:
    """Return width and height of a new note or area of which nobody says how large it is to be."""
    return AREA_SIZE if kind == "area" else NOTE_SIZE


def add_note(document: Document, kind: str, box: Box, text: str = "", colour: str = "") -> int:
    """Put a note or area on the canvas.

    Args:
        kind: "note" or "area".

    Returns:
        Its key: minus its number, counted from 1.
    """
    told = translate("Steps", "Insert area") if kind == "area" else translate("Steps", "Insert note")
    note = CanvasNote(kind, 0, 0, 0, 0, writable(text), colour)
    box.give_to(note)
    with document.edit(told) as edit:
        notes = edit.notes()
        notes.append(note)
        return -len(notes)


def set_text(document: Document, number: int, text: str, height: float | None = None) -> None:
    """Write another text on a note or area.

    Args:
        number: which of the notes, from 0.
        height: what the text needs; the upper edge stays where it is.
    """
    present = document.description.canvas.notes[number]
    told = translate("Steps", "Write area") if present.kind == "area" else translate("Steps", "Write note")
    with document.edit(told) as edit:
        note = edit.notes()[number]
        note.text = writable(text)
        if height is not None and height != note.height:
            note.y += (height - note.height) / 2
            note.height = height


def resize(document: Document, number: int, box: Box) -> None:
    """Give a note or area other edges."""
    with document.edit(translate("Steps", "Resize")) as edit:
        box.give_to(edit.notes()[number])


def remove_notes(document: Document, numbers: Collection[int]) -> None:
    """Remove notes and areas."""
    told = translate("Steps", "Delete {0} items").format(len(numbers))
    with document.edit(told) as edit:
        edit.set_part("notes", [note for number, note in enumerate(edit.notes()) if number not in numbers])


def set_colours(document: Document, keys: Iterable[int], colour: str) -> None:
    """Give resources, notes and areas a colour, ``#rrggbb``; "" takes it away.

    Args:
        keys: guids, and for notes minus their number, from 1.
    """
    chosen = set(keys)
    with document.edit(translate("Steps", "Colour")) as edit:
        for guid in chosen:
            if guid > 0:
                edit.layout(guid).colour = colour
        if any(key < 0 for key in chosen):
            notes = edit.notes()
            for key in chosen:
                if key < 0:
                    notes[-key - 1].colour = colour

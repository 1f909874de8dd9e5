"""What is at a place of the canvas: which thing, and which part of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF

from nepi_gui.canvas.items import NodeItem, NoteItem
from nepi_gui.canvas.lines import LineKey
from nepi_gui.canvas.looks import PLATE, RIM, RIM_INSIDE
from nepi_gui.canvas.selection import Key

HANDLE_REACH = 6.0
"""How near, in pixels of the screen, the mouse must be to the edge of a note to grab it."""


class Part(StrEnum):
    """Which part of a thing is at a place."""

    NOTHING = "nothing"
    BODY = "body"
    RIM = "rim"
    """Around a node, where a link is drawn from."""
    LABEL = "label"
    LINE = "line"
    CORNER = "corner"
    """The upper left or lower right corner of a note or area, at which its size is changed."""
    COUNTER_CORNER = "counter corner"
    """The upper right or lower left one."""
    SIDE = "side"
    """The left or right edge of a note or area."""
    EDGE = "edge"
    """The upper or lower one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What is at a place: a resource by guid or a note by its key, 0 for the empty canvas and for plain connections."""

    key: Key = 0
    part: Part = Part.NOTHING
    line: LineKey | None = None


def part_of_node(item: NodeItem, place: QPointF) -> Part:
    """Return which part of a node is at a place."""
    at = place - item.pos()
    if PLATE.adjusted(RIM_INSIDE, RIM_INSIDE, -RIM_INSIDE, -RIM_INSIDE).contains(at):
        return Part.BODY
    if item.label_rect().contains(at):
        return Part.LABEL
    return Part.RIM if PLATE.adjusted(-RIM, -RIM, RIM, RIM).contains(at) else Part.NOTHING


def part_of_note(item: NoteItem, place: QPointF, zoom: float) -> Part:
    """Return which part of a note or area is at a place of a canvas that is shown so large."""
    across, down = item.handle(place, HANDLE_REACH / max(zoom, 0.05))
    if across and down:
        return Part.CORNER if across == down else Part.COUNTER_CORNER
    if across or down:
        return Part.SIDE if across else Part.EDGE
    return Part.BODY if item.body().contains(place - item.pos()) else Part.NOTHING

"""Where things on the canvas stand when they are aligned, distributed or moved by keys; and what is next to what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nepi_gui.document.spacing import Place, on_grid

Places = dict[int, Place]


@dataclass(frozen=True, slots=True)
class Box:
    """What something covers on the canvas: its centre, width and height."""

    x: float
    y: float
    width: float = 0.0
    height: float = 0.0


class Edge(StrEnum):
    """What is made equal by an alignment."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class Way(StrEnum):
    """A direction on the canvas."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


_STEPS = {Way.LEFT: (-1, 0), Way.RIGHT: (1, 0), Way.UP: (0, -1), Way.DOWN: (0, 1)}
_SIDEWAYS = 2.0  # how much more a pixel beside the way counts than one along it


def aligned(boxes: Mapping[int, Box], edge: Edge) -> Places:
    """Return centres at which all boxes have this edge where the outermost one has it, or their middles in line."""
    if not boxes:
        return {}
    if edge in (Edge.TOP, Edge.MIDDLE, Edge.BOTTOM):
        turned = {Edge.TOP: Edge.LEFT, Edge.MIDDLE: Edge.CENTRE, Edge.BOTTOM: Edge.RIGHT}[edge]
        return _turned_back(aligned(_turned(boxes), turned))
    left = min(box.x - box.width / 2 for box in boxes.values())
    right = max(box.x + box.width / 2 for box in boxes.values())
    shares = {Edge.LEFT: 0.5, Edge.CENTRE: 0.0, Edge.RIGHT: -0.5}
    line = {Edge.LEFT: left, Edge.CENTRE: (left + right) / 2, Edge.RIGHT: right}[edge]
    return {key: (line + shares[edge] * box.width, box.y) for key, box in boxes.items()}


def distributed(boxes: Mapping[int, Box], upright: bool = False) -> Places:
    """Return centres at which neighbours are equally far apart; the outermost boxes stay.

    Args:
        upright: from top to bottom, in the place of from left to right.
    """
    if upright:
        return _turned_back(distributed(_turned(boxes)))
    order = sorted(boxes, key=lambda key: (boxes[key].x, key))
    if len(order) < 3:
        return {key: (box.x, box.y) for key, box in boxes.items()}
    first, last = boxes[order[0]], boxes[order[-1]]
    room = (last.x + last.width / 2) - (first.x - first.width / 2) - sum(box.width for box in boxes.values())
    gap = room / (len(order) - 1)
    places, end = {}, first.x - first.width / 2
    for key in order:
        box = boxes[key]
        places[key] = (end + box.width / 2, box.y)
        end += box.width + gap
    return places


def snapped(boxes: Mapping[int, Box], step: float) -> Places:
    """Return for each box the point of the grid that is nearest."""
    return {key: on_grid((box.x, box.y), step) for key, box in boxes.items()}


def shifted(boxes: Mapping[int, Box], way: Way, length: float) -> Places:
    """Return the centres so many pixels farther in a direction."""
    dx, dy = _STEPS[way]
    return {key: (box.x + dx * length, box.y + dy * length) for key, box in boxes.items()}


def next_in(way: Way, origin: Place, places: Mapping[int, Place]) -> int | None:
    """Return what one comes to first from a place in a direction; None when nothing lies there.

    What lies straight ahead is preferred; what is farther aside than ahead is not in that direction.
    """
    dx, dy = _STEPS[way]
    found: list[tuple[float, int]] = []
    for key, (x, y) in places.items():
        ahead = (x - origin[0]) * dx + (y - origin[1]) * dy
        aside = abs((x - origin[0]) * dy) + abs((y - origin[1]) * dx)
        if ahead > 0 and aside <= ahead:
            found.append((ahead + _SIDEWAYS * aside, key))
    return min(found)[1] if found else None


def nearest_to(origin: Place, places: Mapping[int, Place]) -> int | None:
    """Return what is nearest to a place; None when there is nothing."""
    return min(places, key=lambda key: (math.dist(origin, places[key]), key), default=None)


def reading_order(places: Mapping[int, Place]) -> list[int]:
    """Return what is on the canvas as one reads: from top to bottom, and in a row from left to right."""
    return sorted(places, key=lambda key: (places[key][1], places[key][0], key))


def _turned(boxes: Mapping[int, Box]) -> dict[int, Box]:
    return {key: Box(box.y, box.x, box.height, box.width) for key, box in boxes.items()}


def _turned_back(places: Mapping[int, Place]) -> Places:
    return {key: (y, x) for key, (x, y) in places.items()}

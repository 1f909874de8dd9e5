"""Where lines and words go between the marks of a figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nepi_core.plot.picture import Place

# Parts of a line at which its label may stand, the best first.
_ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
_ARROW_BEND = 0.18


class Rectangle(NamedTuple):
    """Where something is drawn: its centre and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: Rectangle) -> float:
        """Return the area that two rectangles share."""
        across = (self.width + other.width) / 2 - abs(self.x - other.x)
        up = (self.height + other.height) / 2 - abs(self.y - other.y)
        return min(across, self.width) * min(up, self.height) if across > 0 and up > 0 else 0.0


class Route(NamedTuple):
    """A line from start to end; ``bend`` is matplotlib's ``rad`` of the connection style ``arc3``, a parabola."""

    start: Place
    end: Place
    bend: float = 0.0

    def place(self, part: float) -> Place:
        """Return the point after a part of the line."""
        (x, y), (end_x, end_y) = self.start, self.end
        across, up, out = end_x - x, end_y - y, 2 * part * (1 - part) * self.bend
        return x + part * across + out * up, y + part * up - out * across


def arrow_route(first: Rectangle, second: Rectangle) -> Route:
    """Return the way of an arrow from rim to rim of two marks.

    Between marks that stand above one another it goes in a bow around what is between them: downwards on the right,
    upwards on the left, so that two arrows of opposite directions do not meet.
    """
    beside = abs(second.x - first.x) >= (first.width + second.width) / 2
    side = 1 if (second.x > first.x if beside else second.y < first.y) else -1
    start = (first.x + side * first.width / 2, first.y)
    end = (second.x - side * second.width / 2 * (1 if beside else -1), second.y)
    if beside:
        return Route(start, end, _ARROW_BEND)
    bow = side * (0.22 + abs(end[0] - start[0]) / 2)
    return Route(start, end, 2 * bow / ((end[1] - start[1]) or 1.0))


def label_spot(route: Route, width: float, height: float, taken: Iterable[Rectangle]) -> tuple[Rectangle, float]:
    """Return a place for words at a line, where the least of other things is in the way, and how much that is."""
    others = list(taken)
    spots = [Rectangle(*route.place(part), width, height) for part in _ALONG]
    covered = [sum(spot.overlap(other) for other in others) for spot in spots]
    best = covered.index(min(covered))
    return spots[best], covered[best]

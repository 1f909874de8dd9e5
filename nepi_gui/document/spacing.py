"""Distances on the canvas: from places in a plane to places in pixels, at which nothing overlaps. Knows no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy

Place = tuple[float, float]

SPACING = 120.0
"""Pixels between the centres of two nodes, so that neither these nor their labels overlap."""

_ROUNDS = 60
_WIDTH_TO_HEIGHT = 1.6  # of several parts together: most screens are wider than high

_Key = TypeVar("_Key")


def spread(positions: Mapping[_Key, Place]) -> dict[_Key, Place]:
    """Return places on the canvas, in pixels with y downwards, of nodes whose places in the plane are given.

    The plane is scaled until most nodes are far enough apart; those that are still too near push each other away.
    """
    import numpy as np

    if len(positions) < 2:
        return dict.fromkeys(positions, (0.0, 0.0))
    points = np.array(list(positions.values())) * (1.0, -1.0)
    # A quarter of the nodes may be nearer: in the map of a real network the nodes of a city are, and the scale that
    # parts them would lose the others.
    apart = _nearest(points)
    apart = apart[apart > 0]  # what stands at just the same place says nothing of the scale
    points *= SPACING / float(np.quantile(apart, 0.25)) if len(apart) else 1.0
    for _ in range(_ROUNDS):
        if not _push_apart(points):
            break
    points *= max(1.0, SPACING / max(float(_nearest(points).min()), 1e-6))
    return {nid: (round(float(x)), round(float(y))) for nid, (x, y) in zip(positions, points, strict=True)}


def _nearest(points: numpy.ndarray) -> numpy.ndarray:
    """Return the distance of each point to the nearest other one."""
    from scipy.spatial import cKDTree

    distances: numpy.ndarray = cKDTree(points).query(points, k=2)[0][:, 1]
    return distances


def _push_apart(points: numpy.ndarray) -> bool:
    """Move points that are too near to each other; tell whether there were any."""
    import numpy as np
    from scipy.spatial import cKDTree

    first, second = cKDTree(points).query_pairs(0.999 * SPACING, output_type="ndarray").T
    if not len(first):
        return False
    way = points[second] - points[first]
    same = np.flatnonzero(~way.any(axis=1))  # at just the same place: each goes its own way
    way[same] = 1e-6 * np.stack([np.cos(same), np.sin(same)], axis=1)
    length = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    push = way / length * (SPACING - length) / 2
    np.add.at(points, second, push)
    np.add.at(points, first, -push)
    return True


def packed(parts: Iterable[Mapping[_Key, Place]]) -> dict[_Key, Place]:
    """Put parts beside each other in rows, from the upper left; large ones first look best."""
    listed = [(part, bounds(part.values())) for part in parts if part]
    sizes = [(right - left + SPACING, bottom - top + SPACING) for _, (left, top, right, bottom) in listed]
    area = sum(width * height for width, height in sizes)
    most = max([math.sqrt(area * _WIDTH_TO_HEIGHT), *(width for width, _ in sizes)]) + 0.5
    found: dict[_Key, Place] = {}
    x = y = depth = 0.0
    for (part, (left, top, _, _)), (width, height) in zip(listed, sizes, strict=True):
        if x and x + width > most:
            x, y, depth = 0.0, y + depth, 0.0
        found.update({key: (x + at[0] - left, y + at[1] - top) for key, at in part.items()})
        x, depth = x + width, max(depth, height)
    return found


def bounds(places: Iterable[Place]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of places; all zero when there are none."""
    listed: Sequence[Place] = list(places)
    if not listed:
        return 0.0, 0.0, 0.0, 0.0
    xs, ys = zip(*listed, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def centred(places: Mapping[_Key, Place], centre: Place, step: float = 0.0) -> dict[_Key, Place]:
    """Return places moved as a whole, so that their middle is somewhere; each on a grid when it has a step."""
    left, top, right, bottom = bounds(places.values())
    dx, dy = centre[0] - (left + right) / 2, centre[1] - (top + bottom) / 2
    return {key: on_grid((x + dx, y + dy), step) for key, (x, y) in places.items()}


def on_grid(place: Place, step: float) -> Place:
    """Return the point of a grid that is nearest to a place; the place itself when the grid has no step."""
    return (round(place[0] / step) * step, round(place[1] / step) * step) if step else place

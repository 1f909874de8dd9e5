"""Forces for large graphs: edges pull, what is near pushes; a second for thousands of nodes. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

_ROUNDS = 60
_LAST_ROUNDS = 10  # in which only the nearest push each other, which evens the distances out
_REACH, _LAST_REACH = 4.0, 2.0  # lengths of an edge; pushes from farther away would cost more than they change
_NEAREST = 0.05


def relax(points: numpy.ndarray, edges: numpy.ndarray) -> None:
    """Move points so that those that are joined come near, and none stand on each other; edges become about 1 long.

    Args:
        points: one row each; changed in place. They should be about 1 apart at first.
        edges: pairs of numbers of points.
    """
    import numpy as np

    degrees = np.bincount(edges.ravel(), minlength=len(points))[:, None] + 1.0
    for number in range(_ROUNDS):
        move = _pull(points, edges) / degrees
        _add_push(move, points, _REACH if number < _ROUNDS - _LAST_ROUNDS else _LAST_REACH)
        length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-9)
        farthest = 3.0 * (1 - number / _ROUNDS) + 0.1  # less and less, or it would never come to rest
        points += move / length * np.minimum(length, farthest)


def _pull(points: numpy.ndarray, edges: numpy.ndarray) -> numpy.ndarray:
    import numpy as np

    move = np.zeros_like(points)
    way = (points[edges[:, 1]] - points[edges[:, 0]]) / 2
    np.add.at(move, edges[:, 0], way)
    np.add.at(move, edges[:, 1], -way)
    return move


def _add_push(move: numpy.ndarray, points: numpy.ndarray, reach: float) -> None:
    import numpy as np
    from scipy.spatial import cKDTree

    first, second = cKDTree(points).query_pairs(reach, output_type="ndarray").T
    way = points[second] - points[first]
    length = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), _NEAREST)
    push = way / length * (1 / length - 1 / reach) / 2
    np.add.at(move, second, push)
    np.add.at(move, first, -push)

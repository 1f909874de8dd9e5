"""Lines break where nothing was measured, and a sample alone is seen."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from nepi_gui.plots.buckets import Buckets
from nepi_gui.plots.gaps import Pace
from nepi_gui.plots.shapes import Scale, Shape, draw
from tests.nepi_gui.plots.recording import BEGAN, RTT, Recording


def _buckets(*times: float) -> Buckets:
    values = np.ones(len(times))
    return Buckets(np.array(times, dtype=float), values, values)


def test_a_line_breaks_where_nothing_was_measured():
    found = Pace().with_gaps(_buckets(*range(91), *range(150, 200)))
    (place,) = np.flatnonzero(np.isnan(found.low))
    assert 90 < found.times[place] < 150
    assert (np.diff(found.times) > 0).all()


def test_what_comes_seldom_or_at_short_distances_is_not_torn():
    for times in (range(0, 1000, 60), (0, 0.01, 0.02, 0.03, 0.04, 0.9), (0, 100), (5,), ()):
        assert not np.isnan(Pace().with_gaps(_buckets(*times)).low).any()


def test_within_a_gap_what_was_usual_before_counts():
    pace = Pace()
    pace.with_gaps(_buckets(*range(91), *range(150, 200)))
    assert np.isnan(pace.with_gaps(_buckets(90, 150)).low).sum() == 1


def test_nothing_is_told_or_drawn_in_a_gap(window, tmp_path):
    from nepi_gui.plots.overlays import overlay

    run = Recording(tmp_path / "lab" / "run1")
    run.add(RTT, *((second, 5.0) for second in (*range(20), *range(50, 60))))
    curve = overlay(run.end(), RTT, "run1")
    assert curve is not None
    assert curve.origin == BEGAN
    curve.shapes(0, 60, 600, QColor("black"))
    assert curve.at(19.5) == (5.0, 5.0)
    assert math.isnan(curve.at(40)[0])
    assert curve.at(55)[0] == 5.0
    curve.source.close()


def _dark_pixels(shape: Shape) -> int:
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    draw(painter, QRectF(0, 0, 100, 100), Scale(0, 10), (Scale(0, 10), Scale(0, 10)), [shape], 1)
    painter.end()
    return sum(image.pixelColor(x, y).lightness() < 100 for x in range(100) for y in range(100))


def test_a_sample_alone_is_drawn_as_a_dot(qapp):
    black, one = QColor("black"), np.array([5.0])
    assert _dark_pixels(Shape(one, one, one, black)) > 9
    values = np.array([5.0, np.nan, 5.0, np.nan])
    assert _dark_pixels(Shape(np.array([2.0, 4.0, 6.0, 8.0]), values, values, black)) > 18

"""The signs of the states: told apart by their shape alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from nepi_core.states import ResourceState
from nepi_gui.appearance import DARK, LIGHT, Theme
from nepi_gui.canvas import state_signs


def drawn(state: ResourceState, theme: Theme, side: int) -> list[int]:
    """Return the pixels of a sign in one colour for all, as if there were no colours."""
    image = QImage(side, side, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plain = replace(theme, states=("#000000",) * 8, plate="#ffffff")
    state_signs.paint(painter, plain, state, QPointF(side / 2, side / 2), 0.36 * side)
    painter.end()
    return [image.pixelColor(x, y).value() for x in range(side) for y in range(side)]


@pytest.mark.parametrize(("first", "second"), list(combinations(ResourceState, 2)))
def test_all_signs_differ_without_their_colours_in_small_sizes(qapp, first, second):
    one, other = (drawn(state, LIGHT, 12) for state in (first, second))
    assert sum(abs(a - b) > 100 for a, b in zip(one, other, strict=True)) >= 8  # pixels of 144


def test_each_state_has_a_colour_in_each_theme():
    for theme in (LIGHT, DARK):
        assert len(set(theme.states)) == len(ResourceState)
        assert len(set(theme.loads)) == len(theme.loads)


def test_pictures_for_lists(qapp):
    assert not state_signs.icon(ResourceState.FAILED, DARK).isNull()

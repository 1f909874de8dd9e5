"""Colours of curves: those of Okabe and Ito, which people tell apart who see colours differently."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor

# Changed so that each has a contrast of at least 3 on the plots' ground; in an order in which neighbours differ most.
_LIGHT = ("#0069a8", "#d55e00", "#00845f", "#c1559b", "#8a6a00", "#1f2933", "#3a9bdc", "#7a2a12")
_DARK = ("#56b4e9", "#f5903d", "#2fc79b", "#e08fc0", "#f0e442", "#e6e9ed", "#8f8cff", "#c97a5a")


@lru_cache(128)
def curve_colour(number: int, is_dark: bool) -> QColor:
    """Return the colour of a curve by its number in the plot; from the ninth on they come again, paler."""
    colours = _DARK if is_dark else _LIGHT
    colour = QColor(colours[number % len(colours)])
    if number // len(colours) % 2:
        colour = blended(colour, QColor("#000000" if is_dark else "#ffffff"), 0.4)
    return colour


def blended(colour: QColor, ground: QColor, part: float) -> QColor:
    """Return a colour with a part of another one in it; opaque, since transparent lines are drawn much slower."""
    kept = 1.0 - part
    return QColor.fromRgbF(
        colour.redF() * kept + ground.redF() * part,
        colour.greenF() * kept + ground.greenF() * part,
        colour.blueF() * kept + ground.blueF() * part,
    )

"""The text of a note in lines: where each begins, and where there is no room for more."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout

MARGIN = 10.0
"""Between the edges of a note and its text, on the canvas."""


@dataclass(frozen=True, slots=True)
class NoteText:
    """A text, laid out.

    Attributes:
        lines: each with the place of its upper left corner, from that of the text.
        height: what the whole text needs.
        is_cut: there was no room for all of it.
    """

    lines: tuple[tuple[QPointF, str], ...]
    height: float
    is_cut: bool


def lay_out(text: str, font: QFont, width: float, height: float) -> NoteText:
    """Break a text into lines for some room; what has no room is left out, and told by an ellipsis."""
    metrics = QFontMetricsF(font)
    step = metrics.lineSpacing()
    every = [line for paragraph in text.split("\n") for line in _broken(paragraph, font, max(width, 1.0))]
    shown = every[: max(1, int((height + 1) / step))]
    is_cut = len(shown) < len(every)
    if is_cut:
        shown[-1] = metrics.elidedText(f"{shown[-1]}…", Qt.TextElideMode.ElideRight, width)
    lines = tuple((QPointF(0, number * step), line) for number, line in enumerate(shown))
    return NoteText(lines, len(every) * step, is_cut)


def _broken(paragraph: str, font: QFont, width: float) -> list[str]:
    """Return the lines of a paragraph; an empty one has one as well."""
    layout = QTextLayout(paragraph, font)
    layout.beginLayout()
    found = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        found.append(_part(paragraph, line.textStart(), line.textLength()))
    layout.endLayout()
    return found or [""]


def _part(text: str, start: int, length: int) -> str:
    """Return a part of a text by Qt's counting, which takes rare characters for two."""
    wide = text.encode("utf-16-le", errors="surrogatepass")
    return wide[2 * start : 2 * (start + length)].decode("utf-16-le", errors="replace").rstrip()

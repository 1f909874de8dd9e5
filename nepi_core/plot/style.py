"""Colours, fonts and sizes of the words of a figure."""

from __future__ import annotations

import hashlib
import textwrap
import unicodedata

from nepi_core.plot.picture import Line, LineKind, Mark

# A report replaces these three by colours that follow the reader's light or dark screen; all others are of middle
# brightness and serve on both.
INK, MUTED, PAPER = "#1c2026", "#6b7280", "#fefefe"

RED = "#dc2626"
AMBER = "#b8690a"

_KINDS = {
    "linux": "#2563eb",
    "netns": "#0f766e",
    "ns3": "#7c3aed",
    "testbed": "#be185d",
    "all": "#566370",
    "topology node": "#64748b",
    "source": "#15803d",
    "target": "#c2410c",
}
_OTHER_KINDS = ("#0369a1", "#a21caf", "#4d7c0f", "#b45309", "#4338ca", "#0e7490")

_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Noto Sans Arabic", "Noto Emoji")

# Average width of a letter of DejaVu Sans, in parts of its size, and points in an inch.
_LETTER = 0.63
_POINTS = 72


def fonts() -> list[str]:
    """Return the fonts to look for signs in, of those that this machine has; matplotlib warns of any other."""
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in known]  # DejaVu Sans comes with matplotlib


def kind_colour(kind: str) -> str:
    """Return the colour of a backend, the same one in every picture."""
    number = int.from_bytes(hashlib.sha256(kind.encode()).digest()[:2], "big")
    return _KINDS.get(kind) or _OTHER_KINDS[number % len(_OTHER_KINDS)]


def ink_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour (relative luminance of WCAG 2, simplified)."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return "#ffffff" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.2 else "#111111"


def line_look(line: Line) -> tuple[str, float]:
    """Return colour and thickness of a line."""
    if line.failed:
        return RED, 2.0
    return {LineKind.LINK: (MUTED, 1.8), LineKind.CONNECTION: (MUTED, 0.9), LineKind.CONDITION: (AMBER, 1.1)}[line.kind]


def name(mark: Mark, cells: int, lines: int = 2) -> str:
    """Return a mark's label in so many lines at most, each of so many cells (a wide sign takes two), or shortened."""
    label = f"✕ {mark.label}" if mark.failed else mark.label
    width = max(4, cells * len(label) // max(_cells(label), 1))
    wrapped = textwrap.wrap(label, width, max_lines=lines, placeholder="…", break_on_hyphens=False)
    return "\n".join(wrapped) or " "


def inches(words: str, size: float) -> float:
    """Return about how wide words are that are written in a size of so many points."""
    return max(map(_cells, words.split("\n"))) * size * _LETTER / _POINTS


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)

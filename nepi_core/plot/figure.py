"""Draws a picture of an experiment as a figure of matplotlib; one unit of its axes is one inch."""

from __future__ import annotations

import hashlib
import io
import textwrap
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from nepi_core.plot.picture import Line, LineKind, Mark, Picture, Place
from nepi_core.plot.placement import place_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# A report replaces these three by colours that follow the reader's light or dark screen; all others are of middle
# brightness and serve on both.
INK, MUTED, PAPER = "#1c2026", "#6b7280", "#fefefe"

RED = "#dc2626"
AMBER = "#c2740a"
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

_MOST_BADGES = 6
_MOST_NAMES = 250
_BOX_CELLS, _BADGE_CELLS = 20, 24
_BOX_HEIGHT, _BADGE_HEIGHT = 0.36, 0.21
_MARGIN = 0.3
_DASHES = (0, (4, 2.5))
_ARROW = "-|>,head_length=4.5,head_width=2"
_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "Noto Sans Arabic", "Noto Emoji")
_EMPTY = "This experiment has no resources yet."


class _Rectangle(NamedTuple):
    """Where a mark is drawn: its centre and its size."""

    x: float
    y: float
    width: float
    height: float


def draw(picture: Picture, widest: float = 22.0) -> Figure:
    """Return the figure of a picture, at most so many inches wide and high, and a little more for the legend."""
    import matplotlib as mpl

    with mpl.rc_context({"text.parse_math": False, "font.family": _fonts(), "font.size": 9.0}):
        return _Drawing(picture, widest).figure


def render(figure: Figure, ending: str, *, paper: str = "#ffffff") -> bytes:
    """Return the figure as a file of the kind that the ending ("png", "svg") says; the same one for the same figure."""
    import matplotlib as mpl

    file = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if ending == "svg" else {"Software": None}
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "nepi"}), warnings.catch_warnings():
        # A font without a sign of a name shows a box in a PNG; in an SVG the reader's own fonts have their say.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(file, format=ending, dpi=110, facecolor=paper, metadata=metadata)
    return file.getvalue()


def _fonts() -> list[str]:
    """Return the fonts to look for signs in, of those that this machine has; matplotlib warns of any other."""
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in known]  # DejaVu Sans comes with matplotlib


def kind_colour(kind: str) -> str:
    """Return the colour of a backend, the same one in every picture."""
    number = int.from_bytes(hashlib.sha256(kind.encode()).digest()[:2], "big")
    return _KINDS.get(kind) or _OTHER_KINDS[number % len(_OTHER_KINDS)]


class _Drawing:
    """One figure in the making."""

    def __init__(self, picture: Picture, widest: float) -> None:
        self._picture = picture
        self._attached = picture.attached()
        places = place_marks(picture)
        self._across = max((x for x, _ in places.values()), default=0.0)
        self._down = -min((y for _, y in places.values()), default=0.0)
        self._up = max((y for _, y in places.values()), default=0.0)
        badges = min(max(map(len, self._attached.values()), default=0), _MOST_BADGES)
        self._unit = self._choose_unit(badges, widest)
        self._boxes = self._unit >= 1.2 or len(places) <= 2
        self._below = 0.3 + (badges * 0.25 if self._boxes else 0.1)
        self.figure, self._axes = self._make_axes()
        self._rectangles: dict[str, _Rectangle] = {}
        self._draw(places)

    def _choose_unit(self, badges: int, widest: float) -> float:
        """Return the inches from a mark to its neighbour: enough for names and what is attached, if there is room."""
        worded = any(line.label for line in self._picture.lines)
        wanted = max(2.5 if worded else 1.8, 1.0 + 0.25 * badges)
        return min(wanted, (widest - 2.2) / max(self._across, self._up + self._down, 0.1))

    def _make_axes(self) -> tuple[Figure, Axes]:
        from matplotlib.figure import Figure

        side = 1.0 if self._boxes else 0.6
        width = max(self._across * self._unit + 2 * (side + _MARGIN), 6.0)
        legend = 0.3 + 0.2 * len(self._picture.notices) + (0.25 if self._picture.marks else 0.0)
        drawn = (self._up + self._down) * self._unit + 0.45 + self._below
        height = 0.5 + drawn + legend + 0.1
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        left = (self._across * self._unit - width) / 2
        low = -self._down * self._unit - self._below - legend
        axes.set(xlim=(left, left + width), ylim=(low, low + height))
        axes.axis("off")
        return figure, axes

    def _draw(self, places: dict[str, Place]) -> None:
        for mark in self._picture.standing():
            x, y = places[mark.key]
            self._draw_standing(mark, x * self._unit, y * self._unit)
        if not self._boxes:
            self._draw_dots()
        self._draw_lines()
        self._caption()

    # -- marks ------------------------------------------------------------------------------------------------------

    def _draw_standing(self, mark: Mark, x: float, y: float) -> None:
        if self._boxes:
            self._draw_box(mark, x, y)
            self._draw_badges(mark.key, x, y - _BOX_HEIGHT / 2)
            return
        size = min(0.16, 0.4 * self._unit)
        for key in (mark.key, *(badge.key for badge in self._attached.get(mark.key, ()))):
            self._rectangles[key] = _Rectangle(x, y, size, size)

    def _draw_box(self, mark: Mark, x: float, y: float) -> None:
        words = _name(mark, _BOX_CELLS)
        colour = mark.colour or kind_colour(mark.kind)
        width = max(0.7, _inches(words, 9) + 0.22)
        height = _BOX_HEIGHT + 0.13 * words.count("\n")
        rectangle = self._rectangles[mark.key] = _Rectangle(x, y, width, height)
        line, thick = (RED, 2.6) if mark.failed else (colour, 0.8)
        self._draw_rounded(rectangle, fill=colour, line=line, thick=thick)
        self._write(x, y, words, color=_ink_on(colour), size=9, weight="bold")

    def _draw_badges(self, host: str, x: float, top: float) -> None:
        badges = self._attached.get(host, [])
        shown = badges if len(badges) <= _MOST_BADGES else badges[: _MOST_BADGES - 1]
        for number, badge in enumerate(shown):
            self._draw_badge(badge, _name(badge, _BADGE_CELLS, 1), x, top - 0.17 - 0.25 * number)
        hidden = badges[len(shown) :]
        for badge in hidden[:1]:
            more = Mark(badge.key, "", badge.kind, failed=any(each.failed for each in hidden))
            self._draw_badge(more, f"and {len(hidden)} more", x, top - 0.17 - 0.25 * len(shown))
        self._rectangles.update({badge.key: self._rectangles[hidden[0].key] for badge in hidden[1:]})

    def _draw_badge(self, badge: Mark, words: str, x: float, y: float) -> None:
        rectangle = self._rectangles[badge.key] = _Rectangle(x, y, _inches(words, 7.5) + 0.2, _BADGE_HEIGHT)
        line = RED if badge.failed else badge.colour or kind_colour(badge.kind)
        self._draw_rounded(rectangle, fill=PAPER, line=line, thick=1.8 if badge.failed else 1.0)
        self._write(x, y, words, color=INK, size=7.5)

    def _draw_rounded(self, rectangle: _Rectangle, *, fill: str, line: str, thick: float) -> None:
        from matplotlib.patches import FancyBboxPatch

        x, y, width, height = rectangle
        style = f"round,pad=0,rounding_size={min(height / 2, 0.11)}"
        corner = (x - width / 2, y - height / 2)
        box = FancyBboxPatch(corner, width, height, boxstyle=style, facecolor=fill, edgecolor=line, linewidth=thick)
        self._axes.add_patch(box).set_zorder(3)

    def _draw_dots(self) -> None:
        """Draw marks as dots: there are too many for boxes."""
        standing = self._picture.standing()
        spots = [self._rectangles[mark.key] for mark in standing]
        troubled = {badge.host for badge in self._picture.marks.values() if badge.failed and badge.host}
        failed = [mark.failed or mark.key in troubled for mark in standing]
        self._axes.scatter(
            [spot.x for spot in spots],
            [spot.y for spot in spots],
            s=[(72 * spot.width) ** 2 for spot in spots],
            c=[mark.colour or kind_colour(mark.kind) for mark in standing],
            edgecolors=[RED if bad else PAPER for bad in failed],
            linewidths=[2.0 if bad else 0.6 for bad in failed],
            zorder=3,
        )
        if len(standing) <= _MOST_NAMES and self._unit >= 0.55:
            for mark, spot in zip(standing, spots, strict=True):
                words = _name(mark, int(14 * self._unit))
                self._write(spot.x, spot.y - 0.13, words, color=INK, size=7, va="top", linespacing=0.95)
        else:
            self._picture.notices.append(f"The names of the {len(standing)} resources are left out for lack of room.")
        if self._attached:
            number = sum(map(len, self._attached.values()))
            self._picture.notices.append(f"{number} resources attached to others are not drawn for lack of room.")

    # -- lines --------------------------------------------------------------------------------------------------------

    def _draw_lines(self) -> None:
        lines = self._picture.lines if self._boxes else list(self._between_dots())
        arrows = [line for line in lines if line.kind is LineKind.CONDITION]
        plain = [line for line in lines if line.kind is not LineKind.CONDITION]
        number = Counter(map(self._ends, plain))
        drawn: Counter[frozenset[_Rectangle]] = Counter()
        self._draw_straight([line for line in plain if number[self._ends(line)] == 1])
        for line in plain:
            ends = self._ends(line)
            if number[ends] > 1:
                self._draw_curve(line, 0.22 * (drawn[ends] - (number[ends] - 1) / 2))
                drawn[ends] += 1
        for line in arrows:
            self._draw_arrow(line)

    def _between_dots(self) -> Iterator[Line]:
        """Yield the lines between different dots, each once."""
        seen = set()
        for line in self._picture.lines:
            ends = (self._rectangles[line.first], self._rectangles[line.second], line.kind)
            if ends[0] != ends[1] and ends not in seen:
                seen.add(ends)
                yield Line(line.first, line.second, line.kind, "", line.failed)

    def _ends(self, line: Line) -> frozenset[_Rectangle]:
        return frozenset((self._rectangles[line.first], self._rectangles[line.second]))

    def _draw_straight(self, lines: list[Line]) -> None:
        from matplotlib.collections import LineCollection

        segments = [[self._rectangles[key][:2] for key in (line.first, line.second)] for line in lines]
        looks = [_look(line) for line in lines]
        self._axes.add_collection(
            LineCollection(segments, colors=[colour for colour, _ in looks], linewidths=[thick for _, thick in looks])
        ).set_zorder(1)
        for line, ((x1, y1), (x2, y2)) in zip(lines, segments, strict=True):
            self._label((x1 + x2) / 2, (y1 + y2) / 2, line.label)

    def _draw_curve(self, line: Line, bend: float) -> None:
        start, end = (self._rectangles[key][:2] for key in (line.first, line.second))
        if start > end:
            start, end = end, start  # so that lines drawn in opposite directions do not bend to the same side
        self._bent(line, start, end, bend, arrowstyle="-", zorder=1)

    def _draw_arrow(self, line: Line) -> None:
        first, second = self._rectangles[line.first], self._rectangles[line.second]
        if first != second:
            start, end, bend = _route(first, second)
            self._bent(line, start, end, bend, arrowstyle=_ARROW, linestyle=_DASHES, zorder=2)

    def _bent(self, line: Line, start: Place, end: Place, bend: float, **more: Any) -> None:
        from matplotlib.patches import FancyArrowPatch

        colour, thick = _look(line)
        look = {"color": colour, "linewidth": thick, "shrinkA": 1, "shrinkB": 1, **more}
        self._axes.add_patch(FancyArrowPatch(start, end, connectionstyle=f"arc3,rad={bend}", **look))
        across, up = end[0] - start[0], end[1] - start[1]
        self._label((start[0] + end[0] + bend * up) / 2, (start[1] + end[1] - bend * across) / 2, line.label)

    # -- words --------------------------------------------------------------------------------------------------------

    def _label(self, x: float, y: float, words: str) -> None:
        if words:
            box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}
            self._write(x, y, words, color=INK, size=7, zorder=5, bbox=box)

    def _write(self, x: float, y: float, words: str, **look: Any) -> None:
        self._axes.text(x, y, words, **{"ha": "center", "va": "center", "zorder": 6, **look})

    def _caption(self) -> None:
        left, right = self._axes.get_xlim()
        low, top = self._axes.get_ylim()
        self._write(left + _MARGIN, top - 0.26, self._picture.title, color=INK, size=12, weight="bold", ha="left")
        for number, notice in enumerate(reversed(self._picture.notices)):
            self._write(left + _MARGIN, low + 0.18 + 0.2 * number, notice, color=MUTED, size=8, ha="left")
        if not self._picture.marks:
            self._write((left + right) / 2, (low + top) / 2 - 0.1, _EMPTY, color=MUTED, size=11)
            return
        bottom = (0.1 + 0.2 * len(self._picture.notices)) / self.figure.get_figheight()
        columns = max(2, int((right - left) / 1.3))
        self.figure.legend(
            handles=list(self._legend()),
            loc="lower left",
            bbox_to_anchor=((_MARGIN - 0.08) / (right - left), bottom),
            ncols=columns,
            frameon=False,
            fontsize=8,
            labelcolor=INK,
            borderpad=0.2,
            borderaxespad=0.0,
            handlelength=1.6,
            columnspacing=1.4,
        )

    def _legend(self) -> Iterator[Any]:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        for kind in sorted({mark.kind for mark in self._picture.marks.values()}):
            yield Patch(color=kind_colour(kind), label=kind)
        if any(mark.failed for mark in self._picture.marks.values()):
            yield Patch(facecolor="none", edgecolor=RED, linewidth=2, label="✕ failed")
        for line_kind in LineKind:
            if any(line.kind is line_kind for line in self._picture.lines):
                colour, thick = _look(Line("", "", line_kind))
                handle = Line2D([], [], color=colour, linewidth=thick, label=line_kind.value)
                if line_kind is LineKind.CONDITION:
                    handle.set_linestyle(_DASHES)
                yield handle


def _route(first: _Rectangle, second: _Rectangle) -> tuple[Place, Place, float]:
    """Return start and end of an arrow, on the rims of two marks, and how much it bends.

    Between marks that stand above one another it goes in a bow around what is between them: downwards on the right,
    upwards on the left, so that two arrows of opposite directions do not meet.
    """
    beside = abs(second.x - first.x) >= (first.width + second.width) / 2
    side = 1 if (second.x > first.x if beside else second.y < first.y) else -1
    start = (first.x + side * first.width / 2, first.y)
    end = (second.x - side * second.width / 2 * (1 if beside else -1), second.y)
    if beside:
        return start, end, 0.18
    bow = side * (0.22 + abs(end[0] - start[0]) / 2)
    return start, end, 2 * bow / ((end[1] - start[1]) or 1.0)


def _look(line: Line) -> tuple[str, float]:
    """Return colour and thickness of a line."""
    if line.failed:
        return RED, 2.0
    return {LineKind.LINK: (MUTED, 1.8), LineKind.CONNECTION: (MUTED, 0.9), LineKind.CONDITION: (AMBER, 1.1)}[line.kind]


def _name(mark: Mark, cells: int, lines: int = 2) -> str:
    """Return a mark's label, in so many lines at most and shortened, in signs of a fixed width."""
    label = f"✕ {mark.label}" if mark.failed else mark.label
    width = max(4, cells * len(label) // max(_cells(label), 1))
    wrapped = textwrap.wrap(label, width, max_lines=lines, placeholder="…", break_on_hyphens=False)
    return "\n".join(wrapped) or " "


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _inches(words: str, size: float) -> float:
    """Return about how wide words are that are written in a size of so many points."""
    return max(map(_cells, words.split("\n"))) * size * 0.0088


def _ink_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour (relative luminance of WCAG 2, simplified)."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return "#ffffff" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.2 else "#111111"


__all__ = ["AMBER", "INK", "MUTED", "PAPER", "RED", "draw", "kind_colour", "render"]

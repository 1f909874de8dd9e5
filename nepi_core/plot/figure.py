"""Draws a picture of an experiment as a figure of matplotlib; one unit of its axes is one inch."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nepi_core.plot.geometry import Rectangle, Route, arrow_route, label_spot
from nepi_core.plot.picture import Line, LineKind, Mark, Picture, Place
from nepi_core.plot.placement import place_marks
from nepi_core.plot.style import AMBER, INK, MUTED, PAPER, RED, fonts, inches, ink_on, kind_colour, line_look, name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_BADGES = 6
_MOST_NAMES = 250
_BOX_CELLS, _BADGE_CELLS = 20, 24
_BOX_HEIGHT, _BADGE_HEIGHT = 0.36, 0.21
_MARGIN, _ROW = 0.3, 0.2
_NARROWEST = 6.0
_DASHES = (0, (4, 2.5))
_ARROW = "-|>,head_length=4.5,head_width=2"
_EMPTY = "This experiment has no resources yet."


def draw(picture: Picture, widest: float = 22.0) -> Figure:
    """Return the figure of a picture, about so many inches wide and high at most."""
    import matplotlib as mpl

    with mpl.rc_context({"text.parse_math": False, "font.family": fonts(), "font.size": 9.0}):
        return _Drawing(picture, widest).figure


def render(figure: Figure, ending: str, paper: str = "#ffffff") -> bytes:
    """Return the figure as a file of the kind that the ending ("png", "svg") says; the same one for the same figure."""
    import matplotlib as mpl

    file = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if ending == "svg" else {"Software": None}
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "nepi"}), warnings.catch_warnings():
        # A font without a sign of a name shows a box in a PNG; in an SVG the reader's own fonts have their say.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(file, format=ending, dpi=110, facecolor=paper, metadata=metadata)
    return file.getvalue()


class _Drawing:
    """One figure in the making."""

    def __init__(self, picture: Picture, widest: float) -> None:
        from matplotlib.figure import Figure

        self._picture = picture
        self._notices = list(picture.notices)
        self._attached = picture.attached()
        self._rectangles: dict[str, Rectangle] = {}
        self._labels: list[Rectangle] = []
        self._numbered: list[str] = []
        self.figure = Figure()
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.axis("off")
        places = place_marks(picture)
        self._unit = self._choose_unit(places, widest)
        self._boxes = self._unit >= 1.2 or len(places) <= 2
        self._draw_marks(places)
        self._draw_lines()
        self._finish()

    def _choose_unit(self, places: dict[str, Place], widest: float) -> float:
        """Return the inches from a mark to its neighbour: enough for names and what is attached, if there is room."""
        badges = min(max(map(len, self._attached.values()), default=0), _MOST_BADGES)
        wanted = max(2.5 if any(line.label for line in self._picture.lines) else 1.8, 1.0 + 0.25 * badges)
        extents = [max(axis) - min(axis) for axis in zip(*places.values(), strict=True)]
        return min(wanted, (widest - 2) / max(*extents, 0.1)) if extents else wanted

    # -- marks ------------------------------------------------------------------------------------------------------

    def _draw_marks(self, places: dict[str, Place]) -> None:
        for mark in self._picture.standing():
            x, y = (self._unit * coordinate for coordinate in places[mark.key])
            if self._boxes:
                self._draw_box(mark, x, y)
                self._draw_badges(mark.key, x, y - _BOX_HEIGHT / 2)
            else:
                self._place_dot(mark, x, y)
        if not self._boxes:
            self._draw_dots()

    def _draw_box(self, mark: Mark, x: float, y: float) -> None:
        words = name(mark, _BOX_CELLS)
        colour = mark.colour or kind_colour(mark.kind)
        height = _BOX_HEIGHT + 0.13 * words.count("\n")
        rectangle = self._rectangles[mark.key] = Rectangle(x, y, max(0.7, inches(words, 9) + 0.22), height)
        line, thick = (RED, 2.6) if mark.failed else (colour, 0.8)
        self._draw_rounded(rectangle, fill=colour, line=line, thick=thick)
        self._write(x, y, words, color=ink_on(colour), size=9, weight="bold")

    def _draw_badges(self, host: str, x: float, top: float) -> None:
        badges = self._attached.get(host, [])
        shown = badges if len(badges) <= _MOST_BADGES else badges[: _MOST_BADGES - 1]
        for number, badge in enumerate(shown):
            self._draw_badge(badge, name(badge, _BADGE_CELLS, 1), x, top - 0.17 - 0.25 * number)
        hidden = badges[len(shown) :]
        for badge in hidden[:1]:
            rest = Mark(badge.key, "", badge.kind, failed=any(each.failed for each in hidden))
            self._draw_badge(rest, f"and {len(hidden)} more", x, top - 0.17 - 0.25 * len(shown))
        self._rectangles.update({badge.key: self._rectangles[hidden[0].key] for badge in hidden[1:]})

    def _draw_badge(self, badge: Mark, words: str, x: float, y: float) -> None:
        rectangle = self._rectangles[badge.key] = Rectangle(x, y, inches(words, 7.5) + 0.2, _BADGE_HEIGHT)
        line = RED if badge.failed else badge.colour or kind_colour(badge.kind)
        self._draw_rounded(rectangle, fill=PAPER, line=line, thick=1.8 if badge.failed else 1.0)
        self._write(x, y, words, color=INK, size=7.5)

    def _draw_rounded(self, rectangle: Rectangle, *, fill: str, line: str, thick: float) -> None:
        from matplotlib.patches import FancyBboxPatch

        x, y, width, height = rectangle
        style = f"round,pad=0,rounding_size={min(height / 2, 0.11)}"
        corner = (x - width / 2, y - height / 2)
        box = FancyBboxPatch(corner, width, height, boxstyle=style, facecolor=fill, edgecolor=line, linewidth=thick)
        self._axes.add_patch(box).set_zorder(3)

    def _place_dot(self, mark: Mark, x: float, y: float) -> None:
        size = max(0.07, min(0.16, 0.4 * self._unit))
        for key in (mark.key, *(badge.key for badge in self._attached.get(mark.key, ()))):
            self._rectangles[key] = Rectangle(x, y, size, size)

    def _draw_dots(self) -> None:
        """Draw marks as dots: there are too many for boxes."""
        standing = self._picture.standing()
        spots = [self._rectangles[mark.key] for mark in standing]
        troubled = {badge.host for badge in self._picture.marks.values() if badge.failed}
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
        if len(standing) <= _MOST_NAMES and self._unit >= 0.5:
            for mark, spot in zip(standing, spots, strict=True):
                words = name(mark, int(14 * self._unit))
                self._write(spot.x, spot.y - 0.13, words, color=INK, size=7, va="top", linespacing=0.95)
        else:
            self._notices.append(f"The names of the {len(standing)} resources are left out for lack of room.")
        if self._attached:
            number = sum(map(len, self._attached.values()))
            self._notices.append(f"Resources that are attached to others ({number}) are not drawn for lack of room.")

    # -- lines ------------------------------------------------------------------------------------------------------

    def _draw_lines(self) -> None:
        lines = self._picture.lines if self._boxes else list(self._between_dots())
        plain = [line for line in lines if line.kind is not LineKind.CONDITION]
        number = Counter(map(self._ends, plain))
        drawn: Counter[frozenset[Rectangle]] = Counter()
        self._draw_straight([line for line in plain if number[self._ends(line)] == 1])
        for line in plain:
            ends = self._ends(line)
            if number[ends] > 1:
                self._draw_parallel(line, 0.22 * (drawn[ends] - (number[ends] - 1) / 2))
                drawn[ends] += 1
        for line in lines:
            if line.kind is LineKind.CONDITION:
                self._draw_arrow(line)

    def _between_dots(self) -> Iterator[Line]:
        """Yield the lines between different dots, each once."""
        seen = set()
        for line in self._picture.lines:
            ends = (self._rectangles[line.first], self._rectangles[line.second], line.kind)
            if ends[0] != ends[1] and ends not in seen:
                seen.add(ends)
                yield Line(line.first, line.second, line.kind, "", line.failed)

    def _ends(self, line: Line) -> frozenset[Rectangle]:
        return frozenset((self._rectangles[line.first], self._rectangles[line.second]))

    def _centres(self, line: Line) -> tuple[Place, Place]:
        first, second = self._rectangles[line.first], self._rectangles[line.second]
        return (first.x, first.y), (second.x, second.y)

    def _draw_straight(self, lines: list[Line]) -> None:
        from matplotlib.collections import LineCollection

        colours, thick = zip(*map(line_look, lines), strict=True) if lines else ((), ())
        segments = [self._centres(line) for line in lines]
        self._axes.add_collection(LineCollection(segments, colors=colours, linewidths=thick)).set_zorder(1)
        for line in lines:
            self._label(line, Route(*self._centres(line)))

    def _draw_parallel(self, line: Line, bend: float) -> None:
        start, end = sorted(self._centres(line))  # else those of opposite directions would bend to the same side
        self._draw_bent(line, Route(start, end, bend), arrowstyle="-", zorder=1)

    def _draw_arrow(self, line: Line) -> None:
        first, second = self._rectangles[line.first], self._rectangles[line.second]
        if first != second:
            self._draw_bent(line, arrow_route(first, second), arrowstyle=_ARROW, linestyle=_DASHES, zorder=2)

    def _draw_bent(self, line: Line, route: Route, **more: Any) -> None:
        from matplotlib.patches import FancyArrowPatch

        colour, thick = line_look(line)
        look = {"color": colour, "linewidth": thick, "shrinkA": 1, "shrinkB": 1, **more}
        self._axes.add_patch(FancyArrowPatch(route.start, route.end, connectionstyle=f"arc3,rad={route.bend}", **look))
        self._label(line, route)

    # -- words ------------------------------------------------------------------------------------------------------

    def _label(self, line: Line, route: Route) -> None:
        """Write at a line, or where there is no room, write a number there and the words below the picture."""
        if not line.label:
            return
        spot, covered = self._spot(route, line.label)
        if not covered or line.kind is not LineKind.CONDITION:
            box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}
            self._write_label(spot, line.label, color=INK, size=7, bbox=box)
            return
        number = str(len(self._numbered) + 1)
        first, second = (self._picture.marks[key].label for key in (line.first, line.second))
        words = line.label.replace("\n", "; ")
        self._numbered.append(
            f"({number})  {second}: {words}" if first == second else f"({number})  {second}: {words} of {first}"
        )
        circle = {"facecolor": AMBER, "edgecolor": "none", "boxstyle": "circle,pad=0.2"}
        self._write_label(self._spot(route, number)[0], number, color="#ffffff", size=6.5, weight="bold", bbox=circle)

    def _spot(self, route: Route, words: str) -> tuple[Rectangle, float]:
        taken = [*self._rectangles.values(), *self._labels]
        width, height = max(inches(words, 7) + 0.06, 0.2), max(0.13 * (1 + words.count("\n")), 0.16)
        return label_spot(route, width, height, taken)

    def _write_label(self, spot: Rectangle, words: str, **look: Any) -> None:
        self._labels.append(spot)
        self._write(spot.x, spot.y, words, zorder=5, **look)

    def _write(self, x: float, y: float, words: str, **look: Any) -> None:
        self._axes.text(x, y, words, **{"ha": "center", "va": "center", "zorder": 6, **look})

    # -- around it ----------------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Fit the figure around what is drawn, and write title, legend and notices above and below it."""
        drawn = [*self._rectangles.values(), *self._labels] or [Rectangle(0, 0, 3, 0.8)]
        below = [*self._numbered, *self._notices]
        widths = [inches(words, 8) for words in below] + [inches(self._picture.title, 13), _NARROWEST - 2 * _MARGIN]
        left, right = min(each.x - each.width / 2 for each in drawn), max(each.x + each.width / 2 for each in drawn)
        spare = max(max(widths) - (right - left), 0.4) / 2 + _MARGIN
        left, right = left - spare, right + spare
        top = max(each.y + each.height / 2 for each in drawn) + (0.65 if self._picture.title else 0.15)
        floor = min(each.y - each.height / 2 for each in drawn) - (0.3 if self._boxes else 0.45)
        low = floor - 0.3 - _ROW * len(below)
        self.figure.set_size_inches(right - left, top - low)
        self._axes.set(xlim=(left, right), ylim=(low, top))
        self._write(left + _MARGIN, top - 0.27, self._picture.title, color=INK, size=12, weight="bold", ha="left")
        for number, words in enumerate(below):
            self._write(left + _MARGIN, floor - 0.26 - _ROW * number, words, color=MUTED, size=8, ha="left")
        if self._picture.marks:
            self._write_legend((floor - low) / (top - low))
        else:
            self._write((left + right) / 2, 0.0, _EMPTY, color=MUTED, size=11)

    def _write_legend(self, bottom: float) -> None:
        width = self.figure.get_figwidth()
        self.figure.legend(
            handles=list(self._legend()),
            loc="lower left",
            bbox_to_anchor=((_MARGIN - 0.05) / width, bottom - 0.1 / self.figure.get_figheight()),
            ncols=max(2, int(width / 1.15)),
            frameon=False,
            fontsize=8,
            labelcolor=INK,
            borderpad=0.0,
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
                colour, thick = line_look(Line("", "", line_kind))
                handle = Line2D([], [], color=colour, linewidth=thick, label=line_kind.value)
                if line_kind is LineKind.CONDITION:
                    handle.set_linestyle(_DASHES)
                yield handle

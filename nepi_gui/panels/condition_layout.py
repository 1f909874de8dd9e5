"""Where the words of a sentence stand in a list, and what can be pressed there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from nepi_gui.document.sentences import Part, Words

MARGIN = 8.0
_GAP = 3.0  # pixels between two lines
_PAD = 2.0  # of a part on both sides, for its ground when the mouse is over it
_TOOL = 22.0


class Tool(StrEnum):
    """A button at the end of a sentence."""

    DUPLICATE = "duplicate"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Placed:
    """Words at their place."""

    rect: QRectF
    text: str
    part: Part | None


@dataclass(frozen=True, slots=True)
class SentenceLayout:
    """A sentence as it is drawn, from its upper left corner on.

    Attributes:
        doubt: the lines that say why the condition may never be met.
    """

    size: QSizeF
    words: tuple[Placed, ...]
    doubt: tuple[Placed, ...] = ()
    tools: dict[Tool, QRectF] = field(default_factory=dict)

    def part_at(self, place: QPointF) -> Part | None:
        """Return the part that is at a place."""
        return next((each.part for each in self.words if each.part and each.rect.contains(place)), None)

    def tool_at(self, place: QPointF) -> Tool | None:
        """Return the button that is at a place."""
        return next((tool for tool, rect in self.tools.items() if rect.contains(place)), None)

    def rect_of(self, part: Part) -> QRectF:
        """Return where a part stands."""
        return next((each.rect for each in self.words if each.part is part), QRectF())

    def parts(self) -> list[Part]:
        """Return the parts in the order of the sentence."""
        return [each.part for each in self.words if each.part]


class Typesetter:
    """Breaks sentences into lines; knows how wide words are."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.strong = QFont(font)
        self.strong.setBold(True)
        self.small = QFont(font)
        self.small.setPointSizeF(font.pointSizeF() * 0.9)
        self._metrics = {bold: QFontMetricsF(self.strong if bold else font) for bold in (False, True)}
        self._small = QFontMetricsF(self.small)
        self._widths: dict[tuple[str, bool], float] = {}

    def font_of(self, part: Part | None) -> QFont:
        """Return the font of a part: what counts in a sentence is bold."""
        return self.strong if part in (Part.ACTION, Part.DELAY) else self.font

    def lay(self, words: Iterable[Words], doubt: str, width: float) -> SentenceLayout:
        """Place a sentence in a column of this width."""
        metrics = self._metrics[False]
        height, room = metrics.height() + 2, max(width - 2 * MARGIN, 60.0)
        x, y = 0.0, 0.0
        placed: list[Placed] = []
        for text, part in _chunks(words):
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) if part else text
            own = self._width(text, part in (Part.ACTION, Part.DELAY)) + (2 * _PAD if part else 0.0)
            in_line = room if y else room - 2 * _TOOL  # the first line leaves room for the buttons
            if x and x + own > in_line and text.strip():
                x, y = 0.0, y + height + _GAP
            if x or text.strip():
                placed.append(Placed(QRectF(MARGIN + x, MARGIN + y, own, height), text, part))
                x += own
        bottom = MARGIN + y + height
        doubts = tuple(self._doubt_lines(doubt, bottom + _GAP, width - 2 * MARGIN - 18)) if doubt else ()
        bottom = doubts[-1].rect.bottom() if doubts else bottom
        return SentenceLayout(QSizeF(width, bottom + MARGIN), tuple(placed), doubts, _tools(width))

    def _doubt_lines(self, text: str, top: float, room: float) -> Iterable[Placed]:
        height, line = self._small.height(), ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self._small.horizontalAdvance(longer) > room:
                yield Placed(QRectF(MARGIN + 18, top, room, height), line, None)
                top, longer = top + height, word
            line = longer
        yield Placed(QRectF(MARGIN + 18, top, room, height), line, None)

    def _width(self, text: str, bold: bool) -> float:
        key = (text, bold)
        if key not in self._widths:
            self._widths[key] = self._metrics[bold].horizontalAdvance(text)
        return self._widths[key]


def _chunks(words: Iterable[Words]) -> Iterable[tuple[str, Part | None]]:
    """Yield what must not be broken: a part, or a word between parts, or the space between two."""
    for each in words:
        if each.part:
            yield each.text, each.part
            continue
        for number, word in enumerate(each.text.split(" ")):
            if number:
                yield " ", None
            if word:
                yield word, None


def _tools(width: float) -> dict[Tool, QRectF]:
    left = width - MARGIN / 2 - _TOOL
    return {
        Tool.DELETE: QRectF(left, MARGIN - 2, _TOOL, _TOOL),
        Tool.DUPLICATE: QRectF(left - _TOOL, MARGIN - 2, _TOOL, _TOOL),
    }

"""What programs have written as text that is safe to show: no colours, no control characters, no endless lines."""

from __future__ import annotations

import codecs
import re

LONGEST_LINE = 4_000
"""Characters after which a line is broken: laying out a line takes the longer, the longer it is."""

BREAK = "⋯\n"
"""What stands where a line was broken."""

_LONGEST_SEQUENCE = 4_096  # characters of an escape sequence that does not end; what comes then is text

# Escape sequences of terminals: of colours and cursor (CSI); of titles and links (OSC, DCS ...); of one letter.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\`-~]"
)
# One that may go on in what is still to be read.
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")

# What would act on the widget, or make text look other than it is: controls, and those of writing direction.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffc]")
_LINE_ENDS = re.compile(r"\r\n?")
_LONG_LINE = re.compile(rf"[^\n]{{{LONGEST_LINE}}}(?=[^\n])")


class PlainText:
    """Turns bytes into text, in pieces of any size: together they are the same as all at once.

    Colours are left out; bytes that are no UTF-8 become U+FFFD, control characters their pictures, such as ␀; a
    carriage return begins a line; what is longer than `LONGEST_LINE` is broken by `BREAK`.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting = ""
        self._column = 0

    def take(self, data: bytes, is_end: bool = False) -> str:
        """Return the text of the next bytes; what may change by those after them waits, unless this is the end."""
        text = self._waiting + self._decoder.decode(data, is_end)
        self._waiting = ""
        if not is_end:
            text = self._hold_back(text)
        if "\x1b" in text:
            text = _ESCAPES.sub("", text)
        if "\r" in text:
            text = _LINE_ENDS.sub("\n", text)
        return self._break(_UNSAFE.sub(_picture, text))

    def _hold_back(self, text: str) -> str:
        begun = _BEGUN.search(text, max(0, len(text) - _LONGEST_SEQUENCE))
        place = begun.start() if begun else len(text) - text.endswith("\r")
        self._waiting = text[place:]
        return text[:place]

    def _break(self, text: str) -> str:
        """Break long lines, counting what of the first one was given before."""
        first, newline, rest = text.partition("\n")
        if self._column + len(first) > LONGEST_LINE:
            padded = _LONG_LINE.sub(lambda found: found[0] + BREAK, "\0" * self._column + first)
            first = padded[self._column :]
        if len(rest) > LONGEST_LINE:
            rest = _LONG_LINE.sub(lambda found: found[0] + BREAK, rest)
        whole = first + newline + rest
        last_line = whole.rfind("\n")
        self._column = self._column + len(whole) if last_line < 0 else len(whole) - last_line - 1
        return whole


def plain_text(data: bytes) -> str:
    """Return all of some bytes as text; see `PlainText`."""
    return PlainText().take(data, is_end=True)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"

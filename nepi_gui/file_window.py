"""A part of a text file of any size, which grows and is moved along it; what it costs does not depend on the file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nepi_gui.plain_text import PlainText, plain_text

MOST_BYTES = 1024 * 1024
MOST_LINES = 20_000
"""How much of the file the window holds; what is at its other end goes."""

_PIECE = 128 * 1024  # bytes read at once
_PIECE_LINES = 2_000
_SEARCHED = 256 * 1024  # bytes searched in one step


@dataclass(slots=True)
class Piece:
    """Bytes of the file from ``begin`` to ``end``, how many lines they end, and the length of their text for Qt."""

    begin: int
    end: int
    lines: int = 0
    length: int = 0

    def extend(self, data: bytes, text: str) -> None:
        """Add bytes at the end."""
        self.end += len(data)
        self.lines += data.count(b"\n")
        self.length += len(text.encode("utf-16-le")) // 2


class FileWindow:
    """Reads the parts of a file that are looked at. All positions are in bytes.

    Attributes:
        path: the file.
        size: of the file, as of the last time that it was looked at.
        pieces: what the window holds, in order, without gaps.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.pieces: list[Piece] = []
        self._text = PlainText()  # knows what line and character the end of the window is in
        self._inode = 0

    @property
    def begin(self) -> int:
        """Where the window begins."""
        return self.pieces[0].begin if self.pieces else 0

    @property
    def end(self) -> int:
        """Where the window ends."""
        return self.pieces[-1].end if self.pieces else 0

    def look(self) -> bool:
        """Look how long the file is; tell whether it is another one than before, or was begun anew.

        Raises:
            OSError: it cannot be read.
        """
        with open_regular(self.path) as descriptor:
            status = os.fstat(descriptor.number)
        is_other = self._inode not in (0, status.st_ino) or status.st_size < self.end
        self.size, self._inode = status.st_size, status.st_ino
        return is_other

    # -- anew ------------------------------------------------------------------------------------------

    def show_end(self) -> str:
        """Begin anew at the end of the file, and return the text of the last lines."""
        self.look()
        self._begin_at(self._line_start_before(self.size))
        return self.after()

    def show_from(self, place: int) -> str:
        """Begin anew with the line at a place, and return the text of the first lines from there."""
        self.look()
        self._begin_at(min(place, self.size))
        return self.after()

    def _begin_at(self, place: int) -> None:
        self.pieces = [Piece(place, place)]
        self._text = PlainText()

    def _line_start_before(self, end: int) -> int:
        """Return where the last lines before a place begin, as many as are read at once."""
        begin = max(0, end - _PIECE)
        data = _read(self.path, begin, end)
        if begin:
            begin, data = _from_line_start(begin, data)
        if data.count(b"\n") > _PIECE_LINES:
            begin += len(data.rsplit(b"\n", _PIECE_LINES + 1)[0]) + 1
        return begin

    # -- along -----------------------------------------------------------------------------------------

    def after(self) -> str:
        """Take in what comes next, as much as is read at once, and return its text; "" at the end of the file."""
        begin = self.end
        data = _first_lines(_read(self.path, begin, min(self.size, begin + _PIECE)))
        text = self._text.take(data)
        if not self._fits_last(data):
            self.pieces.append(Piece(begin, begin))
        self.pieces[-1].extend(data, text)
        return text

    def _fits_last(self, data: bytes) -> bool:
        if not self.pieces:
            return False
        last = self.pieces[-1]
        return last.end - last.begin + len(data) <= _PIECE and last.lines + data.count(b"\n") <= _PIECE_LINES

    def before(self) -> str:
        """Take in what comes before the window, as much as is read at once; "" at the beginning of the file."""
        end = self.begin
        begin = self._line_start_before(end)
        if begin == end:
            return ""
        data = _read(self.path, begin, end)
        text = plain_text(data)
        self.pieces.insert(0, Piece(begin, begin))
        self.pieces[0].extend(data, text)
        return text

    @property
    def is_too_long(self) -> bool:
        """Whether the window holds more than it should, and has pieces to give away."""
        lines = sum(each.lines for each in self.pieces)
        return len(self.pieces) > 1 and (self.end - self.begin > MOST_BYTES or lines > MOST_LINES)

    def drop_first(self) -> Piece:
        """Forget what is at the beginning."""
        return self.pieces.pop(0)

    def drop_last(self) -> Piece:
        """Forget what is at the end."""
        gone = self.pieces.pop()
        self._text = PlainText()
        return gone


def find_line(path: Path, words: str, place: int, end: int) -> Iterator[int | None]:
    """Look for a line that has some words in it, whatever their case.

    Args:
        path: the file.
        words: what is looked for.
        place: where to begin; of a line.
        end: where to stop; before the place to look backwards.

    Yields:
        None after each step that has found nothing; where the line begins, as the last value, when there is one.
    """
    wanted = words.lower()
    is_forward = end >= place
    while place != end:
        if is_forward:
            data = _read(path, place, min(end, place + _SEARCHED))
            if not data:
                return
            if place + len(data) < end and (cut := data.rfind(b"\n") + 1):
                data = data[:cut]
            begin, place = place, place + len(data)
        else:
            begin = max(end, place - _SEARCHED)
            data = _read(path, begin, place)
            if begin > end:
                begin, data = _from_line_start(begin, data)
            place = begin
        found = _line_in(data, wanted, is_forward)
        if found is not None:
            yield begin + found
            return
        yield None


def _line_in(data: bytes, wanted: str, is_forward: bool) -> int | None:
    """Return where the first or last line with some words begins, None when there is none."""
    if wanted not in plain_text(data).lower():
        return None
    place, found = 0, None
    for line in data.split(b"\n"):
        if wanted in plain_text(line).lower():
            found = place
            if is_forward:
                break
        place += len(line) + 1
    return found


class Descriptor:
    """A file that was opened, to be closed by leaving a with-statement."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __enter__(self) -> Descriptor:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self.number)


def open_regular(path: Path) -> Descriptor:
    """Open a file for reading; never wait, as for a pipe that nobody writes to.

    Raises:
        OSError: it cannot be read, or is no file that has a content.
    """
    descriptor = Descriptor(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY))
    if not stat.S_ISREG(os.fstat(descriptor.number).st_mode):
        os.close(descriptor.number)
        raise OSError(0, "it is no ordinary file", str(path))
    return descriptor


def _read(path: Path, begin: int, end: int) -> bytes:
    with open_regular(path) as descriptor:
        return os.pread(descriptor.number, max(0, end - begin), begin)


def _first_lines(data: bytes) -> bytes:
    """Return the beginning of some bytes that has no more lines than are read at once."""
    if data.count(b"\n") <= _PIECE_LINES:
        return data
    return b"\n".join(data.split(b"\n", _PIECE_LINES)[:_PIECE_LINES]) + b"\n"


def _from_line_start(begin: int, data: bytes) -> tuple[int, bytes]:
    """Return bytes without the rest of a line that they begin with, or of a character when there is no line end."""
    cut = data.find(b"\n", 0, -1) + 1
    if not cut:
        cut = next((place for place in range(min(3, len(data))) if data[place] & 0xC0 != 0x80), 0)
    return begin + cut, data[cut:]

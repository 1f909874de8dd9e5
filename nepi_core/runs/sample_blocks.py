"""Columns of numbers as few bytes, and back, exactly: what the run store keeps older samples in.

A column is written as whole numbers: decimal fractions as multiples of a power of ten, when that is exact, and anything
else by the bits of its floats. Of these the differences are kept, or what is left of them beside a straight line,
whichever becomes the fewest bytes; zlib takes out what repeats.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]
    Whole = NDArray[np.int64]

VERSION = 1
MOST = 1 << 16
"""Numbers in a column at most."""

# version, places after the point (or _BITS), way, bytes a number, grouped by significance, count, two first numbers
_HEADER = struct.Struct("<BBBBBIqq")
_CHECK = struct.Struct("<I")
_BITS = 255
_MOST_PLACES = 9
_EXACT = 2**53  # whole numbers up to here are floats exactly

_PLAIN, _DIFFERENCES, _CHANGES_OF_DIFFERENCES, _BESIDE_LINE = range(4)


class UnknownVersionError(ValueError):
    """A column that a later version of the program has written."""


class _Residue(NamedTuple):
    """Whole numbers, small ones if possible, and what makes the column of them again."""

    way: int
    first: int
    second: int
    rest: Whole


def encode(column: Column) -> bytes:
    """Return a column as bytes; all floats come back bit by bit, also NaN, infinities and -0.0.

    Raises:
        ValueError: it has more than `MOST` numbers.
    """
    if len(column) > MOST:
        raise ValueError(f"A column has {MOST} numbers at most, not {len(column)}.")
    places, whole = _whole(column)
    residues = _residues(whole, places == _BITS)
    written = (_written(places, len(column), residue, grouped) for residue in residues for grouped in (True, False))
    content = min(written, key=len)
    return content + _CHECK.pack(zlib.crc32(content))


def decode(content: bytes) -> Column:
    """Return the column that was encoded.

    Raises:
        UnknownVersionError: a later version of the program has written it.
        ValueError: it is damaged.
    """
    import numpy as np

    if content and content[0] != VERSION:
        raise UnknownVersionError(f"it is of version {content[0]}, and {VERSION} is known")
    body = content[: -_CHECK.size]
    if len(body) < _HEADER.size or content[len(body) :] != _CHECK.pack(zlib.crc32(body)):
        raise ValueError("its check sum is wrong")
    _, places, way, width, grouped, count, first, second = _HEADER.unpack_from(body)
    if width not in (1, 2, 4, 8) or count > MOST or way > _BESIDE_LINE or (way and count <= 2):
        raise ValueError("its header makes no sense")
    length = (count - min(way, 2)) * width
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(body[_HEADER.size :], length + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(plain) != length:
        raise ValueError(f"it has {len(plain)} bytes instead of {length}")
    if grouped:
        plain = np.frombuffer(plain, np.uint8).reshape(width, -1).T.tobytes()
    rest = np.frombuffer(plain, f"<i{width}").astype(np.int64)
    whole = _rebuilt(_Residue(way, first, second, rest), count)
    return whole.view(np.float64) if places == _BITS else _divided(whole, places)


def _whole(column: Column) -> tuple[int, Whole]:
    """Return a column as whole numbers, and how many decimal places they count; `_BITS` when they are bits."""
    import numpy as np

    bits = np.ascontiguousarray(column, np.float64).view(np.int64)
    if len(column) and np.isfinite(column).all():
        largest = float(np.abs(column).max())
        for places in range(_MOST_PLACES + 1):
            if largest * 10.0**places >= _EXACT:
                break
            whole = np.rint(column * 10.0**places).astype(np.int64)
            if np.array_equal(_divided(whole, places).view(np.int64), bits):  # by bits, since -0.0 equals 0.0
                return places, whole
    return _BITS, bits


def _divided(whole: Whole, places: int) -> Column:
    """Return multiples of a power of ten; a division gives the float nearest to the decimal number, as reading does."""
    divided: Column = whole / 10.0**places
    return divided


def _residues(whole: Whole, bits: bool) -> Iterator[_Residue]:
    """Yield whole numbers in all ways that they can be written; differences of bits may wrap around."""
    import numpy as np

    yield _Residue(_PLAIN, 0, 0, whole)
    if len(whole) > 2:
        first = int(whole[0])
        differences = np.diff(whole)
        yield _Residue(_DIFFERENCES, first, 0, differences)
        yield _Residue(_CHANGES_OF_DIFFERENCES, first, int(differences[0]), np.diff(differences))
        if not bits:
            last = int(whole[-1])
            yield _Residue(_BESIDE_LINE, first, last, (whole - _line(first, last, len(whole)))[1:-1])


def _line(first: int, last: int, count: int) -> Whole:
    """Return the whole numbers beside a straight line from the first to the last of a column."""
    import numpy as np

    step, odd = divmod(last - first, count - 1)
    along = np.arange(count, dtype=np.int64)
    return first + step * along + odd * along // (count - 1)


def _rebuilt(residue: _Residue, count: int) -> Whole:
    import numpy as np

    way, first, second, rest = residue
    if way == _PLAIN:
        return rest
    if way == _BESIDE_LINE:
        whole = _line(first, second, count)
        whole[1:-1] += rest
        return whole
    starts = (first,) if way == _DIFFERENCES else (second, first)
    for start in starts:
        rest = np.cumsum(np.concatenate((np.array([start], np.int64), rest)))
    return rest


def _written(places: int, count: int, residue: _Residue, grouped: bool) -> bytes:
    """Return a column's bytes; grouped by significance, since the upper bytes of small numbers are much alike."""
    import numpy as np

    way, first, second, rest = residue
    width = _width(rest)
    plain = rest.astype(f"<i{width}").tobytes()
    if grouped:
        plain = np.frombuffer(plain, np.uint8).reshape(-1, width).T.tobytes()
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    header = _HEADER.pack(VERSION, places, way, width, grouped, count, first, second)
    return header + deflater.compress(plain) + deflater.flush()


def _width(whole: Whole) -> int:
    """Return the bytes that each of some whole numbers needs."""
    if not len(whole):
        return 1
    low, high = int(whole.min()), int(whole.max())
    return next(width for width in (1, 2, 4, 8) if -(1 << 8 * width - 1) <= low and high < 1 << 8 * width - 1)

"""Numbers as users type them, with any unit of the same kind: "1.5 s" where milliseconds are asked for."""

from __future__ import annotations

import re
from fractions import Fraction

_KINDS: tuple[dict[str, Fraction], ...] = (
    {
        "us": Fraction(1, 10**6),
        "µs": Fraction(1, 10**6),
        "ms": Fraction(1, 1000),
        "s": Fraction(1),
        "min": Fraction(60),
        "h": Fraction(3600),
    },
    {
        "bit/s": Fraction(1),
        "kbit/s": Fraction(10**3),
        "mbit/s": Fraction(10**6),
        "gbit/s": Fraction(10**9),
    },
    {
        "b": Fraction(1),
        "byte": Fraction(1),
        "bytes": Fraction(1),
        "kb": Fraction(10**3),
        "mb": Fraction(10**6),
        "gb": Fraction(10**9),
        "kib": Fraction(2**10),
        "mib": Fraction(2**20),
        "gib": Fraction(2**30),
    },
)
_LONGEST = 100  # characters of a number; Python reads none of thousands of digits
_LARGEST = 10**300  # of what fits into a float
_NUMBER_AND_UNIT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*([^\d\s.]\S*)\s*")


def in_unit(text: str, unit: str) -> str:
    """Return a number that was typed with a unit as a number in another one; any other text as it is.

    >>> in_unit("1.5 s", "ms")
    '1500'
    """
    found = _NUMBER_AND_UNIT.fullmatch(text)
    if found is None or not unit:
        return text
    number, typed = found[1], found[2].lower()
    if typed == unit.lower():
        return number
    for kind in _KINDS:
        if typed in kind and unit.lower() in kind and len(number) <= _LONGEST:
            return _number_text(Fraction(number) * kind[typed] / kind[unit.lower()])
    return text


def _number_text(number: Fraction) -> str:
    if number.denominator == 1:
        return str(number.numerator)
    return repr(float(number)) if abs(number) < _LARGEST else str(round(number))

"""Numbers that stand in one row of a table, with the same prefix and the same number of decimals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
_LEAST = 1e-4  # numbers that are all smaller are told as powers of ten
_OF_HALF, _OF_VALUE, _MOST = 2, 4, 6  # significant digits: of what is uncertain, of what is not known to be, at most


class RowNumbers(NamedTuple):
    """How the numbers of a row are told.

    Attributes:
        scale: what they are divided by.
        decimals: after the point; below 0 for powers of ten.
    """

    scale: float
    decimals: int

    @classmethod
    def of(cls, values: Iterable[float], half: float, scale: float = 1.0) -> RowNumbers:
        """Return how values are told of which the first is uncertain by so much; NaN when that is not known."""
        sizes = [abs(value) / scale for value in values if math.isfinite(value)]
        largest = max(sizes, default=0.0)
        if largest and largest < _LEAST:
            return cls(scale, -1)
        wanted = _decimals(half / scale, _OF_HALF) if half > 0 else _decimals(largest, _OF_VALUE)
        return cls(scale, min(wanted, _decimals(largest, _MOST)))

    def text(self, value: float) -> str:
        """Return a number; "-" for none."""
        if math.isnan(value):
            return "-"
        if self.decimals < 0:
            return f"{value / self.scale:.3g}"
        text = f"{value / self.scale:,.{self.decimals}f}"
        return text if any(digit in text for digit in "123456789") else text.removeprefix("-")

    def signed(self, value: float) -> str:
        """Return a number with its sign, unless it is zero as it is told."""
        text = self.text(value)
        return f"+{text}" if value > 0 and any(digit in text for digit in "123456789") else text


def common_scale(values: Iterable[float]) -> tuple[float, str]:
    """Return what some values are best divided by, and the prefix that stands for it."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return next(((size, prefix) for size, prefix in _PREFIXES if largest >= size), (1.0, ""))


def _decimals(size: float, digits: int) -> int:
    """Return how many decimals a number needs in order to have so many significant digits."""
    return max(0, digits - 1 - math.floor(math.log10(size))) if size > 0 and math.isfinite(size) else 0

"""Numbers as people read them: four significant digits, and a prefix for large ones."""

from __future__ import annotations

import math

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
_FINE = 9.95  # seconds: shorter times are told with a tenth


def number_text(value: float) -> str:
    """Return a number such as "0.04312", "1,250", or "94.13 G"; "-" for none."""
    if math.isnan(value):
        return "-"
    for size, prefix in _PREFIXES:
        if abs(value) >= size and math.isfinite(value):
            return f"{value / size:.4g} {prefix}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def number_with_unit(value: float, unit: str) -> str:
    """Return a number with its unit, such as "94.13 Gbit/s"."""
    number = number_text(value)
    between = "" if number[-1:] in "TGM" else " "
    return f"{number}{between}{unit}".rstrip()


def duration_text(seconds: float) -> str:
    """Return a time as people say it: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min"."""
    if abs(seconds) < _FINE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (0 if hours else rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)

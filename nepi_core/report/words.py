"""How the report writes numbers, times, sizes and foreign text."""

from __future__ import annotations

import math
import re
from datetime import datetime

from markupsafe import Markup

_ANSI = re.compile("\x1b\\[[0-9;?]*[ -/]*[@-~]")
# Control characters, halves of characters, and marks that turn the order of letters around.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SCALED_UNITS = frozenset({"bit/s", "B/s", "B", "bit", "Hz", "packet/s", "packets/s"})
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_SPACE = "\N{NO-BREAK SPACE}"


def clean(value: object) -> object:
    """Return a value that is to stand in the page, a text without what a page cannot hold or a reader cannot see."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", _ANSI.sub("", value))
    return value


def shortened(text: object, most: int) -> str:
    """Return a text that is not longer than so many characters, and says so when it was."""
    whole = str(text)
    return whole if len(whole) <= most else f"{whole[:most]} … ({len(whole):,} characters)"


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number; a damaged file may hold anything."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def moment(seconds: object) -> str:
    """Return a time stamp as local date and time, "" for what is none."""
    try:
        return datetime.fromtimestamp(float(str(seconds))).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    except (ValueError, OverflowError, OSError):
        return ""


def duration(seconds: float) -> str:
    """Return a time as a reader would say it: 35 ms, 4.2 s, 3 min 5 s, 2 h 10 min."""
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.3g}{_SPACE}ms" if seconds else f"0{_SPACE}s"
    if abs(seconds) < 99.95:
        return f"{seconds:.3g}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (0 if hours else rest, "s"))
    return " ".join(f"{number}{_SPACE}{unit}" for number, unit in parts if number)


def size(count: int) -> str:
    """Return a number of bytes, such as 12.3 kB."""
    factor, unit = scale("B", count)
    return f"{count / factor:.3g}{_SPACE}{unit}"


def scale(unit: str, largest: float) -> tuple[float, str]:
    """Return what to divide numbers of a unit by, and the unit then: 1e6 and Mbit/s for millions of bit/s."""
    own = next((factor for factor, prefix in _PREFIXES if unit.removeprefix(prefix) in _SCALED_UNITS - {unit}), 1.0)
    base = unit if own == 1.0 else unit[1:]
    if base in _SCALED_UNITS:
        for factor, prefix in _PREFIXES:
            if largest * own >= factor:
                return factor / own, prefix + base
    return 1.0, unit


def number(value: float) -> str:
    """Return a number with separated thousands: a whole one in full, others with four or more significant digits."""
    if not math.isfinite(value):
        return "\N{EN DASH}"
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude < -4 or magnitude > 14:
        return f"{value:.3e}"
    return f"{value:,.{max(0, 3 - magnitude)}f}"


def ticks(length: float) -> list[float]:
    """Return some round times between 0 and so many seconds."""
    step = next((step for step in _steps() if length / step <= 7), length)
    return [count * step for count in range(int(length / step * 1.0000001) + 1)]


def _steps() -> list[float]:
    return [base * 10.0**power for power in range(-6, 0) for base in (1, 2, 5)] + [*map(float, _STEPS)]

"""Numbers and bounds in the sentences of checks."""

from __future__ import annotations


def shown(value: float, unit: str = "", beside: float | None = None) -> str:
    """Return a number as one says it, with its unit.

    Args:
        beside: a number that it stands beside in a sentence; where they differ, the reader must see that.
    """
    for digits in range(4, 18):
        text = _rounded(value, digits)
        if beside is None or value == beside or text != _rounded(beside, 4):
            break
    return f"{text} {unit}".rstrip()


def _rounded(value: float, digits: int) -> str:
    if not 1000 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    decimals = max(0, digits - len(str(int(abs(value)))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def allowed(at_least: float | None, at_most: float | None, unit: str = "", value: float | None = None) -> str:
    """Return the end of a sentence about a value, which says what is allowed; at least one bound is given."""
    if at_least is None and at_most is not None:
        return f"at most {shown(at_most, unit, value)} {_are(at_most)} allowed"
    if at_most is None and at_least is not None:
        return f"at least {shown(at_least, unit, value)} {_are(at_least)} needed"
    assert at_least is not None
    assert at_most is not None
    if at_least == at_most:
        return f"{shown(at_least, unit, value)} {_are(at_least)} needed"
    return f"{shown(at_least, beside=value)} to {shown(at_most, unit, value)} are allowed"


def _are(number: float) -> str:
    return "is" if number == 1 else "are"


def outside(value: float, at_least: float | None, at_most: float | None) -> float | None:
    """Return the bound that a value is beyond, None when it is within."""
    if at_least is not None and not value >= at_least:
        return at_least
    if at_most is not None and not value <= at_most:
        return at_most
    return None

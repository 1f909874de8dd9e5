"""Clock, delays and dates: one clock for all time stamps, and the texts that users write for times."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta

from nepi_core.errors import TimeFormatError

# Time stamps come from the monotonic clock, set once to the wall clock's time: a correction of the wall clock in the
# middle of a run neither stretches a delay nor puts two state changes in the wrong order.
_EPOCH = time.time() - time.monotonic()

_DATE_FORMAT = "%Y%m%d%H%M%S%f"
_DATE = re.compile(r"\d{20}")
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|us|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6}

Delay = str | int | float | timedelta | None


def now() -> float:
    """Return the seconds since 1970 by the clock of all time stamps, which never jumps."""
    return _EPOCH + time.monotonic()


def tnow() -> datetime:
    """Return the present local time."""
    return datetime.fromtimestamp(now())


def tdiff(later: datetime, earlier: datetime) -> timedelta:
    """Return the time from ``earlier`` to ``later``."""
    return later - earlier


def tdiffsec(later: datetime, earlier: datetime) -> float:
    """Return the seconds from ``earlier`` to ``later``."""
    return (later - earlier).total_seconds()


def tsformat(date: datetime | None = None) -> str:
    """Return a date (default: now) as the text ``YYYYMMDDHHMMSSffffff``."""
    date = date or tnow()
    return f"{date.year:04}{date:%m%d%H%M%S%f}"  # %Y gives a year before 1000 fewer digits


def stformat(text: str) -> datetime:
    """Return the date that a text ``YYYYMMDDHHMMSSffffff`` stands for.

    Raises:
        TimeFormatError: the text has another form.
    """
    if isinstance(text, str) and _DATE.fullmatch(text):
        try:
            return datetime.strptime(text, _DATE_FORMAT)
        except ValueError:
            pass  # twenty digits that are no date; told below
    raise TimeFormatError(f"'{text}' is no date. A date looks like 20261121143000000000 (YYYYMMDDHHMMSSffffff).")


def parse_delay(delay: Delay) -> float:
    """Return the seconds of a delay such as ``2s``, ``1.5m``, ``500ms``, ``20us``, ``2m30s``, a number, or None (0).

    Raises:
        TimeFormatError: the value is no delay, or it is negative.
    """
    if delay is None:
        return 0.0
    if isinstance(delay, timedelta):
        seconds = delay.total_seconds()
    elif isinstance(delay, (int, float)) and not isinstance(delay, bool):
        seconds = float(delay)
    else:
        seconds = _parse_delay_text(delay)
    if not 0 <= seconds < 1e10:
        raise TimeFormatError(f"'{delay}' is no delay: it must not be negative, nor longer than some hundred years.")
    return seconds


def _parse_delay_text(text: object) -> float:
    compact = text.strip() if isinstance(text, str) else ""
    if compact and _PART.sub("", compact) == "":
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(compact))
    raise TimeFormatError(
        f"'{text}' is no delay. A delay is a number with a unit: 10s, 1.5m, 500ms, 20us, 1h, or 2m30s."
    )


def format_delay(delay: Delay) -> str | None:
    """Return a delay as users write it: a text stays as it is, a number gets the unit, None stays None."""
    if delay is None or isinstance(delay, str):
        return delay
    seconds = repr(parse_delay(delay))
    return f"{float(seconds):.24f}s" if "e" in seconds else f"{seconds}s"


def due_time(date: Delay | datetime) -> float:
    """Return the seconds since 1970 of a date, or of the end of a delay that begins now, as `stabsformat` reads them.

    Raises:
        TimeFormatError: it is neither.
    """
    if isinstance(date, datetime) or (isinstance(date, str) and _DATE.fullmatch(date)):
        return stabsformat(date).timestamp()
    return now() + parse_delay(date)  # not by way of a local date: the clocks may be changed within the delay


def stabsformat(text: Delay | datetime, base: datetime | None = None) -> datetime:
    """Return the date for an absolute text, or for a delay counted from ``base`` (default: now).

    Raises:
        TimeFormatError: the text is neither.
    """
    if isinstance(text, datetime):
        return text
    if isinstance(text, str) and _DATE.fullmatch(text):
        return stformat(text)
    return (base or tnow()) + timedelta(seconds=parse_delay(text))

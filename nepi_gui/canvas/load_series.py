"""Which series of a resource type tell what a line carries, and how much it can carry, whatever backend it is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nepi_core.description import Value
from nepi_core.factory import ResourceFactory
from nepi_core.series import Series
from nepi_core.trace import Trace

_BITS = {
    "bit/s": 1.0,
    "kbit/s": 1e3,
    "Mbit/s": 1e6,
    "Gbit/s": 1e9,
    "B/s": 8.0,
    "bytes/s": 8.0,
    "kB/s": 8e3,
    "MB/s": 8e6,
}
"""Bits in a second, by unit."""

_BACK = re.compile(r"(?i)^(back|reverse|return|rx|in(?![a-z])|down|received)")
_BACK_ATTRIBUTE = re.compile(r"(?i)(back|reverse|down)$")


@dataclass(frozen=True, slots=True)
class Direction:
    """Where the load of one direction of a line stands.

    Attributes:
        trace: the trace that holds the series.
        rate, factor: the series of what passes, and how many bit/s its unit is.
        queue: the series of packets that wait; "" for none.
        limits: attributes that say how much can pass, each with its bit/s; the first that is set counts.
    """

    trace: str
    rate: str
    factor: float
    queue: str = ""
    limits: tuple[tuple[str, float], ...] = ()

    def limit(self, values: Mapping[str, Value | None]) -> float | None:
        """Return how many bit/s can pass, None when that is not limited."""
        for name, factor in self.limits:
            value = values.get(name)
            if isinstance(value, (int, float)) and value > 0:
                return value * factor
        return None


def directions_of(rtype: str) -> tuple[Direction, Direction] | None:
    """Return where the loads of lines of a type stand, forward and back; None when it has no such series.

    A line whose series tell no direction has the same load in both.
    """
    found = ResourceFactory.find(rtype)
    for trace in found.get_traces() if found is not None else ():
        rates = [series for series in trace.series if series.unit in _BITS]
        if rates:
            forward = next((each for each in rates if not _BACK.match(each.name)), rates[0])
            back = next((each for each in rates if _BACK.match(each.name)), forward)
            limits = _limits(rtype)
            return _direction(trace, forward, limits[:1]), _direction(trace, back, limits[::-1])
    return None


def _direction(trace: Trace, rate: Series, limits: tuple[tuple[str, float], ...]) -> Direction:
    start = rate.name.partition("_")[0] if "_" in rate.name else ""
    queues = (each.name for each in trace.series if each.unit == "packets" and "queue" in each.name.lower())
    return Direction(
        trace.name, rate.name, _BITS[rate.unit], next((each for each in queues if each.startswith(start)), ""), limits
    )


def _limits(rtype: str) -> tuple[tuple[str, float], ...]:
    """Return the attribute that limits the way forward, and that for the way back when there is one."""
    found = ResourceFactory.find(rtype)
    rates = [each for each in found.get_attributes() if each.unit in _BITS] if found is not None else []
    forward = [each for each in rates if not _BACK_ATTRIBUTE.search(each.name)][:1]
    back = [each for each in rates if _BACK_ATTRIBUTE.search(each.name)][:1]
    return tuple((each.name, _BITS[each.unit or ""]) for each in forward + back)

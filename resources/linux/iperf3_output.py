"""What iperf3 prints, as text or as a stream of JSON: the numbers in it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nepi_core.series import Found, Series

_WAYS = (("", ""), ("Reverse", ", from the server to the client in a bidirectional test"))

SERIES = tuple(
    Series(f"{name}{way}", unit, f"{help}{where}")
    for way, where in _WAYS
    for name, unit, help in (
        ("throughput", "Mbit/s", "Payload in each interval"),
        ("throughputMean", "Mbit/s", "Payload that arrived, over the whole test"),
        ("retransmits", "", "TCP segments sent again in each interval; told by the sender"),
        ("jitter", "ms", "UDP: variation of the delay; in each interval at the receiver, for a sender once at the end"),
        ("loss", "%", "UDP: datagrams lost; in each interval at the receiver, for a sender once at the end"),
    )
)

# The shortest interval that can be asked for is twice this long. What is shorter is left over at the end of a test, and
# its rate means nothing.
_SHORTEST = 0.05

_UNITS = {"": 1e-6, "K": 1e-3, "M": 1.0, "G": 1e3, "T": 1e6}

_ROW = re.compile(
    r"\[ *(?P<stream>\d+|SUM)\](?:\[(?P<role>[TR]X-[CS])\])? +(?P<start>[\d.]+)-(?P<end>[\d.]+) +sec +"
    r"[\d.]+ [KMGT]?Bytes +(?P<rate>[\d.]+) (?P<unit>[KMGT]?)bits/sec(?P<rest>.*)"
)
_DATAGRAMS = re.compile(r" +(?P<jitter>[\d.]+) ms +(?P<lost>-?\d+)/(?P<packets>\d+) ")
_RETRANSMITS = re.compile(r" +(\d+)\b")
_CONNECTED = re.compile(r"\[ *\d+\] local .* connected to ")


class Iperf3Parser:
    """Reads the numbers of all streams together: with several, those of each are left out.

    The intervals of the warm-up (option omit) are left out, too. The summary at the end becomes series of its own, but
    for jitter and loss: a sender learns them from it only.
    """

    def __init__(self) -> None:
        self._begin_test()

    def _begin_test(self) -> None:
        self._streams = 0
        self._both_ways = False
        self._tells_retransmits = False
        self._measured: set[str] = set()  # ways whose intervals told jitter and loss

    def __call__(self, line: str) -> Iterator[Found]:
        """Yield the samples of one line."""
        if line.startswith("{"):
            yield from self._read_event(line)
        elif row := _ROW.match(line):
            yield from self._read_row(row)
        elif line.startswith("[ ID]"):
            self._both_ways = "[Role]" in line
            self._tells_retransmits = "Retr" in line
        elif _CONNECTED.match(line):
            self._streams += 1
        elif line.startswith(("Accepted connection", "Server listening")):
            self._begin_test()  # a server serves one test after the other

    # -- text --------------------------------------------------------------------------------------

    def _read_row(self, row: re.Match[str]) -> Iterator[Found]:
        rest = row["rest"].rstrip()
        several = self._streams > (2 if self._both_ways else 1)
        if rest.endswith("(omitted)") or several != (row["stream"] == "SUM"):
            return
        way = "Reverse" if row["role"] in ("RX-C", "TX-S") else ""
        rate = float(row["rate"]) * _UNITS[row["unit"]]
        if rest.endswith("receiver"):
            yield from self._end(way, rate, _datagrams(rest))
        elif not rest.endswith("sender") and float(row["end"]) - float(row["start"]) >= _SHORTEST:
            told = _RETRANSMITS.match(rest) if self._tells_retransmits else None
            yield from self._interval(way, rate, int(told[1]) if told else None, _datagrams(rest))

    # -- JSON --------------------------------------------------------------------------------------

    def _read_event(self, line: str) -> Iterator[Found]:
        try:
            event = json.loads(line)
            kind, content = event["event"], event["data"]
        except (ValueError, RecursionError, LookupError, TypeError):
            return
        if kind == "interval":
            for way, total in _totals(content, "sum", "sum_bidir_reverse"):
                if not total.get("omitted") and total.get("seconds", 1.0) >= _SHORTEST:
                    yield from self._interval(way, total["bits_per_second"] / 1e6, total.get("retransmits"), total)
        elif kind == "end":
            for way, total in _totals(content, "sum_received", "sum_received_bidir_reverse"):
                yield from self._end(way, total["bits_per_second"] / 1e6, total)

    # -- both --------------------------------------------------------------------------------------

    def _interval(
        self, way: str, rate: float, retransmits: float | None, datagrams: Mapping[str, float]
    ) -> Iterator[Found]:
        yield f"throughput{way}", rate
        if retransmits is not None:
            yield f"retransmits{way}", retransmits
        if "jitter_ms" in datagrams:
            self._measured.add(way)
            yield from _quality(way, datagrams)

    def _end(self, way: str, rate: float, datagrams: Mapping[str, float]) -> Iterator[Found]:
        yield f"throughputMean{way}", rate
        if "jitter_ms" in datagrams and way not in self._measured:
            yield from _quality(way, datagrams)


def _datagrams(rest: str) -> dict[str, float]:
    """Return what the end of a row tells of datagrams, named as in iperf3's JSON."""
    if not (told := _DATAGRAMS.match(rest)):
        return {}
    return {"jitter_ms": float(told["jitter"]), "lost_packets": float(told["lost"]), "packets": float(told["packets"])}


def _quality(way: str, datagrams: Mapping[str, float]) -> Iterator[Found]:
    yield f"jitter{way}", datagrams["jitter_ms"]
    if packets := datagrams.get("packets"):
        # Datagrams that overtake others are counted as lost first, and taken back in a later interval.
        yield f"loss{way}", max(0.0, 100.0 * datagrams.get("lost_packets", 0.0) / packets)


def _totals(content: Any, *names: str) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each way of the traffic and the numbers that an event tells of it, if it does."""
    for (way, _), name in zip(_WAYS, names, strict=True):
        total = content.get(name) if isinstance(content, dict) else None
        if isinstance(total, dict):
            numbers = {key: float(value) for key, value in total.items() if _is_number(value)}
            if "bits_per_second" in numbers:
                yield way, numbers


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)

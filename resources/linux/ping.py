"""Ping: whether a target answers, and how fast."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

from nepi_core.attribute import Types
from nepi_core.series import Found, Series
from nepi_core.trace import Trace

from .program import EarlyProgram, Option

_REPLY = re.compile(r"(?:\[(\d+\.\d+)\] )?.{0,200}?seq=(\d+)(?:.{0,100}?time[=<]([\d.]+) ?ms)?")
_SUMMARY = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")

# Numbers of requests have 16 bits, and begin again after the largest.
_NUMBERS = 1 << 16


class PingParser:
    """Reads round-trip times, and which part of the requests sent so far got no answer.

    The loss is told when it changes: a reply whose number is not the next one, or a line about an error or a missing
    answer, shows that requests before it were lost. The summary at the end tells it for all.
    """

    def __init__(self) -> None:
        self._sent = 0
        self._received = 0
        self._loss = -1.0

    def __call__(self, line: str) -> Iterator[Found]:
        """Yield the samples of one line."""
        if summary := _SUMMARY.search(line):
            self._sent, self._received = int(summary[1]), int(summary[2])
            if self._sent:
                yield "loss", self._lost()
            return
        reply = _REPLY.match(line)
        if reply is None or "(DUP!)" in line:
            return
        time = (float(reply[1]),) if reply[1] else ()
        self._count(int(reply[2]), answered=reply[3] is not None)
        if reply[3]:
            yield ("rtt", float(reply[3]), *time)
        if self._sent and self._lost() != self._loss:
            self._loss = self._lost()
            yield ("loss", self._loss, *time)

    def _count(self, number: int, answered: bool) -> None:
        # Of all numbers that this may stand for, the one nearest to the last.
        number += round((self._sent - number) / _NUMBERS) * _NUMBERS
        self._sent = max(self._sent, number)
        self._received += answered

    def _lost(self) -> float:
        return max(0.0, 100.0 * (1 - self._received / self._sent))


class Ping(EarlyProgram, rtype="linux::Ping", icon="ping"):
    """Send ICMP echo requests from a host to a target.

    It has failed when nothing answered at all; that some requests were lost is a result.
    """

    program = "ping"
    package = "iputils-ping"
    stop_signal = signal.SIGINT  # which has it print its summary; SIGTERM does not

    target = Option("", help="Address or name to ping", required=True, names_host=True)
    count = Option("-c", help="Requests to send; 0 goes on until stopped", default=0, range=(0, 1e9), absent=0)
    interval = Option("-i", help="Pause between requests", default=1.0, range=(0, 3600), unit="s", absent=1.0)
    packetSize = Option("-s", help="Data in a request", type=Types.Integer, range=(0, 65_507), unit="bytes")
    deadline = Option("-w", help="Time after which it ends", type=Types.Integer, range=(1, 1e9), unit="s")
    timeout = Option("-W", help="Time to wait for an answer", type=Types.Double, range=(0, 86_400), unit="s")
    address = Option("-I", help="Address or interface to send from")
    ttl = Option("-t", help="Time to live: routers that a request may pass", type=Types.Integer, range=(1, 255))
    tos = Option("-Q", help="Type of service (DSCP and ECN) of the requests", type=Types.Integer, range=(0, 255))
    mark = Option("-m", help="Mark of the packets, for the host's routing", type=Types.Integer, range=(0, 2**32 - 1))
    preload = Option("-l", help="Requests sent without waiting at first", type=Types.Integer, range=(1, 65_536))
    pattern = Option("-p", help="Bytes to fill requests with, in hexadecimal")
    hint = Option("-M", help="Path MTU discovery", allowed=("do", "want", "dont", "probe"))
    sendBuff = Option("-S", help="Size of the send buffer", type=Types.Integer, range=(1, 2**31 - 1), unit="bytes")
    timestamp = Option("-T", help="IP timestamp option: tsonly, tsandaddr, or tsprespec with addresses")
    numeric = Option("-n", help="Show addresses, no names", default=False)
    printTimestamp = Option("-D", help="Print the time before each line", default=False)
    reportOutstanding = Option("-O", help="Print a line for each answer that is missing", default=False)
    quiet = Option("-q", help="Print only the summary", default=False)
    verbose = Option("-v", help="Print other ICMP packets, too", default=False)
    recordRoute = Option("-R", help="Record the route", default=False)
    routeBypass = Option("-r", help="Send to a host on an attached network, bypassing routes", default=False)
    fullLatency = Option("-U", help="Measure the time from user to user, instead of that on the network", default=False)
    flood = Option("-f", help="Send as fast as answers come; for root", default=False)

    stdout = Trace(
        help="What ping printed",
        enabled=True,
        series=(
            Series("rtt", unit="ms", help="Round-trip time"),
            Series("loss", unit="%", help="Part of the requests so far that got no answer"),
        ),
        parser=PingParser,
    )

    def ends_by_itself(self) -> bool:
        """Tell whether ping ends: after a number of requests, or a time."""
        return bool(self.get("count") or self.get("deadline")) and super().ends_by_itself()

    def time_limit(self) -> float:
        """Return 0: the attribute timeout is an option of ping here."""
        return 0.0

    def is_success(self, status: int) -> bool:
        """Tell whether anything answered: ping's exit status is 1 for too few answers as well as for none."""
        return status == 0 or (status == 1 and self._answers() > 0)

    def failure_reason(self, status: int) -> str:
        """Say what ping's exit status 1 means."""
        return f"No answer came from {self.get('target')}." if status == 1 else super().failure_reason(status)

    def _answers(self) -> int:
        summary = _SUMMARY.search(self.tail("stdout"))
        return int(summary[2]) if summary else 0

"""Traceroute: the routers on the way to a target."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.series import Found, Series
from nepi_core.trace import Trace

from .program import EarlyProgram, Option

_TIME = re.compile(r"\[(\d+\.?\d*)\]$")
_HEADER = re.compile(r"traceroute6? to .{1,300}? \(([^\s)]+)\)")
_HOP = re.compile(r"\s*(\d+)\s")
_PROBE = re.compile(r"([\d.]+) ?ms\b")

# The program and all that users give come as arguments of the shell, never as its text.
_DATED = 'date "+[%s.%N]"; '
_ONCE = 'shift; exec "$@"'
_AGAIN = 'pause=$1; shift; while {date}"$@" || exit; do sleep "$pause"; done'


class TracerouteParser:
    """Reads how far away the target is; a target that does not answer gives no numbers."""

    def __init__(self) -> None:
        self._target = ""
        self._time: float | None = None

    def __call__(self, line: str) -> Iterator[Found]:
        """Yield the samples of one line."""
        if dated := _TIME.match(line):
            self._time = float(dated[1])
        elif header := _HEADER.match(line):
            self._target = header[1]
        elif (hop := _HOP.match(line)) and self._target in line.replace("(", " ").replace(")", " ").split():
            times = [float(time) for time in _PROBE.findall(line)]
            found = {"hops": float(hop[1]), "rtt": sum(times) / len(times)} if times else {}
            for name, value in found.items():
                yield (name, value) if self._time is None else (name, value, self._time)


class Traceroute(EarlyProgram, rtype="linux::Traceroute", icon="traceroute"):
    """Find the routers on the way from a host to a target."""

    program = "traceroute"
    package = "traceroute"

    target = Option("", help="Address or name to find the way to", required=True, names_host=True)
    useIP = Option("-n", help="Show addresses, no names", default=False)
    maxHops = Option("-m", help="Routers to look for at most", type=Types.Integer, range=(1, 255))
    continuous = Attribute(help="Do it again and again until stopped", default=False, flags=Flags.Design)
    pause = Attribute(help="Time between two runs", default=1.0, range=(0, 86_400), unit="s", flags=Flags.Design)
    printTimestamp = Attribute(help="Print the time before each run", default=False, flags=Flags.Design)

    stdout = Trace(
        help="What traceroute printed",
        enabled=True,
        series=(
            Series("hops", help="Routers to the target, itself included"),
            Series("rtt", unit="ms", help="Round-trip time to the target, mean of the probes"),
        ),
        parser=TracerouteParser,
    )

    def ends_by_itself(self) -> bool:
        """Tell whether it runs once."""
        return not self.get("continuous") and super().ends_by_itself()

    def command_line(self) -> list[str]:
        """Return the program and its arguments, in a shell when there is more to do than one run."""
        date = _DATED if self.get("printTimestamp") else ""
        if not date and not self.get("continuous"):
            return super().command_line()
        script = _AGAIN.format(date=date) if self.get("continuous") else date + _ONCE
        return ["sh", "-c", script, "sh", f"{self.get('pause'):f}", *super().command_line()]

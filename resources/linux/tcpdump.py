"""Tcpdump: the packets that pass an interface."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.series import Found, Series
from nepi_core.trace import Trace

from .program import Option, Program

_COUNT = re.compile(r"(\d+) packets? (captured|received by filter|dropped by kernel)$")
_SERIES = {"captured": "captured", "received by filter": "received", "dropped by kernel": "dropped"}

_ROTATION = "; with rotation the trace is the first file, and the others lie beside it"


def parse_counts(line: str) -> Iterator[Found]:
    """Yield the numbers of packets that tcpdump tells at its end."""
    if told := _COUNT.match(line):
        yield _SERIES[told[2]], float(told[1])


class Tcpdump(Program, rtype="linux::Tcpdump", icon="tcpdump"):
    """Capture the packets that pass an interface of a host."""

    program = "tcpdump"
    package = "tcpdump"
    started_trace = "stderr"

    startedWhen = Attribute(
        help="Regular expression: STARTED only when a line of standard error matches",
        default="listening on",
        flags=Flags.Design,
    )
    i = Option("-i", help="Interface; 'any' for all, not set for the first")
    expression = Option("", help="Filter: which packets to capture, such as 'tcp port 5201'; not set for all")
    w = Attribute(
        help="Write packets into the trace pcap, if that is collected; else print them as text",
        default=True,
        flags=Flags.Design,
    )
    c = Option("-c", help="Packets after which it ends", type=Types.Integer, range=(1, 2**31 - 1))
    s = Option("-s", help="Bytes to keep of each packet", type=Types.Integer, range=(0, 262_144), unit="bytes")
    B = Option("-B", help="Buffer of the kernel", type=Types.Integer, range=(1, 2**21), unit="KiB")
    F = Option("-F", help="File on the host with the filter, instead of the expression", trusted=True)
    C = Option("-C", help="Rotate the file at this size" + _ROTATION, type=Types.Integer, range=(1, 1e6), unit="MB")
    G = Option("-G", help="Begin the file anew after this time", type=Types.Integer, range=(1, 1e9), unit="s")
    j = Option("-j", help="Kind of time stamps, such as adapter")
    T = Option("-T", help="Protocol to take packets for, such as rtp or vxlan")
    U = Option("-U", help="Write each packet at once", default=True)
    immediate = Option(
        "--immediate-mode",
        help="Take packets from the kernel one by one, so that a stop loses none; "
        "False is cheaper when there are very many",
        default=True,
    )
    l = Option("-l", help="Print line by line", default=False)  # noqa: E741  tcpdump's and NEPI's name
    I = Option("-I", help="Monitor mode, for wireless interfaces", default=False)  # noqa: E741
    K = Option("-K", help="Do not check checksums", default=False)
    A = Option("-A", help="Print packets as text", default=False)
    b = Option("-b", help="Print BGP numbers as ASDOT", default=False)
    d = Option("-d", help="Print the compiled filter, and end", default=False)
    dd = Option("-dd", help="Print the compiled filter for C, and end", default=False)
    ddd = Option("-ddd", help="Print the compiled filter as numbers, and end", default=False)
    D = Option("-D", help="Print the interfaces, and end", default=False)
    e = Option("-e", help="Print the link layer, too", default=False)
    n = Option("-n", help="Print addresses, no names", default=False)
    N = Option("-N", help="Print names of hosts without their domain", default=False)
    S = Option("-S", help="Print sequence numbers as they are", default=False)
    t = Option("-t", help="Print no times", default=False)
    tt = Option("-tt", help="Print times as seconds since 1970", default=False)
    ttt = Option("-ttt", help="Print the time since the packet before", default=False)
    tttt = Option("-tttt", help="Print times with the date", default=False)
    ttttt = Option("-ttttt", help="Print the time since the first packet", default=False)
    v = Option("-v", help="Print more", default=False)
    vv = Option("-vv", help="Print still more", default=False)
    vvv = Option("-vvv", help="Print all there is", default=False)

    pcap = Trace(help="The packets, for tcpdump, Wireshark and the like", enabled=True)
    stderr = Trace(
        help="What tcpdump told about itself",
        enabled=True,
        series=(
            Series("captured", help="Packets that were captured, told at the end"),
            Series("received", help="Packets that the filter let pass"),
            Series("dropped", help="Packets that were lost because tcpdump was too slow"),
        ),
        parser=parse_counts,
    )

    _user = ""  # account on the host

    @property
    def writes_packets(self) -> bool:
        """Whether the packets go into the trace pcap."""
        return self.get("w") and self.trace_enabled("pcap")

    def ends_by_itself(self) -> bool:
        """Tell whether tcpdump ends: after a number of packets, or since it captures none."""
        ends = any(self.get(name) for name in ("c", "d", "dd", "ddd", "D"))
        return ends and super().ends_by_itself()

    def arguments(self) -> list[str]:
        """Return the options; those for writing, first."""
        writing = ["-w", str(self.trace_path("pcap"))] if self.writes_packets else []
        # Else root's tcpdump becomes the user "tcpdump", who owns the file then, and may not write a second one.
        keeping = ["-Z", self._user] if self._user == "root" or (self._user and self.get("sudo")) else []
        return [*writing, *keeping, *super().arguments()]

    def prepare(self) -> None:
        """Find the program, and the account whose files the captures are to be."""
        super().prepare()
        if not self.cancelled:
            self._user = self.ask("id", "-un").stdout.strip()

    def failure_reason(self, status: int) -> str:
        """Say what to do when the account may not capture."""
        if "permission" in self.tail("stderr") and not self.get("sudo") and self._user != "root":
            return f"The user {self._user} may not capture packets: run as root, or set attribute 'sudo'."
        return super().failure_reason(status)

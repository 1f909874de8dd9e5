"""Iperf3: how much traffic a path carries, measured between a server and a client."""

from __future__ import annotations

import re

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.trace import Trace

from .iperf3_output import SERIES, Iperf3Parser
from .program import Option, Program

_PORT = 5201

# Since this version iperf3 can print each interval as JSON; text has fewer digits.
_FIRST_WITH_STREAM = (3, 17)


class Iperf3Server(Program, rtype="linux::Iperf3Server", icon="iperf3"):
    """Wait for iperf3 clients; STARTED as soon as clients can connect."""

    program = "iperf3"
    package = "iperf3"
    always = ("-s", "--forceflush", "-f", "m")

    port = Option("-p", help="Port to listen at", default=_PORT, range=(1, 65_535), absent=_PORT)
    bind = Option("-B", help="Address to listen at; not set for all")
    oneOff = Option("-1", help="Serve one client, and end", default=False)
    interval = Option("-i", help="Time between reports", default=1.0, range=(0.1, 60), unit="s", absent=1.0)
    ipVersion = Option("-{}", help="Version of IP; not set for both", allowed=(4, 6))
    startedWhen = Attribute(
        help="Regular expression: STARTED only when a line of standard output matches",
        default="Server listening",
        flags=Flags.Design,
    )

    stdout = Trace(help="What the server printed", enabled=True, series=SERIES, parser=Iperf3Parser)

    def ends_by_itself(self) -> bool:
        """Tell whether the server ends: after one client, when told so."""
        return self.get("oneOff") and super().ends_by_itself()


class Iperf3Client(Program, rtype="linux::Iperf3Client", icon="iperf3"):
    """Send traffic to an iperf3 server, or have it send."""

    program = "iperf3"
    package = "iperf3"

    target = Option("-c", help="Address or name of the server", required=True, names_host=True)
    port = Option("-p", help="Port of the server", default=_PORT, range=(1, 65_535), absent=_PORT)
    time = Option("-t", help="Time to send for", default=10, range=(1, 86_400), unit="s", absent=10)
    bytes = Option(
        "-n", help="Amount to send, instead of for a time", type=Types.Integer, range=(1, 1e15), unit="bytes"
    )
    udp = Option("-u", help="Use UDP instead of TCP", default=False)
    bitrate = Option(
        "-b {}M",
        help="Rate of each stream; 0 for as fast as possible. Not set: that for TCP, 1 Mbit/s for UDP",
        type=Types.Double,
        range=(0, 1e6),
        unit="Mbit/s",
    )
    parallel = Option("-P", help="Streams at the same time", default=1, range=(1, 128), absent=1)
    reverse = Option("-R", help="The server sends", default=False)
    bidirectional = Option("--bidir", help="Both send at the same time", default=False)
    interval = Option("-i", help="Time between reports", default=1.0, range=(0.1, 60), unit="s", absent=1.0)
    omit = Option("-O", help="Time at the beginning that does not count", default=0, range=(0, 60), unit="s", absent=0)
    length = Option("-l", help="Size of a write, or of a datagram", type=Types.Integer, range=(1, 2**20), unit="bytes")
    window = Option("-w", help="Size of the socket buffers", type=Types.Integer, range=(1, 2**29), unit="bytes")
    mss = Option("-M", help="Maximum segment size of TCP", type=Types.Integer, range=(88, 9216), unit="bytes")
    congestion = Option("-C", help="Congestion control of TCP, such as cubic or bbr")
    noDelay = Option("-N", help="Send small segments at once (no Nagle)", default=False)
    tos = Option("-S", help="Type of service (DSCP and ECN) of the packets", type=Types.Integer, range=(0, 255))
    bind = Option("-B", help="Address to send from")
    ipVersion = Option("-{}", help="Version of IP; not set for either", allowed=(4, 6))
    connectTimeout = Option(
        "--connect-timeout", help="Time to wait for the server", type=Types.Integer, range=(1, 3.6e6), unit="ms"
    )

    stdout = Trace(help="What the client printed", enabled=True, series=SERIES, parser=Iperf3Parser)

    _streams_json = False

    def deployment_refusal(self) -> str:
        """Say so when options exclude each other."""
        if self.get("reverse") and self.get("bidirectional"):
            return "the attributes 'reverse' and 'bidirectional' exclude each other."
        if self.get("bytes") and self.has_changed("time"):
            return "the attributes 'bytes' and 'time' exclude each other."
        return super().deployment_refusal()

    def prepare(self) -> None:
        """Find the program, and what it can."""
        super().prepare()
        if not self.cancelled:
            version = re.search(r"iperf (\d+)\.(\d+)", self.ask(self._path, "--version").stdout)
            self._streams_json = version is not None and (int(version[1]), int(version[2])) >= _FIRST_WITH_STREAM

    def arguments(self) -> list[str]:
        """Return the options; those for the form of the output last."""
        form = ["--json-stream"] if self._streams_json else ["-f", "m"]
        return [*super().arguments(), "--forceflush", *form]

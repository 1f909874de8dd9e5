"""The packets of a link or an interface, in a file for Wireshark."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import CommandError, HostError
from nepi_core.hosts.host import Process
from nepi_core.line_watch import LineWatch
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.series import Found, Series
from nepi_core.states import ResourceState
from nepi_core.trace import Trace
from nepi_core.trace_file import last_output

from ._keeper import program_command
from ._network import Network
from ._plan.model import End

_COUNT = re.compile(r"(\d+) packets? (captured|dropped)")
_PATIENCE = 10.0  # seconds that the program may take to write what it has
_COMPILE_PATIENCE = 20.0  # seconds for tcpdump to compile a filter


def _parse_counts(line: str) -> Iterator[Found]:
    if told := _COUNT.match(line):
        yield told[2], float(told[1])


class Capture(ResourceManager, rtype="netns::Capture", drawn=Drawn.BADGE, icon="capture"):
    """Capture the packets that pass a link or an interface, into a pcapng file that Wireshark opens."""

    end = Attribute(
        help="For a link: the end to capture at, first (that with the lower guid) or second",
        default="first",
        allowed=("first", "second"),
        flags=Flags.Design,
    )
    filter = Attribute(
        help="Which packets to capture, as tcpdump takes it, such as 'tcp port 5201'; not set for all",
        type=Types.String,
        flags=Flags.Design,
    )
    bytesKept = Attribute(
        help="Bytes to keep of each packet; 0 for all", default=0, range=(0, 262_144), unit="bytes", flags=Flags.Design
    )
    outputLimit = Attribute(
        help="Size at which the file is full, and the capture ends; 0 for no limit",
        default=1000.0,
        range=(0, 1e9),
        unit="MB",
        flags=Flags.Design,
    )

    packets = Trace(help="The packets, for Wireshark, tcpdump and the like", enabled=True, suffix=".pcapng")
    log = Trace(
        help="What the capture told about itself",
        enabled=True,
        series=(
            Series("captured", unit="packets", help="Packets that were captured, told at the end"),
            Series("dropped", unit="packets", help="Packets that came too fast"),
        ),
        parser=_parse_counts,
    )

    _process: Process | None = None

    @property
    def source(self) -> ResourceManager | None:
        """The link or interface."""
        found = [*self.get_connected("netns::Link"), *self.get_connected("netns::Interface")]
        return found[0] if len(found) == 1 else None

    def deployment_refusal(self) -> str:
        """Say so when there is nothing to capture from."""
        if self.source is None:
            return "is connected to no netns::Link or netns::Interface, or to several; it captures from one."
        return ""

    def deploys_after(self) -> Iterable[int]:
        """Return the link or interface."""
        return () if self.source is None else (self.source.guid,)

    def _end(self) -> End:
        """Return the end to capture at."""
        source = self.source
        assert source is not None
        plan = Network.of(self.ec).plan
        for cable in plan.cables.values():
            if cable.guid == source.guid and source.is_rm_instance("netns::Link"):
                return cable.ends[self.get("end") == "second"]
            for end in cable.ends:
                if end.interface == source.guid:
                    return end
        raise HostError(f"{source.name} is not part of the network any more.")

    def do_start(self) -> None:
        """Start to capture; the resource is STARTED when packets are seen."""
        end, log = self._end(), self.trace_path("log")
        limit = int(self.get("outputLimit") * 1_000_000)
        arguments = [str(self.trace_path("packets")), str(self.get("bytesKept")), str(limit), end.name]
        compiled = self._compiled_filter()
        command = program_command("packet_capture", *(["--filter", compiled] if compiled else []), *arguments)
        host = Network.of(self.ec).host(end.station)
        self._process = host.start(command, stdout=log, stderr=log, cwd="/")
        self.ec.run.follow(self, "log")
        self._process.on_exit(partial(self._has_exited, self._process))

    def _compiled_filter(self) -> str:
        """Return the filter as the kernel takes it, compiled by tcpdump; "" for none."""
        if not self.get("filter"):
            return ""
        fabric = Network.of(self.ec).host(0)
        command = ["tcpdump", "-ddd", "-y", "EN10MB", "--", self.get("filter")]
        done = fabric.run(command, timeout=_COMPILE_PATIENCE)
        if done.status:
            raise CommandError("this machine", " ".join(command), done.status, done.stderr)
        return done.stdout

    def trace_parser(self, name: str) -> Any:
        """Return what reads numbers from a trace."""
        parser = super().trace_parser(name)
        return LineWatch("listening on", self._seen_ready, parser) if name == "log" else parser

    def _seen_ready(self) -> None:
        def become() -> None:
            if self.state is ResourceState.READY:
                self.set_started()

        self.ec.workers.submit(partial(self.life.run_or_queue, become))

    def _has_exited(self, process: Process, status: int) -> None:
        self.ec.workers.submit(partial(self.life.run_or_queue, partial(self._settle, status)))

    def _settle(self, status: int) -> None:
        """Become what the end of the program means."""
        self.ec.run.finish(self, "log")
        if self.state >= ResourceState.STOPPED or self.cancelled:
            return
        if status:
            error = CommandError("this machine", "packet_capture", status, last_output(self.trace_path("log")))
            self.fail(str(error), error)
            return
        if self.state is ResourceState.READY:
            self.set_started()
        self.set_stopped()

    def do_stop(self) -> None:
        """Ask the program to write what it has and end; the resource is STOPPED then."""
        if self._process is None or self._process.status is not None:
            super().do_stop()
        else:
            self._process.signal(signal.SIGINT)

    def do_cancel(self) -> None:
        """Ask the program to end, before the release waits for it."""
        if self._process is not None:
            self._process.signal(signal.SIGINT)

    def do_fail(self) -> None:
        """Become FAILED, and have the program end."""
        self.do_cancel()
        super().do_fail()

    def do_release(self) -> None:
        """Wait until the program has written what it had."""
        if self._process is not None:
            self._process.wait(_PATIENCE)
            self.ec.run.finish(self, "log")
        super().do_release()

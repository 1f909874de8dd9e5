"""Resource types for tests of the headless command; also written into a plug-in folder by `program`."""

from __future__ import annotations

import threading

from nepi_core.attribute import Attribute, Flags
from nepi_core.resource import ResourceManager
from nepi_core.series import RegexParser, Series
from nepi_core.states import ResourceState
from nepi_core.trace import Trace


class Worker(ResourceManager, rtype="test::Worker"):
    """Does something for a while, and then ends.

    A second paragraph that lists do not show.
    """

    seconds = Attribute(help="How long it takes", default=0.0, range=(0, 1000), unit="s", flags=Flags.Design)
    mode = Attribute(help="How it is done", default="fast", allowed=("fast", "slow"))
    rounds = Attribute(help="How often", default=1)
    fails = Attribute(help="Fail instead", default=False)

    numbers = Trace(
        help="What it measured",
        series=(Series("value", unit="ms"),),
        parser=RegexParser(r"value=(?P<value>[0-9.]+)"),
        enabled=True,
    )

    def ends_by_itself(self) -> bool:
        return True

    def do_start(self) -> None:
        if self.fails:
            raise RuntimeError("it went wrong")
        self.trace_path("numbers").write_text("value=1\nvalue=2\nvalue=6\n")
        self.ec.run.follow(self, "numbers")
        super().do_start()
        self.ec.schedule(f"{self.seconds}s", self.end)

    def end(self) -> None:
        if self.state is ResourceState.STARTED:
            self.ec.run.finish(self, "numbers")
            self.set_stopped()


class Server(ResourceManager, rtype="test::Server"):
    """Goes on until it is stopped, and keeps a program running meanwhile."""

    program = Attribute(help="What it runs", default="sleep")

    def do_start(self) -> None:
        process = self.ec.local_host.start([self.get("program"), "1000"])
        self.ec.trace_folder.joinpath(f"{self.guid}.pid").write_text(str(process.pid))
        self._process = process
        super().do_start()

    def activity(self) -> str:
        return "sleep 1000" if self.state is ResourceState.STARTED else ""

    def do_stop(self) -> None:
        self._process.stop(1)
        self._process.wait()
        super().do_stop()

    def do_release(self) -> None:
        if self.state is ResourceState.STARTED:
            self._process.stop(1)
            self._process.wait()


class Stubborn(Server, rtype="test::Stubborn"):
    """Never comes back from its release."""

    def do_release(self) -> None:
        threading.Event().wait()

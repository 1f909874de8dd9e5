"""An emulated network that is built, and short words for what most tests do with one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from nepi_core.controller import ExperimentController
from nepi_core.states import ResourceState
from tests.resources.conftest import PATIENCE

ExpectLog = Callable[[str], None]
"""The fixture expect_log."""


class BuiltNetwork:
    """An experiment whose nodes are known by their names."""

    def __init__(self, folder: Path) -> None:
        self.ec = ExperimentController("built", local_dir=folder)
        self.guids: dict[str, int] = {}

    def node(self, name: str, **attributes: Any) -> int:
        """Add a node."""
        return self._station("Node", name, attributes)

    def switch(self, name: str, **attributes: Any) -> int:
        """Add a switch."""
        return self._station("Switch", name, attributes)

    def _station(self, kind: str, name: str, attributes: dict[str, Any]) -> int:
        self.guids[name] = self.ec.register_resource(f"netns::{kind}", name=name, **attributes)
        return self.guids[name]

    def link(self, first: str, second: str, **attributes: Any) -> int:
        """Join two stations."""
        ends = [self.guids[first], self.guids[second]]
        return self.ec.register_resource("netns::Link", connected_to=ends, **attributes)

    def application(self, node: str, command: str, **attributes: Any) -> int:
        """Have a shell command run in a node."""
        return self.ec.register_resource(
            "linux::Application", connected_to=self.guids[node], command=command, **attributes
        )

    def deploy(self, *guids: int) -> None:
        """Deploy resources, or all that are new, and wait until they have STARTED."""
        chosen = guids or [each for each in self.ec.resources if self.ec.state(each) is ResourceState.NEW]
        self.ec.deploy(chosen)
        self.ec.wait_started(chosen, timeout=PATIENCE)
        assert not self.failures()

    def failures(self) -> dict[int, str]:
        """Return why resources have FAILED."""
        failed = [guid for guid in self.ec.resources if self.ec.state(guid) is ResourceState.FAILED]
        return {guid: self.ec.get_resource(guid).cause for guid in failed}

    def await_failures(self, guids: Collection[int]) -> dict[int, str]:
        """Wait until these have FAILED, and return why all did that have."""
        for guid in guids:
            self.ec.wait(guid, ResourceState.FAILED, timeout=PATIENCE)
        return self.failures()

    def run(self, node: str, *command: str) -> tuple[int, str]:
        """Run a command in a node; return its exit status and what it printed."""
        host = self.resource(node).host
        done = host.run(command, timeout=PATIENCE)
        return done.status, done.stdout + done.stderr

    def resource(self, name: str) -> Any:
        """Return what controls a station."""
        return self.ec.get_resource(self.guids[name])

    def reaches(self, node: str, target: str) -> bool:
        """Tell whether a packet is answered sooner or later: the first ones may be lost while neighbours are found."""
        attempts = 'for each in 1 2 3 4 5 6 7 8; do ping -c1 -W1 "$1" && exit 0; done; exit 1'
        return self.run(node, "sh", "-c", attempts, "sh", target)[0] == 0

    def loses(self, node: str, target: str) -> bool:
        """Tell whether a packet is not answered."""
        return self.run(node, "ping", "-c1", "-W1", target)[0] != 0

    def round_trip(self, node: str, target: str) -> float:
        """Return the shortest of three round-trip times in ms."""
        status, told = self.run(node, "ping", "-c", "3", "-i", "0.2", "-W", "5", "-q", target)
        assert status == 0, told
        return float(told.rpartition("=")[2].split("/")[0])

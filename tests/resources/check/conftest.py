"""A small network whose checks are run, and what they say."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState
from tests.resources.conftest import PATIENCE


class Judged:
    """Two hosts with a router between them, and a third one in a network that nobody has a way to."""

    def __init__(self, folder: Path) -> None:
        self.ec = ExperimentController("judged", local_dir=folder)
        self.h1, self.router, self.h2, self.island = (self._node(name) for name in ("h1", "r", "h2", "island"))
        for end in (self.h1, self.h2):
            link = self.ec.register_resource("netns::Link")
            self.ec.register_connection(link, end)
            self.ec.register_connection(link, self.router)
        self.ec.register_resource("netns::Link", connected_to=[self.island, self._node("beside")])

    def _node(self, name: str) -> int:
        return self.ec.register_resource("netns::Node", name=name)

    def check(self, rtype: str, *connected: int, **attributes: Any) -> int:
        guid = self.ec.register_resource(f"check::{rtype}", **attributes)
        for other in connected:
            self.ec.register_connection(guid, other)
        return guid

    def ping(self, **attributes: Any) -> int:
        given: dict[str, Any] = {"target": "h2", "interval": 0.2, "critical": False} | attributes
        return self.ec.register_resource("linux::Ping", connected_to=self.h1, **given)

    def run(self, *checks: int) -> list[str]:
        """Run to the end of some checks, and return how they ended."""
        self.ec.deploy()
        self.ec.wait_finished(checks, timeout=PATIENCE)
        return [self.ec.get_resource(guid).state.name for guid in checks]

    def sentence(self, check: int) -> str:
        """Return what a check said, which its trace, its state change and the run store tell alike."""
        said = self.ec.get_resource(check).cause
        first = self.ec.trace(check, "verdict").splitlines()[0]
        assert first.partition(": ")[2] == said
        self.ec.run.store.flush()
        with RunReader(Path(self.ec.run_dir)) as reader:
            ends = [each for each in reader.state_changes(check) if each.new >= ResourceState.STOPPED]
        assert ends[0].cause == said
        assert first.startswith("passed" if ends[0].new is ResourceState.STOPPED else "NOT PASSED")
        return said


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Judged]:
    """Return a network without checks; it is shut down at the end."""
    tried = ["unshare", "--user", "--map-root-user", "--net", "true"]
    if (done := subprocess.run(tried, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"No network namespaces here: {done.stderr}")
    made = Judged(tmp_path / "experiments")
    yield made
    made.ec.shutdown()

"""An experiment on this machine, and short words for what most tests of resource types do with one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.controller import ExperimentController
from nepi_core.runs.reader import RunReader

PATIENCE = 60.0
"""Seconds that nothing here takes, unless it hangs."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


class Bench:
    """An experiment with one host, this machine."""

    def __init__(self, folder: Path) -> None:
        self.ec = ExperimentController("bench", local_dir=folder)
        self.node = self.ec.register_resource("linux::Node")

    def add(self, rtype: str = "linux::Application", **attributes) -> int:
        """Add a resource on the host."""
        return self.ec.register_resource(rtype, connected_to=self.node, **attributes)

    def shell(self, command: str, **attributes) -> int:
        """Add an application that runs a shell command; its failure does not end the experiment."""
        return self.add(command=command, critical=False, **attributes)

    def run(self, *guids: int) -> list[str]:
        """Deploy everything, wait for the ends, and return the states."""
        self.ec.deploy()
        self.ec.wait_finished(guids, timeout=PATIENCE)
        return [self.ec.get_resource(guid).state.name for guid in guids]

    def run_started(self, *guids: int) -> None:
        """Deploy everything, and wait until these have STARTED."""
        self.ec.deploy()
        self.ec.wait_started(guids, timeout=PATIENCE)

    def outcome(self, guid: int) -> tuple[str, str]:
        """Deploy everything, wait for the end, and return the state and its cause."""
        (state,) = self.run(guid)
        return state, self.ec.get_resource(guid).cause

    def printed(self, guid: int) -> str:
        """Return the trace stdout."""
        return self.ec.trace(guid, "stdout")

    def samples(self, guid: int, series: str, trace: str = "stdout") -> list[float]:
        """End the experiment, and return the values of a series."""
        folder = Path(self.ec.run_dir)
        self.ec.shutdown()
        with RunReader(folder) as reader:
            return reader.samples(guid, trace, series)[1]

    def times(self, guid: int, series: str) -> list[float]:
        """End the experiment, and return the times of a series."""
        folder = Path(self.ec.run_dir)
        self.ec.shutdown()
        with RunReader(folder) as reader:
            return reader.samples(guid, "stdout", series)[0]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return an experiment with one host; it is shut down at the end."""
    bench = Bench(tmp_path / "experiments")
    yield bench
    bench.ec.shutdown()

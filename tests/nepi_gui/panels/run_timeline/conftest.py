"""Runs that are over, and windows that watch them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.factory import ResourceFactory
from nepi_gui.watching.watched_run import WatchedRun
from tests.nepi_gui.panels.run_timeline.recorded import record
from tests.nepi_gui.runs_of_ours import LiveRun, described, going_on


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run that is over; see `record`."""
    ResourceFactory.populate()
    return record(tmp_path / "watched" / "run1")


@pytest.fixture
def run(qapp: object, folder: Path) -> Iterator[WatchedRun]:
    """Return that run, watched without a window."""
    made = WatchedRun(folder)
    yield made
    made.close()


@pytest.fixture
def live_run(tmp_path: Path) -> Iterator[LiveRun]:
    """Return a run with this machine (1), a ping that goes on (2), and one that ends at once (3)."""
    with going_on(described().write(tmp_path), tmp_path, "run1", "--hold") as going:
        yield going

"""A run that goes on while a test watches it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nepi_gui.runs_of_ours import LiveRun, described, going_on


@pytest.fixture
def live_run(tmp_path: Path) -> Iterator[LiveRun]:
    """Return a run with this machine (1), a ping that goes on (2), and one that ends at once (3)."""
    with going_on(described().write(tmp_path), tmp_path, "run1", "--hold", "--no-report") as run:
        yield run

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nepi_core.plot.drawn_experiments import open_fonts
from tests.nepi_core.report.recorded_runs import RecordedRun, recorded


@pytest.fixture(autouse=True, scope="package")
def _fonts() -> None:
    open_fonts()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RecordedRun]:
    with recorded(tmp_path / "run") as run:
        yield run

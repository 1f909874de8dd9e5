"""Fixtures for samples on their way into blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nepi_core.errors import RunStoreError
from nepi_core.runs import block_writer
from nepi_core.runs.database import FILE_NAME, RunDatabase


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_writer, "_FULL", 100)
    monkeypatch.setattr(block_writer, "_WORTHWHILE", 25)
    monkeypatch.setattr(block_writer, "_FEWEST", 10)


@pytest.fixture
def database(small_blocks: None, tmp_path: Path) -> Iterator[RunDatabase]:
    (tmp_path / "experiment.xml").write_text("<experiment/>")
    database = RunDatabase(tmp_path / FILE_NAME)
    yield database
    with suppress(RunStoreError):  # most tests have closed it
        database.close()

"""A host, and reports of programs, for the tests of hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nepi_core.hosts.local_host import LocalHost
from tests.nepi_core.hosts.process_checks import Reports


@pytest.fixture
def host() -> Iterator[LocalHost]:
    host = LocalHost(grace=0.2)
    yield host
    host.close()


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    reports = Reports(tmp_path / "reports")
    yield reports
    reports.close()

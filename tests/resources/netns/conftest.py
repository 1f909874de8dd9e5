"""Emulated networks for tests that build one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .built_network import BuiltNetwork


@pytest.fixture
def network(tmp_path: Path) -> Iterator[BuiltNetwork]:
    """Return an empty network; it is shut down at the end."""
    made = BuiltNetwork(tmp_path)
    yield made
    made.ec.shutdown()


@pytest.fixture
def pair(network: BuiltNetwork) -> BuiltNetwork:
    """Return two hosts, not yet deployed and not yet joined."""
    network.node("h1")
    network.node("h2")
    return network

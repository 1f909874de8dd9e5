"""What tests of the headless command share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nepi_core.factory import ResourceFactory
from tests.nepi_gui.backends import Cable, Station, Toy
from tests.nepi_gui.resource_types import Server, Worker


@pytest.fixture
def types() -> Iterator[None]:
    """Register the resource types of `tests.nepi_gui.resource_types` in this process."""
    for each in (Worker, Server):
        ResourceFactory.register_type(each)
    yield
    for each in (Worker, Server):
        ResourceFactory.unregister_type(each.get_rtype())


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Toy]]:
    """Register the backend `Toy` and its types; no other backends are known meanwhile."""
    ResourceFactory.populate()
    monkeypatch.setattr(ResourceFactory, "_backends", {"toy": Toy()})
    monkeypatch.setattr(Toy, "checks", [])
    for each in (Station, Cable):
        ResourceFactory.register_type(each)
    yield Toy
    for each in (Station, Cable):
        ResourceFactory.unregister_type(each.get_rtype())

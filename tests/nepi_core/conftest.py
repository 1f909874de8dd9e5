"""What tests of the engine share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nepi_core import times
from nepi_core.controller import ExperimentController
from nepi_core.factory import ResourceFactory
from tests.nepi_core.resource_types import ALL


@pytest.fixture
def types() -> Iterator[None]:
    """Register the resource types of `tests.nepi_core.resource_types`."""
    for each in ALL:
        ResourceFactory.register_type(each)
    yield
    for each in ALL:
        ResourceFactory.unregister_type(each.get_rtype())
        each._global_values.clear()


@pytest.fixture
def make_ec(types: None, tmp_path: Path) -> Iterator[Callable[..., ExperimentController]]:
    """Return what makes controllers, with their folders in the test's; they are shut down at the end."""
    made: list[ExperimentController] = []

    def make(*arguments, **named) -> ExperimentController:
        if len(arguments) < 2:
            named.setdefault("local_dir", tmp_path / "experiments")
        ec = ExperimentController(*arguments, **named)
        made.append(ec)
        return ec

    yield make
    for ec in made:
        ec.shutdown()


@pytest.fixture
def ec(make_ec: Callable[..., ExperimentController]) -> ExperimentController:
    """Return a controller."""
    return make_ec("exp")


class Clock:
    """The clock of all time stamps, which a test can put forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def jump(self, seconds: float, ec: ExperimentController | None = None) -> None:
        """Put the clock forward, and have the timer of a controller notice."""
        self._monkeypatch.setattr(times, "_EPOCH", times._EPOCH + seconds)
        if ec is not None:
            ec._timer._scheduler.wake()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock."""
    return Clock(monkeypatch)

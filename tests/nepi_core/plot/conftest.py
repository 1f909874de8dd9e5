from __future__ import annotations

from collections.abc import Iterator

import pytest

from nepi_core.factory import ResourceFactory
from tests.nepi_core.plot.drawn_experiments import TYPES, open_fonts


@pytest.fixture(autouse=True, scope="package")
def _types() -> Iterator[None]:
    open_fonts()
    for each in TYPES:
        ResourceFactory.register_type(each)
    yield
    for each in TYPES:
        ResourceFactory.unregister_type(each.get_rtype())

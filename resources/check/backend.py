"""What the backend check needs of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from nepi_core.backend import Backend
from nepi_core.backend import Check as Need
from nepi_core.hosts.installed import examine_program


class CheckBackend(Backend, name="check"):
    """Checks, for exercises and for experiments that tell by themselves whether they went as they should."""

    provides: ClassVar[str] = "checks of what comes of an experiment"

    def examine(self) -> Iterable[Need]:
        """Yield the program that tests who reaches whom."""
        yield examine_program("ping", "iputils-ping", ask="-V", optional=True, purpose="check::Reach")

"""What the backend ns3 needs of this machine: the Python package of ns-3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from nepi_core.backend import Backend, Check


class Ns3Backend(Backend, name="ns3"):
    """Networks simulated by ns-3, in a later version."""

    provides: ClassVar[str] = "simulated networks"

    def examine(self) -> Iterable[Check]:
        """Yield whether the package is installed; it is not imported, which would take seconds."""
        from importlib.metadata import PackageNotFoundError, version  # 20 ms

        purpose = "simulated networks, which a later version has"
        try:
            yield Check("ns3", True, version("ns3"), "", True, purpose)
        except PackageNotFoundError:
            yield Check("ns3", False, "not installed", "pip install ns3", True, purpose)

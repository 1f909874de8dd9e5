"""The engine: describes experiments, drives their resources, keeps what happened. Knows no window and no backend.

What users of the engine import is here; each name is fetched from its module on first use, so that a program pays
only for what it uses. docs/architecture.md is the map of the modules.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nepi_core.attribute import Attribute, Flags, Types
    from nepi_core.controller import ECState, ExperimentController, PFormats, SFormats
    from nepi_core.description import ExperimentDescription
    from nepi_core.factory import ResourceFactory, populate_factory
    from nepi_core.failure import FailureLevel, FailureManager
    from nepi_core.parallel import ParallelRun
    from nepi_core.resource import ResourceManager, failtrap
    from nepi_core.resource_type import Drawn, clsinit, clsinit_copy
    from nepi_core.scheduler import HeapScheduler, Task, TaskStatus
    from nepi_core.series import Series
    from nepi_core.states import ResourceAction, ResourceState, ResourceState2str
    from nepi_core.times import stabsformat, stformat, tdiff, tdiffsec, tnow, tsformat
    from nepi_core.topology import NetGraph, TopologyType
    from nepi_core.trace import Trace, TraceAttr

_HOMES = {
    "attribute": ("Attribute", "Flags", "Types"),
    "controller": ("ECState", "ExperimentController", "PFormats", "SFormats"),
    "description": ("ExperimentDescription",),
    "factory": ("ResourceFactory", "populate_factory"),
    "failure": ("FailureLevel", "FailureManager"),
    "parallel": ("ParallelRun",),
    "resource": ("ResourceManager", "failtrap"),
    "resource_type": ("Drawn", "clsinit", "clsinit_copy"),
    "scheduler": ("HeapScheduler", "Task", "TaskStatus"),
    "series": ("Series",),
    "states": ("ResourceAction", "ResourceState", "ResourceState2str"),
    "times": ("stabsformat", "stformat", "tdiff", "tdiffsec", "tnow", "tsformat"),
    "topology": ("NetGraph", "TopologyType"),
    "trace": ("Trace", "TraceAttr"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Attribute",
    "Drawn",
    "ECState",
    "ExperimentController",
    "ExperimentDescription",
    "FailureLevel",
    "FailureManager",
    "Flags",
    "HeapScheduler",
    "NetGraph",
    "PFormats",
    "ParallelRun",
    "ResourceAction",
    "ResourceFactory",
    "ResourceManager",
    "ResourceState",
    "ResourceState2str",
    "SFormats",
    "Series",
    "Task",
    "TaskStatus",
    "TopologyType",
    "Trace",
    "TraceAttr",
    "Types",
    "clsinit",
    "clsinit_copy",
    "failtrap",
    "populate_factory",
    "stabsformat",
    "stformat",
    "tdiff",
    "tdiffsec",
    "tnow",
    "tsformat",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Finding plug-ins: modules with resource types, here, in the user's folders, and in installed packages."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType

from nepi_core.backend import Backend
from nepi_core.resource import ResourceManager

logger = logging.getLogger("nepi.plugins")

ENTRY_POINTS = "nepi.resources"
"""Entry point group under which installed packages name their modules with resource types."""

_PACKAGE = "nepi_core.resources"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A module and what it brings.

    Attributes:
        types: the resource types that it defines.
        backends: what it says about its backend as a whole.
        aliases: other names of types, such as those of NEPI: the module's dictionary ``ALIASES``.
        error: why it could not be loaded and brings nothing; "" when it could.
    """

    name: str
    types: tuple[type[ResourceManager], ...]
    backends: tuple[type[Backend], ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


def load_modules() -> list[Plugin]:
    """Import all modules of the resource folders (this program's and those of ``NEPI_SEARCH_PATH``).

    A module that raises is logged with its traceback and left out. One whose name begins with an underscore is not
    looked at: it belongs to others.
    """
    return list(_load_package(importlib.import_module(_PACKAGE)))


def load_entry_points() -> list[Plugin]:
    """Import what installed packages offer in the entry point group `ENTRY_POINTS`."""
    from importlib.metadata import entry_points  # 20 ms

    return [_load(each.name, _module_of(each.value))[0] for each in entry_points(group=ENTRY_POINTS)]


def _load_package(package: ModuleType) -> Iterator[Plugin]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if found.name.rpartition(".")[2].startswith("_"):
            continue
        plugin, module = _load(found.name, found.name)
        yield plugin
        if module and found.ispkg:
            yield from _load_package(module)


def _load(plugin_name: str, module_name: str) -> tuple[Plugin, ModuleType | None]:
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        logger.exception("Plug-in %s cannot be loaded and is left out", plugin_name)
        return Plugin(plugin_name, (), error=f"{type(error).__name__}: {error}"), None
    return _plugin(plugin_name, module), module


def _module_of(entry_point: str) -> str:
    """Return the module of an entry point such as ``package.module:object``, which may be malformed."""
    return re.split(r"[:\s\[]", entry_point, maxsplit=1)[0]


def _plugin(name: str, module: ModuleType) -> Plugin:
    """Return what a module defines, or gathers from modules below it.

    A resource type without a name of its own is a mere base.
    """
    classes = [each for _, each in inspect.getmembers(module, inspect.isclass)]
    own = [each for each in classes if f"{each.__module__}.".startswith(f"{module.__name__}.")]
    types = (each for each in own if issubclass(each, ResourceManager) and "_rtype" in each.__dict__)
    backends = (each for each in own if issubclass(each, Backend))
    return Plugin(name, tuple(types), tuple(backends), getattr(module, "ALIASES", {}))

"""Finding plug-ins: modules with resource types, here, in the user's folders, and in installed packages."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from nepi_core.resource import ResourceManager

logger = logging.getLogger("nepi.plugins")

ENTRY_POINTS = "nepi.resources"
"""Entry point group under which installed packages name their modules with resource types."""

_PACKAGE = "nepi_core.resources"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A module and the resource types that it defines."""

    name: str
    types: tuple[type[ResourceManager], ...]


def load_modules() -> list[Plugin]:
    """Import all modules of the resource folders (this program's and those of ``NEPI_SEARCH_PATH``).

    A module that raises is logged with its traceback and left out.
    """
    return list(_load_package(importlib.import_module(_PACKAGE)))


def load_entry_points() -> list[Plugin]:
    """Import what installed packages offer in the entry point group `ENTRY_POINTS`."""
    from importlib.metadata import entry_points  # 20 ms

    found = ((each.name, _import(each.name, _module_of(each.value))) for each in entry_points(group=ENTRY_POINTS))
    return [Plugin(name, tuple(_types_of(module))) for name, module in found if module]


def _load_package(package: ModuleType) -> Iterator[Plugin]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = _import(found.name, found.name)
        if module:
            yield Plugin(found.name, tuple(_types_of(module)))
            if found.ispkg:
                yield from _load_package(module)


def _import(plugin_name: str, module_name: str) -> ModuleType | None:
    try:
        return importlib.import_module(module_name)
    except (Exception, SystemExit):
        logger.exception("Plug-in %s cannot be loaded and is left out", plugin_name)
        return None


def _module_of(entry_point: str) -> str:
    """Return the module of an entry point such as ``package.module:object``, which may be malformed."""
    return re.split(r"[:\s\[]", entry_point, maxsplit=1)[0]


def _types_of(module: ModuleType) -> Iterator[type[ResourceManager]]:
    """Yield the resource types that a module defines, or gathers from modules below it.

    One without a type name of its own is a mere base.
    """
    for _, value in inspect.getmembers(module, inspect.isclass):
        own = f"{value.__module__}.".startswith(f"{module.__name__}.")
        if own and issubclass(value, ResourceManager) and "_rtype" in value.__dict__:
            yield value

"""Finding plug-ins: modules with resource types, here, in the user's folders, and in installed packages."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
import os
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from nepi_core.resource import ResourceManager

logger = logging.getLogger("nepi.plugins")

SEARCH_PATH = "NEPI_SEARCH_PATH"
"""Environment variable with further folders of plug-ins, separated as in PATH."""

ENTRY_POINTS = "nepi.resources"
"""Entry point group under which installed packages name their modules with resource types."""

_PACKAGE = "nepi_core.resources"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A module and the resource types that it defines."""

    name: str
    types: tuple[type[ResourceManager], ...]


def load_modules() -> list[Plugin]:
    """Import all modules of the resource folders (this program's and those of `SEARCH_PATH`).

    A module that raises is logged with its traceback and left out.
    """
    package = importlib.import_module(_PACKAGE)
    return [plugin for name in _module_names(package) if (plugin := _load(name, name))]


def load_entry_points() -> list[Plugin]:
    """Import what installed packages offer in the entry point group `ENTRY_POINTS`."""
    from importlib.metadata import entry_points  # 20 ms

    return [plugin for each in entry_points(group=ENTRY_POINTS) if (plugin := _load(each.module, each.name))]


def search_folders() -> list[str]:
    """Return the user's own plug-in folders."""
    return [folder for folder in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if folder]


def _module_names(package: ModuleType) -> Iterator[str]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=_report):
        yield found.name


def _load(module_name: str, plugin_name: str) -> Plugin | None:
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit):
        _report(plugin_name)
        return None
    return Plugin(plugin_name, tuple(_types_of(module)))


def _types_of(module: ModuleType) -> Iterator[type[ResourceManager]]:
    """Yield the resource types that a module defines itself; one without a type name of its own is a mere base."""
    for _, value in inspect.getmembers(module, inspect.isclass):
        if value.__module__ != module.__name__ or not issubclass(value, ResourceManager):
            continue
        if "_rtype" in value.__dict__ and not inspect.isabstract(value):
            yield value


def _report(name: str) -> None:
    logger.exception("Plug-in %s cannot be loaded and is left out", name)

"""The registry of resource types: knows them by name and makes resource managers from them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from nepi_core import plugins
from nepi_core.backend import Backend
from nepi_core.errors import NepiError, UnknownTypeError, suggestion
from nepi_core.resource import ResourceManager

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController


class ResourceFactory:
    """Knows the resource types; they are found on first use (see `nepi_core.plugins`), once in a process."""

    _types: ClassVar[dict[str, type[ResourceManager]]] = {}
    _aliases: ClassVar[dict[str, str]] = {}
    _backends: ClassVar[dict[str, Backend]] = {}
    _broken: ClassVar[dict[str, str]] = {}
    _populated: ClassVar[bool] = False
    _entry_points_loaded: ClassVar[bool] = False
    _lock: ClassVar[threading.RLock] = threading.RLock()

    @classmethod
    def register_type(cls, rclass: type[ResourceManager]) -> None:
        """Take a resource type in; doing it twice is harmless.

        Raises:
            NepiError: another class has that name already, or it is no resource manager.
        """
        if not (isinstance(rclass, type) and issubclass(rclass, ResourceManager)):
            raise NepiError(f"{rclass!r} is no resource type: it does not derive from ResourceManager.")
        with cls._lock:
            known = cls._types.setdefault(rclass.get_rtype(), rclass)
        if known is not rclass:
            raise NepiError(
                f"Resource type {rclass.get_rtype()} is provided twice: by {_place(known)} and by {_place(rclass)}."
            )

    @classmethod
    def unregister_type(cls, rtype: str) -> None:
        """Forget a resource type, as when the plug-in that brought it failed; nothing happens when it is not known."""
        with cls._lock:
            cls._types.pop(rtype, None)

    @classmethod
    def resource_types(cls) -> list[str]:
        """Return the names of all resource types there are, in alphabetical order."""
        cls._load_entry_points()
        return sorted(cls._types)

    @classmethod
    def get_resource_type(cls, rtype: str) -> type[ResourceManager]:
        """Return a resource type.

        Raises:
            UnknownTypeError: there is none of that name.
        """
        found = cls.find(rtype)
        if found is None:
            known = suggestion(rtype, cls.resource_types())
            raise UnknownTypeError(f"There is no resource type {rtype!r}.{known}")
        return found

    @classmethod
    def find(cls, rtype: str) -> type[ResourceManager] | None:
        """Return a resource type, given by its name or by another name that a plug-in has for it, or None."""
        found = cls._types.get(rtype)
        if found is None:
            cls.populate()
            found = cls._known(rtype)
        if found is None:
            # Looking for entry points reads the metadata of all installed packages, so only for who needs them.
            cls._load_entry_points()
            found = cls._known(rtype)
        return found

    @classmethod
    def _known(cls, rtype: str) -> type[ResourceManager] | None:
        return cls._types.get(cls._aliases.get(rtype, rtype))

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """Return the other names of resource types, each with the name that it stands for."""
        cls.populate()
        return dict(cls._aliases)

    @classmethod
    def backend(cls, name: str) -> Backend | None:
        """Return what a backend says about itself as a whole, None when it says nothing."""
        cls.populate()
        return cls._backends.get(name)

    @classmethod
    def backends(cls) -> list[Backend]:
        """Return all backends that say something about themselves, in alphabetical order."""
        cls._load_entry_points()
        return [cls._backends[name] for name in sorted(cls._backends)]

    @classmethod
    def broken(cls) -> dict[str, str]:
        """Return the plug-ins that were left out, each with the error that it was left out for."""
        cls._load_entry_points()
        return dict(cls._broken)

    @classmethod
    def create(cls, rtype: str, ec: ExperimentController, guid: int) -> ResourceManager:
        """Make a resource manager for a resource that is in the description of ``ec``.

        Raises:
            UnknownTypeError: there is no such type.
        """
        return cls.get_resource_type(rtype)(ec, guid)

    @classmethod
    def populate(cls) -> None:
        """Find the resource types of this program and of the user's own folders; once."""
        with cls._lock:
            if not cls._populated:
                cls._populated = True
                cls._register_all(plugins.load_modules())

    @classmethod
    def _load_entry_points(cls) -> None:
        cls.populate()
        with cls._lock:
            if not cls._entry_points_loaded:
                cls._entry_points_loaded = True
                cls._register_all(plugins.load_entry_points())

    @classmethod
    def _register_all(cls, found: list[plugins.Plugin]) -> None:
        for plugin in found:
            if plugin.error:
                cls._broken[plugin.name] = plugin.error
                continue
            before = set(cls._types)
            try:
                for rclass in plugin.types:
                    cls.register_type(rclass)
                aliases = dict(plugin.aliases)
                backends = {backend.name: backend() for backend in plugin.backends}
            except Exception as error:  # of foreign code: its own fault, and nobody else's
                for rtype in set(cls._types) - before:
                    cls.unregister_type(rtype)
                plugins.logger.error("Plug-in %s is left out: %s", plugin.name, error)
                cls._broken[plugin.name] = str(error)
                continue
            cls._aliases.update(aliases)
            cls._backends = backends | cls._backends


def populate_factory() -> None:
    """Find all resource types; the factory does it itself on first use."""
    ResourceFactory.populate()


def _place(rclass: type) -> str:
    return f"{rclass.__module__}.{rclass.__qualname__}"

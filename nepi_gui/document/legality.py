"""What may be connected to what: asks the resource managers themselves, on a copy of the experiment."""

from __future__ import annotations

import logging

from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as
from nepi_gui.document.shadow import make_shadow

logger = logging.getLogger("nepi.gui")


class Legality:
    """Answers for one moment of an experiment, such as the length of a gesture.

    Args:
        description: the experiment as it is then; it is not touched.
    """

    def __init__(self, description: ExperimentDescription) -> None:
        self._shadow = make_shadow(description)
        self._imagined: dict[str, int] = {}

    def refusal(self, guid1: int, guid2: int) -> str:
        """Return in a sentence why two resources cannot be connected, "" when they can.

        A type may refuse either way; an error in a plug-in is a refusal.
        """
        if guid1 == guid2:
            return "A resource cannot be connected to itself."
        first, second = self._shadow.get_resource(guid1), self._shadow.get_resource(guid2)
        return _refusal(first, guid2) or _refusal(second, guid1)

    def connect(self, guid1: int, guid2: int) -> str:
        """Have answers from now on be for the experiment with one more connection; return why that cannot be."""
        if refusal := self.refusal(guid1, guid2):
            return refusal
        try:
            self._shadow.register_connection(guid1, guid2)
        except NepiError as error:
            return str(error)
        except Exception as error:  # a plug-in's own
            return _told(self._shadow.get_resource(guid1), error)
        return ""

    def _disconnect(self, guid1: int, guid2: int) -> None:
        try:
            self._shadow.unregister_connection(guid1, guid2)
        except Exception:  # a plug-in's own; the copy of the experiment is all that it can spoil
            logger.warning("%s cannot be disconnected", self._shadow.get_resource(guid1).name, exc_info=True)

    def link_refusal(self, rtype: str, guid1: int, guid2: int) -> str:
        """Return in a sentence why a new resource of a type cannot join two resources, "" when it can."""
        if guid1 == guid2:
            return "A link has two different ends."
        try:
            link = self.imagined(rtype)
        except NepiError as error:
            return str(error)
        refusal = self.connect(link, guid1) or self.connect(link, guid2)
        for end in (guid1, guid2):
            self._disconnect(link, end)
        return self._without_guid(refusal, link)

    def joining_types(self, guid1: int, guid2: int) -> tuple[list[str], dict[str, str]]:
        """Return the types whose resources may join two resources as a line, and why the others may not."""
        refusals = {rtype: self.link_refusal(rtype, guid1, guid2) for rtype in line_types()}
        return [rtype for rtype, why in refusals.items() if not why], {
            each: why for each, why in refusals.items() if why
        }

    def new_refusal(self, rtype: str, guid: int) -> str:
        """Return in a sentence why a new resource of a type cannot be connected to a resource, "" when it can."""
        try:
            new = self.imagined(rtype)
        except NepiError as error:
            return str(error)
        return self._without_guid(self.refusal(new, guid), new)

    def gains(self, guid1: int, guid2: int) -> bool | None:
        """Tell whether a legal connection to the second resource brings the first one nearer to its deployment.

        None when it lacks nothing, neither before nor after.
        """
        first = self._shadow.get_resource(guid1)
        before = _lack(first)
        if guid2 in first.connections:
            return True
        if self.connect(guid1, guid2):
            return False
        after = _lack(first)
        self._disconnect(guid1, guid2)
        return before != after and not (after and not before) if before or after else None

    def new_gains(self, rtype: str, guid: int) -> bool | None:
        """Tell the same about a new resource of a type."""
        return self.gains(self.imagined(rtype), guid)

    def imagined(self, rtype: str) -> int:
        """Return the guid of a resource of a type that one can ask about as if it were there, connected to nothing.

        Raises:
            UnknownTypeError: there is no such type.
        """
        if rtype not in self._imagined:
            self._imagined[rtype] = self._shadow.register_resource(rtype)
        return self._imagined[rtype]

    def _without_guid(self, refusal: str, guid: int) -> str:
        """Return a sentence about a resource that is not there yet, which therefore has no number."""
        manager = self._shadow.get_resource(guid)
        told = refusal.replace(manager.name, f"a {manager.get_rtype()}")
        return told[:1].upper() + told[1:] if refusal.startswith(manager.name) else told


def line_types() -> list[str]:
    """Return the types whose resources are drawn as a line between two others."""
    return [rtype for rtype in ResourceFactory.resource_types() if drawn_as(rtype) is Drawn.EDGE]


def _lack(manager: ResourceManager) -> str:
    try:
        return manager.deployment_refusal()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _refusal(manager: ResourceManager, guid: int) -> str:
    try:
        return manager.connection_refusal(guid)
    except Exception as error:
        return _told(manager, error)


def _told(manager: ResourceManager, error: Exception) -> str:
    return f"{manager.name} cannot tell: {type(error).__name__}: {error}"

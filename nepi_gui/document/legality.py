"""What may be connected to what: asks the resource managers themselves, on a copy of the experiment."""

from __future__ import annotations

from nepi_core.controller import ExperimentController
from nepi_core.description import ExperimentDescription
from nepi_core.errors import NepiError
from nepi_core.factory import ResourceFactory
from nepi_core.loading import examine
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as


class Legality:
    """Answers for one moment of an experiment, such as the length of a gesture.

    Args:
        description: the experiment as it is then; it is not touched.
    """

    def __init__(self, description: ExperimentDescription) -> None:
        # A controller that deploys nothing has neither threads nor files, so there is nothing to shut down.
        self._shadow = ExperimentController(persist=False)
        examine(self._shadow, description.copy())

    def refusal(self, guid1: int, guid2: int) -> str:
        """Return in a sentence why two resources cannot be connected, "" when they can.

        A type may refuse either way; an error in a plug-in is a refusal.
        """
        if guid1 == guid2:
            return "A resource cannot be connected to itself."
        first, second = self._shadow.get_resource(guid1), self._shadow.get_resource(guid2)
        return _refusal(first, guid2) or _refusal(second, guid1)

    def link_refusal(self, rtype: str, guid1: int, guid2: int) -> str:
        """Return in a sentence why a new resource of a type cannot join two resources, "" when it can."""
        if guid1 == guid2:
            return "A link has two different ends."
        try:
            link = self._shadow.register_resource(rtype)
        except NepiError as error:
            return str(error)
        try:
            for end in (guid1, guid2):
                if refusal := self.refusal(link, end):
                    return refusal
                self._shadow.register_connection(link, end)
            return ""
        except NepiError as error:
            return str(error)
        finally:
            self._shadow.remove_resource(link)

    def joining_types(self, guid1: int, guid2: int) -> tuple[list[str], dict[str, str]]:
        """Return the types whose resources may join two resources as a line, and why the others may not."""
        refusals = {rtype: self.link_refusal(rtype, guid1, guid2) for rtype in line_types()}
        return [rtype for rtype, why in refusals.items() if not why], {
            each: why for each, why in refusals.items() if why
        }

    def new_refusal(self, rtype: str, guid: int) -> str:
        """Return in a sentence why a new resource of a type cannot be connected to a resource, "" when it can."""
        try:
            new = self._shadow.register_resource(rtype)
        except NepiError as error:
            return str(error)
        try:
            return self.refusal(new, guid)
        finally:
            self._shadow.remove_resource(new)


def line_types() -> list[str]:
    """Return the types whose resources are drawn as a line between two others."""
    return [rtype for rtype in ResourceFactory.resource_types() if drawn_as(rtype) is Drawn.EDGE]


def _refusal(manager: ResourceManager, guid: int) -> str:
    try:
        return manager.connection_refusal(guid)
    except Exception as error:
        return f"{manager.name} cannot tell: {type(error).__name__}: {error}"

"""Attribute values from the command line: ``--set TARGET.attribute=value``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nepi_core.errors import NepiError, suggestion
from nepi_core.factory import ResourceFactory
from nepi_gui.terminal import label_of

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager


@dataclass(frozen=True, slots=True)
class Override:
    """A value for an attribute of the resources that ``target`` names: by guid, label, or resource type."""

    target: str
    attribute: str
    value: str

    @property
    def text(self) -> str:
        """What stands on the command line."""
        return f"--set {self.target}.{self.attribute}={self.value}"


def parse_override(text: str) -> Override:
    """Return what a text ``TARGET.attribute=value`` says.

    Raises:
        NepiError: it has another form.
    """
    place, equals, value = text.partition("=")
    target, _, attribute = place.rpartition(".")
    if not (equals and target and attribute):
        raise NepiError(
            f"--set {text!r} is not of the form TARGET.attribute=value, such as 3.count=5, client.count=5 or "
            "linux::Ping.count=5."
        )
    return Override(target, attribute, value)


def apply_overrides(ec: ExperimentController, overrides: Iterable[Override]) -> None:
    """Set the attributes of a controller's resources.

    Raises:
        NepiError: a target or attribute does not exist, or a value is not allowed; the message tells all of that.
    """
    refusals = []
    for override in overrides:
        try:
            for manager in _targets(ec, override.target):
                if manager.get_rtype() != manager.data.rtype:  # stands for a type that no plug-in provides
                    ResourceFactory.get_resource_type(manager.data.rtype)
                manager.set(override.attribute, override.value)
        except NepiError as error:
            refusals.append(f"{override.text}: {error}")
    if refusals:
        raise NepiError("\n".join(refusals))


def _targets(ec: ExperimentController, target: str) -> list[ResourceManager]:
    managers = [ec.get_resource(guid) for guid in ec.resources]
    if target.isdecimal() and int(target) in ec.resources:
        return [ec.get_resource(int(target))]
    labelled = [manager for manager in managers if label_of(manager) == target]
    if len(labelled) > 1:
        names = ", ".join(str(manager.guid) for manager in labelled[:12])
        raise NepiError(f"the label {target!r} stands at several resources; name one by its guid: {names}.")
    found = labelled or [manager for manager in managers if manager.data.rtype == target]
    if not found:
        known = [*ec.resources, *filter(None, map(label_of, managers)), *(each.data.rtype for each in managers)]
        raise NepiError(f"no resource has the guid, label or type {target!r}.{suggestion(target, known)}")
    return found

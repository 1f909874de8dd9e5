"""What resources do by nature: asked of the resource managers themselves, on a copy of the experiment."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from nepi_core.description import ExperimentDescription
from nepi_core.factory import ResourceFactory
from nepi_core.resource import ResourceManager
from nepi_gui.document.shadow import make_shadow

logger = logging.getLogger("nepi.gui")


@dataclass(frozen=True)
class Nature:
    """What cannot be read from a description, but is up to the types.

    Attributes:
        ends: resources that end by themselves; also those whose type nobody knows, for which everything is possible.
        hosts: what must be READY before a resource is deployed, where that is anything.
    """

    ends: frozenset[int] = frozenset()
    hosts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def ask_nature(description: ExperimentDescription) -> Nature:
    """Ask the resource managers of a description; conditions and planned changes play no part."""
    copied = description.copy()
    copied.changes = []
    for resource in copied.resources.values():
        resource.conditions = []
    shadow = make_shadow(copied)
    return nature_of([shadow.get_resource(guid) for guid in shadow.resources])


def nature_of(managers: Collection[ResourceManager]) -> Nature:
    """Ask the resource managers of an experiment, all of them."""
    hosts = {manager.guid: found for manager in managers if (found := _hosts(manager))}
    return Nature(frozenset(manager.guid for manager in managers if _ends(manager)), hosts)


def _ends(manager: ResourceManager) -> bool:
    try:
        return ResourceFactory.find(manager.data.rtype) is None or bool(manager.ends_by_itself())
    except Exception:  # a plug-in's own: it must not take the window down
        logger.warning("%s cannot tell whether it ends by itself", manager.name, exc_info=True)
        return True


def _hosts(manager: ResourceManager) -> tuple[int, ...]:
    try:
        return tuple(manager.deploys_after())
    except Exception:  # as above
        logger.warning("%s cannot tell what it is deployed after", manager.name, exc_info=True)
        return ()

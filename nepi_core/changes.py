"""Planned changes of attributes, when their time has come."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from nepi_core.description import AttributeChange
from nepi_core.errors import NepiError
from nepi_core.gates import Member
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceState

logger = logging.getLogger("nepi.changes")
"""What it says at level INFO is what a user who watches the run wants to see."""

Managers = Mapping[int, ResourceManager]


def make_change(managers: Managers, change: AttributeChange) -> None:
    """Set the attribute of all resources of a change that live, and tell what could not be set."""
    if not any(guid in managers for guid in change.group):
        return  # removed, and the change with them
    for guid in change.guids:
        manager = managers.get(guid)
        if manager is not None and manager.state < ResourceState.FAILED:
            try:
                manager.set(change.name, change.value)
                message = manager.log_message(f"attribute '{change.name}' is now {change.value!r}, as planned")
                logger.info(message, extra={"guid": guid, "rtype": manager.get_rtype(), "run_id": manager.ec.run_id})
            except NepiError as error:
                if not manager.cancelled:
                    manager.error(f"attribute '{change.name}' is not set to {change.value!r}, as planned: {error}")


def give_up(managers: Managers, change: AttributeChange, failed: Member) -> None:
    """Tell that a change is not made, since a critical resource that it waited for FAILED."""
    for guid in change.guids:
        if manager := managers.get(guid):
            cause = f"it waited for {failed.name}, which FAILED"
            manager.warning(f"attribute '{change.name}' is not set to {change.value!r}: {cause}")

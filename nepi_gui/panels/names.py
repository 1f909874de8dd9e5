"""What resources are called in lists that have a column for it."""

from __future__ import annotations

import re

from nepi_core.structure import shown_name
from nepi_gui.document.document import Document


def name_in(document: Document, guid: int) -> str:
    """Return what a resource is called, "" when there is none."""
    resource = document.description.resources.get(guid)
    return shown_name(resource) if resource else ""


def without_name(message: str, guid: int) -> str:
    """Return a message of the engine without the resource's name that it begins with, such as "linux::Ping 3 (p): "."""
    return re.sub(rf"^\S+ {guid}( \(.*?\))?: ", "", message) if guid else message

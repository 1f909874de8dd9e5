"""Attribute values in few words, for labels on the canvas and in lists."""

from __future__ import annotations

from nepi_core.attribute import Attribute
from nepi_core.description import ResourceDescription, Value
from nepi_core.factory import ResourceFactory

_MOST = 3


def short_values(resource: ResourceDescription) -> list[str]:
    """Return the numbers with a unit that were set otherwise than their default, such as "10 ms"; three at most."""
    found = ResourceFactory.find(resource.rtype)
    if found is None or not resource.attributes:
        return []
    told = [
        with_unit(value, attribute)
        for attribute in found.get_attributes()
        if attribute.unit and (value := resource.attributes.get(attribute.name, attribute.default)) != attribute.default
    ]
    return told[:_MOST]


def with_unit(value: Value | None, attribute: Attribute) -> str:
    """Return a value as people write it, with its unit."""
    text = f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
    return f"{text} {attribute.unit}" if text and attribute.unit else text

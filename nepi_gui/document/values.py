"""Attribute values in few words, for labels on the canvas and in lists."""

from __future__ import annotations

import re
from collections import Counter

from nepi_core.attribute import Attribute
from nepi_core.description import ResourceDescription, Value
from nepi_core.factory import ResourceFactory

_MOST = 3


def short_values(resource: ResourceDescription) -> list[str]:
    """Return the numbers with a unit that were set otherwise than their default, such as "10 ms"; three at most.

    Where the unit does not tell which attribute it is, its name stands before: "loss 1 %". A 0 tells nothing.
    """
    found = ResourceFactory.find(resource.rtype)
    if found is None or not resource.attributes:
        return []
    told = {
        attribute: value
        for attribute in found.get_attributes()
        if attribute.unit
        and (value := resource.attributes.get(attribute.name, attribute.default)) not in (attribute.default, 0)
    }
    units = Counter(attribute.unit for attribute in told)
    return [
        f"{attribute.name} {with_unit(value, attribute)}"
        if attribute.unit == "%" or units[attribute.unit] > 1
        else with_unit(value, attribute)
        for attribute, value in list(told.items())[:_MOST]
    ]


def says(label: str, value: str) -> bool:
    """Tell whether a label holds a value already: "slow, 10 ms" holds "10 ms", "110 ms" does not."""
    return re.search(rf"(?<![\w.,+-]){re.escape(value)}(?!\w)", label) is not None


def with_unit(value: Value | None, attribute: Attribute) -> str:
    """Return a value as people write it, with its unit."""
    text = f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
    return f"{text} {attribute.unit}" if text and attribute.unit else text

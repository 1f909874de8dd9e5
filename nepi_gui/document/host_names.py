"""Attributes whose value is the name of a host of the experiment: found, and kept right when the host gets another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nepi_core.description import ResourceDescription
from nepi_core.factory import ResourceFactory


def references(resources: Iterable[ResourceDescription]) -> Iterator[tuple[ResourceDescription, str, str]]:
    """Yield each attribute that names a host: the resource, the attribute, and the name."""
    for resource in resources:
        found = ResourceFactory.find(resource.rtype)
        for attribute in found.get_attributes() if found and resource.attributes else ():
            value = resource.attributes.get(attribute.name)
            if attribute.names_host and isinstance(value, str) and value:
                yield resource, attribute.name, value


def follow(resources: Iterable[ResourceDescription], names: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
    """Yield what is to be changed when hosts get other names: guid, attribute, and the new value."""
    for resource, attribute, value in references(resources):
        if value in names:
            yield resource.guid, attribute, names[value]

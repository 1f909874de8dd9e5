"""Attributes whose value is the name of a host of the experiment: found, and kept right when the host gets another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from nepi_core.description import ExperimentDescription, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.host_resource import HostResource
from nepi_core.resource_type import Drawn
from nepi_core.structure import drawn_as
from nepi_gui.document.edit import Edit


def host_name(resource: ResourceDescription) -> str:
    """Return what a resource is called as a host: its attribute ``name``, or else its label; "" if it is no host."""
    if drawn_as(resource.rtype) is not Drawn.NODE:
        return ""
    return str(resource.attributes.get("name") or resource.label)


def hosts_for(description: ExperimentDescription, guids: Collection[int]) -> list[str]:
    """Return the names of hosts that attributes of some resources may mean: those of the backend at which they hang.

    What they hang at itself comes last.
    """
    hosts = {guid: each for guid, each in description.resources.items() if _is_host(each.rtype) and host_name(each)}
    own = {other for guid in guids for other in description.resources[guid].connections}
    backends = {_backend(hosts[guid].rtype) for guid in own & hosts.keys()}
    found = [guid for guid, each in hosts.items() if not backends or _backend(each.rtype) in backends]
    found.sort(key=lambda guid: (guid in own, _by_number(host_name(hosts[guid]))))
    return list(dict.fromkeys(host_name(hosts[guid]) for guid in found))


def _is_host(rtype: str) -> bool:
    found = ResourceFactory.find(rtype)
    return found is not None and issubclass(found, HostResource)


def _backend(rtype: str) -> str:
    return ResourceFactory.get_resource_type(rtype).get_backend()


def _by_number(name: str) -> list[tuple[bool, int, str]]:
    """Return a key by which node2 comes before node10."""
    parts = re.split(r"(\d{1,9})", name.lower())
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def references(resources: Iterable[ResourceDescription]) -> Iterator[tuple[ResourceDescription, str, str]]:
    """Yield each attribute that names a host, or several: the resource, the attribute, and its value."""
    for resource in resources:
        found = ResourceFactory.find(resource.rtype)
        for attribute in found.get_attributes() if found and resource.attributes else ():
            value = resource.attributes.get(attribute.name)
            if attribute.names_host and isinstance(value, str) and value:
                yield resource, attribute.name, value


def put_names(edit: Edit, resources: Iterable[ResourceDescription], names: Mapping[str, str]) -> None:
    """Have some resources name hosts by their new names, given by the old ones."""
    for resource, attribute, value in list(references(resources)):
        renamed = _renamed(value, names)
        if renamed != value:
            edit.resource(resource.guid).attributes[attribute] = renamed


def _renamed(value: str, names: Mapping[str, str]) -> str:
    """Return a value, which may name several hosts with blanks or commas between them, with the new names."""
    return names.get(value) or re.sub(r"[^\s,]+", lambda found: names.get(found[0], found[0]), value)


def follow(edit: Edit, before: Mapping[int, str]) -> None:
    """Have all attributes that name hosts go with these, unless another host still has the old name.

    Args:
        before: what the hosts were called before the step, by guid.
    """
    present = edit.description.resources
    now = {guid: host_name(present[guid]) for guid in before}
    names = {old: now[guid] for guid, old in before.items() if old and now[guid] and old != now[guid]}
    if names:
        left = {host_name(resource) for resource in present.values()}
        put_names(edit, present.values(), {old: new for old, new in names.items() if old not in left})

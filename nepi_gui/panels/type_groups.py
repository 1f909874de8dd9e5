"""Which resource types the palette lists, in which groups, and which of them fit what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from nepi_core.factory import ResourceFactory
from nepi_core.lab import is_check
from nepi_core.resource import ResourceManager
from nepi_core.resource_type import Drawn
from nepi_core.structure import short_type
from nepi_gui.matching import Typed
from nepi_gui.translation import translate

EVERYWHERE = "all"
"""The backend of types that belong to none."""

LEGACY, BROKEN = "files of NEPI", "broken plug-ins"
"""Names of groups that are no backends."""

_ORDER = (Drawn.NODE, Drawn.EDGE, Drawn.BADGE)


@dataclass(frozen=True, slots=True)
class TypeGroup:
    """Resource types under a heading.

    Attributes:
        name: the backend, or one of `LEGACY` and `BROKEN`; never shown.
        title: the heading.
        provides: what it is about, in few words.
        rtypes: the types; in the group `BROKEN` names of plug-ins.
    """

    name: str
    title: str
    provides: str
    rtypes: tuple[str, ...]


def type_groups() -> list[TypeGroup]:
    """Return all resource types by backend, then those for files of NEPI, then the plug-ins that failed.

    Backends that have links come first: a network is what an experiment begins with. Checks come after what they judge.
    """
    every = [ResourceFactory.get_resource_type(rtype) for rtype in ResourceFactory.resource_types()]
    new = sorted((each for each in every if not each.legacy), key=_place)
    groups = [_backend_group(name, list(members)) for name, members in groupby(new, key=_backend)]
    linking = {each.get_backend() for each in new if each.drawn is Drawn.EDGE}
    groups.sort(key=lambda group: (group.name == EVERYWHERE, is_check(group.rtypes[0]), group.name not in linking))
    if old := tuple(each.get_rtype() for each in every if each.legacy):
        provides = translate("TypeGroup", "nothing that a new experiment needs")
        groups.append(TypeGroup(LEGACY, translate("TypeGroup", "For files of NEPI"), provides, old))
    if broken := tuple(sorted(ResourceFactory.broken())):
        provides = translate("TypeGroup", "what they bring is missing")
        groups.append(TypeGroup(BROKEN, translate("TypeGroup", "Plug-ins that failed"), provides, broken))
    return groups


def fitting_types(typed: str) -> list[str]:
    """Return the types that fit what was typed, the best first: by name, by backend, by what they are for.

    Those for files of NEPI come last.
    """
    types = map(ResourceFactory.get_resource_type, ResourceFactory.resource_types())
    found = Typed(typed).best(sorted(types, key=_place), _texts)
    return [each.get_rtype() for each in sorted(found, key=lambda each: each.legacy)]


def _texts(rclass: type[ResourceManager]) -> tuple[str, str]:
    rtype = rclass.get_rtype()
    return short_type(rtype).casefold(), f"{rtype} {rclass.get_help()}".casefold()


def _place(rclass: type[ResourceManager]) -> tuple[bool, str, int, str]:
    backend = rclass.get_backend()
    return backend == EVERYWHERE, backend, _ORDER.index(rclass.drawn), rclass.get_rtype()


def _backend(rclass: type[ResourceManager]) -> str:
    return rclass.get_backend()


def _backend_group(name: str, members: list[type[ResourceManager]]) -> TypeGroup:
    backend = ResourceFactory.backend(name)
    title = translate("TypeGroup", "everywhere") if name == EVERYWHERE else name
    provides = translate("TypeGroup", "works with every backend") if name == EVERYWHERE else ""
    provides = backend.provides if backend else provides
    return TypeGroup(name, title, provides, tuple(each.get_rtype() for each in members))

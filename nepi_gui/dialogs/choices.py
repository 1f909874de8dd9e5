"""What the command palette offers, and which of it fits what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nepi_core.description import ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.structure import short_type, shown_name
from nepi_gui import icons
from nepi_gui.matching import Typed
from nepi_gui.panels.type_groups import BROKEN, LEGACY, type_groups
from nepi_gui.translation import translate

MOST_SHOWN = 60
"""How many choices are listed at most; who wants others types more."""

_MOST_RECENT = 8


class Kind(StrEnum):
    """What is chosen."""

    TYPE = "type"
    COMMAND = "command"
    RESOURCE = "resource"


_ORDER = {Kind.TYPE: 0, Kind.COMMAND: 1, Kind.RESOURCE: 2}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen.

    Attributes:
        name: the command's name, the resource type, or the guid.
        title: what is shown, and searched first.
        detail: more about it, which is shown after the title.
        icon: the icon's name, "" for none.
        keys: the keys that do the same; "" for none.
        is_enabled: whether it can be done just now.
        is_on: for a command that switches something, whether that is on.
        title_folded, beside_folded: what is searched, casefolded.
    """

    kind: Kind
    name: str
    title: str
    detail: str
    icon: str
    title_folded: str
    beside_folded: str
    keys: str = ""
    is_enabled: bool = True
    is_on: bool = False

    @property
    def identity(self) -> str:
        """What tells it from all others."""
        return f"{self.kind}:{self.name}"

    @property
    def kind_word(self) -> str:
        """What it is, in the user's language."""
        match self.kind:
            case Kind.TYPE:
                return translate("Choices", "type")
            case Kind.RESOURCE:
                return translate("Choices", "resource")
        return translate("Choices", "command")


def type_choices() -> list[Choice]:
    """Return the resource types that can be added, as the palette has them, without those for files of NEPI."""
    listed = [rtype for group in type_groups() if group.name not in (LEGACY, BROKEN) for rtype in group.rtypes]
    return [_type(rtype, ResourceFactory.get_resource_type(rtype).get_help()) for rtype in listed]


def _type(rtype: str, help_text: str) -> Choice:
    title = translate("Choices", "Add {0}").format(short_type(rtype))
    detail = f"{rtype.rpartition('::')[0]} · {help_text}" if "::" in rtype else help_text
    beside = f"{title} {rtype} {help_text}".casefold()
    return Choice(Kind.TYPE, rtype, title, detail, icons.icon_of_type(rtype), short_type(rtype).casefold(), beside)


def resource_choices(resources: Iterable[ResourceDescription]) -> list[Choice]:
    """Return the resources of an experiment; each is found by its label, its type and its guid."""
    pictures: dict[str, str] = {}
    choices = []
    for each in resources:
        icon = pictures.get(each.rtype) or pictures.setdefault(each.rtype, icons.icon_of_type(each.rtype))
        name, beside = shown_name(each), f"{each.rtype} {each.guid}"
        choices.append(
            Choice(
                Kind.RESOURCE, str(each.guid), name, beside, icon, name.casefold(), f"{beside} #{each.guid}".casefold()
            )
        )
    return choices


def fitting(choices: Sequence[Choice], typed: str, recent: Sequence[str]) -> list[Choice]:
    """Return the choices to be listed, the best first.

    Args:
        choices: all that there are.
        typed: what was typed; when it is empty, the recent ones come first and then those that are no resources.
        recent: identities of what was chosen last, the last first.
    """
    words = Typed(typed)
    if not words:
        known = {each.identity: each for each in choices}
        first = [known[each] for each in recent[:_MOST_RECENT] if each in known and known[each].is_enabled]
        others = (each for each in choices if each.kind is not Kind.RESOURCE and each.is_enabled and each not in first)
        return [*first, *others][:MOST_SHOWN]
    lately = set(recent[:_MOST_RECENT])

    def order(choice: Choice) -> int:
        return _ORDER[choice.kind] - 4 * (choice.identity in lately) + 8 * (not choice.is_enabled)

    return words.best(choices, lambda each: (each.title_folded, each.beside_folded), order, MOST_SHOWN)

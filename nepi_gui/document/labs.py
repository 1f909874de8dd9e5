"""Steps that the maker of a lab takes: its task, and what its students may not change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nepi_core.description import Lab
from nepi_gui.document.document import Document
from nepi_gui.translation import translate


def set_lab(document: Document, lab: Lab | None, text: str = "") -> None:
    """Make the experiment this lab; None makes it none."""
    with document.edit(text or translate("Steps", "Change the lab")) as edit:
        edit.set_part("lab", lab)


def lock(document: Document, guids: Collection[int], is_locked: bool) -> None:
    """Lock resources for students, or give them free, with all their attributes."""
    present = document.description.lab or Lab()
    chosen = set(guids)
    free = present.without(chosen)
    text = translate("Steps", "Lock {0} resources") if is_locked else translate("Steps", "Unlock {0} resources")
    set_lab(document, replace(free, locked=free.locked | chosen) if is_locked else free, text.format(len(chosen)))


def lock_attribute(document: Document, guid: int, name: str, is_locked: bool) -> None:
    """Lock an attribute of a resource for students, or give it free."""
    lab = document.description.lab or Lab()
    locked, opened = lab.locked_attributes.get(guid, frozenset()), lab.open_attributes.get(guid, frozenset())
    if guid in lab.locked:
        names = opened - {name} if is_locked else opened | {name}
        changed = replace(lab, open_attributes={**lab.open_attributes, guid: names})
    else:
        names = locked | {name} if is_locked else locked - {name}
        changed = replace(lab, locked_attributes={**lab.locked_attributes, guid: names})
    text = translate("Steps", "Lock {0}") if is_locked else translate("Steps", "Unlock {0}")
    set_lab(document, changed, text.format(name))


def is_attribute_locked(lab: Lab | None, guid: int, name: str) -> bool:
    """Tell whether students may not change an attribute."""
    if lab is None:
        return False
    if guid in lab.locked:
        return name not in lab.open_attributes.get(guid, frozenset())
    return name in lab.locked_attributes.get(guid, frozenset())

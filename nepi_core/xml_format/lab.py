"""The lab of an experiment description, from XML and to XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import cast

from lxml import etree
from lxml.etree import SubElement

from nepi_core.description import Lab
from nepi_core.xml_format.document import Document, Readers
from nepi_core.xml_format.names import GUI, MAX_TEXT
from nepi_core.xml_format.values import parse_bool, parse_positive

_Items = Mapping[str, str]


@dataclass(slots=True)
class _Parts:
    """What the elements of a lab say, collected until all have been read."""

    task: str = ""
    locked: set[int] = field(default_factory=set)
    locked_attributes: dict[int, set[str]] = field(default_factory=dict)
    open_attributes: dict[int, set[str]] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=set)


def read_lab(element: etree._Element, document: Document) -> Lab:
    """Return what a ``lab`` element describes; faults go to the document.

    A lock on a resource that does not exist is none: students may have removed it by hand.
    """
    parts = _Parts()
    readers: Readers = {
        f"{GUI}task": _read_task,
        f"{GUI}allowed": _read_allowed,
        f"{GUI}lock": _read_lock,
        f"{GUI}open": _read_open,
    }
    document.read_inside(element, parts, readers)
    return Lab(
        _bounded("its title", element.get("title", "")),
        parts.task,
        frozenset(parts.locked),
        {guid: frozenset(names) for guid, names in parts.locked_attributes.items()},
        {guid: frozenset(names) for guid, names in parts.open_attributes.items()},
        parse_bool(element.get("structure_locked", "False")),
        frozenset(parts.allowed),
    )


def _read_task(parts: _Parts, element: etree._Element, _: _Items) -> None:
    if parts.task:
        raise ValueError("it stands twice")
    text = "".join(cast("list[str]", element.xpath("text()")))  # without comments
    parts.task = _bounded("it", text)


def _read_allowed(parts: _Parts, _: etree._Element, items: _Items) -> None:
    parts.allowed.add(intern(items["rtype"]))


def _read_lock(parts: _Parts, _: etree._Element, items: _Items) -> None:
    guid = parse_positive(items["guid"], "guid")
    if "attribute" in items:
        parts.locked_attributes.setdefault(guid, set()).add(intern(items["attribute"]))
    else:
        parts.locked.add(guid)


def _read_open(parts: _Parts, _: etree._Element, items: _Items) -> None:
    guid = parse_positive(items["guid"], "guid")
    parts.open_attributes.setdefault(guid, set()).add(intern(items["attribute"]))


def _bounded(what: str, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(f"{what} has {len(text)} characters; {MAX_TEXT} are allowed")
    return text


def write_lab(root: etree._Element, lab: Lab) -> None:
    """Add the ``lab`` element to the experiment's.

    Raises:
        ValueError: it cannot be written.
    """
    for name, text in (("title", lab.title), ("task", lab.task)):
        _bounded(f"its {name}", text)
    element = SubElement(root, f"{GUI}lab")
    if lab.title:
        element.set("title", lab.title)
    if lab.structure_locked:
        element.set("structure_locked", "True")
    if lab.task:
        SubElement(element, f"{GUI}task").text = lab.task
    for rtype in sorted(lab.allowed_types):
        SubElement(element, f"{GUI}allowed", rtype=rtype)
    for guid in sorted(lab.locked):
        SubElement(element, f"{GUI}lock", guid=_guid(guid))
    _write_names(element, "lock", lab.locked_attributes)
    _write_names(element, "open", lab.open_attributes)


def _write_names(element: etree._Element, tag: str, attributes: Mapping[int, Iterable[str]]) -> None:
    for guid, names in sorted(attributes.items()):
        for name in sorted(names):
            SubElement(element, f"{GUI}{tag}", guid=_guid(guid), attribute=name)


def _guid(guid: int) -> str:
    return str(parse_positive(str(guid), "guid"))

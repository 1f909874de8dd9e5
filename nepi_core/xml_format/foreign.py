"""What a file holds beyond the format: kept when it is read, put back when it is written, told when it is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from lxml import etree

from nepi_core.description import ExperimentDescription, Foreign
from nepi_core.errors import nearest
from nepi_core.xml_format.document import items_of, parse
from nepi_core.xml_format.names import GUI, NAMESPACE, TEXTS, VERSION, VOCABULARY, Kind, readable
from nepi_core.xml_format.values import parse_value

VERSION_MARK = f"{GUI}version"
"""`Foreign.name` of the version mark of a file whose version is later than ours."""

INDENT = "    "

_OWNERS = frozenset({"topology", "rm"})
"""Elements that keep their unknown parts themselves, apart from the experiment's."""


def collect(owner: etree._Element) -> list[Foreign]:
    """Return all that `VOCABULARY` does not give to an element and to the elements below it."""
    if not _has_unknown(owner):
        return []
    found = [part for place, element in _places(owner) for part in _unknown(place, element)]
    # A container that stands twice is written once, and so is an attribute that both of them have.
    once = {(part.parent, part.name or index): part for index, part in enumerate(found)}
    return sorted(once.values(), key=lambda part: (part.parent, not part.name))


def put_back(owner: etree._Element, foreign: Iterable[Foreign]) -> None:
    """Put unknown parts where they were, into a tree that is indented; what belongs to something removed is left out.

    Raises:
        ValueError: a part is no well-formed element, or no attribute.
    """
    places = dict(_places(owner))
    # Attributes come last: the prefixes that lxml gives to them would replace those in the elements put back below.
    for part in sorted(foreign, key=lambda part: bool(part.name)):
        holder = _holder(places, part.parent)
        if holder is None:
            continue
        if part.name:
            holder.set(part.name, part.content)
        else:
            _append(holder, parse(part.content.encode()))


def unknown_parts(description: ExperimentDescription) -> list[str]:
    """Return a sentence for each part of the file that this program kept but does not know."""
    sentences = list(_sentences("experiment", "The experiment", description.foreign))
    if description.topology:
        sentences += _sentences("topology", "The topology", description.topology.foreign)
    for resource in description.resources.values():
        owner = f"Resource {resource.guid} ({resource.rtype})"
        sentences += _sentences("rm", owner, resource.foreign or ())
    return sentences


def _has_unknown(element: etree._Element) -> bool:
    kind = VOCABULARY[element.tag]
    if not kind.attributes.issuperset(element.keys()):
        return True
    for child in element:
        tag = child.tag
        if tag not in kind.children or (tag not in _OWNERS and _has_unknown(child)):
            return True
    return False


def _places(owner: etree._Element) -> list[tuple[str, etree._Element]]:
    """Return an element and all known ones below it, each with its place: the steps from the first to it."""
    places = [("", owner)]
    orders: Counter[str] = Counter()
    for place, element in places:  # which grows meanwhile
        for child in element:
            if child.tag in VOCABULARY[element.tag].children and child.tag not in _OWNERS:
                path = f"{place}/{child.tag}" if place else child.tag
                places.append((path + _identity(child, VOCABULARY[child.tag], orders[path]), child))
                orders[path] += 1
    return places


def _identity(element: etree._Element, kind: Kind, order: int) -> str:
    """Return what tells an element from others of its kind: a value, whose spelling does not matter, or its order."""
    if kind.identity == "":
        return ""
    if kind.identity == "#":
        return f"[{order}]"
    typed = "integer" if kind.identity == "guid" else element.get(f"{kind.identity}-type", "string")
    return f"[{quote(repr(parse_value(typed, element.get(kind.identity, ''))), safe='')}]"


def _unknown(place: str, element: etree._Element) -> Iterator[Foreign]:
    kind = VOCABULARY[element.tag]
    for name, value in items_of(element).items():
        if name not in kind.attributes:
            yield Foreign(place, name, value)
    for child in element:
        if child.tag not in kind.children and isinstance(child.tag, str):  # a comment has no name
            yield Foreign(place, "", _content(child))


def _content(element: etree._Element) -> str:
    """Return an unknown element as XML text that means the same in any place, and reads back to the same text."""
    text = _canonical(element, [])
    # A prefix may also be used in a value (``xsi:type="a:b"``), which canonical XML does not see.
    prefixes = (prefix for prefix, uri in element.nsmap.items() if prefix and uri != NAMESPACE)
    return _canonical(element, [prefix for prefix in prefixes if f"{prefix}:" in text])


def _canonical(element: etree._Element, prefixes: list[str]) -> str:
    return etree.tostring(
        element, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes, with_comments=True, with_tail=False
    ).decode()


def _holder(places: dict[str, etree._Element], place: str) -> etree._Element | None:
    """Return the element of a place; a missing one is made when it is only written for what it holds."""
    above, _, tag = place.rpartition("/")
    if place not in places and above in places and tag in VOCABULARY and not VOCABULARY[tag].attributes:
        places[place] = etree.Element(tag)
        _append(places[above], places[place])
    return places.get(place)


def _append(holder: etree._Element, child: etree._Element) -> None:
    """Append an element on a line of its own; what is in it stays as it is, and so does a text that counts."""
    if holder.tag in TEXTS:
        holder.append(child)
        return
    outer = "\n" + INDENT * sum(1 for _ in holder.iterancestors())
    if len(holder):
        holder[-1].tail = outer + INDENT
    else:
        holder.text = outer + INDENT
    child.tail = outer
    holder.append(child)


def _sentences(root: str, owner: str, foreign: Sequence[Foreign]) -> Iterator[str]:
    for part in foreign:
        tag = part.parent.rpartition("/")[2].partition("[")[0] or root
        kind = VOCABULARY[tag]
        where = f"{owner} has in element '{readable(tag)}' an unknown"
        if part.name == VERSION_MARK:
            yield f"The file has version {part.content} of the format; this program knows version {VERSION}."
        elif part.name:
            yield f"{where} attribute '{readable(part.name)}'.{_did_you_mean(part.name, kind.attributes)}"
        else:
            name = str(parse(part.content.encode()).tag)
            yield f"{where} element '{readable(name)}'.{_did_you_mean(name, kind.children)}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = nearest(readable(name), map(readable, known))
    return f" Did you mean '{close}'?" if close else ""

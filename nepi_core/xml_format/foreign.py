"""What a file holds beyond the format: kept when it is read, put back when it is written, told when it is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from lxml import etree

from nepi_core.description import Condition, ExperimentDescription, Foreign, NodeId
from nepi_core.errors import nearest
from nepi_core.xml_format.document import items_of, parse_fragment
from nepi_core.xml_format.names import NAMESPACE, PREFIX, VERSION, VOCABULARY, plain, tags
from nepi_core.xml_format.values import escape, shown

TEXT = "#text"
"""`Foreign.name` of text that stands between elements."""

VERSION_MARK = f"{{{NAMESPACE}}}{PREFIX}:version"
"""`Foreign.name` of the version mark of a file whose version is later than ours."""

_XML = "http://www.w3.org/XML/1998/namespace"
_NAME = re.compile(r"(?:\{([^{}]+)\}([\w.-]+):)?([\w.-]+)")
_BLANK = " \t\r\n"
_RANKS = {"": 1, TEXT: 2}


def collect(found: list[Foreign], parent: str, element: etree._Element) -> None:
    """Add to ``found`` all of an element that `VOCABULARY` does not give to it; ``parent`` is its place."""
    attributes, children = VOCABULARY[plain(str(element.tag))]
    for name, value in items_of(element).items():
        if plain(name) not in attributes:
            found.append(Foreign(parent, _qualified(element, name), value))
    texts = [element.text]
    for child in element:
        texts.append(child.tail)
        if not isinstance(child.tag, str):  # a comment or processing instruction
            found.append(Foreign(parent, "", etree.tostring(child, encoding="unicode", with_tail=False)))
        elif plain(child.tag) not in children:
            found.append(Foreign(parent, "", _content(child)))
    loose = " ".join(text.strip(_BLANK) for text in texts if text and text.strip(_BLANK))
    if loose:
        found.append(Foreign(parent, TEXT, loose))


def settled(found: Iterable[Foreign]) -> list[Foreign]:
    """Return what was found in the order in which it is written, each attribute of an element once."""
    once: dict[tuple[str, str | int], Foreign] = {}
    for index, part in enumerate(found):
        once.setdefault((part.parent, part.name or index), part)
    return sorted(once.values(), key=lambda part: (part.parent, _RANKS.get(part.name, 0)))


def condition_key(condition: Condition) -> tuple[object, ...]:
    """Return what tells a condition from others of its resource, for `step`."""
    group = " ".join(map(str, condition.group))
    return int(condition.action), group, int(condition.state), condition.time


def node_key(nid: NodeId) -> tuple[object, ...]:
    """Return what tells a node of a topology from others, for `step`."""
    return type(nid).__name__, nid


def by_parent(foreign: Iterable[Foreign]) -> dict[str, list[Foreign]]:
    """Return what is to be put back, by the place it belongs to.

    Raises:
        ValueError: a part is no single well-formed element or attribute.
    """
    places: dict[str, list[Foreign]] = {}
    for part in foreign:
        _check(part)
        places.setdefault(part.parent, []).append(part)
    return places


def attribute_text(part: Foreign, head: str) -> str:
    """Return a kept XML attribute as it stands in a start tag, with the namespace it needs.

    Args:
        part: the attribute.
        head: the start tag so far.

    Raises:
        ValueError: the tag has that attribute already.
    """
    match = _NAME.fullmatch(part.name)
    if not match:
        raise ValueError(f"the unknown attribute {shown(part.name)} has no possible name")
    namespace, prefix, local = match.groups()
    name = f"{prefix}:{local}" if prefix else local
    declaration = f' xmlns:{prefix}="{escape(namespace)}"' if prefix else ""
    if prefix == PREFIX and namespace != NAMESPACE:
        raise ValueError(f"the unknown attribute {shown(part.name)} takes the prefix '{PREFIX}' away")
    if f' {name}="' in head or (f' xmlns:{prefix}="' in head and declaration not in head):
        raise ValueError(f"the unknown attribute {shown(name)} stands twice")
    if namespace in (_XML, NAMESPACE) or declaration in head:
        declaration = ""
    return f'{declaration} {name}="{escape(part.content)}"'


def unknown_parts(description: ExperimentDescription) -> list[str]:
    """Return a sentence for each part of the file that this program kept but does not know."""
    sentences = list(_sentences("experiment", "The experiment", description.foreign))
    if description.topology:
        sentences += _sentences("topology", "The topology", description.topology.foreign)
    for resource in description.resources.values():
        if resource.foreign:
            owner = f"Resource {resource.guid} ({resource.rtype})"
            sentences += _sentences("rm", owner, resource.foreign)
    return sentences


def _sentences(root: str, owner: str, foreign: Sequence[Foreign]) -> Iterator[str]:
    for part in foreign:
        tag = [root, *tags(part.parent)][-1]
        where = f"{owner} has in element '{tag}'"
        attributes, children = VOCABULARY.get(tag, (frozenset(), frozenset()))
        if part.name == VERSION_MARK:
            yield f"The file has version {part.content} of the format; this program knows version {VERSION}."
        elif part.name == TEXT:
            yield f"{where} the text {shown(part.content)}, which means nothing there."
        elif part.name:
            yield f"{where} an unknown attribute '{_readable(part.name)}'.{_did_you_mean(part.name, attributes)}"
        elif not part.content.startswith(("<!--", "<?")):
            name = part.content[1:].partition(">")[0].split(maxsplit=1)[0].rstrip("/")
            yield f"{where} an unknown element '{name}'.{_did_you_mean(name, children)}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = nearest(_readable(name), known)
    return f" Did you mean '{close}'?" if close else ""


def _readable(name: str) -> str:
    return name.rpartition("}")[2]


def _qualified(element: etree._Element, name: str) -> str:
    """Return an attribute's name as `Foreign` keeps it: ``{namespace}prefix:name``, or the name alone."""
    if not name.startswith("{"):
        return name
    namespace, _, local = name[1:].partition("}")
    if namespace in (NAMESPACE, _XML):
        return f"{{{namespace}}}{PREFIX if namespace == NAMESPACE else 'xml'}:{local}"
    prefixes = (prefix for prefix, uri in element.nsmap.items() if uri == namespace and prefix not in (None, PREFIX))
    return f"{{{namespace}}}{next(prefixes, f'ns{crc32(namespace.encode()):x}')}:{local}"


def _content(element: etree._Element) -> str:
    """Return an unknown element as XML text that means the same in any place, and reads back to the same text."""
    text = _canonical(element, [])
    # A prefix may also be used in a value (``xsi:type="a:b"``), which canonical XML does not see.
    prefixes = (prefix for prefix, uri in element.nsmap.items() if prefix and uri != NAMESPACE)
    hidden = [prefix for prefix in prefixes if f"{prefix}:" in text]
    return _canonical(element, hidden) if hidden else text


def _canonical(element: etree._Element, prefixes: list[str]) -> str:
    return etree.tostring(
        element, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes, with_comments=True, with_tail=False
    ).decode()


def _check(part: Foreign) -> None:
    if part.name == TEXT:
        escape(part.content)
        return
    holder = parse_fragment(f"<element{attribute_text(part, '')}/>" if part.name else part.content)
    texts = [holder.text, *(child.tail for child in holder)]
    if len(holder) != 1 or any(text and text.strip(_BLANK) for text in texts):
        raise ValueError(f"the unknown element {shown(part.content)} is not one element")
    if part.name and len(holder[0].attrib) != 1:
        raise ValueError(f"the unknown attribute {shown(part.name)} is not one attribute")

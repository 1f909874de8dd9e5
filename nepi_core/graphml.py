"""Reads GraphML: keys declare names and types, then come nodes and edges with their data."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nepi_core.description import Value

if TYPE_CHECKING:
    from lxml import etree

    from nepi_core.graph_files import Contents

_BOOLS = {"true": True, "1": True, "false": False, "0": False}
_GRAPHML_TYPES: Mapping[str, Callable[[str], Value]] = {
    "boolean": lambda text: _BOOLS[text.lower()],
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
}


@dataclass(slots=True)
class _Key:
    name: str
    kind: str
    owner: str
    default: Value | None = None


def read_graphml(data: bytes, contents: Contents) -> None:
    """Add the nodes and edges of a GraphML file; nested graphs become one.

    Raises:
        FormatError: the file is no GraphML, or tries what a harmless file has no need of.
    """
    from lxml import etree

    # What a file may not do: name other files, define entities (they can grow without end), nest without end.
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    keys: dict[str, _Key] = {}
    try:
        for number, (event, element) in enumerate(events):
            if number == 0:
                _check_root(element, contents)
            _read_element(event, element, keys, contents)
    except etree.XMLSyntaxError as error:
        raise contents.fault(error.lineno or 0, f"this is no XML: {error.msg}.") from None


def _check_root(root: etree._Element, contents: Contents) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise contents.fault(1, "a document type definition (DOCTYPE) is not accepted.")
    if _tag(root) != "graphml":
        raise contents.fault(_line(root), f"found element '{_tag(root)}', expected 'graphml'.")


def _read_element(event: str, element: etree._Element, keys: dict[str, _Key], contents: Contents) -> None:
    tag, line = _tag(element), _line(element)
    if event == "start":
        if tag == "graph" and element.get("edgedefault") == "directed":
            contents.directed = True
        elif tag == "hyperedge":
            raise contents.fault(line, "hyperedges (edges of more than two nodes) are not accepted.")
    elif tag == "key":
        keys[element.get("id", "")] = _key(element, contents)
    elif tag == "node":
        nid = _required(element, "id", contents)
        contents.add_node(nid, _graphml_data(element, keys, contents), line)
        element.clear()
    elif tag == "edge":
        ends = _required(element, "source", contents), _required(element, "target", contents)
        contents.edges.append((*ends, _graphml_data(element, keys, contents), line))
        element.clear()


def _tag(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _line(element: etree._Element) -> int:
    line: Any = element.sourceline  # its stub has no type
    return int(line or 0)


def _required(element: etree._Element, name: str, contents: Contents) -> str:
    value = element.get(name)
    if value is None:
        raise contents.fault(_line(element), f"element '{_tag(element)}' has no attribute '{name}'.")
    return value


def _key(element: etree._Element, contents: Contents) -> _Key:
    identifier = element.get("id", "")
    key = _Key(element.get("attr.name", identifier), element.get("attr.type", "string"), element.get("for", "all"))
    for child in element:
        if _tag(child) == "default":
            key.default = _graphml_value(child, key, contents)
    return key


def _graphml_data(owner: etree._Element, keys: Mapping[str, _Key], contents: Contents) -> dict[str, Any]:
    applicable = (_tag(owner), "all")
    data: dict[str, Any] = {
        key.name: key.default for key in keys.values() if key.default is not None and key.owner in applicable
    }
    for child in owner:
        if _tag(child) != "data":
            continue
        key = keys.get(child.get("key", ""))
        if key is None:
            raise contents.fault(_line(child), f"data has key '{child.get('key', '')}', which no 'key' declares.")
        if len(child):
            data.update(_drawn_label(child))
        else:
            data[key.name] = _graphml_value(child, key, contents)
    return data


def _graphml_value(element: etree._Element, key: _Key, contents: Contents) -> Value:
    text = element.text or ""
    convert = _GRAPHML_TYPES.get(key.kind.lower(), str)
    try:
        return convert(text if convert is str else text.strip())
    except (ValueError, KeyError):
        shown = text if len(text) <= 60 else text[:60] + "..."
        raise contents.fault(_line(element), f"'{shown}' is no {key.kind}, the type of key '{key.name}'.") from None


def _drawn_label(element: etree._Element) -> dict[str, Any]:
    """Return the label in the drawing instructions of the editor yEd; the rest of them is not ours."""
    label = next((each.text for each in element.iter("{*}NodeLabel", "{*}EdgeLabel") if each.text), None)
    return {"label": label.strip()} if label else {}

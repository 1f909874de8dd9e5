"""The words and numbers of the format, in one place for its reader, its writer and what is said about a file."""

from __future__ import annotations

from typing import NamedTuple

from nepi_core.states import ResourceAction, ResourceState

NAMESPACE = "urn:nepi:gui:1"
"""Namespace of what this project adds to NEPI's format; NEPI ignores it."""

PREFIX = "gui"

GUI = f"{{{NAMESPACE}}}"
"""How lxml spells our prefix in front of a name."""

VERSION = 1

MAX_BYTES = 256 * 1024 * 1024
"""Longest file that is read or written: some 200,000 resources."""

MAX_TEXT = 1_000_000
"""Characters of the longest value. Escaped it stays below the 10 MB at which the XML parser refuses an attribute."""

NEPI_TOPOLOGIES = frozenset({"linear", "ladder", "mesh", "tree", "star", "adhoc"})
"""Topology types that NEPI knows; any other is written as ``adhoc``, and its real name in our namespace."""

NEPI_THREADS = 20
"""Written for NEPI, which cannot load a file without a number of threads, when the experiment leaves it open."""

LITERAL_SHAPES: dict[str, type] = {"ips": list, "net": dict, "net6": dict}
"""Annotations whose text is a Python literal without a mark that says so, and what it must be."""

STATE_TIMES = {
    "discover_time": ResourceState.DISCOVERED,
    "provision_time": ResourceState.PROVISIONED,
    "ready_time": ResourceState.READY,
    "start_time": ResourceState.STARTED,
    "stop_time": ResourceState.STOPPED,
    "failed_time": ResourceState.FAILED,
    "release_time": ResourceState.RELEASED,
}

ACTIONS = {str(int(action)): action for action in ResourceAction}
STATES = {str(int(state)): state for state in ResourceState}

_NEPI6_LATER = {str(int(state) + 1): state for state in ResourceState if state >= ResourceState.PROVISIONED}
_NEPI6_EARLY = {"0": ResourceState.NEW, "1": ResourceState.DISCOVERED}

# NEPI 6 has a state between DISCOVERED and PROVISIONED. A resource that was RESERVED had not become more than
# DISCOVERED; a condition that waits for RESERVED is met by the first of our states that is not earlier.
NEPI6_STATES = {**_NEPI6_EARLY, "2": ResourceState.DISCOVERED, **_NEPI6_LATER}
NEPI6_CONDITION_STATES = {**_NEPI6_EARLY, "2": ResourceState.PROVISIONED, **_NEPI6_LATER}


class Kind(NamedTuple):
    """What the format says of an element.

    Attributes:
        attributes, children: names of the XML attributes and of the elements that it may have.
        identity: XML attribute that tells it from others of its kind in one place, "#" when only their order does,
            "" when there is but one.
    """

    attributes: frozenset[str]
    children: frozenset[str]
    identity: str


_ANNOTATION = "name value type gui:literal"
_NOTE = "x y width height text colour"
_KINDS = {
    "experiment": (
        "exp_id run_id nthreads local_dir gui:version gui:nthreads",
        "topology rms gui:globals gui:changes gui:canvas gui:lab",
        "",
    ),
    "topology": ("topo-type gui:topo-type", "nodes edges", ""),
    "nodes": ("", "node", ""),
    "node": ("nid nid-type source target", "node-annotations", "nid"),
    "node-annotations": ("", "node-annotation", ""),
    "node-annotation": (_ANNOTATION, "", "name"),
    "edges": ("", "edge", ""),
    "edge": ("nid1 nid1-type nid2 nid2-type", "edge-annotations", "#"),
    "edge-annotations": ("", "edge-annotation", ""),
    "edge-annotation": (_ANNOTATION, "", "name"),
    "rms": ("", "rm", ""),
    "rm": (" ".join(["guid rtype state", *STATE_TIMES]), "attributes connections conditions traces gui:layout", "guid"),
    "attributes": ("", "attribute", ""),
    "attribute": ("name value type", "", "name"),
    "connections": ("", "connection", ""),
    "connection": ("guid", "", "guid"),
    "conditions": ("", "condition", ""),
    "condition": ("action group state time", "", "#"),
    "traces": ("", "trace gui:trace", ""),
    "trace": ("name", "", "name"),
    "gui:trace": ("name enabled", "", "name"),
    "gui:layout": ("x y width height colour label note", "", ""),
    "gui:globals": ("", "gui:global", ""),
    "gui:global": ("rtype name value type", "", "#"),
    "gui:changes": ("", "gui:change", ""),
    "gui:change": ("guids name value type group state time", "", "#"),
    "gui:canvas": ("", "gui:viewport gui:note gui:area", ""),
    "gui:viewport": ("x y zoom", "", ""),
    "gui:note": (_NOTE, "", "#"),
    "gui:area": (_NOTE, "", "#"),
    "gui:lab": ("title structure_locked", "gui:task gui:allowed gui:lock gui:open", ""),
    "gui:task": ("", "", ""),
    "gui:allowed": ("rtype", "", "#"),
    "gui:lock": ("guid attribute", "", "#"),
    "gui:open": ("guid attribute", "", "#"),
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.replace("gui:", GUI).split())


VOCABULARY = {
    tag.replace("gui:", GUI): Kind(_names(attributes), _names(children), identity)
    for tag, (attributes, children, identity) in _KINDS.items()
}
"""All elements of the format, by their tags as lxml spells them."""


TEXTS = frozenset({f"{GUI}task"})
"""Elements whose text counts, blanks and ends of lines included."""


def readable(name: str) -> str:
    """Return a name as people write it, given as lxml spells it."""
    return name.replace(GUI, f"{PREFIX}:")

"""The words and numbers of the format, in one place for its reader, its writer and what is said about a file."""

from __future__ import annotations

from urllib.parse import quote

from nepi_core.states import ResourceAction, ResourceState

NAMESPACE = "urn:nepi:gui:1"
"""Namespace of what this project adds to NEPI's format; NEPI ignores it."""

PREFIX = "gui"
VERSION = 1

MAX_BYTES = 256 * 1024 * 1024
"""Longest file that is read or written: some 200,000 resources."""

MAX_TEXT = 1_000_000
"""Characters of the longest value. Escaped it stays below the 10 MB at which the XML parser refuses an attribute."""

MOST_FAULTS = 20
"""Faults that one error tells; reading goes no further than that."""

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

_ANNOTATION = (frozenset({"name", "value", "type", "gui:literal"}), frozenset[str]())
_NOTE = (frozenset({"x", "y", "width", "height", "text", "colour"}), frozenset[str]())


def _holds(*children: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(), frozenset(children)


def _has(*attributes: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(attributes), frozenset()


VOCABULARY: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "experiment": (
        frozenset({"exp_id", "run_id", "nthreads", "local_dir", "gui:version", "gui:nthreads"}),
        frozenset({"topology", "rms", "gui:globals", "gui:changes", "gui:canvas"}),
    ),
    "topology": (frozenset({"topo-type", "gui:topo-type"}), frozenset({"nodes", "edges"})),
    "nodes": _holds("node"),
    "node": (frozenset({"nid", "nid-type", "source", "target"}), frozenset({"node-annotations"})),
    "node-annotations": _holds("node-annotation"),
    "node-annotation": _ANNOTATION,
    "edges": _holds("edge"),
    "edge": (frozenset({"nid1", "nid1-type", "nid2", "nid2-type"}), frozenset({"edge-annotations"})),
    "edge-annotations": _holds("edge-annotation"),
    "edge-annotation": _ANNOTATION,
    "rms": _holds("rm"),
    "rm": (
        frozenset({"guid", "rtype", "state", *STATE_TIMES}),
        frozenset({"attributes", "connections", "conditions", "traces", "gui:layout"}),
    ),
    "attributes": _holds("attribute"),
    "attribute": _has("name", "value", "type"),
    "connections": _holds("connection"),
    "connection": _has("guid"),
    "conditions": _holds("condition"),
    "condition": _has("action", "group", "state", "time"),
    "traces": _holds("trace", "gui:trace"),
    "trace": _has("name"),
    "gui:trace": _has("name", "enabled"),
    "gui:layout": _has("x", "y", "width", "height", "colour", "label", "note"),
    "gui:globals": _holds("gui:global"),
    "gui:global": _has("rtype", "name", "value", "type"),
    "gui:changes": _holds("gui:change"),
    "gui:change": _has("guids", "name", "value", "type", "group", "state", "time"),
    "gui:canvas": _holds("gui:viewport", "gui:note", "gui:area"),
    "gui:viewport": _has("x", "y", "zoom"),
    "gui:note": _NOTE,
    "gui:area": _NOTE,
}
"""Element to the attributes and to the elements it may hold, with the prefix ``gui:`` for our namespace."""


def gui(name: str) -> str:
    """Return a name of our namespace as lxml spells it."""
    return f"{{{NAMESPACE}}}{name}"


def plain(name: str) -> str:
    """Return a name as `VOCABULARY` spells it, given as lxml spells it."""
    return f"{PREFIX}:{name[len(NAMESPACE) + 2 :]}" if name.startswith(f"{{{NAMESPACE}}}") else name


def step(tag: str, *key: object) -> str:
    """Return a part of `Foreign.parent` that tells one of many elements with the same tag from the others."""
    return f"{tag}[{','.join(quote(str(part), safe=' ') for part in key)}]"


def tags(parent: str) -> list[str]:
    """Return the tags of a `Foreign.parent` without their keys."""
    return [part.partition("[")[0] for part in parent.split("/")] if parent else []


def unplain(name: str) -> str:
    """Return a name as lxml spells it, given as `VOCABULARY` spells it."""
    return gui(name[len(PREFIX) + 1 :]) if name.startswith(f"{PREFIX}:") else name

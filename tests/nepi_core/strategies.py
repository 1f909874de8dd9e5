"""Whole experiments for hypothesis, and a comparison that tells 1, 1.0 and True apart."""

from __future__ import annotations

import dataclasses
from enum import Enum

from hypothesis import strategies as st

from nepi_core.description import (
    AttributeChange,
    Canvas,
    CanvasNote,
    Condition,
    ExperimentDescription,
    Foreign,
    Lab,
    Layout,
    ResourceDescription,
    TopologyDescription,
    TopologyEdge,
    TopologyNode,
)
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import NAMESPACE

MOST_RESOURCES = 5
GUI = f"{{{NAMESPACE}}}"

CHARACTERS = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r"
)
"""All characters that XML can hold."""

ODD_TEXTS = st.sampled_from(
    [
        *(
            "",
            " ",
            "None",
            "True",
            "1",
            "nan",
            "['a']",
            "{1: 2}",
            "&amp;",
            "&#0000;",
            "]]>",
            "<!-- -->",
            "\r\n",
            "\n\n ",
        ),
        *("  two  blanks  ", "\ttab", "\"double\" and 'single'", "\U0001f600 é \x85 \u2028", "a/b[c],d%20", "\\n"),
    ]
)

texts = st.one_of(st.text(CHARACTERS, max_size=20), ODD_TEXTS)
names = texts.filter(bool)
rtypes = st.sampled_from(["linux::Node", "linux::Ping", "Collector", "ns3::Unknown"]) | names
integers = st.integers() | st.sampled_from([10**300, -(2**64)])
floats = st.floats() | st.sampled_from([-0.0, 1e300, float("inf"), float("-inf"), float("nan")])
coordinates = st.floats(allow_nan=False)
values = st.one_of(texts, st.booleans(), integers, floats)
delays = st.none() | st.sampled_from(["2s", "1.5s", "500ms", "2m30s", "1h", "20us", "0s"])
states = st.sampled_from(ResourceState)
dates = st.datetimes().map(lambda date: f"{date.year:04}{date:%m%d%H%M%S%f}")
colours = st.sampled_from(["", "#ff8000", "#000000"])

literals = st.recursive(
    st.one_of(texts, st.booleans(), integers, st.floats(allow_nan=False, allow_infinity=False), st.text(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    ),
    max_leaves=6,
)
node_ids = st.one_of(texts, st.booleans(), integers, st.floats(allow_nan=False))
annotation_names = st.sampled_from(["ips", "net", "net6", "note", "rate"]) | names
annotation_dicts: st.SearchStrategy[dict[str, object]] = st.dictionaries(
    annotation_names, values | literals.filter(lambda value: not isinstance(value, str)), max_size=4
)

sizes = st.none() | floats
layouts = st.builds(Layout, sizes, sizes, sizes, sizes, colours, label=texts, note=texts)
notes = st.builds(
    CanvasNote,
    st.sampled_from(["note", "area"]),
    *[coordinates] * 4,
    text=texts,
    colour=colours,
)
canvases = st.builds(Canvas, st.lists(notes, max_size=2), st.none() | st.tuples(coordinates, coordinates, coordinates))


lab_names = st.dictionaries(st.integers(1, 10**12), st.frozensets(names, max_size=2), max_size=3)
labs = st.builds(
    Lab,
    texts,
    texts,
    st.frozensets(st.integers(1, 10**12), max_size=3),
    lab_names,
    lab_names,
    st.booleans(),
    st.frozensets(rtypes, max_size=2),
)


def foreign(places: list[str]) -> st.SearchStrategy[list[Foreign]]:
    """Return lists of unknown parts at these places, in the order in which a file gives them."""
    elements = st.sampled_from(
        [
            "<conection></conection>",
            '<a:box xmlns:a="urn:a" kind="a:b">in <b xmlns="urn:b"></b> out</a:box>',
            '<deep x="&#xA;&lt;&quot;"><deeper>\n  <deepest></deepest> </deeper></deep>',
            "<gui:later xmlns:gui=\"urn:nepi:gui:1\">a 'text' <!-- and a comment --></gui:later>",
        ]
    )
    part = st.one_of(
        st.builds(Foreign, st.sampled_from(places), st.just(""), elements),
        st.builds(Foreign, st.sampled_from(places), st.sampled_from(["color", "{urn:a}b", f"{GUI}new"]), texts),
    )
    unique = st.lists(part, max_size=4, unique_by=lambda each: (each.parent, each.name or object()))
    return unique.map(_in_order)


def _in_order(parts: list[Foreign]) -> list[Foreign]:
    return sorted(parts, key=lambda each: (each.parent, not each.name))


@st.composite
def topologies(draw: st.DrawFn) -> TopologyDescription:
    """Draw a topology."""
    nids = draw(st.lists(node_ids, max_size=4, unique=True))
    nodes = [TopologyNode(nid, draw(st.booleans()), draw(st.booleans()), draw(annotation_dicts)) for nid in nids]
    ends = st.sampled_from(nids) if nids else st.nothing()
    edges = draw(st.lists(st.builds(TopologyEdge, ends, ends, annotation_dicts), max_size=4)) if nids else []
    topo_type = draw(st.sampled_from(["linear", "adhoc", "fat-tree", "waxman"]) | texts)
    return TopologyDescription(topo_type, nodes, edges, draw(foreign(["", "edges", "nodes"])))


@st.composite
def experiments(draw: st.DrawFn) -> ExperimentDescription:
    """Draw a whole experiment."""
    guids = draw(st.lists(st.integers(1, 20) | st.integers(1, 10**12), max_size=MOST_RESOURCES, unique=True))
    experiment = ExperimentDescription(
        exp_id=draw(texts),
        run_id=draw(texts),
        nthreads=draw(st.none() | st.integers(1, 100)),
        local_dir=draw(texts),
        topology=draw(st.none() | topologies()),
        resources={guid: draw(_resources(guid, guids)) for guid in guids},
        global_values=draw(st.dictionaries(st.tuples(rtypes, names), values, max_size=2)),
        canvas=draw(canvases),
        lab=draw(st.none() | labs),
    )
    in_lab = [f"{GUI}lab", f"{GUI}lab/{GUI}task"] if experiment.lab is not None and experiment.lab.task else []
    experiment.foreign = draw(foreign(["", "rms", f"{GUI}canvas", f"{GUI}changes", *in_lab]))
    if guids:
        groups = _groups(guids)
        change = st.builds(AttributeChange, groups, names, st.none() | values, groups, states, delays)
        experiment.changes = draw(st.lists(change, max_size=2))
    if len(guids) > 1:
        for first, second in draw(st.lists(st.permutations(guids).map(lambda order: order[:2]), max_size=6)):
            experiment.connect(first, second)
    return experiment


def _groups(guids: list[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.sets(st.sampled_from(guids), min_size=1).map(lambda group: tuple(sorted(group)))


@st.composite
def _resources(draw: st.DrawFn, guid: int, guids: list[int]) -> ResourceDescription:
    condition = st.builds(Condition, st.sampled_from(ResourceAction), _groups(guids), states, delays)
    known_dates = states.filter(lambda state: state > ResourceState.NEW)
    return ResourceDescription(
        guid,
        draw(rtypes),
        attributes=draw(st.dictionaries(names, values, max_size=5)),
        conditions=draw(st.lists(condition, max_size=3)),
        traces=draw(st.dictionaries(names, st.booleans(), max_size=3)),
        layout=draw(st.none() | layouts),
        state=draw(states),
        times=draw(st.none() | st.dictionaries(known_dates, dates, min_size=1, max_size=3)),
        foreign=draw(foreign(["", "attributes", "conditions", "connections", "traces"])) or None,
    )


def exact(value: object) -> object:
    """Return a value in a form whose equality also compares types, NaN and the sign of zero, but not order in dicts."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [each for each in dataclasses.fields(value) if each.compare]
        return type(value).__name__, [(each.name, exact(getattr(value, each.name))) for each in fields]
    if isinstance(value, dict):
        return "dict", sorted((repr(exact(key)), exact(each)) for key, each in value.items())
    if isinstance(value, (set, frozenset)):
        return "set", sorted(repr(exact(each)) for each in value)
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [exact(each) for each in value]
    return (value.name if isinstance(value, Enum) else type(value).__name__), repr(value)

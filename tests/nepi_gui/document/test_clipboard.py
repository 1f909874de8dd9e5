"""Copies of parts of an experiment: what belongs together stays together, names and guids are new."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from nepi_core.description import (
    LARGEST_GUID,
    AttributeChange,
    CanvasNote,
    Condition,
    ExperimentDescription,
    Foreign,
    Layout,
    ResourceDescription,
)
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.structure import Structure
from nepi_core.xml_format import read_xml_text, to_xml
from nepi_gui.document import clipboard, resources
from nepi_gui.document.document import Document

TYPES = ("netns::Node", "netns::Link", "netns::Interface", "linux::Ping", "nobody::Knows")


@pytest.fixture
def document(qapp):
    return Document()


def net(document):
    """Return guids of two joined nodes, their link, and a ping at the first one."""
    first, second = (resources.add_resource(document, "netns::Node", (x, 0)) for x in (0, 200))
    link = resources.add_link(document, "netns::Link", first, second)
    ping = resources.add_resource(document, "linux::Ping", connected_to=[first])
    return first, second, link, ping


def waits(*group):
    return Condition(ResourceAction.START, tuple(sorted(group)), ResourceState.STARTED, "2s")


def test_what_hangs_at_a_node_and_what_joins_two_comes_along(document):
    first, second, link, ping = net(document)
    structure = Structure(document.description.resources)
    assert clipboard.with_dependents(structure, [first]) == {first, ping}
    assert clipboard.with_dependents(structure, [first, second]) == {first, second, link, ping}


def test_a_part_knows_nothing_of_the_rest(document):
    first, second, link, ping = net(document)
    with document.edit("wait") as edit:
        edit.resource(ping).conditions = [waits(first, second), waits(second)]
    part = clipboard.part_of(document.description, {first, ping})
    assert part.resources[first].connections == {ping}
    assert part.resources[ping].conditions == [waits(first)]
    assert link not in part.resources


def test_a_copy_in_the_same_experiment_waits_for_the_same(document):
    first, second, _, ping = net(document)
    with document.edit("wait") as edit:
        edit.resource(ping).conditions = [waits(first, second)]
    made = clipboard.duplicate(document, [first])
    copy = document.description.resources[made.guids[ping]]
    assert copy.conditions == [waits(made.guids[first], second)]
    assert copy.connections == {made.guids[first]}


def test_a_badge_alone_is_copied_to_where_it_hangs(document):
    first, _, _, ping = net(document)
    made = clipboard.duplicate(document, [ping])
    assert document.description.resources[made.guids[ping]].connections == {first}
    document.history.undo()
    assert document.description.resources[first].connections >= {ping}
    assert len(document.description.resources) == 4


@pytest.mark.parametrize(
    ("present", "copied", "expected"),
    [
        (["h1"], ["h1"], ["h2"]),
        (["h1", "h2", "h4"], ["h1", "h2"], ["h3", "h5"]),
        (["server"], ["server"], ["server2"]),
        (["H1"], ["h1"], ["h2"]),
        ([], ["h7"], ["h7"]),
        ([], ["a", "a"], ["a", "a2"]),
        (["x9999999999999"], ["x9999999999999"], ["x1000000000"]),
        (["42"], ["42"], ["43"]),
    ],
)
def test_names_stay_unique(document, present, copied, expected):
    with document.edit("add") as edit:
        for number, label in enumerate(present, 1):
            edit.add(ResourceDescription(number, "netns::Node", layout=Layout(label=label)))
    part = ExperimentDescription()
    for number, label in enumerate(copied, 1):
        part.resources[number] = ResourceDescription(number, "netns::Node", layout=Layout(label=label))
    made = clipboard.insert(document, part)
    assert [document.description.resources[made.guids[guid]].label for guid in part.resources] == expected


def test_a_host_name_is_unique_as_well(document):
    part = ExperimentDescription()
    part.resources[1] = ResourceDescription(1, "netns::Node", {"name": "web"}, layout=Layout(0, 0, label="web"))
    for expected in ("web", "web2"):
        guid = clipboard.insert(document, part).guids[1]
        inserted = document.description.resources[guid]
        assert (inserted.attributes["name"], inserted.label) == (expected, expected)


def test_a_copy_has_not_run(document):
    part = ExperimentDescription()
    part.resources[1] = ResourceDescription(
        1, "netns::Node", state=ResourceState.STARTED, times={ResourceState.STARTED: "20250101000000000000"}
    )
    copied = document.description.resource(clipboard.insert(document, part).guids[1])
    assert (copied.state, copied.times) == (ResourceState.NEW, None)


def test_copies_beyond_the_largest_guid_fill_gaps(document):
    part = ExperimentDescription(resources={guid: ResourceDescription(guid, "netns::Node") for guid in (1, 2, 3)})
    document.replace(ExperimentDescription(resources={2: ResourceDescription(2, "netns::Node")}), None)
    with document.edit("far") as edit:
        edit.add(ResourceDescription(LARGEST_GUID, "netns::Node"))
    assert clipboard.insert(document, part).guids == {1: 1, 2: 3, 3: 4}
    assert read_xml_text(to_xml(document.freeze()), "here").resources.keys() == {1, 2, 3, 4, LARGEST_GUID}


def test_copies_of_many_badges_hang_where_their_originals_do(document):
    host = resources.add_resource(document, "netns::Node", (0, 0))
    pings = [resources.add_resource(document, "linux::Ping", connected_to=[host]) for _ in range(25)]
    copies = clipboard.duplicate(document, pings).keys
    assert set(Structure(document.description.resources).attached[host]) == {*pings, *copies}


# -- any part of any experiment --------------------------------------------------------------------------

names = st.sampled_from(["h1", "h2", "server", "", "h1"])
places = st.floats(-1000, 1000)
boxes = st.builds(CanvasNote, st.sampled_from(["note", "area"]), places, places, places, places, text=names)
foreign = st.none() | st.just([Foreign("", "later", "kept")])


@st.composite
def experiments(draw: st.DrawFn) -> ExperimentDescription:
    guids = draw(st.lists(st.integers(1, 60), max_size=8, unique=True))
    layouts = st.none() | st.builds(Layout, places, places, label=names)
    groups = st.sets(st.sampled_from(guids or [1]), min_size=1).map(lambda group: tuple(sorted(group)))
    conditions = st.lists(st.builds(waits_for, groups), max_size=2)
    made = ExperimentDescription()
    for guid in guids:
        made.resources[guid] = ResourceDescription(
            guid,
            draw(st.sampled_from(TYPES)),
            draw(st.dictionaries(st.sampled_from(["a", "name"]), names, max_size=2)),
            conditions=draw(conditions),
            layout=draw(layouts),
            foreign=draw(foreign),
        )
    for first, second in draw(st.sets(st.tuples(st.sampled_from(guids or [1]), st.sampled_from(guids or [1])))):
        if first != second:
            made.connect(first, second)
    if guids:
        changes = st.builds(change_of, groups, groups)
        made.changes = draw(st.lists(changes, max_size=2))
    made.canvas.notes = draw(st.lists(boxes, max_size=2))
    return made


def waits_for(group):
    return waits(*group)


def change_of(guids, group):
    return AttributeChange(guids, "a", "x", group, ResourceState.STARTED)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(experiment=experiments(), data=st.data())
def test_a_pasted_part_is_like_the_original(qapp, experiment, data):
    keys = [*experiment.resources, *(-number for number in range(1, len(experiment.canvas.notes) + 1))]
    chosen = data.draw(st.sets(st.sampled_from(keys))) if keys else set()
    document = Document(experiment.copy())
    part = clipboard.part_of(document.description, chosen)
    read = read_xml_text(to_xml(part))
    assert read == part
    inserted = clipboard.insert(document, read, (10, 20))
    assert_alike(document.description, part, inserted)
    document.history.undo()
    assert document.description == experiment
    document.history.redo()
    assert_alike(document.description, part, inserted)
    to_xml(document.description)


def assert_alike(description, part, inserted):
    guids = inserted.guids
    for guid, original in part.resources.items():
        copy = description.resources[guids[guid]]
        assert copy.rtype == original.rtype
        assert copy.connections == {guids[other] for other in original.connections}
        assert [each.group for each in copy.conditions] == [
            tuple(sorted(guids[member] for member in each.group)) for each in original.conditions
        ]
        assert (copy.traces, copy.foreign) == (original.traces, original.foreign)
        assert copy.attributes.keys() == original.attributes.keys()
        assert bool(copy.label) == bool(original.label)
        if original.layout:
            assert copy.layout.x == original.layout.x + 10
            assert copy.layout.y == original.layout.y + 20
    nodes = [each for each in guids.values() if description.resources[each].rtype == "netns::Node"]
    for guid in nodes:
        label = description.resources[guid].label
        assert not label or label not in [each.label for each in description.resources.values() if each.guid != guid]
    assert len(inserted.keys) == len(part.resources) + len(part.canvas.notes)

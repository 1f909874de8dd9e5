"""Scripts that build the same experiment: they are executed, and what they build is compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.controller import ExperimentController
from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Layout, ResourceDescription
from nepi_core.factory import ResourceFactory
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import read_xml
from nepi_gui.document.python_script import to_python
from tests.nepi_core.resource_types import Scripted
from tests.nepi_core.strategies import exact, labs, texts
from tests.nepi_gui.experiments import ROOT

EXAMPLES = sorted((ROOT / "examples").rglob("*.xml"))


@pytest.fixture(scope="module", autouse=True)
def _types():
    ResourceFactory.populate()
    ResourceFactory.register_type(Scripted)
    yield
    ResourceFactory.unregister_type(Scripted.get_rtype())


def built(description: ExperimentDescription) -> tuple[ExperimentController, list[int]]:
    """Return what the script of a description builds, without deploying it."""
    names: dict[str, object] = {"__name__": "script"}
    exec(compile(to_python(description), "script.py", "exec"), names)
    return names["build"]()  # type: ignore[operator]


def compared(description: ExperimentDescription) -> object:
    """Return what a script and its experiment have in common: all but the canvas, states, and the topology."""
    resources = [
        (guid, each.rtype, each.attributes, each.connections, each.conditions, each.traces, each.label)
        for guid, each in sorted(description.resources.items())
    ]
    return exact([resources, description.changes, description.global_values, description.nthreads, description.lab])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_script_of_an_example_builds_it(path):
    description = read_xml(path)
    ec, awaited = built(description)
    assert compared(ec.description) == compared(description)
    assert ec.exp_id == description.exp_id
    assert awaited
    assert all(len(line) <= 120 or '"' in line for line in to_python(description).splitlines())


@st.composite
def scripted(draw) -> ExperimentDescription:
    guids = draw(st.lists(st.integers(1, 9) | st.integers(1, 10**12), min_size=1, max_size=5, unique=True))
    made = ExperimentDescription("exp", nthreads=draw(st.none() | st.integers(1, 9)))
    groups = st.sets(st.sampled_from(guids), min_size=1).map(lambda group: tuple(sorted(group)))
    states = st.sampled_from([state for state in ResourceState if state])
    waits = (groups, states, st.none() | st.sampled_from(["2s", "500ms"]))
    for guid in sorted(guids):
        values = {"speed": st.floats(0, 10), "size": st.integers(), "secret": st.just("env:WORD")}
        made.resources[guid] = ResourceDescription(
            guid,
            "test::Scripted",
            attributes=draw(st.fixed_dictionaries({}, optional=values)),
            # What is stopped may wait for anything; a circle of starts would be refused.
            conditions=draw(
                st.lists(st.builds(Condition, st.just(ResourceAction.STOP), *waits), max_size=2, unique=True)
            ),
            traces=draw(st.dictionaries(st.sampled_from(["output", "noise"]), st.booleans())),
            layout=draw(st.none() | st.builds(Layout, label=texts)),
        )
    for first, second in draw(st.lists(st.tuples(st.sampled_from(guids), st.sampled_from(guids)), max_size=5)):
        if first != second:
            made.connect(first, second)
    change = st.builds(AttributeChange, groups, st.just("speed"), st.none() | st.floats(0, 10), *waits)
    made.changes = draw(st.lists(change, max_size=2))
    made.lab = draw(st.none() | labs)
    made.global_values = draw(st.dictionaries(st.just(("test::Scripted", "shared")), st.sampled_from("ab")))
    return made


@given(scripted())
def test_the_script_of_any_experiment_builds_it(description):
    ec, _ = built(description)
    assert compared(ec.description) == compared(description)


def test_awkward_names():
    labels = ["for", "ec", "print", "2nd host", "h-1", "h 1", "", "é", "match", "labels", "Layout"]
    description = ExperimentDescription("exp")
    for guid, label in enumerate(labels, 1):
        description.resources[guid] = ResourceDescription(guid, "test::Scripted", layout=Layout(label=label))
    ec, _ = built(description)
    assert compared(ec.description) == compared(description)
    source = to_python(description)
    assert 'n2nd_host = ec.register_resource("test::Scripted")' in source
    assert "h_1_2 = " in source


def test_what_nothing_knows_is_said():
    description = ExperimentDescription("exp", resources={3: ResourceDescription(3, "lost::Thing", {"from": "a\nb"})})
    source = to_python(description)
    assert "# No plug-in provides the type 'lost::Thing' here." in source
    assert 'thing3 = ec.register_resource("lost::Thing", guid=3)' in source
    assert 'ec.set(thing3, "from", "a\\nb")' in source
    compile(source, "script.py", "exec")


def test_an_experiment_that_never_ends_is_ended_by_hand():
    description = ExperimentDescription("exp", resources={1: ResourceDescription(1, "test::Scripted")})
    assert "Press Enter to end it." in to_python(description)

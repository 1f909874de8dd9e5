"""Steps with attribute values, traces and what is said of the experiment: checked, one step each, undone."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.description import ResourceDescription
from nepi_core.errors import AttributeValueError, NepiError, UnknownAttributeError, UnknownResourceError
from nepi_core.factory import ResourceFactory
from nepi_core.xml_format import read_xml
from nepi_gui.document import attributes, experiment, resources, traces
from nepi_gui.document.attributes import Shown
from nepi_gui.document.document import Document
from nepi_gui.document.units import in_unit

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def document(qapp):
    """Two nodes (1, 2), a link (3), a ping (4)."""
    made = Document()
    for rtype in ("netns::Node", "netns::Node", "netns::Link", "linux::Ping"):
        resources.add_resource(made, rtype)
    made.history.clear()
    return made


def values(document, guid):
    return document.description.resources[guid].attributes


def steps(document):
    return document.history.texts()


# -- values ------------------------------------------------------------------------------------------------


def test_a_value_is_set_and_taken_back(document):
    attributes.set_values(document, [3], "delay", "10")
    assert values(document, 3) == {"delay": 10.0}
    assert steps(document) == ["Set delay of Link 3 to 10 ms"]
    document.history.undo()
    assert values(document, 3) == {}


def test_the_default_is_not_kept(document):
    attributes.set_values(document, [4], "count", 5)
    attributes.set_values(document, [4], "count", 0)
    assert values(document, 4) == {}
    attributes.set_values(document, [4], "interval", 1)
    assert values(document, 4) == {}


def test_reset_says_what_the_default_is(document):
    attributes.set_values(document, [4], "interval", 2)
    document.history.set_clean()
    attributes.reset(document, [4], "interval")
    assert steps(document)[-1] == "Set interval of Ping 4 to 1 s"
    attributes.set_values(document, [3], "rate", 5)
    document.history.set_clean()
    attributes.reset(document, [3], "rate")
    assert steps(document)[-1] == "Clear rate of Link 3"


def test_steps_at_the_same_value_are_one(document):
    for delay in (1, 2, 3):
        attributes.set_values(document, [3], "delay", delay)
    assert steps(document) == ["Set delay of Link 3 to 3 ms"]
    attributes.set_values(document, [3], "loss", 3)
    assert len(steps(document)) == 2
    document.history.undo()
    document.history.undo()
    assert values(document, 3) == {}


def test_several_are_one_step(document):
    attributes.set_values(document, [1, 2], "sysctl", "a=1")
    assert steps(document) == ["Set sysctl of 2 resources to a=1"]
    assert values(document, 1) == values(document, 2) == {"sysctl": "a=1"}


@pytest.mark.parametrize(
    ("guids", "name", "value", "said"),
    [
        ([4], "count", "many", "linux::Ping 4: attribute 'count' cannot be 'many'"),
        ([4], "count", -1, "from 0 to"),
        ([4], "target", None, "attribute 'target' needs a value"),
        ([4], "target", "", "attribute 'target' needs a value"),
        ([4], "hint", "dno", "one of do, want, dont, probe"),
        ([4], "command", "ls", "The resource sets it itself"),
    ],
)
def test_what_is_not_allowed_changes_nothing(document, guids, name, value, said):
    with pytest.raises(AttributeValueError) as caught:
        attributes.set_values(document, guids, name, value)
    assert said in str(caught.value)
    assert steps(document) == []
    assert values(document, 4) == {}


def test_no_such_thing(document):
    with pytest.raises(UnknownResourceError):
        attributes.set_values(document, [99], "delay", 1)
    with pytest.raises(UnknownAttributeError):
        attributes.set_values(document, [3], "delya", 1)
    attributes.set_values(document, [], "delay", 1)
    assert steps(document) == []


def test_deployed_resources_keep_what_belongs_to_their_design(document):
    document.deployed = frozenset({4})
    with pytest.raises(AttributeValueError, match="only before the resource is deployed"):
        attributes.set_values(document, [4], "count", 1)
    attributes.set_values(document, [4], "grace", 1)
    assert values(document, 4) == {"grace": 1.0}


def test_a_value_for_all_of_a_type(document):
    attributes.set_values(document, [1], "routing", "none")
    assert document.description.global_values == {("netns::Node", "routing"): "none"}
    assert values(document, 1) == {}
    assert steps(document) == ["Set routing of all netns::Node to none"]
    assert attributes.shown(document.description, [2], "routing") == Shown("none", True, False, "static")
    document.history.undo()
    assert document.description.global_values == {}


def test_credentials_are_references_and_messages_show_no_secret():
    password = Attribute("password", type=Types.String, flags=Flags.Credential)
    with pytest.raises(AttributeValueError) as caught:
        attributes.check(password, "hunter2")
    assert "hunter2" not in str(caught.value)
    assert "env:NAME" in str(caught.value)
    assert attributes.check(password, "env:PASSWORD") == "env:PASSWORD"
    assert attributes.check(password, None) is None


def test_an_empty_text_is_not_the_default():
    words = Attribute("words", default="some")
    assert attributes.check(words, "") == ""
    assert attributes.check(words, "some") is None


# -- several resources ---------------------------------------------------------------------------------------


def test_what_types_have_in_common(document):
    names = [each.name for each in attributes.common_attributes(["netns::Node", "linux::Ping"])]
    assert names == ["critical", "hardRelease"]
    assert attributes.common_attributes(["netns::Node", "no::Such"]) == []
    assert attributes.common_attributes([]) == []


def test_what_several_show(document):
    description = document.description
    assert attributes.shown(description, [1, 2], "sysctl") == Shown()
    attributes.set_values(document, [1], "sysctl", "a=1")
    assert attributes.shown(description, [1, 2], "sysctl") == Shown(None, True, True, None)
    assert attributes.shown(description, [1, 2, 4], "critical") == Shown(True, False, False, True)


def test_special_attributes_are_those_of_the_type_itself(document):
    special = [
        each.name
        for each in ResourceFactory.get_resource_type("linux::Ping").get_attributes()
        if attributes.is_special("linux::Ping", each)
    ]
    assert special[0] == "timeout"
    assert "target" in special
    assert not {"env", "critical", "command"} & set(special)


def test_values_that_nobody_knows(document):
    kept = ResourceDescription(9, "no::Such", {"a": 1})
    with document.edit("Add") as edit:
        edit.add(kept)
        edit.resource(1).attributes["old"] = "x"
    assert attributes.unknown_values(kept) == {"a": 1}
    assert attributes.unknown_values(document.description.resources[1]) == {"old": "x"}
    attributes.remove_unknown(document, 1, "old")
    assert values(document, 1) == {}
    with pytest.raises(UnknownAttributeError):
        attributes.remove_unknown(document, 1, "sysctl")


# -- traces ---------------------------------------------------------------------------------------------------


def test_only_what_differs_from_the_type_is_kept(document):
    traces.set_trace(document, [3], "counters", True)
    assert document.description.resources[3].traces == {"counters": True}
    traces.set_trace(document, [3], "counters", False)
    assert document.description.resources[3].traces == {}
    assert steps(document) == ["Collect counters of Link 3", "Do not collect counters of Link 3"]
    traces.set_trace(document, [3], "counters", False)
    assert len(steps(document)) == 2


def test_traces_of_several(document):
    other = resources.add_resource(document, "linux::Ping")
    traces.set_trace(document, [4], "stderr", False)
    description = document.description
    assert traces.is_collected(description, [4, other], "stderr") is None
    traces.set_trace(document, [4, other], "stderr", True)
    assert traces.is_collected(description, [4, other], "stderr") is True
    assert [each.name for each in traces.common_traces(["linux::Ping", "linux::Tcpdump"])] == ["stdout", "stderr"]


# -- the experiment ------------------------------------------------------------------------------------------


def test_the_experiment(document):
    name, threads, folder = experiment.experiment_attributes()
    experiment.set_of_experiment(document, name, "first")
    experiment.set_of_experiment(document, threads, "4")
    experiment.set_of_experiment(document, folder, "/tmp/x")
    description = document.description
    assert (description.exp_id, description.nthreads, description.local_dir) == ("first", 4, "/tmp/x")
    for attribute, value in ((name, "a/b"), (name, "-x"), (threads, "0"), (threads, "few")):
        with pytest.raises(NepiError):
            experiment.set_of_experiment(document, attribute, value)
    experiment.set_of_experiment(document, threads, None)
    assert description.nthreads is None
    assert steps(document)[:1] == ["Set exp_id to first"]


# -- numbers with units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "unit", "read"),
    [
        ("10", "ms", "10"),
        ("10 ms", "ms", "10"),
        ("1.5 s", "ms", "1500"),
        ("2min", "s", "120"),
        ("1 Gbit/s", "Mbit/s", "1000"),
        ("0.1 s", "ms", "100"),
        ("64 KiB", "bytes", "65536"),
        ("10 apples", "ms", "10 apples"),
        ("10 s", "", "10 s"),
        ("10 s", "%", "10 s"),
        ("1e3 us", "ms", "1"),
    ],
)
def test_units(typed, unit, read):
    assert in_unit(typed, unit) == read


@given(st.text(), st.sampled_from(["ms", "s", "bytes", "Mbit/s", "%", ""]))
def test_any_text_is_read(text, unit):
    in_unit(text, unit)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_its_own_unit_stays(number):
    assert float(in_unit(f"{number} ms", "ms")) == number


# -- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_all_that_examples_say_can_be_shown(path, qapp):
    description = read_xml(path)
    for guid, resource in description.resources.items():
        for attribute in attributes.common_attributes([resource.rtype]):
            shown = attributes.shown(description, [guid], attribute.name)
            attributes.check(attribute, shown.value) if shown.is_set else None


def test_attributes_of_types_that_are_selected_together_are_special_or_not():
    rtypes = [rtype for rtype in ResourceFactory.resource_types() if rtype.startswith(("linux::", "netns::"))]
    for first, second in permutations(rtypes, 2):
        for each in attributes.common_attributes([first, second]):
            special = attributes.is_special(second, each)  # as declared by the first type
            own = ResourceFactory.get_resource_type(second).get_attribute(each.name)
            assert each.required or special == attributes.is_special(second, own)


def test_a_value_that_no_file_can_hold_is_refused_at_once(document):
    with pytest.raises(AttributeValueError, match=r"netns::Node 1: attribute 'sysctl' .* U\+001B"):
        attributes.set_values(document, [1], "sysctl", "a\x1b[1m")
    assert not document.history

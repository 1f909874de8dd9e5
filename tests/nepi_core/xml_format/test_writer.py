"""What cannot be written is refused before anything is touched, and each message says where it is."""

from __future__ import annotations

import pytest

from nepi_core.description import (
    AttributeChange,
    Canvas,
    CanvasNote,
    Condition,
    ExperimentDescription,
    Layout,
    ResourceDescription,
    TopologyDescription,
    TopologyEdge,
    TopologyNode,
)
from nepi_core.errors import FormatError
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import MAX_TEXT, read_xml, read_xml_text, to_xml, write_xml
from nepi_core.xml_format import writer as writer_module


def experiment(**changes):
    made = ExperimentDescription(exp_id="e")
    made.resources = {guid: ResourceDescription(guid, "linux::Ping") for guid in (1, 2)}
    for name, value in changes.items():
        setattr(made.resources[1] if hasattr(made.resources[1], name) else made, name, value)
    return made


def condition(group=(2,), time=None):
    return Condition(ResourceAction.START, group, ResourceState.STARTED, time)


def change(**fields):
    values = {"guids": (1,), "name": "count", "value": 3, "group": (2,), "state": ResourceState.STARTED, "time": None}
    return AttributeChange(**{**values, **fields})


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_characters_that_xml_cannot_hold(character):
    made = experiment(attributes={"target": f"ab{character}"})
    with pytest.raises(FormatError, match=r"resource 1 \(linux::Ping\): attribute 'target': .*(XML compatible|utf-8)"):
        to_xml(made)


REFUSED = {
    "name": (experiment(attributes={"a\0": 1}), "resource 1 (linux::Ping): attribute 'a\\x00': All strings"),
    "long": (experiment(attributes={"a": "x" * 1_000_001}), "attribute 'a': it has 1000001 characters"),
    "digits": (experiment(attributes={"a": 10**5000}), "attribute 'a': Exceeds the limit"),
    "kind": (experiment(attributes={"a": [1]}), "attribute 'a': a list cannot be written"),
    "trace": (experiment(traces={"\0": True}), "trace '\\x00': All strings"),
    "connection": (experiment(connections={9}), "there is no resource 9. The nearest guid is 2."),
    "self": (experiment(connections={1}), "resource 1 (linux::Ping): it is connected to itself"),
    "group": (experiment(conditions=[condition((8,))]), "condition 1: there is no resource 8."),
    "no group": (experiment(conditions=[condition(())]), "condition 1: the group has no guid"),
    "delay": (experiment(conditions=[condition(time="soon")]), "condition 1: 'soon' is no delay"),
    "date": (experiment(times={ResourceState.READY: "today"}), "'today' is no date"),
    "note": (experiment(layout=Layout(note="\0")), "resource 1 (linux::Ping): layout: All strings"),
    "rtype": (experiment(rtype=""), "it needs a type"),
    "guid": (
        experiment(guid=5),
        "resource 5 (linux::Ping): it needs a type, and a positive guid that is the one it is known by",
    ),
    "exp_id": (experiment(exp_id="\0"), "exp_id: All strings"),
    "nthreads": (experiment(nthreads=0), "nthreads 0 is no positive number"),
    "global": (experiment(global_values={("a", "b"): "\0"}), "global attribute 'b' of a: All strings"),
    "change": (experiment(changes=[change(guids=(7,))]), "change 1: there is no resource 7"),
    "node": (
        experiment(topology=TopologyDescription("mesh", [TopologyNode(1, annotations={"a": object()})])),
        "topology: node 1: annotation 'a': <object object at",
    ),
    "nodes": (experiment(topology=TopologyDescription("mesh", [TopologyNode(1), TopologyNode(True)])), "the same id"),
    "edge": (
        experiment(topology=TopologyDescription("mesh", [TopologyNode("ab")], [TopologyEdge("ab", "abc")])),
        "topology: edge 'ab' to 'abc': there is no node 'abc'. Did you mean 'ab'?",
    ),
}
REFUSED["canvas"] = (experiment(), "canvas: All strings")
REFUSED["canvas"][0].canvas.notes.append(CanvasNote("note", 0.0, 0.0, 1.0, 1.0, text="\0"))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    made, message = REFUSED[name]
    with pytest.raises(FormatError) as caught:
        to_xml(made)
    assert message in str(caught.value)
    assert "cannot be written as XML" in str(caught.value)


def test_too_much_to_be_read_again(monkeypatch):
    monkeypatch.setattr(writer_module, "MAX_BYTES", 100)
    with pytest.raises(FormatError, match="it would be longer than 100 bytes"):
        to_xml(experiment())


def test_file_stays_as_it_was_when_the_experiment_is_refused(tmp_path):
    path = tmp_path / "e.xml"
    path.write_text("before")
    with pytest.raises(FormatError, match=f"{path}: the experiment cannot be written"):
        write_xml(experiment(attributes={"a": "\0"}), path)
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["e.xml"]


def test_written_file_is_read(tmp_path):
    made = experiment(attributes={"a": "\n"})
    write_xml(made, tmp_path / "e.xml")
    read = read_xml(tmp_path / "e.xml")
    assert read == made
    assert (read.path, read.resource(2).line) == (str(tmp_path / "e.xml"), 9)


@pytest.mark.parametrize("path", ["gone/e.xml", "", "a\0b"])
def test_file_that_cannot_be_written(tmp_path, path):
    with pytest.raises(FormatError, match="cannot be written: "):
        write_xml(experiment(), f"{tmp_path}/{path}")


def test_none_is_written_as_absence():
    assert read_xml_text(to_xml(experiment(attributes={"a": None}))).resource(1).attributes == {}


def test_the_same_experiment_gives_the_same_bytes():
    made = experiment(connections={2})
    made.resources = dict(reversed(made.resources.items()))
    made.resources[2].connections.add(1)
    assert to_xml(made) == to_xml(made.copy()) == to_xml(read_xml_text(to_xml(made)))


def test_file_is_marked_and_readable():
    text = to_xml(experiment(attributes={"target": 'a "b" <c> & d'})).decode()
    assert text.startswith(
        "<?xml version='1.0' encoding='UTF-8'?>\n<experiment xmlns:gui=\"urn:nepi:gui:1\" gui:version=\"1\""
    )
    assert (
        '\n                <attribute name="target" type="string" value="a &quot;b&quot; &lt;c&gt; &amp; d"/>\n' in text
    )
    assert text.endswith("\n</experiment>\n")


def test_a_text_that_no_reader_would_take_is_refused(tmp_path):
    label = ResourceDescription(1, "netns::Node", layout=Layout(label="x" * (MAX_TEXT + 1)))
    with pytest.raises(FormatError, match=r"its label has 1000001 characters; 1000000 are allowed"):
        write_xml(ExperimentDescription(resources={1: label}), tmp_path / "x.xml")
    note = CanvasNote("note", 0, 0, 1, 1, "x" * (MAX_TEXT + 1))
    with pytest.raises(FormatError, match="its text has"):
        write_xml(ExperimentDescription(canvas=Canvas([note])), tmp_path / "x.xml")
    assert not list(tmp_path.iterdir())

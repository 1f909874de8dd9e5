"""What differs between two experiments: found when it matters, left out when it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings

from nepi_core.description import (
    AttributeChange,
    CanvasNote,
    Condition,
    ExperimentDescription,
    Layout,
    ResourceDescription,
)
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import write_xml
from nepi_gui.runs.descriptions import Descriptions
from nepi_gui.runs.differences import Difference, Kind, differences
from tests.nepi_core.strategies import experiments
from tests.nepi_gui.runs.recorded import described, record

START = ResourceAction.START

few = settings(max_examples=12)  # each is a whole experiment


def told(then: ExperimentDescription, now: ExperimentDescription) -> list[tuple[object, ...]]:
    return [(each.kind, each.name, each.what, each.then, each.now) for each in differences(then, now)]


@few
@given(experiments())
def test_nothing_differs_from_itself(description: ExperimentDescription) -> None:
    assert differences(description, description.copy()) == ()


@few
@given(experiments(), experiments())
def test_differences_can_be_turned_round(one: ExperimentDescription, other: ExperimentDescription) -> None:
    def key(kind: Kind, each: Difference, then: object, now: object) -> str:
        return repr((kind, each.guid, each.what if kind is not Kind.CONNECTION else "", then, now))

    turned = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}
    there = [key(each.kind, each, each.then, each.now) for each in differences(one, other)]
    back = [key(turned.get(each.kind, each.kind), each, each.now, each.then) for each in differences(other, one)]
    assert sorted(there) == sorted(back)


@few
@given(experiments())
def test_attribute_that_was_set_is_found(description: ExperimentDescription) -> None:
    for guid in description.resources:
        present = description.copy()
        present.resources[guid].attributes["of this test"] = 7
        (found,) = differences(description, present)
        assert (found.kind, found.guid, found.what, found.then, found.now) == (
            *(Kind.ATTRIBUTE, guid, "of this test"),
            *(None, 7),
        )


def test_value_is_compared_with_the_default_that_was_left_out() -> None:
    plain, default, other = described(), described(count=5), described(count=7)
    assert told(other, default) == [(Kind.ATTRIBUTE, "ping", "count", 7, 5)]
    ((*_, then, now),) = told(plain, other)
    assert now == 7
    assert told(plain, described(count=then) if then is not None else plain) == []


def test_number_written_as_text_is_the_same() -> None:
    assert told(described(count="5", interval=0.2), described(count=5, interval="0.2")) == []


def test_places_colours_and_notes_make_no_difference() -> None:
    then, now = described(), described()
    now.resources[1].layout = Layout(900, 900, 10, 10, "#ff0000", "here", "a note")
    now.canvas.notes.append(CanvasNote("note", 0, 0, 10, 10, "text"))
    now = replace(now, exp_id="other", run_id="1", local_dir="/elsewhere", path="/x.xml")
    now.resources[2].state = ResourceState.FAILED
    assert told(then, now) == []


def test_resources_that_came_and_went() -> None:
    then, now = described(), described()
    now.resources[3] = ResourceDescription(3, "linux::Ping", {"target": "::1"}, {1})
    now.resources[1].connections.add(3)
    assert told(then, now) == [(Kind.ADDED, "Ping 3", "linux::Ping", None, "linux::Ping")]
    assert told(now, then) == [(Kind.REMOVED, "Ping 3", "linux::Ping", "linux::Ping", None)]


def test_resource_of_another_type_is_another_one() -> None:
    then, now = described(), described()
    now.resources[2] = replace(now.resources[2].copy(), rtype="linux::Application")
    assert [kind for kind, *_ in told(then, now)] == [Kind.REMOVED, Kind.ADDED]


def test_connections_labels_traces_and_threads() -> None:
    then, now = described(), described()
    now.disconnect(1, 2)
    now.resources[1].layout = Layout(label="there")
    now.resources[2].traces["stderr"] = False
    then.resources[2].traces["stderr"] = True
    now.nthreads = 4
    now.global_values["linux::Ping", "x"] = 1
    assert told(then, now) == [
        (Kind.EXPERIMENT, "", "nthreads", None, 4),
        (Kind.GLOBAL, "linux::Ping", "x", None, 1),
        (Kind.LABEL, "there", "", "here", "there"),
        (Kind.CONNECTION, "there", "ping", True, False),
        (Kind.TRACE, "ping", "stderr", True, False),
    ]


def test_trace_that_is_on_by_itself_need_not_be_said() -> None:
    then, now = described(), described()
    now.resources[2].traces["stdout"] = True
    assert told(then, now) == []


def test_conditions_and_changes_stand_beside_each_other() -> None:
    then, now = described(), described()
    soon, late = (Condition(START, (1,), ResourceState.STARTED, time) for time in ("1s", "9s"))
    then.resources[2].conditions, now.resources[2].conditions = [soon], [late]
    early, other = (AttributeChange((2,), "count", value, (1,), ResourceState.STARTED) for value in (1, 2))
    then.changes, now.changes = [early], [early, other]
    assert told(then, now) == [
        (Kind.CHANGE, "", "count", None, other),
        (Kind.CONDITION, "ping", "START", soon, late),
    ]


# -- of runs ---------------------------------------------------------------------------------------


def test_runs_are_compared_by_what_they_hold(tmp_path: Path) -> None:
    one = record(tmp_path / "one", description=described(count=1))
    two = record(tmp_path / "two", description=described(count=2))
    descriptions = Descriptions()
    (found,) = descriptions.between(one, two) or ()
    assert (found.what, found.then, found.now) == ("count", 1, 2)
    assert descriptions.between(one, two) == (found,)
    assert descriptions.between(two, two) == ()
    (found,) = descriptions.against(two, described(count=3)) or ()
    assert (found.then, found.now) == (2, 3)
    write_xml(described(count=2), one / "experiment.xml")
    assert descriptions.between(one, two) == ()


def test_run_without_experiment_cannot_be_compared(tmp_path: Path) -> None:
    one, two = record(tmp_path / "one"), record(tmp_path / "two")
    (one / "experiment.xml").unlink()
    descriptions = Descriptions()
    assert descriptions.between(one, two) is None
    assert descriptions.between(one, one) is None
    (one / "experiment.xml").write_text("<no")
    assert descriptions.between(one, two) is None
    assert descriptions.against(one, described()) is None

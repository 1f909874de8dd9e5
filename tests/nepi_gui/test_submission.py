"""What is done with a submission before it is run; whole gradings are in `test_grading`."""

from __future__ import annotations

from pathlib import Path

import pytest

from nepi_core.description import AttributeChange, Condition, ExperimentDescription, Lab, Layout, ResourceDescription
from nepi_core.loading import Severity, validate
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import write_xml
from nepi_gui.submission import MOST_BYTES, MOST_MORE, RefusedError, Trust, prepare, with_checks_of

NODE, PING, LATE, REACH, METRIC = 1, 2, 3, 10, 11
STOPPED = ResourceState.STOPPED


def lab_file() -> ExperimentDescription:
    """A locked host and a ping, one more ping that waits for a check, and two checks."""
    made = ExperimentDescription(exp_id="lab", lab=Lab(title="Lab", locked={NODE, LATE}))
    add(made, NODE, "linux::Node", "here")
    add(made, PING, "linux::Ping", "ping", NODE, target="localhost", count=1)
    add(made, LATE, "linux::Ping", "late", NODE, target="localhost", count=1)
    add(made, REACH, "check::Reach", "reach", NODE, target="localhost")
    add(made, METRIC, "check::Metric", "metric", PING, series="rtt", atMost=1000.0)
    made.resources[LATE].conditions.append(Condition(ResourceAction.START, (REACH,), STOPPED))
    made.resources[METRIC].conditions.append(Condition(ResourceAction.START, (PING, REACH), STOPPED))
    return made


def add(made: ExperimentDescription, guid: int, rtype: str, label: str, *connected: int, **attributes) -> None:
    made.resources[guid] = ResourceDescription(guid, rtype, attributes, layout=Layout(label=label))
    for other in connected:
        made.connect(guid, other)


def refused(folder: Path, submitted: ExperimentDescription, trust: Trust | None = None) -> list[str]:
    write_xml(submitted, folder / "submission.xml")
    try:
        prepare(lab_file(), folder / "submission.xml", trust or Trust())
    except RefusedError as error:
        return error.reasons
    return []


def assert_sound(made: ExperimentDescription) -> None:
    assert [each for each in validate(made) if each.severity is not Severity.WARNING] == []


# -- the checks are the lab's ------------------------------------------------------------------------------------------


def test_what_was_not_changed_is_the_lab():
    prepared = with_checks_of(lab_file(), lab_file())
    assert prepared.description == lab_file()
    assert prepared.checks == {REACH: REACH, METRIC: METRIC}
    assert prepared.missing == []


def test_checks_that_were_changed_removed_or_added_are_those_of_the_lab():
    submitted = lab_file()
    submitted.resources[METRIC].attributes["atMost"] = 1e9
    submitted.disconnect(METRIC, PING)
    submitted.remove(REACH)
    add(submitted, 50, "check::Output", "mine", LATE, pattern="x")
    submitted.resources[PING].conditions.append(Condition(ResourceAction.START, (50,), STOPPED))
    made = with_checks_of(lab_file(), submitted).description
    assert made.resources == lab_file().resources


def test_the_name_and_the_lab_are_those_of_the_lab():
    submitted = lab_file()
    submitted.exp_id, submitted.lab, submitted.local_dir, submitted.nthreads = "../../etc", None, "/", 10_000
    made = with_checks_of(lab_file(), submitted).description
    assert (made.exp_id, made.lab, made.local_dir, made.nthreads) == ("lab", lab_file().lab, "", None)


def test_what_has_the_guid_of_a_check_makes_room_for_none():
    submitted = lab_file()
    submitted.remove(REACH)
    add(submitted, REACH, "linux::Ping", "mine", NODE, target="localhost", count=1)
    prepared = with_checks_of(lab_file(), submitted)
    (moved,) = (guid for guid, original in prepared.checks.items() if original == REACH)
    made = prepared.description
    assert made.resources[REACH].label == "mine"
    assert made.resources[moved].rtype == "check::Reach"
    assert made.resources[moved].connections == {NODE}
    assert made.resources[LATE].conditions[0].group == (moved,)
    assert made.resources[METRIC].conditions[0].group == (PING, moved)
    assert_sound(made)


def test_nothing_that_is_planned_changes_a_check():
    lab, submitted = lab_file(), lab_file()
    lab.changes.append(AttributeChange((METRIC,), "critical", True, (NODE, PING), STOPPED))
    ours = AttributeChange((PING,), "grace", 1.0, (NODE,), ResourceState.READY)
    for name, value in (("expect", "not reach"), ("target", "127.0.0.1")):
        submitted.changes.append(AttributeChange((PING, REACH), name, value, (NODE,), ResourceState.READY))
    submitted.changes += [AttributeChange((METRIC,), "atMost", 1e9, (NODE,), ResourceState.READY), ours]
    submitted.global_values["check::Metric", "atMost"] = 1e9
    made = with_checks_of(lab, submitted).description
    assert [each.guids for each in made.changes] == [(PING,), (PING,), (PING,), (METRIC,)]
    assert made.changes[2:] == [ours, *lab.changes]
    assert made.global_values == {}


def test_what_is_judged_is_found_by_its_name():
    submitted = lab_file()
    submitted.remove(PING)
    add(submitted, 30, "linux::Ping", "ping", NODE, target="localhost", count=1)
    made = with_checks_of(lab_file(), submitted).description
    assert made.resources[METRIC].connections == {30}
    assert made.resources[METRIC].conditions[0].group == (REACH, 30)
    assert_sound(made)


def test_or_else_by_its_guid():
    submitted = lab_file()
    submitted.resources[PING].layout = Layout(label="renamed")
    made = with_checks_of(lab_file(), submitted).description
    assert made.resources[METRIC].connections == {PING}


def test_a_check_of_what_is_gone_has_not_passed():
    submitted = lab_file()
    submitted.remove(PING)
    prepared = with_checks_of(lab_file(), submitted)
    assert [(each.guid, each.passed) for each in prepared.missing] == [(METRIC, False)]
    assert prepared.missing[0].sentence == "It needs ping (linux::Ping), which the submission does not have."
    assert METRIC not in prepared.description.resources
    assert prepared.checks == {REACH: REACH}
    assert_sound(prepared.description)


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_what_the_lab_locks_was_changed(tmp_path):
    submitted = lab_file()
    submitted.resources[LATE].attributes["count"] = 2
    assert refused(tmp_path, submitted) == ["Attribute 'count' of late is locked by the lab: it is 1, not 2."]
    submitted.resources[PING].attributes["count"] = 2
    assert len(refused(tmp_path, submitted)) == 1


def test_a_host_that_takes_the_name_of_a_locked_one(tmp_path):
    submitted = lab_file()
    add(submitted, 20, "linux::Node", "here", ip="127.0.0.1")
    add(submitted, 21, "linux::Ping", "here", NODE, target="localhost")
    assert refused(tmp_path, submitted) == [
        "linux::Node 20 has the name of here, which the lab locks; give it another."
    ]


def test_types_that_the_lab_does_not_have(tmp_path):
    submitted = lab_file()
    add(submitted, 20, "linux::Tcpdump", "", NODE)
    (reason,) = refused(tmp_path, submitted)
    assert reason.startswith("Tcpdump 20 is a linux::Tcpdump, which the lab has none of")
    assert refused(tmp_path, submitted, Trust(frozenset({"linux::Tcpdump"}))) == []


def test_commands_of_their_own(tmp_path):
    submitted = lab_file()
    add(submitted, 20, "linux::Application", "", NODE, command="rm -rf ~")
    submitted.resources[PING].attributes["tearDown"] = "rm -rf ~"
    reasons = refused(tmp_path, submitted, Trust(frozenset({"linux::Application"})))
    assert [each.partition(",")[0] for each in reasons] == [
        "ping sets attribute 'tearDown'",
        "Application 20 sets attribute 'command'",
    ]
    assert refused(tmp_path, submitted, Trust(frozenset({"linux::Application"}), commands=True)) == []


def test_commands_that_are_planned(tmp_path):
    submitted = lab_file()
    submitted.changes.append(AttributeChange((PING,), "tearDown", "rm -rf ~", (NODE,), ResourceState.STARTED))
    (reason,) = refused(tmp_path, submitted)
    assert reason.startswith("A planned change sets attribute 'tearDown'")


def test_commands_for_all_of_a_type(tmp_path):
    submitted = lab_file()
    submitted.global_values["linux::Ping", "tearDown"] = "rm -rf ~"
    assert "Attribute 'tearDown' of all linux::Ping is set" in refused(tmp_path, submitted)[-1]


def test_a_default_that_is_spelled_out_is_no_command(tmp_path):
    submitted = lab_file()
    submitted.resources[PING].attributes["sudo"] = False
    assert refused(tmp_path, submitted) == []


def test_very_many_resources(tmp_path):
    submitted = lab_file()
    for guid in range(100, 101 + MOST_MORE):
        add(submitted, guid, "linux::Ping", "")
    (reason,) = refused(tmp_path, submitted)
    assert reason == f"It has {MOST_MORE + 6} resources; the lab has 5, and {MOST_MORE} more are allowed."


def test_a_very_long_file(tmp_path):
    path = tmp_path / "long.xml"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(RefusedError, match="longer than"):
        prepare(lab_file(), path, Trust())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "It is no well-formed XML"),
        (b"PK\x03\x04\xff\xfe", "It is no well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><experiment/>', "It has a DOCTYPE"),
        (b"<html/>", "It is no experiment"),
        (b'<experiment><rms><rm guid="0" rtype="a" state="0"/></rms></experiment>', "Line 1: resource 0"),
        (b"<experiment>" + b"<a>" * 100_000, "It is no well-formed XML"),
    ],
)
def test_what_is_no_experiment(tmp_path, content, told):
    path = tmp_path / "submission.xml"
    path.write_bytes(content)
    with pytest.raises(RefusedError) as caught:
        prepare(lab_file(), path, Trust())
    assert str(caught.value).startswith(told)


def test_what_is_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "none.xml", Path("/dev/zero")):
        with pytest.raises(RefusedError):
            prepare(lab_file(), path, Trust())

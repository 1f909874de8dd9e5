"""The resource manager: its life, its attributes, traces and connections, and what becomes of its errors."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest

from nepi_core.attribute import Flags
from nepi_core.errors import (
    AttributeValueError,
    ConnectionNotAllowedError,
    IllegalMoveError,
    UnknownAttributeError,
    UnknownTraceError,
)
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.trace import TraceAttr
from tests.nepi_core.resource_types import PATIENCE, Hold, Place, Scripted, in_threads, in_turn

NEW, DISCOVERED, PROVISIONED, READY, STARTED, STOPPED, FAILED, RELEASED = ResourceState
DEPLOY, START, STOP = ResourceAction


@pytest.fixture
def resource(ec):
    return ec.get_resource(ec.register_resource("test::Scripted"))


def fail() -> None:
    raise ValueError("it broke")


# -- life ----------------------------------------------------------------------------------------------


def test_from_new_to_released(resource):
    assert (resource.state, resource.cause, resource.failure, repr(resource)) == (
        NEW,
        "",
        None,
        "<test::Scripted 1 NEW>",
    )
    for step in ("discover", "provision", "deploy", "start", "stop", "start", "stop", "release"):
        getattr(resource, step)()
    assert resource.life.history() == (
        "NEW > DISCOVERED > PROVISIONED > READY > STARTED > STOPPED > STARTED > STOPPED > RELEASED"
    )
    assert resource.calls == ["discover", "deploy", "start", "stop", "start", "stop", "cancel", "release"]


def test_what_is_done_already_is_not_done_again(resource):
    for step in ("deploy", "deploy", "start", "start", "deploy", "stop", "stop", "deploy", "release", "release"):
        getattr(resource, step)()
    assert resource.calls == ["deploy", "start", "stop", "cancel", "release", "cancel"]


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ([], "start"),
        ([], "stop"),
        (["deploy"], "stop"),
        (["deploy", "start"], "discover"),
        (["deploy"], "provision"),
        (["fail"], "deploy"),
        (["fail"], "start"),
    ],
)
def test_what_is_asked_for_at_the_wrong_time_is_the_callers_fault(resource, expect_log, steps, wrong):
    if "fail" in steps:
        expect_log("FAILED")
    for step in steps:
        getattr(resource, step)()
    before = resource.state
    with pytest.raises(IllegalMoveError, match=resource.life.history()):
        getattr(resource, wrong)()
    assert resource.state is before
    assert wrong not in resource.calls or wrong == "discover"


def test_times(resource):
    resource.deploy()
    resource.set_started(datetime(2026, 1, 1))
    resource.set_stopped()
    assert resource.start_time == resource.time_of(STARTED) == datetime(2026, 1, 1)
    assert resource.ready_time is not None
    assert resource.stop_time is not None
    assert [resource.discover_time, resource.provision_time, resource.failed_time, resource.release_time] == [None] * 4


def test_name_has_the_label_of_the_canvas(ec, resource):
    from nepi_core.description import Layout

    assert resource.name == "test::Scripted 1"
    resource.data.layout = Layout(label="server")
    assert resource.name == "test::Scripted 1 (server)"


# -- failures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["deploy", "start", "stop"])
def test_error_makes_it_failed_with_the_cause(resource, expect_log, step):
    expect_log("nepi.resource: test::Scripted 1: FAILED: it broke")
    resource.script[step] = fail
    steps = ["deploy", "start", "stop"]
    for each in steps[: steps.index(step)]:
        getattr(resource, each)()
    with pytest.raises(ValueError, match="it broke"):
        getattr(resource, step)()
    assert (resource.state, resource.cause) == (FAILED, "it broke")
    assert isinstance(resource.failure, ValueError)
    assert resource.failed_time is not None
    assert resource.ec.abort


def test_error_without_words(resource, expect_log):
    expect_log("FAILED: AssertionError")

    def check() -> None:
        raise AssertionError

    resource.script["deploy"] = check
    with pytest.raises(AssertionError):
        resource.deploy()
    assert resource.cause == "AssertionError"


def test_exit_in_a_type_is_a_failure(resource, expect_log):
    expect_log("FAILED: 3")

    def leave() -> None:
        raise SystemExit(3)

    resource.script["start"] = leave
    resource.ec.deploy()
    resource.ec.wait_started(resource.guid, timeout=PATIENCE)
    assert resource.state is FAILED


def test_illegal_move_inside_work_is_the_types_fault_and_a_failure(resource, expect_log):
    expect_log("FAILED: Resource 1 cannot become STARTED: it is NEW")
    resource.script["deploy"] = resource.set_started
    resource.ec.deploy()
    resource.ec.wait_deployed(resource.guid, timeout=PATIENCE)
    assert resource.state is FAILED


def test_fail_keeps_the_words_and_the_error(resource, expect_log):
    expect_log("FAILED: took too long: it broke")
    error = ValueError("it broke")
    resource.fail("took too long: it broke", error)
    resource.fail("again")
    assert (resource.cause, resource.failure) == ("took too long: it broke", error)
    assert resource.calls == ["fail"]


@pytest.mark.parametrize(
    ("arguments", "cause"), [((), "no cause was given"), (("",), "no cause was given"), (("", ValueError("x")), "x")]
)
def test_fail_without_words(resource, expect_log, arguments, cause):
    expect_log(f"FAILED: {cause}")
    resource.fail(*arguments)
    assert resource.cause == cause


@pytest.mark.parametrize("hook", [fail, lambda: None], ids=["raises", "forgets the state"])
def test_failing_always_ends_failed(resource, expect_log, monkeypatch, hook):
    expect_log("FAILED: broken")
    if hook is fail:
        expect_log("could not fail cleanly: it broke")
    monkeypatch.setattr(Scripted, "do_fail", lambda self: hook())
    resource.fail("broken")
    assert (resource.state, resource.cause) == (FAILED, "broken")


def test_nothing_fails_once_it_is_released(resource):
    resource.release()
    resource.fail("too late")
    assert resource.state is RELEASED


# -- release -------------------------------------------------------------------------------------------


def test_release_always_succeeds(resource, expect_log):
    expect_log("could not be released cleanly: it broke")
    expect_log("could not be cancelled cleanly: it broke")
    resource.script.update(release=fail, cancel=fail)
    resource.deploy()
    resource.release()
    assert resource.state is RELEASED
    assert not resource.ec.abort


def test_release_waits_for_the_running_job_which_can_see_that_it_is_cancelled(resource):
    hold = Hold()
    seen: list[tuple[bool, ResourceState]] = []
    resource.script["deploy"] = in_turn(hold, lambda: seen.append((resource.cancelled, resource.state)))
    resource.script["cancel"] = hold.let_go
    in_threads(resource.deploy, in_turn(lambda: hold.begun.wait(PATIENCE), resource.release))
    assert seen == [(True, NEW)]
    assert resource.life.history() == "NEW > READY > RELEASED"
    assert resource.calls == ["deploy", "cancel", "release"]


def test_work_that_gives_up_because_of_the_release_is_no_failure(resource):
    hold = Hold()

    def give_up() -> None:
        hold()
        raise RuntimeError("cancelled")

    resource.script.update(deploy=give_up, cancel=hold.let_go)
    resource.ec.deploy()
    assert hold.begun.wait(PATIENCE)
    resource.ec.release(resource.guid, timeout=PATIENCE)
    assert resource.life.history() == "NEW > RELEASED"
    assert not resource.ec.abort


def test_nothing_begins_once_it_is_cancelled(resource):
    resource.deploy()
    resource.cancel()
    resource.start()
    assert (resource.state, resource.calls) == (READY, ["deploy", "cancel"])


# -- attributes ----------------------------------------------------------------------------------------


def test_values(resource):
    assert resource.get("speed") == 1.0
    assert resource.set("speed", "5") == 5.0
    assert (resource.get("speed"), resource.has_changed("speed")) == (5.0, True)
    assert resource.set("speed", None) is None
    assert (resource.get("speed"), resource.has_changed("speed")) == (1.0, False)
    assert resource.has_attribute("speed")
    assert not resource.has_attribute("sped")
    assert resource.has_flag("size", Flags.Design)
    assert not resource.has_flag("size", Flags.NoRead)


def test_message_names_the_resource(resource):
    with pytest.raises(
        AttributeValueError, match=r"^test::Scripted 1: attribute 'speed' cannot be 11;.*0 to 10 in Mbit/s"
    ):
        resource.set("speed", 11)
    assert resource.get("speed") == 1.0


@pytest.mark.parametrize("call", [lambda r: r.get("sped"), lambda r: r.set("sped", 1), lambda r: r.has_changed("sped")])
def test_unknown_attribute(resource, call):
    with pytest.raises(UnknownAttributeError, match=r"Did you mean 'speed'\?"):
        call(resource)


@pytest.mark.parametrize("name", ["size", "critical"])
def test_what_is_set_before_the_deployment_only(resource, name):
    resource.set(name, 0)
    resource.discover()
    with pytest.raises(AttributeValueError, match=f"'{name}' can be set only before the deployment.*is DISCOVERED"):
        resource.set(name, 1)
    assert resource.get(name) == 0


def test_what_users_cannot_read_or_set(resource):
    resource.set("secret", "s3cret")
    with pytest.raises(AttributeValueError, match="'secret' cannot be read"):
        resource.get("secret")
    with pytest.raises(AttributeValueError, match="'result' cannot be set; the resource sets it"):
        resource.set("result", "x")


def test_resource_itself_may_read_and_set_them_inside_its_jobs(resource):
    resource.set("secret", "s3cret")
    resource.script["start"] = lambda: (resource.set("result", resource.get("secret")), resource.set("size", 3))
    resource.deploy()
    resource.start()
    assert (resource.get("result"), resource.get("size")) == ("s3cret", 3)


def test_hook(ec, types, monkeypatch):
    seen: list[tuple[float, float]] = []

    def raise_by_one(old: float, new: float) -> float:
        seen.append((old, new))
        return new + 1

    monkeypatch.setattr(Scripted.get_attribute("speed"), "set_hook", raise_by_one)
    resource = ec.get_resource(ec.register_resource("test::Scripted"))
    assert resource.set("speed", 2) == 3.0
    assert resource.set("speed", 4) == 5.0
    assert seen == [(1.0, 2.0), (3.0, 4.0)]


def test_global_attribute_has_one_value_in_an_experiment(ec, resource):
    other = ec.get_resource(ec.register_resource("test::Scripted"))
    assert resource.set("shared", "b") == "b"
    assert (other.get("shared"), other.has_changed("shared"), ec.get_global("test::Scripted", "shared")) == (
        "b",
        True,
        "b",
    )
    resource.set("shared", None)
    assert (other.get("shared"), other.has_changed("shared")) == ("a", False)


# -- traces, connections, conditions, log --------------------------------------------------------------


def test_traces(resource, tmp_path):
    assert [(each.name, resource.trace_enabled(each.name)) for each in resource.get_traces()] == [
        ("output", False),
        ("noise", True),
    ]
    resource.enable_trace("output")
    resource.enable_trace("noise", False)
    assert (resource.trace_enabled("output"), resource.trace_enabled("noise")) == (True, False)
    path = resource.trace_path("output")
    assert path == resource.ec.trace_folder / "1.output.txt"
    with pytest.raises(
        UnknownTraceError, match=r"test::Scripted 1 has written nothing to its trace 'output' \(no file"
    ):
        resource.trace("output")
    path.parent.mkdir(parents=True)
    path.write_text("four words of text")
    assert resource.trace("output") == "four words of text"
    assert resource.trace("output", "size") == resource.trace("output", TraceAttr.SIZE) == 18
    assert resource.trace("output", TraceAttr.STREAM, 4, 1) == " wor"
    assert resource.trace("output", TraceAttr.PATH) == str(path)
    with pytest.raises(ValueError, match="'length'"):
        resource.trace("output", "length")


@pytest.mark.parametrize("call", ["enable_trace", "trace_enabled", "trace_path", "trace"])
def test_unknown_trace(resource, call):
    with pytest.raises(UnknownTraceError, match=r"has no trace 'outptu'. Did you mean 'output'\?"):
        getattr(resource, call)("outptu")


def test_connected_by_type(ec):
    place, guest = ec.register_resource("test::Place"), ec.register_resource("test::Guest")
    ec.register_connection(guest, place)
    manager = ec.get_resource(guest)
    assert [each.guid for each in manager.get_connected()] == [place]
    assert [each.guid for each in manager.get_connected("test::Place")] == [place]
    assert [each.guid for each in manager.get_connected(Place)] == [place]
    assert manager.get_connected("test::Guest") == []
    assert [each.guid for each in ec.get_resource(place).get_connected("test::Scripted")] == [guest]
    assert manager.is_rm_instance("Resource")


def test_connection_that_a_type_refuses(ec):
    one, other = ec.register_resource("test::Guest"), ec.register_resource("test::Guest")
    assert not ec.get_resource(one).valid_connection(other)
    with pytest.raises(ConnectionNotAllowedError, match="test::Guest 1 goes to places only"):
        ec.register_connection(one, other)


def test_connection_that_a_type_refuses_in_nepis_way(ec, monkeypatch):
    monkeypatch.setattr(Place, "valid_connection", lambda self, guid: False)
    place, other = ec.register_resource("test::Place"), ec.register_resource("test::Scripted")
    with pytest.raises(ConnectionNotAllowedError, match="test::Place 1 cannot be connected to test::Scripted 2"):
        ec.register_connection(place, other)
    with pytest.raises(ConnectionNotAllowedError):
        ec.register_connection(other, place)
    assert not ec.get_resource(other).connections


def test_conditions_as_nepi_has_them(ec, resource):
    other = ec.register_resource("test::Scripted")
    resource.register_condition(START, [other], STARTED, "2s")
    resource.register_condition(START, other, READY)
    resource.register_condition(STOP, other, STOPPED, 1.5)
    assert resource.conditions == {
        START: [([other], STARTED, "2s"), ([other], READY, None)],
        STOP: [([other], STOPPED, "1.5s")],
    }
    resource.unregister_condition(other, START)
    assert resource.conditions == {STOP: [([other], STOPPED, "1.5s")]}
    resource.unregister_condition([other])
    assert resource.conditions == {}


def test_log_lines_name_the_resource_and_the_run(resource, caplog):
    with caplog.at_level(logging.DEBUG, "nepi.resource"):
        for level in ("debug", "info", "warning", "warn"):
            getattr(resource, level)("said %s at 100%")
    assert [record.message for record in caplog.records] == ["test::Scripted 1: said %s at 100%"] * 4
    assert {(each.__dict__["guid"], each.__dict__["rtype"]) for each in caplog.records} == {(1, "test::Scripted")}
    assert {each.__dict__["run_id"] for each in caplog.records} == {resource.ec.run_id}

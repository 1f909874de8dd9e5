"""Checks in a run of the real program: the tally, the exit status, and when they judge what never ends."""

from __future__ import annotations

import json

import pytest

from nepi_core.states import ResourceState
from tests.nepi_gui.experiments import START, STOP, Described, run

DONE, FAILED, WRONG, NOT_PASSED = 0, 1, 2, 3


def checked(**bounds):
    made = Described()
    worker = made.add("test::Worker", "worker")
    add_metric(made, worker, **bounds)
    return made


def add_metric(made, judged, label="numbers", **bounds):
    check = made.add("check::Metric", label, series="value", **bounds)
    made.description.connect(judged, check)
    return check


def tell(folder, made, *options):
    done = run(folder, "--run", made.write(folder), "--json", "--no-report", *options)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def test_the_tally_is_told(tmp_path):
    made = checked(atMost=3.0)
    add_metric(made, 1, "too small", atLeast=5.0)
    done = run(tmp_path, "--run", made.write(tmp_path), "--no-report")
    assert done.returncode == NOT_PASSED
    lines = done.stdout.splitlines()
    assert lines[0].startswith("tried: done after ")
    assert lines[1:4] == [
        "Checks: 1 of 2 passed",
        "  NOT PASSED  too small: The mean of value of worker is 3 ms; at least 5 ms are needed.",
        "  passed      numbers: The mean of value of worker is 3 ms; at most 3 ms are allowed.",
    ]


def test_json_has_them(tmp_path):
    status, told, _ = tell(tmp_path, checked(atMost=3.0))
    assert status == DONE
    assert told["checks"] == [
        {
            "guid": 2,
            "name": "numbers",
            "passed": True,
            "sentence": "The mean of value of worker is 3 ms; at most 3 ms are allowed.",
        }
    ]


def test_without_checks_nothing_is_told_of_them(tmp_path):
    made = Described()
    made.add("test::Worker")
    done = run(tmp_path, "--run", made.write(tmp_path), "--no-report")
    assert done.returncode == DONE
    assert "Checks:" not in done.stdout


def test_what_goes_on_for_ever_is_judged_at_the_end(tmp_path):
    made = checked(atMost=3.0, statistic="count")
    made.description.resources[1].attributes["seconds"] = 0.3
    endless = made.add("test::Server", "server")
    check = made.add("check::Metric", "of what goes on", series="value", statistic="count", atLeast=3.0)
    forever = made.add("linux::Application", "forever", command="while :; do echo v=1; sleep 0.05; done")
    node = made.add("linux::Node")
    made.description.resources[forever].attributes |= {"seriesPattern": "v=(?P<value>.)", "daemon": True}
    made.description.connect(forever, node)
    made.description.connect(forever, check)
    status, told, errors = tell(tmp_path, made)
    assert status == DONE, errors
    assert [each["passed"] for each in told["checks"]] == [True, True]
    assert {each["guid"]: each["state"] for each in told["resources"]}[endless] == "STARTED"


def test_a_duration_has_them_judge_after_what_they_look_at(tmp_path):
    made = Described()
    node = made.add("linux::Node")
    forever = made.add(
        "linux::Application", "forever", command="trap 'echo last; exit' TERM; while :; do sleep 0.05; done"
    )
    made.description.connect(forever, node)
    check = made.add("check::Output", "says so", pattern="^last$")
    made.description.connect(forever, check)
    status, told, errors = tell(tmp_path, made, "--duration", "0.3s")
    assert status == DONE, errors
    assert told["checks"][0]["passed"]


def test_a_check_alone_does_not_make_an_endless_run_end(tmp_path):
    made = Described()
    node = made.add("linux::Node")
    forever = made.add("linux::Application", command="sleep 1000", daemon=True)
    made.description.connect(forever, node)
    made.description.connect(forever, made.add("check::Output", pattern="x"))
    done = run(tmp_path, "--run", made.write(tmp_path))
    assert done.returncode == WRONG
    assert "would go on for ever" in done.stderr


def test_a_check_of_what_never_starts_does_not_hold_up_the_run(tmp_path):
    made = checked(atMost=3.0)
    late = made.add("test::Worker", "late")
    made.wait(late, START, 1, ResourceState.FAILED)
    add_metric(made, late, "of late", atMost=1.0)
    add_metric(made, late, "of late in time", atMost=1.0, until=1.0)
    status, told, errors = tell(tmp_path, made)
    assert status == NOT_PASSED, errors
    assert told["outcome"] == "done"
    assert [each["passed"] for each in told["checks"]] == [True, False, False]


def test_a_check_that_waits_for_what_never_comes_has_not_passed(tmp_path):
    made = checked(atMost=3.0)
    waiting = add_metric(made, 1, "waiting", atMost=3.0)
    made.wait(waiting, START, 1, ResourceState.FAILED)
    status, told, errors = tell(tmp_path, made)
    assert status == NOT_PASSED, errors
    assert [each["passed"] for each in told["checks"]] == [True, None]
    assert told["checks"][1]["sentence"] == "It has not judged: it was READY when the run ended."


def test_a_stop_condition_has_it_judge(tmp_path):
    made = checked(atMost=3.0)
    made.description.resources[1].attributes["seconds"] = 1.0
    made.wait(2, STOP, 1, ResourceState.STARTED, "0.3s")
    status, _, errors = tell(tmp_path, made)
    assert status == DONE, errors


@pytest.mark.parametrize("critical", [False, True])
def test_a_failed_run_counts_before_its_checks(tmp_path, critical):
    made = checked(atMost=1.0)
    made.description.resources[2].attributes["critical"] = critical
    status, told, _ = tell(tmp_path, made)
    assert status == (FAILED if critical else NOT_PASSED)
    assert told["outcome"] == ("failed" if critical else "done")

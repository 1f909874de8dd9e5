from __future__ import annotations

import pytest
from nepi_core.resources.check._words import allowed, outside, shown

from nepi_core.errors import ConnectionNotAllowedError, DeploymentError
from nepi_core.states import ResourceAction, ResourceState

NUMBERS = "for i in 1 2 3 4 10; do echo v=$i; done"


def numbers(bench, command=NUMBERS, **attributes) -> int:
    return bench.shell(command, seriesPattern="v=(?P<v>[0-9.]+)", **attributes)


def metric(bench, judged, **attributes) -> int:
    return bench.ec.register_resource("check::Metric", connected_to=judged, **({"series": "v"} | attributes))


# -- statistics --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statistic", "value", "words"),
    [
        ("mean", 4, "mean"),
        ("median", 3, "median"),
        ("minimum", 1, "minimum"),
        ("maximum", 10, "maximum"),
        ("last", 10, "last value"),
        ("count", 5, "number of values"),
        ("percentile", 7.6, "90th percentile"),
    ],
)
def test_each_statistic(bench, statistic, value, words):
    check = metric(
        bench, numbers(bench), statistic=statistic, percentile=90, atLeast=value - 0.001, atMost=value + 0.001
    )
    state, sentence = bench.outcome(check)
    assert state == "STOPPED", sentence
    assert sentence.startswith(f"The {words} of v of Application 2 is {value}; ")


def test_beyond_the_bounds(bench, expect_log):
    expect_log("FAILED")
    made = numbers(bench)
    low, high = metric(bench, made, atLeast=5), metric(bench, made, atMost=3.9999999)
    assert bench.run(low, high) == ["FAILED", "FAILED"]
    assert bench.ec.get_resource(low).cause == "The mean of v of Application 2 is 4; at least 5 are needed."
    assert bench.ec.get_resource(high).cause == "The mean of v of Application 2 is 4; at most 3.9999999 are allowed."
    assert not bench.ec.abort


def test_without_values_it_does_not_pass(bench, expect_log):
    expect_log("FAILED")
    made = numbers(bench, "echo nothing; exit 3")
    check, count = metric(bench, made, atMost=5), metric(bench, made, statistic="count", atMost=0)
    assert bench.run(check, count) == ["FAILED", "STOPPED"]
    assert bench.ec.get_resource(check).cause.startswith(
        "There are no values of v of Application 2, which FAILED: On localhost"
    )


def test_only_some_time_counts(bench):
    made = numbers(bench, "echo v=100; sleep 0.6; echo v=1; sleep 0.6; echo v=100; sleep 0.2")
    check = metric(bench, made, since=0.3, until=0.9, atMost=1)
    assert bench.outcome(check) == (
        "STOPPED",
        "The mean of v of Application 2 from 0.3 to 0.9 s is 1; at most 1 is allowed.",
    )


# -- when it judges ----------------------------------------------------------------------------------------------------


def test_it_waits_for_the_end(bench):
    made = numbers(bench, "echo v=1; sleep 0.3; echo v=3")
    check = metric(bench, made, atLeast=2)
    assert bench.run(check) == ["STOPPED"]
    assert bench.ec.get_stop_time(check) >= bench.ec.get_stop_time(made)


def test_until_has_it_judge_what_goes_on(bench):
    made = numbers(bench, "while :; do echo v=1; sleep 0.05; done")
    check = metric(bench, made, statistic="count", until=0.4, atLeast=1)
    assert bench.ec.get_resource(check).ends_by_itself()
    assert bench.run(check) == ["STOPPED"]
    assert bench.ec.state(made) is ResourceState.STARTED


def test_a_stop_has_it_judge_now(bench):
    made = numbers(bench, "echo v=1; sleep 1000", daemon=True)
    check = metric(bench, made, statistic="count", atMost=1)
    assert not bench.ec.get_resource(check).ends_by_itself()
    bench.run_started(check, made)
    bench.ec.stop(check)
    assert bench.ec.state(check) is ResourceState.STOPPED


def test_a_start_condition_has_it_judge_then(bench):
    made = numbers(bench, "echo v=1; echo go; sleep 1000", startedWhen="go")
    check = metric(bench, made, statistic="count", atLeast=1)
    bench.ec.register_condition(check, ResourceAction.START, made, ResourceState.STARTED)
    assert bench.run(check) == ["STOPPED"]


def test_by_the_first_trace_with_numbers_and_its_units(judged, expect_log):
    expect_log("FAILED")
    ping = judged.ping(count=2)
    check = judged.check("Metric", ping, series="rtt", atLeast=5000)
    assert judged.run(check) == ["FAILED"]
    assert judged.sentence(check).endswith(" ms; at least 5,000 ms are needed.")


# -- what makes no sense -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({}, "has no bounds"),
        ({"atLeast": 2, "atMost": 1}, "no value can pass"),
        ({"atMost": 1, "since": 2, "until": 2}, "looks at no time"),
        ({"atMost": 1, "series": ""}, "needs attribute 'series'"),
        ({"atMost": 1, "trace": "stdou"}, "Did you mean 'stdout'"),
        ({"atMost": 1, "trace": "stderr", "series": ""}, "names no series itself"),
    ],
)
def test_what_cannot_be_judged_is_not_deployed(bench, attributes, told):
    metric(bench, numbers(bench), **attributes)
    with pytest.raises(DeploymentError, match=told):
        bench.ec.deploy()


def test_a_series_of_a_type_must_be_one(bench):
    metric(bench, bench.add("linux::Ping", target="localhost", count=1), series="rt", atMost=1)
    with pytest.raises(DeploymentError, match=r"has no series 'rt'\. Did you mean 'rtt'"):
        bench.ec.deploy()


def test_a_trace_that_is_not_collected(bench):
    made = numbers(bench)
    bench.ec.get_resource(made).enable_trace("stdout", False)
    metric(bench, made, atMost=1, trace="stdout")
    with pytest.raises(DeploymentError, match="which is switched off"):
        bench.ec.deploy()


def test_it_judges_one_resource_with_traces(bench):
    check = metric(bench, numbers(bench), atMost=1)
    for wrong in (bench.node, numbers(bench), metric(bench, numbers(bench))):
        with pytest.raises(ConnectionNotAllowedError):
            bench.ec.register_connection(check, wrong)


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "beside", "words"),
    [
        (48.2, 20, "48.2 ms"),
        (20.000001, 20, "20.000001 ms"),
        (20, 20, "20 ms"),
        (0.00012, None, "0.00012 ms"),
        (1234567, None, "1,234,567 ms"),
        (12345.0, 12344.0, "12,345 ms"),
        (1e30, None, "1e+30 ms"),
    ],
)
def test_numbers(value, beside, words):
    assert shown(value, "ms", beside) == words


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (None, 20, "at most 20 ms are allowed"),
        (1, None, "at least 1 ms is needed"),
        (8, 10, "8 to 10 ms are allowed"),
        (8, 8, "8 ms are needed"),
    ],
)
def test_bounds(least, most, words):
    assert allowed(least, most, "ms") == words


def test_what_is_no_number_is_outside():
    assert outside(float("nan"), 1, None) == 1
    assert outside(float("nan"), None, 1) == 1
    assert outside(1, 1, 1) is None

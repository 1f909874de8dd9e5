from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nepi_core.resources.check.output import _lines

from nepi_core.errors import DeploymentError


def output(bench, command, **attributes) -> int:
    made = bench.shell(command)
    return bench.ec.register_resource("check::Output", connected_to=made, **attributes)


@pytest.mark.parametrize(
    ("attributes", "state"),
    [
        ({}, "STOPPED"),
        ({"atLeast": 2}, "STOPPED"),
        ({"atMost": 2}, "STOPPED"),
        ({"atLeast": 3}, "FAILED"),
        ({"atMost": 1}, "FAILED"),
        ({"expect": "no match"}, "FAILED"),
        ({"pattern": "d$", "expect": "no match"}, "STOPPED"),
        ({"pattern": "d$"}, "FAILED"),
        ({"pattern": "d$", "atMost": 0}, "STOPPED"),
        ({"pattern": "oops"}, "FAILED"),
        ({"pattern": "oops", "trace": "stderr"}, "STOPPED"),
    ],
)
def test_matching_lines_are_counted(bench, expect_log, attributes, state):
    if state == "FAILED":
        expect_log("FAILED")
    check = output(bench, "echo ab; echo cd x; echo ab; echo oops >&2", **({"pattern": "^ab$"} | attributes))
    assert bench.outcome(check)[0] == state


def test_what_was_found_is_told(bench):
    check = output(bench, "echo one; echo two", pattern="t(w)o")
    told = "1 of 2 lines matches 't(w)o' in 'stdout' of Application 2, such as \"two\"; at least 1 is needed."
    assert bench.outcome(check) == ("STOPPED", told)


def test_a_pattern_without_end_is_given_up(bench, expect_log):
    expect_log("could not be searched to its end")
    check = output(bench, "printf 'a%.0s' $(seq 1500); echo b", pattern="(a|aa)+$")
    assert bench.outcome(check)[0] == "FAILED"


def test_very_many_lines_are_given_up_in_time(bench, expect_log):
    expect_log("after 0.1 s, [0-9,]+ lines had been searched")
    check = output(bench, "yes | head -n 3000000", pattern="never", timeLimit=0.1)
    assert bench.outcome(check)[0] == "FAILED"


def test_bytes_that_are_no_text_are_no_problem(bench):
    check = output(bench, "head -c 200000 /dev/urandom; echo; echo found", pattern="^found$")
    assert bench.outcome(check)[0] == "STOPPED"


def test_a_program_that_failed_is_judged_all_the_same(bench, expect_log):
    expect_log("FAILED")
    check = output(bench, "echo error 42; exit 1", pattern="error 42")
    assert bench.outcome(check)[0] == "STOPPED"


def test_what_was_never_written_does_not_match(bench, expect_log):
    expect_log("FAILED")
    made = bench.shell("true", workingDirectory="/proc/nowhere")
    check = bench.ec.register_resource("check::Output", connected_to=made, pattern="x", expect="no match")
    state, sentence = bench.outcome(check)
    assert state == "FAILED"
    assert sentence.startswith("There is no 'stdout' of Application 2: nothing was written; it FAILED: ")


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({}, "'pattern' has no value"),
        ({"pattern": "("}, "no regular expression"),
        ({"pattern": "x", "expect": "no match", "atMost": 1}, "make no sense"),
        ({"pattern": "x", "atLeast": 2, "atMost": 1}, "no output can pass"),
    ],
)
def test_what_cannot_be_judged_is_not_deployed(bench, attributes, told):
    output(bench, "true", **attributes)
    with pytest.raises(DeploymentError, match=told):
        bench.ec.deploy()


def test_without_a_resource_there_is_nothing_to_judge(bench):
    bench.ec.register_resource("check::Output", pattern="x")
    with pytest.raises(DeploymentError, match="connected to nothing"):
        bench.ec.deploy()


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=5), st.booleans())
def test_lines_are_those_of_the_file(lines, ended):
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert list(_lines(BytesIO(data))) == [line.decode(errors="replace").rstrip("\r\n") for line in expected]


def test_a_line_without_end_is_one_line():
    assert [len(line) for line in _lines(BytesIO(b"x" * 200_000 + b"\nend\n"))] == [65_536, 3]

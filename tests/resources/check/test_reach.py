from __future__ import annotations

import pytest
from nepi_core.resources.check._ways import read_answer

from nepi_core.errors import ConnectionNotAllowedError, DeploymentError
from nepi_core.states import ResourceAction, ResourceState

ANSWERED = """PING h2 (10.0.1.2) 56(84) bytes of data.
64 bytes from h2 (10.0.1.2): icmp_seq=1 ttl=63 time=2.20 ms

--- h2 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 402ms
rtt min/avg/max/mdev = 2.101/2.150/2.200/0.040 ms
"""
REFUSED = """PING 10.9.9.9 (10.9.9.9) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Destination Net Unreachable

--- 10.9.9.9 ping statistics ---
3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 402ms
"""


# -- what ping says ----------------------------------------------------------------------------------------------------


def test_answers_are_counted():
    answer = read_answer(ANSWERED, 0)
    assert (answer.sent, answer.received, answer.fastest, answer.broken) == (3, 3, 2.101, False)


def test_who_refuses_is_told():
    answer = read_answer(REFUSED, 1)
    assert (answer.received, answer.reason, answer.broken) == (0, "Destination Net Unreachable, says 10.0.0.1", False)


@pytest.mark.parametrize("said", ["ping: connect: Network is unreachable", "ping: sendmsg: No route to host"])
def test_no_route_is_an_answer(said):
    answer = read_answer(said, 2)
    assert not answer.broken
    assert answer.reason in said


@pytest.mark.parametrize(
    ("said", "status"),
    [("ping: nobody: Name or service not known", 2), ("", -9), ("\x00\xff", 127), ("ping: bad number of packets", 2)],
)
def test_a_test_that_did_not_work_is_no_answer(said, status):
    answer = read_answer(said, status)
    assert answer.broken
    assert answer.reason


def test_a_host_without_an_address_is_not_reached():
    answer = read_answer("ping: h3: Temporary failure in name resolution", 2, known=True)
    assert (answer.broken, answer.received, answer.reason) == (False, 0, "it has no such address")


# -- in a network ------------------------------------------------------------------------------------------------------


def test_hosts_that_reach_each_other(judged):
    one = judged.check("Reach", judged.h1, target="h2")
    all_of_them = judged.check("Reach", judged.h1, judged.h2, count=1)
    by_ipv6 = judged.check("Reach", judged.h1, target="h2", version=6, count=1)
    assert judged.run(one, all_of_them, by_ipv6) == ["STOPPED"] * 3
    assert judged.sentence(one).startswith("h1 reaches h2: 3 of 3 echo requests answered, ")
    assert judged.sentence(all_of_them).startswith("All 2 ways work; the slowest: h")
    assert len(judged.ec.trace(all_of_them, "verdict").splitlines()) == 3


def test_hosts_that_do_not_reach_each_other(judged, expect_log):
    expect_log("FAILED")
    missed = judged.check("Reach", judged.h1, target="island", count=1, wait=0.2)
    right = judged.check("Reach", judged.h1, target="island 10.77.0.1", expect="not reach", count=1, wait=0.2)
    wrong = judged.check("Reach", judged.h1, target="h2", expect="not reach", count=1)
    assert judged.run(missed, right, wrong) == ["FAILED", "STOPPED", "FAILED"]
    assert judged.sentence(missed).startswith("h1 does not reach island: ")
    assert judged.sentence(right).startswith("None of 2 ways works, as it must be; the first: h1 does not reach island")
    assert judged.sentence(wrong).endswith("; but it must not.")
    assert not judged.ec.abort


def test_a_name_that_nobody_knows_is_neither_reached_nor_out_of_reach(judged, expect_log):
    expect_log("FAILED")
    check = judged.check("Reach", judged.h1, target="nobody.invalid", expect="not reach", timeLimit=30)
    assert judged.run(check) == ["FAILED"]
    assert "could not be tested" in judged.sentence(check)


def test_the_time_limit_ends_it(judged, expect_log):
    expect_log("FAILED: After 0.3 s: 1 of 1 ways had not been tested")
    check = judged.check("Reach", judged.h1, target="h2", count=1000, timeLimit=0.3)
    assert judged.run(check) == ["FAILED"]


def test_a_stop_ends_it(judged, expect_log):
    expect_log("It was stopped")
    check = judged.check("Reach", judged.h1, target="h2", count=1000)
    judged.ec.deploy()
    judged.ec.wait_started(check)
    judged.ec.stop(check)
    assert judged.ec.state(check) is ResourceState.FAILED


def test_with_patience_it_tries_again(judged):
    check = judged.check("Reach", judged.h1, target="h2", count=1, wait=0.2, patience=60)
    link = judged.ec.get_resources_by_type("netns::Link")[0]
    link.set("up", False)
    judged.ec.deploy()
    judged.ec.wait_started(check)
    judged.ec.schedule("0.6s", lambda: link.set("up", True))
    assert judged.run(check) == ["STOPPED"]


def test_when_its_time_is_over_it_tells_what_it_has_found(judged, expect_log):
    expect_log("FAILED")
    check = judged.check("Reach", judged.h1, target="island", count=1, wait=0.1, patience=60, timeLimit=3)
    assert judged.run(check) == ["FAILED"]
    assert judged.sentence(check).startswith("h1 does not reach island: ")


def test_a_start_condition_says_when(judged):
    ping = judged.ping(count=2)
    check = judged.check("Reach", judged.h1, target="h2", count=1)
    judged.ec.register_condition(check, ResourceAction.START, ping, ResourceState.STOPPED)
    assert judged.run(check) == ["STOPPED"]
    assert judged.ec.get_start_time(check) >= judged.ec.get_stop_time(ping)


def test_many_ways_go_side_by_side_and_none_is_forgotten(judged):
    targets = " ".join(["h2", "r"] * 25)
    check = judged.check("Reach", judged.h1, target=targets, count=1)
    assert judged.run(check) == ["STOPPED"]
    assert len(judged.ec.trace(check, "verdict").splitlines()) == 51


def test_a_critical_check_ends_the_experiment(judged, expect_log):
    expect_log("FAILED")
    check = judged.check("Reach", judged.h1, target="island", count=1, wait=0.1, critical=True)
    judged.run(check)
    assert judged.ec.abort


def test_on_this_machine(bench):
    check = bench.add("check::Reach", target="127.0.0.1", count=1)
    assert bench.run(check) == ["STOPPED"]


def test_without_ping_the_reason_is_told(bench, expect_log, monkeypatch):
    expect_log("the program 'ping' was not found")
    monkeypatch.setenv("PATH", "/nonexistent")
    check = bench.add("check::Reach", target="127.0.0.1", expect="not reach")
    assert bench.run(check) == ["FAILED"]


# -- what makes no sense -----------------------------------------------------------------------------------------------


def test_it_is_connected_to_hosts_only(judged):
    ping = judged.ping()
    check, other = judged.check("Reach", judged.h1), judged.check("Reach", judged.h1)
    for wrong in (ping, other):
        with pytest.raises(ConnectionNotAllowedError):
            judged.ec.register_connection(check, wrong)


def test_without_a_host_or_a_target_there_is_nothing_to_test(judged, bench):
    judged.check("Reach")
    with pytest.raises(DeploymentError, match="connected to no host"):
        judged.ec.deploy()
    bench.add("check::Reach")
    with pytest.raises(DeploymentError, match="nothing to reach"):
        bench.ec.deploy()


def test_more_ways_than_anybody_waits_for_are_refused(bench, monkeypatch):
    monkeypatch.setattr("nepi_core.resources.check.reach._MOST_WAYS", 2)
    check = bench.add("check::Reach", target="10.0.0.1 10.0.0.2 10.0.0.3")
    with pytest.raises(DeploymentError, match="more than 2 ways to test"):
        bench.ec.deploy()
    bench.ec.set(check, "target", "127.0.0.1 127.0.0.2")
    assert bench.run(check) == ["STOPPED"]

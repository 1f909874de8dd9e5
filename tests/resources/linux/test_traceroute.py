from __future__ import annotations

import re

import pytest
from nepi_core.resources.linux.traceroute import TracerouteParser

from nepi_core.errors import DeploymentError
from nepi_core.states import ResourceState
from nepi_core.times import now


def read(text: str) -> list[tuple]:
    parser = TracerouteParser()
    return [found for line in text.splitlines() for found in parser(line)]


def test_way_to_this_machine(bench):
    route = bench.add("linux::Traceroute", target="127.0.0.1", useIP=True)
    assert bench.run(route) == ["STOPPED"]
    times = [float(time) for time in re.findall(r"([\d.]+) ms", bench.printed(route))]
    assert bench.samples(route, "hops") == [1.0]
    assert bench.samples(route, "rtt") == [pytest.approx(sum(times) / 3)]


def test_time_is_printed(bench):
    begun = now()
    route = bench.add("linux::Traceroute", target="127.0.0.1", printTimestamp=True)
    assert bench.run(route) == ["STOPPED"]
    (time,) = bench.times(route, "hops")
    assert f"[{time:.3f}"[:-1] in bench.printed(route)
    assert begun - 1 <= time <= now()


def test_again_and_again_until_stopped(bench):
    route = bench.add("linux::Traceroute", target="127.0.0.1", continuous=True, pause=0.05, printTimestamp=True)
    assert not bench.ec.get_resource(route).ends_by_itself()
    twice = bench.shell(
        f"until [ $(grep -c ' ms' '{bench.ec.trace_folder}/{route}.stdout') -ge 2 ]; do sleep 0.05; done"
    )
    assert bench.run(twice) == ["STOPPED"]
    bench.ec.stop(route)
    assert bench.ec.state(route) is ResourceState.STOPPED
    times = bench.times(route, "hops")
    assert len(times) >= 2
    assert times == sorted(set(times))


def test_again_and_again_ends_with_a_failure(bench, expect_log):
    expect_log("FAILED")
    route = bench.add("linux::Traceroute", target="no-such-host.invalid", continuous=True, critical=False)
    state, cause = bench.outcome(route)
    assert state == "FAILED"
    assert "'traceroute no-such-host.invalid' ended with exit status 2" in cause


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize(
    "target", ["; touch pwned", "$(touch pwned)", "'; touch pwned '", "a\ntouch pwned", "--help", "-n"]
)
def test_hostile_targets_never_reach_a_shell(bench, tmp_path, monkeypatch, expect_log, target, continuous):
    expect_log("FAILED")
    monkeypatch.chdir(tmp_path)
    route = bench.add("linux::Traceroute", target=target, continuous=continuous, printTimestamp=True, critical=False)
    state, cause = bench.outcome(route)
    assert (state, "exit status 2" in cause) == ("FAILED", True)
    assert list(tmp_path.rglob("pwned")) == []


def test_target_is_required(bench):
    bench.add("linux::Traceroute")
    with pytest.raises(DeploymentError, match="attribute 'target' has no value"):
        bench.ec.deploy()


def test_early_start(bench):
    route = bench.add("linux::Traceroute", target="127.0.0.1", earlyStart=True)
    assert bench.run(route) == ["STOPPED"]


FAR = """traceroute to far.example (192.0.2.9), 30 hops max, 60 byte packets
 1  router.example (10.0.0.1)  0.5 ms  0.4 ms  0.3 ms
 2  * * *
 3  10.1.0.1 (10.1.0.1)  5.0 ms 10.1.0.2 (10.1.0.2)  6.0 ms *
 4  far.example (192.0.2.9)  8.0 ms  10.0 ms *
"""


def test_only_the_target_counts():
    assert read(FAR) == [("hops", 4.0), ("rtt", 9.0)]


def test_target_that_is_not_reached_gives_nothing():
    assert read("\n".join(FAR.splitlines()[:-1])) == []


def test_addresses_only():
    text = "traceroute to ::1 (::1), 30 hops max, 80 byte packets\n 1  ::1  0.030 ms  0.010 ms  0.008 ms"
    assert read(text) == [("hops", 1.0), ("rtt", pytest.approx(0.016))]


def test_printed_time_is_that_of_the_samples():
    assert read("[1795230702.25]\n" + FAR)[0] == ("hops", 4.0, 1795230702.25)


def test_address_that_begins_alike_is_another():
    assert read("traceroute to x (10.0.0.1), 30 hops max\n 1  10.0.0.11  1.0 ms") == []


def test_nothing_else_gives_numbers():
    assert read("\x00\n 1 \n" + "traceroute to " + "(" * 60_000 + "\n 1  x  1 ms") == []

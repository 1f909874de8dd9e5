from __future__ import annotations

import re
from pathlib import Path

import pytest
from nepi_core.resources.linux.ping import PingParser

from nepi_core.errors import AttributeValueError, DeploymentError
from nepi_core.hosts.local_host import LocalHost
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.xml_format import read_xml
from tests.resources.conftest import PATIENCE

HOSTILE = ["; touch pwned", "$(touch pwned)", "'; touch pwned '", "a\ntouch pwned\n", "-f", "--help"]


def read(text: str) -> list[tuple]:
    parser = PingParser()
    return [found for line in text.splitlines() for found in parser(line)]


# -- the program -----------------------------------------------------------------------------------


def test_round_trip_times_and_loss(bench):
    ping = bench.add("linux::Ping", target="127.0.0.1", count=4, interval=0.2)
    assert bench.run(ping) == ["STOPPED"]
    printed = [float(time) for time in re.findall(r"time=([\d.]+)", bench.printed(ping))]
    assert len(printed) == 4
    assert bench.samples(ping, "rtt") == printed
    assert bench.samples(ping, "loss") == [0.0, 0.0]


def test_printed_times_are_those_of_the_samples(bench):
    ping = bench.add("linux::Ping", target="127.0.0.1", count=2, interval=0.2, printTimestamp=True)
    bench.run(ping)
    printed = [float(time) for time in re.findall(r"^\[([\d.]+)\]", bench.printed(ping), re.MULTILINE)]
    assert bench.times(ping, "rtt") == printed


def test_without_count_it_goes_on_until_stopped_and_tells_its_summary(bench):
    ping = bench.add("linux::Ping", target="127.0.0.1", interval=0.2, startedWhen="icmp_seq=2")
    manager = bench.ec.get_resource(ping)
    assert not manager.ends_by_itself()
    bench.run_started(ping)
    bench.ec.stop(ping)
    assert bench.ec.state(ping) is ResourceState.STOPPED
    assert " 0% packet loss" in bench.printed(ping)


def test_release_has_it_tell_its_summary_too(bench):
    ping = bench.add("linux::Ping", target="127.0.0.1", interval=0.2, startedWhen="icmp_seq=1")
    bench.run_started(ping)
    assert bench.samples(ping, "loss") == [0.0, 0.0]


@pytest.mark.parametrize(("attribute", "value"), [("count", 1), ("deadline", 1)])
def test_count_or_deadline_end_it(bench, attribute, value):
    ping = bench.add("linux::Ping", target="127.0.0.1", **{attribute: value})
    assert bench.ec.get_resource(ping).ends_by_itself()
    assert bench.run(ping) == ["STOPPED"]


def test_timeout_is_an_option_of_ping_and_no_limit(bench):
    ping = bench.add("linux::Ping", target="127.0.0.1", count=3, interval=0.2, timeout=0.1)
    assert bench.run(ping) == ["STOPPED"]
    assert bench.ec.get_resource(ping).shown_command() == "ping -W 0.1 -c 3 -i 0.2 127.0.0.1"


def test_unknown_name_is_a_clear_failure(bench, expect_log):
    expect_log("FAILED")
    ping = bench.add("linux::Ping", target="no-such-host.invalid", count=1, critical=False)
    state, cause = bench.outcome(ping)
    assert state == "FAILED"
    assert "no-such-host.invalid" in cause
    assert "exit status 2" in cause


def _own_ping(folder: Path, status: int, summary: str) -> str:
    """Put a ping into a folder that says what a path would that loses packets, and return the variable for it."""
    program = folder / "ping"
    program.write_text(f"#!/bin/sh\necho '{summary}'\nexit {status}\n")
    program.chmod(0o755)
    return f"PATH='{folder}:/usr/bin:/bin'"


def test_no_answer_at_all_is_a_failure(bench, tmp_path, expect_log):
    expect_log("No answer came from 127.0.0.9")
    env = _own_ping(tmp_path, 1, "3 packets transmitted, 0 received, 100% packet loss, time 2031ms")
    ping = bench.add("linux::Ping", target="127.0.0.9", count=3, env=env, critical=False)
    state, cause = bench.outcome(ping)
    assert state == "FAILED"
    assert "No answer came from 127.0.0.9.\n3 packets transmitted, 0 received" in cause
    assert bench.samples(ping, "loss") == [100.0]


def test_too_few_answers_are_a_result(bench, tmp_path):
    env = _own_ping(tmp_path, 1, "4 packets transmitted, 1 received, 75% packet loss, time 3031ms")
    ping = bench.add("linux::Ping", target="127.0.0.9", count=4, deadline=4, env=env)
    assert bench.run(ping) == ["STOPPED"]
    assert bench.samples(ping, "loss") == [75.0]


@pytest.mark.parametrize("target", HOSTILE)
def test_hostile_targets_never_reach_a_shell(bench, tmp_path, monkeypatch, expect_log, target):
    expect_log("FAILED")
    monkeypatch.chdir(tmp_path)
    ping = bench.add("linux::Ping", target=target, count=1, critical=False)
    state, cause = bench.outcome(ping)
    assert (state, "exit status 2" in cause) == ("FAILED", True)
    assert list(tmp_path.rglob("pwned")) == []


def test_target_is_required(bench):
    bench.add("linux::Ping")
    with pytest.raises(DeploymentError, match="attribute 'target' has no value; Address or name to ping"):
        bench.ec.deploy()


def test_missing_program_is_named_with_its_package(bench, tmp_path, monkeypatch, expect_log):
    expect_log("iputils-ping")
    monkeypatch.setattr("nepi_core.resources.linux.ping.Ping.program", "nepi-no-such-ping")
    ping = bench.add("linux::Ping", target="127.0.0.1", critical=False)
    state, cause = bench.outcome(ping)
    assert state == "FAILED"
    assert cause == (
        "Host localhost does not have the program 'nepi-no-such-ping'. Install it there (on Debian: apt-get install "
        "iputils-ping), or name its package in attribute 'depends'."
    )
    assert bench.ec.get_resource(ping).life.reached(ResourceState.READY) is None


def test_program_is_looked_for_once(bench, monkeypatch):
    commands, run = [], LocalHost.run

    def counting_run(self, command, **more):
        commands.append(command)
        return run(self, command, **more)

    monkeypatch.setattr(LocalHost, "run", counting_run)
    pings = [bench.add("linux::Ping", target="127.0.0.1", count=1) for _ in range(8)]
    assert set(bench.run(*pings)) == {"STOPPED"}
    assert [command[-1] for command in commands] == ["ping"]


# -- options ---------------------------------------------------------------------------------------

SWITCHES = ["numeric", "printTimestamp", "reportOutstanding", "quiet", "verbose", "recordRoute", "routeBypass"]
SWITCHES += ["fullLatency", "flood"]


def test_all_options(bench):
    ping = bench.add(
        "linux::Ping",
        target="::1",
        count=2,
        interval=0.5,
        packetSize=100,
        deadline=9,
        timeout=1.5,
        address="lo",
        ttl=3,
        tos="0x10",
        mark=0,
        preload=2,
        pattern="ff00",
        hint="do",
        sendBuff=9000,
        timestamp="tsonly",
        **dict.fromkeys(SWITCHES, True),
    )
    assert bench.ec.get(ping, "tos") == 16
    assert bench.ec.get_resource(ping).shown_command() == (
        "ping -W 1.5 -c 2 -i 0.5 -s 100 -w 9 -I lo -t 3 -Q 16 -m 0 -l 2 -p ff00 -M do -S 9000 -T tsonly "
        "-n -D -O -q -v -R -r -U -f ::1"
    )


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("count", -1), ("interval", "soon"), ("ttl", 256), ("hint", "maybe"), ("tos", "0xzz"), ("packetSize", 70000)],
)
def test_values_that_make_no_sense_are_refused(bench, attribute, value):
    with pytest.raises(AttributeValueError, match=f"attribute '{attribute}' cannot be"):
        bench.add("linux::Ping", **{attribute: value})


def test_command_cannot_be_set(bench):
    with pytest.raises(AttributeValueError, match="'command' cannot be set"):
        bench.add("linux::Ping", target="127.0.0.1", command="rm -rf x")


def test_file_of_nepi_loads(tmp_path):
    from nepi_core.controller import ExperimentController

    file = tmp_path / "nepi.xml"
    values = {"count": "3", "interval": "0.5", "packetSize": "56", "tos": "0x10", "command": "ping -c 3 a.example"}
    attributes = "".join(f'<attribute name="{name}" type="string" value="{value}"/>' for name, value in values.items())
    file.write_text(
        '<?xml version="1.0"?><experiment exp_id="e" run_id="r" nthreads="20" local_dir="/tmp"><rms><rm guid="1" '
        f'rtype="linux::Ping" state="0"><attributes>{attributes}</attributes></rm></rms></experiment>'
    )
    with ExperimentController(description=read_xml(file), local_dir=tmp_path, persist=False) as ec:
        assert [ec.get(1, name) for name in ("count", "interval", "packetSize", "tos")] == [3, 0.5, 56, 16]


# -- early start -----------------------------------------------------------------------------------


def test_early_start_does_not_wait_for_conditions(bench):
    ping = bench.add("linux::Ping", target="127.0.0.1", count=1, earlyStart=True)
    late = bench.shell("sleep 1000")
    bench.ec.register_condition(ping, ResourceAction.START, late, ResourceState.STOPPED)
    bench.run(ping)
    bench.ec.wait_started(late, timeout=PATIENCE)
    assert bench.ec.state(ping) is ResourceState.STOPPED
    bench.ec.stop(late)  # now the condition is met; the ping has run and does not run again
    marker = bench.shell("true")
    bench.ec.register_condition(marker, ResourceAction.START, late, ResourceState.STOPPED)
    assert bench.run(marker) == ["STOPPED"]
    states = [change.new.name for change in bench.ec.get_resource(ping).life.changes]
    assert states.count("STARTED") == 1


# -- what it prints --------------------------------------------------------------------------------


def test_lost_requests_show_with_the_next_answer():
    assert read(
        "64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.5 ms\n64 bytes from 10.0.0.1: icmp_seq=4 ttl=64 time=12 ms\n"
    ) == [("rtt", 0.5), ("loss", 0.0), ("rtt", 12.0), ("loss", 50.0)]


def test_errors_and_missing_answers_count_as_lost():
    text = "[10.5] no answer yet for icmp_seq=1\nFrom 10.0.0.2 icmp_seq=2 Destination Host Unreachable"
    assert read(text) == [("loss", 100.0, 10.5)]


def test_duplicates_do_not_count():
    assert read("64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.5 ms (DUP!)") == []


def test_numbers_begin_again_after_the_largest():
    answers = "\n".join(f"64 bytes: icmp_seq={number % 65536} ttl=64 time=1 ms" for number in range(1, 70_000))
    assert {found for found in read(answers) if found[0] == "loss"} == {("loss", 0.0)}


@pytest.mark.parametrize(
    ("line", "loss"),
    [
        ("3 packets transmitted, 2 received, 33.3333% packet loss, time 2003ms", 100 / 3),
        ("3 packets transmitted, 3 received, +2 duplicates, 0% packet loss, time 2ms", 0.0),
        ("5 packets transmitted, 0 packets received, 100% packet loss", 100.0),
    ],
)
def test_summary(line, loss):
    assert read(line) == [("loss", pytest.approx(loss))]


def test_other_programs_of_that_name():
    assert read("64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.053 ms") == [("rtt", 0.053)]


def test_nothing_else_gives_numbers():
    assert read("PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.\n\n\x00\ufffd" + "x" * 70_000 + "seq=") == []

from __future__ import annotations

import json
import socket

import pytest
from nepi_core.resources.linux.iperf3_output import Iperf3Parser

from nepi_core.errors import AttributeValueError, DeploymentError
from nepi_core.states import ResourceAction, ResourceState


@pytest.fixture
def port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def measure(bench, port):
    """Return a function that runs a client against a server, and returns their guids."""

    def measure(**attributes):
        server = bench.add("linux::Iperf3Server", port=port)
        client = bench.add("linux::Iperf3Client", target="127.0.0.1", port=port, time=1, interval=0.25, **attributes)
        bench.ec.register_condition(client, ResourceAction.START, server, ResourceState.STARTED)
        assert bench.run(client) == ["STOPPED"]
        assert bench.ec.state(server) is ResourceState.STARTED
        return server, client

    return measure


def read(text: str) -> dict[str, list[float]]:
    parser = Iperf3Parser()
    found: dict[str, list[float]] = {}
    for line in text.splitlines():
        for series, value in parser(line):
            found.setdefault(series, []).append(value)
    return found


# -- the programs ----------------------------------------------------------------------------------


def test_throughput_over_the_loopback(bench, measure):
    server, client = measure()
    rates = bench.samples(client, "throughput")
    assert len(rates) in (4, 5)
    assert min(rates) > 0
    assert len(bench.samples(client, "retransmits")) == len(rates)
    (mean,) = bench.samples(client, "throughputMean")
    assert min(rates) * 0.9 <= mean <= max(rates) * 1.1
    assert bench.samples(client, "jitter") == []
    assert bench.samples(server, "throughputMean") == [pytest.approx(mean, rel=0.05)]


def test_datagrams(bench, measure):
    server, client = measure(udp=True, bitrate=5, length=1000)
    assert bench.samples(client, "throughputMean") == [pytest.approx(5, rel=0.2)]
    assert [len(bench.samples(client, series)) for series in ("jitter", "loss", "retransmits")] == [1, 1, 0]
    assert len(bench.samples(server, "loss")) >= 1


def test_both_ways_with_several_streams(bench, measure):
    _, client = measure(bidirectional=True, parallel=2, bitrate=20)
    assert len(bench.samples(client, "throughput")) == len(bench.samples(client, "throughputReverse")) >= 4
    assert bench.samples(client, "throughputMean") == [pytest.approx(40, rel=0.3)]
    assert bench.samples(client, "throughputMeanReverse") == [pytest.approx(40, rel=0.3)]


def test_server_that_sends_datagrams(bench, measure):
    _, client = measure(udp=True, reverse=True, bitrate=5)
    assert len(bench.samples(client, "loss")) == len(bench.samples(client, "throughput")) >= 4


def test_client_after_the_server_is_started_never_meets_a_closed_port(bench, port):
    pairs = []
    for number in range(4):
        server = bench.add("linux::Iperf3Server", port=port + number)
        client = bench.add("linux::Iperf3Client", target="127.0.0.1", port=port + number, bytes=100_000)
        bench.ec.register_condition(client, ResourceAction.START, server, ResourceState.STARTED)
        pairs.append(client)
    assert set(bench.run(*pairs)) == {"STOPPED"}


def test_server_is_a_daemon_unless_it_serves_one_client(bench, port):
    server = bench.add("linux::Iperf3Server", port=port, oneOff=True)
    assert bench.ec.get_resource(server).ends_by_itself()
    assert not bench.ec.get_resource(bench.add("linux::Iperf3Server", port=port + 1)).ends_by_itself()
    client = bench.add("linux::Iperf3Client", target="127.0.0.1", port=port, bytes=1000)
    bench.ec.register_condition(client, ResourceAction.START, server, ResourceState.STARTED)
    assert bench.run(server, client) == ["STOPPED", "STOPPED"]


def test_server_that_is_stopped(bench, port):
    server = bench.add("linux::Iperf3Server", port=port)
    bench.run_started(server)
    bench.ec.stop(server)
    assert bench.ec.state(server) is ResourceState.STOPPED


def test_port_that_is_taken(bench, expect_log):
    expect_log("FAILED")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        server = bench.add("linux::Iperf3Server", port=number, bind="127.0.0.1", critical=False)
        state, cause = bench.outcome(server)
    assert (state, "Address already in use" in cause) == ("FAILED", True)


def test_no_server(bench, port, expect_log):
    expect_log("FAILED")
    client = bench.add("linux::Iperf3Client", target="127.0.0.1", port=port, critical=False)
    state, cause = bench.outcome(client)
    assert (state, "Connection refused" in cause) == ("FAILED", True)


@pytest.mark.parametrize("target", ["; touch pwned", "$(touch pwned)", "'; touch pwned '", "--help", "a\ntouch pwned"])
def test_hostile_targets_never_reach_a_shell(bench, tmp_path, monkeypatch, expect_log, target):
    expect_log("FAILED")
    monkeypatch.chdir(tmp_path)
    client = bench.add("linux::Iperf3Client", target=target, critical=False)
    assert bench.run(client) == ["FAILED"]
    assert list(tmp_path.rglob("pwned")) == []


# -- options ---------------------------------------------------------------------------------------


def test_all_options(bench):
    client = bench.add(
        "linux::Iperf3Client",
        target="a.example",
        port=5202,
        bytes=10_000_000,
        udp=True,
        bitrate=0.5,
        parallel=4,
        reverse=True,
        interval=0.5,
        omit=1,
        length=1200,
        window=65536,
        mss=1400,
        congestion="cubic",
        noDelay=True,
        tos="0x10",
        bind="10.0.0.1",
        ipVersion=4,
        connectTimeout=500,
    )
    assert bench.ec.get_resource(client).shown_command() == (
        "iperf3 -c a.example -p 5202 -n 10000000 -u -b 0.5M -P 4 -R -i 0.5 -O 1 -l 1200 -w 65536 -M 1400 -C cubic -N "
        "-S 16 -B 10.0.0.1 -4 --connect-timeout 500 --forceflush -f m"
    )
    server = bench.add("linux::Iperf3Server", port=5202, bind="10.0.0.1", oneOff=True, interval=2, ipVersion="6")
    assert bench.ec.get_resource(server).shown_command() == "iperf3 -s --forceflush -f m -p 5202 -B 10.0.0.1 -1 -i 2 -6"


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"reverse": True, "bidirectional": True}, "'reverse' and 'bidirectional' exclude each other"),
        ({"bytes": 5, "time": 3}, "'bytes' and 'time' exclude each other"),
    ],
)
def test_options_that_exclude_each_other(bench, attributes, message):
    bench.add("linux::Iperf3Client", target="127.0.0.1", **attributes)
    with pytest.raises(DeploymentError, match=message):
        bench.ec.deploy()


@pytest.mark.parametrize(("attribute", "value"), [("port", 0), ("ipVersion", 5), ("time", "long"), ("bitrate", -1)])
def test_values_that_make_no_sense_are_refused(bench, attribute, value):
    with pytest.raises(AttributeValueError, match=f"attribute '{attribute}' cannot be"):
        bench.add("linux::Iperf3Client", **{attribute: value})


@pytest.mark.parametrize(
    ("version", "form"),
    [("3.12 (cJSON 1.7.15)", "-f m"), ("3.16", "-f m"), ("3.17", "--json-stream"), ("3.20+", "--json-stream")],
)
def test_form_of_the_output_follows_the_version(bench, tmp_path, version, form):
    (tmp_path / "iperf3").write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "iperf {version}" || echo "$@"\n')
    (tmp_path / "iperf3").chmod(0o755)
    client = bench.add("linux::Iperf3Client", target="a.example", env=f"PATH={tmp_path}:/usr/bin:/bin")
    assert bench.run(client) == ["STOPPED"]
    assert bench.printed(client) == f"-c a.example --forceflush {form}\n"


# -- text ------------------------------------------------------------------------------------------

ONE_STREAM = """Connecting to host 127.0.0.1, port 5201
[  5] local 127.0.0.1 port 52618 connected to 127.0.0.1 port 5201
[ ID] Interval           Transfer     Bitrate         Retr  Cwnd
[  5]   0.00-1.00   sec   901 MBytes  7558 Mbits/sec    9   1023 KBytes       (omitted)
[  5]   0.00-1.00   sec  1.18 GBytes  10128 Mbits/sec    0   1023 KBytes
[  5]   1.00-1.50   sec   993 MBytes  8324 Mbits/sec   12   1.87 MBytes
[  5]   1.50-1.50   sec   100 KBytes  1.00 Gbits/sec    0   1.87 MBytes
- - - - - - - - - - - - - - - - - - - - - - - - -
[ ID] Interval           Transfer     Bitrate         Retr
[  5]   0.00-1.50   sec  2.17 GBytes  9000 Mbits/sec   12             sender
[  5]   0.00-1.51   sec  2.17 GBytes  8999 Mbits/sec                  receiver

iperf Done.
"""


def test_one_stream():
    assert read(ONE_STREAM) == {"throughput": [10128.0, 8324.0], "retransmits": [0.0, 12.0], "throughputMean": [8999.0]}


def test_several_streams_are_taken_together():
    text = """[  5] local 127.0.0.1 port 40060 connected to 127.0.0.1 port 5201
[  7] local 127.0.0.1 port 40066 connected to 127.0.0.1 port 5201
[ ID] Interval           Transfer     Bitrate         Retr  Cwnd
[  5]   0.00-0.50   sec   516 MBytes  8646 Mbits/sec    5   1.87 MBytes
[  7]   0.00-0.50   sec   506 MBytes  8479 Mbits/sec    8   1.12 MBytes
[SUM]   0.00-0.50   sec  1022 MBytes  17125 Mbits/sec   13
[ ID] Interval           Transfer     Bitrate         Retr
[  5]   0.00-2.00   sec  1.77 GBytes  7579 Mbits/sec                  receiver
[  7]   0.00-2.00   sec  1.74 GBytes  7474 Mbits/sec                  receiver
[SUM]   0.00-2.00   sec  3.51 GBytes  15058 Mbits/sec   19             sender
[SUM]   0.00-2.00   sec  3.51 GBytes  15053 Mbits/sec                  receiver
"""
    assert read(text) == {"throughput": [17125.0], "retransmits": [13.0], "throughputMean": [15053.0]}


def test_sent_datagrams_are_judged_at_the_end():
    text = """[  5] local 127.0.0.1 port 54502 connected to 127.0.0.1 port 5201
[ ID] Interval           Transfer     Bitrate         Total Datagrams
[  5]   0.00-1.00   sec  1.22 MBytes  10.2 Mbits/sec  39
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-2.00   sec  2.41 MBytes  10.1 Mbits/sec  0.000 ms  0/77 (0%)  sender
[  5]   0.00-2.00   sec  2.41 MBytes  9.5 Mbits/sec  0.021 ms  11/77 (14%)  receiver
"""
    assert read(text) == {"throughput": [10.2], "throughputMean": [9.5], "jitter": [0.021], "loss": [100 / 7]}


def test_received_datagrams_are_judged_in_each_interval():
    text = """[  5] local 127.0.0.1 port 54924 connected to 127.0.0.1 port 5201
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
[  5]   0.00-1.00   sec   128 KBytes  1.05 Mbits/sec  0.088 ms  1/4 (25%)
[  5]   1.00-2.00   sec   160 KBytes  1.31 Mbits/sec  0.090 ms  -1/5 (-20%)
[  5]   2.00-3.00   sec  0.00 Bytes  0.00 bits/sec  0.090 ms  0/0 (0%)
[  5]   0.00-3.00   sec   288 KBytes  1.18 Mbits/sec  0.090 ms  0/9 (0%)  receiver
"""
    found = read(text)
    assert found["loss"] == [25.0, 0.0]
    assert found["jitter"] == [0.088, 0.09, 0.09]
    assert found["throughput"] == [1.05, 1.31, 0.0]


def test_server_begins_anew_with_each_client():
    two = "[  5] local a port 1 connected to b port 2\n[  8] local a port 1 connected to b port 3\n"
    row = "[  5]   0.00-1.00   sec  1.00 MBytes  8.40 Mbits/sec                  \n"
    text = (
        f"Server listening on 5201\nAccepted connection from b\n{two}{row}Server listening on 5201\n{two[:41]}\n{row}"
    )
    assert read(text) == {"throughput": [8.4]}


@pytest.mark.parametrize(
    "line", ["", "{", "{}", '{"event":"interval","data":3}', "[1]", '{"event":"end","data":{"sum_received":[]}}']
)
def test_nothing_else_gives_numbers(line):
    assert read(line + "\n" + "[ 5] " * 9000 + "\n" + "{" * 60_000) == {}


# -- JSON ------------------------------------------------------------------------------------------


def stream(*events: tuple[str, object]) -> str:
    return "\n".join(json.dumps({"event": event, "data": data}) for event, data in events)


def total(rate: float, **more) -> dict:
    return {"start": 0, "end": 1, "seconds": 1, "bytes": 1, "bits_per_second": rate, "omitted": False, **more}


def test_json_stream():
    text = stream(
        ("start", {"connected": [{"socket": 5}], "version": "iperf 3.17"}),
        ("interval", {"streams": [total(9e9)], "sum": total(9e9, retransmits=3, omitted=True)}),
        ("interval", {"streams": [total(5e9), total(3e9)], "sum": total(8e9, retransmits=4, sender=True)}),
        ("interval", {"streams": [total(7e9)], "sum": total(7.5e9, retransmits=0, sender=True)}),
        ("end", {"streams": [], "sum_sent": total(7.8e9, retransmits=4), "sum_received": total(7.7e9)}),
    )
    assert read(text) == {"throughput": [8000.0, 7500.0], "retransmits": [4.0, 0.0], "throughputMean": [7700.0]}


def test_json_stream_of_datagrams_both_ways():
    back = {"jitter_ms": 0.36, "lost_packets": 1, "packets": 40, "lost_percent": 2.5}
    forth = {"jitter_ms": 0.2, "lost_packets": 10, "packets": 40, "lost_percent": 25}
    text = stream(
        ("interval", {"sum": total(1e6, packets=40, sender=True), "sum_bidir_reverse": total(2e6, **back)}),
        ("end", {"sum_received": total(0.9e6, **forth), "sum_received_bidir_reverse": total(1.9e6, **back)}),
    )
    assert read(text) == {
        "throughput": [1.0],
        "throughputReverse": [2.0],
        "jitterReverse": [0.36],
        "lossReverse": [2.5],
        "throughputMean": [pytest.approx(0.9)],
        "jitter": [0.2],
        "loss": [25.0],
        "throughputMeanReverse": [pytest.approx(1.9)],
    }


def test_error_in_the_stream_is_the_cause(bench, tmp_path, expect_log):
    expect_log("FAILED")
    error = '{"event":"error","data":"unable to connect to server"}'
    (tmp_path / "iperf3").write_text(
        f"#!/bin/sh\n[ \"$1\" = --version ] && echo 'iperf 3.18' && exit\necho '{error}'; exit 1\n"
    )
    (tmp_path / "iperf3").chmod(0o755)
    client = bench.add("linux::Iperf3Client", target="a", env=f"PATH={tmp_path}:/usr/bin:/bin", critical=False)
    state, cause = bench.outcome(client)
    assert (state, "unable to connect to server" in cause) == ("FAILED", True)

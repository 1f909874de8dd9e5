from __future__ import annotations

import os
import pwd
import struct
from pathlib import Path

import pytest
from nepi_core.resources.linux.tcpdump import parse_counts

from nepi_core.errors import AttributeValueError
from nepi_core.states import ResourceAction, ResourceState
from tests.resources.conftest import as_root

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="needs an ordinary user")


def packets(path: Path) -> int:
    """Return the number of packets in a file; it must be whole, to the last packet."""
    content = path.read_bytes()
    assert content[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1")
    offset, count = 24, 0
    while offset < len(content):
        (length,) = struct.unpack_from("<I", content, offset + 8)
        offset += 16 + length
        count += 1
    assert offset == len(content)
    return count


@as_root
def test_capture_between_start_and_stop_conditions(bench):
    dump = bench.add("linux::Tcpdump", i="lo", expression="icmp and host 127.0.0.7", n=True)
    ping = bench.add("linux::Ping", target="127.0.0.7", count=3, interval=0.2)
    bench.ec.register_condition(ping, ResourceAction.START, dump, ResourceState.STARTED)
    bench.ec.register_condition(dump, ResourceAction.STOP, ping, ResourceState.STOPPED)
    assert bench.run(ping, dump) == ["STOPPED", "STOPPED"]
    path = Path(bench.ec.trace(dump, "pcap", "path"))
    assert path.name == f"{dump}.pcap"
    assert packets(path) == 6
    assert pwd.getpwuid(path.stat().st_uid).pw_name == "root"
    assert bench.samples(dump, "captured", "stderr") == [6.0]
    assert bench.samples(dump, "dropped", "stderr") == [0.0]


@as_root
def test_capture_that_is_released_is_whole(bench):
    dump = bench.add("linux::Tcpdump", i="lo", expression="icmp and host 127.0.0.7")
    ping = bench.add("linux::Ping", target="127.0.0.7", count=2, interval=0.2)
    bench.ec.register_condition(ping, ResourceAction.START, dump, ResourceState.STARTED)
    bench.run(ping)
    path = bench.ec.get_resource(dump).trace_path("pcap")
    bench.ec.release()
    assert packets(path) == 4


@as_root
@pytest.mark.parametrize("way", ["w", "pcap"])
def test_packets_as_text(bench, way):
    dump = bench.add("linux::Tcpdump", i="lo", n=True, c=2, expression="icmp and host 127.0.0.7")
    if way == "w":
        bench.ec.set(dump, "w", False)
    else:
        bench.ec.enable_trace(dump, "pcap", False)
    ping = bench.add("linux::Ping", target="127.0.0.7", count=1)
    bench.ec.register_condition(ping, ResourceAction.START, dump, ResourceState.STARTED)
    assert bench.ec.get_resource(dump).ends_by_itself()
    assert bench.run(dump) == ["STOPPED"]
    assert "ICMP echo request" in bench.printed(dump)
    assert not bench.ec.get_resource(dump).trace_path("pcap").exists()


@as_root
def test_wrong_expression(bench, expect_log):
    expect_log("FAILED")
    dump = bench.add("linux::Tcpdump", i="lo", expression="no such thing", critical=False)
    state, cause = bench.outcome(dump)
    assert (state, "syntax error" in cause) == ("FAILED", True)


def test_unknown_interface(bench, expect_log):
    expect_log("FAILED")
    dump = bench.add("linux::Tcpdump", i="nosuch0", critical=False)
    state, cause = bench.outcome(dump)
    assert state == "FAILED"
    assert "nosuch0" in cause


@as_user
def test_ordinary_user_is_told_what_is_missing(bench, expect_log):
    expect_log("may not capture packets")
    dump = bench.add("linux::Tcpdump", i="lo", critical=False)
    state, cause = bench.outcome(dump)
    assert state == "FAILED"
    assert "may not capture packets: run as root, or set attribute 'sudo'." in cause


@pytest.mark.parametrize(
    "text", ["; touch pwned", "$(touch pwned)", "'; touch pwned '", "-w pwned", "icmp\ntouch pwned"]
)
def test_hostile_expressions_never_reach_a_shell(bench, tmp_path, monkeypatch, expect_log, text):
    expect_log("FAILED")
    monkeypatch.chdir(tmp_path)
    dump = bench.add("linux::Tcpdump", i="lo", expression=text, critical=False)
    assert bench.run(dump) == ["FAILED"]
    assert list(tmp_path.rglob("pwned")) == []


def test_printing_interfaces_ends_by_itself(bench):
    dump = bench.add("linux::Tcpdump", D=True)
    assert bench.ec.get_resource(dump).ends_by_itself()
    assert bench.run(dump) == ["STOPPED"]
    assert "lo" in bench.printed(dump)


def test_all_options(bench):
    switches = ["l", "I", "K", "A", "b", "e", "n", "N", "S", "t", "tt", "ttt", "tttt", "ttttt", "v", "vv", "vvv"]
    values = {"i": "any", "c": 5, "s": 96, "B": 4096, "F": "filter", "C": 10, "G": 60, "j": "adapter", "T": "rtp"}
    dump = bench.add("linux::Tcpdump", w=False, expression="tcp port 80", **values, **dict.fromkeys(switches, True))
    given = " ".join(f"-{name} {value}" for name, value in values.items())
    shown = bench.ec.get_resource(dump).shown_command()
    assert shown == f"tcpdump {given} -U --immediate-mode {' '.join('-' + name for name in switches)} 'tcp port 80'"


@pytest.mark.parametrize(("attribute", "value"), [("c", 0), ("s", -1), ("B", "big"), ("w", "file.pcap")])
def test_values_that_make_no_sense_are_refused(bench, attribute, value):
    with pytest.raises(AttributeValueError, match=f"attribute '{attribute}' cannot be"):
        bench.add("linux::Tcpdump", **{attribute: value})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("61398 packets captured", [("captured", 61398.0)]),
        ("1 packet captured", [("captured", 1.0)]),
        ("12 packets received by filter", [("received", 12.0)]),
        ("0 packets dropped by kernel", [("dropped", 0.0)]),
        ("tcpdump: listening on lo", []),
    ],
)
def test_counts(line, found):
    assert list(parse_counts(line)) == found

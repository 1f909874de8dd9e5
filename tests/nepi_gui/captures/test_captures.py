"""Captures of both formats, whole, cut, damaged: what is counted, and who talked with whom."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.captures import tally, tshark
from nepi_gui.captures.dissecting import dissect
from nepi_gui.captures.packet_file import Packet, PacketFile
from nepi_gui.captures.tally import Count, Summary, Tally
from tests.nepi_gui.captures.samples import arp, block, ethernet, ip, pcap, pcapng, udp
from tests.nepi_gui.experiments import ROOT

_FORMATS = [partial(pcap, order="<"), partial(pcap, order=">", is_fine=True), pcapng, partial(pcapng, order=">")]
_packets = st.lists(st.tuples(st.integers(0, 2**31).map(float), st.binary(max_size=60)), max_size=8)


def read(data: bytes, size: int = 10**9) -> tuple[list[Packet], PacketFile]:
    file = PacketFile()
    found = [each for place in range(0, len(data), size) for each in file.take(data[place : place + size])]
    return found, file


@given(_packets, st.integers(1, 100), st.sampled_from(_FORMATS))
def test_packets_are_read_in_pieces_of_any_size(
    packets: list[tuple[float, bytes]], size: int, write: Callable[[Sequence[tuple[float, bytes]]], bytes]
) -> None:
    found, file = read(write(packets), size)
    assert [(each.time, each.data) for each in found] == packets
    assert (file.problem, file.waiting) == ("", 0)


@given(_packets, st.data(), st.sampled_from(_FORMATS))
def test_of_a_file_that_is_cut_the_whole_packets_are_read(
    packets: list[tuple[float, bytes]], data: st.DataObject, write: Callable[[Sequence[tuple[float, bytes]]], bytes]
) -> None:
    whole = write(packets)
    cut = data.draw(st.integers(0, len(whole)))
    found, file = read(whole[:cut])
    assert [(each.time, each.data) for each in found] == packets[: len(found)]
    assert [(each.time, each.data) for each in [*found, *file.take(whole[cut:])]] == packets


@given(_packets, st.data(), st.sampled_from(_FORMATS))
def test_damage_anywhere_harms_nobody(
    packets: list[tuple[float, bytes]], data: st.DataObject, write: Callable[[Sequence[tuple[float, bytes]]], bytes]
) -> None:
    damaged = bytearray(write(packets))
    for _ in range(3):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    counting = Tally()
    for packet in read(bytes(damaged))[0]:
        counting.add(packet)
    json.dumps(counting.summary().to_json())


@given(st.sampled_from([0, 1, 101, 113, 276, 7]), st.binary(max_size=80))
def test_any_bytes_are_told_as_something(link: int, data: bytes) -> None:
    assert dissect(link, data).protocols


@given(st.integers(0, 90))
def test_packets_that_are_cut_are_told_as_far_as_they_go(size: int) -> None:
    for whole in (udp("fd00::1", 5, "fd00::2", 6), udp("10.0.0.1", 5, "10.0.0.2", 6), arp("10.0.0.1", "10.0.0.2")):
        assert dissect(1, whole[:size]).protocols[0] == "Ethernet"


@pytest.mark.parametrize(
    ("data", "protocols", "ends"),
    [
        (udp("10.0.0.1", 53, "10.0.0.2", 99), "Ethernet IPv4 UDP", ("10.0.0.1", "10.0.0.2", 53, 99)),
        (udp("fd00::1", 53, "fd00::2", 99), "Ethernet IPv6 UDP", ("fd00::1", "fd00::2", 53, 99)),
        (ip("10.0.0.1", "10.0.0.2", 1, bytes(8)), "Ethernet IPv4 ICMP", ("10.0.0.1", "10.0.0.2", 0, 0)),
        (ip("fd00::1", "fd00::2", 0, b"\x06" + bytes(7) + b"\0\x16\0\x17"), "Ethernet IPv6 TCP", None),
        (arp("10.0.0.1", "10.0.0.2"), "Ethernet ARP", ("10.0.0.1", "10.0.0.2", 0, 0)),
        (ethernet(0x8100, b"\0\x05\x08\x06" + bytes(28)), "Ethernet VLAN ARP", None),
        (ethernet(0x88CC, b""), "Ethernet LLDP", ("02:00:00:00:00:01", "02:00:00:00:00:02", 0, 0)),
        (ethernet(0x1234, b""), "Ethernet Type_0x1234", None),
        (ip("10.0.0.1", "10.0.0.2", 200, b""), "Ethernet IPv4 Protocol_200", None),
    ],
)
def test_what_a_packet_is(data: bytes, protocols: str, ends: tuple[str, str, int, int] | None) -> None:
    sight = dissect(1, data)
    assert sight.protocols == tuple(each.replace("_", " ") for each in protocols.split())
    assert ends is None or sight[1:] == ends


def test_conversations_go_both_ways() -> None:
    counting = Tally()
    for time, data in ((5.0, udp("10.0.0.1", 5, "10.0.0.2", 6, 100)), (7.5, udp("10.0.0.2", 6, "10.0.0.1", 5))):
        counting.add(Packet(time, 1, len(data), data))
    counting.add(Packet(6.0, 1, 60, arp("10.0.0.1", "10.0.0.2")))
    summary = counting.summary()
    assert (summary.packets, summary.bytes, summary.begin, summary.end) == (3, 142 + 50 + 60, 5.0, 7.5)
    talk = summary.conversations[0]
    assert (talk.protocol, talk.there, talk.back, talk.end) == ("UDP", Count(1, 142), Count(1, 50), 7.5)
    assert dict(summary.protocols)[("Ethernet", "IPv4", "UDP")] == Count(2, 192)
    assert Summary.from_json(json.loads(json.dumps(summary.to_json()))) == summary
    assert summary.left_out == Count()
    assert counting.summary(1).left_out == Count(1, 60)


def test_a_scan_of_all_ports_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_CONVERSATIONS", 10)
    counting = Tally()
    for port in range(100):
        counting.add(Packet(1.0, 1, 50, udp("10.0.0.1", 5, "10.0.0.2", port)))
    summary = counting.summary()
    assert (len(summary.conversations), summary.left_out.packets, summary.packets) == (10, 90, 100)


def test_what_is_no_capture_is_told() -> None:
    assert "no pcap" in read(b"PING 10.0.0.1")[1].problem
    assert "damaged" in read(pcap([(1.0, b"x")])[:24] + b"\xff" * 16)[1].problem
    assert "damaged" in read(pcapng([]) + block(6, bytes(20))[:-4] + b"1234")[1].problem


# -- the process -------------------------------------------------------------------------------------------------


def start(path: Path, **more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "nepi_gui.captures", str(path)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **more})


def test_process_reads_on_when_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "1.packets.pcapng"
    data = pcapng([(1.0, udp("10.0.0.1", 5, "10.0.0.2", 6)), (2.0, udp("10.0.0.1", 5, "10.0.0.2", 6))])
    path.write_bytes(data[:-10])
    with start(path, PATH="/nowhere") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["packets"] == 1
        path.write_bytes(data)
        process.stdin.write("\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["packets"] == 2
        process.stdin.close()
        assert process.wait(20) == 0


def test_process_tells_what_it_cannot_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "pipe"):
        with start(tmp_path / name) as process:
            assert process.stdout is not None
            assert "unreadable" in json.loads(process.stdout.readline())


_TSHARK = """#!/bin/sh
size=$(cat | wc -c)
cat <<END

===================================================================
Protocol Hierarchy Statistics
Filter: 

eth                                      frames:2 bytes:$size
  ip                                     frames:2 bytes:100
    udp                                  frames:2 bytes:100
      dns                                frames:1 bytes:50
  arp                                    frames:1 bytes:42
===================================================================
END
"""  # noqa: W291 - as tshark writes it


def test_tshark_is_asked_about_the_whole_packets(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "tshark"
    program.parent.mkdir()
    program.write_text(_TSHARK)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = tmp_path / "1.pcap"
    data = pcap([(1.0, b"one")])
    path.write_bytes(data + b"cut")
    with start(path, PATH=f"{program.parent}:{os.environ['PATH']}") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert not json.loads(process.stdout.readline())["by_tshark"]
        summary = Summary.from_json(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(20) == 0
    assert summary.by_tshark
    protocols = dict(summary.protocols)
    assert protocols[("Ethernet",)].bytes == len(data)
    assert list(protocols)[-2:] == [("Ethernet", "IPv4", "UDP", "dns"), ("Ethernet", "ARP")]


def test_tshark_that_hangs_or_is_missing_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "1.pcap"
    path.write_bytes(pcap([(1.0, b"one")]))
    monkeypatch.setattr(tshark, "PATIENCE", 0.1)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tshark.ask_tshark(path, 10) is None
    (tmp_path / "tshark").symlink_to(shutil.which("yes", path="/usr/bin:/bin") or "")
    assert tshark.ask_tshark(path, 10) is None

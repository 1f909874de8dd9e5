"""Files that are made of the blocks, read by hand and by tcpdump."""

from __future__ import annotations

import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nepi_core.resources.netns._programs import pcapng
from nepi_core.resources.netns._programs.capture_file import CaptureFile
from nepi_core.resources.netns._programs.whole_file import WholeFile

times = st.integers(0, 2**63 - 1)
counts = st.integers(0, 2**64 - 1)
packets = st.tuples(times, st.binary(max_size=200), st.integers(0, 2**32 - 1))


def blocks(content):
    """Yield type and body of each block; the format's own checks are asserted."""
    while content:
        kind, size = struct.unpack_from("<II", content)
        assert size % 4 == 0
        assert struct.unpack_from("<I", content, size - 4) == (size,)
        yield kind, content[8 : size - 4]
        content = content[size:]


def options(content):
    found: dict[int, bytes] = {}
    while True:
        code, length = struct.unpack_from("<HH", content)
        if not code:
            assert (length, len(content)) == (0, 4)
            return found
        found[code] = content[4 : 4 + length]
        content = content[4 + length + -length % 4 :]


def test_a_file_begins_with_the_section():
    ((kind, body),) = blocks(pcapng.section_header("a program"))
    assert kind == 0x0A0D0D0A
    assert struct.unpack_from("<IHHq", body) == (0x1A2B3C4D, 1, 0, -1)
    assert options(body[16:]) == {4: b"a program"}


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1))
def test_interface(name, description, link_type, snap_length):
    ((kind, body),) = blocks(pcapng.interface(name, description, link_type, snap_length))
    assert kind == 1
    assert struct.unpack_from("<HHI", body) == (link_type, 0, snap_length)
    texts = {2: name.encode(), 3: description.encode()}
    assert options(body[8:]) == {code: text for code, text in texts.items() if text} | {9: b"\x09"}


@given(st.integers(0, 2**32 - 1), packets)
def test_packet(number, packet):
    ((kind, body),) = blocks(pcapng.packet(number, *packet))
    interface, high, low, kept, length = struct.unpack_from("<IIIII", body)
    assert (kind, interface) == (6, number)
    assert (high << 32 | low, body[20 : 20 + kept], length) == packet
    assert body[20 + kept :] == bytes(-kept % 4)


@given(st.integers(0, 2**32 - 1), times, times, counts, counts)
def test_statistics(number, started, ended, received, dropped):
    ((kind, body),) = blocks(pcapng.statistics(number, started, ended, received, dropped))
    assert (kind, struct.unpack_from("<I", body)) == (5, (number,))
    found = options(body[12:])
    assert {code: struct.unpack("<Q", found[code])[0] for code in (4, 5)} == {4: received, 5: dropped}
    for code, time in ((2, started), (3, ended)):
        high, low = struct.unpack("<II", found[code])
        assert high << 32 | low == time
    assert body[4:12] == found[3]


def test_a_text_that_is_too_long_is_cut():
    ((_, body),) = blocks(pcapng.section_header("x" * 70_000))
    assert len(options(body[16:])[4]) == 65_535


@pytest.mark.skipif(not shutil.which("tcpdump"), reason="needs tcpdump")
def test_tcpdump_reads_it(tmp_path):
    path = tmp_path / "packets.pcapng"
    file = CaptureFile(str(path), 0, [("eth0", "eth0 of h1", 1), ("eth1", "eth1 of h1", 1)], 100)
    arp = b"\xff" * 6 + b"\x02\0\0\0\0\x01\x08\x06" + bytes.fromhex("0001080006040001020000000001") + b"\x0a\0\0\1"
    arp += bytes(6) + b"\x0a\0\0\2"
    file.add(0, [(1_700_000_000_123_456_789, arp, 42)])
    file.add(1, [(1_700_000_001_000_000_001, arp, 1500)])
    file.finish([(1, 2, 3, 4), (1, 2, 3, 4)])
    command = ["tcpdump", "-nn", "-tt", "--nano", "-r", str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [line.split()[0] for line in printed] == ["1700000000.123456789", "1700000001.000000001"]
    assert all("who-has 10.0.0.2 tell 10.0.0.1" in line for line in printed)


@given(st.lists(st.lists(packets, max_size=5), max_size=5), st.integers(1, 2000))
def test_a_limit_is_kept_with_statistics_and_all(tmp_path_factory, batches, limit):
    path = tmp_path_factory.mktemp("capture") / "packets.pcapng"
    file = CaptureFile(str(path), 300 + limit, [("eth0", "", 1)], 0)
    for batch in batches:
        file.add(0, batch)
    file.finish([(1, 2, 3, 4)])
    given = [packet for batch in batches for packet in batch]
    content = path.read_bytes()
    kinds = [kind for kind, _ in blocks(content)]
    assert len(content) <= 300 + limit
    assert kinds == [pcapng.SECTION_HEADER, pcapng.INTERFACE, *[pcapng.PACKET] * file.captured, pcapng.STATISTICS]
    assert (file.captured == len(given)) != bool(file.full)
    assert not file.failed


def test_a_piece_that_finds_no_room_leaves_no_part(tmp_path):
    """The same with a real limit is in the tests of the programs; here the file goes on afterwards."""
    file = WholeFile(str(tmp_path / "file"))
    file.write(b"first\n")
    file.close()
    again = WholeFile(str(tmp_path / "file"))
    assert again.size == 6
    again.write(b"second\n")
    again.close()
    assert (tmp_path / "file").read_bytes() == b"first\nsecond\n"
    WholeFile(str(tmp_path / "file"), anew=True).close()
    assert not (tmp_path / "file").read_bytes()


def test_a_full_disk_is_told_once():
    file = WholeFile("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        file.write(b"x")
    assert file.size == 0
    file.close()

"""The packet capture itself, on interfaces of a network namespace of its own."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import time

import pytest
from nepi_core.resources.netns._programs import packet_filter

from tests.resources.netns.small_network import PATIENCE, SmallNetwork, frame
from tests.resources.netns.test_pcapng import blocks, options

LINES = [
    *(f"link add eth{number} type veth peer name x{number}" for number in range(2)),
    *(f"link set {name} up" for name in ("eth0", "x0", "eth1", "x1", "lo")),
]
TAPS = [(None, "x0"), (None, "x1"), (None, "eth0")]
# Frames of the type that `frame` makes: code, jump if true, jump if false, constant.
OURS = "4\n40 0 0 12\n21 0 1 34997\n6 0 0 262144\n6 0 0 0\n"


class Rig:
    """A running capture."""

    def __init__(self, path, *interfaces, snap_length=0, limit=0, program="", stdin=None):
        options = ["--filter", program] if program else []
        arguments = [*options, str(path), str(snap_length), str(limit), *interfaces]
        self.path = path
        self.network = SmallNetwork("packet_capture", LINES, TAPS, *arguments, stdin=stdin)
        self.first_line = self.network.said()

    def send(self, frames, tap=0):
        for each in frames:
            self.network.taps[tap].send(each)

    def stop(self, number=signal.SIGINT):
        self.network.process.send_signal(number)
        return self.wait()

    def wait(self):
        status, said = self.network.close()
        return status, said.splitlines()

    def grown(self, size):
        """Wait until the file has more bytes."""
        deadline = time.monotonic() + PATIENCE
        while self.path.stat().st_size <= size and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.path.stat().st_size > size

    def packets(self):
        """Return interface, length and content of the packets."""
        found = []
        for kind, body in blocks(self.path.read_bytes()):
            if kind == 6:
                number, kept, length = (int.from_bytes(body[at : at + 4], "little") for at in (0, 12, 16))
                found.append((number, length, body[20 : 20 + kept]))
        return found

    def statistics(self):
        """Return packets received and dropped, of each interface."""
        found = [options(body[12:]) for kind, body in blocks(self.path.read_bytes()) if kind == 5]
        return [tuple(int.from_bytes(each[code], "little") for code in (4, 5)) for each in found]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "packets.pcapng"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_packets_of_both_directions_are_there_when_it_is_told_to_end(path, number):
    rig = Rig(path, "eth0", program=OURS)
    assert rig.first_line == "listening on eth0\n"
    rig.send([frame(each, 60 + each) for each in range(500)])
    rig.send([frame(500)], tap=2)
    assert rig.stop(number) == (0, ["501 packets captured", "0 packets dropped by kernel"])
    assert rig.packets() == [(0, 60 + each, frame(each, 60 + each)) for each in range(500)] + [(0, 60, frame(500))]
    assert rig.statistics() == [(501, 0)]


def test_times_are_those_of_the_packets(path):
    rig = Rig(path, "eth0", program=OURS)
    before = time.time_ns()
    rig.send([frame(each) for each in range(3)])
    after = time.time_ns()
    rig.stop()
    bodies = [body for kind, body in blocks(path.read_bytes()) if kind == 6]
    times = [int.from_bytes(body[4:8], "little") << 32 | int.from_bytes(body[8:12], "little") for body in bodies]
    assert before <= times[0] < times[1] < times[2] <= after


def test_two_interfaces_cut_packets_and_a_filter(path):
    rig = Rig(path, "eth0", "eth1", snap_length=20, program=OURS)
    assert rig.first_line == "listening on eth0, eth1\n"
    rig.send([frame(1), b"\xff" * 12 + b"\x08\x00" + bytes(46)])
    rig.send([frame(2, 1500)], tap=1)
    rig.stop()
    assert sorted(rig.packets()) == [(0, 60, frame(1)[:20]), (1, 1500, frame(2)[:20])]
    assert rig.statistics() == [(1, 0), (1, 0)]


def test_the_tag_of_a_vlan_is_in_the_packet(path):
    rig = Rig(path, "eth0")
    tagged = frame()[:12] + b"\x81\x00\x00\x07" + frame(3)[12:]
    rig.send([tagged])
    rig.stop()
    assert (0, 64, tagged) in rig.packets()


def test_each_packet_of_the_loopback_comes_once(path):
    rig = Rig(path, "lo")
    rig.network.inside("ping -c 1 127.0.0.1")
    rig.stop()
    assert len(rig.packets()) == 2


def test_what_was_captured_can_be_read_while_it_runs_and_after_a_kill(path):
    rig = Rig(path, "eth0", program=OURS)
    size = path.stat().st_size
    rig.send([frame(each) for each in range(10)])
    assert rig.grown(size)
    size = path.stat().st_size
    rig.send([frame(10)])
    assert rig.grown(size)
    assert rig.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    assert [each[2] for each in rig.packets()] == [frame(each) for each in range(11)]


def test_it_ends_with_its_pipe(path):
    reader, writer = os.pipe()
    rig = Rig(path, "eth0", program=OURS, stdin=reader)
    os.close(reader)
    rig.send([frame()])
    os.close(writer)
    assert rig.wait() == (0, ["1 packets captured", "0 packets dropped by kernel"])


def test_a_limit_is_no_failure(path):
    rig = Rig(path, "eth0", limit=2000, program=OURS)
    rig.send([frame(each, 500) for each in range(10)])
    status, said = rig.wait()
    assert (status, said[1:]) == (0, ["3 packets captured", "0 packets dropped by kernel"])
    assert said[0].endswith("packets.pcapng has reached its limit of 2000 bytes.")
    assert len(rig.packets()) == 3
    assert path.stat().st_size <= 2000


def test_a_full_disk_is_a_failure_and_leaves_a_whole_file(path):
    rig = Rig(path, "eth0", program=OURS)
    resource.prlimit(rig.network.process.pid, resource.RLIMIT_FSIZE, (1000, 1000))
    rig.send([frame(each, 500) for each in range(10)])
    status, said = rig.wait()
    assert status == 1
    assert said[-1] == f"Nothing more can be written to {path}: File too large."
    list(blocks(path.read_bytes()))


def test_no_room_at_all():
    rig = Rig("/dev/full", "eth0")
    assert rig.first_line == "/dev/full cannot be written: No space left on device.\n"
    assert rig.wait() == (1, [])


def test_an_interface_that_goes_is_told_and_the_others_go_on(path):
    rig = Rig(path, "eth0", "eth1", program=OURS)
    rig.send([frame(1)])
    rig.network.inside("ip link del eth0")
    assert rig.network.said() == "Interface eth0 has gone.\n"
    rig.send([frame(2)], tap=1)
    rig.network.inside("ip link del eth1")
    status, said = rig.wait()
    assert (status, said[-1]) == (1, "There is no interface left to capture from.")
    assert [each[2] for each in rig.packets()] == [frame(1), frame(2)]
    assert rig.statistics() == [(1, 0), (1, 0)]


def test_an_interface_that_was_down_comes_back(path):
    rig = Rig(path, "eth0", program=OURS)
    rig.network.inside("ip link set eth0 down")
    rig.network.inside("ip link set eth0 up")
    rig.send([frame(7)])
    assert rig.stop()[0] == 0
    assert [each[2] for each in rig.packets()] == [frame(7)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["0", "0", "eth7"], "There is no interface eth7 here, only lo, x0, eth0, x1, eth1."),
        (["many", "0", "eth0"], "Arguments: [--filter PROGRAM] FILE SNAPLEN LIMIT INTERFACE..."),
        (["0", "0"], "Arguments: [--filter PROGRAM] FILE SNAPLEN LIMIT INTERFACE..."),
    ],
)
def test_what_cannot_be_begun(path, arguments, sentence):
    network = SmallNetwork("packet_capture", LINES, TAPS, str(path), *arguments)
    assert network.close() == (1, sentence + "\n")


@pytest.mark.parametrize("text", ["x", "2\n6 0 0 1", "1\n6 0 0", "1\n6 0 999 0", "0", "1\n6 0 0 -1"])
def test_no_filter(text):
    with pytest.raises(ValueError, match="is no filter as 'tcpdump -ddd' prints it"):
        packet_filter.assemble(text, 100)


@pytest.mark.skipif(not shutil.which("tcpdump"), reason="needs tcpdump")
def test_a_filter_that_tcpdump_compiled(path):
    command = ["tcpdump", "-ddd", "-y", "EN10MB", "ether[14] == 0x30"]
    program = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    rig = Rig(path, "eth0", program=program)
    rig.send([frame(1), frame(100_000)])
    rig.stop()
    assert [each[2] for each in rig.packets()] == [frame(1)]

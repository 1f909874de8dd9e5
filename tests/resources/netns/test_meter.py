"""The meter: what its numbers mean, and the program itself on links between namespaces of its own."""

from __future__ import annotations

import csv
import json
import os
import resource
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nepi_core.resources.netns._programs.interface_counters import Reading
from nepi_core.resources.netns._programs.link_statistics import HEADER, LinkStatistics, Tally
from nepi_core.resources.netns._programs.pace import Pace

from nepi_core.series import CsvParser
from tests.resources.netns.small_network import PATIENCE, SmallNetwork, frame

LINK = "link add eth0 netns NODE0 type veth peer name eth0 netns NODE1"
SWITCHED = "link add port netns NODE0 type veth peer name port"
ENDS = [["/proc/self/fd/100", "eth0"], ["/proc/self/fd/101", "eth0"]]
SLOTS = 2


# -- what the numbers mean


@given(st.lists(st.lists(st.integers(0, 1000), min_size=1), min_size=1))
def test_a_tally_goes_on_when_its_counter_begins_again(lives):
    """Each life of a counter begins at 0, and is seen after each of its steps and at its beginning."""
    tally = Tally()
    for steps in lives:
        for value in accumulate(steps, initial=0):
            tally.see(value)
    assert tally.total == sum(map(sum, lives))


def test_a_tally_begins_with_what_it_sees_first():
    tally = Tally()
    tally.see(1000)
    assert tally.total == 0


def reading(at, packets=0, size=125, index=1, **more):
    return Reading(at, index, (packets, packets * size), **more)


def test_a_line_tells_rates_drops_and_queues():
    statistics = LinkStatistics()
    first = reading(10.0, dropped=7, queue_dropped=70), reading(10.1)
    assert statistics.see(first, (1, 2), 1000.0) == ""
    second = reading(10.5, 1000, dropped=8, queue_dropped=72, queue=5), reading(10.3, 100, queue=3)
    assert statistics.see(second, (5, 2), 1000.0) == "1010.500000,2,2000,7,5,0.5,500,0,3\n"


def test_no_line_while_an_end_is_missing_or_new():
    statistics = LinkStatistics()
    steps = [(1, 1), (1, 1), (None, 1), (2, 1), (2, 1)]  # index of the interfaces at both ends
    lines = []
    for at, indexes in enumerate(steps):
        readings = [None if index is None else reading(at, 10 * at, index=index) for index in indexes]
        lines.append(bool(statistics.see(tuple(readings), (0, 0), 0.0)))
    assert lines == [False, True, False, False, True]


def test_drops_go_on_over_an_interval_that_begins_anew():
    statistics = LinkStatistics()
    for at, drops in enumerate((0, 5, 6)):
        line = statistics.see((reading(at, queue_dropped=drops), reading(at)), (0, 0), 0.0)
        if at == 0:
            statistics.begin_intervals_anew()
    assert line.split(",")[3] == "6"


@given(st.floats(0, 2e9), st.sampled_from([0.01, 0.1, 0.25, 1.0]))
def test_samples_are_on_a_grid(now, interval):
    following = Pace(interval).after(now)
    assert following / interval == pytest.approx(round(following / interval), abs=1e-3)
    assert 0.49 * interval < following - now < 1.51 * interval


def test_dear_samples_are_taken_less_often():
    pace = Pace(0.1)
    assert not any(pace.judge(cost) for cost in (0.019, 0.5, 0.5, 0.019))
    assert [pace.judge(0.05) for _ in range(3)] == [False, False, True]
    assert pace.interval == pytest.approx(0.3)
    assert not pace.judge(0.05)
    pace.relax()
    assert pace.interval == 0.1


# -- the program


class Rig:
    """A running meter, with a link between two nodes."""

    def __init__(self, folder, counters=True, interval="0.02"):
        self.folder = folder
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.settimeout(PATIENCE)
        self.memory = os.memfd_create("counters")
        os.ftruncate(self.memory, SLOTS * 64)
        try:
            with theirs:
                lines = [LINK, SWITCHED]
                stdout = self.memory if counters else None
                self.network = SmallNetwork(
                    "meter", lines, [(0, "eth0"), (1, "eth0")], interval, nodes=2, stdin=theirs, stdout=stdout
                )
        except BaseException:
            self.channel.close()
            os.close(self.memory)
            raise
        for node in (0, 1):
            self.network.inside("ip link set eth0 up", node)

    def say(self, **message):
        self.channel.send(json.dumps(message).encode())
        return self.hear()

    def hear(self):
        return json.loads(self.channel.recv(65536))

    def watch(self, link=7, ends=ENDS, slot=None, file=""):
        path = file or str(self.folder / f"{link}.csv")
        return self.say(verb="watch", link=link, file=path, ends=ends, slot=slot)

    def send(self, count, length=1000, node=0):
        for number in range(count):
            with suppress(OSError):  # ENOBUFS: the kernel tells a packet socket at once that a frame was dropped
                self.network.taps[node].send(frame(number, length))

    def count_in_forwarder(self, slot, *counters):
        os.pwrite(self.memory, struct.pack("<8Q", *counters), slot * 64)

    def lines(self, link=7):
        with (self.folder / f"{link}.csv").open(newline="") as file:
            return [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]

    def until(self, holds, link=7):
        """Wait until the lines are as they should be, and return them."""
        deadline = time.monotonic() + PATIENCE
        while not holds(lines := self.lines(link)) and time.monotonic() < deadline:
            time.sleep(0.005)
        assert holds(lines)
        return lines

    def more(self, link=7, lines=3):
        """Wait for some more lines, and return them; the first may tell of what was before."""
        before = len(self.lines(link))
        return self.until(lambda all_lines: len(all_lines) >= before + lines, link)[before:]

    def close(self):
        self.channel.close()
        os.close(self.memory)
        return self.network.close()


@pytest.fixture
def rig(tmp_path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    assert rig.close() == (0, "")


def sums(lines, name):
    """Return what a rate adds up to, from the end of the first line on."""
    return sum(line[name] * (line["time"] - last["time"]) for last, line in pairwise(lines))


def test_rates_add_up_to_what_was_sent(rig):
    before = time.time()
    assert rig.watch() == {"link": 7, "watched": True}
    rig.more()
    for node, count in ((0, 100), (1, 40), (0, 50)):
        rig.send(count, 1000, node)
        rig.more(lines=1)
    lines = rig.more(lines=2) and rig.lines()
    assert sums(lines, "forward_packets") == pytest.approx(150, rel=0.01)
    assert sums(lines, "forward_rate") == pytest.approx(150 * 8000 / 1e6, rel=0.01)
    assert before - 1 < lines[0]["time"] <= lines[-1]["time"] < time.time() + 1


def test_the_other_direction(rig):
    rig.watch()
    rig.more()
    rig.send(40, node=1)
    lines = rig.until(lambda lines: lines[-1]["backward_packets"] == 0 < sums(lines, "backward_packets"))
    assert sums(lines, "backward_packets") == pytest.approx(40, rel=0.2)  # times are those of the other end
    assert not any(line["forward_packets"] for line in lines)


def test_queue_and_drops_are_those_of_the_sending_end(rig):
    rig.network.inside("tc qdisc add dev eth0 root handle 1: htb default 1", 0)
    rig.network.inside("tc class add dev eth0 parent 1: classid 1:1 htb rate 8kbit burst 2000 cburst 2000", 0)
    rig.network.inside("tc qdisc add dev eth0 parent 1:1 pfifo limit 10", 0)
    rig.send(30)
    rig.watch()
    rig.send(30)
    line = rig.more()[-1]
    assert line["forward_queue"] in (9, 10)
    assert 29 <= line["forward_drops"] <= 30
    assert line["backward_queue"] == line["backward_drops"] == 0


def test_what_the_other_end_cannot_take_is_a_drop(rig):
    rig.network.inside("ip link set eth0 mtu 3000", 0)
    rig.watch()
    rig.send(4, 2000)
    assert rig.more()[-1]["forward_drops"] == 4


def test_what_the_forwarder_lost_is_a_drop(rig):
    rig.count_in_forwarder(1, 1000, 900, 60, 40, 1000, 990, 10, 0)
    rig.watch(slot=1)
    rig.count_in_forwarder(1, 1000, 900, 63, 44, 1000, 990, 10, 5)
    line = rig.more()[-1]
    assert (line["forward_drops"], line["backward_drops"]) == (7, 5)


def test_a_slot_that_is_not_there(rig):
    problem = "the forwarder's counters have no slot 2."
    assert rig.watch(slot=SLOTS)["failed"].endswith(problem)
    assert rig.watch() == {"link": 7, "watched": True}


def test_without_a_forwarder_there_are_no_counters(tmp_path):
    rig = Rig(tmp_path, counters=False)
    rig.watch(slot=3)
    assert rig.more()[-1]["forward_drops"] == 0
    assert rig.close() == (0, "")


def test_an_end_in_the_fabric(rig):
    rig.network.inside("ip link set port up")
    rig.network.inside("ip link set port up", 0)
    assert rig.watch(ends=[["", "port"], ["/proc/self/fd/100", "port"]]) == {"link": 7, "watched": True}
    rig.more()


def test_a_link_that_is_laid_again(rig):
    rig.watch()
    rig.send(1000)
    rig.more()
    rig.network.inside("ip link del eth0", 0)
    rig.network.inside("ip link add eth0 type veth peer name other", 0)
    rig.network.inside(f"ip link set other netns /proc/{rig.network.process.pid}/fd/101 name eth0", 0)
    lines = rig.more()
    assert all(value >= 0 for line in lines for value in line.values())
    assert lines[-1]["forward_packets"] == 0


def test_a_link_that_is_not_there_gives_no_lines(rig):
    assert rig.watch(ends=[["", "nowhere"], ENDS[1]]) == {"link": 7, "watched": True}
    rig.watch(8)
    rig.more(8)
    assert rig.lines() == []


def test_unwatched_is_done_with(rig):
    rig.watch()
    rig.watch(8)
    rig.more()
    assert rig.say(verb="unwatch", link=7) == {"link": 7, "unwatched": True}
    before = rig.lines()
    rig.more(8)
    assert rig.lines() == before


def test_watching_again_goes_on_in_the_file(rig):
    rig.watch()
    first = rig.more()
    rig.say(verb="unwatch", link=7)
    rig.watch()
    rig.more()
    assert rig.lines()[: len(first)] == first
    assert (rig.folder / "7.csv").read_text().count("time") == 1


def test_a_namespace_that_is_not_there(rig):
    answer = rig.watch(ends=[ENDS[0], ["/proc/self/fd/99", "eth0"]])
    problem = "The counters of link 7 cannot be read: No such file or directory (/proc/self/fd/99)."
    assert answer == {"link": 7, "failed": problem}


def test_no_room_for_one_link_is_told_and_the_others_go_on(rig):
    problem = "The counters of link 7 cannot be written to /dev/full: No space left on device."
    assert rig.watch(file="/dev/full") == {"link": 7, "failed": problem}
    rig.watch(8)
    rig.more(8)


def test_no_room_later_leaves_whole_lines(rig):
    rig.watch()
    rig.more()
    resource.prlimit(rig.network.process.pid, resource.RLIMIT_FSIZE, (1000, 1000))
    answer = rig.hear()
    assert answer["failed"].endswith("7.csv: File too large.")
    content = (rig.folder / "7.csv").read_text()
    assert content.endswith("\n")
    assert {line.count(",") for line in content.splitlines()} == {8}


def test_series_come_out_of_the_file(rig):
    rig.watch()
    rig.more()
    parser = CsvParser()
    header, line = (rig.folder / "7.csv").read_text().splitlines()[:2]
    assert header == HEADER
    assert list(parser(header)) == []
    samples = list(parser(line))
    assert [name for name, *_ in samples] == HEADER.split(",")[1:]
    assert {at for *_, at in samples} == {rig.lines()[0]["time"]}


def test_dear_samples_are_noticed_once(tmp_path):
    rig = Rig(tmp_path, interval="0.0001")
    rig.watch()
    assert "they are read every" in rig.hear()["notice"]
    rig.more()
    assert rig.close() == (0, "")

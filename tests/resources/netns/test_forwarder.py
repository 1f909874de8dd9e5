"""The forwarder itself, on interfaces of a network namespace of its own."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from nepi_core.resources.netns._programs.impairment import Impairment

from tests.resources.netns.forwarder_rig import ENTER, FOLDER, PATIENCE, Rig, Wire, frame, frames, make_rig

LINKS = 20

# Prints the settings of the offloads and the longest frame that a UDP sender with segmentation offload gives a veth.
OFFLOADS = """
import array, fcntl, socket, struct, subprocess, sys
sys.path.append(sys.argv[1])
from _programs.offloads import switch_offloads_off
lines = ["link add va type veth peer name vb", "link set va up", "link set vb up", "addr add 10.0.0.1/24 dev va",
         "neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev va"]
subprocess.run(["ip", "-batch", "-"], input="\\n".join(lines), text=True, check=True)
switch_offloads_off("va")
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for command in (0x16, 0x1E, 0x23):
    value = array.array("I", (command, 7))
    fcntl.ioctl(control, 0x8946, struct.pack("16sP16x", b"va", value.buffer_info()[0]))
    print(value[1])
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
heard.bind(("vb", 0x0800))
control.setsockopt(socket.IPPROTO_UDP, 103, 1000)
control.sendto(bytes(5000), ("10.0.0.2", 9))
print(max(len(heard.recv(70000)) for _ in range(5)))
"""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    rig = make_rig(tmp_path_factory.mktemp("forwarder"), LINKS)
    yield rig
    status = rig.close()
    assert (status, rig.errors.read_text()) == (0, "")


# -- carrying


def test_frames_come_out_as_they_went_in_and_in_order_both_ways(rig):
    wire = rig.link()
    there = [frame(b"%d" % length, length) for length in (*range(14, 1514, 13), 1514)]
    back = there[::-1]
    for each in there:
        wire.a.send(each)
    for each in back:
        wire.b.send(each)
    assert [wire.b.recv(70000) for _ in there] == there
    assert [wire.a.recv(70000) for _ in back] == back
    count = len(there)
    assert wire.counts(count, count, 0, 0, count, count, 0, 0)


def test_order_is_kept_with_a_delay(rig):
    wire = rig.link({"delay": 5})
    sent = frames(200)
    for each in sent:
        wire.a.send(each)
    assert [wire.b.recv(70000) for _ in sent] == sent


def test_802_1q_tags_are_kept(rig):
    wire = rig.link()
    tagged = [
        frame(b"")[:12] + kind + tag.to_bytes(2, "big") + b"\x08\0payload"
        for kind in (b"\x81\0", b"\x88\xa8")
        for tag in (0, 1, 0x2FFF)
    ]
    assert wire.carries([frame(b"before"), *tagged, frame(b"after")]) == [frame(b"before"), *tagged, frame(b"after")]


def test_a_raised_mtu_is_noticed(rig):
    wire = rig.link()
    for name in (f"{end}{wire.number}{side}" for end in "lo" for side in "ab"):
        rig.ip(f"link set {name} mtu 9000")
    long = frame(b"long", 9014)
    wire.a.send(long)
    assert wire.until_mark() == []
    assert wire.counts(2, 1, 0, 1)
    wire.a.send(long)
    assert wire.until_mark() == [long]


# -- impairments


def test_all_can_be_lost(rig):
    wire = rig.link({"loss": 100})
    assert wire.carries(frames(100)) == []
    assert wire.counts(101, 1, 100, 0)


def test_all_can_be_doubled(rig):
    wire = rig.link({"duplicate": 100})
    sent = frames(100)
    assert wire.carries(sent) == [each for each in sent for _ in range(2)]
    assert wire.counts(101, 201, 0, 0)


def test_losses_are_those_of_the_seed(rig):
    parameters = {"loss": 20, "duplicate": 10, "seed": 11}
    wire = rig.link(parameters)
    sent = frames(200)
    runs = Impairment(parameters).plan(len(sent), 0)
    assert wire.carries(sent) == [each for first, count, _ in runs for each in sent[first : first + count]]


def test_some_overtake_others(rig):
    wire = rig.link({"delay": 100, "reorder": 50, "seed": 4})
    sent = frames(64)
    for each in sent:
        wire.a.send(each)
    received = [wire.b.recv(70000) for _ in sent]
    assert received != sent
    assert Counter(received) == Counter(sent)


def test_jitter_loses_and_doubles_nothing(rig):
    wire = rig.link({"delay": 5, "jitter": 10, "seed": 4})
    sent = frames(200)
    for each in sent:
        wire.a.send(each)
    assert Counter(wire.b.recv(70000) for _ in sent) == Counter(sent)
    assert wire.counts(200, 200, 0, 0)


def test_frames_under_way_keep_their_delay_when_it_changes(rig):
    wire = rig.link({"delay": 300})
    wire.a.send(frame(b"first"))
    wire.a.send(frame(b"second"))
    assert wire.counts(2)
    wire.set()
    assert wire.until_mark() == []
    assert [wire.b.recv(70000) for _ in range(2)] == [frame(b"first"), frame(b"second")]


# -- what goes wrong


def test_an_end_may_go_down_and_up_again(rig):
    wire = rig.link()
    assert wire.carries(frames(3)) == frames(3)
    for name in (f"l{wire.number}a", f"l{wire.number}b"):
        rig.ip(f"link set {name} down")
        wire.b.send(frame(b"lost on the way"))
        rig.ip(f"link set {name} up")
    assert wire.carries(frames(3)) == frames(3)


def test_an_end_that_vanishes_fails_its_link_only(rig):
    other, wire = rig.link(), rig.link()
    rig.ip(f"link del l{wire.number}b")
    sentence = f"Interface l{wire.number}b cannot be used: Network is down."
    assert rig.hear() == {"link": wire.number, "failed": sentence}
    assert rig.say(verb="close", link=wire.number) == {"link": wire.number, "closed": True}
    assert other.carries(frames(3)) == frames(3)


def test_an_end_that_is_not_there_fails_the_opening(rig):
    wire = Wire(rig, 0)
    answer = wire.open(link=100, ends=["l0a", "nobody"])
    assert answer == {"link": 100, "failed": "Interface nobody cannot be used: No such device."}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"forward": {"loss": -1}}, "loss must be from 0 to 100, not -1."),
        ({"slot": LINKS}, f"The counters have no slot {LINKS}; their file has {LINKS}."),
    ],
)
def test_a_wrong_opening_fails(rig, changes, sentence):
    ends = {"ends": ["l0a", "l0b"], "slot": 0, "forward": {}, "backward": {}}
    assert rig.say(verb="open", link=100, **{**ends, **changes}) == {"link": 100, "failed": sentence}


def test_a_link_is_opened_once_and_set_only_when_open(rig):
    wire = rig.link()
    assert "open already" in wire.open()["failed"]
    assert wire.carries(frames(3)) == frames(3)
    answer = rig.say(verb="set", link=100, forward={}, backward={})
    assert answer == {"link": 100, "failed": "Link 100 is not open."}


def test_a_closed_link_drops_what_is_under_way_and_can_be_opened_again(rig):
    wire = rig.link({"delay": 100})
    wire.a.send(frame(b"under way"))
    assert rig.say(verb="close", link=wire.number) == {"link": wire.number, "closed": True}
    wire.a.send(frame(b"to nobody"))
    assert wire.open({"delay": 200})["opened"]
    assert wire.counted == (0,) * 8
    wire.a.send(frame(b"again"))
    assert wire.b.recv(70000) == frame(b"again")


def test_a_controller_that_does_not_listen_blocks_no_frames(rig):
    wire = rig.link()
    message = json.dumps({"verb": "set", "link": wire.number, "forward": {}, "backward": {}}).encode()
    for _ in range(3000):  # more answers than the socket holds
        rig.channel.send(message)
    wire.a.send(frame(b"through"))
    assert wire.b.recv(70000) == frame(b"through")
    assert [rig.hear() for _ in range(3000)] == [{"link": wire.number, "set": True}] * 3000


# -- the program


def test_it_ends_on_sigterm(tmp_path):
    rig = make_rig(tmp_path)
    try:
        rig.link({"delay": 1000}).a.send(frame(b"under way"))
        rig.process.send_signal(signal.SIGTERM)
        assert rig.process.wait(PATIENCE) == 0
    finally:
        rig.close()
    assert rig.errors.read_text() == ""


def test_it_does_without_a_file_of_counters(tmp_path):
    rig = make_rig(tmp_path, counters=False)
    try:
        wire = rig.link()
        for each in frames(3):
            wire.a.send(each)
        assert wire.until_mark() == frames(3)
    finally:
        status = rig.close()
    assert (status, rig.errors.read_text(), wire.counted) == (0, "", (0,) * 8)


def test_offloads_off(tmp_path):
    if not shutil.which("unshare"):
        pytest.skip("needs the program unshare")
    done = subprocess.run([*ENTER, sys.executable, "-I", "-c", OFFLOADS, FOLDER], capture_output=True, text=True)
    if "unshare failed" in done.stderr:
        pytest.skip(f"No network namespaces here: {done.stderr}")
    assert done.stdout.split() == ["0", "0", "0", str(14 + 28 + 1000)], done.stderr

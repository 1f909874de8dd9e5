"""The capture: packets of links and interfaces in pcapng files, filters, limits, failures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nepi_core import ExperimentController, ResourceAction, ResourceState
from nepi_core.errors import DeploymentError

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def ec(tmp_path: Path):
    with ExperimentController("capture", local_dir=tmp_path) as ec:
        yield ec


def hosts(ec: ExperimentController, **link) -> tuple[int, int, int]:
    h1, h2 = (ec.register_resource("netns::Node", name=name) for name in ("h1", "h2"))
    return h1, h2, ec.register_resource("netns::Link", connected_to=[h1, h2], **link)


def ping_through(ec: ExperimentController, h1: int, capture: int, **ping) -> None:
    """Run a ping while a capture goes on."""
    guid = ec.register_resource("linux::Ping", connected_to=h1, target="h2", interval=0.05, **ping)
    ec.register_condition(guid, ResourceAction.START, capture, ResourceState.STARTED)
    ec.deploy()
    ec.wait_finished(guid, timeout=30)
    if ec.state(capture) is ResourceState.STARTED:
        ec.stop(capture)


def packets(path: str, *expression: str) -> list[str]:
    """Return what tcpdump reads from a file, a line for each packet."""
    done = subprocess.run(["tcpdump", "-n", "-r", path, *expression], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_link_is_captured(ec) -> None:
    h1, _, link = hosts(ec)
    capture = ec.register_resource("netns::Capture", connected_to=link)
    ping_through(ec, h1, capture, count=5)
    path = ec.trace(capture, "packets", "path")
    assert path.endswith(".pcapng")
    assert len(packets(path, "icmp[icmptype] == icmp-echo")) == 5
    assert len(packets(path, "icmp[icmptype] == icmp-echoreply")) == 5
    assert ec.run.last_values[capture, "captured"] >= 10
    assert ec.run.last_values[capture, "dropped"] == 0


def test_the_second_end_sees_what_got_through(ec, expect_log) -> None:
    expect_log("No answer")
    h1, _, link = hosts(ec, loss=100.0, lossBack=0.0)
    first = ec.register_resource("netns::Capture", connected_to=link, filter="icmp or arp")
    second = ec.register_resource("netns::Capture", connected_to=link, end="second", filter="icmp or arp")
    ping = ec.register_resource("linux::Ping", connected_to=h1, target="h2", count=1, deadline=1, critical=False)
    ec.register_condition(ping, ResourceAction.START, [first, second], ResourceState.STARTED)
    ec.deploy()
    ec.wait_finished(ping, timeout=30)
    ec.stop(first)
    ec.stop(second)
    assert packets(ec.trace(first, "packets", "path"))
    assert not packets(ec.trace(second, "packets", "path"))


def test_an_interface_is_captured(ec) -> None:
    h1, _, link = hosts(ec)
    interface = ec.register_resource("netns::Interface", connected_to=[h1, link], name="wan")
    capture = ec.register_resource("netns::Capture", connected_to=interface, filter="icmp", bytesKept=60)
    ping_through(ec, h1, capture, count=3)
    assert "listening on wan" in ec.trace(capture, "log")
    assert len(packets(ec.trace(capture, "packets", "path"))) == 6


def test_a_full_file_ends_the_capture(ec) -> None:
    h1, _, link = hosts(ec)
    capture = ec.register_resource("netns::Capture", connected_to=link, outputLimit=0.01)
    ping_through(ec, h1, capture, count=20, packetSize=1000)
    ec.wait_finished(capture, timeout=30)
    assert Path(ec.trace(capture, "packets", "path")).stat().st_size <= 10_000
    assert 0 < len(packets(ec.trace(capture, "packets", "path"))) < 20


def test_a_wrong_filter_is_told(ec, expect_log) -> None:
    h1, _, link = hosts(ec)
    capture = ec.register_resource("netns::Capture", connected_to=link, filter="tpc prot 80", critical=False)
    expect_log("FAILED")
    ec.deploy()
    ec.wait_started([h1, link], timeout=30)
    ec.wait_finished(capture, timeout=30)
    assert ec.state(capture) is ResourceState.FAILED
    assert "tpc prot 80" in ec.get_resource(capture).cause


def test_a_capture_belongs_to_one_link(ec) -> None:
    ec.register_resource("netns::Capture")
    with pytest.raises(DeploymentError, match="connected to no netns::Link"):
        ec.deploy()


def test_what_was_captured_is_kept_when_the_run_ends(tmp_path) -> None:
    with ExperimentController("capture", local_dir=tmp_path) as ec:
        h1, _, link = hosts(ec)
        capture = ec.register_resource("netns::Capture", connected_to=link, filter="icmp")
        ping = ec.register_resource("linux::Ping", connected_to=h1, target="h2", count=3, interval=0.05)
        ec.register_condition(ping, ResourceAction.START, capture, ResourceState.STARTED)
        ec.deploy()
        ec.wait_finished(ping, timeout=30)
        path = ec.trace(capture, "packets", "path")
    assert len(packets(path)) == 6

"""What was once wrong: changes that fail, releases in parts, programs that hang or are stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from nepi_core.resources.netns._network import Network

from nepi_core.errors import HostError
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState
from tests.resources.conftest import PATIENCE

from .built_network import BuiltNetwork, ExpectLog

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.timeout(110)


def construction(network: BuiltNetwork) -> Any:
    return Network.of(network.ec).construction


def test_a_node_that_goes_after_its_link_is_removed(network: BuiltNetwork) -> None:
    for name in ("h1", "h2", "h3"):
        network.node(name)
    going, staying = network.link("h1", "h2"), network.link("h2", "h3")
    stubborn = network.application("h2", "trap '' TERM; sleep 100 & wait; wait", grace=0.5, daemon=True)
    network.deploy()
    network.ec.release([stubborn, going, network.guids["h2"]], timeout=PATIENCE)
    assert not construction(network).has(network.guids["h2"])
    assert not construction(network).has(staying)  # its other end has gone with the node
    assert "eth" not in network.run("h3", "ip", "-brief", "link")[1]


def test_errors_of_the_system_do_not_stop_later_building(
    pair: BuiltNetwork, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.deploy()
    built = construction(pair)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(type(built), "_write_hosts_table", full)
        lost = pair.node("lost", critical=False)
        expect_log("No space left on device")
        pair.ec.deploy([lost])
        assert "No space left" in pair.await_failures([lost])[lost]
    pair.node("h9")
    pair.ec.deploy([pair.guids["h9"]])
    pair.ec.wait_started([pair.guids["h9"]], timeout=PATIENCE)


def test_a_link_that_is_impaired_later_is_counted_and_recorded(network: BuiltNetwork) -> None:
    network.node("h1"), network.node("h2")
    link = network.link("h1", "h2")
    network.ec.enable_trace(link, "counters")
    network.deploy()
    network.ec.set(link, "loss", 100.0)
    assert network.loses("h1", "10.0.0.2")
    network.run("h1", "ping", "-c", "20", "-i", "0.01", "-W", "1", "10.0.0.2")
    chosen = construction(network).links.chosen[link]
    folder = Path(network.ec.run_dir)
    network.ec.shutdown()
    with RunReader(folder) as reader:
        drops = reader.samples(link, "counters", "forward_drops")[1]
        emulation = json.loads(reader.environment()["netns.emulation"])
    assert link in emulation[chosen.value]
    assert chosen.value == "kernel" or max(drops) > 0


def test_a_link_that_cannot_be_laid_anew_has_failed(
    network: BuiltNetwork, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.node("h1"), network.node("h2")
    link = network.link("h1", "h2", critical=False)
    network.deploy()
    links = construction(network).links
    if links.kernel_impairs():
        pytest.skip("The kernel impairs here, and nothing is laid anew.")

    def refuse(*_: object) -> None:
        raise HostError("it is not to be")

    monkeypatch.setattr(links, "forward", refuse)
    expect_log("it is not to be")
    with pytest.raises(HostError, match="it is not to be"):
        network.ec.set(link, "delay", 5.0)
    assert "it is not to be" in network.await_failures([link])[link]
    assert network.ec.get(link, "delay") == 0.0
    network.ec.set(link, "delay", 7.0)  # of no more than the record


def test_a_meter_that_died_keeps_no_link(network: BuiltNetwork) -> None:
    network.node("h1"), network.node("h2")
    link = network.link("h1", "h2")
    network.ec.enable_trace(link, "counters")
    network.deploy()
    meter = construction(network).links._meter
    meter._process.stop(0)
    meter._process.wait(PATIENCE)
    meter._thread.join(PATIENCE)
    network.ec.stop(link)
    network.ec.release([link], timeout=PATIENCE)
    assert network.ec.state(link) is ResourceState.RELEASED
    assert "eth0" not in network.run("h1", "ip", "-brief", "link")[1]


def test_a_route_that_goes_gives_way_to_the_planned_one(network: BuiltNetwork) -> None:
    for name in ("h1", "r1", "r2", "h2"):
        network.node(name)
    for ends in (("h1", "r1"), ("r1", "r2"), ("r2", "h2")):
        network.link(*ends)
    route = network.ec.register_resource(
        "netns::Route", connected_to=network.guids["r1"], network="10.0.2.0/24", nexthop="r2"
    )
    network.deploy()
    assert network.reaches("h1", "h2")
    network.ec.release([route], timeout=PATIENCE)
    assert "10.0.2.0/24 via 10.0.1.2" in network.run("r1", "ip", "route")[1]
    assert network.reaches("h1", "h2")


def test_ipv6_works_at_once(network: BuiltNetwork) -> None:
    network.node("h1"), network.node("h2")
    network.link("h1", "h2")
    network.deploy()
    status, told = network.run("h1", "ping", "-c", "1", "-W", "10", "ip6-h2")
    assert status == 0
    assert float(told.rpartition("=")[2].split("/")[1]) < 500  # a second, when the kernel waits to tell IPv6


def in_time(work: Any) -> None:
    """Do something in a thread that must come to its end."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_program_that_hangs_does_not_hang_the_shutdown(
    pair: BuiltNetwork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reached = tmp_path / "reached"
    fake = tmp_path / "bin" / "ip"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {reached}\nexec sleep 1000\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    pair.link("h1", "h2")
    pair.ec.deploy()
    while not reached.exists():
        time.sleep(0.05)  # the test's own time limit ends this
    in_time(pair.ec.shutdown)


@pytest.mark.parametrize("busy", [False, True])
def test_a_stopped_keeper_goes_on_for_the_shutdown(pair: BuiltNetwork, busy: bool) -> None:
    link = pair.link("h1", "h2")
    pair.deploy()
    os.kill(construction(pair)._keeper.inside, signal.SIGSTOP)
    setting = threading.Thread(target=lambda: _try_to_set(pair, link), daemon=True)
    if busy:
        setting.start()
        time.sleep(0.3)
    in_time(pair.ec.shutdown)
    if busy:
        setting.join(PATIENCE)
        assert not setting.is_alive()


def _try_to_set(network: BuiltNetwork, link: int) -> None:
    with suppress(HostError):  # it is being released, or was not in time
        network.ec.set(link, "rate", 5.0)


@pytest.mark.parametrize(
    "setting", ["net.netfilter.nf_hooks_lwtunnel=1", "kernel.hostname=x", "net.ipv4.ip_forward=1\x00", "net.ipv4.=1"]
)
def test_settings_of_the_whole_machine_are_refused(network: BuiltNetwork, setting: str) -> None:
    node = network.node("h1", sysctl=f"'{setting}'")
    assert "no setting of one node's network" in network.ec.get_resource(node).deployment_refusal()


MANY_NODES = """
import sys
from nepi_core import ExperimentController

with ExperimentController("many", local_dir=sys.argv[1]) as ec:
    nodes = [ec.register_resource("netns::Node") for _ in range(60)]
    links = [ec.register_resource("netns::Link", connected_to=list(pair)) for pair in zip(nodes, nodes[1:])]
    ec.deploy()
    ec.wait_started([*nodes, *links], timeout=60)
    host = ec.get_resource(nodes[0]).host
    print(host.run(["sh", "-c", "ulimit -Sn; ping -c 1 -W 5 n60 > /dev/null && echo reached"], timeout=60).stdout)
    sleeping = host.start(["sleep", "1000"])
    sleeping.stop(0)
    print(sleeping.wait(30))
"""


def test_nodes_may_have_more_descriptors_than_programs(tmp_path: Path) -> None:
    script = tmp_path / "many.py"
    script.write_text(MANY_NODES)
    limited = ["sh", "-c", 'ulimit -Sn 128; exec "$@"', "sh", sys.executable, str(script), str(tmp_path / "results")]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=100, cwd=ROOT)
    assert done.stdout.split() == ["128", "reached", "-9"], done.stderr

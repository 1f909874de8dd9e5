"""The life of an emulated network: set-up, changes while it runs, removal of parts, and all that can go wrong."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nepi_core.resources.netns import _batches
from nepi_core.resources.netns._emulation import Emulation

from nepi_core.errors import HostError
from nepi_core.states import ResourceState
from tests.nepi_gui.experiments import ROOT
from tests.resources.conftest import PATIENCE

from .built_network import BuiltNetwork

FAILED, STARTED, STOPPED = ResourceState.FAILED, ResourceState.STARTED, ResourceState.STOPPED
ExpectLog = Callable[[str], None]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[BuiltNetwork]:
    made = BuiltNetwork(tmp_path)
    yield made
    made.ec.shutdown()


@pytest.fixture
def pair(network: BuiltNetwork) -> BuiltNetwork:
    """Return two hosts, not yet deployed and not yet joined."""
    network.node("h1")
    network.node("h2")
    return network


def lines_of_three(network: BuiltNetwork) -> list[int]:
    """Add h1 - r - h2; return the links."""
    for name in ("h1", "r", "h2"):
        network.node(name)
    return [network.link("h1", "r"), network.link("r", "h2")]


# -- what there is ---------------------------------------------------------------------------------


def test_hosts_at_a_switch_know_and_reach_each_other(pair: BuiltNetwork) -> None:
    pair.switch("s1")
    pair.link("h1", "s1")
    pair.link("h2", "s1")
    pair.deploy()
    assert pair.reaches("h1", "h2")
    assert pair.reaches("h2", "h1")
    assert pair.reaches("h1", "ip6-h2")
    assert pair.run("h1", "hostname") == (0, "h1\n")
    assert pair.run("h1", "getent", "ahostsv4", "h2")[1].startswith("10.0.0.2 ")
    assert pair.run("h1", "sh", "-c", "ls /sys/class/net")[1].split() == ["eth0", "lo"]


def test_settings_of_the_kernel_are_those_of_one_node(network: BuiltNetwork) -> None:
    network.node("h1", sysctl="net.ipv4.ip_default_ttl=7 net.ipv4.tcp_ecn=1")
    network.node("h2")
    network.link("h1", "h2")
    network.deploy()
    assert network.run("h1", "cat", "/proc/sys/net/ipv4/ip_default_ttl", "/proc/sys/net/ipv4/tcp_ecn") == (0, "7\n1\n")
    assert network.run("h2", "cat", "/proc/sys/net/ipv4/ip_default_ttl")[1] != "7\n"


def test_a_program_in_a_node_is_an_application_like_any_other(pair: BuiltNetwork) -> None:
    pair.link("h1", "h2")
    ping = pair.ec.register_resource("linux::Ping", connected_to=pair.guids["h1"], target="h2", count=2, interval=0.2)
    pair.deploy()
    pair.ec.wait_finished([ping], timeout=PATIENCE)
    assert "2 received" in pair.ec.trace(ping, "stdout")


def test_without_routing_only_neighbours_reach_each_other(network: BuiltNetwork) -> None:
    lines_of_three(network)
    network.ec.set_global("netns::Node", "routing", "none")
    network.deploy()
    assert network.reaches("h1", "r")
    assert "unreachable" in network.run("h1", "ping", "-c1", "10.0.1.2")[1]


# -- changes ---------------------------------------------------------------------------------------


def test_a_link_is_cut_and_joined_again_with_all_ways(network: BuiltNetwork) -> None:
    first, _ = lines_of_three(network)
    network.deploy()
    network.ec.set(first, "up", False)
    assert network.loses("h1", "h2")
    network.ec.set(first, "up", True)
    assert network.reaches("h1", "h2")
    assert network.reaches("h1", "ip6-h2")


def test_a_port_of_a_switch_is_cut_and_joined_again(pair: BuiltNetwork) -> None:
    pair.switch("s1")
    cut = pair.link("h1", "s1", up=False)
    pair.link("h2", "s1")
    pair.deploy()
    assert pair.loses("h2", "h1")
    pair.ec.set(cut, "up", True)
    assert pair.reaches("h2", "h1")


def test_delay_and_loss_come_and_go(pair: BuiltNetwork) -> None:
    link = pair.link("h1", "h2")
    pair.deploy()
    assert chosen_for(pair, link) is Emulation.PLAIN
    pair.ec.set(link, "delay", 30.0)
    assert chosen_for(pair, link) is not Emulation.PLAIN
    assert pair.round_trip("h1", "h2") >= 60
    pair.ec.set(link, "delayBack", 10.0)
    assert 40 <= pair.round_trip("h2", "h1") < 60
    pair.ec.set(link, "loss", 100.0)
    assert pair.loses("h1", "h2")
    for name in ("loss", "delay", "delayBack"):
        pair.ec.set(link, name, None)
    assert pair.round_trip("h1", "h2") < 30


def chosen_for(network: BuiltNetwork, link: int) -> Emulation:
    return network.resource("h1").network.construction.links.chosen[link]


@pytest.mark.parametrize("emulation", ["auto", "userspace"])
def test_a_rate_comes_and_goes(pair: BuiltNetwork, emulation: str) -> None:
    link = pair.link("h1", "h2", emulation=emulation)
    pair.deploy()
    pair.ec.set(link, "rate", 8.0)
    for node in ("h1", "h2"):
        assert "rate 8Mbit" in pair.run(node, "tc", "qdisc")[1]
    pair.ec.set(link, "rate", None)
    assert "rate" not in pair.run("h1", "tc", "qdisc")[1]
    assert pair.reaches("h1", "h2")


def test_an_impairment_that_cannot_be_leaves_all_as_it_was(pair: BuiltNetwork) -> None:
    link = pair.link("h1", "h2", delay=5.0, emulation="userspace")
    pair.deploy()
    with pytest.raises(ValueError, match="attribute 'jitter' is 6 ms, more than the delay of 5 ms"):
        pair.ec.set(link, "jitter", 6.0)
    assert pair.ec.get(link, "jitter") == 0.0
    assert pair.reaches("h1", "h2")


def test_a_planned_change(pair: BuiltNetwork) -> None:
    link = pair.link("h1", "h2")
    waiting = pair.application("h2", "while :; do ping -c1 -W1 h1 || exit 0; sleep 0.1; done")
    pair.ec.set_with_conditions("up", False, link, waiting, STARTED, "0.3s")
    pair.deploy()
    pair.ec.wait_finished([waiting], timeout=PATIENCE)
    assert pair.ec.get(link, "up") is False


# -- parts that go and come ------------------------------------------------------------------------


def test_a_link_goes(network: BuiltNetwork) -> None:
    first, _ = lines_of_three(network)
    network.deploy()
    network.ec.release([first], timeout=PATIENCE)
    assert network.run("h1", "sh", "-c", "ls /sys/class/net")[1].split() == ["lo"]
    assert network.reaches("r", "h2")


@pytest.mark.parametrize("emulation", ["auto", "userspace"])
def test_a_node_goes_with_its_programs_and_links(network: BuiltNetwork, emulation: str) -> None:
    for name in ("h1", "r", "h2"):
        network.node(name)
    links = [network.link(*ends, emulation=emulation) for ends in (("h1", "r"), ("r", "h2"), ("h1", "h2"))]
    program = network.application("r", "sleep 1000")
    network.deploy()
    network.ec.release([program, network.guids["r"], *links[:2]], timeout=PATIENCE)
    assert network.run("h1", "sh", "-c", "ls /sys/class/net")[1].split() == ["eth1", "lo"]
    assert network.reaches("h1", "10.0.2.2")


def test_a_switch_goes(pair: BuiltNetwork) -> None:
    pair.switch("s1")
    pair.link("h1", "s1")
    pair.link("h2", "s1")
    pair.link("h1", "h2")
    pair.deploy()
    pair.ec.release([pair.guids["s1"]], timeout=PATIENCE)
    assert pair.run("h1", "sh", "-c", "ls /sys/class/net")[1].split() == ["eth1", "lo"]
    assert pair.reaches("h1", "10.0.1.2")


def test_more_nodes_come_while_it_runs(network: BuiltNetwork) -> None:
    lines_of_three(network)
    network.deploy()
    network.node("h3")
    network.link("h2", "h3")
    network.deploy()
    for one, other in (("h1", "h3"), ("h3", "h1"), ("h1", "h2")):
        assert network.reaches(one, other)
        assert network.reaches(one, f"ip6-{other}")


def test_what_has_gone_comes_back_under_the_same_name(pair: BuiltNetwork) -> None:
    link = pair.link("h1", "h2")
    pair.deploy()
    gone = [link, pair.guids["h2"]]
    pair.ec.release(gone, timeout=PATIENCE)
    for guid in gone:
        pair.ec.remove_resource(guid)
    pair.node("h2")
    pair.link("h1", "h2")
    pair.deploy()
    assert pair.reaches("h1", "h2")
    assert pair.reaches("h2", "h1")


def test_after_all_has_gone_another_network_comes(network: BuiltNetwork) -> None:
    lines_of_three(network)
    network.deploy()
    network.ec.release(timeout=PATIENCE)
    network.node("a")
    network.node("b")
    network.link("a", "b", delay=1.0)
    network.deploy()
    assert network.reaches("a", "b")


ghosts = pytest.mark.xfail(reason="plans still hold resources that are RELEASED", strict=False)


@ghosts
def test_names_of_what_has_gone_are_forgotten(network: BuiltNetwork) -> None:
    lines_of_three(network)
    network.deploy()
    network.ec.release(timeout=PATIENCE)
    network.node("a")
    network.node("h1")
    network.link("a", "h1")
    network.deploy()
    assert network.reaches("a", "h1")
    assert "h2" not in network.run("a", "cat", "/etc/hosts")[1]


@ghosts
def test_no_way_leads_through_what_has_gone(network: BuiltNetwork) -> None:
    for name in ("h1", "r1", "r2", "r3", "h2"):
        network.node(name)
    short = [network.link(*ends) for ends in (("h1", "r1"), ("r1", "h2"))]
    for ends in (("h1", "r2"), ("r2", "r3"), ("r3", "h2")):
        network.link(*ends)
    network.deploy()
    network.ec.release([network.guids["r1"], *short], timeout=PATIENCE)
    network.node("h3")
    network.link("h2", "h3")
    network.deploy()
    assert network.reaches("h1", "h3")
    assert network.reaches("h1", "h2")


def test_it_is_released_while_it_is_being_built(network: BuiltNetwork) -> None:
    names = [f"n{number}" for number in range(20)]
    for name in names:
        network.node(name)
    for pair in itertools.pairwise(names):
        network.link(*pair, emulation="userspace")
    network.ec.deploy()
    network.ec.release(timeout=PATIENCE)
    assert {network.ec.state(guid) for guid in network.ec.resources} == {ResourceState.RELEASED}


# -- failures --------------------------------------------------------------------------------------


def loop_of_switches(network: BuiltNetwork, critical: bool) -> None:
    for name in ("s1", "s2", "s3"):
        network.switch(name, critical=critical)
    for ends in (("s1", "s2"), ("s2", "s3"), ("s3", "s1"), ("h1", "s1"), ("h2", "s1")):
        network.link(*ends, critical=critical)


def test_a_loop_of_switches_takes_one_switch_out(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("It closes a loop of switches")
    expect_log("Its end netns::Switch . is not there")
    loop_of_switches(pair, critical=False)
    pair.ec.deploy()
    last = pair.guids["s3"]
    causes = pair.await_failures([last])
    assert causes[last].startswith("It closes a loop of switches (s1 - ")
    assert "Set attribute 'stp' of one of them" in causes[last]
    for link in pair.ec.get_resource(last).connections:
        assert pair.await_failures([link])[link].startswith("Its end netns::Switch ")
    pair.ec.wait_started([pair.guids["h1"], pair.guids["h2"]], timeout=PATIENCE)
    assert pair.reaches("h1", "h2")


def test_a_loop_of_critical_switches_ends_the_experiment(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("It closes a loop of switches")
    loop_of_switches(pair, critical=True)
    pair.ec.deploy()
    pair.await_failures([pair.guids["s3"]])
    pair.ec.wait_finished([pair.guids["h1"]], timeout=PATIENCE)  # returns, since it aborts
    assert pair.ec.abort


def test_a_program_in_a_node_dies(pair: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("signal 9")
    pair.link("h1", "h2")
    program = pair.application("h1", "kill -9 $$", critical=False)
    pair.ec.deploy()
    assert list(pair.await_failures([program])) == [program]
    assert pair.reaches("h1", "h2")


def test_a_setting_that_the_kernel_does_not_have(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("there is no such setting")
    wrong = network.node("h1", sysctl="net.ipv4.tcp_ecm=1", critical=False)
    network.node("h2")
    network.node("h3")
    network.link("h2", "h3")
    network.ec.deploy()
    assert "there is no such setting as net.ipv4.tcp_ecm" in network.await_failures([wrong])[wrong]
    network.ec.wait_started([network.guids["h2"], network.guids["h3"]], timeout=PATIENCE)
    assert network.reaches("h2", "h3")


def test_the_keeper_is_killed(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    for said in ("has died", "ended by signal 9", "could not be released cleanly"):
        expect_log(said)
    for name in ("h1", "h2"):
        network.node(name, critical=False)
    network.switch("s1", critical=False)
    network.link("h1", "s1", critical=False)
    network.link("h2", "s1", critical=False, emulation="userspace")
    program = network.application("h1", "sleep 1000", critical=False)
    network.deploy()
    os.kill(inner_keeper(network), signal.SIGKILL)
    causes = network.await_failures(network.ec.resources)
    assert causes.pop(program)
    assert all("has died" in cause for cause in causes.values()), causes
    with pytest.raises(HostError, match="ended"):
        network.run("h1", "true")


def test_the_keeper_is_killed_while_it_builds(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("died")
    names = [f"n{number}" for number in range(30)]
    guids = [network.node(name, critical=False) for name in names]
    links = [network.link(*pair, critical=False) for pair in itertools.pairwise(names)]
    network.ec.deploy()
    network.ec.wait(guids[:1], ResourceState.READY, timeout=PATIENCE)
    os.kill(inner_keeper(network, names[0]), signal.SIGKILL)
    causes = network.await_failures([*guids, *links])
    assert all("died" in causes[guid] or "ended" in causes[guid] for guid in guids)


def inner_keeper(network: BuiltNetwork, name: str = "h1") -> int:
    return int(network.resource(name).network.entrance(network.guids[name])[0].partition(".")[0])


def test_a_forwarder_is_killed(network: BuiltNetwork, expect_log: ExpectLog) -> None:
    expect_log("The forwarder of the network has died")
    for name in ("h1", "r", "h2"):
        network.node(name)
    carried = network.link("h1", "r", emulation="userspace", critical=False)
    plain = network.link("r", "h2")
    network.deploy()
    os.kill(forwarder(network), signal.SIGKILL)
    assert network.await_failures([carried])[carried].startswith("The forwarder of the network has died")
    assert network.ec.state(plain) is STARTED
    assert network.reaches("r", "h2")


def forwarder(network: BuiltNetwork) -> int:
    """Return the pid of the forwarder."""
    children = Path(f"/proc/{inner_keeper(network)}/task/{inner_keeper(network)}/children").read_text().split()
    (found,) = [int(pid) for pid in children if b"forwarder" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


def test_iproute2_is_missing(
    pair: BuiltNetwork, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expect_log("iproute2")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_batches, "_SYSTEM_FOLDERS", str(tmp_path))
    link = pair.link("h1", "h2")
    pair.ec.deploy()
    told = pair.await_failures([link])[link]
    assert told == "The program 'ip' of iproute2 cannot be started: No such file or directory."


_OUT_OF_NAMESPACES = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.resources.netns.built_network import BuiltNetwork
made = BuiltNetwork(Path(sys.argv[2]))
guids = [made.node(f"h{number}", critical=False) for number in range(4)]
made.link("h0", "h1", critical=False)
guids.append(made.link("h2", "h3", critical=False))
made.ec.deploy()
made.ec.wait_finished(guids[2:], timeout=60)
print(json.dumps([made.failures(), made.reaches("h0", "h1")]))
made.ec.shutdown()
"""


def test_the_kernel_allows_no_more_namespaces(tmp_path: Path) -> None:
    few = 'echo 3 >/proc/sys/user/max_net_namespaces || exit 77; exec "$@"'
    entered = ["unshare", "--user", "--map-root-user", "sh", "-c", few, "sh"]
    done = subprocess.run(
        [*entered, sys.executable, "-c", _OUT_OF_NAMESPACES, str(ROOT), str(tmp_path)],
        capture_output=True, text=True, timeout=2 * PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip(f"no limit can be set here: {done.stderr}")
    assert done.stdout, done.stderr
    failures, works = json.loads(done.stdout)
    assert works
    assert set(failures) == {"3", "4", "6"}
    assert failures["3"].startswith(
        "The node cannot be made: There are as many namespaces already as the kernel allows"
    )
    assert "user.max_net_namespaces is 3" in failures["4"]
    assert failures["6"].startswith("Its end netns::Node 3")

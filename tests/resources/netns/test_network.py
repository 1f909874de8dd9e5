"""The life of an emulated network: set-up, changes while it runs, parts that go and come."""

from __future__ import annotations

import itertools

import pytest
from nepi_core.resources.netns._emulation import Emulation

from nepi_core.states import ResourceState
from tests.resources.conftest import PATIENCE

from .built_network import BuiltNetwork


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
    waiting = pair.application("h2", "while ping -c1 -W5 h1; do sleep 0.1; done; true")
    pair.ec.set_with_conditions("up", False, link, waiting, ResourceState.STARTED, "0.3s")
    pair.deploy()
    pair.ec.wait_finished([waiting], timeout=PATIENCE)
    assert pair.ec.get(link, "up") is False
    pair.ec.set(link, "delay", None)  # comes after the planned change, which may still be at the other end


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

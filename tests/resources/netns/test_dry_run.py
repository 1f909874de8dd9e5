from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nepi_core.resources.netns._dry_run import planned_commands

from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.experiments import Described
from tests.resources.netns.drawing import Drawing, drawing
from tests.resources.netns.typed_commands import typed_where_the_kernel_can


def commands(network: Drawing) -> dict[str, tuple[str, ...]]:
    return {group.place: group.lines for group in planned_commands(network.ec)}


def without_names(found: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the commands, but for those that write into /etc/netns, which is not only the sandbox's."""
    yield from (lines for place, lines in found.items() if not place.startswith("names"))


def test_typed_in_a_terminal_they_build_a_network_that_works() -> None:
    with drawing() as network:
        host, switch, router = network.node("h1"), network.add("Switch", name="s1"), network.node("r1")
        far = network.node("h2", sysctl='net.ipv4.tcp_rmem="4096 8192 16384"')
        network.link(host, switch)
        network.link(switch, router, rate=50.0, queue=30)
        network.link(router, far, rate=10.0, delay=2.0, mtu=1400)
        lines = [line for group in without_names(commands(network)) for line in group]
        asked = [
            "ip netns exec h1 ping -c 1 -W 5 10.0.1.2",
            "ip netns exec h2 sysctl -n net.ipv4.tcp_rmem",
            "tc -n h2 qdisc show dev eth0",
            "tc qdisc show dev s1-eth2",
        ]
        printed = typed_where_the_kernel_can([*lines, *asked])
        assert " 0% packet loss" in printed
        assert "4096\t8192\t16384" in printed
        assert "tbf" in printed
        assert "limit 30p" in printed


def test_a_spanning_tree_a_cut_link_and_a_route_of_the_user() -> None:
    with drawing() as network:
        switch, host, other = network.add("Switch", name="s1", stp=True), network.node("h1"), network.node("h2")
        network.link(host, switch, up=False)
        network.link(host, other)
        network.add("Route", host, network="10.9.0.0/16", nexthop="10.0.1.2", metric=5)
        network.add("Route", host, network="fd09::/16", nexthop="fd00:6e65:0:1::2")
        found = commands(network)
        assert any("stp_state 1" in line for line in found["this machine: nodes, switches and cables"])
        assert found["s1"] == ("ip link set dev s1-eth1 down",)
        assert "ip -n h1 link set dev eth0 up" not in found["h1"]
        assert found["h1"][-2:] == (
            "ip -n h1 route replace 10.9.0.0/16 via 10.0.1.2 metric 5",
            "ip -n h1 route replace fd09::/16 via fd00:6e65:0:1::2",
        )
        typed_where_the_kernel_can(line for group in without_names(found) for line in group)


def test_an_impaired_link_says_what_does_it() -> None:
    with drawing() as network:
        network.link(network.node("h1"), network.node("h2"), delay=10.0, lossBack=1.0)
        found = commands(network)
        note = "; without netem in the kernel, a program in user space does this"
        assert f"# eth0: 10 ms{note}" in found["h1"]
        assert f"# eth0: 10 ms, loss 1 %{note}" in found["h2"]


def test_nothing_is_said_of_experiments_without_a_network() -> None:
    with drawing() as network:
        network.ec.register_resource("linux::Node")
        assert commands(network) == {}


def test_the_program_shows_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    for name in ("h1", "h2"):
        described.add("netns::Node", label=name)
    described.add("netns::Link")
    for end in (1, 2):
        described.description.connect(3, end)
    path = described.write(tmp_path)
    assert main(["--run", path, "--dry-run", "--json", "--local-dir", str(tmp_path / "none")]) == ExitStatus.DONE
    groups = json.loads(capsys.readouterr().out)["groups"]
    assert [group["place"].partition(":")[0] for group in groups] == ["this machine", "names", "h1", "h2"]
    assert "10.0.0.2 h2 h2-eth0" in groups[1]["lines"]
    assert "ip -n h2 address add 10.0.0.2/24 broadcast + dev eth0" in groups[3]["lines"]
    assert not (tmp_path / "none").exists()

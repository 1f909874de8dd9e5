from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from nepi_core.resources.netns._plan.planner import make_plan
from nepi_core.resources.netns._plan.wiring import is_host_name

from nepi_core.controller import ExperimentController
from nepi_core.errors import AttributeValueError, ConnectionNotAllowedError, DeploymentError
from nepi_core.runs.reader import RunReader
from nepi_gui.cli import main
from nepi_gui.exit_status import ExitStatus
from tests.nepi_gui.experiments import Described, run
from tests.resources.netns.drawing import Drawing, drawing

NEPI_FILE = Path(__file__).parent / "data" / "nepi6-netns.xml"


def problems(network: Drawing) -> dict[int, str]:
    return network.plan().problems


# -- what is read


def test_a_link_has_two_ends_in_the_order_of_their_stations() -> None:
    with drawing() as network:
        first, second = network.node("h1"), network.node("h2")
        link = network.link(second, first)
        (cable,) = network.plan().cables.values()
        assert (cable.guid, [end.station for end in cable.ends]) == (link, [first, second])
        assert [end.name for end in cable.ends] == ["eth0", "eth0"]
        assert [end.owner for end in cable.ends] == [link, link]
        assert cable.other(cable.ends[0]) is cable.ends[1]


def test_an_interface_stands_for_its_node_whether_the_link_knows_that_or_not() -> None:
    with drawing() as network:
        first, second = network.node(), network.node()
        interface = network.add("Interface", first, name="uplink", mac="02:00:00:00:00:07", mtu=1400)
        network.link(interface, second)
        network.link(first, second)
        both = network.link(network.add("Interface", second), second, first)
        plan = network.plan()
        assert not plan.problems
        names = [[end.name for end in cable.ends] for cable in plan.cables.values()]
        assert names == [["uplink", "eth0"], ["eth0", "eth1"], ["eth1", "eth2"]]
        end = plan.cables[interface + 1].ends[0]
        assert (end.owner, end.mac, end.mtu) == (interface, "02:00:00:00:00:07", 1400)
        assert plan.cables[both].ends[1].interface == both - 1


def test_names_come_from_the_attribute_the_label_or_the_guid(tmp_path: Path) -> None:
    described = Described()
    described.add("netns::Node", label="router one")
    described.add("netns::Node", label="client")
    described.add("netns::Node", label="client", name="server")
    described.add("netns::Node", label="7")
    described.add("netns::Switch")
    with ExperimentController.load(described.write(tmp_path)) as ec:
        assert [each.name for each in make_plan(ec).stations.values()] == ["n1", "client", "server", "n4", "s5"]


@pytest.mark.parametrize("name", ["h1", "a", "router-1.example.org", "x" * 63, "1a", "0x", "up", "dev"])
def test_host_names(name: str) -> None:
    assert is_host_name(name)


@pytest.mark.parametrize(
    "name", ["", "h_1", "-a", "a-", "a..b", ".a", "a b", "ä", "x" * 64, "h1\n", "7", "10.0.0.1", "1.2", "0x7f", "a/b"]
)
def test_what_is_no_host_name(name: str) -> None:
    assert not is_host_name(name)


def test_ports_of_switches_are_named_after_them_and_nothing_in_the_fabric_is_named_twice() -> None:
    with drawing() as network:
        names = ["s1", "s1-eth1", "a-very-long-name-of-a-switch", "lo", "all", "sixteen-letters", "5_a", "l5a", "up"]
        switches = [network.add("Switch", name=name) for name in names if name != "5_a"]
        host = network.node()
        for switch in switches:
            network.link(host, switch)
        for pair in pairwise(switches):
            network.link(*pair)
        plan = network.plan()
        assert not plan.problems
        fabric = [plan.stations[guid].name for guid in switches]
        for cable in plan.cables.values():
            fabric += [end.inner for end in cable.ends]
            fabric += [end.name for end in cable.ends if plan.stations[end.station].is_switch]
        assert len(set(fabric)) == len(fabric)
        assert all(len(name) <= 15 for name in fabric)
        assert not {"lo", "all"} & set(fabric)
        assert "up-eth1" in fabric


def test_the_highest_guids_have_names_that_fit() -> None:
    with drawing() as network:
        node, switch = network.node(), network.ec.register_resource("netns::Switch", guid=10**15 - 1, name="s" * 14)
        network.ec.register_resource("netns::Link", guid=10**15, connected_to=[node, switch])
        (cable,) = network.plan().cables.values()
        assert all(len(name) <= 15 for end in cable.ends for name in (end.name, end.inner))


def test_names_of_interfaces_are_kept_when_others_come() -> None:
    with drawing() as network:
        first, second = network.line("h1", "h2")
        before = network.plan()
        interface = network.add("Interface", first, name="eth0")
        link = network.link(interface, second)
        after = network.plan(before)
        assert after.problems == {interface: "attribute 'name' is 'eth0', which another interface of its node has."}
        assert [end.name for end in after.cables[link - 2].ends] == ["eth0", "eth0"]


# -- what is refused


def test_links_with_one_end_or_three() -> None:
    with drawing() as network:
        nodes = [network.node(name) for name in ("h1", "h2", "h3")]
        link, loose, three = network.link(nodes[0]), network.link(), network.link(*nodes)
        ends = "a link has two ends, each a netns::Node or netns::Switch."
        assert problems(network) == {
            link: f"joins netns::Node 1 (h1): {ends}",
            loose: f"joins nothing: {ends}",
            three: f"joins netns::Node 1 (h1), netns::Node 2 (h2), netns::Node 3 (h3): {ends}",
        }
        with pytest.raises(
            DeploymentError, match=rf"netns::Link {link}: joins netns::Node 1 \(h1\): a link has two ends"
        ):
            network.ec.deploy()
        assert not Path("never-made").exists()


def test_a_link_with_itself() -> None:
    with drawing() as network:
        node = network.node("h1")
        link = network.link(network.add("Interface", node), network.add("Interface", node))
        assert problems(network) == {link: f"joins netns::Node {node} (h1) with itself."}


def test_a_link_to_something_else() -> None:
    with drawing() as network:
        host = network.ec.register_resource("linux::Node")
        with pytest.raises(ConnectionNotAllowedError, match="it joins netns::Node, netns::Switch or netns::Interface"):
            network.link(host)


def test_interfaces_that_are_nowhere() -> None:
    with drawing() as network:
        nodes = network.node(), network.node()
        loose, unplugged = network.add("Interface"), network.add("Interface", nodes[0])
        two_nodes, two_links = network.add("Interface", *nodes), network.add("Interface", nodes[0])
        for _ in range(2):
            network.link(two_links, nodes[1])
        found = problems(network)
        assert found.pop(loose) == "is connected to no node; it needs one netns::Node that it belongs to."
        assert found.pop(unplugged) == "is connected to no link; it is one end of one netns::Link."
        assert found.pop(two_nodes) == "is connected to 2 nodes; it needs one netns::Node that it belongs to."
        assert found.pop(two_links) == "is connected to 2 links and 0 switches; it is one end of one netns::Link."
        assert not found


def test_equal_names() -> None:
    with drawing() as network:
        first, second, local = network.node("Web"), network.node("web"), network.node("localhost")
        switch = network.add("Switch", name="web")
        said = f"that of netns::Node {first} (Web); give it another."
        assert problems(network) == {
            second: f"its name 'web' is {said}",
            switch: f"its name 'web' is {said}",
            local: "its name 'localhost' is that of this machine itself; give it another.",
        }


@pytest.mark.parametrize(("name", "but"), [("h 1", ""), ("h_1", ""), ("10.0.0.1", ", and no address")])
def test_names_that_are_none(name: str, but: str) -> None:
    with drawing() as network:
        node = network.node(name)
        assert problems(network)[node] == (
            f"attribute 'name' is '{name}', which is no host name: it takes letters, digits, '-' and '.', "
            f"beginning and ending with a letter or digit, at most 63{but}."
        )


@pytest.mark.parametrize("name", ["lo", "all", "default", "sixteen-letters-", "a b", "a/b", "-x", "..", "ä"])
def test_names_that_no_interface_has(name: str) -> None:
    with drawing() as network:
        interface = network.add("Interface", network.node(), name=name)
        network.link(interface, network.node())
        assert problems(network)[interface].startswith(
            f"attribute 'name' is '{name}', which is no name of an interface"
        )


@pytest.mark.parametrize("mac", ["02:00:00:00:00", "01:00:00:00:00:01", "00:00:00:00:00:00", "02-00-00-00-00-01", "x"])
def test_what_is_no_ethernet_address(mac: str) -> None:
    with drawing() as network:
        network.link(network.add("Interface", network.node(), mac=mac), network.node())
        with pytest.raises(DeploymentError, match=f"attribute 'mac' is '{mac}', which is no Ethernet address of one"):
            network.ec.deploy()


def test_an_interface_that_is_not_up_at_a_link() -> None:
    with drawing() as network:
        network.link(network.add("Interface", network.node(), up=False), network.node())
        with pytest.raises(DeploymentError, match="cut its link instead"):
            network.ec.deploy()


@pytest.mark.parametrize("rate", [0, -1.0, 1e9, float("nan")])
def test_impossible_rates(rate: float) -> None:
    with drawing() as network:
        first, second = network.line("h1", "h2")
        with pytest.raises(AttributeValueError, match=r"attribute 'rate' cannot be .* from 0.008 to 100,000 in Mbit/s"):
            network.link(first, second, rate=rate)


# -- loops of switches


def loops(network: Drawing) -> dict[int, str]:
    plan = network.plan()
    assert not plan.problems
    return plan.faults


def switches(network: Drawing, graph: nx.Graph, spanning: int | None = None) -> list[int]:
    found = [network.add("Switch", stp=number == spanning) for number in graph]
    for first, second in graph.edges():
        network.link(found[first], found[second])
    return found


def test_a_loop_of_switches_is_a_fault_of_the_link_that_closes_it() -> None:
    with drawing() as network:
        first, _, last = switches(network, nx.cycle_graph(3))
        ((link, said),) = loops(network).items()
        assert link == 6
        assert said.startswith(f"Between s{last - 1} and s{last} it closes a loop of switches without a spanning tree")
        plan = network.plan()
        network.link(first, last)
        assert set(make_plan(network.ec, plan).faults) == {6, 7}  # what is there already closes nothing


@pytest.mark.parametrize("spanning", range(3))
def test_one_switch_with_a_spanning_tree_is_enough(spanning: int) -> None:
    with drawing() as network:
        switches(network, nx.cycle_graph(3), spanning)
        assert not loops(network)


def test_two_links_between_two_switches_are_a_loop() -> None:
    with drawing() as network:
        switches(network, nx.MultiGraph([(0, 1), (0, 1), (1, 2)]))
        assert set(loops(network)) == {5}


def test_every_loop_is_told() -> None:
    with drawing() as network:
        joined = nx.Graph([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)])
        switches(network, joined)
        assert set(loops(network)) == {9, 13}


def test_trees_of_switches_and_loops_through_nodes_are_none() -> None:
    with drawing() as network:
        first, second = switches(network, nx.path_graph(2))
        host = network.node()
        network.link(host, first)
        network.link(host, second)
        assert not loops(network)


# -- files


def test_the_program_names_line_resource_and_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = Described()
    for name in ("h1", "h_2", "h3"):
        described.add("netns::Node", name=name)
    described.add("netns::Link")
    for end in (1, 2, 3):
        described.description.connect(4, end)
    described.add("netns::Link", rate=-3.0)
    for end in (1, 3):
        described.description.connect(5, end)
    path = described.write(tmp_path)
    assert main(["--validate", path]) == ExitStatus.WRONG
    told = capsys.readouterr().out
    lines = Path(path).read_text().splitlines()
    assert f"{path}:{1 + max(n for n, line in enumerate(lines) if 'netns::Link' in line)}: error: " in told
    assert "attribute 'rate' cannot be -3.0; it takes a number from 0.008 to 100,000 in Mbit/s" in told
    described.description.resources[5].attributes["rate"] = 3.0
    assert main(["--validate", described.write(tmp_path)]) == ExitStatus.WRONG
    told = capsys.readouterr().out
    assert "attribute 'name' is 'h_2', which is no host name" in told
    assert "joins netns::Node 1 (h1), netns::Node 2 (h_2), netns::Node 3 (h3): a link has two ends" in told


def test_a_file_of_nepi_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--validate", str(NEPI_FILE)]) == ExitStatus.DONE
    assert capsys.readouterr().out == f"{NEPI_FILE}: 18 resources, nothing is wrong\n"
    with ExperimentController.load(NEPI_FILE) as ec:
        plan = make_plan(ec)
    ends = [(cable.guid, *(end.station for end in cable.ends)) for cable in plan.cables.values()]
    assert ends == [(8, 3, 6), (10, 4, 6), (12, 4, 7), (14, 5, 7)]
    assert [str(segment.blocks[4]) for segment in plan.segments] == ["192.168.1.0/24", "192.168.2.0/24"]
    assert plan.stations[4].forwards


def test_a_file_of_nepi_runs(tmp_path: Path) -> None:
    done = run(tmp_path, "--run", str(NEPI_FILE), "--local-dir", str(tmp_path / "results"))
    if "user namespace" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == ExitStatus.DONE
    (folder,) = (tmp_path / "results").glob("*/*")
    assert "3 packets transmitted, 3 received" in (folder / "traces" / "18.stdout").read_text()
    with RunReader(folder) as reader:
        assert reader.facts()["outcome"] == "done"


def test_several_addresses_of_nepi_at_one_interface() -> None:
    with drawing() as network:
        interface = network.add("Interface", network.node())
        network.link(interface, network.node())
        network.add("IPv4Address", interface, ip="10.3.0.1", prefix="255.255.255.0")
        second = network.add("IPv4Address", interface, ip="10.4.0.1", prefix="24")
        assert problems(network) == {
            second: f"belongs to netns::Interface {interface}, which has the address '10.3.0.1/255.255.255.0' already."
        }
        network.ec.remove_resource(second)
        (segment,) = network.plan().segments
        assert str(segment.blocks[4]) == "10.3.0.0/24"


def test_routes_and_addresses_of_nepi_that_are_none() -> None:
    with drawing() as network:
        node = network.node()
        network.ec.register_resource(
            "netns::IPv4Route", connected_to=node, network="10.0.0.1", prefix="24", nexthop="10.1.0.1"
        )
        network.add("IPv4Address", ip="10.3.0.300", prefix="24")
        with pytest.raises(DeploymentError) as raised:
            network.ec.deploy()
        assert "it says no route: 10.0.0.1/24 has host bits set" in str(raised.value)
        assert "is connected to no netns::Interface" in str(raised.value)

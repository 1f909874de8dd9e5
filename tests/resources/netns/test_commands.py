from __future__ import annotations

import ipaddress
import json

from nepi_core.resources.netns._plan.commands import (
    cable_lines,
    connect_lines,
    cut_line,
    end_lines,
    hosts_table,
    removal_lines,
    switch_lines,
)

from tests.resources.netns.drawing import Drawing, drawing
from tests.resources.netns.typed_commands import typed

# As the network's keeper makes nodes: addresses of IPv6 serve at once, and stay when a link is cut.
_NODE = """ip netns add {0}
ip netns exec {0} sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.keep_addr_on_down=1"""


class Typed:
    """The commands of a plan, for nodes that `ip netns` knows."""

    def __init__(self, network: Drawing, userspace: bool = False) -> None:
        self.plan = network.plan()
        assert not self.plan.problems
        self.userspace = userspace

    def build(self) -> list[str]:
        stations = self.plan.stations.values()
        lines = [_NODE.format(each.name) for each in stations if not each.is_switch]
        lines += [f"ip {line.text}" for each in stations if each.is_switch for line in switch_lines(each)]
        for cable in self.plan.cables.values():
            lines += [f"ip {line.text}" for line in cable_lines(self.plan, cable, self.userspace, self._name)]
        for cable in self.plan.cables.values():
            for end in (each for each in cable.ends if not self.plan.stations[each.station].is_switch):
                lines += [self.inside(end.station, line.text) for line in end_lines(end, self.routes(end.station))]
        return lines

    def routes(self, guid: int) -> list:
        return self.plan.routes.get(guid, [])

    def _name(self, guid: int) -> str:
        return self.plan.stations[guid].name

    def inside(self, guid: int, text: str) -> str:
        return f"ip {text}" if self.plan.stations[guid].is_switch else f"ip -n {self._name(guid)} {text}"

    def show(self, name: str, what: str) -> str:
        return f"ip {'-n ' + name if name else ''} -json {what} show"


def answers(printed: str) -> list:
    return [json.loads(line) for line in printed.splitlines()]


def names(links: list[dict]) -> set[str]:
    return {each["ifname"] for each in links} - {"lo"}


def test_what_is_typed_is_what_was_planned() -> None:
    """Names that are words of ip, small packets, the smallest network, and an interface without addresses."""
    with drawing() as network:
        host, switch, router = network.node("name"), network.add("Switch", name="up"), network.node("dev")
        network.link(host, switch, mtu=1280)
        network.link(switch, router)
        far = network.node("far")
        network.link(network.add("Interface", router, name="type", ip4="10.7.0.0/31", mac="02:00:00:00:00:77"), far)
        network.link(network.add("Interface", far, ip4="none", ip6="none"), host, mtu=600)
        commands = Typed(network)
        lines = commands.build()
        shown = [commands.show(name, what) for name in ("name", "dev", "far") for what in ("address", "route")]
        told = answers(typed([*lines, *shown, commands.show("", "link")]))
        links = names(told.pop())
        assert links == {"up", "up-eth1", "up-eth2"}
        for station, interfaces, routes in zip((host, router, far), told[0::2], told[1::2], strict=True):
            ends = [e for c in commands.plan.cables.values() for e in c.ends if e.station == station]
            found = {each["ifname"]: each for each in interfaces}
            for end in ends:
                own = found[end.name]
                assert (own["address"], own["mtu"]) == (end.mac, end.mtu or 1500)
                addresses = {f"{a['local']}/{a['prefixlen']}" for a in own["addr_info"] if a["scope"] == "global"}
                assert addresses == {str(address) for address in end.addresses.values()}
            gateways = {(each["dst"], each["gateway"]) for each in routes if "gateway" in each}
            assert gateways == {(r.network, r.gateway) for r in commands.routes(station) if ":" not in r.gateway}


def test_a_cable_through_user_space_has_two_pairs() -> None:
    with drawing() as network:
        host, switch = network.node("h1"), network.add("Switch", name="s1")
        network.link(host, switch, mtu=9000)
        network.link(host, network.node("h2"))
        commands = Typed(network, userspace=True)
        fabric, inside = answers(typed([*commands.build(), commands.show("", "link"), commands.show("h1", "link")]))
        inner = {end.inner for cable in commands.plan.cables.values() for end in cable.ends}
        assert names(fabric) == {"s1", "s1-eth1", *inner}
        assert names(inside) == {"eth0", "eth1"}
        (cable, _) = commands.plan.cables.values()
        assert {each["mtu"] for each in fabric if each["ifname"] in {end.inner for end in cable.ends}} == {9000}


def test_removal_leaves_nothing() -> None:
    for userspace in (False, True):
        with drawing() as network:
            first, switch, last = network.node("h1"), network.add("Switch", name="s1"), network.node("h2")
            network.link(first, switch)
            network.link(switch, last)
            network.link(first, last)
            commands = Typed(network, userspace)
            lines = commands.build()
            for cable in commands.plan.cables.values():
                place = switch if userspace else cable.ends[0].station
                lines += [commands.inside(place, line.text) for line in removal_lines(cable, userspace)]
            left = answers(typed([*lines, *(commands.show(name, "link") for name in ("", "h1", "h2"))]))
            assert [names(links) for links in left] == [{"s1"}, set(), set()]


def test_a_link_that_was_cut_gets_its_routes_again() -> None:
    with drawing() as network:
        host, *_ = network.line("h1", "r1", "h2")
        commands = Typed(network)
        (end,) = (e for c in commands.plan.cables_of(host) for e in c.ends if e.station == host)
        cut = commands.inside(host, cut_line(end).text)
        again = [commands.inside(host, line.text) for line in connect_lines(end, commands.routes(host))]
        show = commands.show("h1", "route")
        before, without, after = answers(typed([*commands.build(), show, cut, show, *again, show]))
        assert without == []
        assert [each["dst"] for each in after] == [each["dst"] for each in before] == ["default", "10.0.0.0/24"]


def table(network: Drawing) -> dict[str, str]:
    """Return the table of hosts, each name once."""
    lines = [line.split() for line in hosts_table(network.plan()).splitlines()]
    pairs = [(name, address) for address, *found in lines for name in found]
    assert len({name for name, _ in pairs} - {"localhost"}) == len(pairs) - 2
    return dict(pairs)


def test_every_node_has_a_name_and_each_of_its_interfaces() -> None:
    with drawing() as network:
        network.line("h1", "r1", "h2")
        known = table(network)
        assert known.pop("ip6-localhost") == known.pop("localhost") == "::1"
        assert {name: address for name, address in known.items() if not name.startswith("ip6")} == {
            "h1": "10.0.0.1", "h1-eth0": "10.0.0.1",
            "r1": "10.0.0.2", "r1-eth0": "10.0.0.2", "r1-eth1": "10.0.1.1",
            "h2": "10.0.1.2", "h2-eth0": "10.0.1.2",
        }  # fmt: skip
        assert known["ip6-h2"] == "fd00:6e65:0:1::2"
        assert {ipaddress.ip_address(address).version for address in known.values()} == {4, 6}


def test_no_alias_takes_the_name_of_a_node() -> None:
    with drawing() as network:
        network.line("h1", "H1-eth0", "ip6-h1")
        known = table(network)
        assert (known["h1"], known["H1-eth0"], known["ip6-h1"]) == ("10.0.0.1", "10.0.0.2", "10.0.1.2")


def test_a_node_with_ipv6_only_is_known_by_its_name() -> None:
    with drawing() as network:
        first = network.node("h1")
        network.link(network.add("Interface", first, ip4="none", ip6="fd01::1/64"), network.node("h2"))
        assert table(network)["h1"] == "fd01::1"

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from nepi_core.resources.netns._plan.merging import Merging
from nepi_core.resources.netns._plan.model import Route


def gateways(count: int) -> list[Route]:
    return [Route("default", f"192.168.0.{number}", number) for number in range(1, count + 1)]


def leads_to(routes: Sequence[Route], network) -> int | None:
    """Return the cable that the longest prefix around a network leads to."""
    found = [("0.0.0.0/0" if network.version == 4 else "::/0") if r.network == "default" else r.network for r in routes]
    around = [
        (ipaddress.ip_network(text).prefixlen, route.cable)
        for text, route in zip(found, routes, strict=True)
        if network.subnet_of(ipaddress.ip_network(text))
    ]
    assert len({length for length, _ in around}) == len(around)
    return max(around, default=(0, None))[1]


def check(blocks: Sequence, to: Sequence[int], hops: int) -> list[Route]:
    """Merge, and compare with one route for each network."""
    ways = gateways(hops)
    routes = list(Merging(blocks).routes(to, ways))
    for block, hop in zip(blocks, to, strict=True):
        if hop >= 0:
            assert leads_to(routes, block) == ways[hop].cable
    assert len(routes) <= sum(hop >= 0 for hop in to)
    assert len({route.network for route in routes}) == len(routes)
    return routes


@st.composite
def tables(draw) -> tuple[list, list[int], int]:
    """Draw networks of one size, where each goes, and some others of other sizes beside them."""
    hops = draw(st.integers(1, 5))
    numbers = draw(st.lists(st.integers(0, 200), unique=True, max_size=60))
    blocks = [ipaddress.ip_network((0x0A000000 + (number << 8), 24)) for number in numbers]
    odd = draw(st.lists(st.integers(0, 200), unique=True, max_size=8))
    odd_blocks = [ipaddress.ip_network((0x0A000000 + (n << 8) + 64, 27)) for n in odd if n not in numbers]
    odd_blocks += [ipaddress.ip_network(f"10.{n}.0.0/16") for n in draw(st.lists(st.integers(1, 9), unique=True))]
    every = draw(st.permutations(blocks + odd_blocks))
    to = draw(st.lists(st.integers(-1, hops - 1), min_size=len(every), max_size=len(every)))
    return every, to, hops


@given(tables())
def test_merged_routes_lead_where_single_ones_would_and_are_no_more(drawn: tuple) -> None:
    check(*drawn)


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=64))
def test_ipv6(to: list[int]) -> None:
    check([ipaddress.ip_network(f"fd00:6e65:0:{number:x}::/64") for number in range(len(to))], to, 4)


def test_halves_of_the_network_need_two_routes() -> None:
    blocks = [ipaddress.ip_network(f"10.0.{number}.0/24") for number in range(128)]
    routes = check(blocks, [0] * 64 + [1] * 64, 2)
    assert [route.text for route in routes] == ["default via 192.168.0.1", "10.0.64.0/18 via 192.168.0.2"]


def test_networks_without_addresses_are_left_out() -> None:
    routes = list(Merging([None, ipaddress.ip_network("10.0.0.0/24")]).routes([-1, 0], gateways(1)))
    assert [route.network for route in routes] == ["default"]
    assert list(Merging([None]).routes([-1], [])) == []


def test_networks_too_far_apart_for_a_tree_keep_their_own_routes() -> None:
    blocks = [ipaddress.ip_network(f"{number}.0.0.0/29") for number in range(1, 100)]
    assert len(check(blocks, [number % 2 for number in range(99)], 2)) == 1 + 49


def test_more_gateways_than_a_set_holds() -> None:
    blocks = [ipaddress.ip_network(f"10.0.{number}.0/24") for number in range(100)]
    assert len(check(blocks, [0] * 31 + list(range(1, 70)), 70)) == 70

"""Addresses: those that are known, and for all other ends one network a link or segment."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .given_addresses import GivenAddresses, not_hosts
from .model import Address, Block, End, Plan, Segment

if TYPE_CHECKING:
    from nepi_core.experiment import Experiment

# RFC 1918 and RFC 4193; "6e65" spells "ne". A /24 is what one sees in textbooks.
_POOLS = {4: ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"), 6: ("fd00:6e65::/32",)}
_PREFIX = {4: 24, 6: 64}


class Addressing:
    """Gives every end of a plan its addresses, and notes what is wrong with those that were given."""

    def __init__(self, experiment: Experiment, plan: Plan, previous: Plan | None = None) -> None:
        self._experiment = experiment
        self._plan = plan
        self._given = GivenAddresses(experiment, plan, previous or Plan())
        self._owners: dict[ipaddress.IPv4Address | ipaddress.IPv6Address, End] = {}

    def assign(self) -> None:
        """Address the segments."""
        self._given.read()
        for version in _POOLS:
            taken = [end.addresses[version].network for end in self._ends() if version in end.addresses]
            blocks = _Blocks(version, taken)
            for segment in self._plan.segments:
                self._address(segment, version, blocks)
            self._refuse_overlaps(version)

    def _ends(self) -> Iterator[End]:
        for segment in self._plan.segments:
            yield from segment.ends

    def _name(self, end: End) -> str:
        return self._experiment.get_resource(end.owner).name

    def _address(self, segment: Segment, version: int, blocks: _Blocks) -> None:
        wanting = [end for end in segment.ends if version not in end.addresses and version not in end.unaddressed]
        given = [end for end in segment.ends if version in end.addresses]
        for end in given:
            self._check(end, given[0], version)
        block = given[0].addresses[version].network if given else blocks.take(len(wanting)) if wanting else None
        if block is None:
            for end in wanting:
                self._plan.refuse(end.owner, f"no network is left for its interface {end.name}: all are given away.")
            return
        segment.blocks[version] = block
        free = self._hosts(block)
        for end in wanting:
            address = next(free, None)
            if address is None:
                self._plan.refuse(end.owner, f"there is no free address left in {block} for its interface {end.name}.")
                return
            end.addresses[version] = address
            self._owners[address.ip] = end

    def _check(self, end: End, first: End, version: int) -> None:
        address, block = end.addresses[version], first.addresses[version].network
        if address.network != block:
            apart = "has another prefix than" if address.ip in block else "is outside"
            self._plan.refuse(
                end.owner,
                f"its address {address} {apart} the network {block}, which {self._name(first)} is in at the same link.",
            )
        owner = self._owners.setdefault(address.ip, end)
        if owner is not end:
            self._plan.refuse(end.owner, f"its address {address.ip} is that of {self._name(owner)}, too.")

    def _hosts(self, block: Block) -> Iterator[Address]:
        """Yield the addresses of a network that nobody has."""
        make = ipaddress.IPv4Interface if block.version == 4 else ipaddress.IPv6Interface
        start = int(block.network_address)
        without = not_hosts(block)
        for number in range(start, start + block.num_addresses):
            address = make((number, block.prefixlen))
            if address.ip not in without and address.ip not in self._owners:
                yield address

    def _refuse_overlaps(self, version: int) -> None:
        """Refuse networks of several segments that share addresses, since no route could tell them apart.

        Where nobody wants routes, somebody may know what it is good for.
        """
        if not any(station.routed for station in self._plan.stations.values()):
            return
        segments = [segment for segment in self._plan.segments if version in segment.blocks]
        last: Segment | None = None  # that whose network reaches furthest
        for segment in sorted(segments, key=lambda each: _sorting(each.blocks[version])):
            block = segment.blocks[version]
            if last is None or not block.overlaps(last.blocks[version]):
                last = segment
                continue
            first, second = sorted((last, segment), key=lambda each: each.ends[0].key)
            other = self._plan.stations[first.ends[0].station].name
            self._plan.refuse(
                next(end for end in second.ends if version in end.addresses).owner,
                f"its network {second.blocks[version]} overlaps with {first.blocks[version]}, in which {other} has an "
                "interface at another link; each link or switched segment has a network of its own.",
            )


def _sorting(block: Block) -> tuple[int, int]:
    return int(block.network_address), block.prefixlen


class _Blocks:
    """The networks of the pools that overlap none of those that are taken, each given away once."""

    def __init__(self, version: int, taken: list[Block]) -> None:
        self._free = _free_blocks(version, sorted(set(taken), key=_sorting))
        self._version = version

    def take(self, hosts: int) -> Block | None:
        """Return the next network, or as many that follow each other as a large segment needs; None when all are gone.

        Those that are skipped are lost to others; there are 70,000.
        """
        if self._version == 6:
            return next(self._free, None)
        prefix = min(_PREFIX[4], 32 - (hosts + 1).bit_length())
        wanted = 1 << (_PREFIX[4] - prefix)
        run: list[Block] = []
        for block in self._free:
            follows = run and int(block.network_address) == int(run[-1].broadcast_address) + 1
            if not follows:
                run = [block] if block.supernet(new_prefix=prefix).network_address == block.network_address else []
            else:
                run.append(block)
            if len(run) == wanted:
                return run[0].supernet(new_prefix=prefix)
        return None


def _free_blocks(version: int, taken: list[Block]) -> Iterator[Block]:
    """Yield what the pools have beside networks that are taken and sorted."""
    for pool in map(ipaddress.ip_network, _POOLS[version]):
        near = [block for block in taken if block.overlaps(pool)]
        step = 1 << (pool.max_prefixlen - _PREFIX[version])
        number, last = int(pool.network_address), int(pool.broadcast_address)
        while number < last:
            while near and int(near[0].broadcast_address) < number:
                near.pop(0)
            if near and int(near[0].network_address) < number + step:
                number = (int(near[0].broadcast_address) // step + 1) * step
            else:
                yield type(pool)((number, _PREFIX[version]))
                number += step

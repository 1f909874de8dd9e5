"""Routes of large networks, merged: neighbouring networks behind one gateway are in one route.

The fewest prefixes that say the same are found by three passes over a binary tree of networks: R. P. Draves, C. King,
S. Venkatachary, B. D. Zill, Constructing Optimal IP Routing Tables, INFOCOM 1999. Addresses that nobody has, networks
that cannot be reached, and those that are attached (whose own routes are more specific) may go anywhere.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from .model import Block, Route

_Sets = npt.NDArray[np.uint64]
"""For each network at one depth of the tree: which gateways would do, one bit each."""

_MOST_GATEWAYS = 64
_DEEPEST = 20  # levels of the tree: 8 MB for the leaves
_ANY = np.uint64(2**64 - 1)


class Merging:
    """Merges the routes to the same networks, for one node after the other.

    Args:
        blocks: all networks that there are; None for one that has no addresses. Those of the most frequent size are
            merged, others keep routes of their own.
    """

    def __init__(self, blocks: Sequence[Block | None]) -> None:
        self._names = [str(block) for block in blocks]
        sizes = Counter(block.prefixlen for block in blocks if block is not None)
        self._size = max(sizes, key=lambda size: sizes[size], default=0)
        same = {n: block for n, block in enumerate(blocks) if block is not None and block.prefixlen == self._size}
        self._bits = next((block.max_prefixlen - self._size for block in same.values()), 0)
        numbers = {n: int(block.network_address) >> self._bits for n, block in same.items()}
        first = min(numbers.values(), default=0)
        depth = (max(numbers.values(), default=0) ^ first).bit_length()
        self._base = first >> depth << depth
        self._room = 1 << depth
        # The number of each network among the leaves of the tree; -1 for those that are not merged.
        self._places = np.full(len(blocks), -1, dtype=np.intp)
        for n, number in numbers.items() if depth <= _DEEPEST else ():
            self._places[n] = number - self._base
        self._address = ipaddress.IPv4Address if self._bits + self._size == 32 else ipaddress.IPv6Address
        self._merged: dict[tuple[int, int], str] = {}

    def routes(self, to: Sequence[int], gateways: Sequence[Route]) -> Iterator[Route]:
        """Yield the routes of a node: a default route, and others for what does not go there.

        Args:
            to: for each network the number of the gateway that leads there; -1 for none.
            gateways: the default routes by them.
        """
        ways = np.asarray(to, dtype=np.intp)
        reached = ways >= 0
        merged = reached & (self._places >= 0) & (len(gateways) <= _MOST_GATEWAYS)
        usual = -1
        if merged.any():
            yield from self._merge(self._places[merged], ways[merged], gateways)
        elif reached.any():
            usual = int(np.bincount(ways[reached]).argmax())
            yield gateways[usual]
        for number in np.flatnonzero(reached & ~merged & (ways != usual)).tolist():
            yield gateways[ways[number]].to(self._names[number])

    def _merge(
        self, places: npt.NDArray[np.intp], ways: npt.NDArray[np.intp], gateways: Sequence[Route]
    ) -> Iterator[Route]:
        leaves = np.full(self._room, _ANY, dtype=np.uint64)
        leaves[places] = np.uint64(1) << ways.astype(np.uint64)
        root, found = _choose(_ascend(leaves))
        yield gateways[root]
        for start, length, number in found:
            yield gateways[number].to(self._network(start, length))

    def _network(self, start: int, length: int) -> str:
        """Return the network of some leaves; many nodes have routes to the same."""
        name = self._merged.get((start, length))
        if name is None:
            prefix = self._size - length.bit_length() + 1
            name = f"{self._address((self._base + start) << self._bits)}/{prefix}"
            self._merged[start, length] = name
        return name


def _ascend(leaves: _Sets) -> list[_Sets]:
    """Return the sets at all depths, that of the root first: what both halves share, or else what either has."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        left, right = levels[-1][0::2], levels[-1][1::2]
        both = left & right
        levels.append(np.where(both != 0, both, left | right))
    return levels[::-1]


def _choose(levels: list[_Sets]) -> tuple[int, list[tuple[int, int, int]]]:
    """Return the gateway of the root, and start, length and gateway of all networks that differ from what is above."""
    chosen = _lowest(levels[0])
    root = int(chosen[0]).bit_length() - 1
    found: list[tuple[int, int, int]] = []
    for sets in levels[1:]:
        above = np.repeat(chosen, 2)
        differs = (sets & above) == 0
        chosen = np.where(differs, _lowest(sets), above)
        length = len(levels[-1]) // len(sets)
        places = np.flatnonzero(differs)
        for number, gateway in zip(places.tolist(), chosen[places].tolist(), strict=True):
            found.append((number * length, length, gateway.bit_length() - 1))
    return root, found


def _lowest(sets: _Sets) -> _Sets:
    return sets & (~sets + np.uint64(1))

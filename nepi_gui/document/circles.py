"""Circles in what needs what: networkx could find them, but takes longer to import than all else here takes to run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(needs: Mapping[Node, Collection[Node]]) -> dict[Node, int]:
    """Return what needs itself by way of others, with the number (from 1) of those that need each other.

    Kosaraju's way: what is finished last in one direction is looked through first in the other.
    """
    inside = {node: [other for other in others if other in needs] for node, others in needs.items()}
    needed_by: defaultdict[Node, list[Node]] = defaultdict(list)
    for node, others in inside.items():
        for other in others:
            needed_by[other].append(node)
    seen: set[Node] = set()
    order = [node for start in inside for node in _finished(start, inside, seen)]
    seen.clear()
    groups = [list(_finished(start, needed_by, seen)) for start in reversed(order)]
    closed = [group for group in groups if len(group) > 1 or (group and group[0] in inside[group[0]])]
    return {node: number for number, group in enumerate(closed, 1) for node in group}


def _finished(start: Node, ways: Mapping[Node, Iterable[Node]], seen: set[Node]) -> Iterator[Node]:
    """Yield what can be reached and was not seen yet, each after all that is reached through it."""
    if start in seen:
        return
    seen.add(start)
    path: list[tuple[Node, Iterator[Node]]] = [(start, iter(ways.get(start, ())))]
    while path:
        node, others = path[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            path.pop()
            yield node
        else:
            seen.add(following)
            path.append((following, iter(ways.get(following, ()))))

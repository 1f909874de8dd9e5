"""Circles, compared with those that networkx finds."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.document.circles import circles


@given(st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4)))
def test_agrees_with_networkx(needs):
    graph = networkx.DiGraph([(node, other) for node, others in needs.items() for other in others if other in needs])
    groups = [each for each in networkx.strongly_connected_components(graph) if len(each) > 1]
    alone = [{node} for node in graph if graph.has_edge(node, node)]
    expected = {frozenset(each) for each in [*groups, *alone] if not any(each < group for group in groups)}
    found: dict[int, set[int]] = {}
    for node, number in circles(needs).items():
        found.setdefault(number, set()).add(node)
    assert {frozenset(each) for each in found.values()} == expected


def test_a_long_chain_is_no_circle():
    assert not circles({number: [number + 1] for number in range(10_000)})

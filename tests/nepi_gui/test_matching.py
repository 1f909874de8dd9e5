"""How well names fit what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_gui.matching import BESIDE, EXACT, INSIDE, PREFIX, SCATTERED, WORD, Typed

WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("typed", "title", "beside", "score"),
    [
        ("ping", "ping", "", EXACT),
        ("PI", "ping", "", PREFIX),
        ("files", "new files", "", WORD),
        ("17", "host17", "", WORD),
        ("ost", "host17", "", INSIDE),
        ("ipc", "iperf3client", "", SCATTERED),
        ("ic", "iperf3client", "", 0),
        ("netns", "node", "netns::node", BESIDE),
        ("node 7", "node 7", "", PREFIX + WORD),
        ("node netns", "node", "netns::node", EXACT + BESIDE),
        ("node x", "node", "netns::node", 0),
        (".*", "node", "", 0),
        ("", "node", "", 0),
    ],
)
def test_score(typed, title, beside, score):
    assert Typed(typed).score(title, beside) == score


@given(title=WORDS, end=WORDS)
def test_what_begins_with_what_was_typed_fits_better_than_what_contains_it(title, end):
    whole, inside = (title + end).casefold(), (end[:1] + "x" + title + end).casefold()
    typed = Typed(title)
    assert typed.score(whole) >= PREFIX
    assert typed.score(whole) >= typed.score(inside) >= INSIDE


@given(st.text(max_size=6), st.lists(st.text(max_size=12), max_size=8), st.integers(0, 5))
def test_anything_can_be_typed_and_the_first_of_the_best_are_the_best(typed, titles, most):
    def best(number):
        return Typed(typed).best(titles, lambda each: (each.casefold(), ""), most=number)

    assert best(most) == best(None)[:most]


def test_equals_come_in_their_order_the_shorter_first():
    things = ["alpha three", "alpha one", "alpha two", "alpha"]
    found = Typed("al").best(things, lambda each: (each, ""), lambda each: each == "alpha")
    assert found == ["alpha one", "alpha two", "alpha three", "alpha"]


def test_many_equal_letters_take_no_longer_than_others():
    assert Typed("a" * 30 + "b").score("a" * 300) == 0
    assert Typed("axxb").score("a\nx-x b") == SCATTERED

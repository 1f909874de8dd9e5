"""How well names fit what somebody has typed, for search fields."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")

EXACT, PREFIX, WORD, INSIDE, SCATTERED, BESIDE = 60, 50, 40, 30, 20, 10
"""How a word that was typed is found: as the whole title, at its beginning, at the beginning of a word in it, somewhere
in it, with other letters in between, or only in what stands beside the title."""


class Typed:
    """What was typed: words, each of which has to be found.

    Args:
        text: in small or capital letters, which makes no difference.
    """

    def __init__(self, text: str) -> None:
        self._words = [_Word(word) for word in text.casefold().split()]

    def __bool__(self) -> bool:
        return bool(self._words)

    def score(self, title: str, beside: str = "") -> int:
        """Return how well something fits; 0 when it does not.

        Args:
            title: what it is called, casefolded.
            beside: what else may be typed to find it, casefolded.
        """
        total = 0
        for word in self._words:
            found = word.score(title, beside)
            if not found:
                return 0
            total += found
        return total

    def best(
        self,
        things: Iterable[Thing],
        texts: Callable[[Thing], tuple[str, str]],
        order: Callable[[Thing], int] = lambda thing: 0,
        most: int | None = None,
    ) -> list[Thing]:
        """Return what fits, the best first; of equals the one with the shorter title, then the one that came first.

        The length tells nothing of those in whose title nothing was found.

        Args:
            things: to choose from.
            texts: gives title and what stands beside it, both casefolded.
            order: of things that fit equally well those with a smaller number come first.
            most: how many at most; all when it is not given.
        """
        ranked = []
        for number, thing in enumerate(things):
            title, beside = texts(thing)
            if score := self.score(title, beside):
                length = len(title) if score > BESIDE else 0
                ranked.append(((-score, order(thing), length, number), thing))
        found = sorted(ranked, key=_rank) if most is None else heapq.nsmallest(most, ranked, key=_rank)
        return [thing for _, thing in found]


class _Word:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at_word = re.compile(rf"(?:\b|_|(?<=[^\W\d])(?=\d)){re.escape(text)}")
        # Up to the next such letter, not ".*?": that would try all ways in which many equal letters can be scattered.
        rest = (f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in text[1:])
        self._scattered = re.compile(rf"\b{re.escape(text[0])}{''.join(rest)}")

    def score(self, title: str, beside: str) -> int:
        if self._text in title:
            if title.startswith(self._text):
                return EXACT if len(title) == len(self._text) else PREFIX
            return WORD if self._at_word.search(title) else INSIDE
        if len(self._text) > 2 and self._scattered.search(title):
            return SCATTERED
        return BESIDE if self._text in beside else 0


def _rank(ranked: tuple[tuple[int, int, int, int], object]) -> tuple[int, int, int, int]:
    return ranked[0]

"""What a link does to frames: decides which are lost, doubled or overtake others, and when each is due. No I/O here.

The parameters mean what they mean in tc-netem(8). Losses, duplicates and reorderings are drawn as gaps, the numbers
of frames between two of them (a geometric distribution), so a frame to which nothing happens costs nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

Run = tuple[int, int, int]
"""Neighbouring frames that share their fate: first one (counted from 0 in the batch), how many, when they are due."""

_NEVER = 1 << 62  # a frame's number that no link reaches
_NANOSECONDS = 1_000_000  # in a millisecond
_PERCENTAGES = ("loss", "duplicate", "reorder")


class Occurrences:
    """The numbers, in rising order, of the frames to which something of a given probability happens.

    Attributes:
        next: number of the next such frame.
    """

    __slots__ = ("_factor", "_percent", "_random", "next")

    def __init__(self, seed: int) -> None:
        self._random: random.Random | int = seed  # a generator takes 2.5 kB, which most links never need
        self._percent = 0.0
        self._factor = 0.0
        self.next = _NEVER

    def set_percent(self, percent: float, frame: int) -> None:
        """Change the probability from this frame on; the same one again changes nothing."""
        if percent == self._percent:
            return
        self._percent = percent
        self._factor = math.log1p(-percent / 100) if percent < 100 else -math.inf
        self.next = frame
        self._skip()

    def take(self, frame: int) -> bool:
        """Tell whether it happens to this frame, and go on to the next one."""
        if frame != self.next:
            return False
        self.next += 1
        self._skip()
        return True

    def _skip(self) -> None:
        if self._factor == 0:
            self.next = _NEVER
            return
        if isinstance(self._random, int):
            self._random = random.Random(self._random)
        gap = math.log(1 - self._random.random()) / self._factor
        self.next += int(min(gap, _NEVER))


class Impairment:
    """What one direction of a link does to its frames. The n-th frame has the same fate in each run with one seed.

    Each kind of impairment has a random sequence of its own, so that a change of one leaves the others as they were.

    Args:
        parameters: ``delay`` and ``jitter`` in milliseconds, ``loss``, ``duplicate`` and ``reorder`` in percent,
            ``seed``; what is missing is 0.

    Attributes:
        lost: frames lost so far.

    Raises:
        ValueError: a parameter is out of range or unknown.
    """

    def __init__(self, parameters: Mapping[str, float]) -> None:
        self.lost = 0
        self._frames = 0
        self._seed: int | None = None
        self.set(parameters)

    def set(self, parameters: Mapping[str, float]) -> None:
        """Use new parameters from the next frame on; random sequences start again only with another seed.

        Raises:
            ValueError: a parameter is out of range or unknown; nothing has changed.
        """
        check(parameters)
        seed = int(parameters.get("seed", 0))
        if seed != self._seed:
            self._restart(seed)
        self._delay = round(parameters.get("delay", 0) * _NANOSECONDS)
        self._jitter = round(parameters.get("jitter", 0) * _NANOSECONDS)
        for occurrences, name in zip(self._kinds, _PERCENTAGES, strict=True):
            occurrences.set_percent(parameters.get(name, 0), self._frames)
        self._next = min(each.next for each in self._kinds)

    def _restart(self, seed: int) -> None:
        self._seed = seed
        seeds = [abs(seed) * 4 + number for number in range(4)]
        self._loss, self._duplicate, self._reorder = self._kinds = tuple(map(Occurrences, seeds[:3]))
        self._scatter = random.Random(seeds[3])

    def plan(self, count: int, now: int) -> list[Run]:
        """Decide on the next frames, which arrived together.

        Args:
            count: how many they are.
            now: time of their arrival in nanoseconds.

        Returns:
            Runs in the order of the frames. A lost frame is in none, a doubled one in two of them.
        """
        runs = self._runs(count, now) if self._next < self._frames + count else [(0, count, now + self._delay)]
        self._frames += count
        return self._scattered(runs, now) if self._jitter else runs

    def _runs(self, count: int, now: int) -> list[Run]:
        due = now + self._delay
        runs: list[Run] = []
        start = 0  # first frame that is in no run yet
        while self._next < self._frames + count:
            frame = self._next - self._frames
            copies = 1 + self._duplicate.take(self._next) - self._lose()
            at_once = self._reorder.take(self._next)
            self._next = min(each.next for each in self._kinds)
            if frame > start:
                runs.append((start, frame - start, due))
            runs += [(frame, 1, now if at_once else due)] * copies
            start = frame + 1
        if count > start:
            runs.append((start, count - start, due))
        return runs

    def _lose(self) -> bool:
        lost = self._loss.take(self._next)
        self.lost += lost
        return lost

    def _scattered(self, runs: list[Run], now: int) -> list[Run]:
        """Give each frame a due time of its own, except those that do not wait."""
        return [
            (frame, 1, due if due == now else max(now, due + self._offset()))
            for first, count, due in runs
            for frame in range(first, first + count)
        ]

    def _offset(self) -> int:
        return int(self._jitter * (2 * self._scatter.random() - 1))


def check(parameters: Mapping[str, float]) -> None:
    """Check parameters of one direction.

    Raises:
        ValueError: one is out of range or unknown.
    """
    for name, value in parameters.items():
        if name == "seed":
            continue
        if name not in {"delay", "jitter", *_PERCENTAGES}:
            known = ", ".join(("delay", "jitter", *_PERCENTAGES, "seed"))
            raise ValueError(f"A link has no parameter {name!r}; it has {known}")
        most = 100 if name in _PERCENTAGES else 1e9
        if not 0 <= value <= most:
            raise ValueError(f"{name} must be from 0 to {most:g}, not {value!r}")

"""How often something may be done that takes a while in large experiments."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_SHARE = 0.05  # of the time


class Pacing:
    """Lets work be done so often that it takes a small part of the time: at once when it is quick."""

    def __init__(self) -> None:
        self._not_before = 0.0

    def is_due(self) -> bool:
        """Tell whether enough time has passed since it was done last."""
        return time.monotonic() >= self._not_before

    @contextmanager
    def working(self) -> Iterator[None]:
        """Measure how long the work takes that is done inside."""
        begin = time.monotonic()
        yield
        end = time.monotonic()
        self._not_before = end + (end - begin) / _SHARE

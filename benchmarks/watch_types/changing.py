"""A resource type that stops and starts at given moments and does nothing else, so that only watching is measured."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path

from nepi_core import Attribute, ResourceManager, ResourceState
from nepi_core.times import now

_LEAD = 5.0  # seconds from the first start to the first round: all others have started by then
_OVER = 30.0  # seconds after the last round: nobody watches any more


class Changing(ResourceManager, rtype="benchmark::Changing"):
    """Stops in the first round, starts in the second, stops in the third ...

    When the rounds begin, by `time.monotonic`, is in the file ``clock`` of the run's folder, before what is to be taken
    from the time of a change to get it by that clock.
    """

    offset = Attribute(help="When in a round it changes", default=0.0, range=(0.0, 3600.0), unit="s")
    rounds = Attribute(help="How often it changes", default=0, range=(0, 1000))
    every = Attribute(help="Time from round to round", default=4.0, range=(0.1, 3600.0), unit="s")
    length = Attribute(help="Time that all rounds take", default=0.0, range=(0.0, 3600.0), unit="s")

    _beginning = threading.Lock()
    _began = 0.0  # of this process's only run

    def ends_by_itself(self) -> bool:
        """Tell that it stops."""
        return True

    def do_start(self) -> None:
        """Start, and put down when it will change."""
        super().do_start()
        if self.life.reached(ResourceState.STOPPED) is None:
            began = self._begin()
            self.ec.schedule(began + self.get("length") + _OVER - time.monotonic(), self._end)
            self._await(0)

    def _begin(self) -> float:
        """Return when the first round begins."""
        with self._beginning:
            if not Changing._began:
                Changing._began = time.monotonic() + _LEAD
                text = f"{Changing._began!r} {now() - time.monotonic()!r}"
                Path(self.ec.run_dir, "clock").write_text(text, encoding="utf-8")
        return Changing._began

    def _await(self, number: int) -> None:
        if number < self.get("rounds"):
            due = self._began + number * self.get("every") + self.get("offset")
            self.ec.schedule(max(0.0, due - time.monotonic()), partial(self._change, number))

    def _change(self, number: int) -> None:
        if number % 2:
            self.set_started()
        else:
            self.set_stopped()
        self._await(number + 1)

    def _end(self) -> None:
        if self.state is ResourceState.STARTED:
            self.set_stopped()

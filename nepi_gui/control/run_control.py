"""A headless run as those see it who watch it through its socket: what they may decide, and what they are told."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nepi_gui.control.protocol import Message
from nepi_gui.control.server import ControlServer
from nepi_gui.interrupts import Interrupts
from nepi_gui.outlook import ending
from nepi_gui.run_goal import RunGoal
from nepi_gui.run_watch import RunWatch

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController

logger = logging.getLogger("nepi.control")


class RunControl:
    """Lets others watch and drive a run that has been deployed.

    What they ask comes in by other threads; what concerns the end of the run is left to the main thread, which is
    woken and calls `look`. Where the run's folder can have no socket, the run goes on without.

    Args:
        source: the file that the run is of.
    """

    def __init__(
        self, ec: ExperimentController, goal: RunGoal, watch: RunWatch, interrupts: Interrupts, source: Path
    ) -> None:
        self._ec = ec
        self._goal = goal
        self._watch = watch
        self._interrupts = interrupts
        self._source = source
        self._asked: deque[Callable[[], None]] = deque()
        self._server: ControlServer | None = None
        ec.run.store.facts(file=str(source))
        ec.run.store.flush()  # who is greeted finds a record of the run
        try:
            self._server = ControlServer(ec, self, self._facts)
        except OSError as error:
            logger.warning("No window can watch this run: there can be no socket in %s: %s.", ec.run_dir, error)

    def _facts(self) -> Message:
        return {"file": str(self._source), "held": self._goal.held}

    # -- for the main thread -----------------------------------------------------------------------

    def look(self) -> None:
        """Do what was asked."""
        while self._asked:
            self._asked.popleft()()

    def tell_ending(self) -> None:
        """Tell that everything is being released."""
        if self._server is not None:
            self._server.tell(type="ending")

    def close(self, outcome: str, problem: str) -> None:
        """Tell what came of the run, and be watched no longer."""
        if self._server is not None:
            self._server.close(type="ended", outcome=outcome, problem=problem)
            self._server = None

    # -- for any thread ----------------------------------------------------------------------------

    def end(self) -> None:
        """Have the run end in good order."""
        self._ask(self._goal.end)

    def hurry(self) -> None:
        """Have the run end at once: as Ctrl-C does, and a second one."""
        self._interrupts.ask()
        self._interrupts.ask()

    def hold(self, held: bool) -> None:
        """Have the run go on, or not, when everything in it has ended."""
        self._ask(partial(self._set_held, held))

    def added(self, guids: Sequence[int]) -> None:
        """Take in resources that have been added; those that end by themselves are waited for."""
        for guid in guids:
            self._watch.take_in(guid)
        self._ask(partial(self._await, guids))

    def _ask(self, task: Callable[[], None]) -> None:
        self._asked.append(task)
        self._interrupts.wake()

    def _set_held(self, held: bool) -> None:
        self._goal.hold(held)
        if self._server is not None:
            self._server.tell(type="held", held=self._goal.held)

    def _await(self, guids: Sequence[int]) -> None:
        self._watch.await_ends(ending([self._ec.get_resource(guid) for guid in guids]))

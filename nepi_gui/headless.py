"""Running an experiment file without a window, from the file to the exit status."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from nepi_core.controller import ExperimentController
from nepi_core.errors import NepiError
from nepi_core.failure import FailureManager
from nepi_core.states import ResourceState
from nepi_core.times import now
from nepi_core.xml_format import read_xml
from nepi_gui.checking import doubtful_conditions
from nepi_gui.exit_status import ExitStatus
from nepi_gui.interrupts import Interrupts
from nepi_gui.outlook import Outlook, ending
from nepi_gui.overrides import Override, apply_overrides
from nepi_gui.progress import Progress, make_progress
from nepi_gui.run_watch import RunWatch
from nepi_gui.terminal import Terminal, TerminalLog

logger = logging.getLogger("nepi.headless")

_STOP_SECONDS = 30.0
"""What resources may take to end, and what waits for that to follow, after the duration of the run is over."""

_HURRY_SECONDS = 2.0
"""What the releases may still take once all programs have been ended at the second signal."""

_STATUS = {"done": ExitStatus.DONE, "failed": ExitStatus.FAILED, "interrupted": ExitStatus.INTERRUPTED}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a file; durations in seconds, None for no limit."""

    path: str
    overrides: tuple[Override, ...] = ()
    local_dir: str | None = None
    exp_id: str | None = None
    duration: float | None = None
    timeout: float | None = None
    dialect: str | None = None
    json: bool = False
    report: bool = True


def run_file(options: RunOptions, terminal: Terminal, log: TerminalLog) -> ExitStatus:
    """Run an experiment file, show how it goes, and tell what came of it.

    Raises:
        NepiError: the file or an option is wrong; nothing was started.
    """
    with Interrupts() as interrupts:
        run = HeadlessRun(options, terminal, interrupts)
        try:
            run.start(log)
            run.wait()
        finally:
            run.shut_down()
    run.tell()
    return _STATUS[run.outcome]


class HeadlessRun:
    """One run of a file. All methods are for the main thread, in the order in which they stand here.

    Attributes:
        outcome: what came of it: done, failed or interrupted.

    Raises:
        NepiError: the file or an option is wrong.
    """

    def __init__(self, options: RunOptions, terminal: Terminal, interrupts: Interrupts) -> None:
        self.outcome = "failed"  # until it is known better: an error of this program is no success
        self._options = options
        self._terminal = terminal
        self._interrupts = interrupts
        description = read_xml(options.path, options.dialect)
        for line in doubtful_conditions(description, options.dialect):
            terminal.note(line)
        self._ec = ExperimentController(
            options.exp_id, options.local_dir, fm=_WakingFailures(interrupts), description=description
        )
        self._problem = ""
        self._stop_at: float | None = None
        self._stopping = False
        self._deployed = False
        self._progress = Progress()
        self._begun = self._ended = now()

    # -- start --------------------------------------------------------------------------------------------------------

    def start(self, log: TerminalLog) -> None:
        """Deploy the experiment.

        Raises:
            NepiError: it cannot be deployed, or would never end; nothing was started.
        """
        ec = self._ec
        apply_overrides(ec, self._options.overrides)
        self._watch = RunWatch(ec, self._interrupts.wake)
        self._plan()
        self._progress = make_progress(ec, self._watch, self._terminal)
        self._begun = self._terminal.begun = now()
        ec.deploy()
        self._deployed = log.brief = True
        self._progress.begin()

    def _plan(self) -> None:
        """Find out what to wait for.

        Raises:
            NepiError: the run would never end.
        """
        ec, options = self._ec, self._options
        ends = ending(map(ec.get_resource, ec.resources))
        self._watch.await_ends(ends)
        if not ends and options.duration is None:
            raise NepiError(
                f"Nothing in {options.path} ends by itself, so the run would go on for ever. Say how long it is to "
                "take: --duration 60s"
            )
        outlook = Outlook(ec, ends, failures=True)
        self._endless = {guid for guid in ends if not outlook.stops(guid)}
        if self._endless and options.duration is None and options.timeout is None:
            raise NepiError(self._tell_endless(outlook))
        if options.duration is not None:
            planned = Outlook(ec, ends, failures=False)
            self._watch.unstarted.update(guid for guid in ec.resources if planned.starts(guid))

    def _tell_endless(self, outlook: Outlook) -> str:
        lines = ["The run would go on for ever, since these resources would never end:"]
        shown = sorted(self._endless)[:5]
        lines += [f"  {outlook.tell_obstacle(guid)}" for guid in shown]
        if len(self._endless) > len(shown):
            lines.append(f"  ... and {len(self._endless) - len(shown)} more")
        return "\n".join([*lines, "Say how long it is to take: --duration 60s"])

    # -- wait ---------------------------------------------------------------------------------------------------------

    def wait(self) -> None:
        """Block until the run is over, whatever way."""
        while not self._is_over():
            number = self._interrupts.wait(self._next_look())
            if number:
                self._tell_interrupt(number)
                self.outcome = "interrupted"
                break
        self._ended = now()

    def _is_over(self) -> bool:
        """Tell whether there is nothing more to wait for, and set the outcome if so."""
        self._watch.look()
        if self._ec.abort:
            self.outcome = "failed"
        elif not self._watch.unended or self._is_idle():
            self.outcome = "done"
        elif self._options.timeout is not None and now() >= self._begun + self._options.timeout:
            self.outcome = "failed"
            self._problem = self._tell_timeout()
            self._terminal.error(self._problem)
        elif self._stop_at is not None and now() >= self._stop_at:
            return self._stop_or_give_up()
        else:
            self._start_clock()
            return False
        return True

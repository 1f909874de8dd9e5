"""Running an experiment file without a window, from the file to the exit status."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

from nepi_core.controller import ExperimentController
from nepi_core.errors import NepiError
from nepi_core.failure import FailureManager
from nepi_core.loading import refuse_undeployable
from nepi_core.states import ResourceState
from nepi_core.times import now
from nepi_core.xml_format import read_xml
from nepi_gui.checking import doubtful_conditions
from nepi_gui.control.run_control import RunControl
from nepi_gui.exit_status import ExitStatus
from nepi_gui.interrupts import Interrupts
from nepi_gui.overrides import Override, apply_overrides
from nepi_gui.progress import Progress, make_progress
from nepi_gui.run_goal import RunGoal
from nepi_gui.run_watch import RunWatch
from nepi_gui.streams import deliver, flush_streams
from nepi_gui.terminal import Terminal, TerminalLog

if TYPE_CHECKING:
    from nepi_gui.run_result import RunResult

logger = logging.getLogger("nepi.headless")

_HURRY_SECONDS = 2.0
"""What the releases may still take once all programs have been ended at the second signal."""

_STATUS = {"done": ExitStatus.DONE, "failed": ExitStatus.FAILED, "interrupted": ExitStatus.INTERRUPTED}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a file; durations in seconds, None for no limit.

    Attributes:
        hold: "always": go on when everything has ended, until somebody ends the run; "endless": when nothing ends.
        source: the file that ``path`` is a copy of, for who wants to see it again.
    """

    path: str
    overrides: tuple[Override, ...] = ()
    local_dir: str | None = None
    exp_id: str | None = None
    duration: float | None = None
    timeout: float | None = None
    dialect: str | None = None
    json: bool = False
    report: bool = True
    run_id: str | None = None
    hold: str | None = None
    source: str | None = None


def run_file(options: RunOptions, terminal: Terminal, log: TerminalLog) -> ExitStatus:
    """Run an experiment file, show how it goes, and tell what came of it.

    Raises:
        NepiError: the file or an option is wrong; nothing was started.
    """
    with Interrupts() as interrupts:
        run = HeadlessRun(options, terminal, interrupts)
        try:
            log.brief = True
            run.start()
            run.wait()
        finally:
            run.shut_down()
        interrupts.raising = True  # nothing is left but to tell of the run, which may take a while
        return run.tell()


class HeadlessRun:
    """One run of a file. All methods are for the main thread, in the order in which they stand here.

    Attributes:
        outcome: what came of it: done, failed or interrupted.

    Raises:
        NepiError: the file or an option is wrong.
    """

    def __init__(self, options: RunOptions, terminal: Terminal, interrupts: Interrupts) -> None:
        self.outcome = ""
        self._options = options
        self._terminal = terminal
        self._interrupts = interrupts
        description = read_xml(options.path, options.dialect)
        for line in doubtful_conditions(description, options.dialect):
            terminal.note(line)
        self._ec = ExperimentController(
            options.exp_id,
            options.local_dir,
            fm=_WakingFailures(interrupts.wake),
            run_id=options.run_id,
            description=description,
        )
        self._watch = RunWatch(self._ec, interrupts.wake)
        self._progress = Progress()
        self._control: RunControl | None = None
        self._deployed = False
        self._begun = self._ended = now()

    def start(self) -> None:
        """Deploy the experiment.

        Raises:
            NepiError: it cannot be deployed, or would never end; nothing was started.
        """
        ec, options = self._ec, self._options
        apply_overrides(ec, options.overrides)
        try:
            self._goal = RunGoal(ec, self._watch, options.duration, options.timeout, options.hold)
        except NepiError:
            refuse_undeployable(
                ec, [ec.get_resource(guid) for guid in ec.resources]
            )  # says more: of an unknown type nothing is known
            raise
        self._progress = make_progress(ec, self._watch, self._terminal)
        self._begun = self._terminal.begun = now()
        self._goal.begin(self._begun)
        self._interrupts.raising = False
        ec.deploy()
        self._deployed = True
        source = Path(options.source or options.path).absolute()
        self._control = RunControl(ec, self._goal, self._watch, self._interrupts, source)
        self._progress.begin()

    def wait(self) -> None:
        """Block until the run is over, in whatever way."""
        while not self.outcome:
            if self._control is not None:
                self._control.look()
            self.outcome = self._goal.verdict()
            wanted = [self._progress.refresh(), self._goal.next_look()]
            if not self.outcome and (number := self._interrupts.wait(_soonest(wanted))):
                self._tell_interrupt(number)
                self.outcome = "interrupted"
        if self.outcome == "done" and self._goal.was_cut_short:
            self.outcome = "interrupted"
        self._ended = now()
        if self._goal.problem:
            self._terminal.error(self._goal.problem)

    def _tell_interrupt(self, number: int) -> None:
        signal_name = "Interrupted" if number == signal.SIGINT else f"Interrupted by {signal.Signals(number).name}"
        left = sum(self._ec.get_resource(guid).state is not ResourceState.RELEASED for guid in self._ec.resources)
        what = f"releasing {left} resource{'' if left == 1 else 's'}"
        self._terminal.event(f"{signal_name}: {what}; press Ctrl-C again to hurry")

    # -- end ----------------------------------------------------------------------------------------------------------

    def shut_down(self) -> None:
        """Release everything. A signal meanwhile says so, and the next one hurries; one does after an interrupt."""
        self._interrupts.raising = False
        if self._deployed:
            # Whoever gets here without an outcome does so because of an error in this program. Whether it is "done"
            # is left to the controller: a failure may come until all is being released.
            self._ec.run.outcome = "" if self.outcome == "done" else self.outcome or "failed"
            if self._goal.problem:
                self._ec.run.store.facts(cause=self._goal.problem)
        if self._control is not None:
            self._control.tell_ending()
        shutdown = _Background(self._ec.shutdown, self._interrupts.wake)
        told = self.outcome == "interrupted"
        while not shutdown.over:
            number = self._interrupts.wait(self._progress.refresh())
            if number and told and self._deployed:
                self._hurry(shutdown)
            elif number and self._deployed:
                self._tell_interrupt(number)
                told = True
        self._progress.close()
        self._watch.close()
        shutdown.check()
        if self.outcome == "done" and self._ec.abort:
            self.outcome = "failed"
        if self._control is not None:  # before the report, which nobody has to wait for
            self._control.close(self.outcome, self._goal.problem)

    def _hurry(self, shutdown: _Background) -> None:
        """End all programs at once, and this one, whatever the releases are waiting for."""
        self._progress.close()
        self._terminal.event("Hurrying: ending everything at once")
        self.outcome = "interrupted"
        self._interrupts.give_in()
        with suppress(NepiError):  # it has been shut down meanwhile
            self._ec.run.outcome = self.outcome
            self._ec.close_shared()
        if not shutdown.join(_HURRY_SECONDS):
            self._ec.run.close(self.outcome)
            _leave(ExitStatus.INTERRUPTED)

    def tell(self) -> ExitStatus:
        """Write the report, and tell what came of the run; return the exit status.

        A terminal that has gone changes nothing about the run; results that were wanted as JSON and are lost do.
        """
        from nepi_gui.run_result import collect_result

        result = collect_result(self._ec, self.outcome, self._ended - self._begun, self._goal.problem)
        if self._options.report:
            result.report = self._write_report()
        if not self._terminal.quiet:
            from nepi_gui.summary import print_summary

            lost = deliver(partial(print_summary, result), sys.stderr if self._options.json else sys.stdout)
            if lost and lost.errno not in (errno.EPIPE, errno.EIO):  # those mean that nobody wants to read it
                self._terminal.error(f"The summary cannot be written to standard output: {lost.strerror}.")
        status = _STATUS[self.outcome] or _checks_status(result)
        if self._options.json and (error := deliver(partial(_print_json, result), sys.stdout)):
            self._terminal.error(f"The results cannot be written to standard output: {error.strerror}.")
            return status or ExitStatus.FAILED
        return status

    def _write_report(self) -> Path | None:
        try:
            from nepi_core.report import write_report

            return write_report(Path(self._ec.run_dir))
        except Exception:  # whatever is wrong with the page, the results are there and the run was as it was
            logger.exception("The report of the run could not be written")
            return None


def _checks_status(result: RunResult) -> ExitStatus:
    return ExitStatus.DONE if all(check.passed for check in result.checks) else ExitStatus.NOT_PASSED


def _print_json(result: RunResult, stream: TextIO) -> None:
    json.dump(result.as_document(), stream, indent=2, allow_nan=False)
    stream.write("\n")


class _WakingFailures(FailureManager):
    """Has the main thread look when the experiment is given up."""

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__()
        self._wake = wake

    def eval_failure(self, guid: int) -> None:
        """Judge a failure, and wake who waits for the verdict."""
        super().eval_failure(guid)
        self._wake()


class _Background:
    """Work in a thread of its own, so that the main thread stays free for signals.

    Args:
        ended: called when the work is over.
    """

    def __init__(self, work: Callable[[], None], ended: Callable[[], None]) -> None:
        self.over = False
        self._work = work
        self._ended = ended
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="nepi-shutdown", daemon=True)
        self._thread.start()

    def join(self, timeout: float) -> bool:
        """Wait for the end; tell whether it came."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def check(self) -> None:
        """Raise what the work has raised."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error
        finally:
            self.over = True
            self._ended()


def _soonest(times: list[float | None]) -> float | None:
    return min((each for each in times if each is not None), default=None)


def _leave(status: ExitStatus) -> NoReturn:
    """End the program without waiting for its threads, one of which hangs in a release."""
    flush_streams()
    os._exit(status)

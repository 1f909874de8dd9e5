"""When a run is over: everything that ends has ended, the experiment has failed, or its time is up."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from nepi_core.errors import NepiError
from nepi_core.states import ResourceState
from nepi_core.times import now
from nepi_gui.outlook import Outlook, ending
from nepi_gui.run_watch import RunWatch

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController
    from nepi_core.resource import ResourceManager

_STOP_SECONDS = 30.0
"""What resources that are stopped may take to end, and what follows on that; then they are released."""

_JUDGE_SECONDS = 120.0
"""What checks may take that judge at the end; they limit themselves, unless somebody has allowed them more."""

_ADVICE = "Say how long it is to take: --duration 60s"


class RunGoal:
    """Judges whether a run is over. For the main thread.

    A run is over when all resources that end, by themselves or by a STOP condition, have ended; when there are none,
    after ``duration``. That counts from the moment when all have started that are going to; then what still runs is
    stopped, and what waits for that, such as a collector, is waited for. In either case what is to be stopped last,
    such as a check of something endless, is stopped then, and waited for. ``timeout`` counts from the deployment and
    ends the run as failed.

    Args:
        duration, timeout: in seconds; None for no limit.
        hold: "always": go on until `end`; "endless": do so when nothing in the experiment ends.

    Attributes:
        held: the run goes on when everything has ended, until `end`.
        problem: why the run failed, when no resource did.
        was_cut_short: `end` came before everything had ended that ends.

    Raises:
        NepiError: the run would never end.
    """

    def __init__(
        self,
        ec: ExperimentController,
        watch: RunWatch,
        duration: float | None,
        timeout: float | None,
        hold: str | None = None,
    ) -> None:
        self.problem = ""
        self.held = hold == "always"
        self._may_be_endless = hold is not None
        self.was_cut_short = False
        self._ec = ec
        self._watch = watch
        self._duration = duration
        self._timeout = timeout
        self._timeout_at: float | None = None
        self._stop_at: float | None = None
        self._give_up_at: float | None = None
        self._judged_ends = 0
        self._stopped_last = False
        self._endless = self._plan()

    def _plan(self) -> set[int]:
        """Say what to wait for; return those that will not end unless something is stopped."""
        managers = [self._ec.get_resource(guid) for guid in self._ec.resources]
        conditions = [condition for manager in managers for condition in manager.data.conditions]
        self._failures_matter = any(condition.state >= ResourceState.FAILED for condition in conditions)
        ends = ending(managers)
        if not ends and self._duration is None and not self._may_be_endless:
            raise NepiError(f"Nothing in the experiment ends by itself, so the run would go on for ever. {_ADVICE}")
        self._holds = not ends
        self._watch.await_ends(ends)
        endless = self._find_endless(ends) if conditions else set()
        if self._duration is not None:
            self._await_starts(Outlook(self._ec, failures=False))
        return endless

    def _await_starts(self, planned: Outlook) -> None:
        """Have the duration count from the start of all that will start, and the deployment of all else that can be."""
        for guid in self._ec.resources:
            if planned.starts(guid):
                self._watch.unstarted[guid] = ResourceState.STARTED
            elif planned.is_deployed(guid):
                self._watch.unstarted[guid] = ResourceState.READY

    def _find_endless(self, ends: set[int]) -> set[int]:
        outlook = Outlook(self._ec)
        endless = {guid for guid in ends if not outlook.stops(guid)}
        if endless and self._duration is None and self._timeout is None and not self._may_be_endless:
            lines = [f"  {outlook.tell_obstacle(guid)}" for guid in sorted(endless)[:5]]
            more = [f"  ... and {len(endless) - 5} more"] if len(endless) > 5 else []
            what = "The run would go on for ever, since not everything would end:"
            raise NepiError("\n".join([what, *lines, *more, _ADVICE]))
        return endless

    def begin(self, begun: float) -> None:
        """Have the timeout count from ``begun``, the moment of the deployment."""
        if self._timeout is not None:
            self._timeout_at = begun + self._timeout

    def verdict(self) -> str:
        """Return "done" or "failed" when the run is over, "" while it goes on; stops what is to be stopped."""
        self._watch.look()
        present = now()
        over = self._is_over(present) and not self._stop_last(present)
        if self._ec.abort:  # looked at last: the failure that gives the experiment up may be the last end, too
            return "failed"
        if over:
            return "done"
        if _is_past(self._timeout_at, present):
            self.problem = self._tell_timeout()
            return "failed"
        return self.verdict() if self._mind_the_duration(present) else ""

    def next_look(self) -> float | None:
        """Return the seconds after which the verdict may be another although no resource has changed."""
        present = now()
        times = [each for each in (self._timeout_at, self._stop_at, self._give_up_at) if each is not None]
        return max(0.0, min(times) - present) if times else None

    def hold(self, held: bool) -> None:
        """Have the run go on, or not, when everything has ended; a run that is being ended is not held any more."""
        self.held = held and self._give_up_at is None

    def end(self) -> None:
        """End the run now, in good order: what is STARTED is stopped, and what follows on that is waited for."""
        if self._give_up_at is None:
            self.was_cut_short = bool(self._watch.unended)
            self._end_by(now())

    def _end_by(self, present: float) -> None:
        self._stop_at = None
        self.held = self._holds = False
        self._give_up_at = present + _STOP_SECONDS
        self._stop_all()

    def _is_over(self, present: float) -> bool:
        if self.held:
            return False
        if self._holds:
            return not self._watch.alive
        return not self._watch.unended or self._is_idle() or _is_past(self._give_up_at, present)

    def _is_idle(self) -> bool:
        """Tell whether all that has not ended only waits for failures which cannot come any more."""
        if not self._failures_matter or self._judged_ends == self._watch.ended:
            return False
        self._judged_ends = self._watch.ended
        unended = set(self._watch.unended)
        if unended & self._endless:
            return False
        outlook = Outlook(self._ec)
        return not any(outlook.stops(guid) for guid in unended)

    def _mind_the_duration(self, present: float) -> bool:
        """Start the clock of the duration, or stop everything when it has run down; tell whether that was done."""
        if self._duration is None or self._give_up_at is not None:
            return False
        if self._stop_at is None and not self._watch.unstarted:
            self._stop_at = present + self._duration
        if not _is_past(self._stop_at, present):
            return False
        self._end_by(present)
        return True

    def _stop_all(self) -> None:
        """Stop what is STARTED, but not the hosts that it runs on; wait for its end and for what follows on that."""
        managers = [self._ec.get_resource(guid) for guid in list(self._watch.alive)]
        hosts = {host for manager in managers for host in manager.deploys_after()}
        running = [each for each in managers if each.state is ResourceState.STARTED and each.guid not in hosts]
        started = [each for each in running if not each.stopped_last()]
        stopped = {each.guid for each in started}
        outlook = Outlook(self._ec, stopped)
        followers = {guid for guid in list(self._watch.unended) if outlook.stops(guid)}
        self._watch.unended.clear()
        self._watch.await_ends(stopped | followers)
        self._submit_stops(started)

    def _stop_last(self, present: float) -> bool:
        """Stop what is to be stopped when all else is over; tell whether there is something, which is waited for."""
        alive = [self._ec.get_resource(guid) for guid in list(self._watch.alive)]
        last = [each for each in alive if each.state is ResourceState.STARTED and each.stopped_last()]
        if self._stopped_last or not last or self._ec.abort:
            return False
        self._stopped_last = True
        self._give_up_at = present + _JUDGE_SECONDS
        self._watch.unended.clear()
        self._watch.await_ends(each.guid for each in last)
        self._submit_stops(last)
        return True

    def _submit_stops(self, managers: Iterable[ResourceManager]) -> None:
        for manager in managers:
            self._ec.workers.submit(partial(manager.life.run_or_queue, partial(_stop, manager)))

    def _tell_timeout(self) -> str:
        unended = [self._ec.get_resource(guid) for guid in sorted(self._watch.unended or self._watch.alive)]
        shown = ", ".join(f"{each.name} is {each.state.name}" for each in unended[:5])
        more = f", and {len(unended) - 5} more" if len(unended) > 5 else ""
        return f"After {self._timeout:g} s not everything had ended: {shown}{more}."


def _stop(manager: ResourceManager) -> None:
    if manager.state is ResourceState.STARTED:
        with suppress(Exception):  # it has become the failure of the resource already
            manager.stop()


def _is_past(time: float | None, present: float) -> bool:
    return time is not None and present >= time

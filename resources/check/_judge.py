"""What the checks have in common that judge a trace of one resource, once it is whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from nepi_core.attribute import Attribute, Flags, Types
from nepi_core.errors import suggestion
from nepi_core.gates import Requirement
from nepi_core.resource import ResourceManager
from nepi_core.states import ResourceAction, ResourceState

from ._check import Check


class Judge(Check):
    """Judges a trace of the resource that it is connected to.

    It does so when that has ended, or some time after that has started (``until``), whichever comes first; when it goes
    on for ever, at the end of the run. A START condition says otherwise: then it judges when that is met.
    """

    trace_name = Attribute(  # `trace` is a method of all resources
        "trace",
        help="Trace to look at; not set: the first that is fit for it",
        type=Types.String,
        flags=Flags.Design,
    )

    @property
    def subject(self) -> ResourceManager | None:
        """What is judged."""
        found = self.get_connected()
        return found[0] if len(found) == 1 else None

    @abstractmethod
    def judge(self, subject: ResourceManager, trace: str) -> None:
        """Look at a trace, and `conclude`."""

    def judged_at(self) -> float | None:
        """Return the seconds after the start of what is judged at which to do it, None for its end."""
        return None

    @abstractmethod
    def is_fit(self, subject: ResourceManager, trace: str) -> bool:
        """Tell whether a trace is one to look at when the user has not named any."""

    def chosen_trace(self, subject: ResourceManager) -> str:
        """Return the trace to look at, "" when there is none."""
        if given := self.get("trace"):
            return str(given)
        fit = [each.name for each in subject.get_traces() if self.is_fit(subject, each.name)]
        collected = [name for name in fit if subject.trace_enabled(name)]
        return next(iter([*collected, *fit]), "")

    # -- what is wrong with it -------------------------------------------------------------------------------------

    def connection_refusal(self, guid: int) -> str:
        """Refuse a second resource, and one without traces."""
        other, present = self.ec.get_resource(guid), self.get_connected()
        if problem := super().connection_refusal(guid):
            return problem
        if present and other not in present:
            judged = present[0].name
            return f"{self.name} cannot be connected to {other.name}: it judges one resource, and {judged} is that."
        if other.get_rtype() == other.data.rtype and not other.get_traces():
            return f"{self.name} cannot be connected to {other.name}: it has no traces."
        return ""

    def deployment_refusal(self) -> str:
        """Say so when there is nothing to judge."""
        subject = self.subject
        if subject is None:
            return "is connected to nothing; connect it to the resource whose trace it is to judge."
        trace = self.chosen_trace(subject)
        known = [each.name for each in subject.get_traces()]
        if not trace:
            return f"{subject.name} has no trace that it could judge."
        if trace not in known:
            return f"attribute 'trace': {subject.name} has no trace {trace!r}.{suggestion(trace, known)}"
        if not subject.trace_enabled(trace):
            return f"looks at the trace '{trace}' of {subject.name}, which is switched off."
        return ""

    # -- when it judges --------------------------------------------------------------------------------------------

    def ends_by_itself(self) -> bool:
        """Tell whether the check is going to judge before the end of the run."""
        subject = self.subject
        if subject is None or self.starts_by_condition() or self.judged_at() is not None:
            return True
        stopped = any(condition.action is ResourceAction.STOP for condition in subject.data.conditions)
        return stopped or subject.ends_by_itself()

    def ends_after(self) -> Iterable[tuple[int, ResourceState]]:
        """Return what the check waits for."""
        if self.subject is None or self.starts_by_condition():
            return ()
        state = ResourceState.STOPPED if self.judged_at() is None else ResourceState.STARTED
        return ((self.subject.guid, state),)

    def stopped_last(self) -> bool:
        """Tell that what has not been judged is judged at the end of the run."""
        return True

    def do_start(self) -> None:
        """Begin to wait for the moment to judge."""
        super().do_start()
        subject = self.subject
        if subject is None or self.starts_by_condition():
            self.soon(self._judge_now)
            return
        self._judge_when(Requirement((subject.guid,), ResourceState.STOPPED))
        if (seconds := self.judged_at()) is not None:
            self._judge_when(Requirement((subject.guid,), ResourceState.STARTED, seconds))

    def _judge_when(self, needed: Requirement) -> None:
        self.ec.actions.after([needed], lambda: self.soon(self._judge_now))

    def do_stop(self) -> None:
        """Judge what there is."""
        self._judge_now()

    def _judge_now(self) -> None:
        subject = self.subject
        if subject is None:  # disconnected while it ran
            self.conclude(False, "What it judged is gone.")
            return
        self.judge(subject, self.chosen_trace(subject))

"""What all checks have in common: they pass (STOPPED) or do not (FAILED), and say in a sentence why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from nepi_core.attribute import Attribute, Flags
from nepi_core.resource import ResourceManager, failtrap
from nepi_core.states import ResourceAction, ResourceState
from nepi_core.structure import shown_name
from nepi_core.trace import Trace


class Check(ResourceManager):
    """Judges something once.

    A check that passes becomes STOPPED, one that does not FAILED; its sentence is the cause of that state change, and
    stands in its trace with all that led to it.
    """

    critical = Attribute(
        help="When the check does not pass, the experiment ends, and what waits for the check fails",
        default=False,
        flags=Flags.Construct,
    )
    timeLimit = Attribute(
        help="Time that judging may take; after that the check has not passed",
        default=60.0,
        range=(0.1, 86_400),
        unit="s",
        flags=Flags.Design,
    )
    verdict = Trace(help="Whether the check has passed, why, and what it looked at", enabled=True)

    @property
    def is_critical(self) -> bool:
        """Whether the experiment ends when the check does not pass."""
        return bool(self.get("critical"))

    def starts_by_condition(self) -> bool:
        """Tell whether somebody has said when the check is to judge."""
        return any(condition.action is ResourceAction.START for condition in self.data.conditions)

    def connection_refusal(self, guid: int) -> str:
        """Refuse another check: there is nothing in it to be judged."""
        other = self.ec.get_resource(guid)
        if isinstance(other, Check):
            return f"{self.name} cannot be connected to {other.name}: a check judges what is no check."
        return ""

    def conclude(self, passed: bool, sentence: str, details: Iterable[str] = ()) -> None:
        """Pass or not; inside a job of the check.

        Args:
            sentence: what the check has found, for a student.
            details: further lines for the trace.
        """
        if self.cancelled or self.state is not ResourceState.STARTED:
            return
        if self.trace_enabled("verdict"):
            lines = [f"{'passed' if passed else 'NOT PASSED'}: {sentence}", *details]
            text = "".join(f"{line}\n" for line in lines)
            self.trace_path("verdict").write_text(text, encoding="utf-8", errors="replace")
        if passed:
            self.info(f"passed: {sentence}")
            self.set_stopped(cause=sentence)
        else:
            self.fail(sentence)

    def soon(self, job: Callable[[], None]) -> None:
        """Have a worker carry out a job of the check, as long as it is STARTED; an error in it fails the check."""
        self.ec.workers.submit(partial(self.life.run_or_queue, partial(self._carry_out_job, job)))

    @failtrap
    def _carry_out_job(self, job: Callable[[], None]) -> None:
        if self.state is ResourceState.STARTED and not self.cancelled:
            job()


def called(resource: ResourceManager) -> str:
    """Return what sentences call a resource: its label, or short type and guid."""
    return shown_name(resource.data)

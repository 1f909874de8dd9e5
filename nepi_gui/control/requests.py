"""What those who watch a run may ask of it, and how the controller carries that out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from nepi_core.attribute import Flags
from nepi_core.changes import logger as changes_logger
from nepi_core.description import Value, as_guids
from nepi_core.errors import NepiError
from nepi_core.loading import take_in
from nepi_core.states import ResourceState
from nepi_core.xml_format import read_xml_text
from nepi_gui.control.protocol import Message, ProtocolError

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController

Answer = Callable[[Sequence[str]], None]
"""Takes the sentences about what went wrong; none when all went well. Called once, from any thread."""


class RunInCharge(Protocol):
    """What runs the experiment, and decides when the run is over. Any thread may call these."""

    def end(self) -> None:
        """Have the run end in good order."""

    def hurry(self) -> None:
        """Have the run end at once."""

    def hold(self, held: bool) -> None:
        """Have the run go on, or not, when everything in it has ended."""

    def added(self, guids: Sequence[int]) -> None:
        """Learn that resources have been added."""


class Requests:
    """Carries out requests, those that may take a while in the controller's workers."""

    def __init__(self, ec: ExperimentController, run: RunInCharge) -> None:
        self._ec = ec
        self._run = run
        self._turns: deque[tuple[Callable[[], object], Answer]] = deque()
        self._lock = threading.Lock()
        self._doing: dict[str, Callable[[Message, Answer], None]] = {
            "deploy": self._deploy,
            "start": self._start,
            "stop": self._stop,
            "release": self._release,
            "set": self._set,
            "add": self._add,
            "hold": self._hold,
            "end": self._end,
            "hurry": self._hurry,
        }

    def carry_out(self, request: Message, answer: Answer) -> None:
        """Have a request carried out; ``answer`` is called when that is over.

        Raises:
            ProtocolError: there is no such request.
        """
        doing = self._doing.get(str(request.get("do")))
        if doing is None:
            raise ProtocolError(f"A run cannot do {request.get('do')!r}; it can {', '.join(self._doing)}.")
        try:
            doing(request, answer)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ProtocolError(f"The request to {request['do']} is not complete: {error!r}.") from None

    def _deploy(self, request: Message, answer: Answer) -> None:
        guids = _guids(request)
        self._in_turn(lambda: self._ec.deploy(guids), answer)

    def _start(self, request: Message, answer: Answer) -> None:
        self._each(_guids(request), self._ec.start, answer)

    def _stop(self, request: Message, answer: Answer) -> None:
        self._each(_guids(request), lambda guid: self._ec.get_resource(guid).stop(), answer)

    def _release(self, request: Message, answer: Answer) -> None:
        guids = _guids(request)
        self._work(lambda: self._ec.release(guids), answer)

    def _set(self, request: Message, answer: Answer) -> None:
        guid, name, value = int(request["guid"]), str(request["name"]), request["value"]
        self._in_turn(partial(self._set_and_note, guid, name, value), answer)

    def _set_and_note(self, guid: int, name: str, value: Value | None) -> None:
        """Set an attribute; that stands in the log of the run, since what was measured afterwards depends on it."""
        manager = self._ec.get_resource(guid)
        manager.set(name, value)
        attribute = manager.get_attribute(name)
        if attribute.has_flag(Flags.Credential) or attribute.has_flag(Flags.NoRead):
            return
        message = manager.log_message(f"attribute '{name}' is now {manager.value(attribute)!r}, set by hand")
        changes_logger.info(message, extra={"guid": guid, "rtype": manager.get_rtype(), "run_id": self._ec.run_id})

    def _add(self, request: Message, answer: Answer) -> None:
        guids, xml = _guids(request), str(request["xml"])
        self._in_turn(partial(self._take_in, guids, xml), answer)

    def _take_in(self, guids: Sequence[int], xml: str) -> None:
        """Add resources; those of a guid that were released before give way."""
        described = read_xml_text(xml).resources
        for guid in guids:
            if guid in self._ec.resources and self._ec.state(guid) is ResourceState.RELEASED:
                self._ec.remove_resource(guid)
        taken = [guid for guid in guids if guid in self._ec.resources]
        if taken:
            raise NepiError(f"{self._ec.get_resource(taken[0]).name} is in this run already.")
        present = set(self._ec.resources)
        if unknown := [guid for guid in guids if guid not in described]:
            raise NepiError(f"The experiment that was sent has no resource {unknown[0]}.")
        new = [described[guid] for guid in guids]
        for each in new:  # who stands in the drawing, but not in this run, cannot be connected in it
            each.connections = {other for other in each.connections if other in present or other in guids}
            each.attributes.setdefault("critical", False)  # a slip of who tries something must not end the run
        try:
            take_in(self._ec, new, ())
        except BaseException:
            for guid in set(self._ec.resources) - present:
                self._ec.remove_resource(guid)
            raise
        self._run.added(guids)

    def _hold(self, request: Message, answer: Answer) -> None:
        self._run.hold(bool(request["held"]))
        answer(())

    def _end(self, request: Message, answer: Answer) -> None:
        answer(())  # before: nobody may be there to tell afterwards
        self._run.end()

    def _hurry(self, request: Message, answer: Answer) -> None:
        answer(())
        self._run.hurry()

    # -- in the workers ----------------------------------------------------------------------------

    def _in_turn(self, job: Callable[[], object], answer: Answer) -> None:
        """Do something after all that was asked to be done in turn before: what is deployed must have been added."""
        with self._lock:
            self._turns.append((job, answer))
            if len(self._turns) > 1:
                return  # who does the first goes on with the others
        self._ec.workers.submit(self._do_turns)

    def _do_turns(self) -> None:
        while True:
            job, answer = self._turns[0]
            answer(_errors_of(job))
            with self._lock:
                self._turns.popleft()
                if not self._turns:
                    return

    def _work(self, job: Callable[[], object], answer: Answer) -> None:
        self._ec.workers.submit(lambda: answer(_errors_of(job)))

    def _each(self, guids: Sequence[int], act: Callable[[int], object], answer: Answer) -> None:
        """Do something with each resource, side by side, and answer when all are done."""
        if not guids:
            answer(())
            return
        gathered = _Gathered(len(guids), answer)
        jobs = [partial(gathered.do, partial(act, guid)) for guid in guids]
        self._ec.workers.submit_all(jobs)


class _Gathered:
    """Gathers what goes wrong in several jobs, and answers after the last."""

    def __init__(self, number: int, answer: Answer) -> None:
        self._left = number
        self._errors: list[str] = []
        self._answer = answer
        self._lock = threading.Lock()

    def do(self, job: Callable[[], object]) -> None:
        errors = _errors_of(job)
        with self._lock:
            self._errors += errors
            self._left -= 1
            if self._left:
                return
        self._answer(self._errors)


def _errors_of(job: Callable[[], object]) -> list[str]:
    try:
        job()
    except NepiError as error:
        return [str(error)]
    except Exception as error:  # of a plug-in; it is the answer, and the run goes on
        return [f"{type(error).__name__}: {error}"]
    return []


def _guids(request: Message) -> Sequence[int]:
    guids: Iterable[int] = request["guids"]
    return as_guids(guids)

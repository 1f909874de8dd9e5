"""A run that a window watches: live through its link, or from its record; panels know only this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.description import ExperimentDescription, ResourceDescription, Value
from nepi_core.errors import NepiError
from nepi_core.lifecycle import StateChange
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState
from nepi_core.times import now
from nepi_core.xml_format import read_xml, to_xml
from nepi_gui.control.protocol import SOCKET_NAME, Message
from nepi_gui.watching.lives import Lives
from nepi_gui.watching.run_link import Answered, RunLink
from nepi_gui.watching.store_watch import StoreWatch
from nepi_gui.watching.time_range import TimeRange

_STATES = tuple(ResourceState)
_LOOK_AGAIN = 250  # ms until a link that was lost is tried again, while the run's program lives


class WatchedRun(QObject):
    """What there is to know of one run. All times are in seconds since 1970.

    Signals:
        happened: with a list of `StateChange`, live, folded to at most 30 a second.
        states_changed: with a set of guids whose state to be shown is another: something has happened, or the moment
            that is looked at was moved.
        moment_changed: another moment is looked at.
        grew: the record (samples, log, traces) has grown, live; at most 30 times a second.
        values_set: with a list of (guid, name, value): attributes that were set live, by whomever.
        held_changed: whether the run goes on when everything in it has ended.
        ending: everything is being released.
        ended: the run is live no longer.

    Attributes:
        folder: its folder.
        lives: what has happened to the resources.
        reader: its record; `RunReader.notices` says what is missing.
        range: which part of its time is seen, on the time line and on the plots.
        link: the connection to the run; None when it is not live, or cannot be driven.
        is_held: whether it goes on when everything in it has ended.
        is_ending: whether everything is being released.
        outcome: running, done, failed, interrupted; "" when it is not known.
        problem: why it failed, when no resource did.
    """

    happened = Signal(object)
    states_changed = Signal(object)
    moment_changed = Signal()
    grew = Signal()
    values_set = Signal(object)
    held_changed = Signal()
    ending = Signal()
    ended = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.lives = Lives()
        self.reader = RunReader(folder)
        self.range = TimeRange(self)
        self.link: RunLink | None = None
        self.is_held = False
        self.is_ending = False
        self._is_told_over = False
        self._moment: float | None = None
        self._description: ExperimentDescription | None = None
        self._watch: StoreWatch | None = None
        self._read_facts()
        self.is_live = self.reader.running()
        if self.is_live:
            self._go_live()
        if self.link is None:
            self.lives.add(self.reader.state_changes())

    def _read_facts(self) -> None:
        facts = self.reader.facts()
        self.exp_id = str(facts.get("exp_id") or self.folder.parent.name)
        self.run_id = str(facts.get("run_id") or self.folder.name)
        self.file = Path(str(facts["file"])) if facts.get("file") else None
        self.began: float | None = facts.get("began")
        self.ended_at: float | None = facts.get("ended")
        self.outcome = str(facts.get("outcome") or "")
        self.problem = str(facts.get("cause") or "")

    # -- what it is --------------------------------------------------------------------------------

    @property
    def description(self) -> ExperimentDescription:
        """The experiment as it was deployed; an empty one when that is missing or damaged."""
        if self._description is None or not self._description.resources:
            self._description = read_deployed(self.folder)  # at the start of a run it is still to be written
        return self._description

    @property
    def report(self) -> Path | None:
        """The path of its report, None as long as there is none; it is written soon after the end."""
        path = self.folder / "report.html"
        return path if path.is_file() else None

    @property
    def span(self) -> tuple[float, float]:
        """The time from the first to the last that is known of the run, without what is still to come."""
        times = [each for each in (self.began, self.ended_at) if each is not None]
        if self.lives.changes:
            times += [self.lives.changes[0].time, self.lives.changes[-1].time]
        return (min(times), max(times)) if times else (0.0, 0.0)

    @property
    def newest(self) -> float:
        """The latest moment that there is: now, or when the run ended."""
        last = self.span[1]
        return max(now(), last) if self.is_live else last

    @property
    def moment(self) -> float | None:
        """The moment that is looked at; None for now, or for the end of a run that is over."""
        return self._moment

    def look_at(self, moment: float | None) -> None:
        """Look at another moment."""
        if moment == self._moment:
            return
        before, self._moment = self._moment, moment
        self.moment_changed.emit()
        if touched := self.lives.between(before, moment):
            self.states_changed.emit(touched)

    def state(self, guid: int) -> ResourceState:
        """Return the state of a resource at the moment that is looked at.

        What has been RELEASED with everything at the end is told by its last state before, so that a run that is over
        shows what became of each.
        """
        change = self.change(guid)
        return change.new if change is not None else ResourceState.NEW

    def change(self, guid: int) -> StateChange | None:
        """Return the change that led to the state which `state` tells; its cause says why a resource FAILED."""
        last = self.lives.last(guid, self._moment)
        if last is None or last.new is not ResourceState.RELEASED or self.is_live:
            return last
        own = self.lives.of(guid)
        before = own.index(last) - 1
        return own[before] if before >= 0 else None

    # -- live --------------------------------------------------------------------------------------

    def _go_live(self) -> None:
        self._watch = StoreWatch(self.folder, self)
        self._watch.grew.connect(self._note_growth)
        self._looking = QTimer(self, singleShot=True, interval=_LOOK_AGAIN)
        self._looking.timeout.connect(self._look_again)
        self._connect()
        if self.link is None and (self.folder / SOCKET_NAME).exists():  # it may have no time just now
            self._looking.start()

    def _connect(self) -> None:
        try:
            self.link = RunLink(self.folder, self)
        except OSError:  # it can be watched by its record only
            self.link = None
            return
        self.link.received.connect(self._receive)
        self.link.lost.connect(self._lose)

    def _lose(self) -> None:
        """Find out whether the run has ended, or only does not want to talk to this window any more."""
        if self.link is not None:
            self.link.deleteLater()
            self.link = None
        if self._is_told_over or not self.reader.running():
            self._end()
        else:
            self._looking.start()

    def _look_again(self) -> None:
        if not self.is_live:
            return
        self._connect()
        if self.link is None:
            self._lose()

    def _note_growth(self) -> None:
        if self.link is None and self.is_live:
            known = len(self.lives.changes)
            self._take(self.reader.state_changes()[known:])
            if not self.reader.running():
                self._end()
        self.grew.emit()

    def _receive(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "hello":
            self._take_hello(message)
        elif kind == "changes":
            self._take([_change(*row) for row in message["changes"]])
        elif kind == "values":
            self.values_set.emit([(guid, name, value) for guid, name, value in message["values"]])
        elif kind == "held":
            self.is_held = bool(message["held"])
            self.held_changed.emit()
        elif kind == "ended":
            self._is_told_over = True
        elif kind == "ending":
            self.is_ending = True
            self.ending.emit()

    def _take_hello(self, message: Message) -> None:
        """Take in all states; what has led to them is in the record, as far as it has been written."""
        self.is_held = bool(message.get("held"))
        recorded = self.reader.state_changes()
        self.lives = Lives()
        self.lives.add(recorded)
        missing = []
        for guid, state, time, cause in message["states"]:
            last = self.lives.last(guid)
            if last is None or (last.time, last.new) < (time, _STATES[state]):
                old = last.new if last is not None else ResourceState.NEW
                missing.append(StateChange(guid, old, _STATES[state], time, cause))
        self.lives.add(sorted(missing, key=lambda each: each.time))
        self.held_changed.emit()
        self.happened.emit(list(self.lives.changes))
        self.states_changed.emit(set(self.lives.guids()))

    def _take(self, changes: Sequence[StateChange]) -> None:
        touched = self.lives.add(changes)
        if not touched:
            return
        self.happened.emit(list(changes))
        if self._moment is None:
            self.states_changed.emit(touched)

    def _end(self) -> None:
        if not self.is_live:
            return
        self.is_live = False
        if self._watch is not None:
            self._watch.deleteLater()
            self._watch = None
        self._read_facts()
        self._complete()
        self.grew.emit()  # for the last time: panels read what is left
        self.states_changed.emit(set(self.lives.guids()))
        self.ended.emit()

    def _complete(self) -> None:
        """Take the whole story from the record, which knows more when the link was lost or late."""
        recorded = self.reader.state_changes()
        if len(recorded) >= len(self.lives.changes):
            self.lives = Lives()
            self.lives.add(recorded)

    def close(self) -> None:
        """Watch the run no longer; it goes on."""
        self.is_live = False
        if self.link is not None:
            self.link.close()
            self.link = None
        if self._watch is not None:
            self._watch.deleteLater()
            self._watch = None
        self.reader.close()

    # -- driving -----------------------------------------------------------------------------------

    @property
    def is_driven(self) -> bool:
        """Whether the run takes requests."""
        return self.is_live and self.link is not None and self.link.is_open and not self.is_ending

    def ask(self, do: str, answered: Answered | None = None, **more: Any) -> None:
        """Ask the run to do something; see `nepi_gui.control.protocol` for what it can. The answer comes later."""
        if self.link is not None:
            self.link.ask(do, answered, **more)
        elif answered is not None:
            answered([self.tr("The run is not live any more.")])

    def deploy(self, guids: Iterable[int], answered: Answered | None = None) -> None:
        """Have resources deployed, and started as their conditions allow."""
        self.ask("deploy", answered, guids=sorted(guids))

    def start(self, guids: Iterable[int], answered: Answered | None = None) -> None:
        """Have resources started, whatever their conditions."""
        self.ask("start", answered, guids=sorted(guids))

    def stop(self, guids: Iterable[int], answered: Answered | None = None) -> None:
        """Have resources stopped."""
        self.ask("stop", answered, guids=sorted(guids))

    def release(self, guids: Iterable[int], answered: Answered | None = None) -> None:
        """Have resources released."""
        self.ask("release", answered, guids=sorted(guids))

    def set(self, guid: int, name: str, value: Value | None, answered: Answered | None = None) -> None:
        """Have an attribute set; None gives the default back."""
        self.ask("set", answered, guid=guid, name=name, value=value)

    def add(self, resources: Mapping[int, ResourceDescription], guids: Iterable[int], answered: Answered) -> None:
        """Have resources added to the run; they are deployed by `deploy`.

        Args:
            resources: all of the experiment.
            guids: those to add.
        """
        wanted = set(guids)
        around = set(wanted)
        for guid in wanted:
            around |= resources[guid].connections
            for condition in resources[guid].conditions:
                around |= set(condition.group)
        parts = {guid: resources[guid].copy() for guid in sorted(around) if guid in resources}
        for part in parts.values():
            part.connections &= around
            part.conditions = part.conditions if part.guid in wanted else []
        xml = to_xml(ExperimentDescription(resources=parts)).decode()
        self.ask("add", answered, guids=sorted(wanted), xml=xml)

    def hold(self, held: bool) -> None:
        """Have the run go on, or not, when everything in it has ended."""
        self.ask("hold", held=held)

    def end(self) -> None:
        """Have the run end in good order: stop what is STARTED, then release everything."""
        self.ask("end")

    def hurry(self) -> None:
        """Have the run end at once."""
        self.ask("hurry")


def read_deployed(folder: Path) -> ExperimentDescription:
    """Return the experiment as it was deployed in a run; an empty one when that is missing or damaged."""
    try:
        return read_xml(folder / "experiment.xml")
    except NepiError:
        return ExperimentDescription()


def _change(guid: int, old: int, new: int, time: float, cause: str) -> StateChange:
    return StateChange(guid, _STATES[old], _STATES[new], time, cause)

"""A run that a window watches: live through its link, or from its record; panels know only this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from nepi_core.description import ExperimentDescription, ResourceDescription, Value
from nepi_core.errors import NepiError
from nepi_core.lifecycle import StateChange
from nepi_core.runs.reader import RunReader
from nepi_core.states import ENDED, ResourceState
from nepi_core.times import now
from nepi_core.xml_format import read_xml, to_xml
from nepi_gui.control.protocol import Message
from nepi_gui.watching.kept_link import KeptLink, goes_on
from nepi_gui.watching.lives import Lives
from nepi_gui.watching.run_link import Answered
from nepi_gui.watching.store_watch import StoreWatch
from nepi_gui.watching.time_range import TimeRange

_STATES = tuple(ResourceState)
_FARTHEST = 86_400.0  # seconds


class WatchedRun(QObject):
    """What there is to know of one run. All times are in seconds since 1970.

    Args:
        folder: its folder.
        description: the experiment, for who has it; otherwise it is read when it is wanted.

    Signals:
        happened: with a list of `StateChange`, live, folded to at most 30 a second.
        states_changed: with a set of guids whose state to be shown is another: something has happened, or the moment
            that is looked at was moved.
        moment_changed: another moment is looked at.
        grew: the record (samples, log, traces) has grown, live; at most 30 times a second.
        values_set: with a list of (guid, name, value): attributes that were set live, by whomever.
        held_changed: whether the run goes on when everything in it has ended.
        driven_changed: whether the run takes requests, with a new look at all of it; `trouble` says why it does not.
        ending: everything is being released.
        ended: the run is live no longer.

    Attributes:
        folder: its folder.
        lives: what has happened to the resources.
        reader: its record; `RunReader.notices` says what is missing.
        range: which part of its time is seen, on the time line and on the plots.
        values: attributes that were set while the run goes on, by guid and name.
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
    driven_changed = Signal()
    ending = Signal()
    ended = Signal()

    def __init__(
        self, folder: Path, parent: QObject | None = None, description: ExperimentDescription | None = None
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self.lives = Lives()
        self.reader = RunReader(folder)
        self.range = TimeRange(self)
        self.is_held = False
        self.is_ending = False
        self.values: dict[tuple[int, str], Value | None] = {}
        self._has_grown = False
        self._types: dict[int, str] = {}
        self._strangers: set[int] = set()
        self._moment: float | None = None
        self._description = description
        self._watch: StoreWatch | None = None
        self._link: KeptLink | None = None
        self._read_facts()
        self.is_live = goes_on(folder)
        self.lives.add(self.reader.state_changes())
        if self.is_live:
            self._go_live()

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

    def types(self, anew: bool = False) -> Mapping[int, str]:
        """Return the types of its resources, by guid, also of those that were added to it.

        Args:
            anew: look them up again; otherwise they may be those of the last time.
        """
        if anew or not self._types:
            described = {guid: each.rtype for guid, each in self.description.resources.items()}
            self._types = described | {each.guid: each.rtype for each in self.reader.resources()}
        return self._types

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
        """Look at another moment, at most a day before the run or after it; farther off there is nothing to see."""
        if moment is not None:
            begin, end = self.span
            moment = min(max(moment, begin - _FARTHEST), end + _FARTHEST)
        if moment == self._moment:
            return
        before, self._moment = self._moment, moment
        self.moment_changed.emit()
        if touched := self.lives.between(before, moment):
            self.states_changed.emit(touched)

    def state(self, guid: int) -> ResourceState:
        """Return the state of a resource at the moment that is looked at.

        What had STOPPED or FAILED before everything was RELEASED is told by that, so that a run that is over shows what
        became of each.
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
        return own[before] if before >= 0 and own[before].new in ENDED else last

    # -- live --------------------------------------------------------------------------------------

    def _go_live(self) -> None:
        self._watch = StoreWatch(self.folder, self)
        self._watch.grew.connect(self._note_growth)
        self._link = KeptLink(self.folder, self)
        self._link.received.connect(self._receive)
        self._link.changed.connect(self.driven_changed)
        self._link.missed.connect(self._catch_up)
        self._link.ended.connect(self._end)

    def _note_growth(self) -> None:
        self._has_grown = True
        self.grew.emit()
        if found := self._strangers & self.types(anew=bool(self._strangers)).keys():
            self._strangers -= found
            self.states_changed.emit(found)  # who could not tell what they are looks again

    def _catch_up(self) -> None:
        """Take in from the record what nobody has told."""
        if not self._has_grown:
            return
        self._has_grown = False
        known = {(each.guid, each.new, each.time) for each in self.lives.changes}
        recorded = self.reader.state_changes()
        news = [each for each in recorded if (each.guid, each.new, each.time) not in known]
        if news:
            self.lives = Lives()
            self.lives.add(recorded)
            self._announce(news, {each.guid for each in news})

    def _receive(self, message: Message) -> None:
        try:
            self._heed(message)
        except (KeyError, IndexError, TypeError, ValueError):
            if self._link is not None:
                self._link.refuse(self.tr("it says what this window does not understand"))

    def _heed(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "hello":
            self._take_hello(message)
        elif kind == "changes":
            self._take([_change(*row) for row in message["changes"]])
        elif kind == "values":
            self._take_values([(int(guid), str(name), value) for guid, name, value in message["values"]])
        elif kind == "held":
            self.is_held = bool(message["held"])
            self.held_changed.emit()
        elif kind == "ending":
            self.is_ending = True
            self.ending.emit()

    def _take_hello(self, message: Message) -> None:
        """Take in all states; what has led to them is in the record, as far as it has been written."""
        self.is_held = bool(message["held"])
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
        self.values = {(int(guid), str(name)): value for guid, name, value in message["values"]}
        self.held_changed.emit()
        self.happened.emit(list(self.lives.changes))
        self.states_changed.emit(set(self.lives.guids()))

    def _take_values(self, values: list[tuple[int, str, Value | None]]) -> None:
        self.values.update({(guid, name): value for guid, name, value in values})
        self.values_set.emit(values)

    def _take(self, changes: Iterable[StateChange]) -> None:
        """Take in what has just happened; the hello may have told it already."""
        news = [each for each in changes if self._is_news(each)]
        released = {each.guid for each in news if each.new is ResourceState.RELEASED}
        if released and self.values:
            self.values = {key: value for key, value in self.values.items() if key[0] not in released}
        if touched := self.lives.add(news):
            self._strangers |= touched - self.types().keys()  # added just now: the record tells their types a bit later
            self._announce(news, touched)

    def _is_news(self, change: StateChange) -> bool:
        last = self.lives.last(change.guid)
        return last is None or (last.time, last.new) < (change.time, change.new)

    def _announce(self, changes: list[StateChange], touched: set[int]) -> None:
        self.happened.emit(changes)
        if self._moment is None:
            self.states_changed.emit(touched)

    def _end(self) -> None:
        if not self.is_live:
            return
        self._watch_no_more()
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
        self._watch_no_more()
        self.reader.close()

    def _watch_no_more(self) -> None:
        self.is_live = False
        if self._link is not None:
            self._link.close()
        if self._watch is not None:
            self._watch.deleteLater()
            self._watch = None

    # -- driving -----------------------------------------------------------------------------------

    @property
    def is_driven(self) -> bool:
        """Whether the run takes requests."""
        return self.is_live and self._link is not None and self._link.is_open and not self.is_ending

    @property
    def trouble(self) -> str:
        """Why the run cannot be driven though it goes on; "" when it can, or that is not known yet."""
        return self._link.trouble if self.is_live and self._link is not None else ""

    @property
    def pid(self) -> int:
        """The process of the run; 0 when it is not known."""
        return self._link.pid if self._link is not None else 0

    def ask(self, do: str, answered: Answered | None = None, **more: Any) -> None:
        """Ask the run to do something; see `nepi_gui.control.protocol` for what it can. The answer comes later."""
        if self.is_live and self._link is not None:
            self._link.ask(do, answered, **more)
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

    def end(self, answered: Answered | None = None) -> None:
        """Have the run end in good order: stop what is STARTED, then release everything."""
        self.ask("end", answered)

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

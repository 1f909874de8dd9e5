"""Shows how much the links of a run carry: live, and at any moment that is looked at."""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from nepi_core.description import Value
from nepi_core.structure import shown_name
from nepi_core.times import now
from nepi_gui.canvas.lines import LOAD_STEPS, Load
from nepi_gui.canvas.load_series import Direction, directions_of
from nepi_gui.canvas.run_states import RunStates
from nepi_gui.canvas.scene import CanvasScene
from nepi_gui.document.traces import is_collected
from nepi_gui.number_text import number_with_unit
from nepi_gui.watching.watched_run import WatchedRun

if TYPE_CHECKING:
    from nepi_core.runs.run_samples import RunSamples

_FOLD = 200  # ms: five times a second is enough for widths and colours
_AT_ONCE = 0.008  # seconds of reading, after which the window has its turn
_FRESH = 3.0  # seconds: what was measured before tells nothing of now
_QUIET = 0.002  # of what can pass: less is nothing
_UNITS = ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s"))


class Flow(NamedTuple):
    """What passes in one direction.

    Attributes:
        rate: bit/s.
        limit: bit/s that can pass, None when that is not limited.
        queue: packets that wait; NaN when that is not known.
    """

    rate: float
    limit: float | None
    queue: float


class LinkLoads(QObject):
    """Reads what has passed the lines of a scene from the record of a run.

    Signals:
        known: whether anything is known of any line; emitted when that changes.
    """

    known = Signal(bool)

    def __init__(self, scene: CanvasScene, states: RunStates) -> None:
        super().__init__(states)
        self._scene = scene
        self._states = states
        self._run: WatchedRun | None = None
        self._samples: RunSamples | None = None
        self._sources: dict[int, tuple[Direction, Direction]] = {}
        self._flows: dict[int, tuple[Flow, Flow]] = {}
        self._found: dict[int, tuple[Flow, Flow]] = {}
        self._waiting: list[int] = []
        self._largest = 0.0
        self._is_known = False
        self._folding = QTimer(self, singleShot=True, interval=_FOLD)
        self._folding.timeout.connect(self._read)
        self._reading = QTimer(self, interval=0)
        self._reading.timeout.connect(self._read_some)
        states.shown_anew.connect(self._look_for_sources)

    def watch(self, run: WatchedRun | None) -> None:
        """Show what passes in another run, or nothing; after its states are shown."""
        self._run, self._samples = run, None
        self._waiting, self._found = [], {}
        self._largest = 0.0
        if run is not None:
            run.grew.connect(self._read_soon)
            run.moment_changed.connect(self._read_soon)
        self._look_for_sources()

    def _look_for_sources(self) -> None:
        """Find the lines of which the run collects what passes them."""
        self._sources = {}
        if self._run is not None:
            described = self._run.description.resources
            known = {rtype: directions_of(rtype) for rtype in {each.rtype for each in described.values()}}
            for guid in self._scene.structure.joined:
                directions = known.get(described[guid].rtype) if guid in described and self._states.has(guid) else None
                if directions is not None and is_collected(self._run.description, [guid], directions[0].trace):
                    self._sources[guid] = directions
        self._read_soon()

    # -- reading ---------------------------------------------------------------------------------------

    def _read_soon(self) -> None:
        if (self._sources or self._flows) and not self._folding.isActive():
            self._folding.start()

    def _read(self) -> None:
        """Begin to read all lines; a few at a time, since a moment long ago may have to be decoded."""
        run = self._run
        self._found = {}
        self._waiting = list(self._sources) if run is not None and self._tells_of_now(run) else []
        if self._waiting and run is not None:
            if self._samples is None:
                self._samples = run.reader.run_samples()
            elif run.is_live:
                self._samples.refresh()
        self._read_some()

    def _tells_of_now(self, run: WatchedRun) -> bool:
        return run.is_live or run.moment is not None

    def _read_some(self) -> None:
        until = perf_counter() + _AT_ONCE
        while self._waiting:
            guid = self._waiting.pop()
            if guid in self._sources and (flows := self._flows_of(guid)) is not None:
                self._found[guid] = flows
            if perf_counter() >= until:
                break
        if self._waiting:
            self._reading.start()
        else:
            self._reading.stop()
            self._show()

    def _flows_of(self, guid: int) -> tuple[Flow, Flow] | None:
        forward, back = (self._flow(guid, direction) for direction in self._sources[guid])
        return (forward, back) if forward is not None and back is not None else None

    def _flow(self, guid: int, direction: Direction) -> Flow | None:
        rate = self._value(guid, direction.trace, direction.rate)
        if rate is None or self._run is None:
            return None
        values: dict[str, Value | None] = {**self._run.description.resources[guid].attributes}
        values |= {name: value for (each, name), value in self._run.values.items() if each == guid}
        queue = self._value(guid, direction.trace, direction.queue) if direction.queue else None
        return Flow(rate * direction.factor, direction.limit(values), math.nan if queue is None else queue)

    def _value(self, guid: int, trace: str, series: str) -> float | None:
        """Return what was measured last until the moment that is looked at; None when that is long ago."""
        assert self._samples is not None
        assert self._run is not None
        reader, moment = self._samples.series(guid, trace, series), self._run.moment
        if moment is None:
            times, values = reader.since(max(0, reader.count - 1))
            moment = now()
        else:
            times, values = reader.columns(moment - _FRESH, moment)
        return float(values[-1]) if len(times) and times[-1] >= moment - _FRESH and values[-1] >= 0 else None

    # -- showing ---------------------------------------------------------------------------------------

    def _show(self) -> None:
        self._flows = self._found
        rates = (flow.rate for flows in self._flows.values() for flow in flows)
        self._largest = max(self._largest, max(rates, default=0.0))
        self._scene.show_loads({guid: self._load(*flows) for guid, flows in self._flows.items()})
        if bool(self._flows) is not self._is_known:
            self._is_known = bool(self._flows)
            self.known.emit(self._is_known)

    def _load(self, forward: Flow, back: Flow) -> Load:
        return self._step(forward), self._step(back)

    def _step(self, flow: Flow) -> int:
        most = flow.limit or self._largest
        share = min(1.0, flow.rate / most) if most else 0.0
        return max(1, round(share * LOAD_STEPS)) if share > _QUIET else 0

    def words(self, guid: int) -> list[str]:
        """Return what passes a line, in lines; none when that is not known."""
        if guid not in self._flows or (guid, 0) not in self._scene.lines:
            return []
        resources = self._scene.document.description.resources
        first, second = (shown_name(resources[end]) for end in self._scene.lines[guid, 0].ends)
        forward, back = self._flows[guid]
        return [
            self.tr("{0}, {1} to {2}").format(self._flow_text(forward), first, second),
            self.tr("{0}, {1} to {2}").format(self._flow_text(back), second, first),
        ]

    def _flow_text(self, flow: Flow) -> str:
        text = rate_text(flow.rate)
        if flow.limit:
            text += self.tr(" of {0} ({1:.0f} %)").format(rate_text(flow.limit), 100 * flow.rate / flow.limit)
        if flow.queue > 0:
            text += self.tr(", queue {0:.0f} packets").format(flow.queue)
        return text


def rate_text(rate: float) -> str:
    """Return bits in a second as people write them, such as "1.9 Mbit/s"."""
    size, unit = next(((size, unit) for size, unit in _UNITS if rate >= size), (1.0, "bit/s"))
    return number_with_unit(float(f"{rate / size:.3g}"), unit)

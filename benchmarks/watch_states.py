"""Measures how states of a run come to the canvas: ``watch_states FOLDER burst|steady here|floor ROUNDS [PANEL ...]``.

The run is a real one, in a process of its own, and the window is the program's. The floor is a bare widget that reads
the run's socket and fills a field for each resource. Prints JSON.
"""

from __future__ import annotations

import json
import math
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QRectF, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QStyleOptionGraphicsItem, QWidget

from nepi_core.description import ExperimentDescription, Layout, ResourceDescription
from nepi_core.lifecycle import StateChange
from nepi_core.runs.reader import RunReader
from nepi_core.states import ResourceState
from nepi_core.xml_format import write_xml
from nepi_gui.canvas.items import NodeItem
from nepi_gui.canvas.view import CanvasView
from nepi_gui.control.protocol import Messages, connect, encode
from nepi_gui.watching.run_start import RunStart
from nepi_gui.window.application import make_qt, show_windows
from nepi_gui.window.main_window import MainWindow
from nepi_gui.window.running import RunningFeature

RESOURCES = 1_000
_COLUMNS = 40
_PATIENCE = 60.0  # seconds
_SETTLING = 2.0  # seconds after the last change
_SIZE = (1264, 784)


@dataclass(frozen=True, slots=True)
class Plan:
    """How states change: in rounds, the first ``number`` resources one after the other within ``spread`` seconds."""

    number: int
    spread: float
    every: float
    rounds: int

    @property
    def length(self) -> float:
        """How long all rounds take."""
        return self.every * self.rounds

    def describe(self, folder: Path) -> ExperimentDescription:
        """Return the experiment; one more resource never changes, so that the run goes on."""
        made = ExperimentDescription(exp_id="changing", local_dir=str(folder / "runs"))
        for number in range(RESOURCES + 1):
            values = {"rounds": 0, "every": self.every, "length": self.length}
            if number < self.number:
                values |= {"rounds": self.rounds, "offset": self.spread * number / self.number}
            place = Layout(130.0 * (number % _COLUMNS), 130.0 * (number // _COLUMNS), label=f"r{number + 1}")
            made.resources[number + 1] = ResourceDescription(
                number + 1, "benchmark::Changing", dict(values), layout=place
            )
        return made


class Heart:
    """Notes how the event loop of this process comes along: gaps between its turns."""

    def __init__(self, parent: QObject) -> None:
        self.beats: list[tuple[float, float]] = []
        self._timer = QTimer(parent, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        self.beats.append((time.monotonic(), time.thread_time()))

    def worst(self, begin: float, end: float) -> tuple[float, float]:
        """Return the longest gap between two moments, and the most that this thread worked in any, in seconds."""
        turns = list(pairwise(each for each in self.beats if begin <= each[0] <= end))
        gaps, works = zip(*((later[0] - sooner[0], later[1] - sooner[1]) for sooner, later in turns), strict=True)
        return max(gaps), max(works)


class Paintings:
    """What was painted, and when the painting ended: by resource, the states in their order."""

    def __init__(self) -> None:
        self.seen: dict[int, list[tuple[float, ResourceState]]] = {}
        self._now: list[tuple[int, ResourceState]] = []
        self._is_painting = False

    def begin(self) -> None:
        """Note that a painting begins."""
        self._is_painting = True

    def note(self, guid: int, state: ResourceState | None) -> None:
        """Note how a resource is painted."""
        if self._is_painting and state is not None:
            self._now.append((guid, state))

    def end(self) -> None:
        """Note that a painting has ended."""
        moment = time.monotonic()
        for guid, state in self._now:
            seen = self.seen.setdefault(guid, [])
            if not seen or seen[-1][1] is not state:
                seen.append((moment, state))
        self._now.clear()
        self._is_painting = False

    def last(self, guid: int) -> ResourceState | None:
        """Return what a resource was painted as the last time."""
        return self.seen[guid][-1][1] if guid in self.seen else None

    def of_canvas(self) -> None:
        """Note what canvases paint from now on; no canvas has been made yet."""
        paint_all, paint_node = CanvasView.paintEvent, NodeItem.paint

        def painting(view: CanvasView, event: QPaintEvent) -> None:
            self.begin()
            paint_all(view, event)
            self.end()

        def painting_node(
            item: NodeItem, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
        ) -> None:
            paint_node(item, painter, option, widget)
            self.note(item.guid, item.look.state)

        CanvasView.paintEvent = painting  # type: ignore[assignment, method-assign]  # bound and unbound look alike
        NodeItem.paint = painting_node  # type: ignore[assignment, method-assign]


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out; times in seconds, memory in MB.

    Attributes:
        deployment: longest gap while the experiment was deployed, from the wish to run it.
        gaps: the longest gap in each round.
        works: the most that the GUI thread worked in any gap of a round.
        delays: from each change in the engine until the end of the painting that shows it.
        spreads: from the first change of a round to the last.
        wanted, recorded: state changes that the rounds make, and those in the run store.
        wrong: resources whose state was painted wrong after a round, summed up.
        memory: of this process.
    """

    deployment: float
    gaps: list[float]
    works: list[float]
    delays: list[float]
    spreads: list[float]
    wanted: int
    recorded: int
    wrong: int
    memory: float


class Measurement:
    """Follows the rounds of a run that goes on."""

    def __init__(self, plan: Plan, run: Path, paintings: Paintings, heart: Heart, begun: float) -> None:
        self._plan = plan
        self._run = run
        self._paintings = paintings
        self._heart = heart
        self._begun = begun

    def take(self) -> Measured:
        """Wait until all rounds are over, and return what came out."""
        wait_until((self._run / "clock").exists)
        first, self._clock = map(float, (self._run / "clock").read_text().split())
        turn(max(0.0, first - 0.5 - time.monotonic()))
        gaps, painted = [self._heart.worst(self._begun, first - 0.5)], []
        begins = [first + number * self._plan.every for number in range(self._plan.rounds)]
        ends = [begin + self._plan.spread + _SETTLING for begin in begins]
        for begin, end in zip(begins, ends, strict=True):
            turn(end - time.monotonic())
            gaps.append(self._heart.worst(begin, end))
            painted.append([self._paintings.last(guid) for guid in range(1, RESOURCES + 2)])
        memory = _memory()
        with RunReader(self._run) as reader:
            changes = reader.state_changes()
        rounds = [
            [each for each in changes if begin <= each.time - self._clock < end]
            for begin, end in zip(begins, ends, strict=True)
        ]
        return Measured(
            gaps[0][0],
            [each[0] for each in gaps[1:]],
            [each[1] for each in gaps[1:]],
            [delay for each in rounds for delay in self._delays(each)],
            [each[-1].time - each[0].time for each in rounds],
            self._plan.number * self._plan.rounds,
            sum(map(len, rounds)),
            sum(self._wrong(changes, end, seen) for end, seen in zip(ends, painted, strict=True)),
            memory,
        )

    def _wrong(self, changes: Sequence[StateChange], end: float, painted: Sequence[ResourceState | None]) -> int:
        last = {each.guid: each.new for each in changes if each.time - self._clock < end}
        return sum(seen is not last[guid] for guid, seen in enumerate(painted, 1))

    def _delays(self, changes: Sequence[StateChange]) -> list[float]:
        found = []
        for change in changes:
            happened = change.time - self._clock
            shown = (at for at, state in self._paintings.seen[change.guid] if at >= happened and state is change.new)
            found.append(next(shown, math.inf) - happened)
        return found


# -- this program's window ---------------------------------------------------------------------------------------------


def _here(folder: Path, plan: Plan, panels: Sequence[str]) -> Measured:
    path = folder / "changing.xml"
    write_xml(plan.describe(folder), path)
    paintings = Paintings()
    paintings.of_canvas()
    qt = make_qt()
    found: list[Measured] = []

    def drive() -> None:
        try:
            found.append(_drive(_window(), plan, paintings, panels))
        except BaseException:
            traceback.print_exc()
        finally:
            _end(_window())

    QTimer.singleShot(0, qt, drive)
    show_windows([path])
    return found[0]


def _window() -> MainWindow:
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))


def _drive(window: MainWindow, plan: Plan, paintings: Paintings, panels: Sequence[str]) -> Measured:
    """Run the experiment from the window as a user does, all of it in view."""
    for name in panels:
        window.show_panel(name)
    turn(1.0)
    window.view.fit()
    turn(1.0)
    heart, begun = Heart(window), time.monotonic()
    window.commands["run.run"].trigger()
    wait_until(lambda: window.editor.run is not None)
    assert window.editor.run is not None
    return Measurement(plan, window.editor.run.folder, paintings, heart, begun).take()


def _end(window: MainWindow) -> None:
    run = window.editor.run
    if run is not None and run.is_live:
        RunningFeature.of(window).stop()
        RunningFeature.of(window).stop()
        wait_until(lambda: not run.is_live)
    window.close()


# -- a bare widget -----------------------------------------------------------------------------------------------------


class _Bare(QWidget):
    """Fills a field for each resource, in a colour for its state."""

    _COLOURS = tuple(QColor(each) for each in ("white", "grey", "grey", "blue", "green", "black", "red", "grey"))

    def __init__(self, paintings: Paintings) -> None:
        super().__init__()
        self._paintings = paintings
        self._states: dict[int, ResourceState] = {}
        self._messages = Messages()
        self._socket: socket.socket | None = None

    def listen(self, folder: Path) -> None:
        """Show what the run in a folder says from now on."""
        self._socket = connect(folder)
        self._notifier = QSocketNotifier(self._socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._receive)

    def end(self) -> None:
        """Have the run end at once."""
        if self._socket is not None:
            self._notifier.setEnabled(False)
            self._socket.setblocking(True)
            self._socket.sendall(encode({"id": 1, "do": "end"}) + encode({"id": 2, "do": "hurry"}))
            while self._socket.recv(65536):
                pass
            self._socket.close()

    def _receive(self) -> None:
        assert self._socket is not None
        for message in self._messages.take(self._socket.recv(1_000_000)):
            if message["type"] == "hello":
                self._states |= {guid: ResourceState(state) for guid, state, *_ in message["states"]}
            elif message["type"] == "changes":
                self._states |= {guid: ResourceState(new) for guid, _, new, *_ in message["changes"]}
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint all fields."""
        self._paintings.begin()
        painter = QPainter(self)
        for guid, state in self._states.items():
            row, column = divmod(guid, _COLUMNS)
            painter.fillRect(QRectF(column * 25, row * 25, 20, 20), self._COLOURS[state])
            self._paintings.note(guid, state)
        painter.end()
        self._paintings.end()


def _floor(folder: Path, plan: Plan) -> Measured:
    make_qt()
    paintings = Paintings()
    bare = _Bare(paintings)
    bare.resize(*_SIZE)
    bare.show()
    turn(0.5)
    heart, begun = Heart(bare), time.monotonic()
    start = RunStart(plan.describe(folder), folder / "runs", "changing", None, ["--hold", "always"], bare)
    try:
        wait_until(lambda: _is_live(start))
        bare.listen(start.folder)
        return Measurement(plan, start.folder, paintings, heart, begun).take()
    finally:
        start.cancel()
        bare.end()
        bare.close()


def _is_live(start: RunStart) -> bool:
    return (start.folder / "control").exists()


# -- time --------------------------------------------------------------------------------------------------------------


def turn(length: float) -> None:
    """Have Qt work for some seconds."""
    loop = QEventLoop()
    QTimer.singleShot(max(0, round(length * 1000)), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Have Qt work until something is true."""
    until = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"{condition} did not come true within {_PATIENCE:.0f} s")
        turn(0.02)


def _memory() -> float:
    """Return what this process has in memory that no file holds, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon:")).split()[1]) / 1024


def main() -> None:
    """Measure what the command line names."""
    folder, what, which, rounds, *panels = sys.argv[1:]
    plans = {
        "burst": Plan(RESOURCES, 1.0, 4.0, int(rounds)),
        "steady": Plan(200, 10.0, 12.0, int(rounds)),
    }
    plan = plans[what]
    measured = _here(Path(folder), plan, panels) if which == "here" else _floor(Path(folder), plan)
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()

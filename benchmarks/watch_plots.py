"""Measures plots in a process of its own, as JSON: ``watch_plots FOLDER live|long NUMBER here|floor [SECONDS]``."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from benchmarks.timing import ROOT
from nepi_core.runs.store import RunStore
from nepi_core.series import Sample, Series
from nepi_core.times import now
from nepi_gui.plots.panel import PlotsPanel
from nepi_gui.plots.series import SeriesKey
from nepi_gui.settings import Settings
from nepi_gui.watching.watched_run import WatchedRun
from nepi_gui.window.application import Application, make_qt

_SERIES, _RATE, _PLOTS = 100, 100, 6
_SEEN = 10.0  # seconds
_BATCH = 0.05
_SIZE = (1400, 1000)
_ZOOMS = 20


def main() -> None:
    """Measure what the command line names."""
    folder, what, number, which, *more = sys.argv[1:]
    if what == "write":
        _write(Path(folder), float(which))
        return
    measure: dict[tuple[str, str], Callable[[], dict[str, float]]] = {
        ("live", "here"): lambda: _live(Path(folder, "bench", "run1"), int(number), float(more[0])),
        ("live", "floor"): lambda: _live_floor(int(number), float(more[0])),
        ("long", "here"): lambda: _long(Path(folder, "bench", "run1"), int(number)),
        ("long", "floor"): lambda: _long_floor(int(number)),
    }
    print(json.dumps(measure[what, which]()))


# -- the writer --------------------------------------------------------------------------------------------------------


def _keys() -> list[SeriesKey]:
    return [SeriesKey(guid, "stdout", f"s{number}") for guid in range(1, 11) for number in range(_SERIES // 10)]


def _write(folder: Path, length: float) -> None:
    """Write samples into a run store as they would come, the first ten seconds at once."""
    store, chance = RunStore(folder), random.Random(1)
    began = now() - _SEEN - 1
    store.facts(exp_id="bench", run_id="run1", began=began, outcome="running")
    for key in _keys():
        store.resource(key.guid, "linux::Ping", f"ping {key.guid}")
        store.series(key.guid, key.trace, [Series(key.series, "ms")])
    written, end = began, now() + length
    while now() < end:
        until, samples = now(), []
        while written < until:
            written += 1 / _RATE
            samples += [Sample(written, *key, round(20 + chance.gauss(0, 5), 2)) for key in _keys()]
        store.samples(samples)
        time.sleep(_BATCH)
    store.close()


# -- a run that goes on ------------------------------------------------------------------------------------------------


def _live(folder: Path, curves: int, length: float) -> dict[str, float]:
    """Return frames a second and the GUI thread's share of a processor, with so many curves on six plots."""
    arguments = [sys.executable, "-m", "benchmarks.watch_plots", str(folder), "write", "0", str(length + 20)]
    writer = subprocess.Popen(arguments, cwd=ROOT)
    try:
        _wait_for(folder / "run.sqlite")
        time.sleep(2)
        panel, close = _panel(folder)
        _plot(panel, curves)
        assert panel.stack is not None
        panel.stack.time.range.follow(_SEEN)
        _turn(1.5)
        measured = _measure(panel.stack.plots[0].view.painted, length)
        close()
        return measured
    finally:
        writer.kill()
        writer.wait()


def _plot(panel: PlotsPanel, curves: int) -> None:
    """Put the first series on six plots, in turn."""
    stack = panel.ready()
    assert stack is not None
    stack.clear()
    plots = [stack.add_plot() for _ in range(_PLOTS)]
    for number, key in enumerate(_keys()[:curves]):
        panel.plot([key], plots[number % _PLOTS])


def _measure(painted: Any, length: float) -> dict[str, float]:
    counted = [0]
    painted.connect(lambda *_: counted.__setitem__(0, counted[0] + 1))
    begun, worked = time.perf_counter(), time.thread_time()
    _turn(length)
    took = time.perf_counter() - begun
    return {"frames": counted[0] / took, "share": (time.thread_time() - worked) / took}


def _live_floor(curves: int, length: float) -> dict[str, float]:
    """Return the same for pyqtgraph alone, which is given as many points thirty times a second."""
    make_qt()
    window, plots = QWidget(), []
    layout = QVBoxLayout(window)
    for _ in range(_PLOTS):
        plots.append(pyqtgraph.PlotWidget())
        plots[-1].setRange(xRange=(0, _SEEN), yRange=(0, 40), padding=0)
        layout.addWidget(plots[-1])
    lines = [plots[number % _PLOTS].plot(pen=pyqtgraph.mkPen("#0069a8", width=1)) for number in range(curves)]
    x = np.arange(0, _SEEN, 1 / _RATE)
    values = np.random.default_rng(1).normal(20, 5, (curves, len(x)))
    window.resize(*_SIZE)
    window.show()
    counter = _Counter(plots[0])

    def draw() -> None:
        for line, y in zip(lines, values, strict=True):
            line.setData(x, y)

    timer = QTimer(interval=33, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(draw)
    timer.start()
    _turn(1.0)
    measured = _measure(counter, length)
    window.close()
    return measured


class _Counter:
    """Tells of each painting of a plot of pyqtgraph, as a signal would."""

    def __init__(self, plot: Any) -> None:
        self._told: list[Callable[[], None]] = []
        paint = plot.paintEvent

        def painting(event: Any) -> None:
            paint(event)
            for each in self._told:
                each()

        plot.paintEvent = painting

    def connect(self, told: Callable[[], None]) -> None:
        """Have somebody told."""
        self._told.append(told)


# -- ten million samples -----------------------------------------------------------------------------------------------


def _long(folder: Path, samples: int) -> dict[str, float]:
    """Return the seconds until a series is painted first, and the worst of some zooms."""
    key = SeriesKey(1, "stdout", "rtt")
    began = _fill(folder, key, samples)
    panel, close = _panel(folder, False)
    editor = panel._editor
    begun = time.perf_counter()
    editor.watch(WatchedRun(folder))
    stack = panel.ready()
    assert stack is not None
    stack.clear()
    panel.plot([key])
    _until_painted(stack.plots[0].view, *stack.time.seen())
    first = time.perf_counter() - begun
    zooms = []
    for begin, end in _zooms(samples / 1000):
        begun = time.perf_counter()
        stack.time.show(begin, end)
        _until_painted(stack.plots[0].view, begin, end)
        zooms.append(time.perf_counter() - begun)
    close()
    return {"first": first, "zoom": max(zooms), "began": began}


def _fill(folder: Path, key: SeriesKey, samples: int) -> float:
    """Write a run that is over, of a thousand samples a second."""
    store = RunStore(folder)
    began = 1_700_000_000.0
    store.facts(exp_id="bench", run_id="run1", began=began, ended=began + samples / 1000, outcome="done")
    store.resource(1, "linux::Ping", "ping")
    store.series(1, key.trace, [Series(key.series, "ms")])
    values = np.round(np.random.default_rng(1).normal(20, 5, samples), 2).tolist()
    for start in range(0, samples, 100_000):
        part = enumerate(values[start : start + 100_000], start)
        store.samples([Sample(began + number / 1000, *key, value) for number, value in part])
        store.flush()
    store.close()
    return began


def _zooms(length: float) -> list[tuple[float, float]]:
    chance, found, span = random.Random(1), [], length
    for _ in range(_ZOOMS):
        span = max(span * 0.6, 1.0)
        begin = chance.uniform(0, length - span)
        found.append((begin, begin + span))
    return found


def _long_floor(samples: int) -> dict[str, float]:
    """Return the same for pyqtgraph with all samples in memory and its own thinning."""
    make_qt()
    plot = pyqtgraph.PlotWidget()
    plot.resize(1000, 300)
    x = np.arange(samples) / 1000
    y = np.random.default_rng(1).normal(20, 5, samples)
    begun = time.perf_counter()
    line = plot.plot(x, y, pen=pyqtgraph.mkPen("#0069a8", width=1))
    line.setDownsampling(auto=True, method="peak")
    line.setClipToView(True)
    plot.show()
    plot.grab()
    first, zooms = time.perf_counter() - begun, []
    for begin, end in _zooms(samples / 1000):
        begun = time.perf_counter()
        plot.setXRange(begin, end, padding=0)
        plot.grab()
        zooms.append(time.perf_counter() - begun)
    plot.close()
    return {"first": first, "zoom": max(zooms)}


# -- the window --------------------------------------------------------------------------------------------------------


def _panel(folder: Path, watches: bool = True) -> tuple[PlotsPanel, Callable[[], None]]:
    """Return the plots of a window that watches a run, and what closes it."""
    make_qt()
    application = Application(Settings(folder.parent / "settings.ini"))
    window = application.open_window()
    window.resize(*_SIZE)
    window.show_panel("plots")
    window.docks["plots"].setFloating(True)  # all of the dock is seen, as on a second screen
    window.docks["plots"].resize(*_SIZE)
    panel = window.docks["plots"].widget()
    assert isinstance(panel, PlotsPanel)
    if watches:
        window.editor.watch(WatchedRun(folder))
    _turn(0.3)

    def close() -> None:
        window.editor.watch(None)  # or it would ask what is to become of the run
        window.close()

    return panel, close


def _turn(length: float) -> None:
    """Have Qt work for some seconds."""
    loop = QEventLoop()
    QTimer.singleShot(round(length * 1000), loop.quit)
    loop.exec()


def _until_painted(view: Any, begin: float, end: float) -> None:
    """Have Qt work until a plot has painted samples of a range of time: its first paintings may be empty or old."""
    loop = QEventLoop()

    def look() -> None:
        picture = view.field.picture
        is_range = abs(picture.across.low - begin) < 1e-6 and abs(picture.across.high - end) < 1e-6
        if is_range and any(len(each.x) for each in picture.shapes):
            loop.quit()

    view.painted.connect(look)
    QTimer.singleShot(20_000, lambda: loop.exit(1))
    late = loop.exec()
    view.painted.disconnect(look)
    if late:
        raise RuntimeError(f"nothing was painted from {begin} s to {end} s")


def _wait_for(path: Path) -> None:
    until = time.monotonic() + 20
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)


if __name__ == "__main__":
    main()
